// SPDX-License-Identifier: GPL-2.0-or-later
// Starting, repeating, damaging and stopping a whole stack: make run, make status, make stop.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';
import { Stack, TOP } from '../lib/stack.mjs';
import { until } from '../lib/wait.mjs';

const BASE = Number(process.env.CC_TEST_BASE ?? 27000) + 4000;
let stack;

const make = (target, env = {}, folder = stack.run) =>
	run('make', ['-s', target], { cwd: TOP, env: { ...process.env, CC_RUN: folder, CC_PORT_BASE: String(BASE), ...env }, check: false, ms: 300000 });
// Processes of a part: those of the process group that its start noted.
const processes = (part) => {
	const group = readFileSync(stack.path(`service/${part}/group`), 'utf8').trim().split(' ')[1];
	return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
		try {
			return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[2] === group;
		} catch { return false; }
	});
};
const health = async () => Object.fromEntries(JSON.parse((await stack.admin(['status', '--json'])).stdout).parts.map((p) => [p.part, p]));

before(async () => { stack = await Stack.start({ base: BASE }); });
after(() => stack?.stop());

test('status: every part is up and healthy, with version, for people and machines', async () => {
	const { code, stdout } = await make('status');
	assert.equal(code, 0, stdout);
	const parts = await health();
	assert.deepEqual(Object.keys(parts).sort(), readdirSync(stack.path('service')).filter((n) => n !== 'pid').sort());
	for (const part of Object.values(parts)) {
		assert.ok(part.healthy && part.up && part.pid && part.version, JSON.stringify(part));
		assert.ok(Date.now() - part.since < 300000, JSON.stringify(part));
	}
});

test('everything runs as the system user, with nothing open to other users', async () => {
	for (const part of readdirSync(stack.path('service')).filter((n) => n !== 'pid'))
		for (const pid of processes(part)) {
			const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
			assert.notEqual(uid, '0', `${part} ${pid}`);
		}
	const { code } = await run('setpriv', ['--reuid', '65534', '--clear-groups', 'test', '-x', stack.path('sock')], { check: false });
	assert.notEqual(code, 0, 'a stranger reaches the sockets');
});

// Status, headers and beginning of a response; headers as given, path as it is.
const get = (path, headers = {}, method = 'GET') => new Promise((resolve, reject) => {
	const request = httpRequest(new URL(stack.web), { path, headers, method });
	const answer = (response) => resolve({ status: response.statusCode, headers: response.headers, end: () => request.destroy() });
	request.on('response', answer).on('upgrade', (response, socket) => { answer(response); socket.destroy(); }).on('error', reject).end();
});

test('nginx: static files are kept, pages are not, nothing else of the machine is shown', async () => {
	const css = await get('/static/app.css');
	assert.equal(css.status, 200);
	assert.match(css.headers['cache-control'], /immutable/);
	assert.equal(css.headers['content-type'], 'text/css');
	const page = await get('/desk/sign-in');
	assert.match(page.headers['cache-control'], /no-store/);
	assert.equal(page.headers['x-content-type-options'], 'nosniff');
	assert.ok(page.headers['permissions-policy'] && page.headers['content-security-policy']);
	for (const path of ['/_rec/2/x.wav', '/static/../etc/tandem.conf', '/static/%2e%2e/etc/tandem.conf', '/mysql/', '/static/'])
		assert.ok([403, 404].includes((await get(path)).status), path);
	assert.equal((await get('/desk/', { 'Content-Length': 130 << 20 }, 'POST')).status, 413);
});

test('nginx: SIP over WebSocket for pages of the own origin only', async () => {
	const handshake = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': 13, 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
		'Sec-WebSocket-Protocol': 'sip' };
	assert.equal((await get('/ws', { ...handshake, Origin: stack.web.replace(/\/$/, '') })).status, 101);
	assert.equal((await get('/ws', { ...handshake, Origin: 'http://elsewhere.example' })).status, 403);
});

test('nginx: live events come unbuffered, and not to strangers', async () => {
	const live = await get('/live', { Authorization: 'Bearer demo-api-key' });
	assert.equal(live.status, 200);
	assert.match(live.headers['content-type'], /text\/event-stream/);
	live.end();
	assert.equal((await get('/live')).status, 401);
});

test('make run again restarts nothing; a changed part only that one', async () => {
	const pids = stack.pids();
	assert.equal((await make('run')).code, 0);
	assert.deepEqual(stack.pids(), pids);
	const { code, stdout } = await make('run', { CC_REDIS_PORT: String(BASE + 78) });
	assert.equal(code, 0, stdout);
	const changed = Object.entries(stack.pids()).filter(([part, pid]) => pid !== pids[part]).map(([part]) => part);
	assert.ok(changed.includes('redis') && changed.includes('rtpengine'), changed.join());
	assert.ok(!changed.includes('mariadb') && !changed.includes('nginx'), changed.join());
	assert.equal((await make('run')).code, 0);
});

// Its configuration file may be of an older version, which had what is refused now: the database's comes in its place.
test('Kamailio killed: its children go with it and it is back within 10 s, with a configuration file that it does not understand', async () => {
	const before = processes('kamailio'), snapshot = stack.path('data/kamailio/snapshot.json');
	assert.ok(before.length > 5);
	const old = readFileSync(snapshot, 'utf8').replace('"target_kind":"queue","target":"600"', '"target_kind":"queue","target":"no"');
	writeFileSync(snapshot, old);
	process.kill(stack.pids().kamailio, 'SIGKILL');
	await until('a healthy Kamailio', async () => {
		const { kamailio } = await health();
		return kamailio.healthy && !before.includes(String(kamailio.pid));
	}, 10000);
	const now = processes('kamailio');
	assert.deepEqual(before.filter((pid) => now.includes(pid)), []);
	await until('the configuration of the database', () => {
		const read = readFileSync(snapshot, 'utf8');
		return read !== old && JSON.parse(read).tenants.length > 1;
	}, 10000);
});

for (const part of ['mixd', 'eventd', 'rtpengine', 'redis', 'mariadb', 'nginx', 'desk', 'jobd', 'recd'])
	test(`${part} killed: it is back`, async () => {
		const { [part]: pid } = stack.pids();
		process.kill(pid, 'SIGKILL');
		await until(`another ${part}`, () => stack.pids()[part] && stack.pids()[part] !== pid, 10000);
		await until('everything healthy', async () => Object.values(await health()).every((p) => p.healthy), 30000, 500);
	});

test('a part that fails is named by status', async () => {
	await run('sv', ['-w', '10', 'down', stack.path('service/mixd')]);
	const { code, stdout } = await make('status');
	await run('sv', ['up', stack.path('service/mixd')]);
	assert.notEqual(code, 0);
	assert.match(stdout, /^mixd +down .*FAILED/m);
	await until('everything healthy', async () => Object.values(await health()).every((p) => p.healthy), 30000, 500);
});

test('demo data is not served to the outside', async () => {
	const pids = stack.pids();
	for (const CC_DEMO of ['yes', 'no']) {		// wanted, and there already
		const { code, stderr } = await make('run', { CC_LISTEN: '192.0.2.1', CC_DEMO });
		assert.notEqual(code, 0);
		assert.match(stderr, /demo data.*loopback/);
	}
	assert.deepEqual(stack.pids(), pids);
	assert.equal((await make('run')).code, 0);
});

test('a wrong setting stops the start and is named', async () => {
	const folder = mkdtempSync('/tmp/tt-');
	const file = join(folder, 'tandem.conf');
	for (const [text, expected] of [
		['CC_WEB_PORT = 1234\nCC_WBE_PORT = 1\n', /tandem\.conf:2: unknown setting CC_WBE_PORT/],
		['CC_WEB_PORT = none\n', /tandem\.conf:1: CC_WEB_PORT/],
		['CC_WEB_PORT\n', /tandem\.conf:1/],
	]) {
		writeFileSync(file, text);
		const { code, stderr } = await make('run', { CC_CONF: file }, join(folder, 'run'));
		assert.notEqual(code, 0);
		assert.match(stderr, expected);
	}
	const { code, stderr } = await make('run', { CC_WBE_PORT: '1' }, join(folder, 'run'));
	assert.notEqual(code, 0);
	assert.match(stderr, /CC_WBE_PORT/);
	rmSync(folder, { recursive: true, force: true });
});

test('a port that is taken stops the start, which says by whom', async () => {
	const folder = mkdtempSync('/tmp/tt-');
	const server = createServer().listen(BASE + 2080, '127.0.0.1');
	await new Promise((done) => server.once('listening', done));
	const { code, stderr } = await make('run', { CC_PORT_BASE: String(BASE + 2000) }, folder);
	server.close();
	assert.notEqual(code, 0);
	assert.match(stderr, new RegExp(`port ${BASE + 2080} \\(CC_WEB_PORT\\) is taken by node, process ${process.pid}`));
	rmSync(folder, { recursive: true, force: true });
});

test('make stop leaves no process, and can be repeated', async () => {
	const groups = readdirSync(stack.path('service')).filter((n) => n !== 'pid').flatMap(processes);
	assert.ok(groups.length > 10);
	assert.equal((await make('stop')).code, 0);
	const left = groups.filter((pid) => { try { process.kill(Number(pid), 0); return true; } catch { return false; } });
	assert.deepEqual(left, []);
	const { stdout } = await run('pgrep', ['-f', `svlogd.*${stack.path('')}|runsvdir.*${stack.path('')}`], { check: false });
	assert.equal(stdout.trim(), '');
	assert.equal((await make('stop')).code, 0);
	assert.equal((await make('run')).code, 0, 'and it starts again');
});
