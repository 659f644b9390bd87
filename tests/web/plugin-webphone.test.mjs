// SPDX-License-Identifier: GPL-2.0-or-later
// The last calls of the web phone, a paid plugin: which are there, whom they name and how much of a number they show.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callRow, Client, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack({ plugins: ['plugins/webphone'] });
const RECENT = '/crm/recent';
const now = Date.now();
let agent, customer, standard, calls = 0;

before(async () => {
	await stack.start();
	await stack.startEngine(() => ({ call: ulid(now, 99).text }));
	for (const words of [['enable', 'webphone'], ['enable', 'webphone', '--tenant', 'demo']]) {
		const { code, out } = stack.cli('plugin', ...words);
		assert.equal(code, 0, out);
	}
	stack.sql("DELETE FROM role_permission WHERE tenant_id = 2 AND role_id = 3 AND permission LIKE 'crm.%'; INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 3, 'webphone.*'), (2, 3, 'crm.card.view')");
	standard = stack.sql('SELECT id FROM customer_package WHERE tenant_id = 2 AND standard = 1')[0][0];
	const admin = new Client(stack.url);
	await admin.signIn('demo', 'admin', 'demo-admin');
	const made = await admin.post('/crm/customers/default/new', { csrf: admin.csrf, name: '陈 静 13700001111', phone: '13700001111' }, { accept: 'application/json' });
	customer = (await made.json()).id;
	assert.ok(customer);
	agent = new Client(stack.url);
	assert.equal((await agent.signIn('demo', '802', 'demo-802')).status, 303);
});
after(() => stack.stop());

// A call that rang 802's phone; taken: it was answered there.
function rang(taken, fields) {
	const at = now - 3600000 + 1000 * ++calls, id = ulid(at, calls);
	stack.sql(callRow(id, { at, agent: taken ? '802' : null, ...fields }));
	stack.sql(`INSERT INTO call_leg (tenant_id, id, call_id, role, agent, started_at, answered_at) VALUES (2, X'${ulid(at, 500 + calls).hex}', X'${id.hex}', 'agent', '802', ${at}, ${taken ? at : 'NULL'})`);
	return id;
}
const rows = async () => (await (await agent.json(RECENT)).json()).rows;
const last = async () => (await rows())[0];
const owner = (id) => stack.sql(`UPDATE customer SET agent_id = ${id} WHERE id = ${customer}`);

test('CALL-12 the last calls: missed ones are said to be, calls out and numbers with their direction; nothing of others', async () => {
	const other = ulid(now - 7200000, 900);
	stack.sql(callRow(other, { at: now - 7200000, agent: '801' }));
	rang(false, { caller: '13800000001', caller_name: '李四' });
	rang(true, { caller: '13800000002' });
	rang(true, { direction: 'out', caller: '802', callee: '13800000003', caller_name: '王芳' });
	rang(true, { direction: 'internal', caller: '802', callee: '801' });
	assert.deepEqual((await rows()).map((r) => [r.number, r.name, r.out, r.missed]),
		[['801', '', true, false], ['13800000003', '', true, false], ['13800000002', '', false, false], ['13800000001', '李四', false, true]]);
	assert.equal((await new Client(stack.url).json(RECENT)).status, 401);
});

test('CALL-12 CRM-05 a customer is named to who sees the customer, the field and customers at all; the package decides as in the lists', async () => {
	const mine = () => owner(2), id = rang(true, { direction: 'out', caller: '802', callee: '13700001111' });
	stack.sql(`UPDATE calls SET customer_id = ${customer}, package_id = ${standard} WHERE id = X'${id.hex}'`);
	const name = async () => (await last()).name;
	owner(1);
	assert.equal(await name(), '', "somebody else's");
	mine();
	assert.equal(await name(), '陈 静 13700001111');
	stack.sql("UPDATE role_permission SET permission = 'crm.card.edit' WHERE role_id = 3 AND permission = 'crm.card.view'; UPDATE web_generation SET generation = generation + 1");
	assert.equal(await name(), '', 'neither card nor list');
	stack.sql("UPDATE role_permission SET permission = 'crm.card.view' WHERE role_id = 3 AND permission = 'crm.card.edit'; UPDATE web_generation SET generation = generation + 1");
	stack.sql(`INSERT INTO customer_field_right (tenant_id, field_id, role_id, may) SELECT 2, id, 3, 'none' FROM customer_field WHERE tenant_id = 2 AND package_id = ${standard} AND slot = 'name'`);
	assert.equal(await name(), '', 'the field is not for the role');
	stack.sql('DELETE FROM customer_field_right');
	assert.equal(await name(), '陈 静 13700001111');
	stack.sql(`UPDATE customer_package SET state = 'closed', hides = 'customers' WHERE id = ${standard}`);
	assert.deepEqual([(await last()).call, await name()], [id.text, ''], 'customers of the package are hidden');
	stack.sql(`UPDATE customer_package SET hides = 'calls' WHERE id = ${standard}`);
	assert.notEqual((await last()).call, id.text, 'its calls are');
	assert.equal((await agent.post(`${RECENT}/${id.text}`, { csrf: agent.csrf })).status, 404);
	stack.sql(`UPDATE customer_package SET state = 'open', hides = '' WHERE id = ${standard}`);
	assert.equal((await last()).call, id.text);
});

test('CALL-13 who sees a part of a number sees so much of it here, in names too, and calls it all the same', async () => {
	const dialled = async (id) => {
		assert.equal((await agent.post(`${RECENT}/${id.text}`, { csrf: agent.csrf }, { accept: 'application/json' })).status, 200);
		return stack.commands.findLast((c) => c.method === 'cc.call.dial').params;
	};
	const id = rang(false, { caller: '13712345678', caller_name: '13712345678' });
	const shown = async () => (({ number, name }) => [number, name])(await last());
	assert.deepEqual(await shown(), ['13712345678', '13712345678']);
	stack.sql(`UPDATE calls SET hide = 'middle' WHERE id = X'${id.hex}'`);
	assert.deepEqual(await shown(), ['137****5678', '137****5678']);
	stack.sql("UPDATE role SET hide_numbers = 2 WHERE tenant_id = 2 AND id = 3; UPDATE web_generation SET generation = generation + 1");
	assert.deepEqual(await shown(), ['*****', '*****'], 'the stricter of both');
	assert.equal((await dialled(id)).number, '13712345678');
	stack.sql("UPDATE role SET hide_numbers = 0 WHERE tenant_id = 2 AND id = 3; UPDATE web_generation SET generation = generation + 1");
	assert.deepEqual(await shown(), ['137****5678', '137****5678']);
});
