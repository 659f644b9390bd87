// SPDX-License-Identifier: GPL-2.0-or-later
// Lists and forms that come from constant tables: the application of sample.c has a field of every type.
// CRM-09, CRM-10, SYS-01, SYS-08
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack({ sample: true });
before(() => stack.start());
after(() => stack.stop());

const clients = new Map();
async function as(username, tenant = 'demo') {
	const key = `${tenant}/${username}`;
	if (!clients.has(key)) {
		const client = new Client(stack.url);
		assert.equal((await client.signIn(tenant, username, `${tenant}-${username}`)).status, 303, key);
		clients.set(key, client);
	}
	return clients.get(key);
}
const form = (client, path, fields, headers) => client.post(path, { csrf: client.csrf, ...fields }, headers);
const asJson = { accept: 'application/json' };
const one = (id, columns = '*') => stack.sql(`SELECT ${columns} FROM sample_thing WHERE id = ${id}`)[0];
const unescape = (text) => text.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
let number = 0;
async function create(client, fields = {}) {
	const answer = await form(client, '/sample/things/new', { code: `c${++number}`, name: `thing ${number}`, ...fields }, asJson);
	const body = await answer.json();
	assert.equal(answer.status, 200, JSON.stringify(body));
	return body.id;
}
const values = (page, name) => [...page.matchAll(new RegExp(`name="${name}"[^>]* value="([^"]*)"`, 'g'))].map((m) => unescape(m[1]));
const version = async (client, id) => values(await (await client.go(`/sample/things/${id}`)).text(), 'version')[0];
const names = async (client, query) => (await (await client.json(`/sample/things?${query}`)).json()).rows?.map((row) => row.name);

test('create: values of every type are stored as the database has them, with an audit of them', async () => {
	const client = await as('clara');
	const answer = await form(client, '/sample/things/new', {
		code: 'full', name: ' 名字 "x" ', amount: '007', active: '0', kind: 'blue', group_id: '2', tags: 'a， b,,c 、d', phone: '+86 (10) 1234-5678',
		email: 'a@b.example', born: '2000-02-29', due: '2026-11-21T09:30', note: 'line 1\r\nline 2', password: 'hush', salary: '9',
	});
	assert.equal(answer.status, 400, 'the guarded field is not for this role');
	const body = new URLSearchParams([['csrf', client.csrf], ['next', '/sample/things?sort=name&page=2'],
		['code', 'full'], ['name', ' 名字 "x" '], ['amount', '007'], ['active', '0'], ['kind', 'blue'], ['group_id', '2'], ['group_list', ''], ['group_list', '1'], ['group_list', '2'],
		['tags', 'a， b,,c 、d'], ['phone', '+86 (10) 1234-5678'], ['email', 'a@b.example'], ['born', '2000-02-29'], ['due', '2026-11-21T09:30'],
		['note', 'line 1\r\nline 2'], ['password', 'hush']]);
	const stored = await client.go('/sample/things/new', { method: 'POST', body, headers: { origin: stack.url } });
	assert.equal(stored.status, 303);
	assert.equal(stored.headers.get('location'), '/sample/things?sort=name&page=2&done=created');
	const row = stack.sql("SELECT name, amount, active, kind, group_id, group_list, tags, phone, email, born, due, note, secret, salary, tenant_id FROM sample_thing WHERE code = 'full'")[0];
	assert.deepEqual(row, ['名字 "x"', '7', '0', 'blue', '2', '1,2', 'a,b,c,d', '+86 (10) 1234-5678', 'a@b.example', '2000-02-29', '1795224600000', 'line 1\r\\nline 2', 'hash of 4', 'NULL', '2']);
	const [[action, object, detail]] = stack.sql("SELECT action, object, detail FROM audit_log WHERE action = 'sample.things.create' ORDER BY id DESC LIMIT 1");
	assert.equal(action, 'sample.things.create');
	assert.match(object, /^things\/\d+$/);
	const changes = JSON.parse(detail.replaceAll('\\\\', '\\'));
	assert.deepEqual(changes.name, ['', '名字 "x"']);
	assert.deepEqual(changes.password, ['', '***'], 'a password is in no log');
	assert.equal(stack.sql('SELECT COUNT(*) FROM sample_told')[0][0], '1', 'others are told once, after the commit');
	stack.sql("DELETE FROM sample_thing WHERE code = 'full'");
});

test('a form with faults: 400, each beside its field, the input kept and escaped, nothing stored', async () => {
	const client = await as('clara');
	const nasty = '"><script>alert(1)</script>';
	const answer = await form(client, '/sample/things/new', {
		code: 'bad one', name: '', amount: '1001', kind: 'purple', group_id: '3', tags: 'x'.repeat(201), phone: 'call me', email: 'no.at.sign', born: '2001-02-29', due: 'soon', note: nasty,
	});
	assert.equal(answer.status, 400);
	const page = await answer.text();
	for (const [name, why] of [['code', 'A code does not begin with bad.'], ['name', 'This must be filled in.'], ['amount', 'From 0 to 1000.'], ['kind', 'There is no such choice.'],
		['group_id', 'There is no such choice.'], ['tags', 'At most 200 characters.'], ['phone', 'This is not a telephone number.'], ['email', 'This is not an e-mail address.'],
		['born', 'This is not a date.'], ['due', 'This is not a time.']])
		assert.match(page, new RegExp(`id="w-${name}" role="alert">${why}<`), name);
	assert.ok(page.includes('value="bad one"') && page.includes('value="call me"') && page.includes('value="1001"'));
	assert.ok(!page.includes('<script>alert'), 'escaped');
	assert.ok(page.includes('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</textarea>'));
	assert.equal(stack.sql("SELECT COUNT(*) FROM sample_thing WHERE code = 'bad one'")[0][0], '0');
	// the same for programs
	const json = await form(client, '/sample/things/new', { code: '', amount: 'x' }, asJson);
	assert.equal(json.status, 400);
	const { error } = await json.json();
	assert.deepEqual([error.code, Object.keys(error.fields)], ['bad_request', ['code', 'name', 'amount']]);
	// group 3 is of the other tenant: it is no choice, though it exists
	assert.equal(stack.sql('SELECT tenant_id FROM agent_group WHERE id = 3')[0][0], '3');
});

test('hooks refuse before and after the row is written; a unique index speaks beside its field', async () => {
	const client = await as('clara');
	const id = await create(client, { code: 'twin' });
	for (const [fields, name, why] of [[{ code: 'x1', name: 'n', amount: '13' }, 'amount', 'Not thirteen.'], [{ code: 'x1', name: 'too late' }, 'name', 'Too late.'],
		[{ code: 'TWIN', name: 'n' }, 'code', 'There is already one with this value.']]) {
		const answer = await form(client, '/sample/things/new', fields);
		assert.equal(answer.status, 400);
		assert.match(await answer.text(), new RegExp(`id="w-${name}" role="alert">${why}<`));
	}
	assert.equal(stack.sql("SELECT COUNT(*) FROM sample_thing WHERE code = 'x1'")[0][0], '0');
	const before = stack.sql("SELECT COUNT(*) FROM audit_log WHERE action LIKE 'sample.%'")[0][0];
	assert.equal((await form(client, `/sample/things/${id}`, { name: 'too late' })).status, 400);
	assert.equal(one(id, 'name')[0], `thing ${number}`);
	assert.equal(stack.sql("SELECT COUNT(*) FROM audit_log WHERE action LIKE 'sample.%'")[0][0], before, 'nothing happened, nothing is logged');
});

test('edit: what is not sent stays, what cannot be changed is refused, old and new are in the audit', async () => {
	const client = await as('clara');
	const id = await create(client, { amount: '10', due: '2026-11-21T09:30', tags: 'a', password: 'one' });
	stack.sql(`UPDATE sample_thing SET due = due + 12345 WHERE id = ${id}`);
	const page = await (await client.go(`/sample/things/${id}`)).text();
	assert.ok(!page.includes('name="code"'), 'fixed after creation');
	assert.match(page, /<span class="field-text">c\d+<\/span>/);
	assert.ok(!page.includes('salary') && !page.includes('Salary'), 'a guarded field is not there at all');
	assert.match(page, /<h2 class="fields-section"[^>]*>General<\/h2>[^]*What people call it\./);
	const answer = await form(client, `/sample/things/${id}`, { amount: '11', due: '2026-11-21T09:30', password: '', version: values(page, 'version')[0] });
	assert.equal(answer.status, 303);
	const [amount, due, tags, secret] = one(id, 'amount, due, tags, secret');
	assert.deepEqual([amount, Number(due) % 60000, tags, secret], ['11', 12345, 'a', 'hash of 3'], 'seconds that the form does not show stay, and so does the password');
	const detail = JSON.parse(stack.sql("SELECT detail FROM audit_log WHERE action = 'sample.things.edit' ORDER BY id DESC LIMIT 1")[0][0]);
	assert.deepEqual(detail, { amount: ['10', '11'] });
	assert.equal((await form(client, `/sample/things/${id}`, { code: 'other' })).status, 400);
	assert.equal((await form(client, `/sample/things/${id}`, { salary: '1' })).status, 400);
	assert.equal((await form(client, `/sample/things/${id}`, { tenant_id: '3', owner: '801', secret: 'x', id: '9' })).status, 303, 'fields that the form does not have are nothing');
	assert.deepEqual(one(id, 'tenant_id, owner, secret'), ['2', '', 'hash of 3']);
	// nothing changed: nothing is written
	const stamp = one(id, 'updated_at')[0];
	assert.equal((await form(client, `/sample/things/${id}`, { amount: '11' })).status, 303);
	assert.equal(one(id, 'updated_at')[0], stamp);
});

test('two people edit one thing: the second is told, and may save again', async () => {
	const client = await as('clara');
	const id = await create(client);
	const old = await version(client, id);
	assert.equal((await form(client, `/sample/things/${id}`, { name: 'first', version: old })).status, 303);
	const answer = await form(client, `/sample/things/${id}`, { name: 'second', version: old });
	assert.equal(answer.status, 409);
	const page = await answer.text();
	assert.match(page, /Somebody else has changed this/);
	assert.deepEqual(values(page, 'name'), ['second'], 'the input is still there');
	assert.equal(one(id, 'name')[0], 'first');
	assert.equal((await form(client, `/sample/things/${id}`, { name: 'second', version: values(page, 'version')[0] })).status, 303);
	assert.equal(one(id, 'name')[0], 'second');
	assert.equal((await form(client, `/sample/things/${id}`, { name: 'third', version: old }, asJson)).status, 409);
});

test('delete: asked first, refused while in use with the names of the users, audited', async () => {
	const admin = await as('admin');
	const id = await create(admin, { name: 'used one' });
	for (let i = 1; i <= 7; i++) stack.sql(`INSERT INTO sample_part (tenant_id, name, thing_id) VALUES (2, 'part ${i}', ${id})`);
	const asked = await (await admin.go(`/sample/things/${id}/delete`)).text();
	assert.match(asked, /Parts: part 1, part 2, part 3, part 4, part 5 …/);
	assert.ok(!asked.includes('<button class="danger">'));
	const refused = await form(admin, `/sample/things/${id}/delete`, {});
	assert.equal(refused.status, 409);
	assert.match(await refused.text(), /Parts: part 1/);
	stack.sql(`DELETE FROM sample_part WHERE thing_id = ${id}`);
	assert.match(await (await admin.go(`/sample/things/${id}/delete`)).text(), /<button class="danger">/);
	assert.equal((await form(admin, `/sample/things/${id}/delete`, {})).status, 303);
	assert.equal(one(id), undefined);
	const detail = JSON.parse(stack.sql("SELECT detail FROM audit_log WHERE action = 'sample.things.delete' ORDER BY id DESC LIMIT 1")[0][0]);
	assert.deepEqual(detail.name, ['used one', '']);
	assert.equal((await form(admin, `/sample/things/${id}/delete`, {})).status, 404);
});

test('buttons of a row: shown where their condition holds, done once, audited', async () => {
	const client = await as('clara');
	const id = await create(client);
	assert.ok((await (await client.go('/sample/things')).text()).includes(`action="/sample/things/${id}/do/finish"`));
	assert.equal((await form(client, `/sample/things/${id}/do/finish`, { next: '/sample/things?q=x' })).headers.get('location'), '/sample/things?q=x&done=done');
	assert.equal(one(id, 'active')[0], '0');
	assert.equal((await form(client, `/sample/things/${id}/do/finish`, {})).status, 409);
	assert.equal((await form(client, `/sample/things/${id}/do/nothing`, {})).status, 404);
	assert.ok(!(await (await client.go('/sample/things')).text()).includes(`things/${id}/do/finish`));
});

test('CRM-10 quick search, filters and conditions with every operator, and/or', async () => {
	const client = await as('clara');
	stack.sql('DELETE FROM sample_thing');
	await create(client, { code: 'A1', name: 'alpha', amount: '1', kind: 'red', phone: '13800000001', group_id: '1', born: '2020-01-01' });
	await create(client, { code: 'B1', name: 'beta 100%_x', amount: '2', kind: 'green', phone: '13800000002', active: '0', born: '2020-06-15' });
	await create(client, { code: 'C1', name: 'gamma\\', amount: '3', kind: 'blue', phone: '13900000003', tags: 'vip', born: '2021-01-01' });
	await create(client, { code: 'D1', name: 'alphabet', amount: '', kind: 'red', group_id: '2' });
	const all = ['alphabet', 'gamma\\', 'beta 100%_x', 'alpha'];
	const cases = [
		['', all],
		['q=alpha', ['alphabet', 'alpha']], ['q=b1', ['beta 100%_x']], ['q=138', []],
		['name=a 100%25_', ['beta 100%_x']], ['name=%25', ['beta 100%_x']], ['name=\\', ['gamma\\']], ['kind=red', ['alphabet', 'alpha']], ['active=0', ['beta 100%_x']],
		['group_id=1', ['alpha']], ['amount=3', ['gamma\\']],
		['field1=name&op1=contains&value1=et', ['alphabet', 'beta 100%_x']],
		['field1=name&op1=is&value1=ALPHA', ['alpha']], ['field1=name&op1=is_not&value1=alpha', ['alphabet', 'gamma\\', 'beta 100%_x']],
		['field1=name&op1=starts&value1=alph', ['alphabet', 'alpha']], ['field1=name&op1=ends&value1=x', ['beta 100%_x']],
		['field1=name&op1=in&value1=alpha, alphabet', ['alphabet', 'alpha']],
		['field1=amount&op1=gt&value1=1', ['gamma\\', 'beta 100%_x']], ['field1=amount&op1=lt&value1=2', ['alpha']],
		['field1=amount&op1=between&value1=2&until1=3', ['gamma\\', 'beta 100%_x']], ['field1=amount&op1=in&value1=1,3', ['gamma\\', 'alpha']],
		['field1=amount&op1=empty', ['alphabet']], ['field1=amount&op1=not_empty', all.slice(1)], ['field1=amount&op1=is_not&value1=1', ['alphabet', 'gamma\\', 'beta 100%_x']],
		['field1=kind&op1=is&value1=blue', ['gamma\\']], ['field1=kind&op1=in&value1=blue,green', ['gamma\\', 'beta 100%_x']],
		['field1=group_id&op1=is&value1=2', ['alphabet']], ['field1=group_id&op1=empty', ['gamma\\', 'beta 100%_x']],
		['field1=tags&op1=empty', ['alphabet', 'beta 100%_x', 'alpha']],
		['field1=born&op1=since&value1=2020-06-15', ['gamma\\', 'beta 100%_x']], ['field1=born&op1=until&value1=2020-06-15', ['beta 100%_x', 'alpha']],
		['field1=born&op1=between&value1=2020-01-02&until1=2020-12-31', ['beta 100%_x']],
		['field1=created_at&op1=within&value1=today', all], ['field1=created_at&op1=within&value1=yesterday', []],
		['field1=active&op1=is&value1=0', ['beta 100%_x']],
		['field1=name&op1=starts&value1=a&field2=amount&op2=is&value2=1', ['alpha']],
		['field1=name&op1=is&value1=alpha&field2=amount&op2=is&value2=3&match=or', ['gamma\\', 'alpha']],
		['field7=name&op7=is&value7=alpha&field2=amount&op2=is&value2=3&match=or&kind=blue', ['gamma\\']],
	];
	for (const [query, expected] of cases) assert.deepEqual(await names(client, query), expected, query);
	// a masked number can be asked for as a whole only
	assert.deepEqual(await names(client, 'q=13800000001'), ['alpha']);
	assert.deepEqual(await names(client, 'field1=phone&op1=is&value1=13900000003'), ['gamma\\']);
	const wrong = ['field1=name&op1=gt&value1=1', 'field1=nothing&op1=is&value1=1', 'field1=name&value1=1', 'field1=amount&op1=is&value1=x', 'field1=amount&op1=between&value1=1',
		'field1=born&op1=since&value1=soon', 'field1=born&op1=within&value1=decade', 'field1=name&op1=is', 'match=xor', 'kind=purple', 'amount=x', 'sort=note', 'sort=salary', 'sort=phone',
		'field1=salary&op1=is&value1=1', 'field1=secret&op1=is&value1=1', 'field1=phone&op1=starts&value1=138', `field1=name&op1=in&value1=${Array(21).fill('x').join()}`, 'time=ever', 'from=soon', 'size=11'];
	for (const query of wrong) assert.equal((await client.json(`/sample/things?${query}`)).status, 400, query);
	const page = await client.go('/sample/things?field1=amount&op1=is&value1=x');
	assert.equal(page.status, 400);
	assert.match(await page.text(), /value="x"[^]*role="alert">Amount: this value is not valid\./);
});

test('CRM-10 time presets in the tenant\'s zone, the week begins on Sunday', async () => {
	const client = await as('clara');
	stack.sql('DELETE FROM sample_thing');
	const day = 86400000, zone = 8 * 3600000; // Asia/Shanghai
	const today = Math.floor((Date.now() + zone) / day) * day - zone;
	const local = new Date(today + zone);
	const sunday = today - local.getUTCDay() * day;
	const month = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), 1) - zone;
	const last = Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - 1, 1) - zone;
	const moments = { today, lastMoment: today + day - 1, yesterday: today - day, beforeSunday: sunday - 1, sunday, month, beforeMonth: month - 1, last, beforeLast: last - 1 };
	for (const [name, at] of Object.entries(moments))
		stack.sql(`INSERT INTO sample_thing (tenant_id, code, name, created_at, updated_at) VALUES (2, '${name}', '${name}', ${at}, 0)`);
	const within = { today: [today, today + day], yesterday: [today - day, today], week: [sunday, sunday + 7 * day], month: [month, Infinity], last_month: [last, month] };
	for (const [preset, [from, to]] of Object.entries(within)) {
		const expected = Object.entries(moments).filter(([, at]) => at >= from && at < to).map(([name]) => name).sort();
		assert.deepEqual((await names(client, `time=${preset}&size=50`)).sort(), expected, preset);
		assert.deepEqual((await names(client, `field1=created_at&op1=within&value1=${preset}`)).sort(), expected, preset);
	}
	const page = await (await client.go('/sample/things?time=week')).text();
	assert.match(page, /aria-current="true">This week</);
	stack.sql('DELETE FROM sample_thing');
});

test('CRM-09 columns: shown, hidden, in their order, for now and for ever, each user apart', async () => {
	const client = await as('clara'), admin = await as('admin');
	await create(client);
	const heads = async (who, query = '') => [...(await (await who.go(`/sample/things${query}`)).text()).matchAll(/<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)/g)].map((m) => m[1]);
	const usual = ['Id', 'Code', 'Name', 'Amount', 'Price', 'Active', 'Kind', 'Group', 'Groups', 'Tags', 'Phone', 'E-mail', 'Born', 'Owner', 'Created', 'Updated'];
	assert.deepEqual(await heads(client), usual, 'hidden and guarded ones are not there');
	assert.deepEqual(await heads(client, '?columns=note,name,nothing,salary,name'), ['Note', 'Name'], 'for now');
	assert.deepEqual(await heads(client), usual);
	const save = (who, fields) => who.go('/sample/things/columns', { method: 'POST', body: new URLSearchParams([['csrf', who.csrf], ['next', '/sample/things?q=c&columns=name'], ...fields]), headers: { origin: stack.url } });
	assert.equal((await save(client, [['column', 'phone'], ['column', 'code'], ['column', 'salary'], ['size', '25']])).headers.get('location'), '/sample/things?q=c');
	assert.deepEqual(await heads(client), ['Phone', 'Code']);
	assert.match(await (await client.go('/sample/things')).text(), /<option value="25" selected>/);
	assert.deepEqual((await heads(admin)).slice(0, 2), ['Id', 'Code'], 'others see what they saw');
	assert.equal((await save(client, [['column', 'name'], ['now', '1']])).headers.get('location'), '/sample/things?q=c&columns=name');
	assert.equal((await save(client, [])).status, 400);
	assert.equal((await save(client, [['reset', '1']])).status, 303);
	assert.deepEqual(await heads(client), usual);
});

test('pages by key forwards and back, sorted ones by number; selection offers', async () => {
	const client = await as('clara');
	stack.sql('DELETE FROM sample_thing');
	stack.sql("INSERT INTO sample_thing (tenant_id, code, name, created_at, updated_at) SELECT 2, CONCAT('p', seq), CONCAT('n', LPAD(seq, 3, '0')), 1, 1 FROM seq_1_to_35");
	const page = async (url) => (await client.go(url)).text();
	const rows = (text) => [...text.matchAll(/>(n\d{3})</g)].map((m) => m[1]);
	const link = (text, rel) => unescape(text.match(new RegExp(`rel="${rel}" href="([^"]+)"`))?.[1] ?? '');
	for (const [query, key] of [['', true], ['?sort=-name', false]]) {
		const first = await page(`/sample/things${query}`);
		assert.deepEqual(rows(first), Array.from({ length: 10 }, (_, i) => `n${String(35 - i).padStart(3, '0')}`));
		const second = await page(link(first, 'next'));
		assert.equal(link(first, 'next').includes('after='), key);
		const third = await page(link(second, 'next')), fourth = await page(link(third, 'next'));
		assert.deepEqual(rows(fourth), ['n005', 'n004', 'n003', 'n002', 'n001']);
		assert.match(fourth, /31–35 of 35/);
		assert.equal(link(fourth, 'next'), '');
		assert.deepEqual(rows(await page(link(fourth, 'prev'))), rows(third));
		assert.deepEqual(rows(await page(link(second, 'prev'))), rows(first));
	}
	const text = await page('/sample/things?q=p');
	assert.match(text, /<option value="selected">[^]*<option value="found">[^]*<option value="all">/);
	assert.equal([...text.matchAll(/name="key" value="\d+"/g)].length, 10);
});

test('SYS-01 amounts of money: exact, written and read as the preferences say, numbers in files', async () => {
	const client = await as('clara');
	stack.sql('DELETE FROM sample_thing');
	const set = (values) => stack.sql(`DELETE FROM preference WHERE tenant_id = 2; ${Object.entries(values).map(([name, value]) => `REPLACE INTO preference (tenant_id, name, value) VALUES (2, '${name}', '${value}')`).join('; ')}`);
	const shown = async () => (await (await client.go('/sample/things?columns=name,price&sort=price')).text()).match(/<td class="number">([^<]*)</g).map((cell) => unescape(cell.slice('<td class="number">'.length, -1)));
	const csv = async () => (await (await client.go('/sample/things?format=csv&columns=price&sort=price')).text()).trim().split('\r\n').slice(1).map((line) => line.match(/^\d+,\w+,[^,]+,\d*,("[^"]*"|[^,]*)/)[1]);
	const amounts = ['-1,234.50', '0.01', '1234567.89', '99,999,999,999,999.99'];
	for (const price of amounts) await create(client, { price });
	assert.deepEqual(stack.sql('SELECT price FROM sample_thing ORDER BY price').flat(), ['-12345000', '100', '12345678900', '999999999999999900']);
	assert.deepEqual(await shown(), ['-¥1,234.50', '¥0.01', '¥1,234,567.89', '¥99,999,999,999,999.99']);
	assert.deepEqual(await csv(), ['-1234.50', '0.01', '1234567.89', '99999999999999.99']);
	const raw = await (await client.json('/sample/things?columns=price&sort=price')).text();
	for (const text of ['-1234.5000', '0.0100', '99999999999999.9900']) assert.ok(raw.includes(`"price":${text}`), `${text}: ${raw}`);
	const sheet = async () => {
		const workbook = join(stack.run, 'amounts.xlsx');
		writeFileSync(workbook, Buffer.from(await (await client.go('/sample/things?format=xlsx&columns=price&sort=price')).arrayBuffer()));
		return ['worksheets/sheet1', 'styles'].map((part) => execFileSync('unzip', ['-p', workbook, `xl/${part}.xml`]).toString());
	};
	const [xml, styles] = await sheet();
	assert.match(styles, /formatCode="&quot;¥&quot;#,##0\.00"/);
	for (const number of ['-1234.5', '0.01', '1234567.89']) assert.ok(new RegExp(`<c r="E\\d" s="1"><v>${number.replace('.', '\\.')}</v>`).test(xml), `${number}: ${xml}`);
	assert.match(xml, /t="inlineStr"[^>]*><is><t>99999999999999\.99</, 'more digits than a spreadsheet keeps: a text');
	for (const [price, why] of [['1.005', /decimal/], ['1,23', /1,234\.00/], ['12e3', /1,234\.00/], ['100,000,000,000,000', /too large/]]) {
		const answer = await form(client, '/sample/things/new', { code: 'wrong', name: 'wrong', price }, asJson);
		assert.equal(answer.status, 400, price);
		assert.match((await answer.json()).error.fields.price, why, price);
	}
	for (const [query, count] of [['price=1,234,567.89', 1], ['field1=price&op1=between&value1=-1,234.50&until1=0.01', 2], ['field1=price&op1=gt&value1=0', 3], ['field1=price&op1=is_not&value1=0.01', 3]])
		assert.equal((await names(client, query)).length, count, query);
	assert.equal((await client.json('/sample/things?price=1.005')).status, 400);
	for (const [preferences, texts, files] of [
		[{ currency: 'EUR', decimal_separator: 'comma', thousands_separator: 'point' }, ['-€1.234,50', '€0,01', '€1.234.567,89', '€99.999.999.999.999,99'], ['"-1234,50"', '"0,01"', '"1234567,89"', '"99999999999999,99"']],
		[{ currency_symbol: 'Fr', decimal_separator: 'comma', thousands_separator: 'space', currency_decimals: 0 }, ['-Fr1\u00a0234,5', 'Fr0,01', 'Fr1\u00a0234\u00a0567,89', 'Fr99\u00a0999\u00a0999\u00a0999\u00a0999,99'], ['"-1234,5"', '"0,01"', '"1234567,89"', '"99999999999999,99"']],
		[{ currency: 'GBP', thousands_separator: 'none', currency_decimals: 4 }, ['-£1234.5000', '£0.0100', '£1234567.8900', '£99999999999999.9900'], ['-1234.5000', '0.0100', '1234567.8900', '99999999999999.9900']],
	]) {
		set(preferences);
		assert.deepEqual(await shown(), texts, 'nothing is rounded');
		assert.deepEqual(await csv(), files);
	}
	set({ currency_decimals: 0 });
	const [exact, formats] = await sheet();
	assert.match(exact, /<c r="E\d" s="1"><v>0\.01</);
	assert.match(formats, /formatCode="&quot;¥&quot;#,##0\.0000"/, 'with all its digits');
	const [[id]] = stack.sql('SELECT id FROM sample_thing WHERE price = 100');
	const page = await (await client.go(`/sample/things/${id}`)).text();
	assert.deepEqual(values(page, 'price'), ['0.01']);
	assert.equal((await form(client, `/sample/things/${id}`, { price: '0.01', name: 'kept' })).status, 303, 'untouched, it stays as exact as it is');
	assert.deepEqual(one(id, 'price, name'), ['100', 'kept']);
	assert.equal((await form(client, `/sample/things/${id}`, { price: '0.02' })).status, 400);
	assert.equal((await form(client, `/sample/things/${id}`, { price: '2' })).status, 303);
	assert.match(stack.sql("SELECT detail FROM audit_log WHERE action = 'sample.things.edit' ORDER BY id DESC LIMIT 1")[0][0], /"price":\["0\.0100","2\.0000"\]/);
	stack.sql('DELETE FROM sample_thing; DELETE FROM preference WHERE tenant_id = 2');
});

test('batch: asks, changes the ticked fields of the selected, of the found, of all; names what was refused', async () => {
	const client = await as('clara'), admin = await as('admin');
	stack.sql('DELETE FROM sample_thing; DELETE FROM sample_told');
	const ids = [];
	for (let i = 0; i < 5; i++) ids.push(await create(admin, { name: `b${i}`, kind: i < 2 ? 'red' : 'green' }));
	stack.sql('DELETE FROM sample_told');
	const ask = await form(client, '/sample/things/batch', { action: 'edit', scope: 'found', query: 'kind=green' });
	assert.equal(ask.status, 200);
	const asked = await ask.text();
	assert.match(asked, /3 rows will be changed\.[^]*name="set_amount"/);
	assert.ok(!asked.includes('name="set_code"') && !asked.includes('set_salary'));
	const kinds = () => stack.sql('SELECT kind, amount FROM sample_thing ORDER BY id').map((row) => row.join());
	assert.equal((await form(client, '/sample/things/batch', { action: 'edit', scope: 'found', query: 'kind=green', apply: '1', set_kind: '1', kind: 'blue', amount: '77' })).status, 303);
	assert.deepEqual(kinds(), ['red,5', 'red,5', 'blue,5', 'blue,5', 'blue,5'], 'fields that are not ticked stay');
	assert.equal(stack.sql('SELECT COUNT(*) FROM sample_told')[0][0], '1', 'told once');
	assert.equal((await form(client, '/sample/things/batch', { action: 'edit', scope: 'selected', keys: `${ids[0]},${ids[4]}`, apply: '1', set_amount: '1', amount: '8' })).status, 303);
	assert.deepEqual(kinds(), ['red,8', 'red,5', 'blue,5', 'blue,5', 'blue,8']);
	assert.equal((await form(client, '/sample/things/batch', { action: 'edit', scope: 'all', query: 'kind=red', apply: '1', set_active: '1', active: '0' })).status, 303);
	assert.deepEqual(stack.sql('SELECT DISTINCT active FROM sample_thing'), [['0']]);
	// a refused row stays, the others are done
	stack.sql(`INSERT INTO sample_part (tenant_id, name, thing_id) VALUES (2, 'a part', ${ids[1]})`);
	assert.equal((await form(client, '/sample/things/batch', { action: 'delete', scope: 'all', apply: '1' })).status, 403, 'this role does not delete');
	const outcome = await form(admin, '/sample/things/batch', { action: 'delete', scope: 'selected', keys: ids.slice(0, 3).join(), apply: '1' });
	assert.equal(outcome.status, 200);
	const text = await outcome.text();
	assert.ok(text.includes('a part') && text.includes(one(ids[1], 'code')[0]));
	assert.deepEqual(stack.sql('SELECT id FROM sample_thing ORDER BY id').flat().map(Number), [ids[1], ids[3], ids[4]]);
	for (const fields of [{ action: 'edit', scope: 'selected', keys: '' }, { action: 'edit', scope: 'selected', keys: '1; DROP' }, { action: 'edit', scope: 'whatever' }, { action: 'edit', scope: 'found', query: 'kind=purple' }, { action: 'edit', scope: 'found', query: '%zz' }])
		assert.ok([400, 500].includes((await form(client, '/sample/things/batch', fields)).status), JSON.stringify(fields));
	assert.equal((await form(client, '/sample/things/batch', { action: 'explode', scope: 'all' })).status, 403);
	stack.sql('DELETE FROM sample_part');
});

test('numbers are masked in every way out for who may not see them', async () => {
	const client = await as('clara'), admin = await as('admin');
	stack.sql('DELETE FROM sample_thing');
	const id = await create(client, { code: 'm', phone: '170-1234-2225' });
	const short = await create(client, { code: 's', phone: '801 802' });
	const ways = { page: '/sample/things', one: `/sample/things/${id}`, json: '/sample/things?format=json', csv: '/sample/things?format=csv', gb: '/sample/things?format=csv_gb' };
	for (const [name, url] of Object.entries(ways)) {
		const masked = await (await client.go(url)).text();
		assert.ok(masked.includes('170-****-2225') && !masked.includes('1234-2225'), name);
		assert.ok((await (await admin.go(url)).text()).includes('170-1234-2225'), name);
	}
	assert.ok((await (await client.go('/sample/things')).text()).includes('801 802'), 'an extension is no number of a customer');
	// sending the masked text back changes nothing
	assert.equal((await form(client, `/sample/things/${id}`, { phone: '170-****-2225', name: 'new name' })).status, 303);
	assert.deepEqual(one(id, 'phone, name'), ['170-1234-2225', 'new name']);
	assert.equal((await form(client, `/sample/things/${short}`, { phone: '170-****-2225' })).status, 400, 'a mask is no number');
});

test('data scope: own rows only, in lists, pages, changes, batches and files', async () => {
	const own = await as('831'), admin = await as('admin');
	stack.sql('DELETE FROM sample_thing');
	const foreign = await create(admin, { name: 'foreign' }), mine = await create(own, { name: 'mine' });
	assert.equal(one(mine, 'owner')[0], '831');
	assert.deepEqual(await names(own, ''), ['mine']);
	assert.deepEqual(await names(admin, ''), ['mine', 'foreign']);
	assert.ok(!(await (await own.go('/sample/things?format=csv')).text()).includes('foreign'));
	for (const [method, path] of [['GET', ''], ['POST', ''], ['GET', '/delete'], ['POST', '/delete'], ['POST', '/do/finish']])
		assert.equal((await (method === 'GET' ? own.go(`/sample/things/${foreign}${path}`) : form(own, `/sample/things/${foreign}${path}`, { name: 'stolen' }))).status, 404, method + path);
	await form(own, '/sample/things/batch', { action: 'delete', scope: 'selected', keys: `${foreign},${mine}`, apply: '1' });
	assert.deepEqual(stack.sql('SELECT name FROM sample_thing'), [['foreign']]);
	const other = await as('admin', 'other');
	for (const path of ['', '/delete']) assert.equal((await other.go(`/sample/things/${foreign}${path}`)).status, 404, 'another tenant');
	assert.equal((await form(other, `/sample/things/${foreign}`, { name: 'stolen' })).status, 404);
	assert.deepEqual(await names(other, ''), []);
});

test('guarded fields: seen and changed with their own permissions only', async () => {
	const admin = await as('admin'), client = await as('clara');
	const id = await create(admin, { salary: '500' });
	assert.equal(one(id, 'salary')[0], '500');
	assert.ok((await (await admin.go('/sample/things?format=csv')).text()).includes('Salary'));
	for (const url of ['/sample/things', `/sample/things/${id}`, '/sample/things?format=csv', '/sample/things?format=json', '/sample/things?columns=salary,name'])
		assert.ok(!/salary/i.test((await (await client.go(url)).text()).replace(/href="[^"]*"|value="[^"]*"/g, '')), url);
	assert.match(await (await admin.go(`/sample/things/${id}`)).text(), /name="salary"[^>]* value="500"/);
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 21, 'sample.things.salary.view')");
	const page = await (await client.go(`/sample/things/${id}`)).text();
	assert.match(page, /Salary<\/span><span class="field-text">500</);
	assert.equal((await form(client, `/sample/things/${id}`, { salary: '501' })).status, 400);
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 21, 'sample.things.salary.edit')");
	assert.equal((await form(client, `/sample/things/${id}`, { salary: '501' })).status, 303);
	assert.equal(one(id, 'salary')[0], '501');
	stack.sql("DELETE FROM role_permission WHERE permission LIKE 'sample.things.salary.%'");
	const offered = stack.sql("SELECT permission, subject FROM registry_permission WHERE component = 'sample' ORDER BY permission").map((row) => row.join(' '));
	assert.deepEqual(offered, ['sample.parts.create Parts', 'sample.parts.delete Parts', 'sample.parts.edit Parts', 'sample.parts.list Parts', 'sample.things.create Things', 'sample.things.delete Things',
		'sample.things.edit Things', 'sample.things.export Things', 'sample.things.list Things', 'sample.things.phone.whole Phone', 'sample.things.salary.edit Salary', 'sample.things.salary.view Salary']);
});

// A multipart body as a browser writes it.
function multipart(client, fields, files, boundary = 'bOuNdArY') {
	const parts = [];
	for (const [name, value] of Object.entries({ csrf: client.csrf, ...fields })) parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
	for (const [name, filename, data, type] of files)
		parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: ${type ?? 'image/png'}\r\n\r\n`, data, '\r\n');
	parts.push(`--${boundary}--\r\n`);
	return { method: 'POST', body: Buffer.concat(parts.map((p) => Buffer.from(p))), headers: { origin: stack.url, 'content-type': `multipart/form-data; boundary=${boundary}`, accept: 'application/json' } };
}
const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(70000, '\r\n--bOu')]);

test('files: streamed, known by their content, kept under a number, gone with their thing', async () => {
	const client = await as('clara'), admin = await as('admin'), other = await as('admin', 'other');
	const send = async (files, fields = {}, path = '/sample/things/new') => {
		const answer = await client.go(path, multipart(client, path.endsWith('/new') ? { code: `f${++number}`, name: 'n', ...fields } : fields, files));
		return { status: answer.status, ...(await answer.json()) };
	};
	const made = await send([['photo', '../../etc/图 1.png', png]]);
	assert.equal(made.status, 200, JSON.stringify(made));
	const file = await client.go(`/sample/things/${made.id}/file/photo`);
	assert.equal(file.status, 200);
	assert.equal(file.headers.get('content-type'), 'image/png');
	assert.equal(file.headers.get('content-disposition'), `inline; filename="${'_'.repeat(3)} 1.png"; filename*=UTF-8''%E5%9B%BE%201.png`);
	assert.ok(Buffer.from(await file.arrayBuffer()).equals(png));
	assert.equal((await other.go(`/sample/things/${made.id}/file/photo`)).status, 404);
	for (const column of ['note', 'nothing', '..%2F..']) assert.equal((await client.go(`/sample/things/${made.id}/file/${column}`)).status, 404);
	// what lies about itself
	for (const [name, data, why] of [['evil.png', Buffer.from('<html><script>alert(1)</script>'), /type/], ['shell.png', Buffer.from('GIF89a<?php system($_GET[0]);'), /type/], ['x.png', Buffer.alloc(0), /empty/],
		['big.png', Buffer.concat([png, Buffer.alloc(40000)]), /97 KB/]]) {
		const answer = await send([['photo', name, data]]);
		assert.equal(answer.status, 400, name);
		assert.match(answer.error.fields.photo, why, name);
	}
	// a PDF is no picture: it is downloaded
	const pdf = await send([['photo', 'a.pdf', Buffer.from('%PDF-1.4 x')]], {}, `/sample/things/${made.id}`);
	assert.equal(pdf.status, 200);
	assert.match((await client.go(`/sample/things/${made.id}/file/photo`)).headers.get('content-disposition'), /^attachment/);
	const list = () => readdirSync(join(stack.run, 'data/files/2'));
	assert.equal(list().length, 1, 'the replaced one is gone');
	assert.match(await (await client.go('/sample/things?columns=code,photo')).text(), new RegExp(`href="/sample/things/${made.id}/file/photo">a.pdf<`));
	// no file chosen: it stays; removed on request
	assert.equal((await send([['photo', '', Buffer.alloc(0)]], { name: 'renamed' }, `/sample/things/${made.id}`)).status, 200);
	assert.equal(list().length, 1);
	assert.equal((await send([], { clear_photo: '1' }, `/sample/things/${made.id}`)).status, 200);
	assert.equal(list().length, 0);
	await send([['photo', 'b.png', png]], {}, `/sample/things/${made.id}`);
	assert.equal((await form(admin, `/sample/things/${made.id}/delete`, {})).status, 303);
	assert.equal(list().length, 0);
	assert.deepEqual(stack.sql('SELECT COUNT(*) FROM file'), [['0']]);
	// not signed in, without the token, malformed, where no file belongs
	const nobody = new Client(stack.url);
	assert.equal((await nobody.go('/sample/things/new', multipart({ csrf: 'x' }, {}, [['photo', 'a.png', png]]))).status, 403);
	assert.equal((await client.go('/sample/things/new', multipart({ csrf: 'x' }, { code: 'z', name: 'z' }, [['photo', 'a.png', png]]))).status, 403);
	assert.equal((await admin.go('/sample/parts/new', multipart(admin, {}, []))).status, 400);
	const whole = multipart(client, { code: 'z', name: 'z' }, [['photo', 'a.png', png]]);
	for (const body of [whole.body.subarray(0, 300), whole.body.subarray(0, whole.body.length - 8), Buffer.from('--other--'), Buffer.from('--bOuNdArY\r\n\r\nx\r\n--bOuNdArY--')])
		assert.equal((await client.go('/sample/things/new', { ...whole, body })).status, 400);
	assert.equal((await client.go('/sample/things/new', { ...whole, body: multipart(client, Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`f${i}`, 'x'])), []).body })).status, 413);
	assert.equal(readdirSync(join(stack.run, 'data/upload')).length, 0, 'nothing is left over');
});
