// SPDX-License-Identifier: GPL-2.0-or-later
// Waiting with a limit: a test that hangs must say what it waited for.
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Timeout extends Error {}

// The first truthy value of probe(), asked every `every` ms; an exception of the probe counts as "not yet" and is
// shown when time is up.
export async function until(what, probe, ms = 5000, every = 50) {
	const end = Date.now() + ms;
	let last;
	for (;;) {
		try {
			const value = await probe();
			if (value) return value;
			last = undefined;
		} catch (error) {
			last = error;
		}
		if (Date.now() >= end) throw new Timeout(`${what}: not within ${ms} ms${last ? ` (${last.message})` : ''}`);
		await sleep(every);
	}
}

export function within(what, promise, ms) {
	let timer;
	const limit = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Timeout(`${what}: not within ${ms} ms`)), ms);
	});
	return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
