// SPDX-License-Identifier: GPL-2.0-or-later
// `make bench-crm`: 500,000 customers from a CSV file through the pages' import, searched on the list's page, and out again as
// CSV and XLSX, import and export beside a Python program that does the same with the same tables (needs python3-mysqldb).
// BENCH_ROWS=n: so many customers. docs/benchmarks.md has the figures of record.
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

// Scattered numbers of many networks and a hundred thousand different names, as in life; the same ones each time.
const families = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹'];
const given = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英建国华玉文辉力鹏志宏红春梅海波宁雪峰云飞龙婷玲燕斌浩宇轩晨欣怡佳雨思琪'];
const networks = ['130', '131', '132', '133', '135', '136', '137', '138', '139', '150', '151', '152', '157', '158', '159', '176', '177', '180', '185', '186', '187', '188', '189', '199'];
const spread = (i) => (i * 7919 * 104729) % 100000000;
const phone = (i) => `${networks[i % networks.length]}${String(spread(i)).padStart(8, '0')}`;
function name(i) {
	const h = spread(i + 1), one = given[Math.floor(h / 30) % given.length], two = h % 10 < 7 ? given[Math.floor(h / 3000) % given.length] : '';
	return `${families[h % families.length]}${one}${two}`;
}
const line = (i) => `${name(i)},${phone(i)},${i % 3 ? '金' : '银'},${1950 + (i % 60)}-0${1 + (i % 9)}-15,k${i}`;

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

// The file into a package by the pages' import; more: further choices of its form.
async function imported(client, file, pack, more = {}) {
	const form = new FormData();
	for (const [key, value] of Object.entries({ csrf: client.csrf, package_id: String(pack) })) form.append(key, value);
	form.append('file_id', new Blob([readFileSync(file)]), 'customers.csv');
	const answer = await client.go('/crm/imports/new', { method: 'POST', body: form, headers: { origin: client.url } });
	const path = answer.headers.get('location');
	await client.post(path, { csrf: client.csrf, step: 'run', heading: 1, c0: 'name', c1: 'phone', c2: 'vip', c3: 'born', c4: 'card', ...more });
	const done = await task('crm.import');
	if (Number(one('SELECT rows_new FROM customer_batch ORDER BY id DESC LIMIT 1')) !== rows) throw new Error('not all rows became customers');
	return done;
}

// Words of a search, made from customer i; n runs.
const between = (n, low, high) => low + (n % (high - low + 1));
const searches = {
	'whole number': (i) => phone(i),
	'begin of a number, 3 to 8 digits': (i, n) => `${phone(i).slice(0, between(n, 3, 8))}*`,
	'end of a number, 3 to 8 digits': (i, n) => `*${phone(i).slice(-between(n, 3, 8))}`,
	'digits from the middle, 3 to 7': (i, n) => phone(i).slice(between(n, 1, 3)).slice(0, between(n, 3, 7)),
	'digits that no number has': (i) => `${phone(i).slice(3)}9999`,
	'whole name': (i) => name(i),
	'part of a name, 1 or 2 characters': (i, n) => name(i).slice(1).slice(0, between(n, 1, 2)),
	'a name that nobody has': (i) => `${name(i)}龘`,
};
const runs = Number(process.env.BENCH_SEARCHES ?? 200);

// The list's page with each search: how long the answer took, and what the database read for one, by its own counters.
async function search(client, kind, words) {
	const ms = [];
	const ask = async (n) => {
		const answer = await client.go(`/crm/customers/own?q=${encodeURIComponent(words(Math.floor(((n * 0.6180339887) % 1) * rows), n))}`);
		const text = await answer.text();
		if (answer.status !== 200 || !/<table/.test(text)) throw new Error(`${kind}: ${answer.status}`);
	};
	for (let n = 0; n < 20; n++) await ask(n + 7777);
	stack.sql('FLUSH INDEX_STATISTICS');
	for (let n = 0; n < runs; n++) {
		const begun = performance.now();
		await ask(n);
		ms.push(performance.now() - begun);
	}
	const read = stack.sql(`SELECT CONCAT(TABLE_NAME, '.', INDEX_NAME, ' ', ROUND(ROWS_READ / ${runs})) FROM information_schema.INDEX_STATISTICS
		WHERE TABLE_NAME IN ('customer', 'customer_index', 'customer_text') AND ROWS_READ >= ${runs} ORDER BY ROWS_READ DESC`).map(([text]) => text);
	ms.sort((a, b) => a - b);
	const at = (part) => ms[Math.min(ms.length - 1, Math.floor(ms.length * part))].toFixed(1);
	return `| ${kind} | ${at(0.5)} | ${at(0.95)} | ${at(1)} | ${read.join(', ')} |`;
}

await stack.start();
try {
	stack.sql('SET GLOBAL innodb_buffer_pool_size = 2147483648; SET GLOBAL innodb_log_file_size = 536870912; SET GLOBAL innodb_flush_log_at_trx_commit = 1');
	stack.part('jobd', join(build, 'bin/cc-jobd'), ['-c', stack.conf]);
	const client = new Client(stack.url);
	await client.signIn('demo', 'admin', 'demo-admin');
	const file = join(stack.run, 'customers.csv');
	writeFileSync(file, `n,p,v,b,c\n${Array.from({ length: rows }, (_, i) => line(i)).join('\n')}\n`);
	for (const [id, code] of [[901, 'own'], [902, 'python'], [903, 'called']]) {
		stack.sql(`INSERT INTO customer_package (tenant_id, id, code, name, created_at, updated_at) VALUES (2, ${id}, '${code}', '${code}', 0, 0)`);
		stack.sql(`INSERT INTO customer_field (tenant_id, package_id, name, label, kind, slot, choices, is_unique, created_at, updated_at) VALUES
			(2, ${id}, 'vip', 'v', 'choice', 'x01', '["金","银"]', 0, 0, 0), (2, ${id}, 'born', 'b', 'date', 'n01', NULL, 0, 0, 0), (2, ${id}, 'card', 'c', 'text', 'x02', NULL, 1, 0, 0)`);
	}
	const own = await imported(client, file, 901);
	stack.sql('ANALYZE TABLE customer, customer_index, customer_text; SET GLOBAL userstat = 1');
	console.log(`| search of ${rows.toLocaleString('en')} | p50 ms | p95 ms | most ms | rows read by index |\n|---|---|---|---|---|`);
	for (const [kind, words] of Object.entries(searches)) console.log(await search(client, kind, words));
	console.log('\n| first page of duplicates | p50 ms | most ms |\n|---|---|---|');
	for (const [what, query] of [['name and telephone number', 'by=name&with=phone'], ['name and a searched text', 'by=name&with=card'], ['name and a date', 'by=name&with=born'], ['name and a choice (all names)', 'by=name&with=vip'], ['a searched choice', 'by=vip']]) {
		const ms = [];
		for (let n = 0; n < 5; n++) {
			const begun = performance.now();
			const answer = await client.go(`/crm/duplicates?package=own&${query}`);
			if (answer.status !== 200 || !/<form/.test(await answer.text())) throw new Error(`${what}: ${answer.status}`);
			ms.push(performance.now() - begun);
		}
		ms.sort((a, b) => a - b);
		console.log(`| ${what} | ${ms[2].toFixed(0)} | ${ms[4].toFixed(0)} |`);
	}
	stack.sql(`SET GLOBAL userstat = 0; INSERT INTO preference (tenant_id, name, value) VALUES (2, 'export_rows', '1000000')`);
	const exported = async (format) => {
		const sent = await client.post('/crm/customers/own/export', { csrf: client.csrf, format, scope: 'all' });
		if (sent.status !== 303) throw new Error(`export: ${sent.status} ${await sent.text()}`);
		return task('crm.export');
	};
	const csv = await exported('csv'), xlsx = await exported('xlsx');
	const python = (what, to) => execFileSync('/usr/bin/python3', [join(here, 'crm.py'), what, stack.socket, to, what === 'import' ? '902' : '901']).toString().trim().split(' ').map(Number);
	stack.sql("INSERT INTO call_task (tenant_id, id, name, package_id, group_id, created_at, updated_at) VALUES (2, 901, 'called', 903, 1, 0, 0)");
	const called = await imported(client, file, 903, { task: 901, list_new: 1 });
	if (Number(one('SELECT COUNT(*) FROM call_task_customer WHERE task_id = 901')) !== rows) throw new Error('not all customers are in the task');
	const theirs = python('import', file), back = python('export', join(stack.run, 'out.csv'));
	const table = [['import', 'Tandem', own.s, own.kb], ['import into a call task', 'Tandem', called.s, called.kb], ['import', 'Python', ...theirs], ['export, CSV', 'Tandem', csv.s, csv.kb], ['export, CSV', 'Python', ...back], ['export, XLSX', 'Tandem', xlsx.s, xlsx.kb]];
	console.log(`\n${rows.toLocaleString('en')} customers, a file of ${(statSync(file).size / 1e6).toFixed(0)} MB\n\n| what | program | s | peak MB |\n|---|---|---|---|`);
	for (const [what, who, s, kb] of table) console.log(`| ${what} | ${who} | ${s.toFixed(1)} | ${(kb / 1024).toFixed(0)} |`);
} finally {
	await stack.stop();
}
