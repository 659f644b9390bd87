// SPDX-License-Identifier: GPL-2.0-or-later
// The transfer key of an agent's phone (REFER, RFC 3515): blind and attended, refused and failed; and phones that send on.
import assert from 'node:assert/strict';
import { tagOf } from '../lib/sip-message.mjs';
import { dominantPitch } from '../lib/tone.mjs';
import { until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();

const quiet = { entry_prompt: '', wrapup: 'off', announce_position: 0 };
// replaces: the call of the same phone that its other party is to be taken from
const refer = (leg, number, replaces) => leg.inDialog('REFER', '', [['Refer-To', replaces
	? `<sip:${number}@demo?Replaces=${encodeURIComponent(`${replaces.callId};to-tag=${tagOf(replaces.remote)};from-tag=${tagOf(replaces.local)}`)}>`
	: `<sip:${number}@demo>`], ['Referred-By', `<${leg.phone.contact}>`]]);
// What the phone was told of its transfer: status codes, and whether it was the last word.
const notes = (leg) => leg.phone.received.filter((m) => m.method === 'NOTIFY' && m.get('call-id') === leg.callId)
	.map((m) => [Number(/^SIP\/2.0 (\d+)/.exec(m.body)?.[1]), /^terminated/.test(m.get('subscription-state'))]);
const told = (leg, status) => until(`NOTIFY ${status}`, () => notes(leg).some(([s, last]) => s === status && last), 5000, 20);
const transfers = async (row) => (await stack.sql(`SELECT fields FROM event WHERE call_id=UNHEX('${row.id}') AND type=15 ORDER BY seq`)).map(([f]) => JSON.parse(f));

e2e('blind transfer to an agent: refused, failed, and done; the call goes on each time (CALL-04)', async ({ agent, talk, agentState, calls }) => {
	await stack.queue('600', quiet);
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	const target = await agent('804', { script: scripts.reject(603, 'Decline') });
	assert.equal((await refer(leg, '899')).status, 404);
	assert.equal((await refer(leg, '803')).status, 486);
	assert.deepEqual(notes(leg), []);
	assert.equal((await refer(leg, '804')).status, 202);
	await told(leg, 603);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await agentState('804', (a) => a.call_state === 'idle');
	target.answering(scripts.answer({ ringFor: 300, tone: 700 }));
	assert.equal((await refer(leg, '804')).status, 202);
	await told(leg, 200);
	assert.deepEqual(notes(leg).slice(-3), [[100, false], [180, false], [200, true]]);
	await leg.reached('ended');
	const [last] = target.calls.slice(-1);
	assert.equal(last.from, '13800000001');
	await Promise.all([call.media.hears(700), last.media.hears(440)]);
	await agentState('803', (a) => a.call_state === 'idle');
	await call.hangup();
	await last.reached('ended');
	const [row] = await calls();
	assert.deepEqual([row.cause, row.side, row.agent], ['answered', 'caller', '804']);
	assert.deepEqual((await transfers(row)).map((t) => [t.kind, t.agent, t.target, t.result, t.sip_code]), [['blind', '803', '899', 'refused', 404],
		['blind', '803', '803', 'refused', 486], ['blind', '803', '804', 'failed', 603], ['blind', '803', '804', 'done', 200]]);
});

e2e('blind transfer to a queue by a phone that hangs up at once (CALL-04)', async ({ agent, talk, calls }) => {
	await stack.queue('600', quiet);
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await stack.command('cc.agent.work', { tenant: await stack.tenant('demo'), agent: '803', state: 'busy', reason: '' });
	const next = await agent('804', { script: scripts.answer({ tone: 700 }) });
	const answer = refer(leg, '600');
	assert.equal((await answer).status, 202);
	await leg.reached('ended');
	await call.media.hears(700);
	await next.calls.at(-1).hangup();
	await call.reached('ended');
	const [row] = await calls();
	const visits = await stack.sql(`SELECT visit,queue,result,agent FROM queue_call WHERE call_id=UNHEX('${row.id}') ORDER BY visit`);
	assert.deepEqual(visits, [['1', '600', 'answered', '803'], ['2', '600', 'answered', '804']]);
});

e2e('blind transfer to a number outside: the agent is free, the caller hears the network there, then the two hear each other; whoever is there may not move calls (CALL-04)', async ({ agent, carrier, talk, agentState, calls }) => {
	await stack.queue('600', quiet);
	const [call, leg] = await talk(await agent('803')), trunk = await carrier();
	assert.equal((await refer(leg, '13900000005')).status, 202);
	await told(leg, 200);
	await leg.reached('ended');
	await agentState('803', (a) => a.call_state === 'idle');
	const outside = await trunk.incoming();
	assert.deepEqual([outside.invite.uri.split('@')[0], outside.from], ['sip:+8613900000005', '4008001']);
	outside.media.tone(500);
	outside.ring({ status: 183, media: true });		// before the answer
	await call.media.hears(500);
	assert.equal(dominantPitch(outside.media.heard()).hz, 0, 'and not the other way round');
	outside.accept({ tone: 700 });
	await Promise.all([call.media.hears(700), outside.media.hears(440)]);
	assert.equal((await refer(outside, '804')).status, 603);
	await outside.hangup();
	await call.reached('ended');
	const [row] = await calls();
	assert.deepEqual([row.cause, row.side, row.agent], ['answered', 'callee', '803']);
	assert.deepEqual((await transfers(row)).map((t) => [t.node, t.target, t.result]), [['out', '13900000005', 'done']]);
});

e2e('a blind transfer that nobody answers calls back who made it, with the prefix (CALL-04)', async ({ agent, talk, calls }) => {
	const tenant = await stack.tenant('demo');
	await stack.add('preference', { tenant_id: tenant, name: "'transfer_callback_prefix'", value: "'Back: '" });
	await stack.add('preference', { tenant_id: tenant, name: "'transfer_timeout_s'", value: "'5'" });
	await stack.queue('600', quiet);
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	const target = await agent('804', { script: scripts.ring() });
	assert.equal((await refer(leg, '804')).status, 202);
	await target.incoming();
	await leg.hangup();
	const began = Date.now();
	const again = await phone.incoming(8000);
	assert.ok(Date.now() - began > 3500 && Date.now() - began < 7000, `after ${Date.now() - began} ms`);
	assert.match(again.invite.get('from'), /^"?Back: /);
	again.accept({ tone: 1000 });
	await Promise.all([call.media.hears(1000), again.media.hears(440)]);
	await call.hangup();
	const [row] = await calls();
	assert.deepEqual([row.cause, row.agent], ['answered', '803']);
});

e2e('attended transfer: asks another agent in a second call of the phone, then connects the two (CALL-05)', async ({ agent, talk, agentState, calls }) => {
	await stack.queue('600', quiet);
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	const other = await agent('804', { script: scripts.answer({ tone: 700 }) });
	assert.equal((await leg.reinvite('sendonly')).status, 200);
	const question = await (await phone.dial('804', { tone: 1500 })).reached('up');
	const [answered] = other.calls;
	await Promise.all([question.media.hears(700), answered.media.hears(1500)]);
	assert.ok(call.media.level() > -50, 'the customer hears music');
	assert.equal((await refer(leg, '804', question)).status, 202);
	await told(leg, 200);
	await Promise.all([leg.reached('ended'), question.reached('ended')]);
	await Promise.all([call.media.hears(700), answered.media.hears(440)]);
	await agentState('803', (a) => a.call_state === 'idle');
	assert.equal((await agentState('804')).call_state, 'talking');
	await answered.hangup();
	await call.reached('ended');
	const rows = await calls();
	assert.deepEqual(rows.map((r) => [r.cause, r.side, r.agent]), [['answered', 'callee', '804']]);
	assert.deepEqual((await transfers(rows[0])).map((t) => [t.kind, t.agent, t.target, t.result]), [['attended', '803', '804', 'done']]);
});

e2e('a question that leads to nothing: the agent is asked for by nobody else, and the talk goes on (CALL-05)', async ({ agent, talk, agentState, calls }) => {
	await stack.queue('600', quiet);
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	const other = await agent('804', { script: scripts.ring() });
	const question = await (await phone.dial('804')).reached('ringing');
	await question.cancel();
	await other.calls[0].reached('ended');
	await agentState('804', (a) => a.call_state === 'idle');
	other.answering(scripts.reject());
	const busy = await (await phone.dial('804')).reached('ended');
	assert.equal(busy.ended.status, 486);
	const stranger = await refer(leg, '804', busy);
	assert.equal(stranger.status, 481, 'no such dialog');
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await call.hangup();
	await leg.reached('ended');
	assert.equal((await calls()).length, 1);
});

e2e('a phone that sends a call on (302) is not followed: it counts as not answered, with its own reason (TEL-01 TEL-07)', async ({ agent, customer, calls }) => {
	await stack.queue('600', { ...quiet, strategy: 'linear', auto_pause: 1 });
	const phone = await agent('803', { script: (call) => call.reject(302, 'Moved Temporarily', [['Contact', `<sip:804@${stack.sip.address}:${stack.sip.port}>`]]) });
	const call = await customer();
	await until('the offer', () => phone.calls.length);
	await until('the pause', async () => (await stack.command('cc.agent.get', { tenant: await stack.tenant('demo'), agent: '803' })).paused);
	await call.reached('up');
	await call.hangup();
	const [row] = await calls();
	const missed = await stack.sql(`SELECT fields FROM event WHERE call_id=UNHEX('${row.id}') AND type=32`);
	assert.deepEqual(missed.map(([f]) => { const { why, sip_code } = JSON.parse(f); return [why, sip_code]; }), [['redirected', 302]]);
});
