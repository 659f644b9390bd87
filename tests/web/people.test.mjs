// SPDX-License-Identifier: GPL-2.0-or-later
// What managers of departments see, what people change of their own account, the list of reports.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack();
let commands;
before(async () => {
	await stack.start();
	await stack.startEngine((method) => {
		commands.push(method);
		return method === 'cc.board' ? { agents: [], queues: [], waiting: [] } : { agent: '802' };
	});
	// 807 of group 601 is in "Below", which lies below "Sales" of the clerk; 802 of group 600 in another one
	stack.sql(`INSERT INTO department (tenant_id, id, parent_id, name, created_at, updated_at) VALUES (2, 1, NULL, 'Sales', 1, 1), (2, 2, 1, 'Below', 1, 1), (2, 3, NULL, 'Other', 1, 1);
		INSERT INTO department_tree (tenant_id, ancestor_id, department_id, depth) VALUES (2, 1, 1, 0), (2, 2, 2, 0), (2, 1, 2, 1), (2, 3, 3, 0);
		UPDATE agent SET department_id = 2 WHERE id = 4; UPDATE agent SET department_id = 3 WHERE id = 2;
		UPDATE role SET data_scope = 'own' WHERE id = 5; INSERT INTO department_manager (tenant_id, department_id, user_id) VALUES (2, 1, 7);
		INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 5, 'desk.board.view'), (2, 5, 'desk.agent.manage'), (2, 5, 'desk.announcements.manage')`);
});
after(() => stack.stop());

async function as(username, tenant = 'demo') {
	const client = new Client(stack.url);
	assert.equal((await client.signIn(tenant, username, `${tenant}-${username}`)).status, 303);
	return client;
}

test('ORG-07 a manager sees the people of the departments on the board, changes their states, writes to them, and nobody else', async () => {
	commands = [];
	const clerk = await as('clerk');
	const board = await (await clerk.json('/desk/board')).json();
	assert.deepEqual(board.agents.map((a) => a.agent), ['807']);
	assert.deepEqual(board.queues, [], 'queues are those of groups one belongs to');
	assert.equal((await clerk.post('/desk/agents/807/work', { csrf: clerk.csrf, state: 'busy' }, { accept: 'application/json' })).status, 200);
	assert.equal((await clerk.post('/desk/agents/802/work', { csrf: clerk.csrf, state: 'busy' }, { accept: 'application/json' })).status, 404);
	assert.deepEqual(commands.filter((m) => m !== 'cc.board'), ['cc.agent.work']);
	const page = await (await clerk.go('/desk/announcements/new')).text();
	assert.match(page, /807/);
	assert.ok(!/>802 /.test(page));
	stack.sql('DELETE FROM department_manager');
	assert.deepEqual((await (await clerk.json('/desk/board')).json()).agents, [], 'at once');
});

test('a leader sees the own group, an administrator everybody', async () => {
	const agents = async (client) => (await (await client.json('/desk/board')).json()).agents.map((a) => a.agent);
	assert.deepEqual(await agents(await as('801')), ['801', '802']);
	assert.deepEqual(await agents(await as('admin')), ['801', '802', '806', '807']);
});

test('ORG-08 everybody changes what is theirs of the own account, with a picture in the header', async () => {
	const agent = await as('802'), others = await as('801');
	const page = await (await agent.go('/desk/account/3')).text();
	for (const name of ['mobile', 'email', 'sex', 'language', 'avatar']) assert.match(page, new RegExp(`name="${name}"`), name);
	for (const name of ['username', 'name', 'extension', 'hide_numbers', 'role', 'kind', 'password_hash']) assert.ok(!page.includes(`name="${name}"`), name);
	assert.match(page, />802</);
	const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
	let said;
	const send = async (client, id, fields, file) => {
		const form = new FormData();
		for (const [name, value] of Object.entries({ csrf: client.csrf, ...fields })) form.set(name, value);
		if (file) form.set('avatar', new Blob([file]), 'me.png');
		const answer = await client.go(`/desk/account/${id}`, { method: 'POST', body: form, headers: { origin: stack.url, accept: 'application/json' } });
		if (answer.status !== 200) said = await answer.text();
		return answer.status;
	};
	assert.equal(await send(agent, 3, { hide_numbers: '1' }), 400, 'not theirs to change');
	assert.equal(await send(agent, 3, { mobile: '13900000000', email: 'wf@example.com', name: 'Boss', role_id: '1' }, png), 200, said);
	assert.deepEqual(stack.sql('SELECT mobile, email, hide_numbers, name, role_id, avatar IS NOT NULL FROM user WHERE id = 3'), [['13900000000', 'wf@example.com', '0', '王芳', '3', '1']]);
	assert.match(await (await agent.go('/desk/')).text(), /<img class="avatar" src="\/desk\/account\/3\/file\/avatar/);
	const picture = await agent.go('/desk/account/3/file/avatar');
	assert.deepEqual([picture.status, picture.headers.get('content-type')], [200, 'image/png']);
	assert.equal(await send(agent, 3, {}, Buffer.from('<svg onload=alert(1)>')), 400, 'a picture that is none');
	for (const id of [2, 1, 9]) assert.equal(await send(agent, id, { email: 'x@example.com' }), 404, `not of ${id}`);
	assert.equal((await others.go('/desk/account/3/file/avatar')).status, 404);
});

test('the reports of all applications, those that one may see', async () => {
	assert.match(await (await (await as('802')).go('/reports/')).text(), /class="card" href="\/reports\/calls"/);
	assert.ok(!(await (await (await as('clerk')).go('/reports/')).text()).includes('class="card" href="/reports/calls"'));
});

test('SYS-01 the order of names is that of the preferences, for everybody who is there', async () => {
	const admin = await as('admin');
	stack.sql("UPDATE user SET family_name = '王', given_name = '芳' WHERE id = 3; UPDATE user SET family_name = 'Li', given_name = 'Na' WHERE id = 4");
	const names = () => stack.sql('SELECT a.name, u.name FROM agent a JOIN user u ON u.id = a.user_id WHERE a.id IN (2, 3) ORDER BY a.id');
	assert.equal((await admin.post('/admin/preferences', { csrf: admin.csrf, name_format: 'given_first' })).status, 303);
	assert.deepEqual(names(), [['芳王', '芳王'], ['Na Li', 'Na Li']]);
	assert.equal((await admin.post('/admin/preferences', { csrf: admin.csrf, name_format: 'family_first' })).status, 303);
	assert.deepEqual(names(), [['王芳', '王芳'], ['Li Na', 'Li Na']]);
});
