// SPDX-License-Identifier: GPL-2.0-or-later
// `make bench-crm`: 500,000 customers from a CSV file through the pages' import, and out again as a backup, beside a Python
// program that does the same with the same tables (needs python3-mysqldb). docs/benchmarks.md has the figures of record.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '../web/client.mjs';
import { build, Stack } from '../web/stack.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const rows = Number(process.env.BENCH_ROWS ?? 500000);
const stack = new Stack({});
const one = (sql) => stack.sql(sql)[0]?.[0];

// Scattered numbers, as in life.
const line = (i) => `客户${i},137${String((i * 7919 * 104729) % 100000000).padStart(8, '0')},${i % 3 ? '金' : '银'},${1950 + (i % 60)}-0${1 + (i % 9)}-15,k${i}`;

function peak() {
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
		try {
			const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
			if (words[0].endsWith('/cc-crm') && words.includes('-j') && words.includes(stack.conf))
				return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]);
		} catch { /* gone */ }
	}
	return 0;
}

// Waits for the newest task of the kind: seconds that it took, and the most memory it had.
async function task(kind) {
	let most = 0;
	await stack.until(() => {
		most = Math.max(most, peak());
		return ['done', 'failed', 'cancelled'].includes(one(`SELECT state FROM job WHERE kind = '${kind}' ORDER BY id DESC LIMIT 1`));
	}, kind, 600000);
	const [[state, ms, error]] = stack.sql(`SELECT state, ended_at - started_at, error FROM job WHERE kind = '${kind}' ORDER BY id DESC LIMIT 1`);
	if (state !== 'done') throw new Error(`${kind}: ${state} ${error}`);
	return { s: Number(ms) / 1000, kb: most };
}

await stack.start();
try {
	stack.sql('SET GLOBAL innodb_buffer_pool_size = 2147483648; SET GLOBAL innodb_log_file_size = 536870912; SET GLOBAL innodb_flush_log_at_trx_commit = 1');
	stack.part('jobd', join(build, 'bin/cc-jobd'), ['-c', stack.conf]);
	const client = new Client(stack.url);
	await client.signIn('demo', 'admin', 'demo-admin');
	const file = join(stack.run, 'customers.csv');
	writeFileSync(file, `n,p,v,b,c\n${Array.from({ length: rows }, (_, i) => line(i)).join('\n')}\n`);
	for (const [id, code] of [[901, 'own'], [902, 'python']]) {
		stack.sql(`INSERT INTO customer_package (tenant_id, id, code, name, created_at, updated_at) VALUES (2, ${id}, '${code}', '${code}', 0, 0)`);
		stack.sql(`INSERT INTO customer_field (tenant_id, package_id, name, label, kind, slot, choices, is_unique, created_at, updated_at) VALUES
			(2, ${id}, 'vip', 'v', 'choice', 'x01', '["金","银"]', 0, 0, 0), (2, ${id}, 'born', 'b', 'date', 'n01', NULL, 0, 0, 0), (2, ${id}, 'card', 'c', 'text', 'x02', NULL, 1, 0, 0)`);
	}
	const form = new FormData();
	for (const [key, value] of Object.entries({ csrf: client.csrf, package_id: '901' })) form.append(key, value);
	form.append('file_id', new Blob([readFileSync(file)]), 'customers.csv');
	const answer = await client.go('/crm/imports/new', { method: 'POST', body: form, headers: { origin: client.url } });
	const path = answer.headers.get('location');
	await client.post(path, { csrf: client.csrf, step: 'run', heading: 1, c0: 'name', c1: 'phone', c2: 'vip', c3: 'born', c4: 'card' });
	const own = await task('crm.import');
	if (Number(one('SELECT rows_new FROM customer_batch ORDER BY id DESC LIMIT 1')) !== rows) throw new Error('not all rows became customers');
	await client.post('/crm/backup', { csrf: client.csrf });
	const out = await task('crm.backup');
	const python = (what, to) => execFileSync('/usr/bin/python3', [join(here, 'crm.py'), what, stack.socket, to, what === 'import' ? '902' : '901']).toString().trim().split(' ').map(Number);
	const theirs = python('import', file), back = python('export', join(stack.run, 'out.csv'));
	const table = [['import', 'Tandem', own.s, own.kb], ['import', 'Python', ...theirs], ['export', 'Tandem (and packed as ZIP)', out.s, out.kb], ['export', 'Python (not packed)', ...back]];
	console.log(`${rows.toLocaleString('en')} customers, a file of ${(statSync(file).size / 1e6).toFixed(0)} MB\n\n| what | program | s | peak MB |\n|---|---|---|---|`);
	for (const [what, who, s, kb] of table) console.log(`| ${what} | ${who} | ${s.toFixed(1)} | ${(kb / 1024).toFixed(0)} |`);
} finally {
	await stack.stop();
}
