// SPDX-License-Identifier: GPL-2.0-or-later
// Customers on the real database: lists with the fields of their package, search, card with marks, assignment, tasks,
// numbers that are not to be called.
// CRM-01, CRM-04, CRM-05, CRM-06, CRM-07, CRM-08, CRM-10, CRM-11, CRM-14, CRM-15, CRM-18, CRM-19, CRM-25, CALL-01, CALL-13, SYS-01, TEL-19, TEL-20
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callRow, Client, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack();
const LIST = '/crm/customers/default';
const asJson = { accept: 'application/json' };
let admin, agent, leader, packageId;

before(async () => {
	await stack.start();
	packageId = stack.sql('SELECT id FROM customer_package WHERE tenant_id = 2 AND standard = 1')[0][0];
	stack.sql(`DELETE FROM role_permission WHERE role_id IN (2, 3) AND permission LIKE 'crm.%'`);
	const own = ['customers.list', 'customers.create', 'customers.edit', 'customers.transfer', 'customers.share', 'customers.task', 'customers.apply', 'customers.no_call', 'customers.blacklist', 'card.view', 'card.edit', 'tasks.list', 'tasks.delete', 'marks.list', 'mark_history.list', 'follow_ups.list', 'contacts.list', 'no_call.list', 'blacklist.list', 'blacklist.create', 'blacklist.edit'];
	for (const p of own) stack.sql(`INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 3, 'crm.${p}')`);
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 2, 'crm.*')");
	stack.sql(`INSERT INTO customer_field (tenant_id, package_id, name, label, kind, slot, choices, in_list, position, created_at, updated_at) VALUES
		(2, ${packageId}, 'level', '会员等级', 'choice', 'x01', '["金卡","银卡"]', 1, 20, 0, 0), (2, ${packageId}, 'second', '备用号码', 'phone', 'x02', NULL, 1, 21, 0, 0),
		(2, ${packageId}, 'spent', '消费', 'number', 'n01', NULL, 1, 22, 0, 0), (2, ${packageId}, 'since', '入会', 'date', 'n02', NULL, 1, 23, 0, 0),
		(2, ${packageId}, 'secret', '内部', 'text', 't01', NULL, 1, 24, 0, 0)`);
	const secret = stack.sql("SELECT id FROM customer_field WHERE name = 'secret'")[0][0];
	stack.sql(`INSERT INTO customer_field_right (tenant_id, field_id, role_id, may) VALUES (2, ${secret}, 3, 'none'), (2, ${secret}, 2, 'view')`);
	[admin, leader, agent] = await Promise.all([['admin', 'demo-admin'], ['801', 'demo-801'], ['802', 'demo-802']].map(async ([user, password]) => {
		const client = new Client(stack.url);
		assert.equal((await client.signIn('demo', user, password)).status, 303);
		return client;
	}));
});
after(() => stack.stop());

const post = (client, path, fields, headers) => client.post(path, { csrf: client.csrf, ...fields }, headers);
const rows = async (client, query = '') => (await (await client.json(`${LIST}?${query}`)).json()).rows;
const names = async (client, query) => (await rows(client, query)).map((r) => r.name).sort();
let n = 0;
async function create(client, fields = {}) {
	const answer = await post(client, `${LIST}/new`, { name: `客户 ${++n}`, phone: `1380000${String(1000 + n)}`, ...fields }, asJson);
	const body = await answer.json();
	assert.equal(answer.status, 200, JSON.stringify(body));
	return body.id;
}
const row = (id, columns) => stack.sql(`SELECT ${columns} FROM customer WHERE id = ${id}`)[0];
const many = (client, action, ids, fields = {}) => post(client, `${LIST}/batch`, { action, scope: 'selected', keys: [ids].flat().join(), apply: '1', ...fields });

test('a customer with the fields of its package: stored, shown, searched, exported; wrong values beside their fields', async () => {
	const id = await create(admin, { name: '欧阳 明', phone: '(010) 8888-1234', level: '金卡', second: '13912345678', spent: '-5', since: '2025-02-28', secret: 'hush' });
	assert.deepEqual(row(id, 'phone_e164, x01, x02, n01, n02, t01'), ['861088881234', '金卡', '13912345678', '-5', '20250228', 'hush']);
	const one = (await rows(admin, 'q=欧阳'))[0];
	assert.deepEqual([one.level, one.spent, one.since, one.secret], ['金卡', -5, '2025-02-28', 'hush']);
	for (const query of ['field1=level&op1=is&value1=金卡', 'field1=spent&op1=lt&value1=0', 'field1=since&op1=between&value1=2025-02-01&until1=2025-02-28', 'q=13912345678'])
		assert.deepEqual(await names(admin, query), ['欧阳 明'], query);
	const refused = await post(admin, `${LIST}/new`, { name: 'x', phone: '13800000001', level: '铜卡', second: 'abc', spent: 'much', since: '2025-02-30' }, asJson);
	assert.equal(refused.status, 400);
	assert.deepEqual(Object.keys((await refused.json()).error.fields).sort(), ['level', 'second', 'since', 'spent']);
	const twice = await post(admin, `${LIST}/new`, { name: 'x', phone: '13912345678' }, asJson);
	assert.equal(twice.status, 400, 'the number of another field is taken too');
	assert.match((await twice.json()).error.fields.phone, new RegExp(String(id)));
	const csv = await (await admin.go(`${LIST}?format=csv&q=欧阳`)).text();
	assert.match(csv, /会员等级/);
	assert.match(csv, /2025-02-28/);
	assert.equal((await post(admin, `${LIST}/${id}`, { second: '', level: '银卡' }, asJson)).status, 200);
	assert.deepEqual(await names(admin, 'q=13912345678'), [], 'a number that was removed finds nobody');
	assert.equal((await post(admin, `${LIST}/batch`, { action: 'edit', scope: 'selected', keys: id, apply: '1', set_level: '1', level: '金卡' })).status, 303);
	assert.equal(row(id, 'x01')[0], '金卡');
});

test('fields by role: not there, or only to be looked at', async () => {
	const id = await create(admin, { secret: 'hush', agent_id: '2' });
	assert.ok(!('secret' in (await rows(agent, ''))[0]));
	assert.equal((await post(agent, `${LIST}/${id}`, { secret: 'x' }, asJson)).status, 200, 'a field that is not there is nothing');
	assert.equal(row(id, 't01')[0], 'hush');
	const page = await (await leader.go(`${LIST}/${id}`)).text();
	assert.match(page, /<span class="field-label">内部<\/span><span class="field-text">hush/);
	assert.equal((await post(leader, `${LIST}/${id}`, { secret: 'x' }, asJson)).status, 400);
});

test('quick search: any part of a number from three digits on, begin, end, whole; names', async () => {
	await create(admin, { name: '上官 婉', phone: '13700425588' });
	for (const q of ['0042', '13700425588', '137 0042 5588', '+86 137 0042 5588', '137004*', '*5588', '上官', '官 婉'])
		assert.deepEqual(await names(admin, `q=${encodeURIComponent(q)}`), ['上官 婉'], q);
	assert.deepEqual(await names(admin, 'q=999999'), []);
	await create(admin, { name: '南宫', email: 'Nan.Gong@Example.cn', city: '盐田区', level: '银卡', secret: 'unseen' });
	for (const q of ['gong@exa', '田', 'NAN.']) assert.deepEqual(await names(admin, `q=${encodeURIComponent(q)}`), ['南宫'], q);
	for (const q of ['nobody has this', 'unseen']) assert.deepEqual(await names(admin, `q=${encodeURIComponent(q)}`), [], q);
	const short = await admin.json(`${LIST}?q=13`);
	assert.equal(short.status, 400);
	for (const [op, value] of [['starts', '137004'], ['ends', '425588'], ['contains', '70042'], ['is', '13700425588']])
		assert.deepEqual(await names(admin, `field1=phone&op1=${op}&value1=${value}`), ['上官 婉'], op);
});

test('scopes, tenants, masked numbers: an agent sees its own, parts of numbers tell nothing, what it makes belongs to it', async () => {
	const mine = await create(agent, { name: '我的' });
	assert.equal(row(mine, 'agent_id')[0], '2');
	const other = await create(admin, { name: '他人', phone: '13655667788' });
	assert.ok((await names(agent)).includes('我的') && !(await names(agent)).includes('他人'));
	assert.equal((await agent.go(`${LIST}/${other}`)).status, 404);
	assert.match((await rows(agent, 'q=我的'))[0].phone, /^138\*\*\*\*\d{4}$/);
	const phone = row(mine, 'phone')[0];
	assert.deepEqual(await names(agent, `q=${phone.slice(3, 8)}`), [], 'a part of the digits would tell the others');
	assert.deepEqual(await names(agent, `q=${phone}`), ['我的']);
	assert.equal((await post(agent, `${LIST}/${mine}`, { phone: `${phone.slice(0, 3)}****${phone.slice(7)}`, note: 'x' }, asJson)).status, 200);
	assert.equal(row(mine, 'phone')[0], phone, 'the mask is not stored');
	const stranger = new Client(stack.url);
	await stranger.signIn('other', 'admin', 'other-admin');
	assert.deepEqual((await (await stranger.json(LIST)).json()).rows, []);
	assert.equal((await stranger.go(`${LIST}/${mine}`)).status, 404);
});

test('assign, transfer, share, recall: ownership, views, history of moves, tasks', async () => {
	const id = await create(admin, { name: '流转' });
	assert.equal((await many(admin, 'assign', id)).status, 400, 'to whom?');
	assert.equal((await many(agent, 'assign', id, { agent_id: '2' })).status, 403);
	assert.equal((await many(leader, 'assign', id, { agent_id: '3' })).status, 400, 'not an agent of the leader');
	assert.equal((await many(admin, 'assign', id, { agent_id: '2' })).status, 303);
	assert.deepEqual(row(id, 'agent_id, assigned_at IS NOT NULL'), ['2', '1']);
	assert.equal(stack.sql(`SELECT COUNT(*) FROM customer_task WHERE agent_id = 2 AND customer_id = ${id}`)[0][0], '1');
	assert.equal((await many(agent, 'transfer', id, { agent_id: '2' })).status, 400, 'not to oneself');
	assert.equal((await many(agent, 'transfer', id, { agent_id: '3' })).status, 400, 'not to another group');
	assert.equal((await many(agent, 'share', id, { agent_id: '1' })).status, 303);
	assert.equal(row(id, 'agent_id')[0], '2', 'sharing keeps it');
	assert.deepEqual(await names(leader, 'view=shared'), ['流转']);
	assert.equal((await many(agent, 'transfer', id, { agent_id: '1' })).status, 303);
	assert.equal(row(id, 'agent_id')[0], '1');
	assert.deepEqual(await names(admin, `transferred_by=${stack.sql("SELECT id FROM user WHERE tenant_id = 2 AND username = '802'")[0][0]}`), ['流转']);
	assert.equal((await many(admin, 'recall', id)).status, 303);
	assert.ok((await names(admin, 'view=sea')).includes('流转') && !(await names(admin, 'view=assigned')).includes('流转'));
	assert.deepEqual(stack.sql(`SELECT kind FROM customer_move WHERE customer_id = ${id} ORDER BY id`).flat(), ['assign', 'share', 'transfer', 'recall']);
});

test('applying: refused without enough in the sea, then as many as configured, as often as allowed', async () => {
	const apply = () => post(agent, '/crm/apply/default', {});
	assert.equal((await apply()).status, 403, 'nobody may before it is configured');
	const set = (name, value) => stack.sql(`REPLACE INTO preference (tenant_id, name, value) VALUES (2, '${name}', '${value}')`);
	set('customer_apply_count', 500);
	assert.equal((await apply()).status, 409);
	set('customer_apply_count', 2);
	await create(admin);
	await create(admin);
	assert.equal((await apply()).headers.get('location'), '/crm/tasks?done=done');
	assert.equal(stack.sql("SELECT COUNT(*) FROM customer_move WHERE kind = 'apply' AND to_agent_id = 2")[0][0], '2');
	assert.equal((await apply()).status, 409, 'once a day');
});

test('card: whose number it is, warnings, saving leaves a mark and a contact record, closing leaves nothing', async () => {
	const id = await create(admin, { name: '来电者', phone: '13511112222', agent_id: '2' });
	stack.sql(`INSERT INTO pop_warning (tenant_id, phone, e164, text, created_at, updated_at) VALUES (2, '13511112222', '8613511112222', '高投诉 <客户>', 0, 0);
		INSERT INTO sales_funnel (tenant_id, id, name, score, created_at, updated_at) VALUES (2, 11, '成交', 10, 0, 0);
		INSERT INTO call_result (tenant_id, id, name, created_at, updated_at) VALUES (2, 21, '已下单', 0, 0);
		UPDATE customer_field SET required_on_success = 1 WHERE name = 'level'`);
	const card = await (await agent.go('/crm/card?number=13511112222', { headers: { 'x-requested-with': 'fetch' } })).text();
	assert.ok(card.includes('来电者') && card.includes('高投诉 &lt;客户&gt;') && !card.includes('<html'), 'a fragment');
	assert.ok(card.includes(`/crm/card/${id}/follow-ups`) && card.includes(`/crm/card/${id}/inbound`));
	assert.equal(stack.sql('SELECT COUNT(*) FROM customer_mark')[0][0], '0');
	const fields = { customer: id, name: '来电者', type_id: '3', state_id: '4', text: '下周再联系' };
	const version = card.match(/name="version" value="(\w+)"/)[1];
	assert.equal((await post(agent, '/crm/card', { ...fields, version })).status, 303);
	assert.deepEqual(stack.sql('SELECT customer_id, type_id, state_id, text, agent, latest FROM customer_mark')[0], [String(id), '3', '4', '下周再联系', '802', '1']);
	assert.equal(row(id, 'type_id')[0], '3');
	assert.equal((await post(agent, '/crm/card', { ...fields, text: 'x', version: 'old' })).status, 400, 'somebody else was faster');
	const incomplete = await post(agent, '/crm/card', { ...fields, funnel_id: '11', result_id: '21' });
	assert.equal(incomplete.status, 400);
	assert.match(await incomplete.text(), /会员等级/);
	assert.equal(stack.sql('SELECT COUNT(*) FROM contact_record')[0][0], '0', 'all of it or nothing');
	assert.equal((await post(agent, '/crm/card', { ...fields, level: '金卡', funnel_id: '11', result_id: '21' })).status, 303);
	assert.deepEqual(stack.sql('SELECT customer_id, funnel_id, result_id, agent, origin FROM contact_record')[0], [String(id), '11', '21', '802', 'card']);
	const json = async (path) => (await (await agent.json(path)).json()).rows;
	assert.equal((await json('/crm/marks')).length, 1, 'the latest one');
	assert.equal((await json('/crm/mark-history')).length, 2);
	assert.equal((await json('/crm/contacts')).length, 1);
	assert.match(await (await agent.go(`/crm/card/${id}/follow-ups`)).text(), /下周再联系/);
	const unknown = await post(agent, '/crm/card', { customer: '0', number: '13533334444', name: '新客户', text: '第一次来电' });
	assert.equal(unknown.status, 303);
	const made = stack.sql("SELECT id, phone, agent_id FROM customer WHERE name = '新客户'")[0];
	assert.deepEqual(made.slice(1), ['13533334444', '2'], 'a new customer of the agent');
	const stranger = ulid(Date.now() - 60000, 9); // marked by phone: nobody has the number (CRM-20)
	stack.sql(`${callRow(stranger, { at: Date.now() - 60000, caller: '13522220000', caller_e164: '8613522220000', agent: '802' })}
		INSERT INTO customer_mark (tenant_id, customer_id, package_id, at, name, phone, call_id, user_name, agent) VALUES (2, 0, ${packageId}, ${Date.now()}, '', '13522220000', X'${stranger.hex}', '802', '802')`);
	const [marked] = (await json('/crm/marks')).filter((row) => /0000$/.test(row.phone));
	const leads = (await agent.go(`/crm/marks/customer/${marked.id}`)).headers.get('location');
	assert.equal(leads, `/crm/card?call=${stranger.text}`);
	assert.match(await (await agent.go(leads)).text(), /name="customer" value="0"/, 'a new card with the number of the call');
	assert.equal((await agent.go(`/crm/card?customer=${await create(admin)}`)).status, 404);
	stack.sql(`UPDATE customer SET x02 = '13511113333' WHERE id = ${id}; INSERT INTO customer_index (tenant_id, package_id, slot, value, twin, customer_id) VALUES (2, ${packageId}, 1, '8613511113333', 0, ${id})`);
	const matched = async () => (await (await agent.json('/crm/card?number=13511113333')).json()).matches;
	assert.deepEqual(await matched(), [], 'not every field finds the customer of a call');
	stack.sql("UPDATE customer_field SET pop_match = 1 WHERE name = 'second'");
	assert.deepEqual(await matched(), [id]);
});

test('not to be called: the whole customer is a flag, the single number waits for approval; both go independently', async () => {
	const id = await create(admin, { agent_id: '2' });
	assert.equal((await many(agent, 'no_call', id, { whole: '0', reason: '投诉' })).status, 303);
	assert.deepEqual(stack.sql('SELECT state, reason FROM no_call')[0], ['pending', '投诉'], 'an agent proposes');
	assert.equal((await many(admin, 'no_call', id, { whole: '1' })).status, 303);
	assert.equal(row(id, 'no_call')[0], '1');
	assert.ok((await (await agent.go(`/crm/card?customer=${id}`)).text()).includes('crm-no-call'));
	const entry = stack.sql('SELECT id FROM no_call')[0][0];
	assert.equal((await post(agent, `/crm/no-call/${entry}/do/approve`, {})).status, 403);
	assert.equal((await post(admin, `/crm/no-call/${entry}/do/approve`, {})).status, 303);
	assert.equal((await many(admin, 'call_again', id, { whole: '1', number: '0' })).status, 303);
	assert.deepEqual([row(id, 'no_call')[0], stack.sql('SELECT state FROM no_call')[0][0]], ['0', 'enabled']);
});

test('TEL-19 the blacklist: agents propose with a reason, who may approves or refuses; many at once; masked; calls from it', async () => {
	const generation = () => Number(stack.sql('SELECT generation FROM configuration_generation')[0][0]);
	const state = (number) => stack.sql(`SELECT state FROM blacklist WHERE tenant_id = 2 AND e164 = '86${number}'`)[0]?.[0];
	const entry = (number) => stack.sql(`SELECT id FROM blacklist WHERE tenant_id = 2 AND e164 = '86${number}'`)[0][0];
	const rowsOf = async (client, query = '') => (await (await client.json(`/crm/blacklist?${query}`)).json()).rows;
	assert.match(await (await admin.go('/crm/blacklist')).text(), /class="empty"/);
	const id = await create(admin, { agent_id: '2', phone: '13911110001' });
	assert.match(await (await agent.go(`/crm/card?customer=${id}`)).text(), /name="action" value="blacklist"/);
	assert.equal((await many(agent, 'blacklist', id, {})).status, 400, 'not without a reason');
	const before = generation();
	assert.equal((await many(agent, 'blacklist', id, { reason: '骚扰' })).status, 303);
	assert.deepEqual(stack.sql('SELECT phone, e164, reason, state FROM blacklist'), [['13911110001', '8613911110001', '骚扰', 'pending']]);
	assert.equal(generation(), before, 'the engine need not know');
	for (const decision of ['approve', 'refuse']) assert.equal((await post(agent, `/crm/blacklist/${entry('13911110001')}/do/${decision}`, {})).status, 403);
	assert.deepEqual((await rowsOf(agent, 'state=pending')).map((r) => r.phone), ['139****0001']);
	assert.equal((await post(admin, `/crm/blacklist/${entry('13911110001')}/do/approve`, {})).status, 303);
	assert.deepEqual([state('13911110001'), generation()], ['enabled', before + 1]);
	assert.equal((await many(agent, 'blacklist', id, { reason: 'again' })).status, 303);
	assert.equal(state('13911110001'), 'enabled', 'a proposal takes nothing back');
	assert.equal((await post(admin, '/crm/blacklist/new', { phone: '+86 139-1111-0002', more: '13911110003, 010 88881111\r\n13911110001\n', reason: 'x', state: 'enabled' }, asJson)).status, 200);
	assert.deepEqual(stack.sql('SELECT e164 FROM blacklist ORDER BY e164').flat(), ['861088881111', '8613911110001', '8613911110002', '8613911110003']);
	assert.equal((await rowsOf(admin, 'q=1391111000')).length, 2, 'the search is for numbers');
	for (const bad of [{ phone: '12' }, { phone: '13911110009', more: 'call me' }, { phone: '13911110003' }])
		assert.equal((await post(admin, '/crm/blacklist/new', { state: 'enabled', ...bad }, asJson)).status, 400, JSON.stringify(bad));
	assert.equal(state('13911110009'), undefined, 'all of a form or nothing');
	assert.equal((await post(agent, '/crm/blacklist/new', { phone: '13911110004', state: 'enabled' }, asJson)).status, 200);
	assert.equal(state('13911110004'), 'pending', 'whatever the form says');
	assert.equal((await post(admin, `/crm/blacklist/${entry('13911110004')}/do/refuse`, {})).status, 303);
	assert.equal(state('13911110004'), 'disabled');
	assert.equal((await post(agent, `/crm/blacklist/${entry('13911110004')}`, { state: 'enabled' }, asJson)).status, 400);
	assert.equal((await post(agent, `/crm/blacklist/${entry('13911110003')}`, { phone: '13911110005' }, asJson)).status, 200);
	assert.equal(state('13911110005'), 'pending', 'another number was never approved');
	assert.match(await (await admin.go('/crm/blacklist?format=csv')).text(), /139-1111-0002/);
	const changed = generation();
	assert.equal((await post(admin, `/crm/blacklist/${entry('13911110002')}/delete`, {})).status, 303);
	assert.deepEqual([state('13911110002'), generation()], [undefined, changed + 1]);
	assert.deepEqual(stack.sql("SELECT DISTINCT action FROM audit_log WHERE action LIKE 'crm.blacklist.%' ORDER BY 1").flat().filter((a) => /create|delete|edit/.test(a)), ['crm.blacklist.create', 'crm.blacklist.delete', 'crm.blacklist.edit']);

	const at = Date.now();
	stack.sql(callRow(ulid(at - 1000), { at: at - 1000, caller: '13911110001', queue: null, cause: 'blacklist', sip_code: 603, side: 'system' }) + callRow(ulid(at), { at, caller: '13911110007' }));
	const refused = (await (await admin.json('/reports/blacklist')).json()).rows;
	assert.deepEqual(refused.map((r) => [r.caller, r.fate]), [['13911110001', 'refused']], 'only those');
	assert.equal((await (await admin.json('/reports/blacklist?q=0007')).json()).rows.length, 0);
	assert.match(await (await admin.go('/reports/blacklist?format=csv')).text(), /13911110001/);
	assert.equal((await agent.go('/reports/blacklist')).status, 403);
	stack.sql(`DELETE FROM calls WHERE started_at >= ${at - 1000}; DELETE FROM blacklist`);
});

test('SYS-01 an amount as field of customers: written, shown and searched as the preferences say', async () => {
	stack.sql(`INSERT INTO customer_field (tenant_id, package_id, name, label, kind, slot, in_list, position, created_at, updated_at) VALUES (2, ${packageId}, 'fee', '年费', 'amount', 'n03', 1, 25, 0, 0)`);
	const set = (name, value) => stack.sql(`REPLACE INTO preference (tenant_id, name, value) VALUES (2, '${name}', '${value}')`);
	for (const [name, value] of [['currency', 'EUR'], ['decimal_separator', 'comma'], ['thousands_separator', 'point']]) set(name, value);
	const id = await create(admin, { name: '金额', fee: '-1.234.567,89' });
	assert.deepEqual(row(id, 'n03'), ['-12345678900']);
	assert.equal(stack.sql(`SELECT COUNT(*) FROM customer_index WHERE customer_id = ${id} AND slot = 23`)[0][0], '1', 'it is indexed');
	assert.equal((await rows(admin, 'field1=fee&op1=between&value1=-1.234.567,90&until1=-1.234.567,88'))[0].fee, -1234567.89);
	assert.deepEqual(await names(admin, 'field1=fee&op1=gt&value1=-1.234.567,89'), []);
	assert.match(await (await admin.go(`${LIST}/${id}`)).text(), /name="fee"[^>]* value="-1\.234\.567,89"/);
	assert.match(await (await admin.go(LIST)).text(), /-€1\.234\.567,89/);
	const refused = await post(admin, `${LIST}/new`, { name: 'x', phone: '13800000777', fee: '1234.5' }, asJson);
	assert.deepEqual(Object.keys((await refused.json()).error.fields), ['fee']);
	assert.equal((await post(admin, `${LIST}/${id}`, { fee: '' }, asJson)).status, 200);
	assert.deepEqual(row(id, 'n03'), ['NULL']);
	stack.sql("DELETE FROM preference WHERE name LIKE '%separator' OR name = 'currency'; DELETE FROM customer_field WHERE name = 'fee'");
});

test('a number is called from list, card, call list and header, hidden digits too; what is refused is said in words', async () => {
	const made = '01JD0000000000000000000000', at = Date.now(), call = ulid(at);
	await stack.startEngine((method, params) => {
		if (params.number === '13900009999') throw { reason: 'not_registered' };
		return { call: made };
	});
	const id = await create(admin, { name: '回拨', phone: '13900001234', second: '13900009999', agent_id: '2' });
	const foreign = await create(admin), by = (client, path, fields = {}) => post(client, path, fields, asJson);
	const said = async (answer) => [answer.status, (await answer.json()).error.message];
	for (const page of [await (await agent.go(LIST)).text(), await (await agent.go(`/crm/card?customer=${id}`)).text(), await (await agent.go(`${LIST}/${id}`)).text()]) {
		for (const field of ['phone', 'second']) assert.ok(page.includes(`form="call" formaction="${LIST}/${id}/call/${field}"`), field);
		assert.ok(page.includes('<form id="call"') && !page.includes('13900001234'));
	}
	assert.deepEqual(await (await by(agent, `${LIST}/${id}/call/phone`)).json(), { call: made });
	const { request, ...params } = stack.commands.at(-1).params;
	assert.match(request, /^[0-9A-Z]{26}$/);
	assert.deepEqual([stack.commands.at(-1).method, params], ['cc.call.dial', { tenant: 2, actor: 'agent:802', agent: '802', number: '13900001234', name: '回拨', shown: '139****1234', customer: id, package: Number(packageId) }]);
	assert.deepEqual(stack.sql('SELECT object, detail FROM audit_log WHERE action = \'desk.call.dial\'')[0], [`customers/${id}/phone`, `{"call":"${made}"}`]);
	assert.deepEqual(await said(await by(agent, `${LIST}/${id}/call/second`)), [409, '话机未注册，无法呼叫。']);
	const plain = await post(agent, `${LIST}/${id}/call/phone`, { next: `${LIST}?view=mine` });
	assert.deepEqual([plain.status, plain.headers.get('location')], [303, `${LIST}?view=mine&done=calling`], 'without a script');
	assert.equal((await post(agent, `${LIST}/${id}/call/phone`, { next: `/crm/card?customer=${id}` })).headers.get('location'), `/crm/card?customer=${id}`);
	for (const next of ['//evil.example/', 'https://evil.example/', '/\\evil.example', '/x\r\nSet-Cookie: a=b'])
		assert.equal((await post(agent, `${LIST}/${id}/call/phone`, { next })).headers.get('location'), `${LIST}?done=calling`, next);
	const before = stack.commands.length;
	assert.equal((await agent.post(`${LIST}/${id}/call/phone`, {})).status, 403, 'from another site');
	assert.equal((await agent.go(`${LIST}/${id}/call/phone`)).status, 405);
	assert.equal(stack.commands.length, before);
	stack.sql(callRow(call, { at, caller: '13622223333', caller_name: 'Li 13622223333', agent: '802' }));
	assert.equal((await by(agent, `/reports/calls/${call.text}/call/caller`)).status, 200, 'back to a caller');
	assert.equal(stack.commands.at(-1).params.number, '13622223333');
	assert.equal((await by(agent, '/desk/dial', { number: '(010) 8888-1234' })).status, 200, 'a typed number');
	assert.equal(stack.commands.at(-1).params.number, '01088881234');
	stack.sql("UPDATE user SET hide_numbers = 1 WHERE tenant_id = 2 AND username = '802'");
	assert.equal((await (await agent.json('/reports/calls')).json()).rows[0].caller, '136****3333');
	for (const path of ['/reports/calls', '/reports/calls?format=csv', `/reports/calls/${call.text}`]) assert.ok(!(await (await agent.go(path)).text()).includes('13622223333'), path);
	assert.equal((await by(agent, `/reports/calls/${call.text}/call/caller`)).status, 200);
	assert.deepEqual([stack.commands.at(-1).params.number, stack.commands.at(-1).params.shown], ['13622223333', '136****3333']);
	stack.sql("UPDATE user SET hide_numbers = 0 WHERE tenant_id = 2 AND username = '802'");
	const asked = stack.commands.length;
	assert.equal((await by(agent, `/reports/calls/${call.text}/call/callee`)).status, 409, 'of a call that came in the other side is the caller');
	stack.sql(`INSERT INTO no_call (tenant_id, package_id, phone, e164, reason, state, created_at, updated_at) VALUES (2, ${packageId}, '13900009999', '8613900009999', '投诉', 'enabled', 0, 0)`);
	assert.deepEqual(await said(await by(agent, `${LIST}/${id}/call/second`)), [409, '该号码已被禁呼。 投诉']);
	stack.sql(`UPDATE customer SET no_call = 1 WHERE id = ${id}`);
	assert.deepEqual(await said(await by(agent, `${LIST}/${id}/call/phone`)), [409, '该客户已被禁呼。']);
	for (const [client, path, status] of [[agent, `${LIST}/${foreign}/call/phone`, 404], [agent, `${LIST}/${id}/call/name`, 404], [admin, `${LIST}/${id}/call/phone`, 409], [agent, '/desk/dial', 400]])
		assert.equal((await by(client, path)).status, status, path);
	stack.sql("DELETE FROM role_permission WHERE role_id = 3 AND permission = 'desk.call.dial'");
	assert.equal((await by(agent, `${LIST}/${id}/call/phone`)).status, 403);
	assert.equal((await by(agent, '/desk/dial', { number: '600' })).status, 403);
	assert.ok(!(await (await agent.go(LIST)).text()).includes('/call/phone'));
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 3, 'desk.call.dial')");
	assert.equal(stack.commands.length, asked, 'the engine was not asked for any of these');
	await stack.stopEngine();
	assert.equal((await by(agent, '/desk/dial', { number: '600' })).status, 503);
});

test('colours by the last contact follow the days of the preferences; other packages are apart', async () => {
	const [fresh, old, missed] = [await create(admin), await create(admin), await create(admin)];
	const day = 86400000;
	stack.sql(`UPDATE customer SET contacted_at = ${Date.now() - day}, contact_answered = 1 WHERE id = ${fresh}; UPDATE customer SET contacted_at = ${Date.now() - 40 * day}, contact_answered = 1 WHERE id = ${old};
		UPDATE customer SET contacted_at = ${Date.now()} WHERE id = ${missed}`);
	const page = await (await admin.go(`${LIST}?size=200`)).text();
	for (const [id, colour] of [[fresh, 'green'], [old, 'red'], [missed, 'grey']])
		assert.match(page, new RegExp(`<tr class="contact-${colour}">\\s*<td class="select"><input[^>]*value="${id}"`));
	stack.sql("INSERT INTO customer_package (tenant_id, code, name, created_at, updated_at) VALUES (2, 'vip', 'VIP 客户', 0, 0)");
	assert.deepEqual((await (await admin.json('/crm/customers/vip')).json()).rows, []);
	assert.equal((await admin.go(`/crm/customers/vip/${fresh}`)).status, 404);
	assert.ok((await (await admin.go(LIST)).text()).includes('VIP 客户'));
	stack.sql("UPDATE customer_package SET state = 'closed' WHERE code = 'vip'");
	assert.equal((await admin.go('/crm/customers/vip')).status, 404);
});

test("an agent's own and shared customers are found among many by the agent (CRM-10)", async () => {
	const [first, second] = [await create(admin, { name: '旧客户' }), await create(admin, { name: '共享客户' })];
	await many(admin, 'assign', first, { agent_id: '2' });
	await many(admin, 'assign', second, { agent_id: '1' });
	stack.sql(`INSERT INTO customer (tenant_id, package_id, name, phone, agent_id, created_at, updated_at) SELECT 2, ${packageId}, '众多', '', 1, 0, 0 FROM seq_1_to_20000`);
	stack.sql('ANALYZE TABLE customer');
	const page = async () => {
		await agent.json(LIST); // prepares its statements
		let found;
		const examined = await stack.examined(async () => { found = await names(agent); });
		assert.ok(examined < 2000, `${examined} rows`);
		return found;
	};
	assert.equal(stack.sql('SELECT COUNT(*) FROM customer_share WHERE agent_id = 2')[0][0], '0');
	const alone = await page();
	assert.ok(alone.includes('旧客户') && !alone.includes('众多'));
	await many(leader, 'share', second, { agent_id: '2' });
	assert.deepEqual(await page(), [...alone, '共享客户'].sort());
	stack.sql("DELETE FROM customer WHERE name = '众多'");
});
