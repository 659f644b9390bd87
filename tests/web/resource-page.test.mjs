// SPDX-License-Identifier: GPL-2.0-or-later
// The list of a resource in a browser: selection across pages, columns dragged and moved by keys, changes of many rows,
// the total when it is asked for. CRM-09 CRM-10
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from '../lib/chromium.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack({ sample: true });
const profile = mkdtempSync(join(tmpdir(), 'ccbrowser-'));
let browser, page;

before(async () => {
	await stack.start();
	stack.sql("INSERT INTO sample_thing (tenant_id, code, name, kind, created_at, updated_at) SELECT 2, CONCAT('c', LPAD(seq, 3, '0')), CONCAT('thing ', seq), 'red', 1, 1 FROM seq_1_to_520");
	stack.sql("UPDATE user SET language = 'en' WHERE id = 1");
	browser = await launch(profile);
	const context = await browser.newContext({ locale: 'en', viewport: { width: 1366, height: 768 } });
	page = await context.newPage();
	await page.goto(`${stack.url}/desk/sign-in?next=/sample/things`);
	await page.fill('[name=tenant]', 'demo');
	await page.fill('[name=username]', 'admin');
	await page.fill('[name=password]', 'demo-admin');
	await page.press('[name=password]', 'Enter');
	await page.waitForURL('**/sample/things');
});
after(async () => {
	await browser?.close();
	rmSync(profile, { recursive: true, force: true });
	await stack.stop();
});

const boxes = () => page.locator('tbody input[name=key]');
const selected = () => page.locator('[data-selected]').textContent();
const heads = () => page.locator('thead th[scope=col]').allTextContents();

test('the total beyond 500 is counted when it is asked for', async () => {
	assert.match(await page.locator('[data-total]').textContent(), /500\+/);
	await page.click('[data-count]');
	await page.waitForFunction(() => /\b520\b/.test(document.querySelector('[data-total]').textContent));
	assert.equal(await page.locator('[data-count]').count(), 0);
});

test('a selection outlives the page and is what is changed', async () => {
	const first = await boxes().evaluateAll((all) => all.slice(0, 2).map((box) => box.value));
	await boxes().nth(0).check();
	await boxes().nth(1).check();
	assert.equal(await selected(), '2');
	assert.equal(await page.locator('[data-page]').evaluate((box) => box.indeterminate), true);
	await page.click('a[rel=next]');
	await page.waitForURL('**page=2');
	await page.waitForFunction((key) => !document.querySelector(`tbody input[value="${key}"]`), first[0]);
	await page.locator('[data-page]').check();
	assert.equal(await selected(), '12');
	await boxes().nth(9).uncheck();
	const second = await boxes().evaluateAll((all) => all.slice(0, 9).map((box) => box.value));
	await page.click('a[rel=prev]');
	await page.waitForSelector(`tbody input[value="${first[0]}"]:checked`);
	assert.equal(await boxes().nth(1).isChecked(), true);
	assert.equal(await selected(), '11');
	await page.click('#many button[value=edit]');
	await page.waitForSelector('form.thing [name=name]');
	assert.match(await page.locator('form.thing').textContent(), /11 rows/);
	// who fills a field in means it to be changed
	await page.fill('form.thing [name=name]', 'renamed');
	assert.equal(await page.locator('[name=set_name]').isChecked(), true);
	await page.click('form.thing button.primary');
	await page.waitForSelector('.notice.good');
	const renamed = stack.sql("SELECT id FROM sample_thing WHERE name = 'renamed' ORDER BY id").flat();
	assert.deepEqual(renamed, [...first, ...second].sort((a, b) => a - b));
	assert.equal(await page.locator('.many-count').isHidden(), true, 'it was done: nothing is selected any more');
});

test('columns are dragged with the mouse, moved by keys, hidden, and stay so', async () => {
	const before = await heads();
	const item = (name) => page.locator(`.chooser-list li:has(input[value=${name}])`);
	await page.click('.drop summary');
	await item('kind').dragTo(item('code'), { targetPosition: { x: 20, y: 2 } });
	await item('amount').locator('input').focus();
	await page.keyboard.press('Alt+ArrowUp');
	await item('active').locator('input').uncheck();
	await page.click('.chooser button.primary');
	await page.waitForFunction(() => ![...document.querySelectorAll('thead th')].some((head) => head.textContent.trim() === 'Active'));
	const shown = await heads();
	const place = (name, list) => list.findIndex((text) => text.trim() === name);
	assert.ok(place('Kind', shown) < place('Code', shown), shown.join());
	assert.ok(place('Amount', shown) < place('Name', shown), shown.join());
	assert.ok(place('Active', shown) < 0);
	await page.reload();
	assert.deepEqual(await heads(), shown);
	await page.click('.drop summary');
	await page.click('.chooser button[name=reset]');
	await page.waitForFunction(() => [...document.querySelectorAll('thead th')].some((head) => head.textContent.trim() === 'Active'));
	assert.deepEqual(await heads(), before);
});
