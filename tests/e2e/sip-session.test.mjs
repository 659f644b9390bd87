// SPDX-License-Identifier: GPL-2.0-or-later
// Session timers (RFC 4028), and limits on calls: a stack of its own, with times that a test can wait for.
import assert from 'node:assert/strict';
import { sdp } from '../lib/sip-message.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world({ own: { offset: -4000, env: { CC_SESSION_S: '9', CC_SESSION_MIN_S: '6', CC_CALLS_MAX: '4', CC_TENANT_CALLS_MAX: '3' } } });
const quick = () => stack.queue('600', { entry_prompt: '', wrapup: 'off' });
const TIMER = ['Supported', 'timer'];
const asked = (phone, method) => phone.received.filter((r) => r.method === method && r.get('session-expires'));

e2e('a session that is too short is refused with 422 and the least (CDR-02)', async ({ customer }) => {
	await quick();
	const call = await customer('4008001', { headers: [TIMER, ['Session-Expires', '3']] });
	await call.reached('ended');
	assert.deepEqual([call.ended.status, call.answer.get('min-se')], [422, '6']);
	const malformed = await customer('4008001', { headers: [TIMER, ['Session-Expires', 'soon']] });
	await malformed.reached('ended');
	assert.equal(malformed.ended.status, 400);
});

e2e('a phone that wants a longer session than we ask for gets the INVITE again, once with 422 and no more (RFC 4028 7.3) (CDR-02)', async ({ agent, customer, agentState }) => {
	await quick();
	const phone = await agent('803');
	const call = await customer();
	const short = await phone.incoming();
	assert.match(short.invite.get('session-expires'), /^9$/);
	short.reject(422, 'Session Interval Too Small', [['Min-SE', '30']]);
	const leg = await phone.incoming();
	assert.deepEqual([leg.callId, leg.invite.cseq[1], leg.invite.get('session-expires'), leg.invite.get('min-se')], [short.callId, '2', '30', '30']);
	leg.ring();
	leg.accept({ tone: 1000, headers: [['Session-Expires', '30;refresher=uac'], ['Require', 'timer']] });
	await call.reached('up');
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await call.hangup();
	await leg.reached('ended');
	const second = await customer();
	const again = await phone.incoming();
	again.reject(422, 'Session Interval Too Small', [['Min-SE', '5']]);		// no reason that we could follow
	await agentState('803', (a) => a.call_state !== 'ringing' && a.call_state !== 'reserved');
	await second.hangup();
});

e2e('a caller that refreshes stays in the call, and the call ends when it stops (CDR-02)', { timeout: 60000 }, async ({ customer, calls }) => {
	await quick();
	const call = await (await customer('4008001', { headers: [TIMER, ['x', '6;refresher=uac']] })).reached('up');
	assert.match(call.answer.get('session-expires'), /^6;refresher=uac$/);
	assert.match(call.answer.get('require'), /timer/);
	for (let i = 0; i < 3; i++) {
		await sleep(3000);
		const answer = i % 2 ? await call.inDialog('UPDATE', '', [TIMER, ['Session-Expires', '6;refresher=uac']])
			: await call.reinvite('sendrecv', [TIMER, ['Session-Expires', '6;refresher=uac']]);
		assert.equal(answer.status, 200);
		assert.match(answer.get('session-expires'), /^6;refresher=uac$/);
	}
	assert.equal(call.state, 'up', 'after three times the interval\'s half');
	const began = Date.now();
	await call.reached('ended', 8000);
	assert.ok(Date.now() - began > 2500, `${Date.now() - began} ms after the last refresh`);
	assert.equal(call.ended.by, 'remote');
	assert.equal((await calls(1)).length, 1);
});

e2e('we refresh a caller that leaves it to us: UPDATE where it is allowed (CDR-02)', { timeout: 60000 }, async ({ customer, carrier }) => {
	await quick();
	const call = await (await customer('4008001', { headers: [TIMER, ['Allow', 'INVITE, BYE, UPDATE'], ['Session-Expires', '6;refresher=uas']] })).reached('up');
	assert.match(call.answer.get('session-expires'), /^6;refresher=uas$/);
	const line = await carrier();
	call.respondTo = (r) => (r.method === 'UPDATE' ? [200, 'OK', [['Session-Expires', r.get('session-expires')], ['Require', 'timer'], ['Contact', `<${line.contact}>`]]] : undefined);
	await until('two UPDATEs', () => asked(line, 'UPDATE').length >= 2, 12000);
	assert.match(asked(line, 'UPDATE')[0].get('session-expires'), /^6;refresher=uac$/);
	assert.equal(call.state, 'up');
	call.respondTo = (r) => (r.method === 'UPDATE' ? [481, 'Gone'] : undefined);
	await call.reached('ended', 12000).catch(() => {});
	await until('no call', async () => (await stack.stats()).calls === 0, 4000);
	call.state = 'ended';
});

e2e('we refresh by re-INVITE where UPDATE is not allowed, wait and ask again after 491, and sound goes on (CDR-02 CALL-03)', { timeout: 60000 }, async ({ agent, customer }) => {
	await quick();
	const phone = await agent('803');
	const call = await customer();
	const leg = await phone.incoming();
	assert.match(leg.invite.get('session-expires'), /^9$/);
	assert.match(leg.invite.get('supported'), /timer/);
	leg.accept({ tone: 1000, headers: [['Session-Expires', '9;refresher=uac'], ['Require', 'timer'], ['Allow', 'INVITE, ACK, BYE']] });
	await call.reached('up');
	let refused = 0;
	leg.respondTo = (r) => {
		if (r.method !== 'INVITE') return undefined;
		if (refused++ === 0) return [491, 'Request Pending'];
		return [200, 'OK', [['Session-Expires', '9;refresher=uac'], ['Require', 'timer'], ['Contact', `<${phone.contact}>`], ['Content-Type', 'application/sdp']],
			sdp({ address: leg.media.address, port: leg.media.port, codecs: [0, 101], version: 5 + refused })];
	};
	await until('the re-INVITE', () => refused >= 1, 8000);
	const at = Date.now();
	await until('another one after 491', () => refused >= 2, 6000);
	assert.ok(Date.now() - at >= 2000, `after ${Date.now() - at} ms: who made the Call-ID waits 2.1 to 4 s`);
	await sleep(3500);
	assert.equal(leg.state, 'up');
	leg.media.payloadType = 0;
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	assert.ok(phone.received.some((r) => r.method === 'ACK' && Number(r.cseq[1]) > 1), 'its 200 has an ACK');
});

e2e('an agent\'s phone that promised to refresh and does not: its leg ends, the agent is free (STATE-01)', { timeout: 60000 }, async ({ agent, customer, agentState }) => {
	await quick();
	const phone = await agent('803');
	const call = await customer();
	const leg = await phone.incoming();
	leg.accept({ tone: 1000, headers: [['Session-Expires', '6;refresher=uas']] });
	await call.reached('up');
	await until('our BYE', () => leg.state === 'ended', 9000);
	await call.reached('ended', 3000);
	await agentState('803', (a) => a.call_state === 'idle');
});

e2e('a phone without session timers has none (CDR-02)', { timeout: 60000 }, async ({ agent, talk }) => {
	await quick();
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await sleep(10000);
	assert.deepEqual([call.state, leg.state], ['up', 'up']);
	assert.equal(asked(phone, 'UPDATE').length + asked(phone, 'INVITE').length, 1, 'only the first INVITE spoke of it');
});

// ---- limits

e2e('calls of one tenant and of the platform are limited: 503 with Retry-After, others go on, and room is found again (MON-05)', { timeout: 60000, allow: [/new calls are/] }, async ({ customer }) => {
	await quick();
	const mine = [];
	for (let i = 0; i < 3; i++) mine.push(await (await customer()).reached('up'));
	const fourth = await customer();
	await fourth.reached('ended');
	assert.equal(fourth.ended.status, 503);
	assert.match(fourth.answer.get('retry-after'), /^\d+$/);
	const { refused_total: refused } = await stack.stats();
	assert.ok(refused >= 1);
	await mine[0].media.hearsNothing(1).catch(() => {});
	assert.ok(mine.every((c) => c.state === 'up'), 'who is there stays');
	await until('the alarm in the journal', async () => (await stack.sql(`SELECT fields FROM event WHERE type=4 AND fields LIKE '%tenant_calls_max%'`)).length, 5000);
	await mine[0].hangup();
	await until('a place', async () => (await stack.stats()).calls === 2, 3000);
	await (await customer()).reached('up');
});
