// SPDX-License-Identifier: GPL-2.0-or-later
// CRM-16, SYS-07: the plugin area adds columns and filters to the list of calls of an application that knows nothing of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callRow, Client, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack({ plugins: ['plugins/area'] });
const now = Date.now();
let admin, english;
const calls = [['13800101234', 'beijing', '北京市', 'Beijing', 'mobile'], ['053165551234', 'shandong', '济南市', 'Jinan', ''], ['801', null]];

before(async () => {
	await stack.start();
	admin = new Client(stack.url);
	english = new Client(stack.url);
	await admin.signIn('demo', 'admin', 'demo-admin');
	await english.signIn('demo', '806', 'demo-806');
	stack.sql("INSERT INTO role_permission VALUES (2, 2, 'area.*')");
	for (const words of [['enable', 'area'], ['enable', 'area', '--tenant', 'demo']]) {
		const { code, out } = stack.cli('plugin', ...words);
		assert.equal(code, 0, out);
	}
	for (const [i, [caller, province, city, cityEnglish, operator]] of calls.entries()) {
		const id = ulid(now - i * 1000, i);
		stack.sql(callRow(id, { at: now - i * 1000, caller, queue: '601', agent: '806', agent_name: 'Li Na' }));
		if (province) stack.sql(`INSERT INTO area_call VALUES (2, X'${id.hex}', '${province}', '${city}', '${cityEnglish}', '${operator}')`);
	}
});
after(() => stack.stop());

const rows = async (query = '') => (await (await admin.json(`/reports/calls${query}`)).json()).rows;

test('columns on the page, in JSON and CSV, in both languages', async () => {
	const [first, second, third] = await rows();
	assert.deepEqual([first.area_province, first.area_city, first.area_operator], ['beijing', '北京市', 'mobile']);
	assert.deepEqual([second.area_province, second.area_city, second.area_operator], ['shandong', '济南市', '']);
	assert.deepEqual([third.area_province, third.area_city, third.area_operator], [null, null, null]);
	const page = await (await admin.go('/reports/calls')).text();
	for (const text of ['省份', '山东', '济南市', '中国移动']) assert.ok(page.includes(text), text);
	const other = await (await english.go('/reports/calls')).text();
	for (const text of ['Province', 'Shandong', 'Jinan', 'China Mobile']) assert.ok(other.includes(text), text);
	assert.match(await (await admin.go('/reports/calls?format=csv')).text(), /,山东,济南市,/);
});

test('filters', async () => {
	assert.deepEqual((await rows('?area_province=shandong')).map((r) => r.caller), ['053165551234']);
	assert.deepEqual((await rows('?area_operator=mobile')).map((r) => r.caller), ['13800101234']);
	assert.deepEqual((await rows('?area_city_name=济')).map((r) => r.caller), ['053165551234']);
	assert.deepEqual((await rows('?area_city_name=Jinan')).map((r) => r.caller), ['053165551234']);
	assert.equal((await rows('?area_province=hainan')).length, 0);
	assert.equal((await admin.json('/reports/calls?area_province=atlantis')).status, 400);
});

test('CRM-16 customers: looked up by their first number, filtered by its ranges', async () => {
	for (const phone of ['13800101234', '053165551234', '15300001234', '0014155550100']) assert.equal((await admin.post('/crm/customers/default/new', { csrf: admin.csrf, name: phone, phone }, { accept: 'application/json' })).status, 200);
	const of = async (query = '') => (await (await admin.json(`/crm/customers/default${query}`)).json()).rows;
	const known = Object.fromEntries((await of()).map((r) => [r.name, [r.area_province, r.area_city, r.area_operator]]));
	assert.deepEqual(known['13800101234'], ['beijing', '北京市', 'mobile']);
	assert.deepEqual(known['053165551234'], ['shandong', '济南市', '']);
	assert.deepEqual(known['0014155550100'], [null, null, null]);
	for (const [query, names] of [['area_in_province=beijing', ['13800101234', '15300001234']], ['area_in_province=hainan', []], ['area_by_operator=telecom', ['15300001234']], ['area_in_city=济', ['053165551234']], ['area_in_city=jinan', ['053165551234']], ['area_in_city=atlantis', []], ['area_by_operator=mobile&area_in_province=beijing', ['13800101234']]])
		assert.deepEqual((await of(`?${query}`)).map((r) => r.name).sort(), names, query);
	const page = await (await admin.go('/crm/customers/default?columns=name,area_province,area_city,area_operator')).text();
	for (const text of ['山东', '济南市', '中国移动']) assert.ok(page.includes(text), text);
});

test('CRM-16 customers of a rare place are found without walking through all of them', async () => {
	const pack = stack.sql('SELECT id FROM customer_package WHERE tenant_id = 2 AND standard = 1')[0][0], FIRST = 1024000;
	stack.sql(`INSERT INTO customer (tenant_id, id, package_id, name, phone, phone_e164, created_at, updated_at) SELECT 2, ${FIRST} + seq, ${pack}, CONCAT('n', seq), n.e164, n.e164, 1, 1 FROM (SELECT seq, CONCAT('86', IF(seq % 10000 = 5, '5316555', '1380010'), LPAD(seq % 10000, 4, '0')) AS e164 FROM seq_1_to_30000) n;
		SET SESSION group_concat_max_len = 16777216;
		INSERT INTO customer_text (tenant_id, package_id, slot, block, body) SELECT 2, ${pack}, 1, id DIV 1024, GROUP_CONCAT(CHAR(1, 64 + (id MOD 1024) DIV 32, 64 + id MOD 32), phone_e164, CHAR(2) ORDER BY id SEPARATOR '') FROM customer WHERE id > ${FIRST} GROUP BY id DIV 1024;
		ANALYZE TABLE customer`);
	const names = async (query) => (await (await admin.json(`/crm/customers/default?${query}`)).json()).rows.map((r) => r.name);
	for (const [query, found] of [['area_in_province=shandong', ['n20005', 'n10005', 'n5', '053165551234']], ['area_in_city=Jinan', ['n20005', 'n10005']], ['area_in_province=beijing', ['n30000', 'n29999']], ['area_in_city=haikou', []], ['area_by_operator=mobile&area_in_province=shandong', []]]) {
		assert.deepEqual((await names(query)).slice(0, found.length || 1), found, query);
		const rows = await stack.examined(() => admin.json(`/crm/customers/default?${query}`));
		assert.ok(rows <= 2000, `${query}: ${rows} rows`);
	}
	stack.sql(`DELETE FROM customer_text WHERE block >= 1000; DELETE FROM customer WHERE id > ${FIRST}`);
});

test('a filter by province is answered from its index', () => {
	const plan = stack.sql(`EXPLAIN SELECT c.id FROM calls c LEFT JOIN area_call ac ON ac.tenant_id = c.tenant_id AND ac.call_id = c.id
		WHERE c.tenant_id = 2 AND ac.province = 'shandong' ORDER BY c.id DESC LIMIT 10`);
	assert.ok(plan.every((row) => row[3] !== 'ALL'), JSON.stringify(plan));
});

test('beside a call, as JSON, as a report; hostile numbers', async () => {
	const id = ulid(now, 0).text;
	const page = await (await admin.go(`/reports/calls/${id}`)).text();
	assert.match(page, /北京市/);
	const [, fragment] = page.match(/<h2>归属地<\/h2>\s*<div data-fragment="([^"]+)"/);
	assert.equal(fragment, `/reports/area/number?call=${id}&amp;number=13800101234`);
	assert.match(await (await admin.go('/reports/area/number?number=13800101234')).text(), /北京 北京市 · 中国移动/);
	assert.deepEqual(await (await admin.json('/reports/area/number?number=%2B8613000001234')).json(),
		{ number: '+8613000001234', province: 'shandong', city: '济南市', city_english: 'Jinan', operator: 'unicom' });
	assert.equal((await (await admin.json('/reports/area/number?number=801')).json()).province, null);
	for (const bad of ['', '?number=', `?number=${'1'.repeat(65)}`]) assert.equal((await admin.go(`/reports/area/number${bad}`)).status, 400, bad);
	assert.match(await (await admin.go('/reports/area/number?number=<script>')).text(), /未查到/);
	assert.match(await (await admin.go('/reports/area/provinces')).text(), /area_province=shandong">山东</);
	assert.match(await (await admin.go('/reports/')).text(), /class="card" href="\/reports\/area\/provinces"/, 'in the list of reports');
});

test('disabled for the tenant the list is as before', async () => {
	assert.equal(stack.cli('plugin', 'disable', 'area', '--tenant', 'demo').code, 0);
	assert.ok(!('area_city' in (await rows())[0]));
	assert.equal((await rows('?area_province=shandong')).length, 3, 'an unknown parameter is no filter');
	assert.doesNotMatch(await (await admin.go('/reports/calls')).text(), /省份/);
	assert.equal((await admin.go('/reports/area/provinces')).status, 404);
	assert.doesNotMatch(await (await admin.go('/reports/')).text(), /area\/provinces/);
});
