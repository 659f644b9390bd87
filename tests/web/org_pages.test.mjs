// SPDX-License-Identifier: GPL-2.0-or-later
// Sign-in and administration in a browser, in both languages: nothing breaks, nothing is wider than the screen.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { launch } from '../lib/chromium.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack();
const profile = mkdtempSync(join(tmpdir(), 'ccbrowser-'));
let browser, context;

before(async () => {
	await stack.start();
	await stack.startEngine((method) => {
		if (method === 'cc.reload') return { generation: 1 };
		throw { reason: 'no_such_agent' };
	});
	browser = await launch(profile);
});
after(async () => {
	await browser?.close();
	rmSync(profile, { recursive: true, force: true });
	await stack.stop();
});
afterEach(() => context?.close());

// A page whose script errors and broken requests are kept.
async function open(locale) {
	context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale });
	context.setDefaultTimeout(8000);
	const page = await context.newPage();
	page.faults = [];
	page.on('pageerror', (error) => page.faults.push(error.message));
	page.on('console', (message) => { if (message.type() === 'error' && !/401|400/.test(message.text())) page.faults.push(message.text()); });
	return page;
}

async function signIn(page, username, password = `demo-${username}`) {
	await page.goto(`${stack.url}/desk/sign-in`);
	await page.fill('[name=tenant]', 'demo');
	await page.fill('[name=username]', username);
	await page.fill('[name=password]', password);
	await page.click('form[action="/desk/sign-in"] button.primary');
}

const pages = ['/admin/agents', '/admin/agents/1', '/admin/agents/new', '/admin/agent-batch', '/admin/groups', '/admin/groups/1', '/admin/groups/new', '/admin/members', '/admin/members/1', '/admin/queue-keys', '/admin/queue-keys/new', '/admin/skills', '/admin/skills/new', '/admin/agent-skills', '/admin/queue-skills', '/admin/vips', '/admin/vips/new',
	'/admin/holidays', '/admin/holidays/new', '/admin/dids', '/admin/dids/new', '/admin/ivrs', '/admin/ivrs/new', '/admin/ivr-keys', '/admin/ivr-picture', '/admin/voice-announcements/new', '/admin/trunks', '/admin/trunks/new', '/admin/users', '/admin/users/1', '/admin/roles', '/admin/roles/1', '/admin/role-permissions/2?component=admin',
	'/admin/departments', '/admin/departments/new', '/admin/department-tree', '/admin/limits', '/admin/preferences', '/admin/company', '/admin/audit', '/admin/agent-events', '/desk/password'];

for (const [language, locale, word] of [['zh_CN', 'zh-CN', /[\u4e00-\u9fff]/], ['en', 'en-GB', /[A-Z][A-Za-z]/]]) {
	test(`every page of the administration (${language})`, async () => {
		stack.sql(`UPDATE user SET language = '${language}' WHERE id = 1`);
		const page = await open(locale);
		await signIn(page, 'admin');
		await page.waitForURL('**/desk/');
		for (const path of pages) {
			await page.goto(stack.url + path);
			assert.match(await page.textContent('h1'), word, path);
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits`);
			assert.equal(await page.evaluate(() => [...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')].filter((field) => field.checkVisibility?.() !== false && !field.labels?.length && !field.getAttribute('aria-label')).map((field) => field.name).join()), '', `${path}: every field has a label`);
		}
		assert.deepEqual(page.faults, []);
	});
}

test('AUTH-02 in a browser: the picture is changed without losing what was typed', async () => {
	stack.sql('DELETE FROM sign_in_failure');
	const page = await open('zh-CN');
	for (let i = 0; i < 3; i++) await signIn(page, '806', 'wrong');
	const image = page.locator('.captcha img');
	await image.waitFor();
	await page.waitForFunction(() => document.querySelector('.captcha img').naturalWidth === 170);
	const answer = () => stack.sql('SELECT answer FROM captcha')[0][0];
	const first = answer();
	await page.fill('[name=password]', 'demo-806');
	const again = page.waitForResponse((response) => response.url().includes('/desk/captcha/'));
	await page.click('[name=another]');
	await (await again).finished();
	assert.notEqual(answer(), first);
	assert.equal(await page.inputValue('[name=password]'), 'demo-806');
	await page.fill('[name=captcha]', answer().toLowerCase());
	await page.click('button.primary');
	await page.waitForURL('**/desk/');
	assert.deepEqual(page.faults, []);
});

test('AUTH-03 AUTH-07 in a browser: the issued password, its strength, and on to work', async () => {
	stack.sql("UPDATE user SET password_due = 1, language = 'en' WHERE id = 3");
	const page = await open('en-GB');
	await signIn(page, '802');
	await page.waitForURL('**/desk/password');
	await page.fill('[name=new]', 'aaaa');
	assert.equal(await page.textContent('#strength'), 'weak');
	await page.fill('[name=new]', 'Sixteen-letters-7');
	assert.equal(await page.textContent('#strength'), 'strong');
	await page.fill('[name=old]', 'demo-802');
	await page.fill('[name=again]', 'Sixteen-letters-7');
	await page.click('main button.primary');
	await page.waitForURL('**/desk/');
	assert.deepEqual(page.faults, []);
});

test('AUTH-05 ORG-02 in a browser: an agent is made, its passwords shown, logged in as, and back', async () => {
	stack.sql("UPDATE user SET language = 'en' WHERE id = 1");
	const page = await open('en-GB');
	page.on('dialog', (dialog) => dialog.accept());
	await signIn(page, 'admin');
	await page.waitForURL('**/desk/');
	await page.goto(`${stack.url}/admin/agents/new`);
	await page.fill('[name=number]', '870');
	await page.fill('[name=given_name]', 'Seventy');
	await page.selectOption('[name=role]', '3');
	await page.click('main form.thing button.primary');
	await page.waitForSelector('code.secret');
	assert.equal(await page.locator('code.secret').count(), 3);
	const id = stack.sql("SELECT id FROM agent WHERE number = '870'")[0][0];
	await page.goto(`${stack.url}/admin/agents/${id}`);
	await page.click('form[action$="/do/log_in_as"] button');
	await page.click('#ask button[value=yes]');
	await page.waitForSelector('.acting');
	assert.match(await page.textContent('.acting'), /Seventy[^]*admin/);
	await page.click('.acting button');
	await page.waitForFunction(() => !document.querySelector('.acting'));
	assert.deepEqual(page.faults, []);
});
