// SPDX-License-Identifier: GPL-2.0-or-later
// The web applications over HTTP: signing in, permissions, tenants, CSRF, hostile input, lists, CSV, JSON, recordings,
// processes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, callRow, recordingRow, ulid } from './client.mjs';
import { setCookies } from '../lib/cookies.mjs';
import { Stack, build } from './stack.mjs';

const stack = new Stack();
const demoKey = { authorization: 'Bearer demo-api-key' };
const otherKey = { authorization: 'Bearer other-api-key' };
const now = Date.now(), hour = 3600000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// calls of demo by name, so that tests say which they mean
const calls = {
	of801: ulid(now - hour, 1), of802: ulid(now - 2 * hour, 2), of807: ulid(now - 3 * hour, 3), abandoned600: ulid(now - 4 * hour, 4),
	abandoned601: ulid(now - 5 * hour, 5), hostile: ulid(now - 6 * hour, 6), old: ulid(now - 30 * 24 * hour, 7), other: ulid(now - hour, 8),
};

before(async () => {
	await stack.start();
	stack.sql([
		callRow(calls.of801, { at: now - hour, bridged_at: now - hour + 52000, agent: '801', agent_name: '张伟', agent_ms: 3000 }),
		callRow(calls.of802, { at: now - 2 * hour, agent: '802', agent_name: '王芳', caller: '13900005678', direction: 'out' }),
		callRow(calls.of807, { at: now - 3 * hour, agent: '807', queue: '601', wait_ms: 9000 }),
		callRow(calls.abandoned600, { at: now - 4 * hour, cause: 'caller_hangup', wait_ms: 70000 }),
		callRow(calls.abandoned601, { at: now - 5 * hour, queue: '601', cause: 'queue_timeout' }),
		callRow(calls.hostile, { at: now - 6 * hour, caller: '=cmd|calc', caller_name: '<script>alert(1)</script>', queue: null, callee: '"quoted", \\ 100%_' }),
		callRow(calls.old, { at: now - 30 * 24 * hour, agent: '801' }),
		callRow(calls.other, { at: now - hour, tenant_id: 3, agent: '801', caller: 'of-other' }),
		recordingRow(2, calls.of801, 1, '2/x/of801-1'), recordingRow(2, calls.of801, 2, '2/x/of801-2'),
		recordingRow(2, calls.of807, 1, '2/x/of807-1'), recordingRow(3, calls.other, 1, '3/x/other-1'),
	].join(''));
	mkdirSync(join(stack.run, 'data/recordings/2/x'), { recursive: true });
	writeFileSync(join(stack.run, 'data/recordings/2/x/of801-1.mp3'), 'ID3 0123456789');
	writeFileSync(join(stack.run, 'data/recordings/2/x/of801-1.wav'), 'RIFF0123456789');
});
after(() => stack.stop());

async function as(tenant, username, password = `${tenant}-${username}`) {
	const client = new Client(stack.url);
	const answer = await client.signIn(tenant, username, password);
	assert.equal(answer.status, 303, `${username} signs in`);
	return client;
}

const forget = () => stack.sql('DELETE FROM sign_in_failure');
const ids = (list) => list.rows.map((row) => Object.entries(calls).find(([, id]) => id.text === row.id)?.[0] ?? row.id);

// ---- signing in ----

test('AUTH-01 the right password opens a session, remembered names fill the form', async () => {
	const client = new Client(stack.url);
	assert.equal((await client.go('/')).headers.get('location'), '/desk/sign-in');
	const away = await client.go('/reports/calls?agent=801&size=25');
	assert.equal(away.status, 303);
	assert.equal(away.headers.get('location'), `/desk/sign-in?next=${encodeURIComponent('/reports/calls?agent=801&size=25')}`);
	const form = await (await client.go(away.headers.get('location'))).text();
	assert.match(form, /name="next" value="\/reports\/calls\?agent=801&amp;size=25"/);
	const answer = await client.post('/desk/sign-in', { tenant: 'demo', username: 'admin', password: 'demo-admin', remember: '1', next: '/reports/calls?agent=801&size=25' });
	assert.equal(answer.status, 303);
	assert.equal(answer.headers.get('location'), '/reports/calls?agent=801&size=25');
	const cookie = setCookies(answer).find((line) => line.startsWith('cc_session='));
	assert.match(cookie, /^cc_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
	assert.equal((await client.go('/desk/board')).status, 200);
	// the database knows a keyed hash of the cookie only
	const hashes = stack.sql('SELECT HEX(token_hash) FROM session').flat();
	assert.ok(!hashes.includes(Buffer.from(client.jar.get('cc_session')).toString('hex').toUpperCase()));
	assert.ok(stack.sql("SELECT COUNT(*) FROM audit_log WHERE tenant_id = 2 AND action = 'desk.session.sign_in' AND object = 'admin'")[0][0] > 0);
	await client.token();
	await client.post('/desk/sign-out', { csrf: client.csrf });
	assert.match(await (await client.go('/desk/sign-in')).text(), /name="tenant" value="demo"[^]*name="username" value="admin"/);
});

test('a session that was signed out or has expired is gone', async () => {
	const client = await as('demo', 'admin');
	const stolen = client.jar.get('cc_session');
	assert.equal((await client.post('/desk/sign-out', { csrf: client.csrf })).status, 303);
	client.jar.set('cc_session', stolen);
	assert.equal((await client.go('/desk/board')).status, 303);
	const second = await as('demo', 'admin');
	stack.sql('UPDATE session SET expires_at = 1');
	assert.equal((await second.go('/desk/board')).status, 303);
	for (const value of ['', 'x', 'x'.repeat(5000), '%zz', '"; DROP TABLE session', '../..']) {
		second.jar.set('cc_session', value);
		assert.equal((await second.go('/desk/board')).status, 303, value.slice(0, 20));
	}
});

test('no session is fixed: a cookie that somebody planted is not taken over, and signing in again ends the session before', async () => {
	const planted = 'A'.repeat(43);
	const victim = new Client(stack.url), thief = new Client(stack.url);
	victim.jar.set('cc_session', planted);
	assert.equal((await victim.signIn('demo', 'admin', 'demo-admin')).status, 303);
	const first = victim.jar.get('cc_session'), { csrf } = victim;
	assert.notEqual(first, planted);
	thief.jar.set('cc_session', planted);
	assert.equal((await thief.go('/desk/board')).status, 303);
	// the attacker's own session, planted: the victim does not act in it, and the attacker is not the victim
	const own = await as('demo', '802');
	victim.jar.set('cc_session', own.jar.get('cc_session'));
	assert.equal((await victim.signIn('demo', 'admin', 'demo-admin')).status, 403, 'not without the form of that session');
	assert.equal((await victim.post('/desk/sign-in', { csrf: await victim.token(), tenant: 'demo', username: 'admin', password: 'demo-admin' })).status, 303);
	await victim.token();
	assert.equal((await own.go('/desk/board')).status, 303, 'it is over');
	assert.notEqual(victim.csrf, csrf, 'another session, another token');
	assert.equal((await victim.json('/reports/calls?format=count')).status, 200);
});

test('AUTH-04 wrong password, unknown names: one text; disabled and closed: said only with the right password', async () => {
	forget();
	const texts = {};
	const attempts = {
		wrong: ['demo', 'admin', 'nonsense'], unknownUser: ['demo', 'nobody', 'x'], unknownTenant: ['nowhere', 'admin', 'x'], otherTenants: ['demo', 'admin', 'other-admin'],
		empty: ['demo', 'admin', ''], noTenant: ['', 'admin', 'x'], long: ['demo', 'admin', 'x'.repeat(300)], longTenant: ['x'.repeat(100), 'admin', 'x'],
		disabledUser: ['demo', 'former', 'demo-former'], disabledAgent: ['demo', '810', 'demo-810'], disabledWrong: ['demo', '810', 'wrong'], closed: ['closed', 'admin', 'closed-admin'],
	};
	for (const [name, [tenant, username, password]] of Object.entries(attempts)) {
		const answer = await new Client(stack.url).signIn(tenant, username, password);
		assert.equal(answer.status, 401, name);
		assert.deepEqual(setCookies(answer).filter((line) => line.startsWith('cc_session')), [], name);
		texts[name] = (await answer.text()).match(/role="alert">([^<]*)/)[1];
	}
	const generic = '该帐户不存在或密码不正确';
	for (const name of ['wrong', 'unknownUser', 'unknownTenant', 'otherTenants', 'empty', 'noTenant', 'long', 'longTenant', 'disabledUser', 'disabledWrong']) assert.equal(texts[name], generic, name);
	assert.equal(texts.disabledAgent, '账号已被禁用，无法登录，请联系管理员');
	assert.equal(texts.closed, '该企业已停用，请联系运营商');
	forget();
});

test('a user that is disabled while signed in is out at once', async () => {
	const client = await as('demo', '807');
	assert.equal((await client.go('/desk/board')).status, 200);
	stack.sql("UPDATE user SET state = 'disabled' WHERE id = 5");
	assert.equal((await client.go('/desk/board')).status, 303);
	stack.sql("UPDATE user SET state = 'enabled' WHERE id = 5");
	stack.sql("UPDATE tenant SET state = 'frozen' WHERE id = 2");
	assert.equal((await client.go('/desk/board')).status, 303);
	assert.equal((await client.json('/reports/calls?format=json', demoKey)).status, 401);
	stack.sql("UPDATE tenant SET state = 'active' WHERE id = 2");
	assert.equal((await client.go('/desk/board')).status, 200);
});

// ---- CSRF, redirects, headers ----

test('a change without its CSRF token, with a wrong one, or from another site is refused with 403', async () => {
	const client = await as('demo', '802');
	const stranger = await as('demo', '801');
	const cases = [
		['no token', {}, {}], ['empty', { csrf: '' }, {}], ['wrong', { csrf: 'a'.repeat(64) }, {}], ['of another session', { csrf: stranger.csrf }, {}],
		['foreign origin', { csrf: client.csrf }, { origin: 'https://evil.example' }], ['null origin', { csrf: client.csrf }, { origin: 'null' }],
		['foreign port', { csrf: client.csrf }, { origin: 'http://127.0.0.1:1' }],
	];
	for (const [name, fields, headers] of cases) {
		const answer = await client.post('/desk/language', { language: 'en', ...fields }, headers);
		assert.equal(answer.status, 403, name);
	}
	assert.equal(stack.sql('SELECT language FROM user WHERE id = 3')[0][0], 'zh_CN', 'nothing was changed');
	assert.equal((await client.go('/desk/language', { method: 'POST', body: new URLSearchParams({ language: 'en', csrf: client.csrf }), headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
	assert.equal((await client.post('/desk/language', { language: 'en' }, { 'x-csrf-token': client.csrf })).status, 303, 'the token as a header');
	assert.equal((await client.post('/desk/language', { language: 'zh_CN', csrf: client.csrf })).status, 303, 'the token as a field');
	// sign-in has no session yet: the origin decides
	assert.equal((await new Client(stack.url).post('/desk/sign-in', { tenant: 'demo', username: 'admin', password: 'demo-admin' }, { origin: 'https://evil.example' })).status, 403);
	// a key together with a cookie might be a browser after all
	assert.equal((await client.post('/desk/me/work', { state: 'idle' }, demoKey)).status, 403);
});

test('no redirect leaves the site, no header is injected', async () => {
	for (const next of ['https://evil.example/', '//evil.example', '/\\evil.example', '\\\\evil.example', 'javascript:alert(1)', '/x\r\nSet-Cookie: stolen=1', '/\t/evil.example', ' //evil.example']) {
		const answer = await new Client(stack.url).post('/desk/sign-in', { tenant: 'demo', username: 'admin', password: 'demo-admin', next });
		assert.equal(answer.status, 303);
		assert.equal(answer.headers.get('location'), '/', JSON.stringify(next));
		assert.ok(!setCookies(answer).some((line) => line.includes('stolen')));
	}
	const answer = await new Client(stack.url).post('/desk/sign-in', { tenant: 'demo', username: 'admin', password: 'demo-admin', remember: '1', next: '/desk/board?x=张' });
	assert.equal(answer.headers.get('location'), '/desk/board?x=%E5%BC%A0');
	const language = await new Client(stack.url).post('/desk/language', { language: 'en\r\nSet-Cookie: stolen=1' });
	assert.equal(language.status, 400);
	const foreign = await new Client(stack.url).post('/desk/language', { language: 'en', next: '//evil.example' });
	assert.equal(foreign.headers.get('location'), '/');
	// the form does not send the password back, nor anything as markup
	const failed = await (await new Client(stack.url).signIn('"><script>', '\'"><img src=x>', 'secret-word')).text();
	assert.ok(!failed.includes('secret-word') && !failed.includes('<img') && !/<script>/.test(failed));
	forget();
});

test('every answer carries the security headers; pages have no inline script', async () => {
	const client = await as('demo', '801');
	for (const path of ['/desk/sign-in', '/desk/board', '/reports/calls', '/desk/none', '/reports/calls?format=json']) {
		const answer = await client.go(path);
		assert.match(answer.headers.get('content-security-policy'), /default-src 'self'.*object-src 'none'/, path);
		assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
		assert.equal(answer.headers.get('cache-control'), 'no-store');
		const text = await answer.text();
		assert.ok(!/<script(?![^>]*\bsrc=)|\son\w+=|javascript:|style="/i.test(text), path);
	}
});

// ---- permissions, tenants, scopes ----

test('error pages and JSON errors, in both languages', async () => {
	const client = await as('demo', 'clerk'); // a role with nothing
	const cases = [['/desk/board', 403], ['/desk/none', 404], ['/reports/calls', 403], ['/reports/calls?format=csv', 403], ['/desk/sign-out', 405], ['/desk/board?x=%zz', 400], ['/desk/%00', 400], ['/desk/%0a', 400]];
	for (const [path, status] of cases) {
		const answer = await client.go(path);
		const text = await answer.text();
		if (answer.headers.get('server') && !answer.headers.get('x-request-id')) continue; // nginx refused by itself
		assert.equal(answer.status, status, path);
		assert.match(text, /<html lang="en"/, path);
		const json = await (await client.json(path)).json();
		assert.equal(typeof json.error.message, 'string', path);
		assert.match(json.error.request, /^\w+$/, path);
	}
	assert.equal((await client.go('/desk/sign-out')).headers.get('allow'), 'POST');
	assert.match(await (await new Client(stack.url).go('/desk/none', { headers: { 'accept-language': 'fr,en;q=0.8,zh' } })).text(), /Not found/);
	assert.match(await (await new Client(stack.url).go('/desk/none', { headers: { 'accept-language': 'zh-TW' } })).text(), /未找到/);
	assert.match(await (await new Client(stack.url).go('/desk/none', { headers: { 'accept-language': ',;q=,,,' } })).text(), /未找到/);
	for (const headers of [{}, { authorization: 'Bearer' }, { authorization: 'Bearer ' }, { authorization: 'Bearer wrong' }, { authorization: 'Bearer old-api-key' }, { authorization: 'Basic ZGVtbzpkZW1v' }]) {
		const answer = await new Client(stack.url).json('/reports/calls?format=json', headers);
		assert.equal(answer.status, 401, JSON.stringify(headers));
		assert.equal((await answer.json()).error.code, 'unauthorized');
	}
	assert.equal((await new Client(stack.url).json('/desk/board', demoKey)).status, 403, 'the key has no permission for this');
});

test('two tenants never see each other', async () => {
	const client = await as('other', 'admin');
	for (const [path, good] of [['/reports/calls?size=200&from=2000-01-01', 'of-other'], ['/desk/board', 'Other sales']]) {
		const text = (await (await client.go(path)).text()).replace(/\b(?:[0-9a-f]{8,}|[0-9A-Z]{26})\b/g, ''); // tokens and ids may look like anything
		assert.ok(text.includes(good), path);
		for (const secret of ['13800001234', '13900005678', '张伟', '销售', '807', '企业测试']) assert.ok(!text.includes(secret), `${path} shows ${secret}`);
	}
	assert.deepEqual(ids(await (await client.json('/reports/calls?from=2000-01-01', otherKey)).json()), ['other']);
	for (const path of [`/reports/calls/${calls.of801.text}`, `/reports/recordings/${calls.of801.text}-1.mp3`]) {
		assert.equal((await client.go(path)).status, 404, path);
		assert.equal((await fetch(stack.url + path, { headers: otherKey })).status, 404, path);
	}
	const demo = await as('demo', 'admin');
	assert.equal((await demo.go(`/reports/calls/${calls.other.text}`)).status, 404);
	assert.equal((await demo.go(`/reports/recordings/${calls.other.text}-1.mp3`)).status, 404);
	assert.ok(!(await (await demo.go('/reports/calls?from=2000-01-01&size=200&format=csv')).text()).includes('of-other'));
	assert.equal((await client.post('/desk/agents/802/work', { state: 'busy', csrf: client.csrf }, { accept: 'application/json' })).status, 404, 'an agent of the other tenant');
});

test('data scope: an agent sees own calls, a leader those of the group and its members, an administrator all', async () => {
	const seen = async (name) => ids(await (await (await as('demo', name)).json('/reports/calls?format=json')).json());
	assert.deepEqual(await seen('802'), ['of802']);
	assert.deepEqual(await seen('807'), ['of807']);
	assert.deepEqual(await seen('801'), ['of801', 'of802', 'abandoned600']);
	assert.deepEqual(await seen('806'), ['of807', 'abandoned601']);
	assert.deepEqual(await seen('admin'), ['of801', 'of802', 'of807', 'abandoned600', 'abandoned601', 'hostile']);
	const agent = await as('demo', '802');
	for (const id of [calls.of801, calls.abandoned600]) {
		assert.equal((await agent.go(`/reports/calls/${id.text}`)).status, 404);
		assert.equal((await agent.go(`/reports/recordings/${id.text}-1.mp3`)).status, 404);
	}
	assert.equal((await agent.go(`/reports/calls/${calls.of802.text}`)).status, 200);
	assert.equal((await agent.go('/reports/calls?format=csv')).status, 403, 'no permission to export');
	const board = await (await agent.json('/desk/board?format=json')).json();
	assert.deepEqual(board.queues.map((q) => q.queue), ['600']);
	assert.deepEqual(board.agents.map((a) => a.agent), ['801', '802']);
});

test('TEL-08 an agent\'s own outbound figures on the start page are without predictive calls', async () => {
	const agent = await as('demo', '802');
	const month = async () => (await (await agent.go('/desk/')).text()).match(/<td class="number">(\d+)<\/td><td class="number">(\d+)<\/td>/g).at(-1).match(/\d+/g).map(Number);
	const before = await month();
	const made = ['out', 'click', 'predictive'].map((kind, i) => [kind, ulid(now - 1000 * i, 200 + i)]);
	stack.sql(made.map(([kind, id]) => callRow(id, { at: now - 1000, agent: '802', direction: 'out', kind })).join(''));
	assert.deepEqual(await month(), [before[0], before[1] + 2]);
	const kinds = (await (await fetch(`${stack.url}/reports/calls?format=json&kind=predictive`, { headers: demoKey })).json()).rows.map((row) => row.kind);
	assert.deepEqual(kinds, ['predictive']);
	stack.sql(`DELETE FROM calls WHERE id IN (${made.map(([, id]) => `X'${id.hex}'`).join(', ')})`);
});

// ---- lists ----

test('CDR-01 CDR-07 JSON of calls: names, types, ISO times, recordings', async () => {
	const list = await (await fetch(`${stack.url}/reports/calls?format=json`, { headers: demoKey })).json();
	const row = list.rows[0];
	assert.deepEqual(Object.keys(row), ['id', 'started_at', 'ended_at', 'direction', 'kind', 'caller', 'callee', 'did', 'queue', 'agent', 'agent_name', 'cause', 'side', 'wait_ms', 'talk_ms', 'agent_ms', 'result_ms', 'package_id', 'task_id', 'recording']);
	assert.deepEqual(row, {
		id: calls.of801.text, started_at: new Date(now - hour).toISOString(), ended_at: new Date(now - hour + 60000).toISOString(), direction: 'in', kind: 'in', caller: '13800001234', callee: '4008001',
		did: '4008001', queue: '600', agent: '801', agent_name: '张伟', cause: 'answered', side: 'caller', wait_ms: 4000, talk_ms: 60000, agent_ms: 3000,
		package_id: null, task_id: null,
		result_ms: 8000, // CDR-07: 3 s with the agent, 5 s more of the customer
		recording: [1, 2].map((segment) => ({ segment, duration_ms: 35000, url: `/reports/recordings/${calls.of801.text}-${segment}.mp3` })),
	});
	assert.equal(list.next, null);
	assert.equal(list.rows.at(-1).queue, null);
	assert.deepEqual(list.rows[1].recording, []);
});

test('filters, sorting, time ranges (CDR-08), paging', async () => {
	const get = async (query) => {
		const answer = await fetch(`${stack.url}/reports/calls?format=json&${query}`, { headers: demoKey });
		return answer.status === 200 ? ids(await answer.json()) : answer.status;
	};
	assert.deepEqual(await get('agent=802'), ['of802']);
	assert.deepEqual(await get('queue=601'), ['of807', 'abandoned601']);
	assert.deepEqual(await get('cause=caller_hangup'), ['abandoned600']);
	assert.deepEqual(await get('direction=out'), ['of802']);
	assert.deepEqual(await get('caller=0000567'), ['of802']);
	assert.deepEqual(await get('caller=%25'), [], 'a percent sign is a percent sign');
	assert.deepEqual(await get('caller=_3800001234'), []);
	assert.deepEqual(await get("caller=' OR 1=1 -- "), []);
	assert.deepEqual(await get('agent=&queue=&cause='), await get(''), 'empty filters are none');
	assert.deepEqual(await get(`to=${new Date(now - 20 * 24 * hour).toISOString()}`), ['old'], 'only an end: everything before');
	assert.deepEqual((await get('from=2001-01-01')).length, 7);
	const second = (ms) => new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19);
	assert.deepEqual(await get(`from=${second(now - 2 * hour)}Z&to=${second(now - 2 * hour)}Z`), ['of802'], 'to the second');
	const minute = new Date(now - 2 * hour).toISOString().slice(0, 16);
	assert.deepEqual(await get(`from=${minute}Z&to=${minute}Z`), ['of802'], 'includes its last minute');
	assert.deepEqual((await get('sort=wait_ms')).at(-1), 'abandoned600');
	assert.deepEqual((await get('sort=-wait_ms'))[0], 'abandoned600');
	for (const bad of ['from=yesterday', 'to=2026-02-31x', 'size=7', 'size=0', 'size=-10', 'page=0', 'page=x', 'page=99999999', 'page=5000&size=200', 'sort=callee', 'sort=c.id;--', 'sort=-', 'cause=nonsense', 'direction=up', 'after=zz', 'after=zz&sort=agent'])
		assert.equal(await get(bad), 400, bad);
	// pages: all rows once, whichever way
	stack.sql(Array.from({ length: 25 }, (_, i) => callRow(ulid(now - 8 * hour - i * 1000, 100 + i), { at: now - 8 * hour - i * 1000, caller: 'paging' })).join(''));
	for (const sort of ['', '&sort=caller', '&sort=-agent']) {
		const got = [];
		let next = `/reports/calls?format=json&size=10&caller=paging${sort}`;
		for (let pages = 0; next; pages++) {
			assert.ok(pages < 4);
			const list = await (await fetch(stack.url + next, { headers: demoKey })).json();
			got.push(...list.rows.map((r) => r.id));
			next = list.next;
		}
		assert.equal(new Set(got).size, 25, sort);
		assert.equal(got.length, 25, sort);
	}
	const page = await (await (await as('demo', 'admin')).go('/reports/calls?caller=paging&page=2')).text();
	assert.match(page, /第 11–20 条，共 25 条/);
	assert.equal(page.match(/<tr>\s*<td/g).length, 10);
	stack.sql("DELETE FROM calls WHERE caller = 'paging'");
});

test('a bad filter shows the page with what is wrong', async () => {
	const client = await as('demo', '806');
	const answer = await client.go('/reports/calls?from=%3Cscript%3E&cause="><b>');
	assert.equal(answer.status, 400);
	const text = await answer.text();
	assert.match(text, /role="alert">From: this value is not valid\./);
	assert.ok(!text.includes('<script>') && !text.includes('<b>'));
});

test('more than 10,000 rows: "500+" on the page, the total when it is asked for, no CSV', async () => {
	stack.sql(`INSERT INTO calls (tenant_id, id, started_at, direction, caller, callee) SELECT 3, UNHEX(CONCAT(LPAD(HEX(${now} - seq * 10), 12, '0'), LPAD(HEX(seq + 1000), 20, '0'))), ${now} - seq * 10, 'in', 'many', 'x' FROM seq_1_to_10500`);
	const client = await as('other', 'admin');
	const page = await (await client.go('/reports/calls?caller=many&size=200')).text();
	assert.match(page, /of 500\+/, 'a page does not count far');
	assert.equal((await (await client.json('/reports/calls?caller=many&format=count')).json()).total, '10500');
	const csv = await client.go('/reports/calls?format=csv&caller=many');
	assert.equal(csv.status, 413);
	assert.equal((await client.go('/reports/calls?caller=many&size=200&page=50')).status, 200);
	// further behind by key, never by counting rows off
	const next = (await (await client.go('/reports/calls?caller=many&size=200&page=50')).text()).match(/rel="next" href="([^"]+)"/)[1].replaceAll('&amp;', '&');
	assert.match(next, /after=\w{26}&page=51$/);
	const behind = await (await client.go(next)).text();
	assert.equal(behind.match(/<td class="number">/g).length, 3 * 200);
	assert.match(behind, /rel="prev" href="[^"]*before=\w{26}&amp;page=50"/);
	assert.equal((await client.go('/reports/calls?caller=many&size=200&page=51')).status, 400);
	stack.sql("DELETE FROM calls WHERE caller = 'many' AND tenant_id = 3");
});

test('CDR-03 CSV: BOM, header in the user\'s language, formulas neutralised', async () => {
	const client = await as('demo', 'admin');
	const answer = await client.go('/reports/calls?format=csv');
	assert.match(answer.headers.get('content-type'), /text\/csv; charset=utf-8/);
	assert.match(answer.headers.get('content-disposition'), /^attachment; filename="calls-\d{4}-\d\d-\d\d\.csv"$/);
	const bytes = Buffer.from(await answer.arrayBuffer());
	assert.deepEqual([...bytes.subarray(0, 3)], [0xEF, 0xBB, 0xBF]);
	const lines = bytes.subarray(3).toString().trimEnd().split('\r\n');
	assert.match(lines[0], /^通话,开始时间,/);
	assert.equal(lines.length, 7);
	assert.match(lines[1], new RegExp(`^${calls.of801.text},.*,呼入,13800001234,.*正常接听`));
	const hostile = lines.find((line) => line.startsWith(calls.hostile.text));
	assert.ok(hostile.includes(",'=cmd|calc,"));
	assert.ok(hostile.includes(',"""quoted"", \\ 100%_",'));
});

test('what outsiders sent is shown as text', async () => {
	const client = await as('demo', 'admin');
	for (const path of ['/reports/calls', `/reports/calls/${calls.hostile.text}`]) {
		const text = await (await client.go(path)).text();
		assert.ok(!text.includes('<script>alert'), path);
	}
	assert.match(await (await client.go(`/reports/calls/${calls.hostile.text}`)).text(), /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
});

test('one call: facts, legs, visits, events, as page and JSON', async () => {
	stack.sql(`INSERT INTO call_leg (tenant_id, id, call_id, role, agent, started_at, sip_code) VALUES (2, X'${ulid(now, 50).hex}', X'${calls.of801.hex}', 'agent', '801', ${now}, 200);
		INSERT INTO queue_call (tenant_id, call_id, visit, queue, entered_at, agent, offers, result, wait_ms) VALUES (2, X'${calls.of801.hex}', 1, '600', ${now}, '801', 2, 'answered', 4000);
		INSERT INTO event (node, seq, tenant_id, at, type, version, call_id, call_seq, fields) VALUES (1, 1, 2, ${now}, 10, 1, X'${calls.of801.hex}', 1, '{"from":"<b>x</b>"}'), (1, 2, 2, ${now}, 9999, 1, X'${calls.of801.hex}', 2, 'not json'),
		(1, 3, 3, ${now}, 10, 1, X'${calls.of801.hex}', 3, '{"secret":"of another tenant"}')`);
	const client = await as('demo', 'admin');
	const text = await (await client.go(`/reports/calls/${calls.of801.text}`)).text();
	for (const part of ['已接听', '呼叫到达', '&lt;b&gt;x&lt;/b&gt;', `/reports/recordings/${calls.of801.text}-2.mp3`]) assert.ok(text.includes(part), part);
	assert.ok(!text.includes('of another tenant'));
	assert.equal((await client.go(`/reports/calls/${calls.of801.text.toLowerCase()}`)).status, 200);
	stack.sql("UPDATE event SET fields = '{}' WHERE seq = 2");
	const json = await (await fetch(`${stack.url}/reports/calls/${calls.of801.text}?format=json`, { headers: demoKey })).json();
	assert.equal(json.id, calls.of801.text);
	assert.deepEqual(json.legs.map((leg) => [leg.role, leg.agent, leg.sip_code, leg.ended_at]), [['agent', '801', 200, null]]);
	assert.deepEqual(json.visits.map((v) => [v.queue, v.offers, v.result]), [['600', 2, 'answered']]);
	assert.deepEqual(json.events.map((e) => e.type), ['call.new', '9999']);
	for (const id of ['x', '0'.repeat(26), `${calls.of801.text}0`, 'ZZZZZZZZZZZZZZZZZZZZZZZZZZ', "'%20OR%201=1"]) assert.equal((await client.go(`/reports/calls/${id}`)).status, 404, id);
});

test('REC-01 recordings: nginx sends the file with ranges, playing is written down, once per play', async () => {
	const client = await as('demo', '801');
	const url = `/reports/recordings/${calls.of801.text}-1.mp3`;
	const audits = () => stack.sql("SELECT object, user_name FROM audit_log WHERE action = 'reports.recordings.play'");
	const before = audits().length;
	const whole = await client.go(url);
	assert.equal(whole.status, 200);
	assert.equal(whole.headers.get('content-type'), 'audio/mpeg');
	assert.equal(await whole.text(), 'ID3 0123456789');
	const part = await client.go(url, { headers: { range: 'bytes=4-6' } });
	assert.equal(part.status, 206);
	assert.equal(await part.text(), '012');
	assert.equal(audits().length, before + 1);
	assert.deepEqual(audits().at(-1), [`${calls.of801.text}-1.mp3`, '801']);
	assert.equal(await (await client.go(url.replace('mp3', 'wav'), { headers: { range: 'bytes=0-3' } })).text(), 'RIFF');
	assert.equal(audits().length, before + 2);
	assert.match((await client.go(`${url}?download=1`)).headers.get('content-disposition'), /attachment; filename="\w+-1\.mp3"/);
	for (const file of [`${calls.of801.text}-3.mp3`, `${calls.of801.text}-1.exe`, `${calls.of801.text}-.mp3`, `${calls.of801.text}-1`, `${calls.of801.text}-99999999999.mp3`, '..%2f..%2fetc%2fpasswd', 'x.mp3', `${calls.of801.text}-1.mp3%00`])
		assert.ok([400, 404].includes((await client.go(`/reports/recordings/${file}`)).status), file);
	assert.equal((await client.go('/_rec/2/x/of801-1.mp3')).status, 404, 'not without the application');
	const count = audits().length;
	stack.sql('RENAME TABLE audit_log TO audit_log_away');
	const refused = await client.go(url);
	assert.equal(refused.status, 500, 'no audit, no sound');
	assert.ok(!(await refused.text()).includes('0123456789'));
	stack.sql('RENAME TABLE audit_log_away TO audit_log');
	assert.equal(audits().length, count);
});

// ---- agents ----

test('STATE-02 STATE-03 own state goes to the engine as a command of the agent', async () => {
	await stack.startEngine((method, params) => {
		if (params.state === 'idle') throw { reason: 'in_call' };
		if (params.state === 'offline') throw { reason: 'never_heard_of' };
		return { agent: params.agent, work: params.state ?? 'online' };
	});
	const client = await as('demo', '802');
	assert.deepEqual(stack.commands.map((c) => [c.method, c.params.agent]), [['cc.agent.get', '802']], 'AUTH-01: online already, left alone');
	stack.commands.length = 0;
	const send = (path, fields) => client.post(path, { csrf: client.csrf, ...fields }, { accept: 'application/json' });
	assert.equal((await send('/desk/me/sign-in', {})).status, 200);
	assert.equal((await send('/desk/me/sign-out', { queue: '600' })).status, 200);
	assert.equal((await send('/desk/me/work', { state: 'busy', reason: 'meal' })).status, 200);
	assert.equal((await send('/desk/me/wrap-up-end', {})).status, 200);
	assert.deepEqual(stack.commands.map(({ method, params: { request, ...params } }) => {
		assert.match(request, /^[0-9A-Z]{26}$/);
		return [method, params];
	}), [
		['cc.agent.sign', { tenant: 2, actor: 'agent:802', agent: '802', on: true }],
		['cc.agent.sign', { tenant: 2, actor: 'agent:802', agent: '802', on: false, queue: '600' }],
		['cc.agent.work', { tenant: 2, actor: 'agent:802', agent: '802', state: 'busy', reason: 'meal' }],
		['cc.agent.wrapup_end', { tenant: 2, actor: 'agent:802', agent: '802' }],
	]);
	const refused = await send('/desk/me/work', { state: 'idle' });
	assert.equal(refused.status, 409);
	assert.equal((await refused.json()).error.message, '通话或业务进行中，现在不能这样操作。');
	assert.equal((await (await send('/desk/me/work', { state: 'offline' })).json()).error.message, 'never_heard_of');
	assert.equal((await client.post('/desk/me/sign-in', { csrf: client.csrf })).headers.get('location'), '/desk/board', 'without a script');
	stack.commands.length = 0;
	for (const [path, fields] of [['/desk/me/work', {}], ['/desk/me/work', { state: 'sleeping' }], ['/desk/me/work', { state: 'busy', reason: 'x","state":"idle' }], ['/desk/me/sign-in', { queue: '6"00' }], ['/desk/me/sign-in', { queue: '6'.repeat(99) }]])
		assert.equal((await send(path, fields)).status, 400, JSON.stringify(fields));
	assert.equal((await send('/desk/me/explode', {})).status, 404);
	assert.deepEqual(stack.commands, []);
	// an administrator is no agent; agents may not set others; leaders only their own people
	const admin = await as('demo', 'admin');
	assert.equal((await admin.post('/desk/me/work', { csrf: admin.csrf, state: 'busy' }, { accept: 'application/json' })).status, 403);
	assert.equal((await admin.post('/desk/agents/807/work', { csrf: admin.csrf, state: 'busy' }, { accept: 'application/json' })).status, 200);
	assert.deepEqual(stack.commands.at(-1).params.actor, 'user:1');
	assert.equal((await send('/desk/agents/801/work', { state: 'busy' })).status, 403);
	const leader = await as('demo', '801');
	assert.equal((await leader.post('/desk/agents/802/sign-out', { csrf: leader.csrf }, { accept: 'application/json' })).status, 200);
	assert.equal(stack.commands.at(-1).params.actor, 'agent:801');
	assert.equal((await leader.post('/desk/agents/807/sign-out', { csrf: leader.csrf }, { accept: 'application/json' })).status, 404);
	await stack.stopEngine();
	assert.equal((await send('/desk/me/sign-in', {})).status, 503);
});

test('AUTH-01 an agent that was offline is away after signing in', async () => {
	await stack.startEngine((method, params) => ({ agent: params.agent, work: 'offline' }));
	await as('demo', '802');
	assert.deepEqual(stack.commands.map((c) => [c.method, c.params.state]), [['cc.agent.get', undefined], ['cc.agent.work', 'away']]);
	await stack.stopEngine();
});

test('an engine that is silent, slow or talks nonsense costs a second and takes nothing down', async () => {
	const client = await as('demo', '802');
	const answers = [() => new Promise(() => {}), () => 'text', () => null, () => [1], () => ({ agents: 'x', waiting: { a: 1 } }), () => ({ agents: [null, 1, {}, { agent: {} }], waiting: [null, { queue: 600 }, 7] })];
	for (const answer of answers) {
		await stack.startEngine(answer);
		const start = Date.now();
		const board = await client.json('/desk/board?format=json');
		assert.equal(board.status, 200);
		assert.equal((await board.json()).agents.length, 2);
		assert.ok(Date.now() - start < 2500);
		stack.engine.close();
		stack.engine = null;
	}
	await stack.startEngine(() => { throw { reason: 5 }; });
	assert.equal((await (await client.json('/desk/board?format=json')).json()).engine, false);
	await stack.stopEngine();
});

test('the board without an engine has names, figures and says so', async () => {
	stack.sql(`INSERT INTO rollup_queue (tenant_id, bucket, queue, answered, abandoned, within_10s) VALUES (2, ${now - (now % 900000)}, '600', 7, 2, 5), (2, ${now - 3 * 24 * hour}, '600', 100, 100, 100), (3, ${now - (now % 900000)}, '600', 50, 50, 50)`);
	const board = await (await (await as('demo', '801')).json('/desk/board?format=json')).json();
	assert.equal(board.engine, false);
	assert.deepEqual(board.queues, [{ queue: '600', name: '销售 Sales', answered: 7, abandoned: 2, within: 5 }]);
});

// ---- limits and bad requests ----

test('bad requests are refused and take nothing down', async () => {
	const client = await as('demo', 'admin');
	const body = (text, type = 'application/x-www-form-urlencoded') => client.go('/desk/language', { method: 'POST', body: text, headers: { 'content-type': type, origin: stack.url, 'x-csrf-token': client.csrf } });
	assert.equal((await body(`language=en&x=${'y'.repeat(300 * 1024)}`)).status, 413);
	assert.equal((await body('language=en', 'multipart/form-data; boundary=x')).status, 400);
	assert.equal((await body('{"language":"en"}', 'application/json')).status, 400);
	assert.equal((await body('language=%')).status, 400);
	assert.equal((await body('language=%00')).status, 400);
	assert.equal((await body('a=1&'.repeat(2000))).status, 413);
	assert.equal((await body('language=%FF')).status, 400);
	for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) assert.equal((await client.go('/desk/board', { method })).status, 405, method);
	const head = await client.go('/desk/board', { method: 'HEAD' });
	assert.equal(head.status, 200);
	assert.equal(await head.text(), '');
	assert.equal((await client.go(`/desk/board?a=${'x'.repeat(7000)}`)).status, 200);
	assert.equal((await client.go(`/desk/board?${'x'.repeat(7000)}`)).status, 413);
	assert.equal((await client.go(`/desk/board?${'a=1&'.repeat(1500)}`)).status, 413);
	assert.equal((await client.go('/desk/board?format=xml')).status, 200);
	assert.equal((await client.go('/reports/calls?format=xml')).status, 400);
	assert.equal((await client.go('/desk/../desk/none')).status, 404);
	assert.equal((await fetch(`${stack.url}/desk/sign-in`, { headers: { 'user-agent': 'x'.repeat(3000), cookie: 'a=b; '.repeat(300) } })).status, 200);
});

test('the FastCGI socket survives garbage', async () => {
	const garbage = ['GET / HTTP/1.0\r\n\r\n', Buffer.alloc(64), Buffer.from([1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0]), Buffer.from([1, 1, 0, 1, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0]), Buffer.from([1, 4, 0, 1, 255, 255, 0, 0]), ''];
	for (const bytes of garbage) {
		await new Promise((resolve) => {
			const socket = connect(join(stack.run, 'sock/desk.sock'), () => socket.end(bytes));
			socket.on('close', resolve);
			socket.on('error', resolve);
			socket.resume();
		});
	}
	assert.equal((await fetch(`${stack.url}/desk/sign-in`)).status, 200);
});

// ---- processes ----

const workers = () => spawnSync('pgrep', ['-P', stack.desk.pid]).stdout.toString().trim().split('\n').map(Number).sort((a, b) => a - b);

test('SIGHUP executes the program again without a failed request', async () => {
	const client = await as('demo', 'admin');
	const old = workers();
	assert.equal(old.length, 2);
	let running = true, requests = 0;
	const load = Array.from({ length: 4 }, async () => {
		while (running) {
			const answer = await client.json('/desk/board?format=json');
			assert.equal(answer.status, 200);
			await answer.text();
			requests++;
		}
	});
	for (let i = 0; i < 5; i++) {
		await sleep(150);
		stack.desk.kill('SIGHUP');
	}
	await sleep(500);
	running = false;
	await Promise.all(load);
	assert.ok(requests > 20);
	await stack.until(() => workers().length === 2, 'the old workers to end');
	assert.equal(workers().filter((pid) => old.includes(pid)).length, 0, 'all are new');
});

test('a worker that dies is replaced', async () => {
	const [victim] = workers();
	process.kill(victim, 'SIGKILL');
	await stack.until(() => workers().length === 2 && !workers().includes(victim), 'a new worker');
	await stack.until(() => stack.desk.log.includes('ended'), 'the log');
	stack.desk.log = stack.desk.log.replace(/worker \d+ ended.*\n/, '');
	assert.equal((await fetch(`${stack.url}/desk/sign-in`)).status, 200);
});

test('the applications come back by themselves when the database does', async () => {
	const client = await as('demo', 'admin');
	stack.mariadb.kill('SIGTERM');
	await stack.mariadb.ended;
	stack.parts.splice(stack.parts.indexOf(stack.mariadb), 1);
	const away = await client.go('/desk/board');
	assert.equal(away.status, 503);
	assert.match(await away.text(), /暂不可用/);
	assert.equal((await client.json('/reports/calls?format=json', demoKey)).status, 503);
	assert.equal((await new Client(stack.url).go('/desk/sign-in')).status, 200, 'a page that needs no database');
	stack.database();
	await stack.until(() => stack.sql('SELECT 1'), 'MariaDB');
	for (let i = 0; i < 6; i++) assert.equal((await client.go('/desk/board')).status, 200, 'each worker connects again');
});

test('PHP\'s page of the benchmark has the columns of the list of calls, in their order, shown and sorted alike', () => {
	const SORT = 1, PAGE = 2, HIDDEN = 32;
	const php = readFileSync(new URL('../bench/web.php', import.meta.url), 'utf8').match(/\$columns = \[([^]*?)\n\];/)[1];
	const its = [...php.matchAll(/'(\w+)' => \[(?:'[^']*'|"[^"]*"), (?:'[^']*'|\$\w+), '\w*', (true|false), (true|false)\]/g)].map(([, name, shown, sorted]) => [name, shown === 'true', sorted === 'true']);
	const own = JSON.parse(stack.sql("SELECT columns FROM registry_resource WHERE path = '/reports/calls'")[0][0]);
	assert.deepEqual(its, own.filter((c) => c.flags & PAGE).map((c) => [c.name, !(c.flags & HIDDEN), !!(c.flags & SORT)]), 'bring tests/bench/web.php up to date');
});

test('the same program answers a plain CGI request', () => {
	const env = { GATEWAY_INTERFACE: 'CGI/1.1', CC_CONF: stack.conf, REQUEST_METHOD: 'GET', SCRIPT_NAME: '/reports/calls', QUERY_STRING: 'format=json', HTTP_AUTHORIZATION: 'Bearer demo-api-key', REMOTE_ADDR: '127.0.0.1' };
	const run = spawnSync(join(build, 'bin/cc-reports'), [], { env });
	assert.equal(run.status, 0, run.stderr.toString());
	const [head, body] = run.stdout.toString().split('\r\n\r\n');
	assert.match(head, /^Status: 200 OK\r\nContent-Type: application\/json/);
	assert.equal(JSON.parse(body).rows.length, 6);
	const post = spawnSync(join(build, 'bin/cc-desk'), [], { env: { ...env, REQUEST_METHOD: 'POST', SCRIPT_NAME: '/desk/sign-in', HTTP_AUTHORIZATION: '', CONTENT_TYPE: 'application/x-www-form-urlencoded', CONTENT_LENGTH: '47' }, input: 'tenant=demo&username=admin&password=demo-admin&' });
	assert.match(post.stdout.toString(), /^Status: 303 See Other/);
});

test('a start that cannot work says why', () => {
	const start = (conf) => {
		const file = join(stack.run, 'bad.conf');
		writeFileSync(file, conf);
		const run = spawnSync(join(build, 'bin/cc-desk'), ['-c', file], { timeout: 10000 });
		return [run.status, run.stderr.toString()];
	};
	const good = readFileSync(stack.conf, 'utf8');
	assert.match(start(`${good}NONSENSE = 1\n`)[1], /bad\.conf:5: .*NONSENSE/);
	assert.match(start(good.replace(/^CC_PREFIX = .*$/m, 'CC_PREFIX = /nowhere'))[1], /catalogue/);
	assert.match(start(good.replace(`CC_RUN = ${stack.run}`, 'CC_RUN = /nowhere'))[1], /secret/);
	assert.equal(spawnSync(join(build, 'bin/cc-desk'), []).status, 2);
});
