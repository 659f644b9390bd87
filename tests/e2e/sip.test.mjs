// SPDX-License-Identifier: GPL-2.0-or-later
// Legs when SIP does not go as in the book: CANCEL, late answers, missing ACKs, re-INVITEs, dead phones.
import assert from 'node:assert/strict';
import { sleep, until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();

e2e('the customer cancels before the answer (CDR-02)', async ({ customer, calls }) => {
	// the engine answers at once: a CANCEL in the same breath as the INVITE, in many different moments
	for (let wait = 0; wait < 10; wait++) {
		const call = await customer();
		await sleep(wait * 3);
		await call.cancel(8000);
	}
	const rows = await calls(10);
	assert.ok(rows.every((r) => r.cause === 'caller_hangup' && r.side === 'caller'), JSON.stringify(rows));
});

e2e('no ACK for our 200: the call ends by itself (CDR-02)', { timeout: 90000 }, async ({ customer, calls }) => {
	const call = await (await customer('4008001', { ack: false })).reached('up');
	await call.reached('ended', 45000);
	assert.ok(call.finals >= 3, 'the 200 was repeated');
	const [row] = await calls(1, 50000);
	assert.notEqual(row.cause, 'answered');
});

// A phone that did not answer is left in peace for retry_delay_s: these two cases use agents of their own.
e2e('the agent\'s 200 crosses our CANCEL: it is acknowledged and ended (CDR-02)', async ({ agent, customer, agentState }) => {
	await stack.queue('600', { ring_timeout_s: 1, entry_prompt: '', retry_delay_s: 20 });
	const phone = await agent('805', { script: scripts.ring() });
	phone.lateAnswer = true;
	const call = await customer();
	const leg = await phone.incoming();
	await until('our CANCEL', () => leg.cancelled, 4000);
	await leg.reached('ended', 6000);
	assert.ok(leg.ackSeen >= 1, 'the late 200 has its ACK');
	assert.equal(leg.ended.by, 'remote');
	await agentState('805', (a) => a.call_state === 'idle');
	assert.equal(call.state, 'up', 'the customer goes on waiting');
});

e2e('an agent\'s phone that answers nothing at all is given up (TEL-05)', async ({ agent, customer }) => {
	await stack.queue('600', { ring_timeout_s: 2, entry_prompt: '', retry_delay_s: 1 });
	const dead = await agent('804');
	dead.silent = true;
	const call = await (await customer()).reached('up');
	await until('the INVITE', () => dead.received.some((r) => r.method === 'INVITE'), 4000);
	await sleep(50);
	const alive = await agent('802', { script: scripts.answer({ tone: 1000, ringFor: 20 }) });
	await alive.incoming(5000);
	await call.media.hears(1000);
	dead.silent = false;
});

e2e('hold and resume by re-INVITE from the agent\'s phone; the customer\'s leg is left alone (CALL-03)', async ({ agent, talk }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await call.media.hears(1000);
	const before = call.phone.received.length;
	const held = await leg.reinvite('sendonly');
	assert.equal(held.status, 200);
	assert.equal(leg.remoteSdp.direction, 'recvonly');
	const resumed = await leg.reinvite('sendrecv');
	assert.equal(resumed.status, 200);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	assert.equal(call.phone.received.length, before, 'nothing was sent to the customer');
});

e2e('a re-INVITE that moves the media to another port (CALL-03)', async ({ agent, talk }) => {
	await stack.queue('600', { entry_prompt: '' });
	const { Media } = await import('../lib/media.mjs');
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await leg.media.hears(440);
	const old = leg.media;
	leg.media = await Media.open('127.0.0.1');
	leg.media.tone(1400);
	old.stop();
	assert.equal((await leg.reinvite()).status, 200);
	await Promise.all([call.media.hears(1400), leg.media.hears(440)]);
	old.close();
});

e2e('a re-INVITE that cannot be served leaves the call as it is (CALL-03)', async ({ agent, talk }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	leg.options.body = 'v=0\r\no=- 1 9 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n';
	const answer = await leg.reinvite();
	assert.ok(answer.status >= 400, `${answer.status}`);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	assert.equal(leg.state, 'up');
});

e2e('session OPTIONS, INFO and UPDATE inside a call are answered (CALL-03)', async ({ agent, talk }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	assert.equal((await leg.inDialog('OPTIONS')).status, 200);
	for (const method of ['INFO', 'UPDATE', 'MESSAGE', 'REFER']) {
		const { status } = await leg.inDialog(method, '', method === 'REFER' ? [['Refer-To', '<sip:804@demo>']] : []);
		assert.ok(status >= 200 && status !== 408, `${method}: ${status}`);
	}
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
});

e2e('a dead phone, its BYE lost: the agent is free again within 20 s (STATE-01)', { timeout: 90000 }, async ({ agent, talk, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await agentState('803', (a) => a.call_state === 'talking');
	leg.media.stop();
	phone.deaf = true;
	const began = Date.now();
	await agentState('803', (a) => a.call_state !== 'talking', 'demo', 25000);
	assert.ok(Date.now() - began <= 21000, `${Date.now() - began} ms`);
	await call.reached('ended', 3000);
	const [row] = await calls(1);
	assert.equal(row.cause, 'answered');
	leg.state = 'ended';
	phone.deaf = false;
});

e2e('a muted phone that is alive keeps its call (STATE-01)', { timeout: 60000 }, async ({ agent, talk }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	leg.media.stop();						// sends nothing, but answers OPTIONS
	await sleep(18000);
	assert.equal(leg.state, 'up');
	assert.equal(call.state, 'up');
	assert.ok(phone.received.some((r) => r.method === 'OPTIONS'), 'it was asked');
	leg.media.start();
	await call.media.hears(1000);
});

e2e('BYE from both sides at the same moment (CDR-02)', async ({ agent, talk, calls }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await Promise.all([call.hangup(), leg.hangup()]);
	const [row] = await calls(1);
	assert.equal(row.cause, 'answered');
});

e2e('the phone loses its registration in the middle of the call: the call goes on (STATE-07)', async ({ agent, talk }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await phone.register(0);
	await sleep(500);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await phone.register();
});
