// SPDX-License-Identifier: GPL-2.0-or-later
// SIPp as customer or agent: it does the signalling, a Media of ours carries the sound (its port goes into the SDP).
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './process.mjs';

const SCENARIOS = join(dirname(fileURLToPath(import.meta.url)), '../e2e/scenarios');

// Starts a scenario file of tests/e2e/scenarios. keys become [name] in it. rows: lines of an injection file, arrays.
// The result has pid, done (promise of { ok, code, errors, successful, failed, stats }), read(name of a file that it writes) and stop().
export function sipp(scenario, { remote, address, port, calls, rate = 10, limit, keys = {}, rows, media, ms = 60000, args = [], order = 'SEQUENTIAL' }) {
	const folder = mkdtempSync(join(tmpdir(), 'sipp-'));
	const all = media ? { ...keys, sound_ip: media.address, sound_port: media.port } : keys;
	// Keys are put into the text here: SIPp's own -key does not reach attributes such as the length of a pause.
	const text = Object.entries(all).reduce((t, [k, v]) => t.replaceAll(`[${k}]`, v), readFileSync(join(SCENARIOS, `${scenario}.xml`), 'utf8'));
	writeFileSync(join(folder, 'scenario.xml'), text);
	const list = ['-sf', join(folder, 'scenario.xml'), '-i', address, '-p', port, '-nostdin', '-r', rate, '-timeout', `${Math.ceil(ms / 1000)}s`,
		'-timeout_error', '-trace_err', '-error_file', join(folder, 'errors'), '-trace_stat', '-stf', join(folder, 'stats'), '-fd', '1',
		'-cid_str', '%u-%p-%s', '-max_retrans', '6', ...(calls ? ['-m', calls] : []), ...(limit ? ['-l', limit] : []), ...args];
	if (rows) {
		writeFileSync(join(folder, 'rows'), `${order}\n${rows.map((r) => r.join(';')).join('\n')}\n`);
		list.push('-inf', join(folder, 'rows'));
	}
	if (remote) list.push(`${remote.address}:${remote.port}`);
	const program = start('sipp', list.map(String), { cwd: folder });
	const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
	const stats = () => {
		const lines = read('stats').trim().split('\n');
		const names = lines[0]?.split(';') ?? [], values = lines.at(-1)?.split(';') ?? [];
		return Object.fromEntries(names.map((n, i) => [n, values[i]]));
	};
	const done = program.exited.then(({ code, signal }) => {
		const figures = stats();
		const result = { ok: code === 0, code, signal, errors: read('errors'), output: program.stderr, stats: figures,
			successful: Number(figures['SuccessfulCall(C)'] ?? 0), failed: Number(figures['FailedCall(C)'] ?? 0) };
		rmSync(folder, { recursive: true, force: true });
		return result;
	});
	return { pid: program.pid, done, stats, read, stop: () => program.stop('SIGTERM') };
}
