// SPDX-License-Identifier: GPL-2.0-or-later
// CRM-17: service records. CRM-18: appointments once and again, moved and cancelled occurrences, the calendar, call-backs,
// and the reminder on whatever page is open. CRM-20 and CRM-21: types with their keys, follow-up states.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from '../lib/chromium.mjs';
import { callRow, Client, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack();
const profile = mkdtempSync(join(tmpdir(), 'ccbrowser-'));
const asJson = { accept: 'application/json' };
let admin, agent, browser;
const one = (sql) => stack.sql(sql)[0]?.[0];
const post = (client, path, fields = {}, headers) => client.post(path, { csrf: client.csrf, ...fields }, headers);
const page = async (path, client = agent) => {
	const answer = await client.go(path);
	assert.equal(answer.status, 200, `${path}: ${answer.status}`);
	return answer.text();
};
const day = 86400000, hour = 3600000;
// A time of the tenant (UTC+8) as a form has it.
const local = (ms) => new Date(ms + 8 * hour).toISOString().slice(0, 16);
const utc = (text) => Date.parse(`${text}:00+08:00`);

before(async () => {
	await stack.start();
	stack.sql(`DELETE FROM role_permission WHERE role_id = 3 AND permission LIKE 'crm.%';
		INSERT INTO role_permission (tenant_id, role_id, permission) VALUES ${['appointments', 'callbacks'].flatMap((r) => ['list', 'create', 'edit', 'delete'].map((a) => `(2, 3, 'crm.${r}.${a}')`))}, (2, 3, 'crm.card.view'), (2, 3, 'crm.customers.list'), ${['list', 'create', 'edit'].map((a) => `(2, 3, 'crm.services.${a}')`)}`);
	[admin, agent] = await Promise.all([['admin', 'demo-admin'], ['802', 'demo-802']].map(async ([user, password]) => {
		const client = new Client(stack.url);
		assert.equal((await client.signIn('demo', user, password)).status, 303);
		return client;
	}));
});
after(async () => {
	await browser?.close();
	rmSync(profile, { recursive: true, force: true });
	await stack.stop();
});

async function create(fields, client = agent, list = 'appointments') {
	const answer = await post(client, `/crm/${list}/new`, { title: '例会', cycle: 'once', ...fields }, asJson);
	const body = await answer.json();
	assert.equal(answer.status, 200, JSON.stringify(body));
	return body.id;
}
const reminders = async (client = agent) => (await client.json('/crm/reminders')).json();
const next = (id) => Number(one(`SELECT next_at FROM appointment WHERE id = ${id}`));
// The times in the calendar's cell of the day, of appointments with the title.
function timesOn(html, date, title) {
	const cell = html.split('<td ').find((c) => c.includes(`datetime="${date}"`));
	assert.ok(cell, date);
	return [...cell.matchAll(/<b>(\d\d:\d\d)<\/b> ([^<]*)/g)].filter((m) => m[2].startsWith(title)).map((m) => m[1]);
}

test('once, daily, weekly, monthly, yearly in the calendar; an end; the last day of short months', async () => {
	await create({ title: '一次', at: '2031-01-15T10:00' });
	await create({ title: '每天', at: '2031-01-30T09:00', cycle: 'daily', until_day: '2031-02-02' });
	await create({ title: '每周', at: '2031-01-01T08:30', cycle: 'weekly' });
	await create({ title: '月底', at: '2030-08-31T16:00', cycle: 'monthly' });
	await create({ title: '每年', at: '2028-02-29T12:00', cycle: 'yearly' });
	const january = await page('/crm/calendar?day=2031-01-10'), february = await page('/crm/calendar?day=2031-02-10');
	assert.deepEqual(timesOn(january, '2031-01-15', '一次'), ['10:00']);
	assert.deepEqual(['01-29', '01-30', '02-02'].map((d) => timesOn(d < '02' ? january : february, `2031-${d}`, '每天').length), [0, 1, 1]);
	assert.deepEqual(timesOn(february, '2031-02-03', '每天'), [], 'it has ended');
	assert.deepEqual(['01', '08', '29'].map((d) => timesOn(january, `2031-01-${d}`, '每周')), [['08:30'], ['08:30'], ['08:30']]);
	assert.deepEqual([timesOn(january, '2031-01-31', '月底'), timesOn(february, '2031-02-28', '月底')], [['16:00'], ['16:00']]);
	assert.deepEqual(timesOn(february, '2031-02-28', '每年'), ['12:00']);
	const week = await page('/crm/calendar?view=week&day=2031-01-15');
	assert.equal([...week.matchAll(/class="calendar-day"/g)].length, 7);
	assert.deepEqual(timesOn(week, '2031-01-15', '一次'), ['10:00']);
	assert.match(await page('/crm/calendar?day=2040-06-01'), /每周/);
	assert.match(await page('/crm/calendar?day=2020-06-01'), /没有安排|nothing on/);
	assert.equal((await agent.go('/crm/calendar?day=x')).status, 400);
	assert.equal((await post(agent, '/crm/appointments/new', { title: 'x', cycle: 'daily', at: '2031-01-02T10:00', until_day: '2031-01-01' }, asJson)).status, 400);
	assert.ok(!(await page('/crm/calendar?day=2031-01-10', admin)).includes('月底'), 'everybody has an own one');
	assert.match(await page(`/crm/calendar?day=2031-01-10&user=${one("SELECT user_id FROM appointment WHERE title = '月底'")}`, admin), /月底/);
	assert.ok(!(await page('/crm/calendar?day=2031-01-10&user=1')).includes('例会'));
});

test('one occurrence is moved, cancelled and put back; a new rule drops what was of the old one', async () => {
	const at = utc('2032-03-01T09:00'), second = at + day;
	const id = await create({ title: '晨会', at: '2032-03-01T09:00', cycle: 'daily' });
	const change = (fields, client = agent) => post(client, `/crm/occurrence/${id}`, { at: second, ...fields });
	const times = async () => {
		const html = await page('/crm/calendar?day=2032-03-01');
		return ['01', '02', '03', '04'].map((d) => timesOn(html, `2032-03-${d}`, '晨会').join());
	};
	assert.match(await page(`/crm/occurrence/${id}?at=${second}`), /2032-03-02T09:00/);
	assert.equal((await agent.go(`/crm/occurrence/${id}?at=${second + 1}`)).status, 404, 'the rule has none then');
	assert.equal((await change({ do: 'move', to: '2032-03-03T15:30' })).status, 303);
	assert.deepEqual(await times(), ['09:00', '', '09:00,15:30', '09:00']);
	assert.equal((await change({ do: 'cancel' })).status, 303);
	assert.deepEqual(await times(), ['09:00', '', '09:00', '09:00']);
	assert.match(await page(`/crm/occurrence/${id}?at=${second}`), /已取消|Cancelled/);
	assert.equal((await change({ do: 'restore' })).status, 303);
	assert.deepEqual(await times(), ['09:00', '09:00', '09:00', '09:00']);
	assert.equal((await change({ do: 'move', to: 'soon' })).status, 400);
	assert.equal((await change({ do: 'cancel', at })).status, 303);
	assert.equal(next(id), second, 'the reminder is of the next one');
	assert.equal((await change({ do: 'move', at, to: '2032-03-01T11:00' })).status, 303);
	assert.equal(next(id), at + 2 * hour);
	assert.equal((await post(agent, `/crm/appointments/${id}`, { at: '2032-03-01T10:00' }, asJson)).status, 200);
	assert.equal(one(`SELECT COUNT(*) FROM appointment_exception WHERE appointment_id = ${id}`), '0');
	const other = await create({ title: '别人的', at: '2032-03-01T09:00', cycle: 'daily' }, admin);
	assert.equal((await agent.go(`/crm/occurrence/${other}?at=${at}`)).status, 404);
});

test('a reminder is due by the lead of the preferences, put off, and done: the next one waits', async () => {
	const soon = Math.floor(Date.now() / 60000) * 60000 + 10 * 60000, later = soon + hour;
	const id = await create({ title: '马上', at: local(soon), cycle: 'weekly', text: '说明', phone: '13812340000' });
	await create({ title: '稍后', at: local(later) });
	const due = async () => (await reminders()).rows.map((r) => r.title);
	assert.deepEqual(await due(), ['马上'], 'a quarter of an hour before');
	assert.equal((await reminders()).rows[0].call, `/crm/appointments/${id}/call/phone`, 'it can be called from there');
	const { wait_ms: wait } = await reminders();
	assert.ok(Math.abs(wait - (later - 15 * 60000 - Date.now())) < 60000);
	stack.sql("REPLACE INTO preference (tenant_id, name, value) VALUES (2, 'reminder_lead_min', '5')");
	await stack.until(async () => !(await due()).length, 'the new lead');
	stack.sql("DELETE FROM preference WHERE name = 'reminder_lead_min'");
	await stack.until(async () => (await due()).length, 'the old lead');
	assert.equal((await post(agent, `/crm/reminders/${id}`, { do: 'snooze', minutes: '0' }, asJson)).status, 400);
	assert.equal((await post(agent, `/crm/reminders/${id}`, { do: 'snooze', minutes: '5' }, asJson)).status, 200);
	assert.deepEqual(await due(), []);
	assert.ok((await reminders()).wait_ms <= 5 * 60000);
	stack.sql(`UPDATE appointment SET snoozed_until = 1 WHERE id = ${id}`);
	assert.deepEqual(await due(), ['马上']);
	assert.equal((await post(admin, `/crm/reminders/${id}`, { do: 'done' }, asJson)).status, 404, 'others have their own');
	assert.equal((await post(agent, `/crm/reminders/${id}`, { do: 'done' }, asJson)).status, 200);
	assert.equal(next(id), soon + 7 * day);
	assert.deepEqual(await due(), []);
	const old = await create({ title: '过去', at: local(soon - 30 * day), cycle: 'daily' });
	assert.ok(next(old) > Date.now() - 2 * hour, 'not of what was a month ago');
	await post(agent, `/crm/reminders/${old}`, { do: 'done' }, asJson);
	assert.ok(next(old) > Date.now());
	assert.deepEqual(stack.changes.at(-1), { tenant: '2', topic: 'appointment', id: one("SELECT id FROM user WHERE tenant_id = 2 AND username = '802'") });
});

test('call-backs: number of the customer, called back or not, in list, calendar and file', async () => {
	const customer = (await (await post(admin, '/crm/customers/default/new', { name: '等电话', phone: '13612345678', agent_id: '2' }, asJson)).json()).id;
	const foreign = (await (await post(admin, '/crm/customers/default/new', { name: '别人', phone: '13612345679', agent_id: '3' }, asJson)).json()).id;
	assert.equal((await post(agent, '/crm/callbacks/new', { at: '2033-05-05T10:00' }, asJson)).status, 400, 'whom?');
	assert.equal((await post(agent, '/crm/callbacks/new', { at: '2033-05-05T10:00', customer_id: foreign }, asJson)).status, 400);
	const id = await create({ at: '2033-05-05T10:00', customer_id: customer, text: '报价' }, agent, 'callbacks');
	assert.deepEqual(stack.sql(`SELECT kind, phone, done_at IS NULL FROM appointment WHERE id = ${id}`)[0], ['callback', '13612345678', '1']);
	const rows = async (query = '') => (await (await agent.json(`/crm/callbacks?${query}`)).json()).rows;
	assert.deepEqual((await rows()).map((r) => [r.phone, r.customer, r.called]), [['136****5678', '等电话', false]]);
	assert.match(await page('/crm/calendar?day=2033-05-05'), new RegExp(`/crm/callbacks/${id}"[^>]*><b>10:00</b> (回访|Call back) · 等电话`));
	assert.equal((await agent.go(`/crm/appointments/card/${id}`)).headers.get('location'), `/crm/card?customer=${customer}`);
	assert.equal((await post(agent, `/crm/callbacks/${id}/do/called`)).status, 303);
	assert.deepEqual([(await rows('called=1')).length, (await rows('called=0')).length], [1, 0]);
	assert.equal(one(`SELECT next_at IS NULL FROM appointment WHERE id = ${id}`), '1');
	assert.equal((await post(agent, `/crm/callbacks/${id}`, { at: '2033-05-06T10:00' }, asJson)).status, 200);
	assert.equal((await rows('called=0')).length, 1, 'a new time is a new call');
	assert.equal((await post(agent, `/crm/callbacks/${id}/delete`)).status, 303);
});

test('CRM-17: service records: made on the card during a call, found, changed, whose they are, with results of a list', async () => {
	const customer = (await (await post(admin, '/crm/customers/default/new', { name: '找服务', phone: '13688880001', agent_id: '2' }, asJson)).json()).id;
	const foreign = (await (await post(admin, '/crm/customers/default/new', { name: '别家', phone: '13688880002', agent_id: '3' }, asJson)).json()).id;
	const call = ulid(Date.now(), 5);
	stack.sql(callRow(call, { at: Date.now() }));
	const tab = `/crm/card/${customer}/services?call=${call.text}`, card = await page(`/crm/card?customer=${customer}&call=${call.text}`);
	assert.ok(card.includes(`data-fragment="${tab}"`), 'the card has the tab');
	const empty = await page(tab);
	assert.match(empty, /class="empty"/);
	const [, result] = empty.match(/<option value="(\d+)">已解决</);
	const made = await post(agent, '/crm/services/new', { card: '1', customer_id: customer, call: call.text, result_id: result, note: '换了密码' });
	assert.equal(made.headers.get('location'), `/crm/card?customer=${customer}&call=${call.text}&done=service`);
	assert.match(await page(made.headers.get('location')), /服务过程已保存/);
	const id = one('SELECT MAX(id) FROM service_record');
	assert.deepEqual(stack.sql(`SELECT name, phone, agent, package_id IS NULL, HEX(call_id) FROM service_record WHERE id = ${id}`)[0], ['找服务', '13688880001', '802', '0', call.hex]);
	assert.match(await page(tab), new RegExp(`href="/crm/services/${id}"[^]*换了密码`));
	for (const [fields, wrong] of [[{ note: '谁' }, 'phone'], [{ customer_id: foreign, note: '别人的' }, 'customer_id'], [{ customer_id: customer }, 'note'], [{ customer_id: customer, note: 'x', result_id: '999' }, 'result_id']]) {
		const answer = await post(agent, '/crm/services/new', fields, asJson);
		assert.equal(answer.status, 400, JSON.stringify(fields));
		assert.deepEqual(Object.keys((await answer.json()).error.fields), [wrong]);
	}
	// refused, the quick form comes again as the list's; with what was missing it is still that call's, and back on the card
	const again = await post(agent, '/crm/services/new', { card: '1', customer_id: customer, call: call.text, result_id: '', note: ' ' }), form = await again.text();
	assert.equal(again.status, 400);
	const kept = Object.fromEntries(['card', 'customer_id', 'call'].map((name) => [name, form.match(new RegExp(`name="${name}"[^>]*value="([^"]*)"`))[1]]));
	assert.equal((await post(agent, '/crm/services/new', { ...kept, note: '现在有了' })).headers.get('location'), made.headers.get('location'));
	assert.equal(one('SELECT HEX(call_id) FROM service_record ORDER BY id DESC LIMIT 1'), call.hex);
	stack.sql('DELETE FROM service_record ORDER BY id DESC LIMIT 1');
	assert.equal((await post(admin, '/crm/services/new', { phone: '010 8888 0003', name: '路人', note: '问路' }, asJson)).status, 200, 'nobody who is known');
	const rows = async (client, query = '') => (await (await client.json(`/crm/services?${query}`)).json()).rows;
	assert.deepEqual((await rows(agent)).map((r) => [r.name, r.phone, r.agent, r.result_id, r.note]), [['找服务', '136****0001', '802', '已解决', '换了密码']], 'agents see their own, and a part of the numbers');
	assert.deepEqual((await rows(admin)).map((r) => r.name), ['路人', '找服务']);
	for (const [query, found] of [['phone=13688880001', 1], ['q=8888', 2], [`agent_name=${encodeURIComponent((await rows(agent))[0].agent_name)}`, 1], [`result_id=${result}`, 1], [`note=${encodeURIComponent('密码')}`, 1], ['from=2030-01-01T00:00', 0], ['time=today', 2]])
		assert.equal((await rows(admin, query)).length, found, query);
	assert.match(await (await admin.go('/crm/services?format=csv')).text(), /13688880001.*已解决,换了密码/);
	assert.equal((await agent.go(`/crm/services/customer/${id}`)).headers.get('location'), `/crm/card?customer=${customer}`);
	assert.equal((await agent.go('/crm/services?format=csv')).status, 403);
	assert.equal((await post(agent, `/crm/services/${id}/delete`)).status, 403);
	assert.equal((await post(agent, `/crm/services/${id}`, { note: '又换了', phone: '136****0001' }, asJson)).status, 200);
	assert.deepEqual(stack.sql(`SELECT phone, note FROM service_record WHERE id = ${id}`)[0], ['13688880001', '又换了'], 'a masked number stays what it is');
	assert.equal(one(`SELECT COUNT(*) FROM audit_log WHERE action IN ('crm.services.create', 'crm.services.edit') AND object = 'services/${id}'`), '2');
	assert.equal((await post(admin, `/crm/service-results/${result}/delete`)).status, 409, 'it is in use');
	assert.equal((await post(admin, `/crm/customers/default/${customer}/delete`)).status, 303);
	assert.deepEqual((await rows(agent)).map((r) => r.name), ['找服务'], 'what was done stays when the customer goes');
});

test('types of customers have a key each, and states of follow-ups can be changed: the defaults are there for every tenant', async () => {
	stack.sql("INSERT INTO tenant (id, code, name, created_at) VALUES (77, 'fresh', 'f', 0)");
	assert.deepEqual(stack.sql('SELECT name, digit FROM customer_type WHERE tenant_id = 77 ORDER BY digit'), [['未分类', '0'], ['试用客户', '1'], ['潜在客户', '2'], ['意向客户', '3'], ['成交客户', '4']]);
	assert.deepEqual(stack.sql('SELECT name FROM follow_state WHERE tenant_id = 77 ORDER BY position').flat(), ['非成交客户', '成交客户', '无意向', '有意向']);
	const type = (fields) => post(admin, '/crm/types/new', fields, asJson);
	assert.equal((await type({ name: '重要', digit: '9', position: '9' })).status, 200);
	for (const [fields, wrong] of [[{ name: '两位', digit: '12' }, 'digit'], [{ name: '字母', digit: 'a' }, 'digit'], [{ name: '占用', digit: '9' }, 'digit'], [{ name: '重要', digit: '8' }, 'name']]) {
		const answer = await type(fields);
		assert.equal(answer.status, 400, JSON.stringify(fields));
		assert.deepEqual(Object.keys((await answer.json()).error.fields), [wrong]);
	}
	assert.equal((await type({ name: '无键一' })).status, 200);
	assert.equal((await type({ name: '无键二', digit: '' })).status, 200, 'several may have no key');
	const used = one("SELECT id FROM customer_type WHERE tenant_id = 2 AND name = '重要'");
	assert.equal((await post(admin, '/crm/customers/default/new', { name: '有类型', phone: '13698765432', type_id: used }, asJson)).status, 200);
	assert.equal((await post(admin, '/crm/customers/default/new', { name: '无类型', phone: '13698765433' }, asJson)).status, 200);
	assert.equal(one("SELECT y.name FROM customer c JOIN customer_type y ON y.tenant_id = c.tenant_id AND y.id = c.type_id WHERE c.name = '无类型'"), '未分类');
	assert.equal((await post(admin, `/crm/types/${used}/delete`)).status, 409, 'somebody is of this type');
	assert.equal((await post(agent, '/crm/types/new', { name: 'x' }, asJson)).status, 403);
	assert.equal((await post(admin, '/crm/follow-states/new', { name: '再联系', position: '9' }, asJson)).status, 200);
	assert.equal((await post(admin, '/crm/follow-states/new', { name: '再联系' }, asJson)).status, 400);
	assert.match(await page('/crm/card?number=13698765432', admin), /再联系/);
	const customer = one("SELECT id FROM customer WHERE name = '有类型'"), state = one("SELECT id FROM follow_state WHERE tenant_id = 2 AND name = '再联系'");
	const version = (await page(`/crm/card?customer=${customer}`, admin)).match(/name="version" value="(\w+)"/)[1];
	assert.equal((await post(admin, '/crm/card', { customer, name: '有类型', type_id: used, state_id: state, text: '好', version })).status, 303);
	assert.equal((await post(admin, `/crm/follow-states/${state}/delete`)).status, 409);
	assert.equal((await post(admin, `/crm/follow-states/${state}`, { name: '改名' }, asJson)).status, 200);
	assert.equal((await (await admin.json('/crm/follow-ups')).json()).rows[0].state_id, '改名');
});

test('the reminder shows up on any open page, once, and goes when it is done; the calendar is walked by keys', async () => {
	stack.sql('DELETE FROM appointment');
	browser = await launch(profile);
	const context = await browser.newContext({ locale: 'en', viewport: { width: 1366, height: 768 }, colorScheme: 'dark' });
	const errors = [];
	const tab = await context.newPage();
	tab.on('pageerror', (e) => errors.push(e.message));
	await tab.goto(`${stack.url}/desk/sign-in?next=/crm/calendar`);
	await tab.fill('[name=tenant]', 'demo');
	await tab.fill('[name=username]', '802');
	await tab.fill('[name=password]', 'demo-802');
	await tab.press('[name=password]', 'Enter');
	await tab.waitForURL('**/crm/calendar');
	assert.equal(await tab.locator('#reminder').isVisible(), false);
	const second = await context.newPage();
	await second.goto(`${stack.url}/crm/appointments`);
	await stack.until(() => stack.listeners.size > 0, 'the connection for live events');
	const id = await create({ title: '现在 <b>', at: local(Date.now()), text: '第一行', phone: '13812340000' });
	for (const p of [tab, second]) await p.locator('#reminder:not([hidden]) h2').waitFor();
	assert.equal(await tab.locator('#reminder h2').textContent(), '现在 <b>');
	assert.equal(await tab.locator('#reminder button[form]').getAttribute('formaction'), `/crm/appointments/${id}/call/phone`);
	await tab.click('#reminder [value=done]');
	for (const p of [tab, second]) await p.locator('#reminder').waitFor({ state: 'hidden' });
	assert.equal(one(`SELECT next_at IS NULL FROM appointment WHERE id = ${id}`), '1');
	await tab.reload();
	await tab.focus('.calendar td.today .calendar-entry');
	await tab.keyboard.press('Enter');
	await tab.waitForURL(`**/crm/appointments/${id}`);
	assert.deepEqual(errors, []);
});
