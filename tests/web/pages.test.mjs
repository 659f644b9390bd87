// SPDX-License-Identifier: GPL-2.0-or-later
// The pages in a browser, in Chinese and English: what people see and do.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { launch } from '../lib/chromium.mjs';
import { callRow, recordingRow, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack();
const now = Date.now();
const call = ulid(now - 600000, 1);
const profile = mkdtempSync(join(tmpdir(), 'ccbrowser-'));
const shots = process.env.CC_TEST_SCREENSHOTS; // folder for pictures to look at
let browser, context, agents, waiting;

// What the call engine knows; the tests change it.
function engineReset() {
	agents = new Map([
		['801', { work: 'online', call_state: 'talking', queues: ['600'], registered: 1, reason: '', since: now - 83000 }],
		['802', { work: 'away', call_state: 'idle', queues: [], registered: 0, reason: '', since: now - 5000 }],
		['806', { work: 'busy', call_state: 'idle', queues: ['601'], registered: 1, reason: 'meal', since: now - 600000 }],
		['807', { work: 'offline', call_state: 'idle', queues: [], registered: 0, reason: '', since: now - 9000000 }],
	]);
	waiting = [{ call: 'A', queue: '600', since: Date.now() - 65000 }];
}

function engine(method, params) {
	const agent = agents.get(params.agent);
	if (method === 'cc.board') return { now: Date.now(), seq: 1, agents: [...agents].map(([number, state]) => ({ agent: number, ...state })), queues: [], waiting };
	if (method === 'cc.agent.work') Object.assign(agent, { work: params.state === 'idle' ? 'online' : params.state, reason: params.reason, since: Date.now() });
	if (method === 'cc.agent.sign') agent.queues = params.on ? ['600'] : [];
	if (method === 'cc.agent.wrapup_end') {
		if (agent.call_state !== 'wrapup') throw { reason: 'in_call' };
		agent.call_state = 'idle';
	}
	if (method !== 'cc.agent.get') stack.send('agent.state', { agent: params.agent, ...agent, t: Date.now() });
	return { agent: params.agent, ...agent };
}

// A second of quiet stereo sound.
function wav() {
	const data = Buffer.alloc(32000), head = Buffer.alloc(44);
	for (let i = 0; i < data.length; i += 4) data.writeInt16LE(Math.round(1000 * Math.sin(i / 20)), i);
	head.write('RIFF');
	head.writeUInt32LE(36 + data.length, 4);
	head.write('WAVEfmt ', 8);
	[[16, 16, 4], [20, 1, 2], [22, 2, 2], [24, 8000, 4], [28, 32000, 4], [32, 4, 2], [34, 16, 2]].forEach(([at, value, size]) => head.writeUIntLE(value, at, size));
	head.write('data', 36);
	head.writeUInt32LE(data.length, 40);
	return Buffer.concat([head, data]);
}

before(async () => {
	await stack.start();
	stack.sql([
		callRow(call, { at: now - 600000, agent: '801', agent_name: '张伟', agent_ms: 50000, caller_name: '<i>caller</i>' }),
		recordingRow(2, call, 0, '2/x/one'), recordingRow(2, call, 1, '2/x/one'),
		`UPDATE recording SET state = 'one_way' WHERE call_id = X'${call.hex}' AND segment = 1;`,
		`INSERT INTO rollup_queue (tenant_id, bucket, queue, answered, abandoned, within_10s) VALUES (2, ${now - (now % 900000)}, '600', 6, 2, 4);`,
		`INSERT INTO event (node, seq, tenant_id, at, type, version, call_id, call_seq, fields) VALUES (1, 1, 2, ${now}, 10, 1, X'${call.hex}', 1, '{"from":"13800001234"}');`,
	].join(''));
	mkdirSync(join(stack.run, 'data/recordings/2/x'), { recursive: true });
	for (const extension of ['wav', 'mp3']) writeFileSync(join(stack.run, `data/recordings/2/x/one.${extension}`), wav());
	browser = await launch(profile);
});
after(async () => {
	await browser?.close();
	rmSync(profile, { recursive: true, force: true });
	await stack.stop();
});
afterEach(async () => {
	await context?.close();
	stack.sql("UPDATE user SET language = 'zh_CN' WHERE id IN (1, 2, 3)");
	await stack.stopEngine();
});

// A page of a fresh browser; script errors and broken requests fail the test.
async function open(options = {}) {
	context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN', ...options });
	context.setDefaultTimeout(8000);
	const page = await context.newPage();
	page.faults = [];
	page.on('pageerror', (error) => page.faults.push(error.message));
	page.on('console', (message) => {
		if (message.type() === 'error' && !page.expected?.test(message.text())) page.faults.push(message.text());
	});
	return page;
}

async function signIn(page, username, tenant = 'demo') {
	await page.goto(`${stack.url}/desk/board`);
	await page.fill('[name=tenant]', tenant);
	await page.fill('[name=username]', username);
	await page.fill('[name=password]', `${tenant}-${username}`);
	await page.click('main button.primary');
	await page.waitForURL('**/desk/board');
}

async function shot(page, name) {
	if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

const cell = (page, queue, name) => page.locator(`tr[data-queue="${queue}"] [data-cell=${name}]`);
const tile = (page, agent) => page.locator(`.tile[data-agent="${agent}"]`);
const text = async (locator, expected) => {
	const end = Date.now() + 6000;
	for (;;) {
		const got = (await locator.textContent()).replace(/\s+/g, ' ').trim();
		if (expected instanceof RegExp ? expected.test(got) : got === expected) return;
		if (Date.now() > end) assert.fail(`expected ${expected}, the page shows "${got}"`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
};

// Everything that a page shows at 1366 px fits its width.
async function fits(page) {
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page scrolls sideways');
}

test('AUTH-01 signing in and out by keyboard, in Chinese', async () => {
	const page = await open();
	await page.goto(`${stack.url}/`);
	assert.equal(await page.title(), '登录 · Tandem');
	await shot(page, 'sign-in-zh');
	await page.keyboard.type('demo'); // the first field has the focus
	await page.keyboard.press('Tab');
	await page.keyboard.type('admin');
	await page.keyboard.press('Tab');
	await page.keyboard.type('wrong');
	page.expected = /401/;
	await page.keyboard.press('Enter');
	await text(page.locator('[role=alert]'), '该帐户不存在或密码不正确');
	await shot(page, 'sign-in-failed-zh');
	assert.equal(await page.inputValue('[name=tenant]'), 'demo');
	assert.equal(await page.inputValue('[name=password]'), '');
	await page.keyboard.type('demo-admin'); // the password has the focus now
	await page.keyboard.press('Enter');
	await page.waitForURL('**/desk/');
	await page.click('text=退出');
	await page.waitForURL('**/desk/sign-in');
	await page.goto(`${stack.url}/desk/board`);
	assert.match(page.url(), /sign-in/);
	assert.deepEqual(page.faults, []);
});

test('MON-01 MON-02 the board: snapshot, live changes, in English and dark', async () => {
	engineReset();
	await stack.startEngine(engine);
	const page = await open({ colorScheme: 'dark', locale: 'en-US' });
	await page.goto(`${stack.url}/`);
	assert.equal(await page.title(), 'Sign in · Tandem');
	await signIn(page, 'admin');
	await page.click('text=English');
	await text(page.locator('h1'), 'Live board');
	await text(cell(page, '600', 'waiting'), '1');
	await text(cell(page, '600', 'longest'), /^1:\d\d$/);
	await text(cell(page, '600', 'call'), '1');
	await text(cell(page, '600', 'signed'), '1');
	await text(cell(page, '600', 'answered'), '6');
	await text(cell(page, '600', 'abandoned'), '2');
	await text(cell(page, '600', 'level'), '50 %');
	await text(cell(page, '601', 'level'), '–');
	await text(cell(page, '601', 'busy'), '1');
	for (const [agent, look, shown] of [['801', 'call', 'In call'], ['802', 'away', 'Away'], ['806', 'busy', 'Busy'], ['807', 'offline', 'Offline']]) {
		assert.equal(await tile(page, agent).getAttribute('class'), `tile is-${look}`);
		await text(tile(page, agent).locator('[data-cell=state]'), shown);
	}
	await text(tile(page, '801').locator('[data-cell=timer]'), /^1:[2-5]\d$/);
	await text(tile(page, '806').locator('[data-cell=note]'), 'Meal · 601');
	await text(tile(page, '802').locator('[data-cell=note]'), 'no phone · signed out');
	await text(tile(page, '807').locator('strong'), '<b>Bold & "Co"</b>');
	await fits(page);
	await shot(page, 'board-en-dark');

	await stack.until(() => stack.listeners.size === 1, 'the live connection');
	stack.send('queue.enter', { call: 'B', visit: 1, queue: '600', t: Date.now() });
	await text(cell(page, '600', 'waiting'), '2');
	stack.send('queue.connect', { call: 'A', visit: 1, queue: '600', agent: '802' });
	await text(cell(page, '600', 'waiting'), '1');
	await text(cell(page, '600', 'longest'), /^0:0\d$/);
	stack.send('agent.state', { agent: '802', work: 'online', call_state: 'talking', queues: ['600'], registered: 1, since: Date.now() });
	await text(tile(page, '802').locator('[data-cell=state]'), 'In call');
	await text(cell(page, '600', 'call'), '2');
	stack.send('agent.state', { agent: '802', work: 'online', call_state: 'wrapup', queues: ['600'], registered: 1, since: Date.now() });
	await text(cell(page, '600', 'wrapup'), '1');
	stack.send('agent.state', { agent: '802', work: 'online', call_state: 'idle', queues: ['600'], registered: 1, since: Date.now() });
	await text(cell(page, '600', 'idle'), '1');
	assert.equal(await tile(page, '802').getAttribute('class'), 'tile is-idle');
	stack.send('queue.leave', { call: 'A', visit: 1, queue: '600', result: 'answered', wait_ms: 70000 });
	stack.send('queue.leave', { call: 'B', visit: 1, queue: '600', result: 'abandoned', wait_ms: 3000 });
	await text(cell(page, '600', 'answered'), '7');
	await text(cell(page, '600', 'abandoned'), '3');
	await text(cell(page, '600', 'level'), '40 %');
	await text(cell(page, '600', 'waiting'), '0');
	// what is not ours changes nothing
	stack.send('agent.state', { agent: '999', work: 'online' });
	stack.send('queue.enter', { call: 'C', visit: 1, queue: '999', t: 1 });
	stack.send('call.new', {});
	for (const listener of stack.listeners) listener.write('event: agent.state\ndata: not json\n\n');
	stack.send('queue.enter', { call: 'D', visit: 1, queue: '601', t: Date.now() });
	await text(cell(page, '601', 'waiting'), '1');
	assert.deepEqual(page.faults, []);
});

test('a lost connection is shown, taken up again, and nothing is missed', async () => {
	engineReset();
	await stack.startEngine(engine);
	const page = await open();
	await signIn(page, 'admin');
	await stack.until(() => stack.listeners.size === 1, 'the live connection');
	assert.ok(await page.locator('#live').isVisible());
	agents.get('806').work = 'online'; // an event that nobody heard
	agents.get('806').reason = '';
	page.expected = /net::|ERR_/;
	stack.dropLive();
	await text(page.locator('#board-down'), '实时连接中断，正在重连');
	await text(tile(page, '806').locator('[data-cell=state]'), '空闲');
	await page.waitForSelector('#board-down', { state: 'hidden' });
	assert.deepEqual(page.faults, []);
});

test('an engine that is away is shown, and comes back', async () => {
	engineReset();
	const page = await open();
	await signIn(page, '802');
	await text(page.locator('#board-down'), '通话引擎无法连接');
	await text(tile(page, '801').locator('[data-cell=state]'), '未知');
	await text(page.locator('[data-own=text]'), '未知');
	await shot(page, 'board-engine-down-zh');
	page.expected = /503/;
	await page.click('button.away');
	await text(page.locator('.toast'), /^通话引擎无法连接，未做任何更改。/);
	await stack.startEngine(engine);
	await text(tile(page, '801').locator('[data-cell=state]'), '通话');
	assert.ok(await page.locator('#board-down').isHidden());
	assert.deepEqual(page.faults, []);
});

test('STATE-02 STATE-03 STATE-07 an agent sets the own state from the page', async () => {
	engineReset();
	await stack.startEngine(engine);
	const page = await open();
	await signIn(page, '802');
	await stack.until(() => stack.listeners.size === 1, 'the live connection');
	await text(page.locator('[data-own=text]'), '离开');
	await page.locator('.phone-off', { hasText: '不可用：请登录话机' }).waitFor();
	await page.click('[data-own=queues]');
	await page.click('[data-own=sign-in]');
	await page.click('[data-own=queues]');
	await page.waitForSelector('[data-queue-switch="600"] [aria-pressed=true]');
	await page.keyboard.press('Escape');
	await page.click('button.idle');
	await text(page.locator('[data-own=text]'), '空闲');
	await page.selectOption('[name=reason]', 'training');
	await page.click('button.busy');
	await text(page.locator('[data-own=text]'), '忙 (培训)');
	assert.equal(await page.locator('[data-own=work]').getAttribute('class'), 'lamp is-busy');
	assert.ok(await page.locator('[data-own=wrap-up]').isDisabled());
	agents.get('802').call_state = 'wrapup';
	stack.send('agent.state', { agent: '802', ...agents.get('802') });
	await text(page.locator('[data-own=text]'), /^话后/);
	await shot(page, 'board-own-zh');
	await page.click('[data-own=wrap-up]');
	await text(page.locator('[data-own=text]'), '忙 (培训)');
	await page.click('[data-own=queues]');
	await page.click('[data-queue-switch="600"] button');
	await page.waitForSelector('[data-queue-switch="600"] [aria-pressed=false]');
	assert.deepEqual(stack.commands.map((c) => c.method).filter((m) => !/board|calls|get/.test(m)), ['cc.agent.sign', 'cc.agent.work', 'cc.agent.work', 'cc.agent.wrapup_end', 'cc.agent.sign']);
	assert.equal(await page.locator('.tile-menu').count(), 0, 'others are not an agent\'s business');
	assert.deepEqual(page.faults, []);
});

test('SUP-01 a leader sets the state of the own people', async () => {
	engineReset();
	await stack.startEngine(engine);
	const page = await open();
	await signIn(page, '801');
	await stack.until(() => stack.listeners.size === 1, 'the live connection');
	assert.equal(await page.locator('.tile').count(), 2);
	await tile(page, '802').locator('summary').click();
	await shot(page, 'board-leader-zh');
	await tile(page, '802').locator('button[value=busy]').click();
	await text(tile(page, '802').locator('[data-cell=state]'), '忙');
	assert.ok(await tile(page, '802').locator('.tile-actions').isHidden());
	assert.deepEqual(page.faults, []);
});

test('two pages of one browser share one live connection', async () => {
	engineReset();
	await stack.startEngine(engine);
	const page = await open();
	await signIn(page, 'admin');
	const second = await context.newPage();
	await second.goto(`${stack.url}/desk/board`);
	await text(tile(second, '801').locator('[data-cell=state]'), '通话');
	await stack.until(() => stack.listeners.size === 1, 'one connection');
	agents.get('801').call_state = 'hold';
	stack.send('agent.state', { agent: '801', ...agents.get('801') });
	await text(tile(page, '801').locator('[data-cell=state]'), '保持');
	await text(tile(second, '801').locator('[data-cell=state]'), '保持');
	await page.close();
	stack.send('agent.state', { agent: '801', ...agents.get('801'), call_state: 'ringing' });
	await text(tile(second, '801').locator('[data-cell=state]'), '振铃');
});

test('CDR-01 REC-01 the list of calls, filters, one call and its recording', async () => {
	const page = await open();
	await signIn(page, '801');
	await page.click('nav >> text=通话记录');
	await fits(page);
	await shot(page, 'calls-zh');
	assert.equal(await page.locator('tbody tr').count(), 1);
	await text(page.locator('tbody tr').first(), /13800001234.*张伟.*正常接听.*主叫.*▶ 0:35/);
	await page.fill('[name=caller]', '999');
	await page.click('text=查询');
	await text(page.locator('.empty'), '没有符合条件的记录。');
	assert.equal(await page.inputValue('[name=caller]'), '999');
	await shot(page, 'calls-empty-zh');
	await page.click('text=重置');
	await page.waitForSelector('tbody tr'); // a click in the list before would be in that of the search
	await page.click('th >> text=主叫号码');
	assert.equal(await page.locator('th[aria-sort=ascending]').textContent(), '主叫号码');
	await page.click('th >> text=主叫号码');
	assert.equal(await page.locator('th[aria-sort=descending]').textContent(), '主叫号码');
	const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=导出 CSV')]);
	assert.match(download.suggestedFilename(), /^calls-\d{4}-\d\d-\d\d\.csv$/);
	assert.match(readFileSync(await download.path(), 'utf8'), /^\uFEFF通话,/);
	await page.click('tbody a');
	await text(page.locator('.facts'), /张伟.*正常接听/);
	await text(page.locator('.facts'), /<i>caller<\/i>/);
	await text(page.locator('.timeline'), /呼叫到达主叫 13800001234/);
	assert.deepEqual(await page.locator('.recording .tag').allTextContents(), ['完整录音', '1']);
	assert.deepEqual(await page.locator('.recording .cause-failed').allTextContents(), ['单向声音']);
	await shot(page, 'call-zh');
	const played = await page.evaluate(async () => {
		const audio = document.querySelector('audio');
		audio.src = audio.src.replace('.mp3', '.wav');
		audio.muted = true;
		await audio.play();
		audio.currentTime = 0.9;
		await new Promise((resolve) => { audio.onended = resolve; });
		return [audio.duration, audio.currentTime];
	});
	assert.deepEqual(played, [1, 1], 'played to the end, after a jump');
	assert.equal(stack.sql("SELECT COUNT(*) FROM audit_log WHERE action = 'reports.recordings.play' AND user_name = '801'")[0][0], '1');
	assert.deepEqual(page.faults, []);
});

test('the language is kept for the user; no text is missing in either', async () => {
	engineReset();
	await stack.startEngine(engine);
	const page = await open();
	await signIn(page, '806'); // English by the account, though the browser is Chinese
	await text(page.locator('h1'), 'Live board');
	for (const path of ['/desk/board', '/reports/calls', '/reports/calls?cause=nonsense', '/desk/none']) {
		page.expected = /400|404/;
		await page.goto(stack.url + path);
		const chinese = (await page.locator('body').innerText()).replace(/中文|客服 Support|企业测试|默认/g, '').match(/\p{Script=Han}+/gu);
		assert.equal(chinese, null, path);
	}
	await shot(page, 'error-en');
	await page.click('text=中文');
	await page.waitForSelector('html[lang="zh-CN"]');
	for (const path of ['/desk/board', '/reports/calls', '/desk/none']) {
		await page.goto(stack.url + path);
		const english = (await page.locator('body').innerText()).replace(/Tandem|English|Li Na|Support|Sales|Bold|Co|CSV|XLSX|JSON|SIP|[0-9a-f]{32}|\b[ap]m\b|dd|mm|yyyy|<\/?b>/gi, '').match(/[a-z]{3,}/gi);
		assert.equal(english, null, path);
	}
	assert.equal(stack.sql('SELECT language FROM user WHERE id = 4')[0][0], 'zh_CN');
	assert.deepEqual(page.faults, []);
});

test('keyboard: skip link, visible focus, a phone\'s width', async () => {
	engineReset();
	await stack.startEngine(engine);
	const page = await open();
	await signIn(page, 'admin');
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
	assert.ok((await page.locator('.skip').boundingBox()).x >= 0);
	await page.keyboard.press('Enter');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
	await page.keyboard.press('Tab');
	assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none');
	await page.setViewportSize({ width: 400, height: 800 });
	await fits(page);
	await shot(page, 'board-narrow-zh');
});
