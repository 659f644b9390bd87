// SPDX-License-Identifier: GPL-2.0-or-later
// The look of the pages and what holds them together: colours, both languages on every page, tabs of open pages, keyboard,
// themes, the start page, announcements, guides, the wallboard.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from '../lib/chromium.mjs';
import { Client, callRow, recordingRow, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');
const stack = new Stack({ plugins: ['plugins/tickets', 'plugins/orders', 'plugins/mobile'] });
const now = Date.now();
const profile = mkdtempSync(join(tmpdir(), 'cclook-'));
const shots = process.env.CC_TEST_SCREENSHOTS; // folder for pictures to look at
let browser, context, agents, waiting;

function engineReset() {
	agents = new Map([
		['801', { work: 'online', call_state: 'talking', queues: ['600'], registered: 1, reason: '', since: now - 83000, queue: '600' }],
		['802', { work: 'online', call_state: 'idle', queues: ['600'], registered: 1, reason: '', since: now - 5000, queue: '' }],
		['806', { work: 'busy', call_state: 'idle', queues: ['601'], registered: 1, reason: 'meal', since: now - 600000, queue: '' }],
		['807', { work: 'offline', call_state: 'idle', queues: [], registered: 0, reason: '', since: now - 9000000, queue: '' }],
	]);
	waiting = [{ call: 'A', queue: '600', from: '13800001234', since: Date.now() - 65000 }];
}

function engine(method, params) {
	if (method === 'cc.board') return { now: Date.now(), seq: 1, agents: [...agents].map(([agent, state]) => ({ agent, ...state })), queues: [], waiting };
	if (method === 'cc.calls') return { calls: [{}, {}, { call: 'C', callback: true }] };
	if (method === 'cc.agent.pause') agents.get(params.agent).paused_queues = params.on ? [params.queue] : [];
	return { agent: params.agent, ...agents.get(params.agent) };
}

before(async () => {
	await stack.start();
	// before now, but today in the tenant's zone, also just after midnight
	const earlier = Math.max(now - 600000, now - ((now + 8 * 3600000) % 86400000) + 1);
	const call = ulid(earlier, 1);
	// names that are no text of ours
	stack.sql("UPDATE role SET name = CONCAT('#', id); UPDATE user SET name = CONCAT('#', id) WHERE username IN ('810', 'former'); UPDATE agent SET name = '#' WHERE number = '810'");
	stack.sql([
		callRow(call, { at: earlier, agent: '802', agent_name: '王芳', agent_ms: 50000 }),
		recordingRow(2, call, 1, '2/x/one'),
		`INSERT INTO rollup_queue (tenant_id, bucket, queue, answered, abandoned, within_10s) VALUES (2, ${now - (now % 900000)}, '600', 6, 2, 4), (2, ${now - (now % 900000)}, '601', 10, 0, 10);`,
	].join(''));
	// a plugin whose pages stand in the menu too
	for (const name of ['tickets', 'orders', 'mobile']) for (const words of [[], ['--tenant', 'demo']]) assert.equal(stack.cli('plugin', 'enable', name, ...words).code, 0);
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 3, 'mobile.*'); UPDATE agent SET mobile = '13900001111' WHERE tenant_id = 2 AND number = '802'");
	stack.sql(`INSERT INTO orders_warehouse (tenant_id, id, name, address, created_at, updated_at) VALUES (2, 1, '#', '#', 1, 1); INSERT INTO orders_goods (tenant_id, id, warehouse_id, code, name, price, stock, created_at, updated_at) VALUES (2, 1, 1, '1', '#', 10000, 3, 1, 1);
		INSERT INTO orders_order (tenant_id, id, parent, number, state, warehouse_id, amount, customer_name, phone, receiver_address, tracking, invoice, invoice_title, seller_id, created_at, updated_at) VALUES (2, 1, 1, '202601010001', 'shipped', 1, 20000, '#', '13800000001', '#', '1', 1, '#', 1, ${earlier}, ${earlier}), (2, 2, 1, '202601010002', 'to_ship', 1, 10000, '#', '13800000001', '#', '', 0, '', 1, ${earlier}, ${earlier});
		INSERT INTO orders_item (tenant_id, order_id, goods_id, code, name, price, quantity) VALUES (2, 1, 1, '1', '#', 10000, 2), (2, 2, 1, '1', '#', 10000, 1); INSERT INTO orders_log (tenant_id, order_id, at, deed, before_state, after_state, note) VALUES (2, 1, ${earlier}, 'ship', 'to_ship', 'shipped', '#')`);
	stack.sql(`INSERT INTO tickets_category (tenant_id, id, name, created_at, updated_at) VALUES (2, 1, '#', 1, 1);
		INSERT INTO tickets_field (tenant_id, id, category_id, name, label, kind, created_at, updated_at) VALUES (2, 1, 1, 'f', '#', 'text', 1, 1);
		INSERT INTO tickets_ticket (tenant_id, id, number, title, category_id, priority, agent_id, due_at, created_at, updated_at) VALUES (2, 1, '202601010001', '#', 1, 'urgent', 2, 1, ${earlier}, ${earlier});
		INSERT INTO tickets_step (tenant_id, ticket_id, at, kind, text) VALUES (2, 1, ${earlier}, 'create', '#')`);
	engineReset();
	await stack.startEngine(engine);
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
	engineReset();
	stack.sql("UPDATE user SET language = 'zh_CN', theme = 'system' WHERE tenant_id = 2");
	stack.sql('DELETE FROM announcement; DELETE FROM announcement_receiver; DELETE FROM announcement_read');
});

// A page of a fresh browser; script errors, broken requests and what the Content-Security-Policy refused are its faults.
async function open(options = {}) {
	context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN', ...options });
	context.setDefaultTimeout(8000);
	return watched(await context.newPage());
}

async function watched(page) {
	page.faults = [];
	await page.exposeFunction('reportViolation', (text) => page.faults.push(`CSP: ${text}`));
	await page.addInitScript(() => addEventListener('securitypolicyviolation', (e) => window.reportViolation(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`)));
	page.on('pageerror', (error) => page.faults.push(error.stack));
	page.on('console', (message) => {
		if (message.type() === 'error' && !page.expected?.test(message.text())) page.faults.push(`${page.url()}: ${message.text()}`);
	});
	return page;
}

async function signIn(page, username, path = '/desk/', language = 'zh_CN') {
	stack.sql(`UPDATE user SET language = '${language}' WHERE tenant_id = 2 AND username = '${username}'`);
	await page.goto(stack.url + path);
	await page.fill('[name=tenant]', 'demo');
	await page.fill('[name=username]', username);
	await page.fill('[name=password]', `demo-${username}`);
	await page.click('main button.primary');
	await page.waitForURL(`**${path}`);
	return page;
}

async function client(username) {
	const c = new Client(stack.url);
	assert.equal((await c.signIn('demo', username, `demo-${username}`)).status, 303);
	return c;
}

async function shot(page, name) {
	if (shots) await page.screenshot({ path: join(shots, `${name}.png`) });
}

async function eventually(check, what) {
	const end = Date.now() + 6000;
	for (;;) {
		const got = await check();
		if (got) return got;
		if (Date.now() > end) assert.fail(`waited in vain: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
const text = async (locator, expected) => {
	let got;
	await eventually(async () => {
		got = (await locator.evaluate((e) => e.innerText ?? e.textContent)).replace(/\s+/g, ' ').trim();
		return expected instanceof RegExp ? expected.test(got) : got === expected;
	}, expected).catch(() => assert.fail(`expected ${expected}, the page shows "${got}"`));
};
const tabs = (page) => page.locator('#tabs li a').allTextContents();
const menu = (page, path) => page.click(`#side a[data-path="${path}"]`);
const heading = (page, name) => text(page.locator('main h1'), name);
// A board that has its connection: what is sent before is lost here.
const live = (page) => page.waitForSelector('#live:not([hidden])');

// ---- colours ----

test('contrast of the colours that are used together, light and dark (WCAG AA)', () => {
	const css = readFileSync(join(top, 'web/css/10-tokens.css'), 'utf8');
	const tokens = new Map([...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map((m) => [m[1], [m[2], m[3]]]));
	const luminance = (hex) => {
		const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const contrast = (a, b) => {
		const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
		return (high + 0.05) / (low + 0.05);
	};
	const states = ['green', 'yellow', 'red', 'blue', 'grey'];
	const surfaces = ['paper', 'side', 'card', 'hover'];
	const pairs = [
		...surfaces.flatMap((s) => [['ink', s, 4.5], ['faint', s, 4.5], ['accent', s, 4.5]]),
		...states.flatMap((s) => [[s, `${s}-soft`, 4.5], [s, 'card', 4.5], ['ink', `${s}-soft`, 4.5]]),
		['accent-ink', 'accent', 4.5], ['accent', 'accent-soft', 4.5], ['ink', 'accent-soft', 4.5], ['red', 'paper', 4.5], ['red', 'hover', 4.5], ['yellow', 'paper', 4.5],
		['line-strong', 'card', 3], ['line-strong', 'paper', 3], // borders of fields
		['green-lamp', 'card', 3], ['red-lamp', 'card', 3], ['blue-lamp', 'card', 3], // bars and lamps; yellow and grey have words beside them
	];
	const bad = [];
	for (const [a, b, least] of pairs) {
		for (const theme of [0, 1]) {
			assert.ok(tokens.has(a) && tokens.has(b), `${a} or ${b} is not a colour`);
			const got = contrast(tokens.get(a)[theme], tokens.get(b)[theme]);
			if (got < least) bad.push(`${a} on ${b}, ${theme ? 'dark' : 'light'}: ${got.toFixed(2)} instead of ${least}`);
		}
	}
	assert.deepEqual(bad, []);
});

test('colours stand in one file only; no page has a script or a style inside', () => {
	const sheets = ['20-base', '30-shell', '40-lists', '50-board', '60-home', '90-print'].map((f) => `web/css/${f}.css`);
	for (const file of sheets) {
		const css = readFileSync(join(top, file), 'utf8').replace(/rgb\(\d+ \d+ \d+ \/ \d+%\)/g, '');
		assert.deepEqual(css.match(/#[0-9a-f]{3,8}\b|rgb\(|hsl\(/gi), null, file);
	}
});

// ---- every page in both languages ----

// What is no text of ours: names, numbers, units, codes of actions, paths.
const foreign = /\b[a-z]+(\.[a-z_]+){2,}\b|\/\w+\/[\w/-]*|\bWeb\b|Tandem|English|中文|Li Na|Sales|Support|企业测试|管理员|张伟|王芳|销售|客服|Bold|Co|Clerk|admin|MP3|WAV|CSV|XLSX|Excel|JSON|SIP|GB(18030)?|Ctrl|Enter|Esc|dd|mm|yyyy|\b[ap]m\b|<\/?b>|[0-9a-f]{32}|mariadb|redis|rtpengine|mixd|recd|eventd|jobd|kamailio|desk|reports|crm|tickets|orders|mobile|nginx|非成交客户|无意向|有意向|未分类|试用客户|潜在客户|意向客户|成交客户|已解决|处理中|未解决|默认|default|watch|admin|former|cc-\w+|make status|\b[0-9A-HJKMNP-TV-Z]{26}\b|\bP\d\b/gi;

// Columns of files and JSON, which a page shows as they are.
const fields = /\b(name|phone|email|sex|age|city|area|note)\b|广东|广州|深圳/g;

// Names of time zones, currencies and other codes in capitals.
const codes = /\b[A-Z][a-z]+\/[A-Z]\w+\b|\b[A-Z]{3,4}\b/g;

for (const language of ['zh_CN', 'en']) {
	test(`SYS-08 every page that the menu and its pages lead to, in ${language}: texts, names, width, no fault`, async () => {
		const seen = new Set();
		for (const [username, width, scheme] of [['admin', 1366, 'light'], ['802', 390, 'dark']]) {
			await context?.close();
			const page = await open({ viewport: { width, height: 800 }, colorScheme: scheme });
			await signIn(page, username, '/desk/', language);
			const queue = ['/desk/', '/desk/wall', '/desk/announcements/mine', '/desk/none'];
			const kinds = new Set();
			for (let path; (path = queue.shift());) {
				const kind = path.replace(/\?.*/, '').replace(/[0-9A-Z]{26}|\d+/g, '*') + (path.includes('?') ? '?' : '');
				if (kinds.has(kind)) continue;
				kinds.add(kind);
				seen.add(kind);
				page.expected = path === '/desk/none' ? /404/ : null;
				const answer = await page.goto(stack.url + path);
				assert.ok(answer.status() < 400 || path === '/desk/none', `${path}: ${answer.status()}`);
				await page.waitForFunction(() => !document.querySelector('[data-into] .empty, #agent:empty'), null, { timeout: 15000 });
				await page.waitForTimeout(100);
				const found = await page.evaluate(() => ({
					text: document.body.innerText,
					marked: [...document.querySelectorAll('main [lang], main code')].map((e) => e.innerText), // of the other language, and said so
					names: [...document.querySelectorAll('[title], [aria-label], [placeholder], [alt]')].flatMap((e) => [e.title, e.getAttribute('aria-label'), e.placeholder]).filter(Boolean).join('\n'),
					lang: document.documentElement.lang,
					headings: [...document.querySelectorAll('h1')].length,
					wide: document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.table-scroll')).map((e) => `${e.tagName}.${e.className}`).slice(0, 3).join() || 'yes' : '',
					cut: innerWidth < 1366 ? [] : [...document.querySelectorAll('.table-scroll')].filter((e) => e.scrollWidth > e.clientWidth).map((e) => `${e.ariaLabel ?? e.className}: ${e.scrollWidth} of ${e.clientWidth} px`),
					twice: [...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i),
					nameless: [...document.querySelectorAll('button, a[href], summary, input:not([type=hidden]), select, textarea, [role=img]')].filter((e) => e.checkVisibility()
						&& !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.labels?.length || e.textContent.trim() || e.title)).map((e) => e.outerHTML.slice(0, 120)),
					links: [...document.querySelectorAll('a[href]')].filter((a) => a.origin === location.origin && !a.download && !/format=|-template$|^\/static|^\/_rec|recordings/.test(a.pathname + a.search)).map((a) => a.pathname + a.search),
				}));
				const at = `${username} ${language} ${path}`;
				assert.equal(found.lang, language === 'en' ? 'en' : 'zh-CN', at);
				const words = found.marked.reduce((all, part) => all.replace(part, ''), `${found.text}\n${found.names}`).replace(codes, '').replace(/\{\w+\}/g, '').replace(foreign, '').replace(/^\/crm\/(tickets\/)?fields/.test(path) ? fields : '', '');
				assert.deepEqual([...new Set(words.match(language === 'en' ? /\p{Script=Han}+/gu : /[a-z]{3,}|[a-z]+_[a-z_]+/gi) ?? [])], [], `${at}: not translated`);
				assert.doesNotMatch(found.text, /\{\{|\}\}|undefined|NaN|\[object/, at);
				assert.equal(found.headings, 1, `${at}: headings`);
				assert.equal(found.wide, '', `${at}: scrolls sideways`);
				assert.deepEqual(found.cut, [], `${at}: a list that scrolls sideways`);
				assert.deepEqual(found.twice, [], `${at}: an id twice`);
				assert.deepEqual(found.nameless, [], `${at}: without a name`);
				queue.push(...found.links.filter((p) => !p.startsWith('/desk/sign-in')));
				await shot(page, `page-${username}-${language}-${kind.replace(/\W+/g, '_')}`);
			}
			assert.deepEqual(page.faults, []);
		}
		for (const kind of ['/desk/board', '/reports/calls', '/reports/calls/*', '/desk/announcements', '/desk/announcements/new', '/desk/system', '/desk/help/agent', '/desk/help/leader', '/desk/help/admin', '/desk/wall', '/crm/tickets/list', '/crm/tickets/list/*/view', '/crm/orders/list', '/crm/orders/list/new', '/crm/orders/figures'])
			assert.ok(seen.has(kind), `${kind} was not reached: ${[...seen].join(' ')}`);
	});
}

// ---- lists ----

test('what can be done with a row is a menu where it is much, in sight above the list and to the keyboard too', async () => {
	const long = 'a name of many words '.repeat(4).trim();
	stack.sql(`UPDATE orders_order SET customer_name = '${long}' WHERE tenant_id = 2`);
	const page = await signIn(await open(), 'admin', '/crm/orders/list', 'en');
	// what is long takes lines: nothing of the list is out of sight
	assert.ok(await page.locator(`td:has-text("${long}")`).first().evaluate((cell) => cell.offsetHeight > 30 && cell.closest('.table-scroll').scrollWidth <= cell.closest('.table-scroll').clientWidth));
	stack.sql("UPDATE orders_order SET customer_name = '#' WHERE tenant_id = 2");
	const rows = page.locator('.row-buttons'), menus = rows.locator('details'), summary = menus.nth(0).locator('summary');
	assert.deepEqual(await rows.evaluateAll((all) => all.map((cell) => cell.querySelectorAll(':scope > .button, :scope > form').length)), [1, 1]);
	const reachable = (link) => link.evaluate((e) => {
		const { left, right, top, bottom } = e.getBoundingClientRect();
		return top >= 0 && bottom <= innerHeight && e.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
	});
	for (const height of [768, 420]) {		// below the button, and above it
		await page.setViewportSize({ width: 1366, height });
		await summary.focus();
		await page.keyboard.press('Enter');
		const links = menus.nth(0).locator('.pop-box :is(a, button)');
		assert.ok(await links.count() > 1);
		for (const link of await links.all()) assert.ok(await reachable(link), `${await link.textContent()} at ${height} px`);
		await shot(page, `row-menu-${height}`);
		await page.keyboard.press('Escape');
		assert.equal(await menus.nth(0).getAttribute('open'), null);
		assert.ok(await summary.evaluate((e) => e === document.activeElement));
	}
	await summary.click();
	await menus.nth(0).locator('text=Remark').click();
	await page.waitForURL('**/crm/orders/**');
	await heading(page, /remark/i);
	assert.deepEqual(page.faults, []);
});

// ---- tabs ----

test('DESK-02 tabs: open, switch with what was typed, close, restored after a reload', async () => {
	const page = await signIn(await open(), 'admin');
	const loaded = () => page.evaluate(() => performance.timeOrigin);
	const first = await loaded();
	assert.deepEqual(await tabs(page), ['工作台']);
	await menu(page, '/desk/board');
	await heading(page, '实时监控');
	await page.waitForSelector('.tile.is-call');
	await menu(page, '/desk/announcements');
	await heading(page, '公告管理'.replace('管理', ''));
	await page.click('main >> text=发送公告');
	await heading(page, '发送公告');
	await page.fill('[name=title]', '半成品');
	assert.deepEqual(await tabs(page), ['工作台', '实时监控', '发送公告']);
	assert.equal(await page.locator('#tabs li[data-dirty]').count(), 1);
	await menu(page, '/desk/board'); // the tab that is open, not another one
	await heading(page, '实时监控');
	assert.equal((await tabs(page)).length, 3);
	assert.equal(await page.title(), '实时监控 · Tandem');
	assert.equal(new URL(page.url()).pathname, '/desk/board');
	stack.send('agent.state', { agent: '806', work: 'online', call_state: 'idle', queues: ['601'], registered: 1, since: Date.now() });
	await page.waitForSelector('.tile[data-agent="806"].is-idle');
	await page.click('#tabs >> text=发送公告');
	assert.equal(await page.inputValue('[name=title]'), '半成品', 'typed before the switch');
	stack.send('agent.state', { agent: '806', work: 'away', call_state: 'idle', queues: ['601'], registered: 1, since: Date.now() });
	await page.click('#tabs >> text=实时监控');
	await page.waitForSelector('.tile[data-agent="806"].is-away'); // it lived on out of sight
	assert.equal(await loaded(), first, 'never loaded in full');
	await page.click('#tabs li[data-active] button');
	await heading(page, '发送公告');
	assert.deepEqual(await tabs(page), ['工作台', '发送公告']);

	// what is not saved is asked for
	await page.click('#tabs li[data-active] button');
	await page.waitForSelector('#ask[open]');
	await page.click('#ask >> text=否');
	assert.equal(await page.inputValue('[name=title]'), '半成品');
	const question = page.waitForEvent('dialog');
	page.reload().catch(() => {});
	await (await question).accept();
	await heading(page, '发送公告');
	assert.notEqual(await loaded(), first);
	assert.deepEqual(await tabs(page), ['工作台', '发送公告'], 'restored');
	await page.click('#tabs li >> nth=0 >> button', { button: 'middle' });
	assert.deepEqual(await tabs(page), ['发送公告']);
	await menu(page, '/reports/calls');
	await page.waitForURL('**/reports/calls');
	await menu(page, '/desk/');
	await heading(page, '工作台');
	await eventually(async () => (await tabs(page)).length === 3, 'three tabs');
	await page.click('#tabs >> text=发送公告');
	const kept = await page.locator('#tabs li[data-active][data-dirty]').count(); // some browsers put the text in again
	await page.click('main >> text=取消');
	if (kept) await page.click('#ask >> text=是');
	await heading(page, '公告');
	await menu(page, '/desk/');
	await heading(page, '工作台');
	await page.click('#tabs summary');
	await page.click('[data-do=close-others]');
	await eventually(async () => (await tabs(page)).join() === '工作台', 'the others closed');
	await menu(page, '/desk/board');
	await heading(page, '实时监控');
	await page.click('#tabs summary');
	await page.click('[data-do=close-all]');
	await eventually(async () => (await tabs(page)).join() === '工作台', 'all closed but the start page');
	assert.deepEqual(page.faults, []);
});

test('back, forward and deep links; the tabs of another user are not shown', async () => {
	const page = await signIn(await open(), 'admin', '/desk/help/leader');
	await heading(page, '组长手册');
	await page.click('.guide nav >> text=管理员手册'); // in the same tab
	await heading(page, '管理员手册');
	assert.deepEqual(await tabs(page), ['管理员手册']);
	await menu(page, '/desk/system');
	await heading(page, '系统状态');
	await page.goBack();
	await heading(page, '管理员手册');
	await page.goBack();
	await heading(page, '组长手册');
	assert.equal(new URL(page.url()).pathname, '/desk/help/leader');
	await page.goForward();
	await heading(page, '管理员手册');
	await page.click('.guide nav a[href^="#"] >> nth=2');
	assert.match(page.url(), /#part-3$/);
	await page.goForward().catch(() => {});
	await page.click('text=退出');
	await page.waitForURL('**/desk/sign-in');
	await page.fill('[name=username]', '802');
	await page.fill('[name=tenant]', 'demo');
	await page.fill('[name=password]', 'demo-802');
	await page.click('main button.primary');
	await page.waitForURL('**/desk/');
	assert.deepEqual(await tabs(page), ['工作台']);
	// a session that has ended leads to the sign-in page and back
	stack.sql('DELETE FROM session WHERE user_id = 3');
	page.expected = /401/;
	await menu(page, '/desk/help');
	await page.waitForURL('**/desk/sign-in?next=%2Fdesk%2Fhelp');
	assert.deepEqual(page.faults, []);
});

test('keyboard: tabs, shortcuts and their help, finding a page, single keys can be switched off', async () => {
	const page = await signIn(await open(), 'admin');
	await page.keyboard.press('g');
	await page.keyboard.press('b');
	await heading(page, '实时监控');
	await page.keyboard.press('/');
	assert.equal(await page.evaluate(() => document.activeElement.name), 'text');
	await page.keyboard.type('x');
	assert.equal((await tabs(page)).length, 2, 'a key that is typed does nothing else');
	await page.keyboard.press('Escape');
	await page.keyboard.press('[');
	await heading(page, '工作台');
	await page.keyboard.press(']');
	await heading(page, '实时监控');
	await page.keyboard.press('Control+k');
	await page.waitForSelector('#find[open]');
	assert.equal(await page.locator('#found li').count(), await page.locator('#side .menu a').count());
	await page.keyboard.type('公告');
	await page.keyboard.press('Enter');
	await heading(page, '公告');
	assert.ok(await page.locator('#find').isHidden());
	await page.keyboard.press('n');
	await heading(page, '发送公告');
	assert.equal(await page.evaluate(() => document.activeElement.name), 'title', 'the first field has the focus');
	await page.keyboard.press('Escape'); // out of the form: nothing was typed
	await heading(page, '公告');
	await page.keyboard.press('x');
	await heading(page, '实时监控');
	await page.focus('#tabs li[data-active] a');
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('Enter');
	await heading(page, '工作台');
	await page.focus('#tabs li[data-active] a');
	await page.keyboard.press('Delete');
	await heading(page, '实时监控');
	await page.keyboard.press('?');
	await page.waitForSelector('#keys[open]');
	await shot(page, 'keys-zh');
	await page.uncheck('#keys [name=single]');
	await page.keyboard.press('Escape');
	await page.keyboard.press('m');
	assert.equal(await page.evaluate(() => document.documentElement.dataset.menu), 'wide');
	await page.keyboard.press('Control+k'); // still
	await page.waitForSelector('#find[open]');
	await page.keyboard.press('Escape');
	// the menu folds, and stays so
	await page.click('#menu-fold');
	await page.reload();
	assert.equal(await page.evaluate(() => document.documentElement.dataset.menu), 'narrow');
	assert.ok((await page.locator('#side').boundingBox()).width < 80);
	assert.deepEqual(page.faults, []);
});

test('the theme follows the system until the user chooses one, on any browser', async () => {
	const page = await signIn(await open({ colorScheme: 'dark' }), 'admin');
	const paper = (p) => p.evaluate(() => getComputedStyle(document.body).backgroundColor);
	const dark = await paper(page);
	await page.click('#theme button');
	await eventually(async () => stack.sql('SELECT theme FROM user WHERE id = 1')[0][0] === 'light', 'light is kept');
	const light = await paper(page);
	assert.notEqual(light, dark);
	await page.click('#theme button');
	await eventually(async () => stack.sql('SELECT theme FROM user WHERE id = 1')[0][0] === 'dark', 'dark is kept');
	await context.close();
	const other = await signIn(await open({ colorScheme: 'light' }), 'admin');
	assert.equal(await paper(other), dark);
	const c = await client('admin');
	assert.equal((await c.post('/desk/theme', { csrf: c.csrf, theme: 'pink' })).status, 400);
	assert.deepEqual(page.faults, []);
});

test('paper: the page alone, black on white', async () => {
	const page = await signIn(await open({ colorScheme: 'dark' }), 'admin', '/desk/help/admin');
	await page.emulateMedia({ media: 'print' });
	for (const part of ['#side', '.top', '#tabs', '.guide nav']) assert.ok(await page.locator(part).isHidden(), part);
	assert.ok(await page.locator('article').isVisible());
	assert.equal(await page.evaluate(() => getComputedStyle(document.body).color), 'rgb(26, 35, 48)');
});

test('without a script: menu, forms and announcements work', async () => {
	const page = await signIn(await open({ javaScriptEnabled: false }), 'admin').catch(() => null) ?? context.pages()[0];
	await page.click('#side a[data-path="/desk/announcements"]');
	await page.click('text=发送公告');
	await page.fill('[name=title]', '纸和笔');
	await page.fill('[name=body]', '没有脚本');
	await page.click('main button.primary');
	await text(page.locator('tbody tr'), /纸和笔.*全部人员/);
	await page.click('#theme button');
	assert.equal(stack.sql('SELECT theme FROM user WHERE id = 1')[0][0], 'light');
});

// ---- the agent in the header ----

test('STATE-01 STATE-07 DESK-08 three lights in the colours of the manual, with words, number and time', async () => {
	const page = await signIn(await open(), '802');
	await stack.until(() => stack.listeners.size === 1, 'the live connection');
	const lamp = async (name) => page.locator(`[data-own=${name}]`).evaluate((e) => [getComputedStyle(e).backgroundColor, e.getAttribute('aria-label')]);
	const colour = (name) => page.evaluate((token) => {
		const probe = document.body.appendChild(document.createElement('i'));
		probe.className = 'lamp';
		probe.style.setProperty('background-color', `var(--${token}-lamp)`);
		const value = getComputedStyle(probe).backgroundColor;
		probe.remove();
		return value;
	}, name);
	const cases = [
		[{ work: 'online', call_state: 'idle', registered: 1 }, ['green', '工作状态: 在线'], ['green', '呼叫状态: 空闲'], ['green', '注册状态: 已注册']],
		[{ work: 'busy', call_state: 'ringing', registered: 0 }, ['yellow', '工作状态: 忙'], ['red', '呼叫状态: 振铃'], ['grey', '注册状态: 未注册']],
		[{ work: 'away', call_state: 'talking', registered: 1 }, ['blue', '工作状态: 离开'], ['red', '呼叫状态: 通话'], ['green', '注册状态: 已注册']],
		[{ work: 'offline', call_state: 'wrapup', registered: 1 }, ['grey', '工作状态: 离线'], ['red', '呼叫状态: 话后'], ['green', '注册状态: 已注册']],
	];
	for (const [state, ...lights] of cases) {
		stack.send('agent.state', { agent: '802', queues: ['600'], reason: '', since: Date.now(), ...state });
		await eventually(async () => (await lamp('work'))[1] === lights[0][1], lights[0][1]);
		for (const [i, name] of ['work', 'call', 'phone'].entries()) assert.deepEqual(await lamp(name), [await colour(lights[i][0]), lights[i][1]], JSON.stringify(state));
	}
	await text(page.locator('.agent-state small'), /^802 登录 \d:\d\d 可用：话机已在线$/);
	const oneLine = () => page.locator('.top').evaluate((e) => e.offsetHeight < 50);
	assert.ok(await oneLine(), 'the bar is one line high');
	stack.send('agent.state', { agent: '802', work: 'online', call_state: 'idle', queues: ['600'], reason: '', since: Date.now(), registered: 0 });
	await text(page.locator('[data-own=phone-text]'), '不可用：请登录话机');
	assert.equal(await page.locator('#agent >> [data-own=signed]').textContent(), '1/1');
	await page.keyboard.press('s');
	await page.keyboard.press('i');
	await eventually(() => stack.commands.find((c) => c.method === 'cc.agent.work' && c.params.state === 'idle'), 'the command');
	// the same bar stays on every page
	await menu(page, '/desk/help');
	await heading(page, '坐席手册');
	assert.ok(await page.locator('[data-own=text]').isVisible());
	assert.equal((await (await client('admin')).go('/desk/me')).status, 404, 'who is no agent has no state');
	assert.deepEqual(page.faults, []);
});

// ---- the board ----

test('MON-01 MON-06 TEL-28 the board: filters, orders, priority, waiting callers, occupied', async () => {
	stack.sql('UPDATE agent_group_member SET priority = 3 WHERE tenant_id = 2 AND agent_id = 1; UPDATE agent_group_member SET priority = 2 WHERE tenant_id = 2 AND agent_id = 4');
	const page = await signIn(await open(), 'admin', '/desk/board');
	const order = async () => page.locator('.tile:visible').evaluateAll((tiles) => tiles.map((t) => t.dataset.agent).join());
	assert.equal(await order(), '801,802,806,807');
	await text(page.locator('.callers li'), /^600 · 13800001234 · 1:\d\d$/);
	for (const [sort, expected] of [['-number', '807,806,802,801'], ['state', '801,806,802,807'], ['-state', '807,802,806,801'], ['priority', '802,806,807,801'], ['-priority', '801,807,802,806'], ['signed', '801,806,802,807'], ['-signed', '807,801,806,802']]) {
		await page.selectOption('[name=sort]', sort);
		await eventually(async () => await order() === expected, `${sort}: ${expected}, not ${await order()}`);
	}
	await text(page.locator('.tile[data-agent="801"] [data-cell=extra]'), 'P3');
	await page.selectOption('[name=sort]', 'number');
	await page.selectOption('[name=group]', '601');
	assert.equal(await order(), '806,807');
	assert.ok(await page.locator('[data-part=callers]').isHidden(), 'nobody waits in this group');
	await page.check('[name=phone]');
	assert.equal(await order(), '806');
	await page.selectOption('[name=group]', '');
	await page.selectOption('[name=look]', 'idle');
	assert.equal(await order(), '802');
	await page.fill('.board-tools [name=text]', 'nobody');
	await text(page.locator('[data-part=none]'), '没有符合条件的坐席。');
	await page.reload();
	await page.waitForSelector('.tile.is-idle');
	assert.equal(await order(), '802', 'filters are remembered, but for the text');
	await page.selectOption('[name=look]', '');
	await page.uncheck('[name=phone]');
	await text(page.locator('[data-share=idle]'), '1 · 25 %');
	await live(page);
	stack.send('agent.state', { agent: '802', work: 'online', call_state: 'talking', queues: ['600'], queue: '', registered: 1, since: Date.now() });
	await text(page.locator('.tile[data-agent="802"] [data-cell=state]'), '忙碌中');
	stack.send('agent.state', { agent: '802', work: 'online', call_state: 'talking', queues: ['600'], queue: '600', registered: 1, since: Date.now() });
	await text(page.locator('.tile[data-agent="802"] [data-cell=state]'), '通话');
	// after a reset the snapshot is read again; people who came since make it a new page
	agents.get('806').work = 'away';
	stack.send('reset', {});
	await page.waitForSelector('.tile[data-agent="806"].is-away');
	stack.sql("UPDATE agent SET state = 'enabled' WHERE tenant_id = 2 AND number = '810'");
	stack.send('reset', {});
	await page.waitForSelector('.tile[data-agent="810"]');
	stack.sql("UPDATE agent SET state = 'disabled' WHERE tenant_id = 2 AND number = '810'; UPDATE agent_group_member SET priority = 1");
	await page.check('[name=list]');
	await shot(page, 'board-list-zh');
	assert.deepEqual(page.faults, []);
});

test('STATE-03 STATE-06 PLAT-14 the board: busy in one queue, VIP customers first, call-backs, what a queue asks for', async () => {
	waiting.push({ call: 'B', queue: '600', from: '13800005678', since: Date.now() - 5000, vip: 'noble' }, { call: 'C', queue: '601', from: '13800009999', since: Date.now() - 9000 });
	stack.sql("INSERT INTO skill (tenant_id, id, name) VALUES (2, 90, '#s'); INSERT INTO agent_group_skill (tenant_id, group_id, skill_id, level) VALUES (2, 2, 90, 4)");
	Object.assign(agents.get('806'), { reason: 'no_answer', static_queues: ['601'] });
	const page = await signIn(await open(), 'admin', '/desk/board');
	const callers = page.locator('.callers li');
	await text(callers.nth(0), /^★ 尊贵 · 600 · 13800005678/);
	await text(callers.nth(1), /^600 · 13800001234/);
	await text(callers.nth(2), /^↩ 等待回拨 · 601 · 13800009999/);
	await live(page);
	stack.send('queue.enter', { call: 'D', visit: 1, queue: '600', from: '13700000000', vip: 'important', t: Date.now() });
	await text(callers.nth(1), /^★ 重要 · 600 · 13700000000/);
	stack.send('queue.callback', { call: 'D', visit: 1, queue: '600' });
	await text(callers.nth(1), /^★ 重要 · ↩ 等待回拨/);
	await text(page.locator('tr[data-queue="601"] small'), '#s 4');
	await text(page.locator('.tile[data-agent="806"] [data-cell=state]'), '暂停：未应答');
	await text(page.locator('.tile[data-agent="806"] [data-cell=note]'), '601');
	const tile = page.locator('.tile[data-agent="806"]');
	await tile.locator('summary').click();
	assert.ok(await tile.locator('[data-pause="601"]').isVisible());
	await tile.locator('[data-pause="601"] button').click();
	await stack.until(() => stack.commands.some((c) => c.method === 'cc.agent.pause'), 'the order');
	const { actor, agent: number, queue, on, reason } = stack.commands.find((c) => c.method === 'cc.agent.pause').params;
	assert.deepEqual([actor, number, queue, on, reason], ['user:1', '806', '601', true, 'break'], 'with the chosen reason');
	stack.send('agent.state', { agent: '806', work: 'online', call_state: 'idle', queues: ['601'], paused_queues: ['601'], registered: 1, since: Date.now() });
	await text(tile.locator('[data-cell=note]'), '601 · 队列暂停 601');
	await tile.locator('summary').click();
	await text(tile.locator('[data-pause="601"] button'), /恢复于 601/);
	assert.equal(await tile.locator('[data-pause="601"]').getAttribute('action'), '/desk/agents/806/resume');
	await shot(page, 'board-queues-zh');
	// the agent's own page has the same, and cannot leave a static queue
	await context.close();
	agents.get('806').work = 'online';
	const own = await signIn(await open(), '806', '/desk/board', 'zh_CN');
	await live(own);
	await own.click('[data-own=queues]');
	assert.ok(await own.locator('[data-queue-switch="601"] button').isDisabled());
	await own.click('[data-queue-pause="601"] button');
	await stack.until(() => stack.commands.at(-1).params.actor === 'agent:806' || stack.commands.some((c) => c.method === 'cc.agent.pause' && c.params.actor !== 'user:1'), 'the own order');
	stack.send('agent.state', { agent: '806', work: 'online', call_state: 'idle', queues: ['601'], paused_queues: ['601'], registered: 1, since: Date.now() });
	await own.waitForSelector('[data-queue-pause="601"][action="/desk/me/resume"]', { state: 'attached' });
	stack.sql('DELETE FROM agent_group_skill WHERE skill_id = 90; DELETE FROM skill WHERE id = 90');
	assert.deepEqual([...page.faults, ...own.faults], []);
});

test('MON-02 MON-03 the wallboard: figures of all queues, compact, announcements for the big screen', async () => {
	const admin = await client('admin');
	await admin.post('/desk/announcements', { csrf: admin.csrf, title: '早会', body: '<b>九点</b>', days: 1, receivers: 'all', big_screen: 1 });
	await admin.post('/desk/announcements', { csrf: admin.csrf, title: '只在列表', body: '不上大屏', days: 1, receivers: 'all' });
	const page = await signIn(await open(), 'admin', '/desk/wall');
	for (const [name, value] of Object.entries({ waiting: '1', idle: '1', call: '1', answered: '16', abandoned: '2', level: '78 %' })) await text(page.locator(`[data-total=${name}]`), value);
	await text(page.locator('[data-total=longest]'), /^1:\d\d$/);
	assert.match(await page.getAttribute('[data-figure=longest]', 'class'), /alarm/);
	await text(page.locator('#wall-notes'), '早会: <b>九点</b>');
	stack.send('queue.leave', { call: 'A', visit: 1, queue: '600', result: 'abandoned', wait_ms: 70000 });
	await text(page.locator('[data-total=waiting]'), '0');
	await text(page.locator('[data-total=abandoned]'), '3');
	await page.click('#wall-compact');
	assert.equal(await page.locator('.tile:visible').count(), 0);
	await page.reload();
	await text(page.locator('[data-total=waiting]'), '1');
	assert.equal(await page.locator('.tile:visible').count(), 0, 'remembered');
	await live(page);
	await admin.post('/desk/announcements', { csrf: admin.csrf, title: '新的', body: '马上', days: 0, receivers: 'all', big_screen: 1 });
	await text(page.locator('#wall-notes'), '新的: 马上');
	assert.deepEqual(page.faults, []);
});

// ---- start page, announcements, status, guides ----

test('DESK-01 the start page: cards by permission, figures of the groups one sees, fresh after live events', async () => {
	const page = await signIn(await open(), 'admin');
	await text(page.locator('[data-figure=answered]'), '16');
	await text(page.locator('[data-figure=abandoned]'), '2');
	assert.equal(await page.locator('.chart .answered').count(), 1);
	await text(page.locator('.chart title'), /接听 16 · 放弃 2/);
	await text(page.locator('[data-card=agents] .legend'), /空闲 1 通话中 1 忙 1 离开 0 离线 1/);
	await text(page.locator('[data-src] [data-figure=calls]'), '3');
	await text(page.locator('[data-src] .parts'), /mariadb/);
	waiting = [];
	stack.send('queue.leave', { call: 'A', visit: 1, queue: '600', result: 'answered', wait_ms: 1000 });
	await text(page.locator('[data-figure=waiting]'), '1'); // not at once
	await page.waitForFunction(() => document.querySelector('[data-figure=waiting]').textContent === '0', null, { timeout: 12000 });
	assert.deepEqual(page.faults, []);
	await context.close();
	const agent = await signIn(await open(), '802');
	await text(agent.locator('[data-figure=answered]'), '6');
	await text(agent.locator('[data-card=own] tbody tr >> nth=0'), /今日 1 0 0:50 0:50|今天 1 0 0:50 0:50/);
	assert.equal(await agent.locator('.card[data-src]').count(), 0, 'no system status');
	assert.deepEqual(agent.faults, []);
	const nobody = await (await client('clerk')).go('/desk/');
	assert.equal(nobody.status, 200);
	const html = await nobody.text();
	assert.doesNotMatch(html, /data-card="(queues|own)"/);
	assert.match(html, /data-card="news"/);
});

test('MSG-01 announcements: written, popped up at once, read, changed, deleted; faults, audit', async () => {
	const reader = await signIn(await open(), '802');
	await stack.until(() => stack.listeners.size === 1, 'the live connection');
	const writer = await context.browser().newContext({ locale: 'zh-CN', viewport: { width: 1366, height: 768 } });
	try {
		const page = await signIn(await watched(await writer.newPage()), 'admin', '/desk/announcements/new');
		page.expected = /400/;
		await page.fill('[name=title]', '<i>周六</i>活动');
		await page.fill('[name=body]', '第一行\n第二行');
		await page.check('[value=groups]');
		await page.check('[name=popup]');
		await page.click('main button.primary');
		await text(page.locator('[role=alert]'), '请至少选择一个接收人。');
		assert.equal(await page.inputValue('[name=title]'), '<i>周六</i>活动');
		assert.equal(new URL(page.url()).pathname, '/desk/announcements/new');
		await page.check('[name=group_1]');
		await page.click('main button.primary');
		await text(page.locator('tbody tr'), /^<i>周六<\/i>活动 坐席组 弹屏显示 .* 管理员 0$/);
		await reader.waitForSelector('#note[open]');
		await text(reader.locator('#note-title'), '<i>周六</i>活动');
		assert.equal(await reader.locator('#note .article-body').innerText(), '第一行\n第二行');
		await shot(reader, 'note-zh');
		await reader.keyboard.press('Escape'); // later
		await reader.reload();
		await reader.waitForSelector('#note[open]');
		await reader.click('#note >> text=我已阅读');
		await eventually(async () => stack.sql('SELECT COUNT(*) FROM announcement_read')[0][0] === '1', 'read');
		await reader.reload();
		await text(reader.locator('.news'), /^<i>周六<\/i>活动 \d{4}/);
		assert.ok(await reader.locator('#note').isHidden());
		await reader.click('.news a');
		await heading(reader, '<i>周六</i>活动');

		await page.reload();
		await text(page.locator('tbody tr td >> nth=6'), '1');
		await page.click('tbody a');
		await page.fill('[name=days]', '0');
		await page.keyboard.press('Enter');
		await text(page.locator('tbody tr'), /一直有效/);
		await reader.waitForSelector('#note[open]'); // what was changed is news again
		await reader.click('#note >> text=我已阅读');
		await page.click('tbody a');
		await page.click('main button.danger');
		await page.click('#ask >> text=是');
		await text(page.locator('.empty'), '暂无公告。');
		assert.deepEqual(page.faults, []);
	} finally {
		await writer.close();
	}
	assert.deepEqual(stack.sql("SELECT action, user_name FROM audit_log WHERE action LIKE 'desk.announcements.%' AND tenant_id = 2 ORDER BY id DESC LIMIT 3").reverse().map((r) => r[0]),
		['desk.announcements.create', 'desk.announcements.edit', 'desk.announcements.delete']);
	assert.ok(stack.changes.every((c) => c.topic === 'announcement' && c.tenant === '2'));
	assert.deepEqual(reader.faults, []);
});

test('MSG-01 receivers: all, groups, agents, expired; leaders write to their own, tenants never meet', async () => {
	const [admin, leader, agent, other] = [await client('admin'), await client('801'), await client('802'), await client('807')];
	const mine = async (c) => (await (await c.json('/desk/announcements/mine')).json()).rows.map((row) => row.title).sort().join();
	const send = (c, fields) => c.post('/desk/announcements', { csrf: c.csrf, body: 'x', days: 1, ...fields });
	assert.equal((await send(admin, { title: 'all', receivers: 'all' })).status, 303);
	assert.equal((await send(admin, { title: 'group', receivers: 'groups', group_1: 1 })).status, 303);
	assert.equal((await send(admin, { title: 'agent', receivers: 'agents', agent_4: 1 })).status, 303);
	assert.equal((await send(admin, { title: 'old', receivers: 'all' })).status, 303);
	stack.sql("UPDATE announcement SET expires_at = 1 WHERE title = 'old'");
	assert.equal(await mine(agent), 'all,group');
	assert.equal(await mine(other), 'agent,all');
	assert.equal(await mine(admin), 'all');
	// a leader
	assert.equal((await send(leader, { title: 'mine', receivers: 'groups', group_1: 1 })).status, 303);
	assert.equal((await send(leader, { title: 'no', receivers: 'all' })).status, 400);
	assert.equal((await send(leader, { title: 'no', receivers: 'groups', group_2: 1 })).status, 400, 'not the own group');
	assert.equal((await send(leader, { title: 'no', receivers: 'agents', agent_4: 1 })).status, 400, 'not the own agent');
	const ids = Object.fromEntries(stack.sql('SELECT title, id FROM announcement'));
	assert.equal((await leader.go(`/desk/announcements/${ids.group}/edit`)).status, 404, 'somebody else wrote it');
	assert.equal((await leader.post(`/desk/announcements/${ids.group}/delete`, { csrf: leader.csrf })).status, 404);
	assert.doesNotMatch(await (await leader.go('/desk/announcements')).text(), /\/desk\/announcements\/\d+\/edit">(all|group)</);
	// an agent reads only
	for (const path of ['/desk/announcements', '/desk/announcements/new', `/desk/announcements/${ids.all}/edit`]) assert.equal((await agent.go(path)).status, 403, path);
	assert.equal((await send(agent, { title: 'no', receivers: 'all' })).status, 403);
	assert.equal((await agent.go(`/desk/announcements/${ids.agent}`)).status, 404, 'not for this agent');
	assert.equal((await agent.post(`/desk/announcements/${ids.agent}/read`, { csrf: agent.csrf })).status, 404);
	assert.equal((await agent.go(`/desk/announcements/${ids.group}`)).status, 200);
	assert.equal((await agent.go('/desk/announcements/abc')).status, 404);
	// faults
	for (const [fields, why] of [[{ title: '', receivers: 'all' }, 'title'], [{ title: ' ', receivers: 'all' }, 'title'], [{ title: 'x'.repeat(101), receivers: 'all' }, 'title'], [{ title: 'a\nb', receivers: 'all' }, 'title'],
		[{ title: 'x', body: '', receivers: 'all' }, 'body'], [{ title: 'x', body: 'x'.repeat(5001), receivers: 'all' }, 'body'], [{ title: 'x', days: '-1', receivers: 'all' }, 'days'], [{ title: 'x', days: '4000', receivers: 'all' }, 'days'],
		[{ title: 'x', days: '1e3', receivers: 'all' }, 'days'], [{ title: 'x', receivers: 'nobody' }, 'receivers'], [{ title: 'x' }, 'receivers']])
		assert.equal((await send(admin, fields)).status, 400, `${why} ${JSON.stringify(fields).slice(0, 60)}`);
	assert.equal((await admin.post('/desk/announcements', { title: 'x', body: 'x', days: 0, receivers: 'all' })).status, 403, 'without the token');
	const stranger = new Client(stack.url);
	await stranger.signIn('other', 'admin', 'other-admin');
	assert.equal(await mine(stranger), '');
	assert.equal((await stranger.go(`/desk/announcements/${ids.all}`)).status, 404);
	assert.equal((await stranger.post(`/desk/announcements/${ids.all}/delete`, { csrf: stranger.csrf })).status, 404);
	assert.equal(stack.sql('SELECT COUNT(*) FROM announcement')[0][0], '5');
});

test('MON-05 system status: for administrators only; parts with their health, disk, memory, calls', async () => {
	const page = await signIn(await open(), 'admin', '/desk/system');
	await text(page.locator('tbody tr', { hasText: 'mariadb' }), /^mariadb 数据库 正常 10\./);
	await text(page.locator('tbody tr', { hasText: 'kamailio' }), /异常/);
	await text(page.locator('[data-figure=calls]'), '3');
	assert.equal(await page.locator('meter').count(), 2);
	assert.deepEqual(page.faults, []);
	assert.equal((await (await client('801')).go('/desk/system')).status, 403, 'desk.* of a leader is not enough: the machine is everybody\'s');
	assert.equal((await (await client('802')).go('/desk/system')).status, 403);
});

test('DESK-07 guides of each role in both languages, to read and to download', async () => {
	for (const [username, guide] of [['admin', 'admin'], ['801', 'leader'], ['802', 'agent']]) {
		const c = await client(username);
		assert.equal((await c.go('/desk/help')).headers.get('location'), `/desk/help/${guide}`);
		for (const language of ['zh_CN', 'en']) {
			stack.sql(`UPDATE user SET language = '${language}' WHERE tenant_id = 2 AND username = '${username}'`);
			const source = readFileSync(join(top, `templates/help/${language}/${guide}.md`), 'utf8');
			const html = await (await c.go(`/desk/help/${guide}`)).text();
			assert.equal(html.match(/<h2 id="part-\d+">/g).length, source.match(/^## /gm).length);
			assert.doesNotMatch(html.match(/<article[^]*<\/article>/)[0], /\*\*|`|^#/m);
			const file = await c.go(`/desk/help/${guide}?format=text`);
			assert.match(file.headers.get('content-disposition'), new RegExp(`attachment; filename="tandem-${guide}-${language}.md"`));
			assert.equal(await file.text(), source);
		}
	}
	assert.equal((await (await client('802')).go('/desk/help/nothing')).status, 404);
	assert.equal((await (await client('802')).go('/desk/help/..%2f..%2flocale')).status, 404);
});

test('SYS-09 a phone\'s width: the menu is a drawer', async () => {
	const page = await signIn(await open({ viewport: { width: 390, height: 844 }, hasTouch: true }), '802');
	assert.ok((await page.locator('#side').boundingBox()).x < 0);
	await page.click('#menu-open');
	await eventually(async () => (await page.locator('#side').boundingBox()).x === 0, 'the drawer');
	await menu(page, '/desk/board');
	await heading(page, '实时监控');
	await eventually(async () => (await page.locator('#side').boundingBox()).x < 0, 'closed again');
	assert.deepEqual(page.faults, []);
});
