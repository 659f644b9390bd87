// SPDX-License-Identifier: GPL-2.0-or-later
// TIC-01 to TIC-05 and PLAT-18: tickets, a paid plugin, from its first category to a closed ticket; and without a contract.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callRow, Client, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack({ plugins: ['plugins/tickets'] });
const LIST = '/crm/tickets/list';
const online = new Map();
const tickets = {}; // ids by title
let admin, leader, agent, api;

before(async () => {
	await stack.start();
	await stack.startEngine((method) => {
		if (method === 'cc.board') return { agents: [...online].map(([number, call]) => ({ agent: number, work: 'online', call_state: call })), queues: [], waiting: [] };
		throw { reason: 'no_such_agent' };
	});
	for (const words of [['enable', 'tickets'], ['enable', 'tickets', '--tenant', 'demo']]) {
		const { code, out } = stack.cli('plugin', ...words);
		assert.equal(code, 0, out);
	}
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) SELECT 2, r.id, p.p FROM (SELECT 2 id UNION SELECT 3) r JOIN (SELECT 'tickets.ticket.*' p UNION SELECT 'tickets.step.*' UNION SELECT 'tickets.home.view' UNION SELECT 'tickets.tab.view' UNION SELECT 'crm.appointments.*') p");
	stack.sql("DELETE FROM role_permission WHERE tenant_id = 2 AND role_id = 3 AND permission = 'tickets.ticket.*'; INSERT INTO role_permission (tenant_id, role_id, permission) SELECT 2, 3, CONCAT('tickets.ticket.', x) FROM (SELECT 'list' x UNION SELECT 'create' UNION SELECT 'edit' UNION SELECT 'take' UNION SELECT 'transfer' UNION SELECT 'close') a");
	[admin, leader, agent, api] = [1, 2, 3, 4].map(() => new Client(stack.url));
	assert.equal((await admin.signIn('demo', 'admin', 'demo-admin')).status, 303);
	assert.equal((await leader.signIn('demo', '801', 'demo-801')).status, 303);
	assert.equal((await agent.signIn('demo', '802', 'demo-802')).status, 303);
});
after(() => stack.stop());

const text = async (client, path) => (await client.go(path)).text();
const post = (client, path, fields, headers) => client.post(path, { csrf: client.csrf, ...fields }, headers);
const made = async (client, path, fields) => {
	const answer = await post(client, `${path}/new`, fields, { accept: 'application/json' }), body = await answer.text();
	assert.equal(answer.status, 200, body);
	return JSON.parse(body).id;
};
const ticket = async (client, fields) => (tickets[fields.title] = await made(client, LIST, { priority: 'mid', ...fields }));
const row = async (client, id) => (await client.json(`${LIST}/${id}`)).json();
const rows = async (client, query = '') => (await (await client.json(`${LIST}${query}`)).json()).rows;
const many = (client, action, id, fields = {}) => post(client, `${LIST}/batch`, { action, scope: 'selected', keys: id, apply: '1', ...fields }, { accept: 'application/json' });
const done = async (...all) => {
	const answer = await many(...all), body = await answer.text();
	assert.equal(answer.status, 200, body);
	return JSON.parse(body).ok;
};
const steps = (id) => stack.sql(`SELECT kind FROM tickets_step WHERE ticket_id = ${id} ORDER BY id`).map(([kind]) => kind);
const holder = (id) => stack.sql(`SELECT COALESCE(group_id, 0), COALESCE(agent_id, 0) FROM tickets_ticket WHERE id = ${id}`)[0].join();

const states = {}, categories = {}, results = {};

test('TIC-02, TIC-05: states, results and a tree of categories with fields', async () => {
	const S = '/crm/tickets/states', K = '/crm/tickets/categories', F = '/crm/tickets/fields';
	states.begun = await made(admin, S, { name: '处理中', position: '1' });
	states.second = await made(admin, S, { name: '转二线', group_id: '2', auto_assign: '1', position: '2' });
	states.asked = await made(admin, S, { name: '待确认', group_id: '2', keep_owner: '1', auto_assign: '1', position: '3' });
	states.over = await made(admin, S, { name: '已完成', position: '4' });
	results.solved = await made(admin, '/crm/tickets/results', { name: '已解决' });
	categories.service = await made(admin, K, { name: '售后', state: 'enabled', note: '所有售后' });
	categories.repair = await made(admin, K, { name: '报修', state: 'enabled', parent_id: categories.service, end_state_id: states.over, group_id: '1', auto_assign: '1' });
	categories.kept = await made(admin, K, { name: '咨询', state: 'enabled', group_id: '1', keep_owner: '1', auto_assign: '1' });
	categories.off = await made(admin, K, { name: '停用类', state: 'disabled' });
	assert.match(await text(admin, '/crm/tickets/tree'), /停用类<\/a> <span class="tag">停用[^]*售后<\/a>[^]*所有售后[^]*<ul><li>[^]*报修/);
	assert.equal((await post(admin, `${K}/${categories.service}`, { name: '售后', state: 'enabled', parent_id: categories.repair })).status, 400, 'not below itself');
	const province = await made(admin, F, { category_id: categories.repair, name: 'province', label: '省份', kind: 'choice', choices: '广东\n浙江', required: '1', position: '1' });
	await made(admin, F, { category_id: categories.repair, name: 'city', label: '城市', kind: 'linked', choices: '广东: 广州, 深圳\n浙江：杭州', parent_id: province, position: '2' });
	await made(admin, F, { category_id: categories.repair, name: 'bought', label: '购买日期', kind: 'date', position: '3' });
	assert.equal((await post(admin, `${F}/new`, { category_id: categories.repair, name: 'x', label: 'x', kind: 'linked', choices: '广东', parent_id: province })).status, 400);
	assert.equal((await post(admin, `${S}/${states.over}/delete`, {}, { accept: 'application/json' })).status, 409, 'a category ends with it');
});

test('TIC-01: the form has the fields of its category, links fill it in and write nothing', async () => {
	const page = await text(agent, `${LIST}/new?phone=13800000001&customer_name=%E5%BC%A0%E4%B8%89&description=%E6%BC%8F%E6%B0%B4&category_id=${categories.repair}&source=service/7`);
	for (const piece of ['value="13800000001"', 'value="张三"', '漏水', '省份', '购买日期', 'name="source" id="f-source" value="service/7"', 'data-follows="x_province"']) assert.ok(page.includes(piece), piece);
	assert.ok(!page.includes('停用类'));
	assert.ok(!(await text(agent, `${LIST}/new`)).includes('省份'));
	assert.deepEqual(await rows(admin), []);
	const refused = await post(agent, `${LIST}/new`, { title: '漏水', priority: 'mid', category_id: categories.repair });
	assert.equal(refused.status, 400);
	assert.match(await refused.text(), /省份[^]*field-why/);
	assert.equal((await agent.json('/crm/tickets/find?source=service/7')).status, 404);
});

test('TIC-02: to the agent who is online, idle and has the fewest; nobody online: to the group', async () => {
	stack.sql("INSERT INTO customer (tenant_id, id, name, phone, phone_e164, package_id, created_at, updated_at) SELECT 2, 9001, '张三', '13800000001', '8613800000001', id, 1, 1 FROM customer_package WHERE tenant_id = 2 AND standard = 1");
	const repair = { category_id: categories.repair, x_province: '广东', x_city: '广州', x_bought: '2026-01-02' };
	await ticket(admin, { ...repair, title: 'nobody', phone: '13800000001', source: 'service/7' });
	assert.equal(holder(tickets.nobody), '1,0');
	online.set('801', 'connected').set('802', 'idle').set('806', 'idle');
	await ticket(admin, { ...repair, title: 'idle' });
	assert.equal(holder(tickets.idle), '1,2', 'not who is in a call, not who is in another group');
	online.set('801', 'idle');
	await ticket(admin, { ...repair, title: 'fewest' });
	assert.equal(holder(tickets.fewest), '1,1');
	await ticket(admin, { ...repair, title: 'state first', state_id: states.second });
	assert.equal(holder(tickets['state first']), '2,3', "the state's group");
	await ticket(agent, { category_id: categories.kept, title: 'kept' });
	assert.equal(holder(tickets.kept), '1,2', 'its author is in the group');
	await ticket(admin, { category_id: categories.kept, title: 'given', agent_id: '4' });
	assert.equal(holder(tickets.given), '0,4', 'who was chosen');
	const got = await row(admin, tickets.nobody);
	assert.match(got.number, /^\d{8}0001$/);
	assert.deepEqual([got.stage, got.priority, got.customer_id, got.x_province, got.x_city, got.x_bought, got.author], ['open', 'mid', 9001, '广东', '广州', '2026-01-02', '管理员']);
	assert.equal((await (await agent.json('/crm/tickets/find?source=service/7')).json()).error?.code ?? 'found', 'not_found', 'not the agent\'s');
	assert.equal((await (await admin.json('/crm/tickets/find?source=service/7')).json()).id, tickets.nobody);
});

test('TIC-02: another state moves the ticket or leaves it, its end state closes it', async () => {
	const edit = async (id, fields) => assert.equal((await post(admin, `${LIST}/batch`, { action: 'edit', scope: 'selected', keys: id, apply: '1', ...fields }, { accept: 'application/json' })).status, 200);
	await edit(tickets.idle, { set_state_id: '1', state_id: states.asked });
	assert.equal(holder(tickets.idle), '2,2', 'the agent is kept');
	await edit(tickets.idle, { set_state_id: '1', state_id: states.second });
	assert.equal(holder(tickets.idle), '2,3');
	await edit(tickets.idle, { set_state_id: '1', state_id: states.over });
	const got = await row(admin, tickets.idle);
	assert.deepEqual([got.stage, got.closed_by], ['closed', '管理员']);
	assert.deepEqual(steps(tickets.idle), ['create', 'assign', 'state', 'assign', 'state', 'assign', 'state', 'close']);
});

test('TIC-01: take over, transfer with a note, close with a result, reopen with a permission', async () => {
	const id = tickets.nobody;
	assert.equal((await agent.go(`${LIST}/${id}/view`)).status, 404, 'of the group: its leader sees it');
	assert.equal(await done(leader, 'take', id), 1);
	assert.equal(holder(id), '1,1');
	assert.equal((await many(leader, 'transfer', id, { agent_id: '2' })).status, 400, 'why?');
	assert.equal((await many(leader, 'transfer', id, { agent_id: '3', group_id: '1', note: 'x' })).status, 400, 'not of this group');
	assert.equal(await done(leader, 'transfer', id, { agent_id: '2', note: '请上门处理' }), 1);
	const page = await text(agent, `${LIST}/${id}/view`);
	for (const piece of ['工单进展', '801 张伟 → ', '802 王芳', '<q>请上门处理</q>', '省份', '138****0001', 'value="transfer"', 'value="close"']) assert.ok(page.includes(piece), piece);
	assert.ok(!page.includes('value="reopen"') && !page.includes('value="take"'));
	const note = new FormData();
	for (const [name, value] of Object.entries({ csrf: agent.csrf, ticket_id: String(id), text: '已联系客户' })) note.append(name, value);
	note.append('file', new Blob(['notes of the visit\n'], { type: 'text/plain' }), '记录.txt');
	assert.equal((await agent.go(`${LIST}/${id}/view`, { method: 'POST', body: note, headers: { origin: stack.url } })).status, 303);
	const [, file] = (await text(agent, `${LIST}/${id}/view`)).match(/<q>已联系客户<\/q> <a href="([^"]+)">记录.txt/);
	assert.equal((await agent.go(file)).status, 200);
	assert.equal((await many(agent, 'close', id)).status, 400, 'without a result');
	assert.equal(await done(agent, 'close', id, { result_id: results.solved, note: '好了' }), 1);
	const got = await row(admin, id);
	assert.deepEqual([got.stage, got.closed_by], ['closed', '王芳']);
	assert.equal(await done(agent, 'transfer', id, { agent_id: '1', note: 'x' }), 0, 'it is closed');
	assert.equal((await many(agent, 'reopen', id, { note: 'x' })).status, 403);
	assert.equal((await post(agent, `${LIST}/batch`, { action: 'edit', scope: 'selected', keys: id, apply: '1', set_state_id: '1', state_id: states.begun }, { accept: 'application/json' }).then((a) => a.json())).refused, 1, 'nor by its state');
	assert.equal(await done(leader, 'reopen', id, { note: '又漏了' }), 1);
	assert.equal((await row(admin, id)).stage, 'open');
	assert.deepEqual(steps(id), ['create', 'assign', 'take', 'transfer', 'note', 'close', 'reopen']);
});

test('TIC-03: a flow goes from step to step with roles and deadlines; a draft waits for its author', async () => {
	const flow = await made(admin, '/crm/tickets/flows', { name: '流程工单测试', state: 'enabled' });
	const step = (fields) => made(admin, '/crm/tickets/flow-steps', { flow_id: flow, ...fields });
	await step({ position: '1', name: '受理', role_id: '3', group_id: '1', hours: '2' });
	await step({ position: '2', name: '审核', agent_id: '1' });
	assert.equal((await post(admin, '/crm/tickets/flow-steps/new', { flow_id: flow, position: '3', name: 'x' })).status, 400);
	const id = await ticket(leader, { category_id: categories.service, flow_id: flow, title: 'draft', draft: '1' });
	assert.equal(holder(id), '0,0');
	assert.ok(!(await rows(admin)).some((r) => r.id === id), 'only its author sees it');
	assert.match(await text(leader, `${LIST}/${id}/view`), /\/do\/submit/);
	assert.equal((await post(leader, `${LIST}/${id}/do/submit`, {})).status, 303);
	assert.equal(holder(id), '1,2');
	const begun = await row(admin, id), hours = (Date.parse(begun.due_at) - Date.now()) / 3600000;
	assert.ok(begun.flow_step === '受理' && hours > 1.9 && hours <= 2);
	assert.equal(await done(agent, 'advance', id, { note: '资料齐' }), 1);
	assert.equal(holder(id), '0,1');
	assert.equal((await row(admin, id)).due_at, null);
	assert.equal(await done(leader, 'advance', id), 1);
	assert.equal((await row(admin, id)).stage, 'closed');
	assert.deepEqual(steps(id), ['create', 'submit', 'advance', 'advance', 'close']);
});

test('TIC-04: searched by what the list shows and by own fields, exported, overdue ones marked', async () => {
	stack.sql(`UPDATE tickets_ticket SET due_at = 1000 WHERE id = ${tickets.fewest}`);
	const titles = async (query) => (await rows(admin, query)).map((r) => r.title).sort().join();
	for (const [query, found] of [['?stage=overdue', 'fewest'], ['?title=few', 'fewest'], [`?category_id=${categories.kept}`, 'given,kept'], ['?agent_id=4', 'given'], ['?author=%E7%8E%8B%E8%8A%B3', 'kept'],
		['?phone=13800000001', 'nobody'], ['?q=%E5%AE%A2%E6%9C%8D', 'idle,state first'], ['?field1=x_city&op1=is&value1=%E5%B9%BF%E5%B7%9E&field2=closed_at&op2=empty', 'fewest,nobody,state first'], [`?result_id=${results.solved}`, '']])
		assert.equal(await titles(query), found, query);
	assert.match(await text(admin, LIST), /<tr class="row-late">[^]*?fewest/);
	const csv = await text(admin, `${LIST}?format=csv&columns=number,title,x_province`);
	assert.match(csv, /工单编号[^]*fewest/);
	const [first] = await (await admin.json('/crm/tickets/figures/state')).json().then((a) => a.rows.filter((r) => r.by === '转二线'));
	assert.deepEqual([first.count, first.open, first.closed], [1, 1, 0]);
	assert.match(await text(admin, '/crm/tickets/figures/category'), /工单统计[^]*报修/);
	assert.match(await text(admin, '/reports/'), /href="\/crm\/tickets\/figures\/category"/);
});

test('TIC-04: reminders of whoever has the ticket, the open ones on the start page', async () => {
	const at = new Date(Date.now() + 3600000).toISOString();
	assert.equal((await post(leader, `${LIST}/${tickets.fewest}`, { title: 'fewest', priority: 'urgent', category_id: categories.repair, x_province: '广东', agent_id: '1', group_id: '1', remind_at: at }, { accept: 'application/json' })).status, 200);
	const reminders = () => stack.sql("SELECT u.username, a.title LIKE '% fewest' FROM appointment a JOIN user u ON u.id = a.user_id WHERE a.tenant_id = 2").join(';');
	assert.equal(reminders(), '801,1');
	assert.equal(await done(leader, 'transfer', tickets.fewest, { agent_id: '2', note: 'x' }), 1);
	assert.equal(reminders(), '802,1');
	const home = await text(agent, '/desk/');
	assert.match(home, /data-src="\/crm\/tickets\/home"/);
	const card = await text(agent, '/crm/tickets/home');
	assert.match(card, /我的工单<\/dt><dd><a href="\/crm\/tickets\/list\?agent_id=2" data-tab>3</);
	assert.ok(!card.includes('组内工单') && card.includes('fewest'));
	assert.match(await text(leader, '/crm/tickets/home'), /组内工单/);
	assert.equal(await done(agent, 'close', tickets.fewest, { result_id: results.solved }), 1);
	assert.equal(reminders(), '');
});

test('beside a call and on the card: the caller\'s tickets and a new one that knows the call', async () => {
	const id = ulid(Date.now(), 7);
	stack.sql(callRow(id, { at: Date.now(), caller: '13800000001', queue: '600', agent: '802', agent_name: '王芳' }));
	const tab = await text(admin, `/crm/tickets/tab?call=${id.text}&number=13800000001`);
	const [, link] = tab.match(/href="(\/crm\/tickets\/list\/new[^"]+)"/);
	assert.equal(link.replaceAll('&amp;', '&'), `${LIST}/new?phone=13800000001&customer_name=%E5%BC%A0%E4%B8%89&customer_id=9001&call=${id.text}`);
	assert.ok(tab.includes('nobody'));
	const id2 = await ticket(admin, { category_id: categories.service, title: 'of a call', call: id.text });
	assert.deepEqual(stack.sql(`SELECT phone_e164, customer_id, HEX(call_id) FROM tickets_ticket WHERE id = ${id2}`)[0], ['8613800000001', '9001', id.hex]);
	const [call] = (await (await admin.json('/reports/calls')).json()).rows;
	assert.equal(call.tickets_number, (await row(admin, id2)).number);
	const card = await text(admin, '/crm/card?customer=9001');
	assert.match(card, /data-fragment="\/crm\/tickets\/tab\?call=&amp;number=&amp;customer=9001"/);
	assert.match(await text(admin, '/crm/tickets/tab?call=&number=&customer=9001'), /new\?customer_name=%E5%BC%A0%E4%B8%89&amp;customer_id=9001"[^]*of a call[^]*nobody/);
	const known = await ticket(admin, { category_id: categories.service, title: 'of a customer', customer_id: '9001' });
	assert.deepEqual(stack.sql(`SELECT phone, customer_name FROM tickets_ticket WHERE id = ${known}`)[0], ['13800000001', '张三']);
	assert.equal((await post(agent, `${LIST}/new`, { category_id: categories.service, title: 'x', priority: 'mid', customer_id: '9001' })).status, 400, 'whom the agent does not see');
});

test('CRM-17: a service record is defined as a ticket: a button until it is one, then its number', async () => {
	const id = await made(admin, '/crm/services', { name: '张三', phone: '13800000009', note: '漏水 & <b>' });
	const shown = async (client = admin) => (await text(client, '/crm/services')).match(/href="(\/crm\/tickets\/list\/new\?source=[^"]*)"/)?.[1].replaceAll('&amp;', '&');
	const link = await shown(), query = Object.fromEntries(new URL(link, stack.url).searchParams);
	assert.deepEqual(query, { source: `service/${id}`, customer_name: '张三', phone: '13800000009', description: '漏水 & <b>' });
	assert.match(await text(admin, link), /value="13800000009"/);
	const of = await ticket(admin, { ...query, category_id: categories.service, title: 'of a service' });
	const number = stack.sql(`SELECT number FROM tickets_ticket WHERE id = ${of}`)[0][0];
	assert.equal(await shown(), undefined, 'it is one');
	const found = async (words) => (await (await admin.json(`/crm/services?tickets_number=${words}`)).json()).rows.map((r) => [r.id, r.tickets_number]);
	assert.deepEqual([await found(number), await found('999')], [[[id, number]], []]);
	assert.match(await text(admin, '/crm/services'), new RegExp(`href="/crm/tickets/find\\?source=service/${id}">${number}<`));
});

test('PLAT-18: without a contract nothing of it is there; its data stay, and come back', async () => {
	const count = stack.sql('SELECT COUNT(*) FROM tickets_ticket')[0][0];
	const pages = [LIST, '/crm/tickets/categories', '/crm/tickets/figures/state', '/crm/tickets/tab?call=&number=1', '/crm/tickets/home', '/crm/tickets/find?source=service/7', `${LIST}/${tickets.nobody}/view`];
	for (const [off, on] of [[['disable', 'tickets', '--tenant', 'demo'], ['enable', 'tickets', '--tenant', 'demo']], [['disable', 'tickets'], ['enable', 'tickets']]]) {
		assert.equal(stack.cli('plugin', ...off).code, 0);
		for (const path of pages) assert.equal((await admin.go(path)).status, 404, path);
		assert.equal((await post(admin, `${LIST}/new`, { title: 'x', category_id: categories.service, priority: 'mid' })).status, 404);
		for (const path of ['/desk/', '/reports/', '/reports/calls', '/crm/services', '/crm/card?customer=9001']) assert.ok(!/tickets/.test(await text(admin, path)), path);
		assert.ok(!('tickets_number' in (await (await admin.json('/reports/calls')).json()).rows[0]));
		assert.equal(stack.sql('SELECT COUNT(*) FROM tickets_ticket')[0][0], count);
		assert.equal(stack.cli('plugin', ...on).code, 0);
		for (const path of pages) assert.ok([200, 303].includes((await admin.go(path)).status), path);
	}
	assert.equal((await row(admin, tickets.nobody)).x_province, '广东');
	const other = new Client(stack.url);
	assert.equal((await other.signIn('other', 'admin', 'other-admin')).status, 303);
	assert.equal((await other.go(LIST)).status, 404, 'a tenant without a contract');
});

test('a ticket that is deleted takes its history, files and reminder with it', async () => {
	assert.equal((await post(admin, `${LIST}/${tickets.nobody}/delete`, {})).status, 303);
	assert.deepEqual(stack.sql(`SELECT (SELECT COUNT(*) FROM tickets_step WHERE ticket_id = ${tickets.nobody}), (SELECT COUNT(*) FROM tickets_value WHERE ticket_id = ${tickets.nobody}), (SELECT COUNT(*) FROM file WHERE tenant_id = 2)`)[0], ['0', '0', '0']);
});
