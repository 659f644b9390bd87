// SPDX-License-Identifier: GPL-2.0-or-later
// An agent's state: by feature code from the phone, by command, across restarts of nothing but the phone.
import assert from 'node:assert/strict';
import { Phone } from '../lib/sip.mjs';
import { createHash } from 'node:crypto';
import { get } from 'node:http';
import { Browser } from '../lib/http.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();

e2e('*001 signs in to all queues, *100 busy, *101 idle, *000 signs out (CODE-01 STATE-02 STATE-03 STATE-04)', async ({ phone, code, agentState, began }) => {
	const desk = await phone('803');
	const expected = [['*001', (a) => a.queues.includes('600') && a.work === 'online'], ['*100', (a) => a.work === 'busy'],
		['*101', (a) => a.work === 'online'], ['*000', (a) => a.queues.length === 0]];
	for (const [digits, condition] of expected) {
		const call = await code(desk, digits);
		assert.equal(call.ended.by, 'remote', `${digits}: the system hangs up after the word`);
		assert.ok(call.answer.status === 200);
		await agentState('803', condition);
	}
	const events = await until('the agent events', async () => {
		const rows = await stack.sql(`SELECT what, work, initiator FROM agent_event WHERE agent='803' AND tenant_id=${await stack.tenant('demo')} AND at >= ${began} ORDER BY seq`);
		return rows.length >= 4 && rows;
	});
	const asked = events.filter((e) => e[2] === 'agent');
	assert.equal(asked.length, 4, JSON.stringify(events));
	assert.deepEqual(asked.slice(0, 3).map((e) => e[1]), ['online', 'busy', 'online']);
	assert.equal(asked[3][0], 'sign_out');
});

e2e('a feature code says what it did (CODE-01)', async ({ phone }) => {
	const { findClip } = await import('../lib/tone.mjs');
	const { readWav } = await import('../lib/wav.mjs');
	const desk = await phone('803');
	const call = await desk.dial('*001', { tone: 0 });
	await call.reached('ended', 8000);
	const clip = readWav(`${stack.prefix}/prompts/zh/signed_in.wav`).channels[0];
	const match = findClip(call.media.heard(), clip);
	assert.ok(match.score > 0.8, `score ${match.score}`);
});

e2e('*001 asks for the phone password if the tenant wants it: a wrong one is asked for again, three times, then refused; the journal has none of it (STATE-03 CODE-01)', { timeout: 60000 }, async ({ phone, agentState, began }) => {
	const desk = await phone('803');
	const tenant = await stack.tenant('demo');
	await stack.add('preference', { tenant_id: tenant, name: "'code_password'", value: "'1'" });
	await stack.configure('agent', `tenant_id=${tenant} AND number='803'`, { phone_pin_hash: createHash('md5').update('pin:803:demo:2468').digest('hex') });
	const call = await (await desk.dial('*001', { tone: 0 })).reached('up');
	await call.media.sendDigits('1357#');
	await sleep(300);
	assert.equal((await agentState('803')).queues.length, 0);
	await call.media.sendDigits('2468#');
	await agentState('803', (a) => a.queues.includes('600'));
	await call.reached('ended', 8000);
	const out = await (await desk.dial('*000*600', { tone: 0 })).reached('up');
	await agentState('803', (a) => a.queues.length === 0);
	await out.reached('ended', 8000);
	const wrong = await (await desk.dial('*001*600', { tone: 0 })).reached('up');
	for (let i = 0; i < 3; i++) {
		await wrong.media.sendDigits('1#');
		await sleep(300);
	}
	await wrong.reached('ended', 8000);
	assert.equal((await agentState('803')).queues.length, 0);
	const digits = await until('the keys in the journal', async () => {
		const rows = await stack.sql(`SELECT fields FROM event WHERE type=24 AND at >= ${began} ORDER BY seq`);
		return rows.length >= 16 && rows.map(([f]) => JSON.parse(f).digit);
	});
	assert.deepEqual([...new Set(digits)], ['?']);
});

e2e('*100*600 and *101*600: busy in one queue by phone, and no longer (STATE-03 CODE-01)', async ({ agent, code, agentState }) => {
	const desk = await agent('803');
	await code(desk, '*100*600');
	await agentState('803', (a) => a.paused_queues.includes('600') && a.work === 'online');
	await code(desk, '*101*600');
	await agentState('803', (a) => a.paused_queues.length === 0);
});

e2e('who works in the browser gets in by phone only while a page is open, and is signed out when none is any more (ORG-03 STATE-03)', async ({ phone, code, agentState }) => {
	const desk = await phone('803'), tenant = await stack.tenant('demo');
	await stack.configure('agent', `tenant_id=${tenant} AND number='803'`, { browser_work: 1, browser_grace_s: 1 });
	await code(desk, '*001');
	assert.equal((await agentState('803')).queues.length, 0, 'no page is open');
	const page = await webPage('803');
	await until('the page is known', async () => {
		await code(desk, '*001');
		return (await stack.command('cc.agent.get', { tenant, agent: '803' })).queues.includes('600');
	}, 20000, 500);
	const { work } = await agentState('803');
	page.destroy();
	const state = await agentState('803', (a) => a.queues.length === 0, 'demo', 8000);
	assert.equal(state.work, work, 'only signed out');
	const [event] = await until('its event', async () => {
		const rows = await stack.sql(`SELECT initiator FROM agent_event WHERE agent='803' AND tenant_id=${tenant} AND what='auto_sign_out' ORDER BY seq DESC LIMIT 1`);
		return rows.length && rows;
	});
	assert.deepEqual(event, ['system']);
});

// A signed-in browser with its stream of live events.
async function webPage(number) {
	const browser = new Browser(stack.web);
	await browser.signIn('demo', number, `demo-${number}`);
	const cookie = browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
	return new Promise((resolve, reject) => {
		const request = get(`${stack.web}live`, { headers: { cookie } }, (answer) => {
			if (answer.statusCode === 200) resolve(request);
			else reject(new Error(`live: ${answer.statusCode}`));
			answer.on('error', () => {}).resume();
		});
		request.on('error', reject);
	});
}

e2e('unknown codes and numbers are refused, wrong wishes too (CODE-01 CALL-17)', async ({ phone }) => {
	const desk = await phone('803');
	for (const number of ['*777', '999999', '*', '**001', '*0011']) {
		const call = await (await desk.dial(number)).reached('ended');
		assert.ok(call.ended.status >= 400 && call.ended.status < 700, `${number}: ${call.ended.status}`);
	}
});

e2e('the state is kept when the phone goes and comes back (STATE-03 STATE-07)', async ({ agent, agentState }) => {
	const phone = await agent('803');
	await phone.register(0);
	const away = await agentState('803', (a) => !a.registered);
	assert.ok(away.queues.includes('600'));
	await phone.register();
	await agentState('803', (a) => a.registered && a.work === 'online');
});

e2e('two phones of one agent both ring; one answers, the other stops (CALL-07)', async ({ agent, phone, customer }) => {
	await stack.queue('600', { entry_prompt: '' });
	const one = await agent('803', { script: scripts.ring() });
	const two = await phone('803', { script: scripts.ring() });
	const call = await customer();
	const [first, second] = [await one.incoming(), await two.incoming()];
	first.accept({ tone: 1000 });
	await call.media.hears(1000);
	await second.reached('ended', 2000);
	assert.ok(second.cancelled);
});

e2e('both phones of one agent answer at the same moment: one stays, the other is ended (CALL-07)', async ({ agent, phone, customer }) => {
	await stack.queue('600', { entry_prompt: '' });
	const one = await agent('803', { script: scripts.ring() });
	const two = await phone('803', { script: scripts.ring() });
	const call = await customer();
	const legs = [await one.incoming(), await two.incoming()];
	legs.forEach((leg, i) => leg.accept({ tone: i ? 1400 : 1000 }));
	await until('one of them ends', () => legs.filter((l) => l.state === 'ended').length === 1, 4000);
	const kept = legs.findIndex((l) => l.state === 'up');
	await call.media.hears(kept ? 1400 : 1000);
	assert.ok(legs[1 - kept].ackSeen >= 1 || legs[1 - kept].cancelled, 'the late 200 is acknowledged before the BYE');
});

e2e('commands: the same request id is done once; errors have a reason (STATE-02 SYS-04)', async ({ phone }) => {
	await phone('803');
	const tenant = await stack.tenant('demo');
	const { requestId } = await import('../lib/stack.mjs');
	const request = requestId();
	const first = await stack.command('cc.agent.sign', { tenant, agent: '803', on: true, request, actor: 'user:1' });
	await stack.command('cc.agent.sign', { tenant, agent: '803', on: false, actor: 'user:1' });
	const again = await stack.command('cc.agent.sign', { tenant, agent: '803', on: true, request, actor: 'user:1' });
	assert.deepEqual(again, first);
	assert.equal((await stack.command('cc.agent.get', { tenant, agent: '803' })).queues.length, 0, 'a repeated request does nothing');
	for (const [method, params] of [['cc.agent.get', { tenant, agent: '999' }], ['cc.agent.work', { tenant, agent: '803', state: 'sleepy', reason: '' }],
		['cc.call.hangup', { tenant, call: '00000000000000000000000000' }], ['cc.agent.sign', { tenant, agent: '803', on: true, queue: '601' }],
		['cc.nothing', { tenant }], ['cc.agent.get', { tenant: 99999, agent: '803' }], ['cc.agent.get', { tenant: await stack.tenant('other'), agent: '803' }]])
		await assert.rejects(stack.command(method, params), (error) => typeof error.code === 'number' && /^[a-z_]+$/.test(error.reason), `${method} ${JSON.stringify(params)}`);
});

e2e('a disabled agent cannot register; wrong password and unknown users neither (AUTH-04)', { allow: [/auth|credential|password/i] }, async ({ onClose, phone, agentState }) => {
	const attempt = async (user, domain, password) => {
		const phone = await Phone.open({ user, domain, password, proxy: stack.sip });
		onClose(() => phone.close());
		return (await phone.register()).status;
	};
	for (const [user, domain, password] of [['803', 'demo', 'wrong'], ['899', 'demo', 'sip-899'], ['803', 'nowhere', 'sip-803'], ['803', 'demo', ''],
		['801', 'other', 'sip-801']])
		assert.ok([401, 403, 404].includes(await attempt(user, domain, password)), `${user}@${domain}`);
	await phone('803');
	await agentState('803', (a) => a.registered);
	await stack.configure('agent', `tenant_id=${await stack.tenant('demo')} AND number='803'`, { state: 'disabled' });
	assert.ok([401, 403].includes(await attempt('803', 'demo', 'sip-803')));
	await agentState('803', (a) => !a.registered, 'demo', 2000);
	await stack.restore();
	await phone('803');
});
