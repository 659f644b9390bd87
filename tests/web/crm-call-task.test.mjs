// SPDX-License-Identifier: GPL-2.0-or-later
// Call tasks on the real database: set up, filled from customers and from files, worked on by agents, with hidden numbers.
// CRM-01, CRM-02, CRM-12, CRM-24, CALL-13, OUT-01, OUT-02, OUT-03, TEL-10, TEL-12, TEL-13
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callRow, Client, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack();
const LIST = '/crm/customers/default', TASKS = '/crm/call-tasks';
const asJson = { accept: 'application/json' };
let admin, leader, agent, other, standard;

before(async () => {
	await stack.start();
	standard = stack.sql('SELECT id FROM customer_package WHERE tenant_id = 2 AND standard = 1')[0][0];
	stack.sql("DELETE FROM role_permission WHERE role_id IN (2, 3) AND permission LIKE 'crm.%'; INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 2, 'crm.*')");
	for (const p of ['call_list.list', 'call_list.edit', 'call_list.fetch', 'call_list.phone.whole', 'call_list.export', 'card.view', 'card.edit', 'customers.list', 'customers.phone.whole', 'contacts.list', 'contacts.phone.whole'])
		stack.sql(`INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 3, 'crm.${p}')`);
	[admin, leader, agent, other] = await Promise.all([['demo', 'admin', 'demo-admin'], ['demo', '801', 'demo-801'], ['demo', '802', 'demo-802'], ['other', 'admin', 'other-admin']].map(async ([tenant, user, password]) => {
		const client = new Client(stack.url);
		assert.equal((await client.signIn(tenant, user, password)).status, 303);
		return client;
	}));
});
after(() => stack.stop());

const post = (client, path, fields, headers) => client.post(path, { csrf: client.csrf, ...fields }, headers);
const many = (client, action, ids, fields = {}, list = LIST) => post(client, `${list}/batch`, { action, scope: 'selected', keys: [ids].flat().join(), apply: '1', ...fields }, asJson);
const json = async (client, path) => (await client.json(path)).json();
const listOf = async (client, task, query = 'size=50') => (await json(client, `/crm/call-list/${task}?${query}`)).rows;
const whose = (id) => stack.sql(`SELECT c.agent_id, c.group_id, x.task_id, x.agent_id FROM customer c LEFT JOIN call_task_customer x ON x.customer_id = c.id WHERE c.id = ${id}`)[0].map((v) => (v === 'NULL' ? null : v));
let n = 0;

async function create(fields = {}) {
	const answer = await post(admin, `${LIST}/new`, { name: `客户 ${++n}`, phone: `1390000${String(1000 + n)}`, ...fields }, asJson);
	const body = await answer.json();
	assert.equal(answer.status, 200, JSON.stringify(body));
	return body.id;
}

async function task(fields = {}, client = admin) {
	const answer = await post(client, `${TASKS}/new`, { name: `任务 ${++n}`, group_id: '1', package_id: standard, ...fields }, asJson);
	const body = await answer.json();
	return answer.status === 200 ? String(body.id) : body.error.fields;
}

test('a task: its settings, what cannot be changed, whose it is; a copy; a closed package hides it', async () => {
	const wrong = await task({ name: '', day_from: '25:00', day_until: '09:00', fetch_count: '-1', hide: 'some', state: 'gone' });
	assert.deepEqual(Object.keys(wrong).sort(), ['day_from', 'fetch_count', 'hide', 'name', 'state']);
	assert.deepEqual(Object.keys(await task({ day_from: '9:0' })), ['day_until']);
	assert.deepEqual(Object.keys(await task({ day_from: '18:00', day_until: '09:00' })), ['day_until']);
	const id = await task({ name: '春季 <b>回访</b>', day_from: '9:00', day_until: '18:00', weekdays: '1', note: 'x' });
	assert.deepEqual(stack.sql(`SELECT kind, state, day_from, day_until, weekdays, hide FROM call_task WHERE id = ${id}`), [['click', 'enabled', '09:00', '18:00', '1', 'none']]);
	assert.deepEqual(Object.keys(await task({ name: '春季 <b>回访</b>' })), ['name']);
	assert.equal((await post(admin, `${TASKS}/${id}`, { group_id: '2' }, asJson)).status, 400, 'the group stays');
	assert.deepEqual(Object.keys(await task({ group_id: '2' }, leader)), ['group_id'], 'not led');
	assert.ok(/^\d+$/.test(await task({}, leader)));
	assert.deepEqual((await json(leader, `${TASKS}?size=50`)).rows.map((r) => r.group_id).every((g) => g.startsWith('600')), true);
	assert.equal((await agent.json(TASKS)).status, 403);
	assert.equal((await post(admin, `${TASKS}/${id}/do/clone`, {})).status, 303);
	assert.deepEqual(stack.sql("SELECT name, day_from FROM call_task ORDER BY id DESC LIMIT 1"), [['春季 <b>回访</b> (2)', '09:00']]);
	for (const path of ['', `/${id}`]) assert.equal((await other.json(`${TASKS}${path}`)).status, path ? 404 : 200);
	assert.deepEqual((await json(other, TASKS)).rows, [], 'of another tenant');
	assert.equal((await other.json(`/crm/call-list/${id}`)).status, 404);
	const page = await (await admin.go(TASKS)).text();
	assert.ok(page.includes('春季 &lt;b&gt;回访&lt;/b&gt;') && page.includes('点击外呼'));
	// CRM-12: closing a package hides its tasks, opening it again does not bring them back
	stack.sql("INSERT INTO customer_package (tenant_id, id, code, name, created_at, updated_at) VALUES (2, 900, 'side', '副包', 0, 0)");
	const side = await task({ package_id: '900' });
	for (const state of ['closed', 'open']) assert.equal((await post(admin, '/crm/packages/900', { state }, asJson)).status, 200);
	assert.deepEqual(stack.sql(`SELECT state FROM call_task WHERE id = ${side}`), [['hidden']]);
	const gone = await create();
	assert.equal((await (await many(admin, 'to_task', gone, { task_id: side })).json()).ok, 0, 'a customer of another package stays where it is');
	await post(admin, `${LIST}/${gone}`, { task_id: side }, asJson).then(async (answer) => assert.deepEqual([answer.status, Object.keys((await answer.json()).error.fields)], [400, ['task_id']]));
	assert.equal((await post(admin, `${LIST}/${gone}`, { task_id: id }, asJson)).status, 200, 'by the form of the customer');
	assert.equal(whose(gone)[2], id);
	assert.equal((await post(admin, `${TASKS}/${id}/delete`, {}, asJson)).status, 200);
	assert.equal(whose(gone)[2], null, 'customers outlive the task');
});

test('CRM-24: into a task (an owner stays in both groups only), to an agent of it, to another task, out of it', async () => {
	const [one, two] = [await task(), await task({ group_id: '2' })];
	const [free, own, foreign] = [await create(), await create({ agent_id: '2' }), await create({ agent_id: '4' })];
	assert.equal((await (await many(admin, 'to_task', [free, own, foreign], { task_id: one })).json()).ok, 3);
	assert.deepEqual(whose(free), [null, '1', one, null], 'nobody else applies for it: it is the group\'s');
	assert.deepEqual(whose(own), ['2', null, one, '2'], 'the owner is of the group');
	assert.deepEqual(whose(foreign), [null, '1', one, null], 'the owner is not');
	assert.deepEqual((await json(admin, `${LIST}?task_id=${one}`)).rows.map((r) => r.id).sort(), [free, own, foreign].map(Number).sort());
	// of both groups: agent 1 leads the first and comes into the second
	stack.sql('INSERT INTO agent_group_member (tenant_id, group_id, agent_id, leader, takes_calls, position) VALUES (2, 2, 1, 0, 1, 9)');
	assert.equal((await many(admin, 'assign', free, { agent_id: '1' })).status, 200);
	assert.equal(whose(free)[3], '1', 'whose a row is follows the customer');
	assert.equal((await many(admin, 'to_task', [free, own], { task_id: two })).status, 200);
	assert.deepEqual([whose(free), whose(own)], [['1', null, two, '1'], [null, '2', two, null]]);
	assert.equal((await many(admin, 'to_task', own, { task_id: two, agent_id: '2' })).status, 400, 'no agent of that group');
	assert.equal((await many(admin, 'to_task', own, { task_id: two, agent_id: '4' })).status, 200);
	assert.deepEqual(whose(own), ['4', null, two, '4']);
	// leaders: their own groups only
	assert.equal((await many(leader, 'to_task', free, { task_id: two })).status, 400);
	const rows = await listOf(admin, two), row = (id) => String(rows.find((r) => r.phone === stack.sql(`SELECT phone FROM customer WHERE id = ${id}`)[0][0]).id);
	const there = `/crm/call-list/${two}`;
	assert.equal((await many(admin, 'give', row(free), { agent_id: '2' }, there)).status, 400);
	assert.equal((await many(admin, 'give', row(free), { agent_id: '3' }, there)).status, 200);
	assert.equal(whose(free)[3], '3');
	assert.equal((await many(admin, 'move', row(own), { task_id: one }, there)).status, 200);
	assert.equal(whose(own)[2], one);
	assert.equal((await many(admin, 'release', row(free), {}, there)).status, 200);
	assert.deepEqual(whose(free), [null, null, null, null], 'the customer table');
	assert.equal((await many(admin, 'recall', own)).status, 200);
	assert.deepEqual(whose(own), [null, null, null, null]);
	const left = (await listOf(admin, one))[0];
	assert.equal((await post(admin, `/crm/call-list/${one}/${left.id}/delete`, {}, asJson)).status, 200);
	assert.deepEqual(whose(foreign), [null, '1', null, null], 'whose it is does not change');
	assert.deepEqual(stack.sql(`SELECT kind, task_id FROM customer_move WHERE customer_id = ${own} AND task_id IS NOT NULL ORDER BY id LIMIT 1`), [['assign', two]]);
	stack.sql('DELETE FROM agent_group_member WHERE group_id = 2 AND agent_id = 1; DELETE FROM call_task WHERE tenant_id = 2; DELETE FROM call_task_customer');
});

test('agents: their lists, the next customer, fetching up to the day\'s limit, hours, what a saved card means', async () => {
	assert.match(await (await agent.go('/crm/call-list')).text(), /目前没有外呼任务/);
	const id = await task({ name: '二', fetch_count: '2', fetch_day: '3' }), first = await task({ name: '一', priority: '5' });
	const customers = [];
	for (let i = 0; i < 5; i++) customers.push(await create());
	assert.equal((await many(admin, 'to_task', customers, { task_id: id })).status, 200);
	assert.equal((await agent.go('/crm/call-list')).headers.get('location'), `/crm/call-list/${first}`, 'the greater priority');
	assert.equal((await post(agent, `/crm/call-fetch/${first}`, {})).status, 409, 'no fetching here');
	assert.deepEqual(await listOf(agent, id), []);
	// what an import that has not committed puts there is seen, fetched and called by nobody
	stack.sql(`INSERT INTO customer_batch (tenant_id, id, package_id, name, state, hidden, created_at, updated_at) VALUES (2, 990, ${standard}, 'x', 'running', 1, 0, 0); UPDATE call_task_customer SET batch_id = 990 WHERE task_id = ${id}`);
	assert.deepEqual(await listOf(admin, id), []);
	assert.equal((await post(agent, `/crm/call-fetch/${id}`, {})).status, 409);
	stack.sql("UPDATE call_task_customer SET agent_id = 2 WHERE batch_id = 990");
	assert.doesNotMatch((await agent.go(`/crm/call-next/${id}`)).headers.get('location'), /customer=/);
	stack.sql("UPDATE call_task_customer SET agent_id = NULL, batch_id = 0 WHERE batch_id = 990; DELETE FROM customer_batch WHERE id = 990");
	stack.sql(callRow(ulid(Date.now(), 77), { at: Date.now(), task_id: Number(id) }));
	assert.deepEqual((await json(admin, `/reports/calls?task_id=${id}`)).rows.map((r) => r.task_id), ['二'], 'the calls of a task');
	const fetched = async (status) => assert.equal((await post(agent, `/crm/call-fetch/${id}`, {})).status, status);
	await fetched(303);
	assert.deepEqual(customers.map((c) => whose(c)[0]), ['2', '2', null, null, null], 'the first of the list');
	await fetched(303);
	assert.equal((await listOf(agent, id)).length, 3, 'as many as are left for the day');
	await fetched(409);
	assert.equal((await listOf(leader, id)).length, 5, 'the leader sees all of them');
	const next = async () => (await agent.go(`/crm/call-next/${id}`)).headers.get('location');
	assert.equal(await next(), `/crm/card?customer=${customers[0]}`);
	assert.equal((await agent.go(await next())).status, 200);
	// results: what goes on is called, success and failure end it
	stack.sql("INSERT INTO sales_funnel (tenant_id, id, name, score, created_at, updated_at) VALUES (2, 71, '跟进', 0, 0, 0), (2, 72, '成功', 5, 0, 0); INSERT INTO call_result (tenant_id, id, name, created_at, updated_at) VALUES (2, 73, '有兴趣', 0, 0)");
	const save = (c, fields) => post(agent, '/crm/card', { customer: c, text: '', ...fields }, asJson);
	assert.equal((await save(customers[0], { funnel_id: '71', result_id: '73' })).status, 200);
	assert.equal(await next(), `/crm/card?customer=${customers[1]}`);
	assert.equal((await save(customers[1], { funnel_id: '72' })).status, 200);
	const state = () => stack.sql(`SELECT state, COALESCE(result_id, 0) FROM call_task_customer WHERE task_id = ${id} ORDER BY id`);
	assert.deepEqual(state().slice(0, 3), [['called', '73'], ['done', '0'], ['new', '0']]);
	assert.deepEqual((await listOf(agent, id)).map((r) => r.state), ['called', 'done', 'new'].reverse());
	assert.deepEqual((await (await agent.go(`/crm/call-list/${id}`)).text()).match(/value="\d+" aria-label/g)?.length ?? 1, 1, 'the page begins with those not called');
	// a time to call again comes before new ones
	const row = (await listOf(agent, id)).find((r) => r.state === 'called');
	assert.equal((await post(agent, `/crm/call-list/${id}/${row.id}`, { next_at: '2020-01-01T00:00' }, asJson)).status, 200);
	assert.equal(await next(), `/crm/card?customer=${customers[0]}`);
	assert.equal((await save(customers[2], { funnel_id: '72' })).status, 200);
	assert.equal((await save(customers[0], { funnel_id: '72' })).status, 200);
	assert.match(await next(), /none=1/);
	assert.match(await (await agent.go(await next())).text(), /没有您需要呼叫的客户了/);
	// outside of the working time nobody is called, nor fetched
	await stack.startEngine(() => ({ call: '01JD0000000000000000000000' }));
	const call = () => post(agent, `/crm/call-list/${id}/${row.id}/call/phone`, {}, asJson);
	assert.equal((await call()).status, 200);
	stack.sql(`UPDATE call_task SET ends_at = 1000 WHERE id = ${id}`);
	assert.deepEqual([(await call()).status, (await (await call()).json()).error.message], [409, '现在不在任务的工作时间内： 二']);
	assert.match((await (await post(agent, `/crm/call-fetch/${id}`, {}, asJson)).json()).error.message, /工作时间/);
	await stack.stopEngine();
	// TEL-12, TEL-13: a call of the task goes by its profile and shows its caller id, while the tenant has that
	const sent = () => { const { profile, caller_id, customer } = stack.commands.at(-1).params; return { profile, caller_id, customer }; };
	stack.sql(`UPDATE call_task SET ends_at = NULL WHERE id = ${id}; INSERT INTO outbound_profile (tenant_id, id, name, created_at, updated_at) VALUES (2, 77, '外呼', 0, 0); INSERT INTO caller_id (tenant_id, for_tenant, number, created_at, updated_at) VALUES (1, 2, '4007001', 0, 0)`);
	await stack.startEngine(() => ({ call: '01JD0000000000000000000000' }));
	assert.deepEqual(Object.keys((await (await post(admin, `${TASKS}/${id}`, { caller_id: '4009999' }, asJson)).json()).error.fields), ['caller_id'], 'nobody\'s');
	assert.equal((await post(admin, `${TASKS}/${id}`, { profile_id: '77', caller_id: '4007001' }, asJson)).status, 200);
	assert.match(await (await admin.go(`${TASKS}/${id}`)).text(), /<option value="4007001" selected>/);
	assert.equal((await call()).status, 200);
	assert.deepEqual(sent(), { profile: 77, caller_id: '4007001', customer: Number(customers[0]) });
	stack.sql("UPDATE caller_id SET state = 'disabled'");
	assert.equal((await call()).status, 200);
	assert.deepEqual(sent(), { profile: 77, caller_id: undefined, customer: Number(customers[0]) });
	assert.equal((await post(admin, '/admin/outbound-profiles/77/delete', {}, asJson)).status, 409, 'a task uses it');
	await stack.stopEngine();
	// hidden and closed ones are no agent's
	stack.sql(`UPDATE call_task SET ends_at = NULL, state = 'hidden' WHERE id = ${id}`);
	assert.deepEqual([(await agent.json(`/crm/call-list/${id}`)).status, (await leader.json(`/crm/call-list/${id}`)).status, (await post(agent, `/crm/call-fetch/${id}`, {})).status], [404, 200, 404]);
	assert.equal((await agent.go(`/crm/call-next/${id}`)).status, 404);
	for (const bad of ['0', '-1', 'x', '1e3', '99999999999999999999']) assert.equal((await agent.json(`/crm/call-list/${bad}`)).status, 404, bad);
	stack.sql('DELETE FROM call_task WHERE tenant_id = 2; DELETE FROM call_task_customer');
});

test('CALL-13: a task hides the middle or all digits everywhere and for everybody, who calls and finds all the same', async () => {
	const id = await task({ hide: 'middle' });
	const hidden = await create({ name: '藏', phone: '13912345678', agent_id: '2' }), plain = await create({ name: '露', phone: '13987654321', agent_id: '2' });
	assert.equal((await many(admin, 'to_task', hidden, { task_id: id })).status, 200);
	const at = Date.now(), call = ulid(at);
	stack.sql(callRow(call, { at, direction: 'out', caller: '802', callee: '13912345678', agent: '802' }));
	stack.sql(`INSERT INTO contact_record (tenant_id, package_id, customer_id, name, phone, at, origin, agent) VALUES (2, ${standard}, ${hidden}, '藏', '13912345678', ${at}, 'card', '802')`);
	await stack.startEngine(() => ({ call: '01JD0000000000000000000000' }));
	for (const [hide, shown] of [['middle', '139****5678'], ['all', '*****']]) {
		stack.sql(`UPDATE call_task SET hide = '${hide}'; UPDATE calls SET hide = '${hide}'`);
		const row = (await listOf(agent, id))[0];
		assert.equal(row.phone, shown);
		for (const client of [agent, admin]) {
			const phones = Object.fromEntries((await json(client, `${LIST}?size=200`)).rows.map((r) => [r.name, r.phone]));
			assert.deepEqual([phones['藏'], phones['露']], [shown, '13987654321']);
			for (const path of [LIST, `/crm/call-list/${id}`, `/crm/call-list/${id}?format=csv`, `/crm/card?customer=${hidden}`, `/crm/contacts?time=today`, '/reports/calls', '/reports/calls?format=json', `/reports/calls/${call.text}`]) {
				const answer = await client.go(path), text = await answer.text();
				assert.equal(answer.status, 200, path);
				assert.ok(!text.includes('13912345678') && !text.includes('12345678'), path);
				assert.ok(text.includes(shown), `${path} shows ${shown}`);
			}
		}
		// parts would tell the digits one by one; the whole number finds
		for (const query of ['q=1234567', 'q=139*', 'field1=phone&op1=contains&value1=34567', 'field1=phone&op1=starts&value1=139123'])
			assert.ok(!(await json(admin, `${LIST}?size=200&${query}`)).rows.some((r) => r.name === '藏'), query);
		assert.deepEqual((await json(admin, `${LIST}?q=13912345678`)).rows.map((r) => r.name), ['藏']);
		assert.deepEqual((await json(admin, `${LIST}?q=8765432`)).rows.map((r) => r.name), ['露']);
		assert.deepEqual((await listOf(agent, id, 'q=34567')).length, 0);
		assert.deepEqual((await listOf(agent, id, 'q=13912345678')).length, 1);
		assert.deepEqual((await listOf(agent, id, 'q=藏')).length, 1);
		assert.equal((await json(admin, '/crm/contacts?time=today&q=2345')).rows.length, 0);
		// the form keeps what it does not show
		assert.equal((await post(admin, `${LIST}/${hidden}`, { phone: shown, note: hide }, asJson)).status, 200);
		assert.deepEqual(stack.sql(`SELECT phone, note FROM customer WHERE id = ${hidden}`), [['13912345678', hide]]);
		for (const path of [`/crm/call-list/${id}/${row.id}/call/phone`, `${LIST}/${hidden}/call/phone`]) {
			assert.equal((await post(agent, path, {}, asJson)).status, 200);
			assert.deepEqual([stack.commands.at(-1).params.number, stack.commands.at(-1).params.shown], ['13912345678', shown]);
		}
	}
	// account and role: the strictest counts
	const phone = async () => Object.fromEntries((await json(agent, `${LIST}?size=200`)).rows.map((r) => [r.name, r.phone]));
	stack.sql("UPDATE call_task SET hide = 'none'; UPDATE role SET hide_numbers = 1 WHERE id = 3");
	assert.deepEqual([(await phone())['藏'], (await phone())['露']], ['139****5678', '139****4321']);
	stack.sql("UPDATE user SET hide_numbers = 2 WHERE tenant_id = 2 AND username = '802'");
	assert.equal((await phone())['露'], '*****');
	stack.sql("UPDATE role SET hide_numbers = 0; UPDATE user SET hide_numbers = 0 WHERE tenant_id = 2; UPDATE call_task SET hide = 'middle'");
	assert.deepEqual([(await phone())['藏'], (await phone())['露']], ['139****5678', '13987654321']);
	await stack.stopEngine();
	stack.sql('DELETE FROM call_task WHERE tenant_id = 2; DELETE FROM call_task_customer');
});

test('CRM-12: a call is of the package of its access number; closing a package hides what its form says and frees the number, opening brings it back', async () => {
	await stack.startEngine(() => ({})); // access numbers tell it of changes
	const made = await (await post(admin, '/crm/packages/new', { name: '副包二', code: 'second' }, asJson)).json();
	const id = String(made.id), own = await post(admin, '/crm/customers/second/new', { name: '副', phone: '13512340001' }, asJson).then((a) => a.json());
	const both = await create({ name: '两包', phone: '13512340002' }), twin = (await (await post(admin, '/crm/customers/second/new', { name: '两包二', phone: '13512340002' }, asJson)).json()).id;
	await create({ name: '只在默认', phone: '13512340003' });
	const did = (await (await post(admin, '/admin/dids/new', { number: '4006001', to: 'queue:600', package_id: id }, asJson)).json()).id;
	assert.deepEqual((await json(admin, '/admin/dids?package_id=' + id)).rows.map((r) => [r.number, r.package_id]), [['4006001', '副包二']]);
	const rows = () => stack.sql(`SELECT number, COALESCE(package_id, 0) FROM did WHERE id = ${did}`)[0];
	for (const package_id of ['', id]) { // and many at once
		const answer = await post(admin, '/admin/dids/batch', { action: 'edit', scope: 'selected', keys: String(did), apply: '1', set_package_id: '1', package_id }, asJson);
		assert.equal(answer.status, 200, await answer.text());
		assert.equal(rows()[1], package_id || '0');
	}
	// the card of a call knows its package only: whom it finds, and where a new one goes
	const calls = {};
	for (const [name, caller] of [['twin', '13512340002'], ['stranger', '13512340003']]) {
		calls[name] = ulid(Date.now());
		stack.sql(callRow(calls[name], { at: Date.now(), direction: 'in', caller, did: '4006001', agent: '802', package_id: Number(id) }));
	}
	const card = (query) => json(admin, `/crm/card?${query}`);
	assert.deepEqual(await card(`call=${calls.twin.text}`), { customer: twin, package: 'second', matches: [twin] });
	assert.deepEqual(await card('number=13512340002'), { customer: Number(both), package: 'default', matches: [Number(both), twin] }, 'a number alone is looked for in all');
	assert.deepEqual(await card(`call=${calls.stranger.text}`), { customer: 0, package: 'second', matches: [] });
	const saved = await (await post(admin, '/crm/card', { call: calls.stranger.text, customer: '0', name: '新', phone: '13512340003', text: '' }, asJson)).json();
	assert.deepEqual(stack.sql(`SELECT p.code FROM customer c JOIN customer_package p ON p.id = c.package_id WHERE c.id = ${saved.id}`), [['second']]);
	assert.equal((await card(`call=${calls.stranger.text}`)).customer, saved.id);
	stack.sql(`INSERT INTO contact_record (tenant_id, package_id, customer_id, name, phone, at, origin, agent) VALUES (2, ${id}, ${own.id}, '副', '13512340001', ${Date.now()}, 'card', '802'); INSERT INTO sales_funnel (tenant_id, package_id, name, score, created_at, updated_at) VALUES (2, ${id}, '副步', 0, 0, 0)`);
	const work = await task({ package_id: id, name: '副任务' });
	const lists = { customers: '/crm/customers/second', fields: `/crm/fields?package_id=${id}&size=50`, calls: `/reports/calls?package_id=${id}&columns=package_id,caller`, contacts: `/crm/contacts?package_id=${id}`, marks: `/crm/marks?package_id=${id}`, tasks: `${TASKS}?package_id=${id}`, funnels: `/crm/funnels?package_id=${id}` };
	const counts = async () => Object.fromEntries(await Promise.all(Object.entries(lists).map(async ([name, path]) => {
		const answer = await admin.json(path);
		return [name, answer.status === 200 ? (await answer.json()).rows.length : answer.status];
	})));
	const open = await counts();
	assert.deepEqual(open, { customers: 3, fields: 8, calls: 2, contacts: 1, marks: 1, tasks: 1, funnels: 1 });
	assert.equal((await json(admin, `/reports/calls?package_id=${id}`)).rows[0].package_id, '副包二');
	const close = (fields) => post(admin, `/crm/packages/${id}`, fields, asJson);
	// as its form says
	assert.equal((await close({ state: 'closed', hides: 'calls' })).status, 200);
	assert.deepEqual(await counts(), { ...open, calls: 0 });
	assert.deepEqual([rows()[1], stack.sql(`SELECT state FROM call_task WHERE id = ${work}`)[0][0]], ['0', 'hidden'], 'the number is free, the task hidden');
	assert.deepEqual(Object.keys((await (await post(admin, `${TASKS}/${work}`, { state: 'enabled' }, asJson)).json()).error.fields), ['state'], 'not while the package is closed');
	assert.equal((await close({ hides: 'customers,fields,calls,contacts,tasks,funnels' })).status, 200);
	assert.deepEqual(await counts(), { customers: 404, fields: 0, calls: 0, contacts: 0, marks: 0, tasks: 0, funnels: 0 });
	for (const path of [`${TASKS}/${work}`, `/crm/call-list/${work}`, `/crm/card?customer=${own.id}`, `/reports/calls/${calls.twin.text}`]) assert.equal((await admin.json(path)).status, 404, path);
	for (const path of ['/crm/contacts', '/reports/calls', '/crm/marks', '/crm/imports/new', '/admin/dids/new', `${TASKS}/new`, LIST]) assert.ok(!(await (await admin.go(path)).text()).includes('副包二'), path);
	assert.deepEqual((await card(`call=${calls.twin.text}`)).matches, [Number(both)], 'its calls are the default package\'s meanwhile');
	// nothing is lost
	assert.equal((await close({ state: 'open' })).status, 200);
	assert.deepEqual(await counts(), open);
	assert.deepEqual([rows()[1], stack.sql(`SELECT state FROM call_task WHERE id = ${work}`)[0][0]], ['0', 'hidden'], 'by hand');
	assert.equal((await post(admin, `${TASKS}/${work}`, { state: 'enabled' }, asJson)).status, 200);
	await stack.stopEngine();
	stack.sql(`DELETE FROM call_task WHERE tenant_id = 2; DELETE FROM did WHERE id = ${did}`);
});

test('an agent\'s list of a large task: with and without a state, pages behind and the next customer examine 2,000 rows at most', async () => {
	const id = await task({ name: '大任务', fetch_count: '1' }), FIRST = 2000000;
	stack.sql(`INSERT INTO customer (tenant_id, id, package_id, name, phone, created_at, updated_at) SELECT 2, ${FIRST} + seq, ${standard}, CONCAT('L', seq), seq, 1, 1 FROM seq_1_to_20000;
		INSERT INTO call_task_customer (tenant_id, task_id, customer_id, agent_id, state, added_at, added_by) SELECT 2, ${id}, ${FIRST} + seq, IF(seq % 3 = 0, 2, NULL), IF(seq % 2, 'new', IF(seq % 4, 'called', 'done')), 1, 't' FROM seq_1_to_20000 ORDER BY seq;
		ANALYZE TABLE customer, call_task_customer`);
	const list = `/crm/call-list/${id}`, next = (text) => text.match(/rel="next" href="([^"]+)"/)[1].replaceAll('&amp;', '&');
	const all = await (await agent.go(`${list}?size=50`)).text();
	for (const path of [`${list}?size=50`, next(all), `${list}?size=200&before=1`, list, `${list}?state=called`, `${list}?state=done&size=100`, `/crm/call-next/${id}`]) {
		await agent.go(path); // prepares its statements
		const rows = await stack.examined(async () => assert.ok((await agent.go(path)).status < 400, path));
		assert.ok(rows <= 2000, `${path}: ${rows} rows`);
	}
	assert.deepEqual((await listOf(agent, id, 'size=10')).map((r) => r.name), Array.from({ length: 10 }, (_, i) => `L${19998 - 3 * i}`));
	// the control: the leader's whole task by a column without an index does examine more
	assert.ok(await stack.examined(() => leader.go(`${list}?answered=1`)) > 10000);
	stack.sql(`DELETE FROM customer WHERE id > ${FIRST}; DELETE FROM call_task WHERE tenant_id = 2; DELETE FROM call_task_customer`);
});
