// SPDX-License-Identifier: GPL-2.0-or-later
// Agents at mobile and landline numbers: their calls go over a trunk, and are an agent's calls all the same (CALL-06).
import assert from 'node:assert/strict';
import { Phone } from '../lib/sip.mjs';
import { shareOf } from '../lib/tone.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const NUMBER = '13900000077', E164 = '8613900000077', CUSTOMER = '13900000005';
const CONNECTION = /connect|refused|gone|closed|lost|broken pipe|away|reset|unavailable|cannot be reached|does not answer|No such file|go on/i;

const idle = (a) => a.call_state === 'idle';
const tenant = () => stack.tenant('demo');
const contract = async (off) => stack.configure('plugin_tenant', `tenant_id=${await tenant()} AND plugin='mobile'`, { off });
const dial = async (agent, number) => stack.command('cc.call.dial', { tenant: await tenant(), actor: `agent:${agent}`, agent, number });
const missed = async (count = 1) => (await stack.events('queue.noanswer', count)).map((e) => [e.agent, e.why, e.sip_code]);

// The tenant has the paid part; the agent has no phone, but a number, and takes calls.
const mobile = async (agent, { number = NUMBER, confirm = 0 } = {}) => {
	const id = await tenant();
	if (await stack.value("SELECT COUNT(*) FROM plugin WHERE name='mobile'") === '0')
		await stack.add('plugin', { name: "'mobile'", kind: "'plugin'", per_tenant: 1, state: "'enabled'" });
	if (await stack.value(`SELECT COUNT(*) FROM plugin_tenant WHERE plugin='mobile' AND tenant_id=${id}`) === '0')
		await stack.add('plugin_tenant', { tenant_id: id, plugin: "'mobile'", enabled_at: 0 });
	await stack.configure('agent', `tenant_id=${id} AND number='${agent}'`, { mobile: number, mobile_confirm: confirm, terminal: 'mobile' });
	await stack.command('cc.agent.work', { tenant: id, agent, state: 'idle', reason: '' });
	await stack.command('cc.agent.sign', { tenant: id, agent, on: true });
	return until(`${agent} is there`, async () => {
		const state = await stack.command('cc.agent.get', { tenant: id, agent });
		return state.registered && state.queues.length && state;
	}, 10000);
};

e2e('from a queue to a mobile: both hear each other; recording, wrap-up, row and roll-ups are the agent\'s (CALL-06 TEL-06)', async ({ carrier, customer, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', announce_position: 0, wrapup: 'answered', wrapup_s: 1 });
	await mobile('803');
	const trunk = await carrier(), call = await customer();
	const leg = await trunk.incoming();
	assert.deepEqual([leg.invite.uri.split('@')[0], leg.from], [`sip:+${E164}`, '4008001'], 'the number that was called is shown');
	leg.media.tone(1850);
	leg.ring({ status: 183, media: true });
	await agentState('803', (a) => a.call_state === 'ringing');
	await sleep(600);
	assert.equal((await agentState('803')).call_state, 'ringing', 'the sound of a carrier is no answer');
	assert.ok(shareOf(call.media.heard(Date.now() - 500), 1850) < 0.02, 'and the customer does not hear it');
	leg.accept({ tone: 1000 });
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await agentState('803', (a) => a.call_state === 'talking');
	await until('a second of sound', () => call.media.packets.length > 70, 3000);
	await call.hangup();
	await leg.reached('ended');
	await agentState('803', (a) => a.call_state === 'wrapup');
	await agentState('803', idle);
	const [done] = await calls();
	assert.deepEqual([done.cause, done.agent, done.queue, done.caller, done.did], ['answered', '803', '600', '13800000001', '4008001']);
	assert.deepEqual(await stack.sql(`SELECT role,agent FROM call_leg WHERE call_id=UNHEX('${done.id}') ORDER BY role`), [['caller', null], ['agent', '803']]);
	await until('the recording', async () => (await stack.sql(`SELECT state FROM recording WHERE call_id=UNHEX('${done.id}')`))[0]?.[0] === 'ok', 15000, 200);
});

e2e('not answered, busy, switched off, no channel left: the next agent, with the cause; a trunk that fails is followed by another one (CALL-06 TEL-06)', { timeout: 90000 }, async ({ carrier, customer, agent, agentState, onClose }) => {
	await stack.queue('600', { entry_prompt: '', announce_position: 0, wrapup: 'off', ring_timeout_s: 3, retry_delay_s: 1, strategy: 'linear' });
	await mobile('803');
	const other = await agent('804'), trunk = await carrier();
	const talk = async (leg) => {
		leg.accept({ tone: 1000 });
		await leg.media.hears(440);
		await leg.hangup();
		await Promise.all([agentState('803', idle), agentState('804', idle)]);
		await stack.command('cc.agent.sign', { tenant: await tenant(), agent: '803', on: false });	// its delay is over
		await stack.command('cc.agent.sign', { tenant: await tenant(), agent: '803', on: true });
	};
	const offered = async (answer) => {
		await customer();
		answer(await trunk.incoming());
		await talk(await other.incoming(15000));
	};
	await offered((leg) => leg.ring());
	await offered((leg) => leg.reject(486, 'Busy Here'));
	await offered((leg) => leg.reject(480, 'Temporarily Unavailable'));
	await stack.configure('trunk', "name='demo-trunk'", { max_channels: 1 });	// the customer has it
	await customer();
	await talk(await other.incoming(15000));
	assert.deepEqual(await missed(4), [['803', 'timeout', undefined], ['803', 'busy', 486], ['803', 'unreachable', 480], ['803', 'unreachable', 503]]);

	await stack.configure('trunk', "name='demo-trunk'", { max_channels: 0 });
	const first = await Phone.open({ user: 'first', address: '127.0.0.3', port: stack.sip.port, proxy: stack.sip });
	onClose(() => first.close());
	first.answering(scripts.reject(503, 'Service Unavailable'));
	await stack.add('trunk', { tenant_id: await tenant(), name: "'a-first'", address: "'127.0.0.3'", port: stack.sip.port });
	await stack.reload();
	await customer();
	await talk(await trunk.incoming());
	assert.equal(first.calls.length, 1);
	assert.equal((await missed(4)).length, 4);
});

e2e('a key takes the call: until then the customer hears music, and a mailbox does not keep him (CALL-06 TEL-06)', { timeout: 90000 }, async ({ carrier, customer, agent, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', announce_position: 0, wrapup: 'off', ring_timeout_s: 5, retry_delay_s: 1, auto_pause: 1, strategy: 'linear' });
	await mobile('803', { confirm: 1 });
	const trunk = await carrier(), call = await customer(), leg = await trunk.incoming();
	leg.accept({ tone: 1850 });
	await until('the prompt', () => leg.media.pitch(400).hz > 0);
	await leg.media.sendDigits('2#');
	await sleep(5500);		// longer than it may ring
	assert.equal((await agentState('803')).call_state, 'ringing');
	assert.ok(shareOf(call.media.heard(Date.now() - 3000), 1850) < 0.02, 'the customer does not hear the mailbox');
	assert.ok(call.media.pitch(400).hz > 0, 'but music');
	await leg.media.sendDigits('1');
	leg.media.tone(1000);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await agentState('803', (a) => a.call_state === 'talking');
	await call.hangup();
	await leg.reached('ended');
	await agentState('803', idle);

	const other = await agent('804'), second = await customer(), mailbox = await trunk.incoming();
	mailbox.accept({ tone: 1000 });
	const began = Date.now();
	const next = await other.incoming(15000);
	assert.ok(Date.now() - began > 9000, `${Date.now() - began} ms`);
	await mailbox.reached('ended');
	next.accept({ tone: 700 });
	await second.media.hears(700);
	await second.hangup();
	await agentState('803', (a) => a.work === 'busy', 'demo');		// paused, as one who does not answer a phone
	await stack.command('cc.agent.work', { tenant: await tenant(), agent: '803', state: 'idle', reason: '' });
	await agentState('804', idle);

	const third = await customer(), refused = await trunk.incoming(15000);
	refused.accept();
	await sleep(500);
	await refused.hangup();
	(await other.incoming(15000)).accept({ tone: 700 });
	await third.media.hears(700);
	await third.hangup();
	await agentState('804', idle);
	assert.deepEqual((await missed(2)).map(([number, why]) => [number, why]), [['803', 'timeout'], ['803', 'reject']]);
	assert.deepEqual((await calls(3)).map((c) => [c.cause, c.agent]), [['answered', '803'], ['answered', '804'], ['answered', '804']]);
});

e2e('a page dials: the mobile first, then the customer; called directly, asked and moved to by colleagues; keys are codes (CALL-06 CALL-01 CALL-04)', { timeout: 90000 }, async ({ carrier, agent, phone, agentState, calls }) => {
	await mobile('803');
	const trunk = await carrier(), colleague = await agent('804');
	await dial('803', CUSTOMER);
	const own = await trunk.incoming();
	assert.deepEqual([own.invite.uri.split('@')[0], own.from], [`sip:+${E164}`, '4008001']);
	assert.equal(own.invite.get('alert-info'), undefined, 'no carrier is asked to answer by itself');
	own.ring();
	assert.equal(trunk.calls.length, 1, 'the customer is not called before');
	own.accept({ tone: 1000 });
	const callee = await trunk.incoming();
	assert.match(callee.invite.uri, new RegExp(`\\+86${CUSTOMER}`));
	callee.accept({ tone: 440 });
	await Promise.all([own.media.hears(440), callee.media.hears(1000)]);
	await agentState('803', (a) => a.call_state === 'talking');
	await own.media.sendDigits('*70*804#');
	const moved = await colleague.incoming();
	moved.accept({ tone: 700 });
	await callee.media.hears(700);
	await own.reached('ended');
	await agentState('803', idle);
	await callee.hangup();
	await agentState('804', idle);

	const direct = await colleague.dial('803', { tone: 700 });
	const leg = await trunk.incoming();
	assert.equal(leg.from, '4008001', 'no extension is shown outside');
	leg.ring();
	await direct.reached('ringing');
	leg.accept({ tone: 1000 });
	await Promise.all([direct.media.hears(1000), leg.media.hears(700)]);
	await leg.hangup();
	await direct.reached('ended');
	await agentState('803', idle);

	await dial('803', CUSTOMER);
	const nobody = await trunk.incoming();
	nobody.reject(486, 'Busy Here');
	await agentState('803', idle);

	await dial('803', CUSTOMER);
	const again = await trunk.incoming();
	again.accept({ tone: 1000 });
	const customer = await trunk.incoming();
	customer.accept({ tone: 440 });
	await again.media.hears(440);
	await again.media.sendDigits('##');
	await Promise.all([again.reached('ended'), customer.reached('ended')]);
	await agentState('803', idle);
	assert.deepEqual((await calls(4)).map((c) => [c.cause, c.agent]), [['answered', '804'], ['answered', '803'], ['busy', '803'], ['answered', '803']]);
});

e2e('without the contract the phone rings again, at the next call; lists are about customers; own numbers lead nowhere (CALL-06 PLAT-18 TEL-20)', { timeout: 60000 }, async ({ carrier, customer, phone, agentState }) => {
	const id = await tenant();
	await stack.queue('600', { entry_prompt: '', announce_position: 0, wrapup: 'off' });
	await mobile('803');
	await stack.add('no_call', { tenant_id: id, package_id: 1, phone: `'${NUMBER}'`, e164: `'${E164}'`, created_at: 1, updated_at: 1 });
	await stack.reload();
	const trunk = await carrier(), desk = await phone('803');
	const talk = async (leg) => {
		leg.accept({ tone: 1000 });
		await leg.media.hears(440);
		await leg.hangup();
		await agentState('803', idle);
	};
	await customer();
	await talk(await trunk.incoming());
	assert.equal(desk.calls.length, 0);
	await contract(1);
	await customer();
	await talk(await desk.incoming());
	await desk.register(0);
	await agentState('803', (a) => !a.registered);
	await contract(0);
	await agentState('803', (a) => a.registered, 'demo', 10000);
	for (const number of ['4008001', '804', '12']) {
		await stack.configure('agent', `tenant_id=${id} AND number='803'`, { mobile: number });
		await agentState('803', (a) => !a.registered, 'demo', 10000);
		await assert.rejects(dial('803', CUSTOMER), (e) => assert.equal(e.reason, 'not_registered') ?? true);
	}
});

e2e('kill -9 of Kamailio: a talk with a mobile goes on; one that rang or was to press the key is hung up and offered on (CALL-06 STATE-01)', { timeout: 90000, restarted: ['kamailio'], allow: [CONNECTION, /nobody waits/, /told to stop/] }, async ({ carrier, customer, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', announce_position: 0, wrapup: 'off', strategy: 'linear' });
	await mobile('803');
	const trunk = await carrier(), call = await customer(), leg = await trunk.incoming();
	leg.accept({ tone: 1000 });
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await mobile('804', { number: '02187654321', confirm: 1 });
	const waiting = await customer(), asked = await trunk.incoming();
	assert.equal(asked.invite.uri.split('@')[0], 'sip:+862187654321');
	asked.accept({ tone: 700 });
	await until('the prompt', () => asked.media.pitch(400).hz > 0);
	await sleep(1600);		// what is known of the agents is written down every second
	const { epoch } = await stack.command('cc.ping');
	process.kill(stack.pids().kamailio, 'SIGKILL');
	await until('the engine', async () => (await stack.command('cc.ping').catch(() => ({ epoch }))).epoch !== epoch, 10000, 50);
	await asked.reached('ended', 10000);
	const again = await trunk.incoming(15000);
	again.accept({ tone: 700 });
	await until('the prompt', () => again.media.pitch(400).hz > 0);
	await again.media.sendDigits('1');
	await Promise.all([waiting.media.hears(700), call.media.hears(1000), leg.media.hears(440)]);
	assert.deepEqual([call.state, leg.state], ['up', 'up']);
	await leg.hangup();
	await call.reached('ended');
	await again.hangup();
	await waiting.reached('ended');
	await agentState('803', idle);
	assert.deepEqual((await calls(2)).map((c) => [c.cause, c.agent]), [['answered', '803'], ['answered', '804']]);
});

e2e('who vanishes behind a trunk frees the agent as a phone does: its carrier knows no such call any more (CALL-06 STATE-01)', { timeout: 60000, allow: [/is gone/] }, async ({ carrier, customer, agentState }) => {
	await stack.queue('600', { entry_prompt: '', announce_position: 0, wrapup: 'off' });
	await mobile('803');
	const trunk = await carrier(), call = await customer(), leg = await trunk.incoming();
	leg.accept({ tone: 1000 });
	await leg.media.hears(440);
	leg.media.stop();
	leg.state = 'ended';		// its BYE was lost
	await agentState('803', idle, 'demo', 20000);
	await call.reached('ended');
});
