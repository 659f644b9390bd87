// SPDX-License-Identifier: GPL-2.0-or-later
// Imports of resources: a file is looked into, its columns are chosen, a job makes the rows, what was refused comes back
// as a file with the reasons that can be corrected and imported again. PLAT-14
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from './client.mjs';
import { build, Stack } from './stack.mjs';

const stack = new Stack();
let admin, jobd;
const startJobd = () => { jobd = stack.part('jobd', join(build, 'bin/cc-jobd'), ['-c', stack.conf]); };

before(async () => {
	await stack.start();
	admin = new Client(stack.url);
	assert.equal((await admin.signIn('demo', 'admin', 'demo-admin')).status, 303);
	await admin.post('/desk/language', { csrf: admin.csrf, language: 'en', next: '/desk/' });
	startJobd();
});
after(() => stack.stop());

const page = '/admin/vips/import';
const vips = () => stack.sql('SELECT v.number, v.name, v.level FROM vip_customer v WHERE v.tenant_id = 2 ORDER BY v.id');
const files = () => readdirSync(join(stack.run, 'data/jobs/2')).sort();

async function upload(client, text, name = 'vips.csv') {
	const form = new FormData();
	form.set('csrf', client.csrf);
	form.set('upload', new Blob([text]), name);
	return client.go(page, { method: 'POST', body: form, headers: { origin: stack.url } });
}
const order = (client, file, fields) => client.post(page, { csrf: client.csrf, file, heading: '1', ...fields }, { accept: 'application/json' });
async function finished(id) {
	let row;
	await stack.until(() => {
		[row] = stack.sql(`SELECT state, ok, bad, total, path, result, error FROM job WHERE id = ${id}`);
		return !['waiting', 'running'].includes(row[0]);
	}, 'the import');
	return row;
}
const tokenOf = (text) => text.match(/name="file" value="(\w+)"/)[1];

test('the columns of a file are recognised, shown with examples, and its rows made by a job', async () => {
	const [[group, name]] = stack.sql("SELECT number, name FROM agent_group WHERE tenant_id = 2 AND live = 1 ORDER BY id LIMIT 1");
	const model = await (await admin.go(`${page}?format=csv`)).text();
	assert.match(model, /^\uFEFF?Telephone number,Customer name,VIP level,Agent group\r\n$/);
	const rows = [['13800000001', 'Ann', 'noble'], ['13800000002', '=1+1', 'Important'], ['801', 'too short', 'noble'], ['13800000001', 'again', 'noble'], ['13800000003', 'no such level', 'gold']];
	const text = `Telephone number,Customer name,Colour,VIP level,Agent group\r\n${rows.map(([number, who, level]) => `${number},${who},red,${level},${group} ${name}`).join('\r\n')}\r\n`;
	const answer = await upload(admin, text);
	const html = await answer.text();
	assert.equal(answer.status, 200, html);
	assert.match(html, /6 rows were found/);
	assert.match(html, /<td>Colour<\/td><td><select name="column3"[^>]*><option value="">(?:(?!selected).)*<\/select>/, 'what is no field is left out');
	for (const [column, field] of [[1, 'number'], [2, 'name'], [4, 'level'], [5, 'group']])
		assert.match(html, new RegExp(`<select name="column${column}"[^>]*>.*?<option value="${field}" selected>`), field);
	assert.match(html, /13800000002<br>/, 'examples');
	const token = tokenOf(html);
	for (const [fields, why] of [[{ column1: 'number', column2: 'number', column5: 'group' }, /Two columns/], [{ column1: 'number' }, /No column of the file/], [{ column1: 'id' }, /not valid/]]) {
		const refused = await admin.post(page, { csrf: admin.csrf, file: token, heading: '1', ...fields });
		assert.equal(refused.status, 400);
		assert.match(await refused.text(), why);
	}
	const { job } = await (await order(admin, token, { column1: 'number', column2: 'name', column4: 'level', column5: 'group' })).json();
	const [state, ok, bad, total, path, result, error] = await finished(job);
	assert.deepEqual([state, ok, bad, total, result], ['done', '2', '3', '5', '2 rows were added, 3 were not.'], error);
	assert.deepEqual(vips(), [['13800000001', 'Ann', 'noble'], ['13800000002', '=1+1', 'important']]);
	assert.equal(path, `${job}.csv`);
	assert.deepEqual(files(), [path], 'the upload is gone');
	const back = (await (await admin.go(`/desk/jobs/file/${job}`)).text()).replace(/^\uFEFF/, '').trim().split('\r\n');
	assert.equal(back[0], 'Row,Reason,Telephone number,Customer name,Colour,VIP level,Agent group');
	assert.match(back[1], /^4,"Telephone number: A whole number is needed.*",801,too short,red,noble,/);
	assert.match(back[2], /^5,Telephone number: .*,13800000001,again,/);
	assert.match(back[3], /^6,VIP level: .*,13800000003,no such level,/);
	assert.equal(back.length, 4);
	// corrected, the same file goes in
	const again = await (await upload(admin, [back[0], back[3].replace('gold', 'normal')].join('\n'))).text();
	assert.ok(!/<select name="column[12]"[^>]*>(?:(?!<\/select>).)*selected/.test(again), 'row and reason are no fields');
	const second = await (await order(admin, tokenOf(again), { column3: 'number', column4: 'name', column6: 'level', column7: 'group' })).json();
	assert.deepEqual((await finished(second.job)).slice(0, 5), ['done', '1', '0', '1', '']);
	assert.deepEqual(vips().at(-1), ['13800000003', 'no such level', 'normal']);
	const [[action, object]] = stack.sql("SELECT action, object FROM audit_log WHERE action LIKE '%.import' ORDER BY id LIMIT 1");
	assert.deepEqual([action, object], ['admin.vip.import', 'vips']);
});

test('files that are no tables, drafts of others and users without the permission', async () => {
	const bad = await upload(admin, 'PK\x03\x04 no workbook', 'vips.xlsx');
	assert.equal(bad.status, 400);
	assert.match(await bad.text(), /role="alert"/);
	assert.equal((await upload(admin, '')).status, 400);
	const token = tokenOf(await (await upload(admin, 'Telephone number,Agent group\n13900000001,x\n')).text());
	const clerk = new Client(stack.url), stranger = new Client(stack.url);
	await clerk.signIn('demo', 'clerk', 'demo-clerk');
	await stranger.signIn('other', 'admin', 'other-admin');
	assert.equal((await clerk.go(page)).status, 403);
	assert.equal((await order(clerk, token, { column1: 'number', column2: 'group' })).status, 403);
	const lost = await stranger.post(page, { csrf: stranger.csrf, file: token, column1: 'number', column2: 'group' });
	assert.equal(lost.status, 400, 'the draft of another tenant is not there');
	for (const file of ['../../../etc/passwd', '', 'x'.repeat(26)]) assert.ok((await order(admin, file, { column1: 'number' })).status >= 400, file);
	assert.equal((await admin.post(page, { file: token, column1: 'number', column2: 'group' })).status, 403, 'without its token of the form');
	const { job } = await (await order(admin, token, { column1: 'number', column2: 'group' })).json();
	assert.deepEqual((await finished(job)).slice(0, 3), ['done', '0', '1']);
	const key = new Client(stack.url);
	assert.equal((await key.post(page, { file: token }, { authorization: 'Bearer demo-api-key' })).status, 403, 'a job has the rights of a person');
});

test('stopped in the middle and begun again every row is there once, and every refused one is told once', async () => {
	const [[group, name]] = stack.sql("SELECT number, name FROM agent_group WHERE tenant_id = 2 AND live = 1 ORDER BY id LIMIT 1");
	const count = () => Number(stack.sql("SELECT COUNT(*) FROM vip_customer WHERE tenant_id = 2 AND number LIKE '1360000%'")[0][0]);
	const all = 4000;
	const rows = Array.from({ length: all }, (_, i) => `${i % 100 ? `1360000${String(i).padStart(4, '0')}` : '801'},Row ${i},${group} ${name}`);
	const token = tokenOf(await (await upload(admin, `Telephone number,Customer name,Agent group\n${rows.join('\n')}\n`)).text());
	const { job } = await (await order(admin, token, { column1: 'number', column2: 'name', column3: 'group' })).json();
	await stack.until(() => count() > 200, 'the first rows');
	jobd.kill('SIGTERM');
	await jobd.ended;
	const before = count();
	assert.ok(before < all * 0.99, 'it was not ready yet');
	const [stopped, why] = stack.sql(`SELECT state, error FROM job WHERE id = ${job}`)[0];
	assert.equal(stopped, 'waiting', why);
	stack.parts.splice(stack.parts.indexOf(jobd), 1);
	startJobd();
	const [state, ok, bad, total, path, , error] = await finished(job);
	assert.deepEqual([state, ok, bad, total], ['done', String(all * 0.99), String(all / 100), String(all)], error);
	assert.equal(count(), all * 0.99);
	const back = (await (await admin.go(`/desk/jobs/file/${job}`)).text()).replace(/^\uFEFF/, '').trim().split('\r\n');
	assert.ok(path);
	assert.match(back[0], /^Row,Reason,/);
	assert.deepEqual(back.slice(1).map((line) => Number(line.split(',')[0])), Array.from({ length: all / 100 }, (_, i) => i * 100 + 2));
});
