// SPDX-License-Identifier: GPL-2.0-or-later
// What every part of the bench asks of a stack.
import { join } from 'node:path';
import { start } from '../lib/process.mjs';
import { TOP } from '../lib/stack.mjs';
import { sleep, until } from '../lib/wait.mjs';

export const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
export const BUILD = join(TOP, process.env.B ?? 'build');

// A leg answers what is repeated for 32 s after its end (RFC 3261, timer H), and a machine at its limit is behind by some more.
const EMPTY_MS = 60000;

// The greatest values of the engine's gauges from now until the result is called.
export function watch(stack) {
	const most = {};
	let on = true;
	const ended = (async () => {
		while (on) {
			const stats = await stack.stats().catch(() => ({}));
			for (const [name, value] of Object.entries(stats)) most[name] = Math.max(most[name] ?? 0, value);
			await sleep(500);
		}
	})();
	return async () => {
		on = false;
		await ended;
		return most;
	};
}

// Nothing of a call is left anywhere, and the books agree; a text of what is not so.
export async function leftovers(stack) {
	const found = [];
	const none = (what, probe) => until(what, async () => {
		const left = await probe();
		if (left) throw new Error(left);
		return true;
	}, EMPTY_MS, 250).catch((error) => found.push(error.message));
	await none('an empty engine', async () => {
		const { calls, legs, ports, waiting } = await stack.stats();
		return calls || legs || ports || waiting ? `${calls} calls, ${legs} legs, ${ports} ports, ${waiting} waiting` : '';
	});
	await none('an empty rtpengine', async () => {
		const list = await stack.rtpengine({ command: 'list' });
		return list.includes('5:callsle') ? '' : `${list.length} bytes of calls`;
	});
	await none('an empty cc-mixd', async () => {
		const { legs } = await stack.mixd({ cmd: 'list' });
		return legs.length ? `${legs.length} legs` : '';
	});
	await none('a ledger without differences', async () => {
		const { code, stdout, stderr } = await stack.admin(['ledger']);
		return code === 0 ? '' : stdout + stderr;
	});
	return found;
}

// The sound of many phones (tests/bench/phones.c); how: 'deaf'. end() stops them and gives their figures.
export function phones(address, port, ...how) {
	const program = start(join(BUILD, 'bin/bench-phones'), [address, String(port), ...how]);
	return { pid: program.pid, async end() {
		const { code } = await program.stop();
		if (code !== 0) throw new Error(`bench-phones: ${program.stderr}`);
		return JSON.parse(program.stdout);
	} };
}

// What an interrupted bench does before it ends.
export function onInterrupt(work) {
	for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => work().finally(() => process.exit(130)));
}

// The value below which that share of a sorted list lies.
export const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
