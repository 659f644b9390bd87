// SPDX-License-Identifier: GPL-2.0-or-later
// Child processes of a test: their output is kept, and they never outlive the test.
import { spawn } from 'node:child_process';
import { within } from './wait.mjs';

const alive = new Set();
process.on('exit', () => { for (const child of alive) child.kill('SIGKILL'); });

// Starts a program. The result has pid, stdout, stderr (so far), exited (promise of { code, signal }) and stop().
export function start(command, args = [], options = {}) {
	const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
	alive.add(child);
	const program = { child, pid: child.pid, stdout: '', stderr: '' };
	child.stdout.on('data', (d) => { program.stdout += d; });
	child.stderr.on('data', (d) => { program.stderr += d; });
	program.exited = new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code, signal) => {
			alive.delete(child);
			resolve({ code, signal });
		});
	});
	program.exited.catch(() => alive.delete(child));
	program.stop = async (signal = 'SIGTERM', ms = 5000) => {
		if (alive.has(child)) child.kill(signal);
		return within(`${command} ends`, program.exited, ms).catch(() => {
			child.kill('SIGKILL');
			return program.exited;
		});
	};
	return program;
}

// Runs a program to its end. Rejects when it fails, unless `check` is false.
export async function run(command, args = [], { check = true, input, ms = 120000, ...options } = {}) {
	const program = start(command, args, options);
	program.child.stdin.on('error', () => {});
	program.child.stdin.end(input ?? '');
	const timer = setTimeout(() => program.child.kill('SIGKILL'), ms);
	const { code, signal } = await program.exited;
	clearTimeout(timer);
	if (check && code !== 0)
		throw new Error(`${command} ${args.join(' ')}: ${signal ?? `exit ${code}`}\n${program.stdout.slice(-4000)}${program.stderr.slice(-4000)}`);
	return { code, signal, stdout: program.stdout, stderr: program.stderr };
}
