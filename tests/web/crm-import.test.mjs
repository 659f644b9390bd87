// SPDX-License-Identifier: GPL-2.0-or-later
// CRM-02, CRM-03, CRM-11, CRM-12, CRM-13, CRM-22, CRM-23, CRM-26: packages with fields of their own, an import from the file to its undoing,
// crashes and hostile files, as people meet them on the pages.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { Client } from './client.mjs';
import { build, Stack } from './stack.mjs';

const stack = new Stack({ sample: true });
let admin, other, clara, jobd;
const one = (sql) => stack.sql(sql)[0]?.[0];
const post = (client, path, fields = {}, headers) => client.post(path, { csrf: client.csrf, ...fields }, headers);

async function as(tenant, username) {
	const client = new Client(stack.url);
	assert.equal((await client.signIn(tenant, username, `${tenant}-${username}`)).status, 303);
	return client;
}
const startJobd = () => { jobd = stack.part('jobd', join(build, 'bin/cc-jobd'), ['-c', stack.conf]); };

before(async () => {
	await stack.start();
	[admin, other, clara] = await Promise.all([as('demo', 'admin'), as('other', 'admin'), as('demo', 'clara')]);
	startJobd();
});
after(() => stack.stop());

// Uploads a file as a new import of the package: its page, or the refusal.
async function upload(client, name, content, fields = {}) {
	const form = new FormData();
	for (const [key, value] of Object.entries({ csrf: client.csrf, package_id: pack, ...fields })) form.append(key, String(value));
	form.append('file_id', new Blob([content]), name);
	return client.go('/crm/imports/new', { method: 'POST', body: form, headers: { origin: client.url } });
}
async function begin(name, content, fields) {
	const answer = await upload(admin, name, content, fields);
	assert.equal(answer.status, 303, await answer.text());
	return answer.headers.get('location');
}
const page = async (path, client = admin) => (await client.go(path)).text();
const batch = (path) => path.match(/\d+$/)[0];
const state = (path) => one(`SELECT state FROM customer_batch WHERE id = ${batch(path)}`);
async function run(path, fields) {
	const answer = await post(admin, path, { step: 'run', heading: 1, ...fields });
	assert.equal(answer.status, 303, await answer.text());
}
async function finished(path, wanted = 'committed') {
	await stack.until(async () => state(path) === wanted, `an import that is ${wanted}`, 30000);
	await stack.until(async () => one(`SELECT COUNT(*) FROM job WHERE state IN ('waiting', 'running')`) === '0', 'the end of its task', 30000);
}
const counts = (path) => one(`SELECT CONCAT_WS(' ', rows_read, rows_new, rows_changed, rows_skipped, rows_bad) FROM customer_batch WHERE id = ${batch(path)}`);
let pack;

// A workbook with these parts; what it needs besides is there.
function workbook(parts) {
	const all = {
		'_rels/.rels': '<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
		'xl/_rels/workbook.xml.rels': '<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
		'xl/workbook.xml': '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet r:id="r1"/></sheets></workbook>',
		...parts,
	};
	const files = [], directory = [];
	let at = 0;
	for (const [name, text] of Object.entries(all)) {
		const content = Buffer.from(text), packed = deflateRawSync(content), fields = Buffer.alloc(26);
		fields.writeUInt16LE(20, 0);
		fields.writeUInt16LE(8, 4);
		fields.writeUInt32LE(crc32(content), 10);
		fields.writeUInt32LE(packed.length, 14);
		fields.writeUInt32LE(content.length, 18);
		fields.writeUInt16LE(name.length, 22);
		const rest = Buffer.alloc(14);
		rest.writeUInt32LE(at, 10);
		files.push(Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed);
		directory.push(Buffer.from('PK\x01\x02\x14\0'), fields, rest, Buffer.from(name));
		at += 30 + name.length + packed.length;
	}
	const list = Buffer.concat(directory), end = Buffer.alloc(18);
	end.writeUInt16LE(Object.keys(all).length, 4);
	end.writeUInt16LE(Object.keys(all).length, 6);
	end.writeUInt32LE(list.length, 8);
	end.writeUInt32LE(at, 12);
	return Buffer.concat([...files, list, Buffer.from('PK\x05\x06'), end]);
}
const table = Uint32Array.from({ length: 256 }, (_, n) => { for (let i = 0; i < 8; i++) n = n & 1 ? 0xEDB88320 ^ (n >>> 1) : n >>> 1; return n; });
function crc32(bytes) {
	let crc = 0xFFFFFFFF;
	for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
	return (crc ^ 0xFFFFFFFF) >>> 0;
}

test('a package has fields of its own, of every kind', async () => {
	assert.equal((await post(admin, '/crm/packages/new', { name: '车险', code: 'car insurance', state: 'open' })).status, 400);
	assert.equal((await post(admin, '/crm/packages/new', { name: '车险', code: 'car', state: 'open', unique_phone: 1 })).status, 303);
	pack = one("SELECT id FROM customer_package WHERE code = 'car' AND tenant_id = 2");
	assert.equal(one(`SELECT COUNT(*) FROM customer_field WHERE package_id = ${pack}`), '8', 'the base fields');
	const field = (fields) => post(admin, '/crm/fields/new', { package_id: pack, zone: 'A', ...fields });
	for (const [name, kind, more, slot] of [
		['plate', 'text', { searched: 1, is_unique: 1 }, 'x01'], ['mobile2', 'phone', {}, 'x02'], ['memo', 'lines', {}, 't01'], ['mail2', 'email', {}, 't02'],
		['expires', 'date', { searched: 1 }, 'n01'], ['site', 'link', {}, 't03'], ['scan', 'file', {}, 't04'], ['home', 'address', { choice_lines: '一区\n二区' }, 't05'],
		['level', 'choice', { searched: 1, choice_lines: '金\n银\n' }, 'x03'], ['town', 'linked', { choice_lines: '广东: 广州, 深圳\n浙江：杭州' }, 't06'], ['price', 'number', {}, 'n02'],
	]) {
		const answer = await field({ name, kind, label: `字段${name}`, ...more });
		assert.equal(answer.status, 303, `${name}: ${await answer.text()}`);
		assert.equal(one(`SELECT slot FROM customer_field WHERE package_id = ${pack} AND name = '${name}'`), slot);
	}
	assert.equal(one(`SELECT choices FROM customer_field WHERE name = 'town'`), '{"广东":["广州","深圳"],"浙江":["杭州"]}');
	assert.match(await page(`/crm/fields/${one("SELECT id FROM customer_field WHERE name = 'town'")}`), /广东: 广州, 深圳\n浙江: 杭州/);
	for (const bad of [{ name: 'town', kind: 'text', label: 'z' }, { name: '1x', kind: 'text', label: 'y' }, { name: 'y', kind: 'text', label: '' }, { name: 'v', kind: 'choice', label: 'v', choice_lines: '' },
		{ name: 'w', kind: 'linked', label: 'w', choice_lines: '广州' }, { name: 'q', kind: 'sex', label: 'q' }])
		assert.equal((await field(bad)).status, 400, JSON.stringify(bad));
	assert.equal((await post(admin, `/crm/fields/${one(`SELECT id FROM customer_field WHERE package_id = ${pack} AND name = 'note'`)}/delete`)).status, 409);
	assert.equal((await post(clara, '/crm/fields/new', { package_id: pack, name: 'a', label: 'a', kind: 'text' })).status, 403);
	assert.equal((await other.json(`/crm/packages/${pack}`)).status, 404);
});

test('order, zones and rights of the fields', async () => {
	const ids = Object.fromEntries(stack.sql(`SELECT name, id FROM customer_field WHERE package_id = ${pack}`));
	const form = {};
	for (const id of Object.values(ids)) Object.assign(form, { [`position_${id}`]: 50, [`zone_${id}`]: 'A', [`width_${id}`]: 0, [`pop_${id}`]: 1 });
	Object.assign(form, { [`position_${ids.plate}`]: 2, [`zone_${ids.plate}`]: 'B', [`width_${ids.plate}`]: 120, [`record_${ids.plate}`]: 1 });
	assert.equal((await post(admin, `/crm/field-order/${pack}`, { ...form, [`zone_${ids.plate}`]: 'C' })).status, 400);
	assert.equal((await post(admin, `/crm/field-order/${pack}`, form)).status, 303);
	assert.deepEqual(stack.sql(`SELECT name, zone, width, in_record FROM customer_field WHERE package_id = ${pack} ORDER BY position, id LIMIT 2`), [['name', 'A', '0', '0'], ['plate', 'B', '120', '1']]);
	assert.equal(one(`SELECT required FROM customer_field WHERE id = ${ids.phone}`), '1', 'a customer needs a number');
	const role = one("SELECT id FROM role WHERE tenant_id = 2 AND code = 'agent'");
	assert.equal((await post(admin, `/crm/field-rights/${pack}`, { role, [`may_${ids.price}`]: 'none', [`may_${ids.level}`]: 'view', [`may_${ids.town}`]: 'edit' })).status, 303);
	assert.deepEqual(stack.sql(`SELECT f.name, r.may FROM customer_field_right r JOIN customer_field f ON f.id = r.field_id WHERE role_id = ${role} ORDER BY 1`), [['level', 'view'], ['price', 'none']]);
	assert.match(await page(`/crm/field-rights/${pack}?role=${role}`), /字段level[\s\S]*?<option value="view" selected>/);
	assert.equal((await post(admin, `/crm/field-rights/${pack}`, { role: 999999 })).status, 404);
});

test('the template of a package is a workbook', async () => {
	const answer = await admin.go(`/crm/import-template?package=${pack}`);
	const folder = mkdtempSync(join(tmpdir(), 'ccx-'));
	writeFileSync(join(folder, 't.xlsx'), Buffer.from(await answer.arrayBuffer()));
	const strings = execFileSync('unzip', ['-p', join(folder, 't.xlsx'), 'xl/sharedStrings.xml']).toString();
	for (const word of ['字段plate', '##AgentNo##']) assert.ok(strings.includes(word), word);
	rmSync(folder, { recursive: true });
});

const sheet = '姓名,电话号码,字段plate,字段expires,##AgentNo##,渠道,字段level\n' +
	'张伟,013800000001,粤A1,2027-01-31,801,网络,金\n李娜,13800000002,粤A2,,,电话,银\n王芳,13800000001,粤A3,,,,\n赵磊,12ab,粤A4,,,,\n钱敏,13800000003,粤A5,2027-02-30,,,\n孙丽,13800000004,粤A6,,,,铜\n';
let first;

test('from the file over mapping and preview to customers', async () => {
	const before = Number(one('SELECT COUNT(*) FROM customer WHERE tenant_id = 2'));
	stack.sql("INSERT IGNORE INTO customer_tag (tenant_id, id, name, created_at, updated_at) VALUES (2, 7, '高意向', 0, 0)");
	const path = first = await begin('客户.csv', `\uFEFF${sheet}`);
	let html = await page(path);
	assert.match(html, /<select name="c0"[^>]*>(?:(?!<\/select>)[\s\S])*value="name" selected/);
	assert.match(html, /<select name="c1"[^>]*>(?:(?!<\/select>)[\s\S])*value="phone" selected/);
	assert.match(html, /<select name="c4"[^>]*>(?:(?!<\/select>)[\s\S])*value="##AgentNo##" selected/);
	assert.match(html, /粤A6/);
	const mapping = { c0: 'name', c1: 'phone', c2: 'plate', c3: 'expires', c4: '##AgentNo##', c5: '+text!', c6: 'level', strip_zero: 1, policy: 'skip', heading: 1, tag_7: 1 };
	assert.match(await (await post(admin, path, { ...mapping, c1: '' })).text(), /role="alert">[^<]+/);
	assert.match(await (await post(admin, path, { ...mapping, c2: 'name' })).text(), /role="alert">[^<]+/);
	assert.equal((await post(admin, path, { ...mapping, step: 'preview' })).status, 303);
	html = await page(path);
	const facts = [...html.matchAll(/<dd>(\d+)<\/dd>/g)].map((m) => Number(m[1]));
	assert.deepEqual(facts.slice(0, 4), [6, 2, 1, 3], 'rows, new, duplicates, wrong');
	assert.equal(Number(one('SELECT COUNT(*) FROM customer WHERE tenant_id = 2')), before, 'nothing is written');
	await run(path, mapping);
	await finished(path);
	assert.equal(counts(path), '6 2 0 1 3');
	assert.equal(one(`SELECT CONCAT_WS('|', c.name, c.phone, x01, n01, a.number, x03, x04, s.name = '' , t.tag_id) FROM customer c JOIN agent a ON a.id = c.agent_id JOIN customer_source s ON s.id = c.source_id
		LEFT JOIN customer_tagged t ON t.customer_id = c.id WHERE c.package_id = ${pack} AND c.name = '张伟'`), '张伟|13800000001|粤A1|20270131|801|金|网络|0|7');
	assert.equal(one(`SELECT label FROM customer_field WHERE package_id = ${pack} AND slot = 'x04'`), '渠道', 'the new field');
	assert.match(await page(path), /\/desk\/jobs\/file\/\d+/);
	const wrong = await page((await page(path)).match(/\/desk\/jobs\/file\/\d+/)[0]);
	// nginx sends the file: 3 rows with their reasons, and the heading
	const lines = wrong.replace('\uFEFF', '').trim().split('\r\n');
	assert.equal(lines.length, 4);
	assert.match(lines[1], /^5,[^,]+,赵磊,12ab/);
	assert.equal((await other.go(path)).status, 404);
	assert.equal((await clara.go(path)).status, 403);
});

test('duplicates are skipped, overwritten or filled in', async () => {
	const value = () => one(`SELECT CONCAT_WS('|', name, email, x03) FROM customer WHERE package_id = ${pack} AND phone = '13800000002'`);
	let path = await begin('b.csv', 'n,p,e,l\n李娜娜,+86 138-0000-0002,li@example.cn,金\n');
	await run(path, { c0: 'name', c1: 'phone', c2: 'email', c3: 'level', policy: 'fill' });
	await finished(path);
	assert.equal(counts(path), '1 0 1 0 0');
	assert.equal(value(), '李娜|li@example.cn|银');
	path = await begin('c.csv', 'n,p,e,l\n李娜娜,13800000002,,金\n');
	await run(path, { c0: 'name', c1: 'phone', c2: 'email', c3: 'level', policy: 'overwrite' });
	await finished(path);
	assert.equal(value(), '李娜娜|li@example.cn|金');
	assert.equal((await post(admin, `/crm/imports/${batch(path)}/do/undo`)).status, 303);
	await finished(path, 'undone');
	assert.equal(value(), '李娜|li@example.cn|银');
	assert.equal((await post(admin, `/crm/imports/${batch(path)}/do/undo`)).status, 409);
});

test('SYS-01 amounts of a file are written as the preferences say, numbers of a workbook as they are', async () => {
	assert.equal((await post(admin, '/crm/fields/new', { package_id: pack, zone: 'A', name: 'premium', kind: 'amount', label: '保费' })).status, 303);
	const slot = one(`SELECT slot FROM customer_field WHERE package_id = ${pack} AND name = 'premium'`);
	const paid = () => one(`SELECT GROUP_CONCAT(COALESCE(${slot}, '') ORDER BY phone) FROM customer WHERE phone LIKE '1380000090_' AND package_id = ${pack}`);
	stack.sql("REPLACE INTO preference (tenant_id, name, value) VALUES (2, 'decimal_separator', 'comma'), (2, 'thousands_separator', 'point')");
	let path = await begin('f.csv', 'p,f\n13800000901,"-1.234,50"\n13800000902,"1234,5"\n13800000903,1234.5\n13800000904,"1,505"\n');
	await run(path, { c0: 'phone', c1: 'premium' });
	await finished(path);
	assert.equal(paid(), '-12345000,12345000');
	assert.equal(counts(path), '4 2 0 0 2');
	const cell = (ref, v, t = '') => `<c r="${ref}"${t}>${t ? `<is><t>${v}</t></is>` : `<v>${v}</v>`}</c>`, text = ' t="inlineStr"';
	const data = [['p', 'f', text], ['13800000905', '1234.5', ''], ['13800000906', '1.234', text], ['13800000907', '1.005', '']];
	const sheetXml = `<worksheet><sheetData>${data.map(([p, f, t], i) => `<row r="${i + 1}">${cell(`A${i + 1}`, p, text)}${cell(`B${i + 1}`, f, t)}</row>`).join('')}</sheetData></worksheet>`;
	path = await begin('g.xlsx', workbook({ 'xl/worksheets/sheet1.xml': sheetXml }));
	await run(path, { c0: 'phone', c1: 'premium' });
	await finished(path);
	assert.equal(paid(), '-12345000,12345000,12345000,12340000');
	assert.equal(counts(path), '3 2 0 0 1', 'no digit is dropped');
	stack.sql("DELETE FROM preference WHERE name LIKE '%separator'");
});

test('a dictionary fills in what is missing', async () => {
	const form = new FormData();
	for (const [key, value] of Object.entries({ csrf: admin.csrf, name: '城市', package_id: pack })) form.append(key, value);
	form.append('file_id', new Blob(['住所,地域,字段level\n广州,广东,金\n杭州,浙江,\n']), 'd.csv');
	admin.jar.set('lang', 'zh_CN');
	const answer = await admin.go('/crm/dictionaries/new', { method: 'POST', body: form, headers: { origin: admin.url, 'accept-language': 'zh-CN' } });
	assert.equal(answer.status, 303, await answer.text());
	const path = await begin('e.csv', 'p,c,a\n13800000101,广州,\n13800000102,杭州,江南\n13800000103,北京,\n');
	await run(path, { c0: 'phone', c1: 'city', c2: 'area', dictionary: one("SELECT id FROM customer_dictionary WHERE name = '城市'") });
	await finished(path);
	assert.equal(one(`SELECT GROUP_CONCAT(area, '/', COALESCE(x03, '') ORDER BY phone) FROM customer WHERE phone LIKE '1380000010_' AND package_id = ${pack}`), '广东/金,江南/,/');
});

test('a field is repaired, and unique values stay so', async () => {
	stack.sql(`DELETE FROM customer_index WHERE package_id = ${pack}`);
	assert.equal((await post(admin, `/crm/packages/${pack}/do/repair`)).status, 303);
	await stack.until(async () => one("SELECT state FROM job WHERE kind = 'crm.repair' ORDER BY id DESC LIMIT 1") === 'done', 'the repair');
	assert.equal(one(`SELECT COUNT(*) FROM customer_index WHERE package_id = ${pack} AND slot = 1 AND value = '8613800000001'`), '1');
	const id = one(`SELECT id FROM customer_field WHERE package_id = ${pack} AND name = 'level'`);
	const change = (value) => post(admin, `/crm/fields/${id}`, { is_unique: value });
	assert.equal((await change(1)).status, 400, '金 is there twice');
	assert.equal((await post(admin, `/crm/packages/${pack}`, { unique_phone: 0 })).status, 303);
	assert.equal(one(`SELECT MIN(twin) > 0 FROM customer_index WHERE package_id = ${pack} AND slot = 1`), '1');
	assert.equal((await post(admin, `/crm/packages/${pack}`, { unique_phone: 1 })).status, 303);
	assert.equal(one(`SELECT MAX(twin) FROM customer_index WHERE package_id = ${pack} AND slot = 1`), '0');
});

const many = (n) => 'p,n\n' + Array.from({ length: n }, (_, i) => `139${String(i).padStart(8, '0')},客户${i}`).join('\n');
const hidden = () => one("SELECT COUNT(*) FROM customer c JOIN customer_batch b ON b.id = c.batch_id AND b.hidden = 0 WHERE c.phone LIKE '139________'");
// The process that does an import.
const worker = () => {
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
		try {
			const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
			if (words[0].endsWith('/cc-crm') && words.includes('-j') && words.includes(stack.conf)) return Number(pid);
		} catch { /* gone */ }
	}
	return 0;
};
const midway = (path) => stack.until(async () => one(`SELECT COUNT(*) FROM customer WHERE batch_id = ${batch(path)}`) !== '0', 'the first customers');

test('killed in the middle nothing of it is seen; started again nothing is there twice', async () => {
	const path = await begin('k.csv', many(60000));
	await run(path, { c0: 'phone', c1: 'name' });
	await midway(path);
	process.kill(worker(), 'SIGKILL');
	await stack.until(async () => one("SELECT state FROM job WHERE kind = 'crm.import' ORDER BY id DESC LIMIT 1") === 'failed', 'the end of the task');
	assert.notEqual(one(`SELECT COUNT(*) FROM customer WHERE batch_id = ${batch(path)}`), '0');
	assert.equal(hidden(), '0');
	assert.equal((await post(admin, `/crm/imports/${batch(path)}/do/again`)).status, 303);
	await finished(path);
	assert.equal(counts(path), '60000 60000 0 0 0');
	assert.equal(hidden(), '60000');
	assert.equal(one(`SELECT COUNT(*) FROM customer_index WHERE package_id = ${pack} AND slot = 1 AND value LIKE '86139%'`), '60000');
	// out again: names in the place of keys, and only as much of the numbers as one may see
	stack.sql("REPLACE INTO preference (tenant_id, name, value) VALUES (2, 'export_rows', '100000')");
	const exported = async (client) => {
		assert.equal((await post(client, '/crm/customers/car/export', { format: 'csv', scope: 'all' })).status, 303);
		await stack.until(async () => one("SELECT state FROM job WHERE kind = 'crm.export' ORDER BY id DESC LIMIT 1") === 'done', 'the export');
		const csv = await page(`/desk/jobs/file/${one("SELECT id FROM job WHERE kind = 'crm.export' ORDER BY id DESC LIMIT 1")}`, client);
		return csv.replace('\uFEFF', '').trim().split('\r\n');
	};
	const lines = await exported(admin);
	assert.equal(lines.length - 1, Number(one(`SELECT COUNT(*) FROM customer WHERE package_id = ${pack}`)));
	assert.ok(lines[1].includes(one(`SELECT name FROM customer_batch WHERE id = ${batch(path)}`)), lines[1]);
	const zhang = lines.find((text) => text.includes(',13800000001,'));
	assert.ok(zhang.includes(`,${one("SELECT CONCAT(number, ' ', name) FROM agent WHERE tenant_id = 2 AND number = '801'")},`) && zhang.includes('高意向'), zhang);
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) SELECT 2, role_id, CONCAT('crm.customers.', p) FROM user, (SELECT 'list' p UNION SELECT 'export') x WHERE tenant_id = 2 AND username = 'clara'");
	const masked = (await exported(clara)).join('\n');
	stack.sql("DELETE FROM role_permission WHERE permission IN ('crm.customers.list', 'crm.customers.export')");
	assert.match(masked, /,139\*+\d+,/);
	assert.ok(!/1390000\d{4}/.test(masked), 'no whole number');
	await post(admin, `/crm/imports/${batch(path)}/do/undo`);
	await finished(path, 'undone');
	assert.equal(one("SELECT COUNT(*) FROM customer WHERE phone LIKE '139________'"), '0');
	assert.equal(one("SELECT COUNT(*) FROM customer_text WHERE INSTR(body, '86139000') > 0"), '0');
	assert.equal(one(`SELECT COUNT(*) FROM customer_index i LEFT JOIN customer c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id WHERE c.id IS NULL`), '0');
});

test('cancelled it leaves nothing', async () => {
	const path = await begin('x.csv', many(60000));
	await run(path, { c0: 'phone', c1: 'name' });
	await midway(path);
	assert.equal((await post(admin, `/crm/imports/${batch(path)}/do/cancel`)).status, 303);
	await finished(path, 'cancelled');
	assert.equal(one(`SELECT COUNT(*) FROM customer WHERE batch_id = ${batch(path)}`), '0');
	assert.equal(one(`SELECT hidden FROM customer_batch WHERE id = ${batch(path)}`), '0');
});

test('all customers are backed up by one button', async () => {
	assert.equal((await post(admin, '/crm/backup')).status, 303);
	await stack.until(async () => one("SELECT state FROM job WHERE kind = 'crm.backup'") === 'done', 'the backup');
	const [[id, path]] = stack.sql("SELECT id, path FROM job WHERE kind = 'crm.backup'");
	const csv = execFileSync('unzip', ['-p', join(stack.run, 'data/jobs/2', path), 'car.csv']).toString();
	assert.equal(csv.trim().split('\r\n').length - 1, Number(one(`SELECT COUNT(*) FROM customer WHERE package_id = ${pack}`)));
	assert.match(csv, /张伟,.*粤A1/);
	assert.ok(Number(id));
	assert.equal((await post(clara, '/crm/backup')).status, 403);
});

test('hostile files are refused in words', async () => {
	const told = async (name, content) => {
		const answer = await upload(admin, name, content);
		const html = answer.status === 303 ? await page(answer.headers.get('location')) : await answer.text();
		return html.match(/role="alert"[^>]*>([^<]+)/)?.[1];
	};
	assert.ok(await told('empty.csv', ''));
	assert.ok(await told('quote.csv', 'a,"b\n1,2\n'));
	assert.ok(await told('wide.csv', `${Array(10000).fill('x').join(',')}\n`));
	assert.ok(await told('binary.csv', Buffer.from([0, 1, 2, 3, 255, 254, 0, 0, 1, 200])));
	assert.ok(await told('old.xls', Buffer.from('D0CF11E0A1B11AE1' + '00'.repeat(600), 'hex')));
	assert.ok(await told('zip.xlsx', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(300, 7)])));
	// archives that inflate a thousandfold, and XML whose entities would
	const sheetOf = (xml) => workbook({ 'xl/worksheets/sheet1.xml': xml });
	assert.match(await told('bomb.xlsx', sheetOf(Buffer.concat([Buffer.from('<worksheet><sheetData>'), Buffer.alloc(40e6, ' ')]))), /too large|太大|过大/);
	const laughs = Array.from({ length: 12 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
	assert.match(await told('entities.xlsx', sheetOf(`<!DOCTYPE x [<!ENTITY l0 "ha">${laughs}]><worksheet><sheetData><row><c t="str"><v>&l12;</v></c></row></sheetData></worksheet>`)), /damaged|损坏/);
	assert.equal((await upload(admin, 'good.xlsx', sheetOf('<worksheet><sheetData><row><c t="str"><v>13700000009</v></c></row></sheetData></worksheet>'))).status, 303, 'the archive itself is one');
	const path = await begin('formula.csv', '\uFEFFp,n\n13700000001,"=cmd|\' /C calc\'!A0"\n');
	await run(path, { c0: 'phone', c1: 'name' });
	await finished(path);
	assert.equal(one("SELECT name FROM customer WHERE phone = '13700000001'"), "=cmd|' /C calc'!A0", 'a text stays a text');
	const found = `/crm/customers/car?q=13700000001&format=`;
	assert.match(await page(`${found}csv`), /"?'=cmd\|' \/C calc'!A0"?/, 'no spreadsheet takes it for a formula');
	const folder = mkdtempSync(join(tmpdir(), 'ccx-'));
	writeFileSync(join(folder, 'f.xlsx'), Buffer.from(await (await admin.go(`${found}xlsx`)).arrayBuffer()));
	const cells = execFileSync('unzip', ['-p', join(folder, 'f.xlsx'), 'xl/worksheets/sheet1.xml']).toString();
	assert.ok(cells.includes('=cmd|') && !cells.includes('<f>'), 'nor in a workbook');
	rmSync(folder, { recursive: true });
	// no column is the telephone number
	const other = await begin('n.csv', 'n\nx\n');
	assert.equal((await post(admin, other, { step: 'run', heading: 1, c0: 'name' })).status, 400);
});

test('a file that breaks off in the middle leaves nothing, and the page says why', async () => {
	const path = await begin('broken.csv', `${many(5000)}\n13999999999,"and so on`);
	await run(path, { c0: 'phone', c1: 'name' });
	await finished(path, 'failed');
	assert.equal(one(`SELECT COUNT(*) FROM customer WHERE batch_id = ${batch(path)}`), '0');
	assert.equal(one(`SELECT COUNT(*) FROM customer_text WHERE package_id = ${pack} AND INSTR(body, '8613900004999') > 0`), '0');
	assert.match(await page(path), /quotation mark|引号/);
	assert.equal((await admin.json('/crm/customers/car?q=13900004999').then((a) => a.json())).rows.length, 0);
});

// Says that it will send so many bytes of a form, and sends as many of them.
const send = (announced, sent) => new Promise((resolve, reject) => {
	const cookie = [...admin.jar].map(([name, value]) => `${name}=${value}`).join('; ');
	const r = request(`${stack.url}/crm/imports/new`, { method: 'POST', headers: { cookie, origin: stack.url, 'content-type': 'multipart/form-data; boundary=x', 'content-length': announced } }, (answer) => {
		let text = '';
		answer.on('data', (part) => { text += part; });
		answer.on('end', () => { resolve({ status: answer.statusCode, text }); r.destroy(); });
	});
	r.on('error', reject);
	const head = Buffer.from('--x\r\nContent-Disposition: form-data; name="file_id"; filename="a.csv"\r\n\r\n');
	r.write(head);
	if (sent) r.end(Buffer.alloc(announced - head.length, 'x'));
});

test('a gigabyte is refused before it is sent, more than a form may have by the page; nothing stays on the disk', async () => {
	const huge = await send(2 ** 30, false);
	assert.equal(huge.status, 413);
	assert.match(huge.text, /最大 128 MB[\s\S]*128 MB at most/);
	const large = await send(128 * 2 ** 20 + 1000, true);
	assert.equal(large.status, 413);
	assert.match(large.text, /128 MB/);
	await stack.until(() => !readdirSync(join(stack.run, 'tmp-body')).length, 'the server to forget it');
	assert.deepEqual(readdirSync(join(stack.run, 'data/upload')), []);
});

test('a file into a call task (OUT-03): new customers, the group\'s; undone with the batch; a file too long is refused before it is read in', async () => {
	stack.sql(`INSERT INTO call_task (tenant_id, id, name, package_id, group_id, created_at, updated_at) VALUES (2, 71, '导入任务', ${pack}, 1, 0, 0)`);
	const path = await begin('task.csv', '姓名,电话\nA,13766600001\nB,13766600002\n');
	assert.ok((await page(path)).includes('导入任务'));
	const fields = { step: 'run', heading: 1, c0: 'name', c1: 'phone', task: '71' };
	for (const wrong of [{}, { task: '72', list_new: '1' }]) assert.equal((await post(admin, path, { ...fields, ...wrong })).status, 400, 'which customers, and a task that is there');
	await run(path, { ...fields, list_new: '1' });
	await finished(path);
	const listed = () => one("SELECT CONCAT_WS(' ', COUNT(*), MIN(c.group_id), COUNT(x.agent_id)) FROM call_task_customer x JOIN customer c ON c.id = x.customer_id WHERE x.task_id = 71");
	assert.equal(listed(), '2 1 0');
	assert.equal((await post(admin, `/crm/imports/${batch(path)}/do/undo`)).status, 303);
	await finished(path, 'undone');
	assert.equal(one('SELECT COUNT(*) FROM call_task_customer WHERE task_id = 71'), '0');
	stack.sql("INSERT INTO preference (tenant_id, name, value) VALUES (2, 'import_rows', '1000') ON DUPLICATE KEY UPDATE value = '1000'");
	const long = await begin('long.csv', `姓名,电话\n${Array.from({ length: 1001 }, (_, i) => `L${i},13777${String(i).padStart(6, '0')}`).join('\n')}\n`);
	assert.match(await page(long), /行数超过一次导入的上限/);
	stack.sql("DELETE FROM preference WHERE tenant_id = 2 AND name = 'import_rows'");
});
