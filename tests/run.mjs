// SPDX-License-Identifier: GPL-2.0-or-later
// Runs test files one after another on one stack: node tests/run.mjs FILE… [--no-stack]
// Ends with one line "N passed, N failed, N skipped". CC_TEST_KEEP=1 keeps the stack running for a look at it.
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { resolve } from 'node:path';
import { Stack } from './lib/stack.mjs';

const alone = process.argv.includes('--no-stack');
const files = process.argv.slice(2).filter((f) => !f.startsWith('--')).map((f) => resolve(f));
if (!files.length) {
	console.error('usage: node tests/run.mjs FILE… [--no-stack]');
	process.exit(2);
}

let stack;
const stop = async () => {
	const ended = stack;
	stack = undefined;
	if (!ended) return;
	if (process.env.CC_TEST_KEEP) console.log(`The stack is kept: CC_RUN=${ended.run} make status`);
	else await ended.stop();
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().finally(() => process.exit(130)));

const count = { passed: 0, failed: 0, skipped: 0 };
try {
	if (!alone) {
		const began = Date.now();
		stack = await Stack.start({ base: Number(process.env.CC_TEST_BASE ?? 27000) });
		process.env.CC_TEST_RUN = stack.run;
		const bad = stack.badLines();
		if (bad.length) {
			count.failed++;
			console.log(`not ok: lines in the logs of the start\n${bad.join('\n')}`);
		}
		console.log(`Stack in ${stack.run}, up after ${Date.now() - began} ms`);
	}
	const paths = new Set(files);
	// A file is reported like a test: it counts only when it fails without one of its tests having failed.
	const isFile = (data) => data.nesting === 0 && (paths.has(data.name) || paths.has(resolve(data.name)));
	const fileFailures = [];
	await new Promise((done, broken) => {
		const stream = run({ files, concurrency: 1, timeout: 600000 });
		stream.on('test:pass', (data) => {
			if (isFile(data) || data.details?.type === 'suite') return;
			count[data.skip !== undefined ? 'skipped' : 'passed']++;
		});
		stream.on('test:fail', (data) => {
			if (isFile(data)) fileFailures.push(data.name);
			else if (data.details?.type !== 'suite') count.failed++;
		});
		stream.compose(new spec()).on('error', broken).on('end', done).pipe(process.stdout, { end: false });
	});
	if (fileFailures.length && !count.failed) count.failed += fileFailures.length;
	if (!count.passed && !count.failed) count.failed++;		// a run without tests proves nothing
} catch (error) {
	console.error(error.message);
	count.failed++;
} finally {
	await stop().catch((error) => {
		console.error(error.message);
		count.failed++;
	});
}
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(count.failed ? 1 : 0);
