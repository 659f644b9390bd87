// SPDX-License-Identifier: GPL-2.0-or-later
// Runs groups of test files side by side, each on a stack of its own: node tests/beside.mjs FILE… + FILE…
// The first group is seen at work, the others when they have ended. For cases that wait more than they work.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PORTS = 8000;		// of a stack, and of one that a file of tests starts beside it
const base = Number(process.env.CC_TEST_BASE ?? 27000);
const groups = [[]];
for (const word of process.argv.slice(2)) word === '+' ? groups.push([]) : groups.at(-1).push(word);

const runs = groups.map((files, i) => {
	const child = spawn(process.execPath, [fileURLToPath(new URL('run.mjs', import.meta.url)), ...files],
		{ env: { ...process.env, CC_TEST_BASE: base - i * PORTS }, stdio: ['ignore', i ? 'pipe' : 'inherit', 'inherit'] });
	const output = [];
	child.stdout?.on('data', (data) => output.push(data));
	return { child, output, done: new Promise((done) => child.once('close', (code) => done(code ?? 1))) };
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => runs.forEach(({ child }) => child.kill(signal)));
for (const { output, done } of runs) {
	if (await done) process.exitCode = 1;
	process.stdout.write(Buffer.concat(output));
}
