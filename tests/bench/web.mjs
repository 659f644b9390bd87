// SPDX-License-Identifier: GPL-2.0-or-later
// `make bench-web`: the list of calls over 500,000 rows, and PHP-FPM doing the same page on the same machine, with the same
// nginx, database and number of workers. Prints a table; docs/benchmarks.md has the figures of record.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '../web/client.mjs';
import { fillCalls, Stack } from '../web/stack.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const rows = Number(process.env.BENCH_ROWS ?? 500000), seconds = Number(process.env.BENCH_SECONDS ?? 8), connections = Number(process.env.BENCH_CONNECTIONS ?? 8);
const workers = 4;
const php = ['/usr/sbin/php-fpm8.2', '/usr/sbin/php-fpm8.3', '/usr/sbin/php-fpm8.4'].find(existsSync);
if (spawnSync('wrk', ['-v']).error) throw new Error('wrk is needed: apt-get install wrk');

const stack = new Stack({ workers });
const stale = 'tests/bench/web.php is out of date, bring it up to what the application does';

// One load of a URL: pages per second and latencies in ms.
function load(url, cookie, clients, time) {
	const said = execFileSync('wrk', ['-t1', `-c${clients}`, `-d${time}s`, '-s', join(here, 'web.lua'), '-H', `Cookie: ${cookie}`, url]).toString();
	const [, p50, p95, p99] = said.match(/latencies ([\d.]+) ([\d.]+) ([\d.]+)/).map(Number);
	if (/Non-2xx/.test(said)) throw new Error(`${url}: ${said}`);
	return { rate: Number.parseFloat(said.match(/Requests\/sec:\s+([\d.]+)/)[1]), p50, p95, p99 };
}

async function startPhp(cookie) {
	copyFileSync(join(here, 'web.php'), join(stack.run, 'web.php'));
	// the catalogue as an array, which opcache keeps
	const po = readFileSync(join(here, '../../templates/locale/zh_CN.po'), 'utf8');
	const words = [...po.matchAll(/^(?:msgctxt (".*")\n)?msgid (".*")\nmsgstr (".+")$/gm)].map(([, context, id, text]) => [`${context ? JSON.parse(context) : ''}|${JSON.parse(id)}`, JSON.parse(text)]);
	const quote = (s) => `'${s.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
	writeFileSync(join(stack.run, 'web.words.php'), `<?php return [${words.map(([a, b]) => `${quote(a)} => ${quote(b)}`).join(',\n')}];\n`);
	const assets = (await (await fetch(`${stack.url}/desk/sign-in`)).text()).match(/data-assets="(\w+)"/)[1];
	const conf = join(stack.run, 'php.conf'), log = join(stack.run, 'php-pages.log');
	writeFileSync(conf, `[global]\nerror_log = ${stack.run}/php.log\ndaemonize = no\n[www]\nuser = root\nlisten = ${stack.run}/sock/php.sock\nlisten.mode = 0666\npm = static\npm.max_children = ${workers}\n` +
		`env[CC_BENCH_SOCKET] = ${stack.socket}\nenv[CC_BENCH_SECRET] = ${stack.run}/etc/secret\nenv[CC_BENCH_ASSETS] = ${assets}\nphp_admin_value[opcache.enable] = 1\nphp_admin_value[opcache.validate_timestamps] = 0\nphp_admin_flag[log_errors] = on\nphp_admin_value[error_log] = ${log}\n`);
	stack.part('php', php, ['-R', '-F', '-y', conf]);
	const nginx = join(stack.run, 'nginx.conf');
	writeFileSync(nginx, readFileSync(nginx, 'utf8').replace('location /static/', `location /php { fastcgi_param SCRIPT_FILENAME ${stack.run}/web.php; fastcgi_param REQUEST_METHOD $request_method; ` +
		`fastcgi_param QUERY_STRING $query_string; fastcgi_param CONTENT_TYPE $content_type; fastcgi_param CONTENT_LENGTH $content_length; fastcgi_pass unix:${stack.run}/sock/php.sock; }\n\t\tlocation /static/`));
	stack.nginx.kill('SIGHUP');
	let answer;
	await stack.until(async () => ![404, 502].includes((answer = await fetch(`${stack.url}/php`, { headers: { cookie }, redirect: 'manual' })).status), 'PHP');
	if (answer.status !== 200) throw new Error(`${stale}: PHP answers ${answer.status}\n${existsSync(log) ? readFileSync(log, 'utf8') : ''}`);
}

// Both show the same: what a person reads, and every link and field, in the same order. (Scripts and styles of the head
// come and go.)
function essence(html) {
	const tags = html.slice(html.indexOf('<body')).replace(/>\s+/g, '>').replace(/\s+</g, '<').replace(/\s+/g, ' ');
	return tags.replaceAll('&quot;', '"').replaceAll('&#039;', "'").replaceAll('&#39;', "'");
}

async function compare(cookie, own, its) {
	const [a, b] = await Promise.all([own, its].map(async (path) => essence(await (await fetch(stack.url + path, { headers: { cookie } })).text())));
	let at = 0;
	while (at < a.length && a[at] === b[at]) at++;
	if (a !== b) throw new Error(`${stale}: it shows something else than ${own}\n\n${a.slice(at - 60, at + 100)}\n${b.slice(at - 60, at + 100)}`);
}

await stack.start();
try {
	fillCalls(stack, rows);
	const client = new Client(stack.url);
	await client.signIn('demo', 'admin', 'demo-admin');
	const cookie = [...client.jar].map(([name, value]) => `${name}=${value}`).join('; ');
	if (php) await startPhp(cookie);
	const cases = [['default page', '/reports/calls', '/php'], ['by agent', '/reports/calls?agent=801', '/php?agent=801']];
	const result = [];
	for (const [name, own, its] of cases) {
		if (php) await compare(cookie, own, its);
		for (const [who, path] of [['Tandem', own], ...(php ? [['PHP-FPM', its]] : [])]) {
			load(stack.url + path, cookie, connections, 2);
			result.push({ page: name, program: who, clients: 1, ...load(stack.url + path, cookie, 1, seconds) }, { page: name, program: who, clients: connections, ...load(stack.url + path, cookie, connections, seconds) });
		}
	}
	const round = (n) => (n >= 100 ? n.toFixed(0) : n.toFixed(1));
	console.log(`${rows.toLocaleString('en')} calls, ${workers} workers\n`);
	console.log('| page | program | clients | pages/s | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|---|---|');
	for (const r of result) console.log(`| ${r.page} | ${r.program} | ${r.clients} | ${round(r.rate)} | ${round(r.p50)} | ${round(r.p95)} | ${round(r.p99)} |`);
	const slow = result.filter((r) => r.program === 'Tandem' && r.clients === 1 && r.p95 > 20);
	if (slow.length) process.exitCode = 1;
} finally {
	await stack.stop();
}
