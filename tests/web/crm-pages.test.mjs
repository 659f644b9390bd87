// SPDX-License-Identifier: GPL-2.0-or-later
// Customers in a browser: from the list to the card and back, choices that follow others, an import to its end, the funnel,
// recordings of marks as an archive; in both languages.
// CRM-01, CRM-02, CRM-07, CRM-09, CRM-10, CRM-11, CRM-12, CRM-14, CRM-15, CRM-19, CALL-01, CALL-13, TEL-20
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { launch } from '../lib/chromium.mjs';
import { callRow, Client, recordingRow, ulid } from './client.mjs';
import { build, Stack } from './stack.mjs';

const stack = new Stack();
const profile = mkdtempSync(join(tmpdir(), 'cccrm-'));
const LIST = '/crm/customers/default';
const now = Date.now(), day = 86400000;
let browser, context, admin, pack;
const one = (sql) => stack.sql(sql)[0]?.[0];
const post = async (path, fields) => {
	const answer = await admin.post(path, { csrf: admin.csrf, ...fields }, { accept: 'application/json' });
	const body = await answer.json();
	assert.equal(answer.status, 200, `${path}: ${JSON.stringify(body)}`);
	return body.id;
};
let n = 0;
const customer = (fields = {}) => post(`${LIST}/new`, { name: `客户 ${++n}`, phone: `1390000${String(1000 + n)}`, ...fields });

before(async () => {
	await stack.start();
	stack.part('jobd', join(build, 'bin/cc-jobd'), ['-c', stack.conf]);
	admin = new Client(stack.url);
	assert.equal((await admin.signIn('demo', 'admin', 'demo-admin')).status, 303);
	pack = one('SELECT id FROM customer_package WHERE tenant_id = 2 AND standard = 1');
	stack.sql("DELETE FROM role_permission WHERE role_id = 3 AND permission LIKE 'crm.%'");
	for (const p of ['customers.list', 'customers.edit', 'customers.export', 'card.view', 'card.edit', 'contacts.list', 'mark_history.list'])
		stack.sql(`INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 3, 'crm.${p}')`);
	const field = (fields) => post('/crm/fields/new', { package_id: pack, zone: 'A', in_list: 1, in_pop: 1, in_export: 1, ...fields });
	const province = await field({ name: 'province', kind: 'choice', label: '省份', choice_lines: '广东\n浙江', searched: 1 });
	await field({ name: 'town', kind: 'linked', label: '城市', choice_lines: '广东: 广州, 深圳\n浙江: 杭州', parent_id: province });
	await field({ name: 'level', kind: 'text', label: '等级', zone: 'B', width: 333 });
	const secret = await field({ name: 'secret', kind: 'text', label: '内部评价' });
	const fixed = await field({ name: 'fixed', kind: 'text', label: '合同号' });
	stack.sql(`INSERT INTO customer_field_right (tenant_id, field_id, role_id, may) VALUES (2, ${secret}, 3, 'none'), (2, ${fixed}, 3, 'view')`);
	stack.sql(`INSERT INTO sales_funnel (tenant_id, id, name, score, position, created_at, updated_at) VALUES (2, 11, '初步接触', 0, 1, 0, 0), (2, 12, '成交', 10, 2, 0, 0);
		INSERT INTO call_result (tenant_id, id, name, funnel_id, created_at, updated_at) VALUES (2, 21, '已付款', 12, 0, 0), (2, 22, '已约回访', 11, 0, 0), (2, 23, '其他', NULL, 0, 0)`);
	browser = await launch(profile);
});
after(async () => {
	await browser?.close();
	rmSync(profile, { recursive: true, force: true });
	await stack.stop();
});
afterEach(async () => {
	await context?.close();
	context = null;
});

// A page of a fresh browser whose user is signed in; its faults are script errors and what was refused.
async function open(username, path, language = 'zh_CN') {
	stack.sql(`UPDATE user SET language = '${language}' WHERE tenant_id = 2 AND username = '${username}'`);
	context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' });
	context.setDefaultTimeout(8000);
	const page = await context.newPage();
	page.faults = [];
	page.on('pageerror', (error) => page.faults.push(error.stack));
	page.on('console', (message) => message.type() === 'error' && page.faults.push(`${page.url()}: ${message.text()}`));
	await page.goto(stack.url + path);
	await page.fill('[name=tenant]', 'demo');
	await page.fill('[name=username]', username);
	await page.fill('[name=password]', username === 'admin' ? 'demo-admin' : `demo-${username}`);
	await Promise.all([page.waitForURL(stack.url + path), page.press('[name=password]', 'Enter')]);
	return page;
}
const options = (page, name) => page.locator(`[name=${name}] option`).evaluateAll((all) => all.map((o) => o.textContent).filter(Boolean));

for (const [language, words] of Object.entries({
	zh_CN: { search: /至少 3 位/, added: '客户资料', green: '7 天内联系过', field: '省份', more: /^更多筛选条件 \(\d+\)$/, columns: '显示列', now: '仅本次' },
	en: { search: /three digits/, added: 'Customers', green: 'Contacted within 7 days', field: '省份', more: /^More filters \(\d+\)$/, columns: 'Columns', now: 'For now only' },
})) {
	test(`the list in ${language}: search, conditions, colours, columns, and the card behind a name`, async () => {
		const id = await customer({ name: `欧阳 ${language}`, province: '广东', town: '深圳' });
		stack.sql(`UPDATE customer SET contacted_at = ${now - day}, contact_answered = 1, no_call = 1 WHERE id = ${id}`);
		const page = await open('admin', LIST, language);
		assert.match(await page.getAttribute('[name=q]', 'placeholder'), words.search);
		assert.equal(await page.textContent('.crm-legend .contact-green'), words.green);
		await page.fill('[name=q]', `欧阳 ${language}`);
		await Promise.all([page.waitForURL(/q=/), page.press('[name=q]', 'Enter')]);
		await page.locator('tr.contact-green.no-call', { hasText: `欧阳 ${language}` }).waitFor();
		await page.goto(`${stack.url}${LIST}`);
		await page.click('.conditions summary');
		await page.selectOption('[name=field1]', { label: words.field });
		await page.selectOption('[name=op1]', 'is');
		await page.selectOption('select[name=value1]', '浙江');
		await Promise.all([page.waitForURL(/value1=/), page.click('.filter-buttons button.primary')]);
		await page.locator('.empty').waitFor();
		await page.goto(`${stack.url}${LIST}`);
		// some filters of many, the others by the keyboard; what is looked for stays in sight, and so does what one has chosen
		const stored = () => page.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/columns'));
		const first = () => page.$$eval('.search > .filters select', (list) => list.map((select) => select.name));
		assert.deepEqual(await first(), ['type_id', 'tag', 'source_id', 'batch_id', 'agent_id']);
		await page.focus('.more-filters summary');
		await page.keyboard.press('Enter');
		assert.match(await page.textContent('.more-filters summary'), words.more);
		await page.selectOption('.more-filters [name=contact]', 'never');
		await Promise.all([page.waitForURL(/contact=never/), page.click('.filter-buttons button.primary')]);
		assert.deepEqual((await first()).at(-1), 'contact');
		await page.click(`summary:has-text("${words.columns}")`);
		for (const name of ['source_id', 'batch_id']) await page.uncheck(`.chooser input[name=filter][value=${name}]`);
		await page.check('.chooser input[name=filter][value=contact]');
		await Promise.all([stored(), page.click('.chooser button.primary')]);
		await page.goto(`${stack.url}${LIST}`);
		assert.deepEqual(await first(), ['type_id', 'tag', 'agent_id', 'contact']);
		await page.click(`summary:has-text("${words.columns}")`);
		await Promise.all([stored(), page.click('.chooser button[name=reset]')]);
		await page.goto(`${stack.url}${LIST}`);
		await page.click(`summary:has-text("${words.columns}")`);
		await page.uncheck('.chooser-list input[value=sex]');
		await Promise.all([page.waitForURL(/columns=/), page.click(`.chooser button:has-text("${words.now}")`)]);
		assert.equal(await page.locator('thead a, thead th', { hasText: /^(性别|Sex)$/ }).count(), 0);
		await Promise.all([page.waitForURL(/\/crm\/card/), page.click(`a:has-text("欧阳 ${language}")`)]);
		assert.equal((await page.textContent('#main h1')).trim(), `欧阳 ${language}`);
		await page.locator('.crm-no-call').waitFor();
		assert.deepEqual(page.faults, []);
	});
}

test('choices follow others without a new page, and the server keeps to it', async () => {
	const id = await customer({ province: '广东', town: '深圳' });
	const page = await open('admin', `/crm/card?customer=${id}`);
	assert.deepEqual(await options(page, 'town'), ['广州', '深圳']);
	assert.equal(await page.inputValue('[name=town]'), '深圳');
	await page.selectOption('[name=province]', '浙江');
	assert.deepEqual([await options(page, 'town'), await page.inputValue('[name=town]')], [['杭州'], '']);
	await page.selectOption('[name=town]', '杭州');
	assert.deepEqual(await options(page, 'result_id'), ['其他'], 'no step, no result of one');
	await page.selectOption('[name=funnel_id]', '12');
	assert.deepEqual(await options(page, 'result_id'), ['其他', '已付款']);
	await page.selectOption('[name=result_id]', '21');
	await Promise.all([page.waitForURL(/done=/), page.click('button[form=card-form].primary')]);
	assert.equal(one(`SELECT t01 FROM customer WHERE id = ${id}`), '杭州');
	const refused = await admin.post(`${LIST}/${id}`, { csrf: admin.csrf, town: '广州' }, { accept: 'application/json' });
	assert.equal(refused.status, 400);
	assert.deepEqual(Object.keys((await refused.json()).error.fields), ['town']);
	assert.deepEqual(page.faults, []);
});

test('the card of an agent: rights of fields, hidden digits, warnings; saving leaves a mark, closing does not', async () => {
	const id = await customer({ name: '上官 云', phone: '13711112222', agent_id: '2', secret: '难缠', fixed: 'HT-1', level: '金' });
	stack.sql(`INSERT INTO pop_warning (tenant_id, phone, e164, text, created_at, updated_at) VALUES (2, '13711112222', '8613711112222', '请先核实身份', 0, 0)`);
	const call = ulid(now - 60000, 7);
	stack.sql(callRow(call, { at: now - 60000, caller: '13711112222', caller_e164: '8613711112222', agent: '802', agent_name: '王芳', agent_ms: 9000, bridged_at: now - 50000 }));
	const page = await open('802', `/crm/card?call=${call.text}`);
	const html = await page.content();
	assert.ok(!html.includes('13711112222') && html.includes('137****2222'), 'digits are hidden');
	assert.equal(await page.textContent('.crm-warning'), '请先核实身份');
	assert.equal(await page.locator('[name=secret]').count(), 0);
	assert.ok(!html.includes('难缠'));
	assert.deepEqual([await page.locator('[name=fixed]').count(), await page.locator('.field-text', { hasText: 'HT-1' }).count()], [0, 1]);
	assert.equal(await page.locator('.field.zone-b [name=level]').count(), 1, 'zone B is highlighted');
	const tab = (name) => page.locator('[role=tab]', { hasText: name });
	await tab('来电记录').click();
	await page.locator('[role=tabpanel]:visible td', { hasText: '802' }).first().waitFor();
	assert.ok(!(await page.content()).includes('13711112222'));
	await page.fill('[name=text]', '没有保存');
	await page.click('a.button[data-key=back]');
	await page.click('#ask button[value=yes]');
	await page.waitForURL(stack.url + LIST);
	assert.equal(one(`SELECT COUNT(*) FROM customer_mark WHERE customer_id = ${id}`), '0', 'closing leaves nothing');
	assert.ok(!(await page.content()).includes('13711112222'));
	await page.goto(`${stack.url}/crm/card?customer=${id}`);
	await page.selectOption('[name=type_id]', { label: '意向客户' });
	await page.fill('[name=text]', '下周寄合同');
	await stack.startEngine((method, params) => (method === 'cc.call.dial' ? { call: '01JD0000000000000000000000' } : { agent: params.agent, work: 'online', call_state: 'idle', queues: [] }));
	await page.click('button.call[formaction$="/call/phone"]');
	await page.locator('.toast', { hasText: '您的话机先振铃' }).waitFor();
	await page.fill('#agent [name=number]', '10086');
	await Promise.all([page.waitForResponse((answer) => answer.url().endsWith('/desk/dial')), page.press('#agent [name=number]', 'Enter')]);
	assert.deepEqual(stack.commands.filter((c) => c.method === 'cc.call.dial').map((c) => [c.params.agent, c.params.number, c.params.shown]), [['802', '13711112222', '137****2222'], ['802', '10086', undefined]]);
	await stack.stopEngine();
	assert.ok(!(await page.content()).includes('13711112222'));
	assert.equal(await page.inputValue('[name=text]'), '下周寄合同', 'calling leaves what was typed');
	assert.equal(Math.round((await page.locator('.field:has([name=level])').boundingBox()).width), 333, 'the width that the field was given');
	await Promise.all([page.waitForURL(/done=/), page.click('button[form=card-form].primary')]);
	await page.locator('[role=tabpanel]:visible td', { hasText: '下周寄合同' }).waitFor();
	assert.equal(one(`SELECT CONCAT(text, agent) FROM customer_mark WHERE customer_id = ${id}`), '下周寄合同802');
	// CRM-20: marked by phone meanwhile, as cc-eventd does and says
	const [trial] = stack.sql("SELECT id FROM customer_type WHERE tenant_id = 2 AND digit = '1'").flat();
	stack.sql(`INSERT INTO customer_mark (tenant_id, customer_id, package_id, at, name, phone, type_id, user_name, agent) VALUES (2, ${id}, ${pack}, ${now}, '上官 云', '13711112222', ${trial}, '话机', '802');
		UPDATE customer SET type_id = ${trial} WHERE id = ${id}`);
	stack.send('changed', { topic: 'mark', id: String(id) });
	await page.locator('[role=tabpanel]:visible td', { hasText: '话机' }).waitFor();
	await page.waitForFunction((type) => document.querySelector('[name=type_id]').value === type, trial);
	await page.selectOption('[name=type_id]', { label: '成交客户' });
	stack.send('changed', { topic: 'mark', id: String(id) });
	await page.waitForResponse((answer) => answer.url().endsWith(`/crm/card?customer=${id}`));
	assert.equal(await page.locator('[name=type_id] option:checked').textContent(), '成交客户', 'what somebody chooses stays');
	assert.equal(one(`SELECT phone FROM customer WHERE id = ${id}`), '13711112222', 'hidden digits are not stored');
	const agent = new Client(stack.url);
	await agent.signIn('demo', '802', 'demo-802');
	const csv = await (await agent.go(`${LIST}?format=csv`)).text();
	assert.ok(csv.includes('137****2222') && !csv.includes('难缠'));
	assert.deepEqual(page.faults, []);
});

test('an import from the file over mapping and preview to its end, on one page after the other', async () => {
	const file = join(profile, 'list.csv');
	writeFileSync(file, `姓名,手机,省份\r\n${Array.from({ length: 40 }, (_, i) => `导入${i},1360000${1000 + i},浙江`).join('\r\n')}\r\n坏号码,abc,广东\r\n`);
	const page = await open('admin', '/crm/imports/new');
	await page.setInputFiles('[name=file_id]', file);
	await Promise.all([page.waitForURL(/\/crm\/import\/\d+$/), page.click('.thing-save button.primary')]);
	assert.equal(await page.inputValue('[name=c1]'), 'phone');
	await page.click('button[value=preview]');
	await page.locator('h2', { hasText: '预览' }).waitFor();
	assert.match(await page.textContent('.facts'), /新建\s*40/);
	await page.click('button[value=run]');
	await page.locator('#outcome .import-committed').waitFor({ timeout: 30000 });
	assert.match(await page.textContent('#outcome .facts'), /总行数\s*41.*新建\s*40.*错误\s*1/s);
	assert.equal(one("SELECT COUNT(*) FROM customer WHERE name LIKE '导入%'"), '40');
	assert.deepEqual(page.faults, []);
});

test('the funnel is a chart of what one sees, and leads to the customers of a step', async () => {
	const page = await open('admin', '/crm/funnel-chart', 'en');
	const row = page.locator('tr.funnel-success', { hasText: '成交' });
	assert.equal((await row.locator('td.number').first().textContent()).trim(), one('SELECT COUNT(*) FROM customer WHERE tenant_id = 2 AND funnel_id = 12'));
	assert.equal(await row.locator('rect').getAttribute('width'), '1000', 'the step with most customers is the widest');
	await row.locator('a').click();
	await page.waitForURL(/funnel_id=12/);
	assert.equal(await page.locator('tbody tr').count(), Number(one('SELECT COUNT(*) FROM customer WHERE tenant_id = 2 AND funnel_id = 12')));
	assert.deepEqual(page.faults, []);
});

test('recordings of marks are played where they stand, and come as an archive without whole numbers in its names', async () => {
	const id = await customer({ name: '有录音', phone: '13533334444' }), call = ulid(now - 30000, 9);
	mkdirSync(join(stack.run, 'data/recordings/2/x'), { recursive: true });
	writeFileSync(join(stack.run, 'data/recordings/2/x/nine.mp3'), 'sound of nine');
	stack.sql(callRow(call, { at: now - 30000, caller: '13533334444', agent: '802' }) + recordingRow(2, call, 0, '2/x/nine')
		+ `INSERT INTO customer_mark (tenant_id, customer_id, package_id, at, name, phone, call_id, user_name, agent) VALUES (2, ${id}, ${pack}, ${now}, '有录音', '13533334444', X'${call.hex}', 'x', '802')`);
	stack.sql("UPDATE user SET hide_numbers = 1 WHERE tenant_id = 2 AND username = 'admin'");
	const page = await open('admin', '/crm/marks?q=%E6%9C%89%E5%BD%95%E9%9F%B3');
	await Promise.all([page.waitForRequest(/\/crm\/marks\/recording\/\d+$/), page.click('a[data-play]')]);
	await page.goto(`${stack.url}/crm/marks?q=%E6%9C%89%E5%BD%95%E9%9F%B3`);
	await page.click('#many button[value=recordings]');
	await page.click('form.thing button.primary');
	const job = () => stack.sql("SELECT state, path, ok FROM job WHERE kind = 'crm.recordings'")[0] ?? [];
	await stack.until(() => ['done', 'failed'].includes(job()[0]), 'the archive', 30000);
	stack.sql("UPDATE user SET hide_numbers = 0 WHERE tenant_id = 2 AND username = 'admin'");
	assert.equal(job()[0], 'done');
	const archive = join(stack.run, 'data/jobs/2', job()[1]);
	assert.equal(readFileSync(archive).subarray(0, 2).toString(), 'PK');
	const names = execFileSync('python3', ['-c', 'import sys, zipfile\nfor i in zipfile.ZipFile(sys.argv[1]).infolist(): print(i.filename, i.file_size)', archive]).toString();
	assert.match(names, /^\S+-802-135xxxx4444-\d+\.mp3 13\n$/);
});
