// SPDX-License-Identifier: GPL-2.0-or-later
// Merging of duplicates on the real database: found in groups, compared side by side, merged with all that hangs on them,
// undone exactly; permissions, scopes, two people at once, a whole set by a job, an import that is undone.
// CRM-01, CRM-04, CRM-13, CRM-24, TEL-20
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from './client.mjs';
import { build, Stack } from './stack.mjs';

const stack = new Stack();
const LIST = '/crm/customers/default';
const asJson = { accept: 'application/json' };
let admin, agent, stranger, pack, n = 0;
const one = (sql) => stack.sql(sql)[0]?.[0];
const post = (client, path, fields, headers) => client.post(path, { csrf: client.csrf, ...fields }, headers);
const page = async (path, client = admin) => {
	const answer = await client.go(path);
	assert.equal(answer.status, 200, `${path}: ${answer.status}`);
	return answer.text();
};
const names = async (query, client = admin) => (await (await client.json(`${LIST}?${query}`)).json()).rows.map((r) => r.name).sort();

before(async () => {
	await stack.start();
	stack.part('jobd', join(build, 'bin/cc-jobd'), ['-c', stack.conf]);
	pack = one('SELECT id FROM customer_package WHERE tenant_id = 2 AND standard = 1');
	stack.sql(`UPDATE customer_package SET unique_phone = 0 WHERE id = ${pack};
		DELETE FROM role_permission WHERE role_id = 3 AND permission LIKE 'crm.%';
		INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 3, 'crm.customers.list'), (2, 3, 'crm.customers.edit'), (2, 3, 'crm.customers.create'), (2, 3, 'crm.card.view'), (2, 3, 'crm.merges.list');
		INSERT INTO customer_field (tenant_id, package_id, name, label, kind, slot, position, created_at, updated_at) VALUES
		(2, ${pack}, 'second', '备用号码', 'phone', 'x02', 21, 0, 0), (2, ${pack}, 'plate', '车牌', 'text', 'x01', 22, 0, 0), (2, ${pack}, 'secret', '内部', 'text', 't01', 23, 0, 0);
		INSERT INTO customer_field_right (tenant_id, field_id, role_id, may) SELECT 2, id, 3, 'none' FROM customer_field WHERE name = 'secret';
		INSERT INTO customer_tag (tenant_id, id, name, created_at, updated_at) VALUES (2, 71, '甲', 0, 0), (2, 72, '乙', 0, 0);
		INSERT INTO customer_source (tenant_id, id, name, created_at, updated_at) VALUES (2, 81, '展会', 0, 0)`);
	[admin, agent, stranger] = await Promise.all([['demo', 'admin', 'demo-admin'], ['demo', '802', 'demo-802'], ['other', 'admin', 'other-admin']].map(async ([tenant, user, password]) => {
		const client = new Client(stack.url);
		assert.equal((await client.signIn(tenant, user, password)).status, 303);
		return client;
	}));
});
after(() => stack.stop());

async function create(fields = {}, client = admin) {
	const answer = await post(client, `${LIST}/new`, { name: `客户 ${++n}`, phone: `1390000${1000 + n}`, ...fields }, asJson);
	const body = await answer.json();
	assert.equal(answer.status, 200, JSON.stringify(body));
	return body.id;
}
const merge = (keys, survivor, fields = {}, client = admin) => post(client, '/crm/merge', { keys: keys.join(), survivor, ...fields }, asJson);
// All that a merge may touch, of these customers.
const state = (ids) => JSON.stringify([
	stack.sql(`SELECT * FROM customer WHERE id IN (${ids}) ORDER BY id`),
	stack.sql(`SELECT package_id, slot, HEX(value), twin, customer_id FROM customer_index WHERE customer_id IN (${ids}) ORDER BY 1, 2, 3, 4`),
	...['customer_mark', 'contact_record', 'customer_task', 'appointment', 'customer_move', 'service_record'].map((t) => stack.sql(`SELECT * FROM ${t} WHERE customer_id IN (${ids}) ORDER BY id`)),
	...['customer_tagged', 'customer_share'].map((t) => stack.sql(`SELECT * FROM ${t} WHERE customer_id IN (${ids}) ORDER BY 1, 2, 3`)),
]);
// Two with the same number and everything that can hang on a customer.
async function twins(number) {
	const a = await create({ name: '赵一', phone: number, email: 'old@example.com', plate: '京A', secret: 'hush', tag_ids: '71', agent_id: '2' });
	const b = await create({ name: '赵一一', phone: number, second: '13700137000', tag_ids: '71,72', note: '新', source_id: '81', agent_id: '3' });
	stack.sql(`UPDATE customer SET updated_at = 1000, created_at = 1000 WHERE id = ${a}; UPDATE customer SET no_call = 1, contacted_at = 5000, contact_answered = 1 WHERE id = ${b};
		INSERT INTO customer_mark (tenant_id, customer_id, package_id, latest, at, name, phone, user_name) VALUES (2, ${a}, ${pack}, 1, 10, 'a', '1', 'x'), (2, ${b}, ${pack}, 0, 20, 'b', '2', 'x'), (2, ${b}, ${pack}, 1, 30, 'b', '2', 'x');
		UPDATE customer c SET mark_id = (SELECT MAX(id) FROM customer_mark m WHERE m.customer_id = c.id) WHERE id IN (${a}, ${b});
		INSERT INTO contact_record (tenant_id, package_id, customer_id, at, origin) VALUES (2, ${pack}, ${b}, 20, 'card');
		INSERT INTO customer_task (tenant_id, agent_id, customer_id, package_id, added_at, added_by) VALUES (2, 2, ${a}, ${pack}, 0, 'x'), (2, 2, ${b}, ${pack}, 0, 'y'), (2, 1, ${b}, ${pack}, 0, 'y');
		INSERT INTO customer_share (tenant_id, agent_id, customer_id, at) VALUES (2, 1, ${b}, 7);
		INSERT INTO appointment (tenant_id, user_id, customer_id, title, at, created_at, updated_at) VALUES (2, 1, ${b}, 't', 0, 0, 0);
		INSERT INTO service_record (tenant_id, package_id, customer_id, at, updated_at, note) VALUES (2, ${pack}, ${b}, 20, 20, 'x')`);
	return [a, b];
}

test('found by number, compared, merged with the filled newest values and all that hangs on them; undone exactly', async () => {
	const [a, b] = await twins('13811110000');
	const found = await page('/crm/duplicates?by=phone');
	assert.match(found, /8613811110000/);
	assert.match(found, new RegExp(`/crm/merge\\?keys=${a},${b}&amp;next=`));
	const side = await page(`/crm/merge?keys=${a},${b}`);
	assert.match(side, new RegExp(`name="f_name" value="${b}.name" checked`));
	assert.match(side, new RegExp(`name="f_email" value="${a}.email" checked`), 'the only one that is filled');
	const before = state([a, b]);
	const version = side.match(/name="version" value="([^"]+)"/)[1];
	const answer = await merge([a, b], a, { version, f_name: `${a}.name` });
	assert.equal(answer.status, 200);
	const { merge: id, customer } = await answer.json();
	assert.equal(customer, a);
	assert.deepEqual(stack.sql(`SELECT name, phone, x02, email, x01, t01, note, source_id, no_call, contacted_at, contact_answered, agent_id FROM customer WHERE id = ${a}`)[0],
		['赵一', '13811110000', '13700137000', 'old@example.com', '京A', 'hush', '新', '81', '1', '5000', '1', '2']);
	assert.equal(one(`SELECT merged_into FROM customer WHERE id = ${b}`), String(a));
	assert.deepEqual(stack.sql(`SELECT COUNT(*), SUM(latest), MAX(latest * at) FROM customer_mark WHERE customer_id = ${a}`)[0], ['3', '1', '30']);
	assert.deepEqual(stack.sql(`SELECT agent_id FROM customer_task WHERE customer_id = ${a} ORDER BY 1`).flat(), ['1', '2']);
	for (const [table, wanted] of [['contact_record', '1'], ['service_record', '1'], ['appointment', '1'], ['customer_share', '1'], ['customer_tagged', '2']])
		assert.equal(one(`SELECT COUNT(*) FROM ${table} WHERE customer_id = ${a}`), wanted, table);
	assert.equal(one(`SELECT COUNT(*) FROM customer_index WHERE customer_id = ${b}`), '0');
	assert.deepEqual(await names('q=13811110000'), ['赵一']);
	assert.deepEqual(await names('q=13700137000'), ['赵一'], 'its other number finds the survivor');
	assert.equal((await admin.go(`${LIST}/${b}`)).status, 404);
	assert.match(await page(`/crm/card?customer=${b}`), /赵一/, 'old addresses lead to the survivor');
	assert.equal((await (await admin.json('/crm/tasks')).json()).rows.filter((r) => r.name.startsWith('赵一')).length, 2);
	assert.match(await page('/crm/merges'), /赵一一 \(/);
	assert.equal(one(`SELECT COUNT(*) FROM audit_log WHERE action = 'crm.customers.merge' AND object = 'customers/${a}'`), '1');
	assert.equal((await post(admin, `/crm/merges/${id}/do/undo`, {})).status, 303);
	assert.equal(state([a, b]), before, 'everything as it was');
	assert.equal((await post(admin, `/crm/merges/${id}/do/undo`, {})).status, 409, 'once');
	assert.deepEqual(await names('q=13811110000'), ['赵一', '赵一一']);
});

test('what was changed since stays when a merge is undone; merges of merges come apart from the last one', async () => {
	const [a, b, c] = [await create({ phone: '13822220000', email: 'a@x.cn' }), await create({ phone: '13822220000', city: '上海' }), await create({ phone: '13822220000' })];
	const first = (await (await merge([a, b], a)).json()).merge;
	assert.equal((await post(admin, `${LIST}/${a}`, { email: 'later@x.cn' }, asJson)).status, 200);
	const second = (await (await merge([a, c], c)).json()).merge;
	assert.equal(one(`SELECT email FROM customer WHERE id = ${c}`), 'later@x.cn');
	assert.equal((await post(admin, `/crm/merges/${first}/do/undo`, {})).status, 409, 'its survivor was merged itself');
	assert.equal((await post(admin, `/crm/merges/${second}/do/undo`, {})).status, 303);
	assert.equal((await post(admin, `/crm/merges/${first}/do/undo`, {})).status, 303);
	assert.deepEqual(stack.sql(`SELECT email, city FROM customer WHERE id IN (${a}, ${b}) ORDER BY id`), [['later@x.cn', ''], ['', '上海']]);
});

test('from the list: 2 to 10 customers; not what one may not see or edit, not of another tenant; a field of a role is not shown', async () => {
	const [a, b] = [await create({ name: '同名', agent_id: '2', secret: '一' }), await create({ name: '同名', agent_id: '3' })];
	const answer = await post(admin, `${LIST}/batch`, { action: 'merge', scope: 'selected', keys: `${a},${b}` });
	assert.equal(answer.headers.get('location'), `/crm/merge?keys=${b},${a}`);
	assert.equal((await admin.go(`/crm/merge?keys=${a}`)).status, 400);
	assert.equal((await admin.go(`/crm/merge?keys=${Array.from({ length: 11 }, (_, i) => i + 1)}`)).status, 400);
	assert.equal((await admin.go(`/crm/merge?keys=${a},x`)).status, 400);
	for (const [client, status] of [[agent, 403], [stranger, 404]]) {
		assert.equal((await client.go(`/crm/merge?keys=${a},${b}`)).status, status);
		assert.equal((await merge([a, b], a, {}, client)).status, status);
	}
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 3, 'crm.customers.merge'), (2, 3, 'crm.merges.undo')");
	const own = await create({ name: '同名', agent_id: '2', phone: '13655556666' });
	assert.equal((await merge([a, b], a, {}, agent)).status, 404, 'one of them belongs to somebody else');
	assert.ok(!(await page('/crm/duplicates?by=name&with=name', agent).catch(() => '')).includes('同名'));
	const side = await page(`/crm/merge?keys=${a},${own}`, agent);
	assert.ok(!side.includes('f_t01') && !side.includes('13655556666') && side.includes('136****6666'));
	const { merge: id } = await (await merge([a, own], own, {}, agent)).json();
	assert.equal(one(`SELECT t01 FROM customer WHERE id = ${own}`), '一', 'nothing is lost');
	assert.equal((await post(stranger, `/crm/merges/${id}/do/undo`, {})).status, 404);
	assert.equal((await post(agent, `/crm/merges/${id}/do/undo`, {})).status, 303);
	assert.equal(one(`SELECT t01 IS NULL FROM customer WHERE id = ${own}`), '1');
});

test('two at once: the second one is told and nothing is lost; a number taken since refuses the undoing', async () => {
	const [a, b, c] = [await create({ phone: '13833330000' }), await create({ phone: '13833330001' }), await create({ phone: '13833330002' })];
	const version = (await page(`/crm/merge?keys=${a},${b}`)).match(/name="version" value="([^"]+)"/)[1];
	const answers = await Promise.all([merge([a, b], a, { version }), merge([b, c], c)]);
	const done = answers.filter((r) => r.status === 200);
	assert.equal(done.length, 1);
	assert.ok([404, 409].includes(answers.find((r) => r.status !== 200).status));
	assert.equal(one(`SELECT COUNT(*) FROM customer WHERE id IN (${a}, ${b}, ${c}) AND merged_into IS NULL`), '2');
	const [x, y] = [await create({ phone: '13844440000' }), await create({ phone: '13844440001' })];
	const old = (await page(`/crm/merge?keys=${x},${y}`)).match(/name="version" value="([^"]+)"/)[1];
	await post(admin, `${LIST}/${x}`, { note: 'newer' }, asJson);
	assert.equal((await merge([x, y], x, { version: old })).status, 409);
	const { merge: id } = await (await merge([x, y], x, { f_phone: `${x}.phone`, f_x02: `${x}.x02` })).json();
	stack.sql(`UPDATE customer_package SET unique_phone = 1 WHERE id = ${pack}`);
	try {
		await create({ phone: '13844440001' });
		const refused = await post(admin, `/crm/merges/${id}/do/undo`, {});
		assert.equal(refused.status, 409);
		assert.equal(one(`SELECT merged_into FROM customer WHERE id = ${y}`), String(x), 'nothing of it was done');
	} finally {
		stack.sql(`UPDATE customer_package SET unique_phone = 0 WHERE id = ${pack}`);
	}
});

test('by name and another field, by a searched field, in pages; a whole set by a job, with a file', async () => {
	for (let i = 0; i < 25; i++)
		for (const city of ['北京', '北京', '天津']) await create({ name: `组 ${String(i).padStart(2, '0')}`, city, plate: `沪${i}` });
	const first = await page('/crm/duplicates?by=name&with=city');
	assert.match(first, /组 00 · 北京/);
	assert.ok(!first.includes('天津'));
	const next = first.match(/rel="next" href="([^"]+)"/);
	assert.ok(next || first.includes('组 24'), 'more on the next page');
	if (next) assert.match(await page(next[1].replaceAll('&amp;', '&')), /组 24 · 北京/);
	assert.match(await page('/crm/duplicates?by=plate'), /沪0/);
	assert.match(await page('/crm/duplicates?by=name&with=email'), /没有重复|No two customers/);
	assert.equal((await admin.go('/crm/duplicates?by=secret')).status, 400);
	assert.equal((await post(agent, '/crm/duplicates', { by: 'name', with: 'city', policy: 'x' })).status, 400);
	assert.equal((await post(admin, '/crm/duplicates', { by: 'name', with: 'city', policy: 'oldest' })).status, 303);
	const job = () => stack.sql("SELECT state, ok, bad, path FROM job WHERE kind = 'crm.merge' ORDER BY id DESC LIMIT 1")[0];
	await stack.until(() => ['done', 'failed'].includes(job()[0]), 'the end of merging', 60000);
	const [ended, ok, bad, path] = job();
	assert.deepEqual([ended, bad], ['done', '0']);
	assert.ok(Number(ok) >= 25);
	const csv = readFileSync(join(stack.run, 'data/jobs/2', path), 'utf8').trim().split('\r\n');
	assert.equal(csv.length, Number(ok) + 1);
	const [, kept, others] = csv.find((l) => l.startsWith('组 07')).split(',');
	assert.ok(Number(kept) < Number(others), 'the oldest is kept');
	assert.equal((await names(`q=${encodeURIComponent('组 07')}`)).length, 2);
});

test('an import that is undone: its customers that were merged stay, and the merge can still be undone', async () => {
	stack.sql(`INSERT INTO customer_batch (tenant_id, id, package_id, name, state, hidden, committed_at, options, created_at, updated_at) VALUES (2, 500, ${pack}, 'b', 'committed', 0, ${Date.now()}, '{}', 0, 0)`);
	const [old, wrong, plain] = [await create({ phone: '13866660000' }), await create({ phone: '13866660000', city: '错' }), await create({ phone: '13866660009' })];
	stack.sql(`UPDATE customer SET batch_id = 500, updated_at = 1 WHERE id IN (${wrong}, ${plain}); UPDATE customer_batch SET first_id = ${wrong}, last_id = ${plain} WHERE id = 500`);
	const { merge: id } = await (await merge([old, wrong], old)).json();
	assert.equal((await post(admin, '/crm/imports/500/do/undo', {})).status, 303);
	await stack.until(() => one("SELECT state FROM job WHERE kind = 'crm.undo' ORDER BY id DESC LIMIT 1") === 'done', 'the end of undoing', 30000);
	assert.equal(one(`SELECT COUNT(*) FROM customer WHERE id = ${plain}`), '0');
	assert.equal(one(`SELECT city FROM customer WHERE id = ${old}`), '错');
	assert.equal((await post(admin, `/crm/merges/${id}/do/undo`, {})).status, 303);
	assert.deepEqual(stack.sql(`SELECT city, batch_id, merged_into FROM customer WHERE id IN (${old}, ${wrong}) ORDER BY id`), [['', '0', 'NULL'], ['错', '0', 'NULL']]);
});

test('a filtered set is distributed evenly among agents, and released', async () => {
	const ids = [];
	for (let i = 0; i < 7; i++) ids.push(await create({ name: '分发' }));
	const kept = await create({ name: '分发', agent_id: '3' });
	const query = `?q=${encodeURIComponent('分发')}`;
	const many = (action, fields = {}, client = admin) => post(client, `${LIST}/batch`, { action, scope: 'found', query, apply: '1', ...fields });
	const owners = () => stack.sql("SELECT agent_id, COUNT(*) FROM customer WHERE name = '分发' GROUP BY agent_id ORDER BY agent_id");
	assert.equal((await many('distribute', { free: '1' })).status, 400, 'to whom?');
	assert.equal((await many('distribute', { agent_ids: '1', free: '1' }, agent)).status, 403);
	assert.equal((await many('distribute', { agent_ids: '1', free: '1' })).status, 200, 'not all: one has an agent');
	assert.equal((await many('recall')).status, 303);
	assert.equal((await post(admin, `${LIST}/${kept}`, { agent_id: '3' }, asJson)).status, 200);
	await many('distribute', { group_id: '1', free: '1' });
	assert.deepEqual(owners(), [['1', '4'], ['2', '3'], ['3', '1']], 'two agents of the group, and who was assigned before');
	assert.equal(one(`SELECT COUNT(*) FROM customer_task WHERE customer_id IN (${ids})`), '7', 'they have to call them');
	await many('distribute', { agent_ids: '1,2', free: '0' });
	assert.deepEqual(owners(), [['1', '4'], ['2', '4']]);
	assert.equal((await many('recall')).status, 303);
	assert.deepEqual(owners(), [['NULL', '8']]);
	assert.equal(one(`SELECT COUNT(*) FROM customer_task WHERE customer_id IN (${ids})`), '0');
});
