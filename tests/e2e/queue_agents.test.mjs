// SPDX-License-Identifier: GPL-2.0-or-later
// Which agent gets which call: strategies, priorities, skills, VIP customers; static agents, several queues, direct calls.
import assert from 'node:assert/strict';
import { sleep, until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const tenant = await stack.tenant('demo');

const quiet = { entry_prompt: '', announce_position: 0, music: '', wrapup: 'off' };
const group = (number) => `(SELECT id FROM agent_group g WHERE g.tenant_id=${tenant} AND g.number='${number}')`;
const member = (number) => `(SELECT id FROM agent a WHERE a.tenant_id=${tenant} AND a.number='${number}')`;
const place = (agent, queue = '600') => `tenant_id=${tenant} AND group_id=${group(queue)} AND agent_id=${member(agent)}`;
const waiting = (count = 1) => until(`${count} waiting`, async () => (await stack.stats()).waiting === count, 5000);

// Agents' phones that answer at once; `got` is who had which call, in order.
const office = async (the, numbers) => {
	const got = [];
	for (const number of numbers) {
		const phone = await the.agent(number);
		phone.answering(async (call) => {
			got.push(number);
			call.ring();
			await sleep(30);
			call.accept();
		});
	}
	return got;
};
// Customers one after another, each talks and hangs up.
const serve = async (the, got, count) => {
	for (let i = 0; i < count; i++) {
		const before = got.length;
		const call = await the.customer();
		await until('an agent', () => got.length > before, 5000);
		await call.reached('up');
		await the.agentState(got.at(-1), (a) => a.call_state === 'talking');
		await call.hangup();
		await the.agentState(got.at(-1), (a) => a.call_state === 'idle');
	}
};

for (const [strategy, expected] of [
	['linear', '803 803 803 803'],
	['round_robin', '803 804 805 803 804'],
]) e2e(`strategy ${strategy} (TEL-06)`, async (the) => {
	await stack.queue('600', { ...quiet, strategy });
	const got = await office(the, ['805', '803', '804']);
	await serve(the, got, expected.split(' ').length);
	assert.equal(got.join(' '), expected);
});

e2e('strategy round_robin: saving the queue begins at the top of the list again (TEL-06)', async (the) => {
	await stack.queue('600', { ...quiet, strategy: 'round_robin' });
	const got = await office(the, ['803', '804', '805']);
	await serve(the, got, 1);
	await stack.queue('600', { max_wait_s: 99 });
	await serve(the, got, 1);
	assert.equal(got.join(' '), '803 803');
});

e2e('strategy fewest_calls: evened out, ties in list order (TEL-06)', async (the) => {
	const counts = async () => Object.fromEntries((await stack.command('cc.board', { tenant })).agents.map((a) => [a.agent, a.answered_today]));
	await stack.queue('600', { ...quiet, strategy: 'fewest_calls' });
	const got = await office(the, ['805', '804']);
	for (let i = 0; i < 4; i++) {
		const before = await counts();
		await serve(the, got, 1);
		const expected = before['804'] <= before['805'] ? '804' : '805';
		assert.equal(got.at(-1), expected, JSON.stringify(before));
	}
});

e2e('strategy ring_all: all idle agents ring, the first to answer has it, the others stop (TEL-06)', async ({ agent, customer, agentState }) => {
	await stack.queue('600', { ...quiet, strategy: 'ring_all' });
	const phones = [];
	for (const number of ['801', '802', '803', '804', '805']) phones.push(await agent(number, { script: scripts.ring() }));
	const call = await customer();
	const legs = await Promise.all(phones.map((phone) => phone.incoming()));
	legs[3].accept({ tone: 1000 });
	await call.media.hears(1000);
	for (const leg of legs.filter((l) => l !== legs[3])) await leg.reached('ended', 2000);
	for (const number of ['801', '802', '803', '805']) await agentState(number, (a) => a.call_state === 'idle');
	await call.hangup();
});

e2e('agent priority: after the ring timeout the next priority is called (TEL-28)', async ({ agent, customer }) => {
	await stack.configure('agent_group_member', place('803'), { priority: 2 });
	await stack.queue('600', { ...quiet, strategy: 'linear', ring_timeout_s: 1, retry_delay_s: 0 });
	const second = await agent('803', { script: scripts.ring() });
	const first = await agent('804', { script: scripts.ring() });
	const also = await agent('805', { script: scripts.ring() });
	const call = await customer();
	await first.incoming(2000);
	await second.incoming(3000);
	assert.equal(also.calls.length, 0, 'another one of priority 1 comes after those of priority 2');
	await also.incoming(3000);
	await call.hangup();
});

e2e('retry delay: the pause before the next agent is called (TEL-07)', async ({ agent, customer }) => {
	await stack.queue('600', { ...quiet, strategy: 'linear', retry_delay_s: 2 });
	await agent('803', { script: scripts.reject() });
	const next = await agent('804', { script: scripts.ring() });
	const call = await customer();
	await next.incoming(6000);
	const [[refused], [, offered]] = await Promise.all([stack.events('queue.noanswer'), stack.events('queue.offer', 2)]);
	assert.ok(offered.at - refused.at > 1900 && offered.at - refused.at < 2500, `${offered.at - refused.at} ms`);
	await call.hangup();
});

e2e('skills: who has the level first, others when the caller has waited for it (TEL-05)', async ({ agent, customer }) => {
	const [[skill]] = await stack.sql(`SELECT id FROM skill WHERE tenant_id=${tenant}`);
	await stack.add('agent_group_skill', { tenant_id: tenant, group_id: group('600'), skill_id: skill, level: 3 });
	await stack.add('agent_skill', { tenant_id: tenant, agent_id: member('804'), skill_id: skill, level: 3 });
	await stack.add('agent_skill', { tenant_id: tenant, agent_id: member('803'), skill_id: skill, level: 1 });
	await stack.queue('600', { ...quiet, relax_s: 1 });
	const less = await agent('803', { script: scripts.ring() });
	const master = await agent('804', { script: scripts.ring() });
	const one = await customer();
	await master.incoming(1500);
	const two = await customer();
	await less.incoming(5000);
	const [, { wait_ms: waited }] = await stack.events('queue.offer', 2);
	assert.ok(waited > 1900 && waited < 2500, `two levels less took ${waited} ms`);
	await one.hangup();
	await two.hangup();
});

e2e('VIP customers: 尊贵 before 重要 before 普通 before all others, behind who is being served (PLAT-14)', async ({ agent, customer }) => {
	const levels = { 13800000001: 'noble', 13800000002: 'normal', 13800000003: 'important' };
	for (const [number, level] of Object.entries(levels))
		await stack.add('vip_customer', { tenant_id: tenant, group_id: group('600'), number: `'${number}'`, number_e164: `'86${number}'`, level: `'${level}'`, created_at: 0 });
	await stack.queue('600', quiet);
	const phone = await agent('803');
	const talking = await customer('4008001', { from: '13800000009' });
	const first = await phone.incoming();
	first.accept();
	await talking.reached('up');
	let count = 0;
	for (const from of ['13800000008', '13800000002', '13800000003', '13800000001']) {
		await (await customer('4008001', { from })).reached('up');
		await waiting(++count);
	}
	await first.hangup();
	const order = [];
	for (let i = 0; i < 4; i++) {
		const leg = await phone.incoming();
		order.push(leg.from);
		leg.accept();
		await leg.reached('up');
		await sleep(100);
		await leg.hangup();
	}
	assert.deepEqual(order, ['13800000001', '13800000003', '13800000002', '13800000008']);
});

e2e('a static agent is signed in by itself and cannot sign out; others can (TEL-33)', async ({ phone, code, agentState, customer }) => {
	await stack.configure('agent_group_member', place('803'), { fixed: 1 });
	await stack.queue('600', quiet);
	try {
		const set = await phone('803');
		await agentState('803', (a) => a.queues.includes('600'));
		await stack.command('cc.agent.work', { tenant, agent: '803', state: 'idle', reason: '' });
		await code(set, '*000');
		await assert.rejects(stack.command('cc.agent.sign', { tenant, agent: '803', queue: '600', on: false }));
		await agentState('803', (a) => a.queues.includes('600'));
		const call = await customer();
		(await set.incoming()).accept({ tone: 1000 });
		await call.media.hears(1000);
		await call.hangup();
	} finally {
		await stack.restore();
	}
	await stack.command('cc.agent.sign', { tenant, agent: '803', queue: '600', on: false });
	await agentState('803', (a) => !a.queues.length);
});

e2e('one agent in two queues: signs in to one of them, is busy in one of them (STATE-03 STATE-04)', async ({ agent, customer, agentState }) => {
	await stack.add('agent_group_member', { tenant_id: tenant, group_id: group('601'), agent_id: member('803'), position: 99 });
	await stack.queue('601', quiet);
	await stack.queue('600', quiet);
	const phone = await agent('803', { script: scripts.ring() });
	await agentState('803', (a) => a.queues.join(' ') === '600 601');
	const state = await stack.command('cc.agent.pause', { tenant, agent: '803', queue: '600', on: true, reason: '培训' });
	assert.deepEqual([state.paused_queues, state.work, state.paused], [['600'], 'online', false]);
	const paused = await customer('4008001');
	await waiting();
	await sleep(500);
	assert.equal(phone.calls.length, 0);
	const other = await customer('4008003');
	await phone.incoming(2000);
	await other.hangup();
	await phone.calls[0].reached('ended');
	await stack.command('cc.agent.pause', { tenant, agent: '803', queue: '600', on: false });
	await phone.incoming(2000);
	await paused.hangup();
	await stack.command('cc.agent.sign', { tenant, agent: '803', queue: '600', on: false });
	await agentState('803', (a) => a.queues.join(' ') === '601');
	await assert.rejects(stack.command('cc.agent.pause', { tenant, agent: '803', queue: '600', on: true }), /not_signed_in/);
	const rows = await until('the events', async () => {
		const found = await stack.sql(`SELECT what,queue,reason,initiator FROM agent_event WHERE tenant_id=${tenant} AND agent='803' AND what LIKE 'queue_%' ORDER BY seq DESC LIMIT 2`);
		return found.length === 2 && found[0][0] === 'queue_idle' && found;
	});
	assert.deepEqual(rows.map((r) => r.slice(0, 2)), [['queue_idle', '600'], ['queue_busy', '600']]);
	assert.equal(rows[1][2], '培训');
});

e2e('auto pause: 未应答, the call goes to the next agent; idle again ends it (TEL-07 STATE-06)', async ({ agent, customer, agentState }) => {
	await stack.queue('600', { ...quiet, strategy: 'linear', ring_timeout_s: 1, auto_pause: 1, retry_delay_s: 0 });
	await agent('803', { script: scripts.ring() });
	const next = await agent('804', { script: scripts.ring() });
	const call = await customer();
	const state = await agentState('803', (a) => a.work === 'busy', 'demo', 5000);
	assert.deepEqual([state.reason, state.paused], ['no_answer', true]);
	await next.incoming(2000);
	await call.hangup();
	await stack.command('cc.agent.work', { tenant, agent: '803', state: 'idle', reason: '' });
	await agentState('803', (a) => a.work === 'online' && a.reason === '');
});

for (const [wrapup, answered, missed] of [['off', 'idle', 'idle'], ['answered', 'wrapup', 'idle'], ['ringing', 'wrapup', 'wrapup']])
	e2e(`wrap-up ${wrapup}: after a call ${answered}, after ringing without an answer ${missed} (TEL-08)`, async ({ agent, talk, customer, agentState }) => {
		await stack.queue('600', { ...quiet, wrapup, wrapup_s: 0 });
		const phone = await agent('803');
		const [call] = await talk(phone);
		await call.hangup();
		await phone.calls[0].reached('ended');
		await agentState('803', (a) => a.call_state === answered);
		if (answered === 'wrapup') await stack.command('cc.agent.wrapup_end', { tenant, agent: '803' });
		const other = await customer();
		const leg = await phone.incoming();
		leg.ring();
		await agentState('803', (a) => a.call_state === 'ringing');
		await other.hangup();
		await leg.reached('ended');
		await agentState('803', (a) => a.call_state === missed);
		if (missed === 'wrapup') await stack.command('cc.agent.wrapup_end', { tenant, agent: '803' });
	});

// ---- the reservation on other ways to an agent

e2e('a DID of an agent: rings, answers only with the agent, one call at a time (TEL-10 STATE-02)', async ({ phone, agent, customer, calls, agentState }) => {
	await stack.configure('did', `tenant_id=${tenant} AND number='4008003'`, { target_kind: 'agent', target: '803' });
	const set = await agent('803');
	const call = await customer('4008003');
	const leg = await set.incoming();
	leg.ring();
	await call.reached('ringing');
	await agentState('803', (a) => a.call_state === 'ringing');
	const second = await customer('4008003');
	await second.reached('ended');
	assert.equal(second.ended.status, 486);
	await customer('4008001').then((queued) => sleep(1500).then(() => queued.hangup()));
	assert.equal(set.calls.length, 1, 'a queue call does not reach him meanwhile');
	leg.accept({ tone: 1000 });
	await call.media.hears(1000);
	await leg.media.hears(440);
	await leg.hangup();
	await call.reached('ended');
	const row = (await calls(3)).find((r) => r.agent);
	assert.deepEqual([row.cause, row.side, row.agent, row.queue], ['answered', 'callee', '803', null]);
	await agentState('803', (a) => a.call_state === 'idle');
	await set.register(0);
	const gone = await customer('4008003');
	await gone.reached('ended');
	assert.equal(gone.ended.status, 480);
	void phone;
});

e2e('agent to agent: both are reserved; busy and unanswered are said by their codes (STATE-02 CDR-02)', async ({ agent, customer, calls, agentState }) => {
	await stack.queue('600', quiet);
	const caller = await agent('803', { script: scripts.answer({ tone: 1200 }) });
	const called = await agent('804');
	const call = await caller.dial('804', { tone: 440 });
	const leg = await called.incoming();
	assert.equal(leg.from, '803');
	leg.ring();
	leg.accept({ tone: 1000 });
	await call.media.hears(1000);
	await leg.media.hears(440);
	await agentState('803', (a) => a.call_state === 'talking');
	const waits = await (await customer()).reached('up');
	await waiting();
	await sleep(500);
	assert.equal(caller.calls.length + called.calls.length, 2, 'no queue call to either of them');
	await call.hangup();
	await leg.reached('ended');
	await waits.reached('up');
	await until('the queue call', () => caller.calls.length + called.calls.length === 3, 5000);
	await waits.hangup();
	await agentState('803', (a) => a.call_state === 'idle');
	await agentState('804', (a) => a.call_state === 'idle');
	called.answering(scripts.reject());
	const busy = await caller.dial('804');
	await busy.reached('ended');
	assert.equal(busy.ended.status, 486);
	const self = await caller.dial('803');
	await self.reached('ended');
	assert.equal(self.ended.status, 486);
	const rows = await calls(4);
	assert.deepEqual(rows.map((r) => r.cause), ['answered', rows[1].cause, 'busy', 'busy']);
});

e2e('an agent dials a queue (TEL-05)', async ({ agent, phone }) => {
	await stack.queue('600', quiet);
	await agent('804', { script: scripts.answer({ tone: 1000, ringFor: 50 }) });
	const caller = await phone('807');
	const call = await caller.dial('600', { tone: 440 });
	await call.reached('up');
	await call.media.hears(1000);
	await call.hangup();
});
