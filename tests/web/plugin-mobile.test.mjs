// SPDX-License-Identifier: GPL-2.0-or-later
// CALL-06, CALL-12, PLAT-18: agents choose their terminal on the desk; the mobile app, a paid plugin, as one sees it on a phone; and
// without a contract.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { launch } from '../lib/chromium.mjs';
import { callRow, Client, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack({ plugins: ['plugins/mobile', 'plugins/webphone'] });
const profile = mkdtempSync(join(tmpdir(), 'ccmobile-'));
const asJson = { accept: 'application/json' };
const running = new Set(); // calls of the engine
let admin, leader, agent, other, browser, callState = 'idle';

const contract = (name, on, tenant = 'demo') => {
	const { code, out } = stack.cli('plugin', on ? 'enable' : 'disable', name, '--tenant', tenant);
	assert.equal(code, 0, out);
};
const signedIn = async (tenant, username) => {
	const client = new Client(stack.url);
	assert.equal((await client.signIn(tenant, username, `${tenant}-${username}`)).status, 303);
	return client;
};

before(async () => {
	await stack.start();
	await stack.startEngine((method, params) => {
		if (method === 'cc.calls') return { calls: [...running].map((call) => ({ call })) };
		if (method === 'cc.call.hangup' && !running.delete(params.call)) throw { reason: 'no_such_call' };
		if (method === 'cc.call.dial') return { call: ulid(Date.now()).text };
		if (method === 'cc.call.hangup') return {};
		if (method === 'cc.webphone.credential') throw { reason: 'not_in_contract' };
		return { agent: params.agent, work: 'online', call_state: callState, queues: ['600'], registered: 1, reason: '', since: Date.now() - 65000, queue: '' };
	});
	for (const name of ['mobile', 'webphone']) assert.equal(stack.cli('plugin', 'enable', name).code, 0);
	stack.sql(`INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 2, 'mobile.*'), (2, 3, 'mobile.app.use'), (2, 2, 'webphone.*'), (2, 3, 'webphone.*'), (2, 2, 'crm.*'), (2, 3, 'crm.card.view');
		INSERT INTO did (tenant_id, number, target_kind, target) VALUES (2, '4008001', 'queue', '600')`);
	[admin, leader, agent, other] = await Promise.all([['demo', 'admin'], ['demo', '801'], ['demo', '802'], ['other', '801']].map(([tenant, name]) => signedIn(tenant, name)));
	assert.equal((await leader.post('/crm/customers/default/new', { csrf: leader.csrf, name: '张三', phone: '13800000001', agent_id: '1' }, asJson)).status, 200);
	browser = await launch(profile);
});
after(async () => {
	await browser?.close();
	rmSync(profile, { recursive: true, force: true });
	await stack.stop();
});
beforeEach(() => {
	stack.sql("DELETE FROM call_leg; DELETE FROM calls; UPDATE agent SET terminal = 'all', mobile = ''; UPDATE user SET hide_numbers = 0, language = 'zh_CN'");
	running.clear();
	callState = 'idle';
	contract('mobile', true);
	contract('webphone', true);
});

const text = async (client, path) => (await client.go(path)).text();
const post = (client, path, fields = {}, headers = asJson) => client.post(path, { csrf: client.csrf, ...fields }, headers);
const status = async (...request) => (await post(...request)).status;
const stored = (number = '801', tenant = 2) => stack.sql(`SELECT terminal, mobile FROM agent WHERE tenant_id = ${tenant} AND number = '${number}'`)[0].concat('').slice(0, 2);
// [value, pressed] of the choices in the bar
const choices = async (client) => [...(await text(client, '/desk/me')).matchAll(/name="terminal" value="(\w+)" aria-pressed="(\w+)"/g)].map(([, code, on]) => (on === 'true' ? `${code}*` : code));
const own = (number, mobile) => stack.sql(`UPDATE agent SET mobile = '${mobile}' WHERE tenant_id = 2 AND number = '${number}'`);

// A call of an agent: taken, over, running, …
let calls = 0;
function call(number, { minutes = 10, answered = true, ended = true, ...fields } = {}) {
	const at = Date.now() - minutes * 60000, id = ulid(at, ++calls);
	stack.sql(callRow(id, { at, agent: answered ? number : null, ...(ended ? {} : { ended_at: null, cause: null, side: null }), ...fields }));
	stack.sql(`INSERT INTO call_leg (tenant_id, id, call_id, role, agent, started_at, answered_at, ended_at) VALUES (2, X'${ulid(at, 1000 + calls).hex}', X'${id.hex}', 'agent', '${number}', ${at}, ${answered ? at + 5000 : 'NULL'}, ${ended ? at + 60000 : 'NULL'})`);
	if (!ended) running.add(id.text);
	return id.text;
}

test('CALL-06: the choice has what the tenant, the role and the number allow; it works at once, for all pages, and is written down', async () => {
	const generation = () => Number(stack.sql('SELECT generation FROM configuration_generation')[0][0]);
	assert.deepEqual(await choices(leader), ['phone', 'all*', 'web'], 'no number yet');
	own('801', '13900001111');
	assert.deepEqual(await choices(leader), ['phone', 'all*', 'web', 'mobile']);
	assert.match(await text(leader, '/desk/me'), /电话管家<small>13900001111<\/small>/);
	const before = generation();
	assert.equal((await post(leader, '/desk/me/terminal', { terminal: 'mobile' }, {})).status, 303);
	assert.equal(stored()[0], 'mobile');
	assert.ok(generation() > before, 'the engine reads it');
	assert.deepEqual(stack.changes.at(-1), { tenant: '2', topic: 'terminal', id: '801' });
	assert.deepEqual(await choices(leader), ['phone', 'all', 'web', 'mobile*']);
	assert.deepEqual(stack.sql("SELECT action, object, detail FROM audit_log WHERE tenant_id = 2 ORDER BY id DESC LIMIT 1")[0], ['desk.agent.terminal', '801', '{"terminal":["all","mobile"]}']);
	assert.match(await text(admin, '/admin/audit'), /坐席: 来电终端|坐席/);
	stack.sql("DELETE FROM role_permission WHERE role_id = 2 AND permission = 'webphone.*'");
	assert.deepEqual(await choices(leader), ['phone', 'mobile*'], 'the role has no web phone');
	assert.equal(await status(leader, '/desk/me/terminal', { terminal: 'web' }), 409);
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 2, 'webphone.*')");
});

test('CALL-06: nothing is shown where there is nothing to choose; "all" is the bound phone then', async () => {
	contract('webphone', false);
	assert.deepEqual(await choices(agent), []);
	assert.doesNotMatch(await text(agent, '/desk/me'), /class="pop terminal"/);
	own('802', '13900002222');
	assert.deepEqual(await choices(agent), ['phone*', 'mobile']);
	contract('mobile', false);
	assert.doesNotMatch(await text(agent, '/desk/me'), /class="pop terminal"|13900002222/);
});

test('CALL-06: choices that are not offered, without a token, of other agents and tenants: refused, nothing is changed', async () => {
	own('801', '13900001111');
	for (const terminal of ['', 'MOBILE', 'mobile ', "web' OR '1'='1", '<b>', 'x'.repeat(3000), 'all,phone']) assert.equal(await status(leader, '/desk/me/terminal', { terminal }), 400, terminal);
	assert.equal(await status(leader, '/desk/me/terminal'), 400);
	assert.equal((await leader.post('/desk/me/terminal', { terminal: 'mobile' })).status, 403, 'no token');
	assert.equal((await leader.post('/desk/me/terminal', { terminal: 'mobile', csrf: agent.csrf })).status, 403, "another one's token");
	assert.equal((await leader.go('/desk/me/terminal', { method: 'POST', body: new URLSearchParams({ csrf: leader.csrf, terminal: 'mobile' }), headers: { origin: 'https://elsewhere.example' } })).status, 403);
	assert.equal(await status(agent, '/desk/me/terminal', { terminal: 'mobile', agent: '801', number: '801' }), 409, 'without a number');
	assert.equal(await status(admin, '/desk/me/terminal', { terminal: 'phone' }), 403, 'no agent');
	assert.equal(stored()[0], 'all');
	assert.equal(await status(other, '/desk/me/terminal', { terminal: 'phone' }), 200);
	assert.deepEqual([stored()[0], stored('801', 3)[0]], ['all', 'phone'], 'the same extension of another tenant');
});

test('CALL-06: the own number, for who may: digits, not one of the tenant\'s own; nothing else of the row', async () => {
	const N = '/desk/mobile/number';
	assert.match(await text(leader, '/desk/me'), /action="\/desk\/mobile\/number"/);
	assert.doesNotMatch(await text(agent, '/desk/me'), /mobile\/number/);
	assert.equal(await status(agent, N, { mobile: '13900002222' }), 403);
	assert.equal((await leader.post(N, { mobile: '13900001111' })).status, 403, 'no token');
	for (const mobile of ['1234', '1'.repeat(21), '139a0001111', '139+00001111', '*72*13900001111', "1390000'--", '１３９００００１１１１', '<b>13900001111', '13900001111,13900002222'])
		assert.equal(await status(leader, N, { mobile }), 400, mobile);
	assert.equal(await status(leader, N), 400);
	const refused = await post(leader, N, { mobile: '400 8001' });
	assert.equal(refused.status, 400);
	assert.match((await refused.json()).error.message, /本企业的号码/);
	for (const mobile of ['+4008001', '801', '802', '600']) assert.equal(await status(leader, N, { mobile }), 400);
	assert.equal(stored()[1], '');
	assert.equal(await status(leader, N, { mobile: '139-0000 1111', terminal: 'mobile', agent: '802' }), 200);
	assert.deepEqual([stored(), stored('802')], [['all', '13900001111'], ['all', '']]);
	assert.deepEqual(stack.sql("SELECT action, object, detail FROM audit_log WHERE tenant_id = 2 ORDER BY id DESC LIMIT 1")[0], ['mobile.number.update', '801', '{"mobile":["","13900001111"]}']);
	await post(leader, '/desk/me/terminal', { terminal: 'mobile' });
	assert.equal(await status(leader, N, { mobile: '' }), 200, 'it is taken away');
	assert.deepEqual(await choices(leader), ['phone', 'all*', 'web']);
	assert.match(await text(leader, '/desk/me'), /电话管家: 目前不可用/);
});

test('CALL-06 CALL-12: the last calls say which run, which were missed, who it is; masking and other agents\' calls hold', async () => {
	const taken = call('802', { minutes: 30 }), missed = call('802', { minutes: 20, answered: false, caller: '13800000002' });
	const now = call('802', { minutes: 1, ended: false, caller: '13800000003', caller_name: '李四 13800000003' });
	const dead = call('802', { minutes: 5, ended: false }), foreign = call('801', { ended: false });
	running.delete(dead);
	const recent = async () => (await agent.json('/crm/recent')).json();
	let answer = await recent();
	assert.deepEqual(answer.rows.map((r) => [r.call, r.missed, r.taken, 'since' in r]), [[now, false, true, true], [dead, false, true, false], [missed, true, false, false], [taken, false, true, false]]);
	assert.deepEqual([answer.calls, answer.cards, answer.rows[0].number], [true, true, '13800000003']);
	stack.sql("UPDATE user SET hide_numbers = 1 WHERE tenant_id = 2 AND username = '802'");
	answer = await recent();
	assert.deepEqual([answer.rows[0].number, answer.rows[2].number], ['138****0003', '138****0002']);
	assert.ok(!JSON.stringify(answer).includes('13800000003'), 'nor in the name');
	assert.equal(await status(agent, `/crm/recent/${missed}`), 200);
	assert.deepEqual(stack.commands.filter((c) => c.method === 'cc.call.dial').at(-1).params.number, '13800000002', 'called all the same');
	assert.equal(await status(agent, `/crm/recent/${foreign}`), 404);
	assert.equal((await admin.json('/crm/recent')).status, 404);

	const end = (client, id) => status(client, `/desk/mobile/calls/${id}/hang-up`);
	for (const id of [foreign, missed, taken, ulid(1, 1).text]) assert.equal(await end(agent, id), 409, id);
	for (const id of ['x', '%27', '0'.repeat(300)]) assert.equal(await end(agent, id), 404, id);
	assert.equal((await agent.post(`/desk/mobile/calls/${now}/hang-up`, {})).status, 403, 'no token');
	const rings = call('802', { minutes: 0.1, ended: false, answered: false });
	assert.equal(await end(agent, rings), 409, 'who does not take a call leaves it to others');
	assert.equal(await end(agent, now), 200);
	assert.equal(stack.commands.filter((c) => c.method === 'cc.call.hangup').length, 1);
	assert.equal(stack.sql("SELECT object FROM audit_log WHERE action = 'mobile.call.hang_up'")[0][0], `calls/${now}`);
	running.clear();
	assert.equal(await end(leader, foreign), 409, 'the engine has ended it');
});

test('PLAT-18: without a contract no page, no choice, no menu, nothing in the editor of roles; what was stored stays and comes back', async () => {
	own('802', '13900002222');
	await post(agent, '/desk/me/terminal', { terminal: 'mobile' });
	const gets = ['/desk/mobile/', '/desk/mobile/manifest'], posts = ['/desk/mobile/number', `/desk/mobile/calls/${ulid(1).text}/hang-up`];
	const roles = '/admin/role-permissions/3?component=mobile';
	assert.match(await text(admin, roles), /name="mobile\.app\.use"/);
	for (const [off, on] of [[['disable', 'mobile', '--tenant', 'demo'], ['enable', 'mobile', '--tenant', 'demo']], [['disable', 'mobile'], ['enable', 'mobile']]]) {
		assert.equal(stack.cli('plugin', ...off).code, 0);
		for (const path of gets) assert.equal((await agent.go(path)).status, 404, path);
		for (const path of posts) assert.equal(await status(leader, path, { mobile: '13900001111' }), 404, path);
		assert.doesNotMatch(await text(agent, '/desk/'), /mobile\//);
		assert.doesNotMatch(await text(admin, roles), /name="mobile\.|href="[^"]*component=mobile/);
		assert.deepEqual(await choices(agent), ['phone', 'all*', 'web']);
		const bar = await text(agent, '/desk/me');
		assert.match(bar, /电话管家: 目前不可用，来电改为您的其他话机振铃/);
		assert.doesNotMatch(bar, /13900002222/);
		assert.equal(await status(agent, '/desk/me/terminal', { terminal: 'mobile' }), 409);
		assert.deepEqual(stored('802'), ['mobile', '13900002222']);
		assert.equal(stack.cli('plugin', ...on).code, 0);
		for (const path of gets) assert.equal((await agent.go(path)).status, 200, path);
		assert.deepEqual(await choices(agent), ['phone', 'all', 'web', 'mobile*']);
	}
	assert.equal((await other.go('/desk/mobile/')).status, 404, 'a tenant without a contract');
	stack.sql("DELETE FROM role_permission WHERE role_id = 3 AND permission = 'mobile.app.use'");
	assert.equal((await agent.go('/desk/mobile/')).status, 403, 'a role without it');
	assert.deepEqual(await choices(agent), ['phone', 'all*', 'web']);
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 3, 'mobile.app.use')");
	const manifest = await (await agent.go('/desk/mobile/manifest')).json();
	assert.deepEqual([manifest.name, manifest.start_url, manifest.display], ['Tandem 电话管家', '/desk/mobile/', 'standalone']);
	for (const { src, type } of manifest.icons) {
		const icon = await agent.go(src);
		assert.deepEqual([icon.status, icon.headers.get('content-type')], [200, type], src);
	}
	assert.match(await text(admin, '/desk/mobile/'), /此账号没有分机/);
});

// ---- on a phone ----

async function phone(username, language, options = {}) {
	stack.sql(`UPDATE user SET language = '${language}' WHERE tenant_id = 2 AND username = '${username}'`);
	const context = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, locale: language === 'en' ? 'en-GB' : 'zh-CN', ...options });
	context.setDefaultTimeout(8000);
	const page = await context.newPage();
	page.faults = [];
	page.on('pageerror', (error) => page.faults.push(error.stack));
	page.on('console', (message) => { if (message.type() === 'error') page.faults.push(`${page.url()}: ${message.text()}`); });
	await page.goto(`${stack.url}/desk/mobile/`);
	assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), options.viewport?.width ?? 390, 'the page to sign in fits');
	await page.fill('[name=tenant]', 'demo');
	await page.fill('[name=username]', username);
	await page.fill('[name=password]', `demo-${username}`);
	await page.press('[name=password]', 'Enter');
	await page.waitForURL('**/desk/mobile/');
	await page.waitForSelector('.agent-actions');
	return page;
}
const shows = (page, selector, wanted) => page.waitForFunction(([s, w]) => new RegExp(w).test(document.querySelector(s)?.textContent.replace(/\s+/g, ' ') ?? ''), [selector, wanted])
	.catch(async () => assert.fail(`no ${selector} shows ${wanted}, the page has ${(await page.textContent('main')).replace(/\s+/g, ' ')} ${page.faults.join('\n')}`));

for (const [language, colorScheme, width, words] of [['zh_CN', 'light', 390, { in: '来电', talk: '通话中', calls: '最近通话', missed: '未接', bound: '默认绑定', none: '没有找到' }],
	['en', 'dark', 360, { in: 'Incoming call', talk: 'Talking', calls: 'Recent calls', missed: 'Missed', bound: 'Bound phone', none: 'Nobody was found' }]]) {
	test(`CALL-06 CALL-12 PLAT-18: the app on a screen of ${width} px, in ${language}: a call that rings and is taken, terminal, customers, missed calls`, async () => {
		own('801', '13900001111');
		call('801', { minutes: 40, caller: '13800000007' });
		call('801', { minutes: 30, answered: false, caller: '13800000009' });
		const page = await phone('801', language, { colorScheme, viewport: { width, height: 844 } });
		await shows(page, 'main', words.calls);
		await shows(page, '.recent .missed', `13800000009.*${words.missed}`);
		const box = await page.locator('[data-again]').first().boundingBox();
		assert.ok(box.width >= 44 && box.height >= 44, 'large enough for a thumb');
		assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);

		// it rings: there when it is in the database
		await page.waitForFunction(() => tandem.connection?.type === 'open');
		callState = 'ringing';
		stack.send('agent.state', { agent: '801', work: 'online', call_state: 'ringing', since: Date.now() });
		const id = call('801', { minutes: 0.1, answered: false, ended: false, caller: '13800000003', caller_name: '李四' });
		await shows(page, '.mobile-call', `李四.*13800000003.*${words.in}`);
		assert.equal(await page.isVisible('.mobile-end'), false);
		assert.match(await page.getAttribute('.mobile-call [data-call=card]', 'href'), new RegExp(`/crm/card\\?call=${id}`));
		callState = 'talking';
		stack.sql('UPDATE call_leg SET answered_at = started_at WHERE ended_at IS NULL');
		stack.send('agent.state', { agent: '801', work: 'online', call_state: 'talking', since: Date.now() });
		await shows(page, '.mobile-call', words.talk);
		const timer = await page.textContent('.mobile-call .timer');
		await page.waitForFunction((t) => document.querySelector('.mobile-call .timer').textContent !== t, timer);
		await page.tap('.mobile-end');
		await page.waitForFunction(() => !document.querySelector('.mobile-end').disabled);
		assert.ok(!running.has(id));
		stack.sql(`UPDATE calls SET ended_at = ${Date.now()} WHERE ended_at IS NULL; UPDATE call_leg SET ended_at = ${Date.now()} WHERE ended_at IS NULL`);
		callState = 'idle';
		stack.send('agent.state', { agent: '801', work: 'online', call_state: 'idle', since: Date.now() });
		await page.waitForSelector('.mobile-call', { state: 'detached' });
		await shows(page, '.recent li', '李四');

		// the terminal: one tap, and other pages know it
		await page.tap('.terminal summary');
		await page.tap('[data-key=terminal-phone]');
		await page.waitForSelector('[data-key=terminal-phone][aria-pressed=true]', { state: 'attached' });
		assert.equal(stored()[0], 'phone');
		await post(leader, '/desk/me/terminal', { terminal: 'mobile' });
		await page.waitForSelector('[data-key=terminal-mobile][aria-pressed=true]', { state: 'attached' });

		await page.check('[data-mobile=missed]');
		assert.equal(await page.locator('[data-recent] li:visible').count(), 1);
		await page.fill('#mobile-find input', '13800000001');
		await page.press('#mobile-find input', 'Enter');
		await shows(page, '#mobile-find li', '张三13800000001');
		await page.tap('#mobile-find li button');
		await page.waitForSelector('.toast');
		assert.equal(stack.commands.filter((c) => c.method === 'cc.call.dial').at(-1).params.number, '13800000001');
		await page.fill('#mobile-find input', '999999');
		await page.press('#mobile-find input', 'Enter');
		await shows(page, '#mobile-find li', words.none);
		assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
		assert.deepEqual(page.faults, []);
		await page.context().close();
	});
}

test('CALL-06: the choice under the pointer and by keys on the desk; who sees a part of numbers sees no more in the app', async () => {
	stack.sql("UPDATE user SET hide_numbers = 2 WHERE tenant_id = 2 AND username = '802'");
	own('802', '13900002222');
	call('802', { minutes: 1, ended: false, caller: '13800000003' });
	const page = await phone('802', 'en');
	await shows(page, '.mobile-call', '\\*\\*\\*\\*\\*');
	assert.ok(!(await page.content()).includes('13800000003'));
	assert.ok((await page.content()).includes('13900002222'), 'the own number is no customer\'s');
	// who does not list customers gets the card of a number
	await page.fill('#mobile-find input', '13800000001');
	await page.press('#mobile-find input', 'Enter');
	await page.waitForURL('**/crm/card?number=13800000001');
	await page.context().close();

	const desk = await phone('802', 'en', { isMobile: false, hasTouch: false, viewport: { width: 1366, height: 768 } });
	await desk.goto(`${stack.url}/desk/`);
	await desk.waitForSelector('.terminal');
	const header = () => desk.evaluate(() => { const top = document.querySelector('.top'); return [top.offsetHeight < 66, document.documentElement.scrollWidth <= innerWidth, top.scrollWidth <= top.clientWidth]; });
	assert.deepEqual(await header(), [true, true, true], 'the header stays in one line');
	await desk.evaluate(() => { document.querySelector('[data-own=phone-text]').textContent = 'not available: the phone is not registered'; });
	assert.deepEqual(await header(), [true, true, true], 'with the longest of its words, too');
	await desk.hover('.terminal summary');
	await desk.click('.terminal summary'); // does not close what has just opened
	await desk.click('[data-key=terminal-mobile]');
	await desk.waitForSelector('[data-key=terminal-mobile][aria-pressed=true]', { state: 'attached' });
	await desk.mouse.move(600, 500);
	await desk.waitForSelector('.terminal[open]', { state: 'detached' });
	await desk.keyboard.press('t');
	await desk.keyboard.press('b');
	await desk.waitForSelector('[data-key=terminal-phone][aria-pressed=true]', { state: 'attached' });
	assert.equal(stored('802')[0], 'phone');
	await desk.context().close();
});
