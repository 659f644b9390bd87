// SPDX-License-Identifier: GPL-2.0-or-later
// The telephone in the page: Chromium with a microphone that plays a tone, and a customer behind the trunk. Sound is measured by its pitch.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Browser } from '../lib/http.mjs';
import { toneSource } from '../lib/tone.mjs';
import { until } from '../lib/wait.mjs';
import { writeWav } from '../lib/wav.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const VOICE = 1000, CUSTOMER = 440, RATE = 48000;

let context;
const folder = mkdtempSync(join(tmpdir(), 'browser-'));
after(async () => {
	await context?.close();
	rmSync(folder, { recursive: true, force: true });
});

async function browser() {
	if (context) return context;
	writeWav(join(folder, 'voice.wav'), toneSource(VOICE * 8000 / RATE)(RATE * 10), RATE);	// the source counts in samples of 8000 Hz
	context = await chromium.launchPersistentContext(join(folder, 'profile'), { executablePath: '/usr/bin/chromium', headless: true, locale: 'en-GB', viewport: { width: 1366, height: 768 },
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
			'--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${join(folder, 'voice.wav')}`,
			'--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'] });
	await context.addInitScript(() => {
		// what removes noise takes a steady tone for one
		localStorage.setItem('webphone', JSON.stringify({ ...JSON.parse(localStorage.getItem('webphone') ?? '{}'), clean: false, notify: true }));
		window.notes = [];
		window.Notification = class {
			static permission = 'granted';
			constructor(title) { window.notes.push(title); }
			close() { window.notes.push('closed'); }
		};
		window.connections = [];
		const Real = window.RTCPeerConnection;
		window.RTCPeerConnection = class extends Real {
			constructor(...args) {
				super(...args);
				window.connections.push(this);
			}
		};
		// the loudest frequency of what the far end of the last connection sends, or 0
		window.pitch = async () => {
			const connection = window.connections.findLast((c) => c.connectionState === 'connected');
			const track = connection?.getReceivers()[0]?.track;
			if (!track) return 0;
			window.ear ??= new AudioContext();
			await window.ear.resume();
			const analyser = window.ear.createAnalyser(), source = window.ear.createMediaStreamSource(new MediaStream([track]));
			analyser.fftSize = 8192;
			analyser.smoothingTimeConstant = 0;
			source.connect(analyser);
			await new Promise((resolve) => setTimeout(resolve, 400));
			const bins = new Float32Array(analyser.frequencyBinCount);
			analyser.getFloatFrequencyData(bins);
			source.disconnect();
			const top = bins.indexOf(Math.max(...bins));
			return bins[top] > -70 ? top * window.ear.sampleRate / analyser.fftSize : 0;
		};
	});
	return context;
}

// A page of the agent, whose phone is ready; what goes wrong in it is in page.faults.
async function agentPage(number) {
	const page = await (await browser()).newPage();
	page.faults = [];
	page.on('pageerror', (error) => page.faults.push(error.message));
	page.on('console', (message) => { if (message.type() === 'error') page.faults.push(`${message.text()} ${message.location().url}`); });
	await context.clearCookies();
	await page.goto(new URL('/desk/sign-in', stack.web).href);
	await page.fill('[name=tenant]', 'demo');
	await page.fill('[name=username]', number);
	await page.fill('[name=password]', `demo-${number}`);
	await page.click('form[action="/desk/sign-in"] button');
	await page.waitForURL('**/desk/');
	return page;
}

const ready = (page) => page.waitForSelector('#webphone[data-link=ready]', { state: 'attached', timeout: 15000 });
const call = (page, state) => page.waitForSelector(`.phone-call[data-state=${state}]`, { timeout: 10000 });
const hears = (page, hz) => until(`the page hears ${hz} Hz`, async () => {
	const heard = await page.evaluate(() => window.pitch());
	return Math.abs(heard - hz) < 12 || (() => { throw new Error(`it hears ${heard} Hz`); })();
}, 10000);

e2e('a page is a telephone: it rings, answers, is heard, is silent when muted, sends keys, and takes its call back after it was loaded again (CALL-05 CALL-06 CALL-07 CALL-12)',
	{ timeout: 120000, allow: [/websocket|tcp|connection|not sent|precreated|is gone|SRTC?P output wanted/i] }, async ({ customer, agentState, calls, onClose, phone }) => {
		const tenant = await stack.tenant('demo');
		await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
		const page = await agentPage('803');
		onClose(() => page.close());
		await ready(page);
		await agentState('803', (a) => a.registered);
		await stack.command('cc.agent.work', { tenant, agent: '803', state: 'idle', reason: '' });
		await stack.command('cc.agent.sign', { tenant, agent: '803', on: true });
		const line = await customer('4008001', { tone: CUSTOMER });
		await call(page, 'ringing');
		assert.match(await page.textContent('.phone-call'), /138 ?0000 ?0001/);
		assert.deepEqual(await page.evaluate(() => window.notes), ['13800000001'], 'a notification on the desktop');
		// a microphone that is refused is said, and the call can still be taken
		await page.evaluate(() => {
			const { mediaDevices } = navigator, real = mediaDevices.getUserMedia.bind(mediaDevices);
			mediaDevices.getUserMedia = async (wanted) => {
				mediaDevices.getUserMedia = real;
				throw new DOMException(JSON.stringify(wanted), 'NotAllowedError');
			};
		});
		await page.keyboard.press('Alt+a');
		await page.waitForSelector('.phone-fault:visible');
		assert.match(await page.textContent('.phone-fault'), /麦克风|microphone/);
		await page.keyboard.press('Alt+a');
		await line.reached('up');
		await call(page, 'up');
		await page.waitForSelector('.phone-fault', { state: 'hidden' });
		assert.deepEqual(await page.evaluate(() => window.notes), ['13800000001', 'closed']);
		await line.media.hears(VOICE);
		await hears(page, CUSTOMER);

		await page.click('[data-do=mute]');
		await line.media.hearsNothing();
		await page.click('[data-do=mute]');
		await line.media.hears(VOICE);

		await page.click('[data-do=keys]');
		for (const digit of ['1', '9', '#']) await page.click(`[data-digit="${digit}"]`);
		await until('the keys', () => line.media.digits === '19#');

		await page.click('[data-do=hold]');
		await agentState('803', (a) => a.call_state === 'hold');
		await page.click('[data-do=hold]');
		await agentState('803', (a) => a.call_state === 'talking');

		// another tab shows the call and has its buttons
		const other = await context.newPage();
		await other.goto(new URL('/desk/', stack.web).href);
		await call(other, 'up');
		await other.click('[data-do=mute]');
		await line.media.hearsNothing();
		await other.click('[data-do=mute]');
		await line.media.hears(VOICE);
		await other.close();

		await page.reload();
		await ready(page);
		await call(page, 'up');
		await line.media.hears(VOICE, 15000);
		await hears(page, CUSTOMER);
		assert.equal((await agentState('803')).call_state, 'talking');

		// a colleague is asked first, and takes the customer
		const colleague = await phone('804');
		await stack.command('cc.agent.work', { tenant, agent: '804', state: 'idle', reason: '' });
		await page.click('[data-do=move]');
		await page.fill('[name=target]', '804');
		await page.click('.phone-move button[value=ask]');
		const asked = await colleague.incoming();
		asked.accept({ tone: 1400 });
		await page.waitForSelector('[data-do=join]:visible');
		await asked.media.hears(VOICE);
		await page.click('[data-do=join]:visible');
		await line.media.hears(1400);
		await page.waitForSelector('.phone-call', { state: 'detached' });
		await line.hangup();
		await asked.reached('ended');
		const [row] = await calls(1);
		assert.deepEqual([row.cause, row.agent], ['answered', '804']);

		// a number is typed: the page takes its own leg by itself
		await page.fill('.phone-dial [name=number]', '804');
		await page.click('.phone-dial button');
		const typed = await colleague.incoming();
		typed.ring();
		await call(page, 'up');
		await page.click('[data-do=hangup]');
		await typed.reached('ended');
		await page.waitForSelector('.phone-call', { state: 'detached' });
		await page.waitForSelector('.phone-box .recent li:has(button):has-text("13800000001")');

		// a call that nobody took is red among the last ones
		const missed = await colleague.dial('803');
		await call(page, 'ringing');
		await missed.hangup();
		await page.waitForSelector('.phone-box .recent li.missed:first-child:has-text("804")');
		const [first, second] = await page.$$eval('.phone-box .recent li b', (all) => all.map((b) => getComputedStyle(b).color.match(/\d+/g).map(Number)));
		assert.ok(first[0] > first[1] + 60 && first[0] > first[2] + 60, `${first}`);
		assert.notDeepEqual(second, first);

		// the agent chooses what rings: a page that does not ring makes nobody available (CALL-06)
		await page.hover('.terminal summary');
		await page.click('[data-key=terminal-phone]');
		await agentState('803', (a) => !a.registered);
		await page.mouse.move(400, 400);
		await page.keyboard.press('t');
		await page.keyboard.press('a');
		await agentState('803', (a) => a.registered);

		// signing out ends the phone, whatever the page does
		assert.deepEqual(page.faults, []);
		await page.click('form[action="/desk/sign-out"] button');
		await page.waitForURL('**/desk/sign-in');
		await agentState('803', (a) => !a.registered);
	});

e2e('who has no contract has no web phone: no markup, no credential, no registration; with one it is there again (PLAT-18 CALL-07)',
	{ timeout: 90000, allow: [/websocket|tcp|connection|not sent|precreated|wrong password/i] }, async ({ phone, agentState }) => {
		const tenant = await stack.tenant('demo');
		const given = await stack.command('cc.webphone.credential', { tenant, agent: '804', session: 'test' });
		const proxy = { address: stack.sip.address, port: Number(stack.settings.CC_WS_PORT) };
		const ours = { protocol: 'ws', proxy, authUser: given.user, password: given.password };
		const sip = await phone('804', ours);
		const web = new Browser(stack.web);
		await web.signIn('demo', '804', 'demo-804');
		assert.match((await web.page('/desk/')).text, /webphone/);
		assert.equal((await web.post('/desk/webphone/credential')).status, 200);
		assert.equal((await stack.admin(['plugin', 'disable', 'webphone', '--tenant', 'demo'])).code, 0);
		try {
			await agentState('804', (a) => !a.registered, 'demo', 15000);
			assert.doesNotMatch((await web.page('/desk/')).text, /webphone/);
			assert.equal((await web.page('/desk/webphone/phone')).status, 404);
			assert.equal((await web.post('/desk/webphone/credential')).status, 404);
			await assert.rejects(stack.command('cc.webphone.credential', { tenant, agent: '804', session: 'test' }), (error) => error.reason === 'not_in_contract');
			assert.equal((await sip.register()).status, 403);
			sip.registered = false;
		} finally {
			assert.equal((await stack.admin(['plugin', 'enable', 'webphone', '--tenant', 'demo'])).code, 0);
		}
		assert.match((await web.page('/desk/')).text, /webphone/);
		await until('a credential', () => stack.command('cc.webphone.credential', { tenant, agent: '804', session: 'test' }), 10000, 200);
	});

e2e('whoever ends a session ends its web phone: another password, an administrator, the command line; the session that changed it keeps its own (CALL-07 AUTH-03)',
	{ timeout: 90000, allow: [/websocket|tcp|connection|not sent|wrong password/i] }, async ({ phone, onClose }) => {
		const tenant = await stack.tenant('demo'), proxy = { address: stack.sip.address, port: Number(stack.settings.CC_WS_PORT) };
		const [[agent, user, hash, due]] = await stack.sql(`SELECT a.id, u.id, u.password_hash, u.password_due FROM user u JOIN agent a ON a.tenant_id = u.tenant_id AND a.user_id = u.id WHERE u.tenant_id = ${tenant} AND u.username = '804'`);
		const again = () => stack.sql(`UPDATE user SET password_hash = '${hash}', password_due = ${due}, state = 'enabled' WHERE id = ${user}`);
		onClose(again);
		const open = async () => {
			const web = new Browser(stack.web);
			await web.signIn('demo', '804', 'demo-804');
			const given = JSON.parse((await web.post('/desk/webphone/credential')).text);
			return [web, await phone('804', { protocol: 'ws', proxy, authUser: given.user, password: given.password })];
		};
		const admin = new Browser(stack.web);
		await admin.signIn('demo', 'admin', 'demo-admin');
		const ways = {
			'another password': async (own) => assert.equal((await own.post('/desk/password', { old: 'demo-804', new: 'Mine-is-27', again: 'Mine-is-27' })).status, 303),
			'a password that is reset': async () => assert.equal((await admin.post(`/admin/agents/${agent}/do/reset_password`)).status, 200),
			'the command line': async () => assert.equal((await stack.admin(['user', 'reset-password', 'demo', '804', '--generate'])).code, 0),
		};
		for (const [name, end] of Object.entries(ways)) {
			const [, gone] = await open(), [own, other] = await open(), spared = name === 'another password';
			await end(own);
			assert.equal((await gone.register()).status, 403, name);
			assert.equal((await other.register()).status, spared ? 200 : 403, name);
			const removed = async () => (await stack.events('phone.unregistered', 0)).map((e) => e.contact);
			await until(`the phones are gone after ${name}`, async () => [gone, ...(spared ? [] : [other])].every(((gone) => (phone) => gone.includes(phone.contact))(await removed())), 5000);
			if (spared) assert.ok(!(await removed()).includes(other.contact));
			await again();
		}
	});
