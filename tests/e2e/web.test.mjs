// SPDX-License-Identifier: GPL-2.0-or-later
// The pages on the real system: the board follows a call without reloading, the list shows it, the keys see their tenant.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Browser, api } from '../lib/http.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();

let context;
const profile = mkdtempSync(join(tmpdir(), 'browser-'));
after(async () => {
	await context?.close();
	rmSync(profile, { recursive: true, force: true });
});

// A page of a signed-in person; errors on it are collected in page.faults.
const person = async (tenant, username, password) => {
	context ??= await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', headless: true, locale: 'zh-CN',
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
	await context.clearCookies();
	const page = await context.newPage();
	page.faults = [];
	page.on('pageerror', (error) => page.faults.push(error.message));
	page.on('console', (message) => { if (message.type() === 'error') page.faults.push(message.text()); });
	await page.goto(new URL('/desk/sign-in', stack.web).href);
	await page.fill('[name=tenant]', tenant);
	await page.fill('[name=username]', username);
	await page.fill('[name=password]', password);
	await page.click('form[action="/desk/sign-in"] button');
	return page;
};
const has = (page, selector, text, ms = 5000) => page.waitForFunction(
	([s, t]) => document.querySelector(s)?.textContent.includes(t), [selector, text], { timeout: ms });

e2e('the board follows a call from waiting to wrap-up without a reload (MON-01 MON-02 STATE-01)', { timeout: 90000 }, async ({ customer, agent, calls }) => {
	await stack.queue('600', { entry_prompt: '' });
	const page = await person('demo', 'admin', 'demo-admin');
	await page.waitForURL('**/desk/');
	await page.click('#side a[href="/desk/board"]');
	await page.waitForSelector('#board');
	const loaded = await page.evaluate(() => performance.timeOrigin);
	const queue = '[data-queue="600"]', tile = '[data-agent="803"]';
	const answered = Number(await page.textContent(`${queue} [data-cell=answered]`));
	const began = Date.now();
	const call = await (await customer()).reached('up');
	await has(page, `${queue} [data-cell=waiting]`, '1');
	assert.ok(Date.now() - began < 3000, 'at once');
	const phone = await agent('803');
	const leg = await phone.incoming();
	leg.ring();
	await has(page, `${tile} [data-cell=state]`, '振铃');
	leg.accept({ tone: 1000 });
	await has(page, `${tile} [data-cell=state]`, '通话');
	await has(page, `${queue} [data-cell=waiting]`, '0');
	assert.match(await page.getAttribute(tile, 'class'), /is-call/);
	await has(page, `${queue} [data-cell=call]`, '1');
	await call.hangup();
	await has(page, `${tile} [data-cell=state]`, '话后');
	await has(page, `${queue} [data-cell=answered]`, String(answered + 1));
	assert.equal(await page.evaluate(() => performance.timeOrigin), loaded, 'the page was not loaded again');
	assert.deepEqual(page.faults, []);
	await calls(1);
	await page.close();
});

e2e('an agent\'s own state buttons change the engine, and the phone\'s codes change the page (STATE-01 STATE-02 STATE-03 AUTH-01)', { timeout: 90000 }, async ({ phone, code, agentState }) => {
	const desk = await phone('803');
	const tenant = await stack.tenant('demo');
	await stack.command('cc.agent.work', { tenant, agent: '803', state: 'offline', reason: '' });
	const page = await person('demo', '803', 'demo-803');
	await page.waitForURL('**/desk/');
	// AUTH-01: after sign-in the work state is 离开, the call state 空闲
	await agentState('803', (a) => a.work === 'away' && a.call_state === 'idle');
	await has(page, '[data-own=text]', '离开');
	await page.click('[data-own=queues]');
	await page.click('[data-own=sign-in]');
	await agentState('803', (a) => a.queues.includes('600'));
	await page.click('form[action="/desk/me/work"] button.idle');
	await agentState('803', (a) => a.work === 'online');
	await has(page, '[data-own=text]', '空闲');
	await page.click('form[action="/desk/me/work"] button.busy');
	const busy = await agentState('803', (a) => a.work === 'busy');
	assert.ok(busy.reason, 'with the chosen reason');
	await code(desk, '*101');
	await has(page, '[data-own=text]', '空闲');
	await page.reload();
	await has(page, '[data-own=text]', '空闲');
	await page.click('[data-own=queues]');
	await page.click('[data-own=sign-out]');
	await agentState('803', (a) => a.queues.length === 0);
	assert.deepEqual(page.faults, []);
	await page.close();
});

e2e('list of calls: filters, CSV, page of one call with its recording; what each role sees (CDR-01 CDR-03 CDR-08 REC-01 SYS-08 ORG-06)', { timeout: 90000 }, async ({ agent, talk, customer, calls, began }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [call] = await talk(phone, { from: '13912345678' });
	await call.media.hears(1000);
	await sleep(1500);
	await call.hangup();
	await calls(1);
	await stack.command('cc.agent.sign', { tenant: await stack.tenant('demo'), agent: '803', on: false });
	const lost = await (await customer('4008003')).reached('up');
	await lost.hangup();
	const rows = await calls(2);
	const browser = new Browser(stack.web);
	await browser.signIn('demo', 'admin', 'demo-admin');
	const list = async (query, who = browser) => JSON.parse((await who.page(`/reports/calls?format=json&size=100&${query}`)).text).rows;
	const mine = (found) => found.filter((r) => Date.parse(r.started_at) >= began);
	assert.equal(mine(await list('')).length, 2);
	assert.deepEqual(mine(await list('agent=803')).map((r) => [r.agent, r.queue, r.cause, r.side]), [['803', '600', 'answered', 'caller']]);
	assert.deepEqual(mine(await list('cause=caller_hangup')).map((r) => r.did ?? r.callee), ['4008003']);
	assert.equal(mine(await list('queue=601&agent=803')).length, 0);
	const csv = await browser.request('/reports/calls?format=csv');
	assert.match(csv.headers.get('content-type'), /text\/csv/);
	const bytes = Buffer.from(await csv.arrayBuffer());
	assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'a byte order mark for Excel');
	assert.ok(bytes.toString().split('\r\n').length > 2);
	// roles: an agent sees his own calls, the leader of the other group does not see this one
	for (const [user, password, sees] of [['803', 'demo-803', 1], ['804', 'demo-804', 0], ['801', 'demo-801', 1], ['806', 'demo-806', 1]]) {
		const who = new Browser(stack.web);
		await who.signIn('demo', user, password);
		const seen = mine(await list('', who));
		assert.equal(seen.length, sees, `${user} sees ${JSON.stringify(seen)}`);
		assert.ok(user === '806' ? seen[0].queue === '601' || seen[0].did === '4008003' : true);
	}
	const recorded = await until('the recording in the list', async () => mine(await list('agent=803')).find((r) => r.recording.length), 15000, 300);
	const page = await person('demo', 'admin', 'demo-admin');
	await page.goto(new URL(`/reports/calls/${recorded.id}`, stack.web).href);
	const audio = page.locator('audio').first();
	await audio.waitFor({ timeout: 5000 });
	const seconds = await audio.evaluate(async (element) => {
		if (element.readyState < 1) {
			element.preload = 'metadata';
			element.load();
			await new Promise((resolve, reject) => { element.onloadedmetadata = resolve; element.onerror = () => reject(new Error('not playable')); });
		}
		return element.duration;
	});
	assert.ok(seconds > 1 && seconds < 20, `${seconds} s`);
	assert.deepEqual(page.faults, []);
	await page.close();
	assert.equal(rows.length, 2);
});

e2e('the JSON API: a key sees its tenant only, and nothing without one (SYS-04 AUTH-06)', async ({ customer, calls, began }) => {
	await stack.queue('600', { entry_prompt: '' });
	const call = await (await customer()).reached('up');
	await call.hangup();
	await calls(1);
	const fresh = (answer) => answer.json.rows.filter((r) => Date.parse(r.started_at) >= began);
	const ours = await api(stack.web, '/reports/calls?format=json', 'demo-api-key');
	assert.equal(ours.status, 200);
	assert.equal(fresh(ours).length, 1);
	const theirs = await api(stack.web, '/reports/calls?format=json', 'other-api-key');
	assert.equal(theirs.status, 200);
	assert.equal(fresh(theirs).length, 0);
	const foreign = await api(stack.web, `/reports/calls/${fresh(ours)[0].id}?format=json`, 'other-api-key');
	assert.equal(foreign.status, 404);
	for (const key of [undefined, 'no-such-key', '', 'x'.repeat(4000)]) {
		const answer = await api(stack.web, '/reports/calls?format=json', key);
		assert.ok([401, 403].includes(answer.status), `${key?.slice(0, 20)}: ${answer.status}`);
		assert.ok(answer.json?.error?.code, answer.text);
	}
});

e2e('live events: only of the own tenant, resumed after a lost connection, refused without a session (MON-01 SYS-04)', async ({ customer, calls }) => {
	await stack.queue('600', { entry_prompt: '' });
	assert.ok([401, 403].includes((await fetch(new URL('/live', stack.web))).status));
	const listen = async (key, last) => {
		const stop = new AbortController();
		const answer = await fetch(new URL('/live', stack.web), { signal: stop.signal, headers: { authorization: `Bearer ${key}`, ...(last ? { 'last-event-id': last } : {}) } });
		assert.equal(answer.status, 200, key);
		const heard = { events: [], stop: () => stop.abort() };
		(async () => {
			let text = '';
			for await (const chunk of answer.body) {
				text += Buffer.from(chunk).toString();
				for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
					const fields = Object.fromEntries(text.slice(0, end).split('\n').filter((l) => /^\w+:/.test(l)).map((l) => [l.slice(0, l.indexOf(':')), l.slice(l.indexOf(':') + 1).trim()]));
					if (fields.event) heard.events.push(fields);
				}
			}
		})().catch(() => {});
		return heard;
	};
	const keys = ['demo-api-key', 'other-api-key'];
	const [ours, theirs] = await Promise.all(keys.map((k) => listen(k)));
	const dial = async () => {
		const call = await (await customer()).reached('up');
		await sleep(200);
		await call.hangup();
	};
	await dial();
	await until('the end of the call', () => ours.events.some((e) => e.event === 'call.end'), 3000);
	assert.deepEqual(['call.new', 'queue.enter', 'queue.leave', 'call.end'].filter((name) => !ours.events.some((e) => e.event === name)), []);
	assert.equal(theirs.events.filter((e) => e.event.startsWith('call')).length, 0);
	const last = ours.events.at(-1).id;
	ours.stop();
	theirs.stop();
	await dial();
	await calls(2);
	const again = await listen(keys[0], last);
	await until('what was missed', () => again.events.some((e) => e.event === 'call.end'), 3000);
	assert.ok(again.events.some((e) => e.event === 'call.new'), 'from where it broke off');
	assert.ok(!again.events.some((e) => e.id === last), 'and nothing twice');
	again.stop();
});
