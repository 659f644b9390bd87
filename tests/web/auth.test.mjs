// SPDX-License-Identifier: GPL-2.0-or-later
// Signing in: captcha, freezing, issued passwords, addresses, the password page, ends of sessions.
import assert from 'node:assert/strict';
import { after, beforeEach, before, test } from 'node:test';
import { Client } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack();
const hour = 3600000;
before(() => stack.start());
after(() => stack.stop());
beforeEach(() => stack.sql('DELETE FROM sign_in_failure; DELETE FROM captcha; DELETE FROM preference'));

async function as(tenant, username, password = `${tenant}-${username}`) {
	const client = new Client(stack.url);
	const answer = await client.signIn(tenant, username, password);
	assert.equal(answer.status, 303, `${username} signs in`);
	return client;
}

const alertOf = (html) => html.match(/role="alert">([^<]*)/)?.[1];
const captchaOf = (html) => html.match(/name="captcha_id" value="([\w-]{43})"/)?.[1];

// One attempt; the answer's status, its text and the captcha it asks for.
async function attempt(client, fields) {
	const answer = await client.post('/desk/sign-in', { tenant: 'demo', username: '806', password: 'wrong', ...fields });
	const html = answer.status === 303 ? '' : await answer.text();
	return { status: answer.status, alert: alertOf(html), captcha: captchaOf(html), location: answer.headers.get('location'), html };
}

// Looks at the picture as the server does.
async function solve(client, token) {
	const image = await client.go(`/desk/captcha/${token}`);
	assert.equal(image.headers.get('content-type'), 'image/png');
	const bytes = Buffer.from(await image.arrayBuffer());
	assert.deepEqual([...bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
	return stack.sql('SELECT answer FROM captcha ORDER BY expires_at DESC LIMIT 1')[0][0];
}

test('AUTH-02 three wrong passwords ask for the characters of a picture, which are good for one attempt', async () => {
	const client = new Client(stack.url);
	for (let i = 0; i < 2; i++) assert.equal((await attempt(client)).captcha, undefined, `attempt ${i + 1}`);
	const third = await attempt(client);
	assert.equal(third.status, 401);
	assert.ok(third.captcha, 'the third asks');
	assert.match(third.html, /<img src="\/desk\/captcha\/[\w-]+"[^>]* alt="[^"]+"/);
	// the right password without the characters is not looked at, and is not counted
	const without = await attempt(client, { password: 'demo-806' });
	assert.equal(without.status, 401);
	assert.match(without.alert, /验证码/);
	assert.equal(stack.sql("SELECT failures FROM sign_in_failure WHERE username = '806'")[0][0], '3');
	assert.equal(stack.sql("SELECT COUNT(*) FROM audit_log WHERE tenant_id = 2 AND action = 'desk.session.refused' AND user_name = '806' AND address = '127.0.0.1'")[0][0], '3', 'in the log');
	const wrong = await attempt(client, { password: 'demo-806', captcha_id: without.captcha, captcha: 'zzzzz' });
	assert.equal(wrong.status, 401);
	// case does not matter; a wrong password uses the characters up
	let characters = await solve(client, wrong.captcha);
	const used = await attempt(client, { captcha_id: wrong.captcha, captcha: characters.toUpperCase() });
	assert.equal(used.status, 401);
	assert.match(used.alert, /密码不正确/);
	assert.equal((await attempt(client, { password: 'demo-806', captcha_id: wrong.captcha, captcha: characters })).status, 401, 'used before');
	// another picture behind the same form makes the first worthless
	const old = await solve(client, used.captcha);
	characters = await solve(client, used.captcha);
	if (old.toLowerCase() !== characters.toLowerCase())
		assert.equal((await attempt(client, { password: 'demo-806', captcha_id: used.captcha, captcha: old })).status, 401);
	const fresh = await attempt(client, { password: 'demo-806' });
	characters = await solve(client, fresh.captcha);
	const right = await attempt(client, { password: 'demo-806', captcha_id: fresh.captcha, captcha: characters.toLowerCase() });
	assert.equal(right.status, 303);
	assert.deepEqual(stack.sql("SELECT * FROM sign_in_failure WHERE username = '806'"), [], 'success forgets failures');
	assert.deepEqual(stack.sql('SELECT * FROM captcha'), [], 'nothing is left');
});

test('AUTH-02 the picture has another one and a spoken form; foreign tokens have neither', async () => {
	const client = new Client(stack.url);
	for (let i = 0; i < 3; i++) await attempt(client);
	const form = await attempt(client, { another: '1', password: '' });
	assert.equal(form.status, 200);
	assert.ok(form.captcha);
	assert.equal(form.alert, undefined);
	const sound = await client.go(`/desk/captcha/${form.captcha}/sound`);
	assert.equal(sound.headers.get('content-type'), 'audio/wav');
	const wav = Buffer.from(await sound.arrayBuffer());
	assert.equal(wav.toString('latin1', 0, 4), 'RIFF');
	assert.equal(wav.readUInt32LE(4), wav.length - 8);
	assert.ok(wav.length > 5 * 8000, 'five digits are spoken');
	const digits = stack.sql('SELECT answer FROM captcha')[0][0];
	assert.match(digits, /^\d{5}$/);
	assert.equal((await attempt(client, { password: 'demo-806', captcha_id: form.captcha, captcha: digits })).status, 303);
	for (const token of ['x', 'a'.repeat(44), `${'a'.repeat(42)}'`, `${'a'.repeat(42)}%00`]) assert.ok([400, 404].includes((await client.go(`/desk/captcha/${encodeURIComponent(token)}`)).status), token);
	// an answer that is too old is none
	const slow = new Client(stack.url);
	for (let i = 0; i < 3; i++) await attempt(slow);
	const late = await attempt(slow);
	const characters = await solve(slow, late.captcha);
	stack.sql('UPDATE captcha SET expires_at = 1');
	assert.equal((await attempt(slow, { password: 'demo-806', captcha_id: late.captcha, captcha: characters })).status, 401);
});

test('AUTH-02 ten wrong passwords freeze the account for 24 hours; an address that tries many accounts reads pictures', async () => {
	const client = new Client(stack.url);
	for (let i = 0; i < 3; i++) await attempt(client);
	stack.sql("UPDATE sign_in_failure SET failures = 9 WHERE username = '806'");
	const before = await attempt(client);
	const tenth = await attempt(client, { captcha_id: before.captcha, captcha: await solve(client, before.captcha) });
	assert.match(tenth.alert, /密码不正确/);
	const until = Number(stack.sql("SELECT frozen_until FROM sign_in_failure WHERE username = '806'")[0][0]);
	assert.ok(Math.abs(until - Date.now() - 24 * hour) < 60000);
	assert.match((await attempt(client, { password: 'demo-806' })).alert, /冻结 24 小时/);
	stack.sql('UPDATE sign_in_failure SET frozen_until = 1, last_at = last_at - 90000000');
	assert.equal((await attempt(client, { password: 'demo-806' })).status, 303, 'over after 24 hours');

	stack.sql('DELETE FROM sign_in_failure');
	const stranger = new Client(stack.url);
	for (let i = 0; i < 10; i++) await attempt(stranger, { username: `nobody${i}` });
	assert.ok((await attempt(stranger, { username: '807', password: 'demo-807' })).captcha, 'the eleventh account too');
	stack.sql(`UPDATE sign_in_failure SET last_at = last_at - ${2 * hour}`);
	assert.equal((await attempt(stranger, { username: '807', password: 'demo-807' })).status, 303, 'an hour later not');
});

test('attempts at the same time are all counted', async () => {
	await Promise.all(Array.from({ length: 12 }, () => attempt(new Client(stack.url), { username: 'clerk' })));
	assert.equal(stack.sql("SELECT failures FROM sign_in_failure WHERE username = 'clerk'")[0][0], '3', 'the others had to read a picture');
});

test('AUTH-07 an issued password opens nothing but the page that changes it', async () => {
	stack.sql('UPDATE user SET password_due = 1 WHERE id = 3');
	const client = await as('demo', '802');
	assert.equal((await client.go('/desk/board')).headers.get('location'), '/desk/password');
	assert.equal((await client.go('/reports/calls')).headers.get('location'), '/desk/password');
	assert.equal((await client.json('/reports/calls?format=json')).status, 403);
	const page = await (await client.go('/desk/password')).text();
	assert.match(page, /初始密码/);
	client.csrf = page.match(/name="csrf" value="(\w+)"/)[1];
	assert.equal((await client.post('/desk/me/work', { csrf: client.csrf, state: 'idle' })).status, 403);
	const changed = await client.post('/desk/password', { csrf: client.csrf, old: 'demo-802', new: 'Mine-is-27', again: 'Mine-is-27' });
	assert.equal(changed.headers.get('location'), '/desk/');
	assert.equal((await client.go('/desk/board')).status, 200);
	assert.equal(stack.sql('SELECT password_due FROM user WHERE id = 3')[0][0], '0');
	stack.sql("UPDATE user u JOIN user o ON o.id = 3 SET u.password_hash = u.password_hash");
});

test('AUTH-03 the password page: old, new and repeated, a rule, and every other session ends', async () => {
	const client = await as('demo', '807'), elsewhere = await as('demo', '807');
	const change = async (fields) => {
		const answer = await client.post('/desk/password', { csrf: client.csrf, old: 'demo-807', new: 'A-good-one-1', again: 'A-good-one-1', ...fields });
		return [answer.status, answer.status === 303 ? answer.headers.get('location') : alertOf(await answer.text())];
	};
	const cases = [
		[{ old: 'wrong' }, /old password is wrong/], [{ old: '' }, /old password is wrong/], [{ again: 'B-good-one-1' }, /differ/], [{ new: '', again: '' }, /At least 8/],
		[{ new: 'Ab-12', again: 'Ab-12' }, /At least 8/], [{ new: 'abcdefghk', again: 'abcdefghk' }, /two of these kinds/], [{ new: '807-807', again: '807-807' }, /At least 8|user name/],
		[{ new: 'Password1', again: 'Password1' }, /easy to guess/], [{ new: 'demo-807', again: 'demo-807' }, /is the old one/], [{ new: 'x1'.repeat(129), again: 'x1'.repeat(129) }, /too long/],
	];
	for (const [fields, text] of cases) {
		const [status, alert] = await change(fields);
		assert.equal(status, 400, JSON.stringify(fields).slice(0, 60));
		assert.match(alert, text);
	}
	assert.equal(stack.sql("SELECT failures FROM sign_in_failure WHERE username = '807'").length, 0, 'a right old password forgets the wrong ones');
	assert.equal((await elsewhere.go('/desk/board')).status, 200);
	assert.deepEqual(await change({}), [303, '/desk/password?saved=1']);
	assert.match(await (await client.go('/desk/password?saved=1')).text(), /other sessions have ended/);
	assert.equal((await elsewhere.go('/desk/board')).status, 303, 'the other session is gone');
	assert.equal((await new Client(stack.url).signIn('demo', '807', 'demo-807')).status, 401);
	assert.equal((await new Client(stack.url).signIn('demo', '807', 'A-good-one-1')).status, 303);
	assert.ok(stack.sql("SELECT COUNT(*) FROM audit_log WHERE action = 'desk.password.change' AND object = '807' AND detail IS NULL")[0][0] === '1');
	// guessing the old password freezes like guessing at the door
	for (let i = 0; i < 10; i++) await change({ old: `guess${i}` });
	assert.match((await change({ old: 'A-good-one-1', new: 'demo-807', again: 'demo-807' }))[1], /frozen/);
	assert.equal((await client.post('/desk/password', { old: 'x', new: 'y', again: 'y' })).status, 403, 'CSRF');
	assert.equal((await client.go('/desk/password', { headers: { authorization: 'Bearer demo-api-key', cookie: '' } })).status, 403);
});

test('AUTH-04 addresses that may sign in and that may use the API, each with its own list', async () => {
	const key = { authorization: 'Bearer demo-api-key' };
	const allow = (name, list) => stack.sql(`REPLACE INTO preference (tenant_id, name, value) VALUES (2, '${name}', '${list}')`);
	const inside = await as('demo', 'admin');
	allow('web_addresses', '192.0.2.0/24\n2001:db8::/32\n');
	const answer = await new Client(stack.url).signIn('demo', 'admin', 'demo-admin');
	assert.equal(answer.status, 401);
	assert.match(alertOf(await answer.text()), /地址/);
	assert.match(alertOf(await (await new Client(stack.url).signIn('demo', 'admin', 'wrong')).text()), /密码不正确/, 'said only to who knows the password');
	assert.equal((await inside.go('/desk/board')).status, 403, 'a session that is open moves nothing any more');
	assert.equal((await inside.go('/desk/sign-in')).status, 200);
	assert.equal((await inside.json('/reports/calls?format=json', { ...key, cookie: '' })).status, 200, 'the API has its own list');
	assert.equal((await new Client(stack.url).signIn('other', 'admin', 'other-admin')).status, 303, 'so has the other tenant');
	allow('web_addresses', '127.0.0.0/8');
	assert.equal((await inside.go('/desk/board')).status, 200);
	allow('api_addresses', '10.0.0.0/8');
	assert.equal((await inside.json('/reports/calls?format=json', { ...key, cookie: '' })).status, 403);
	allow('api_addresses', '127.0.0.1');
	assert.equal((await inside.json('/reports/calls?format=json', { ...key, cookie: '' })).status, 200);
});

test('AUTH-03 signing out ends the session; an agent that works in the browser leaves its queues with the last', async () => {
	stack.sql('UPDATE agent SET browser_work = 1 WHERE id = 1');
	await stack.startEngine((method, params) => ({ agent: params.agent, work: 'away' }));
	try {
		const first = await as('demo', '801'), second = await as('demo', '801');
		const given = (prefix) => stack.commands.filter((c) => c.params.request && c.method.startsWith(prefix));
		const asked = () => given('cc.agent.').map((c) => `${c.method} ${c.params.on ?? c.params.state}`);
		const ended = () => new Set(given('cc.webphone.revoke').map((c) => c.params.session));	// web phones of these sessions
		await first.post('/desk/sign-out', { csrf: first.csrf });
		assert.deepEqual(asked(), [], 'a session is left');
		assert.equal(ended().size, 1);
		const cookie = second.jar.get('cc_session');
		await second.post('/desk/sign-out', { csrf: second.csrf });
		assert.deepEqual(asked(), ['cc.agent.sign false', 'cc.agent.work offline']);
		assert.equal(ended().size, 2);
		second.jar.set('cc_session', cookie);
		assert.equal((await second.go('/desk/board')).status, 303);
		assert.equal(stack.sql('SELECT COUNT(*) FROM session WHERE user_id = 2')[0][0], '0');
	} finally {
		await stack.stopEngine();
	}
});

test('AUTH-01 the start page is the one of the role, if the menu has it', async () => {
	const home = async (path) => {
		stack.sql(`UPDATE role SET home = '${path}' WHERE tenant_id = 2 AND id = 2`);
		const client = await as('demo', '801');
		return (await client.go('/')).headers.get('location');
	};
	assert.equal(await home('/reports/calls'), '/reports/calls');
	const first = await home('');
	assert.equal(first, '/desk/');
	for (const path of ['/reports/none', '//evil.example', '/admin/roles']) assert.equal(await home(path), first, path);
});
