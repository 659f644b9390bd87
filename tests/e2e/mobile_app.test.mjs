// SPDX-License-Identifier: GPL-2.0-or-later
// The mobile app in Chromium, as large as a phone, and the calls that it shows: an agent at a number outside, behind the carrier.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../lib/chromium.mjs';
import { until } from '../lib/wait.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const NUMBER = '13900000077';
const profile = mkdtempSync(join(tmpdir(), 'ccapp-'));
let browser;
after(async () => {
	await browser?.close();
	rmSync(profile, { recursive: true, force: true });
});

async function app(number) {
	browser ??= await launch(profile);
	const context = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, locale: 'en-GB' });
	context.setDefaultTimeout(15000);
	const page = await context.newPage();
	page.faults = [];
	page.on('pageerror', (error) => page.faults.push(error.message));
	page.on('console', (message) => { if (message.type() === 'error') page.faults.push(`${message.text()} ${message.location().url}`); });
	await page.goto(new URL('/desk/mobile/', stack.web).href);
	await page.fill('[name=tenant]', 'demo');
	await page.fill('[name=username]', number);
	await page.fill('[name=password]', `demo-${number}`);
	await page.press('[name=password]', 'Enter');
	await page.waitForURL('**/desk/mobile/');
	await page.waitForFunction(() => document.querySelector('.agent-actions') && tandem.connection?.type === 'open');
	return page;
}

e2e('an agent with a mobile phone: chooses it, goes on duty, sees the customer who rings, ends the talk, calls back, all in the app (CALL-06 CALL-12 PLAT-18)',
	{ timeout: 90000 }, async ({ carrier, customer, agentState, calls, onClose }) => {
		const tenant = await stack.tenant('demo');
		await stack.queue('600', { entry_prompt: '', announce_position: 0, wrapup: 'off' });
		await stack.configure('agent', `tenant_id=${tenant} AND number='803'`, { mobile: NUMBER, mobile_confirm: 0 });
		const trunk = await carrier(), page = await app('803');
		onClose(() => page.context().close());

		await page.tap('.terminal summary');
		await page.tap('[data-key=terminal-mobile]');
		await agentState('803', (a) => a.registered);
		await page.tap('[data-own=queues]');
		await page.tap('[data-own=sign-in]');
		await agentState('803', (a) => a.queues.length > 0);
		await page.tap('[data-key=idle]');
		await agentState('803', (a) => a.work === 'online');

		const line = await customer(), leg = await trunk.incoming();
		leg.ring();
		await page.waitForSelector('.mobile-call[data-state=in]');
		assert.match(await page.textContent('.mobile-call'), /13800000001/);
		leg.accept({ tone: 1000 });
		await line.media.hears(1000);
		await page.waitForSelector('.mobile-call[data-state=talk]');
		await page.tap('.mobile-end');
		await Promise.all([leg.reached('ended'), line.reached('ended')]);
		await page.waitForSelector('.mobile-call', { state: 'detached' });
		await agentState('803', (a) => a.call_state === 'idle');
		assert.deepEqual((await calls(1)).map((c) => [c.cause, c.agent]), [['answered', '803']]);

		// the last call again: the own phone rings first
		await page.tap('[data-again]');
		const own = await trunk.incoming();
		assert.match(own.invite.uri, new RegExp(NUMBER));
		own.accept({ tone: 1000 });
		const callee = await trunk.incoming();
		assert.match(callee.invite.uri, /13800000001/);
		await page.waitForSelector('.mobile-call');
		callee.accept({ tone: 440 });
		await own.media.hears(440);
		await own.hangup();
		await callee.reached('ended');
		await page.waitForSelector('.mobile-call', { state: 'detached' });
		await until('the call in the list', async () => /↗/.test(await page.textContent('[data-recent] li')));
		assert.deepEqual(page.faults, []);
	});
