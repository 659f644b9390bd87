// SPDX-License-Identifier: GPL-2.0-or-later
// The queue: who gets the call, who does not, and how waiting ends.
import assert from 'node:assert/strict';
import { sleep, until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();

const visit = async (call) => {
	const columns = 'queue,agent,offers,result,cause,wait_ms,talk_ms'.split(',');
	const [row] = await stack.sql(`SELECT ${columns} FROM queue_call WHERE call_id = UNHEX('${call.id}')`);
	return Object.fromEntries(columns.map((c, i) => [c, row[i]]));
};

e2e('the customer gives up while waiting (TEL-05 CDR-02 MON-02)', async ({ customer, calls }) => {
	await stack.queue('600', { entry_prompt: '' });
	const call = await (await customer()).reached('up');
	await until('the waiting call', async () => (await stack.stats()).waiting === 1, 10000);
	await sleep(500);
	await call.hangup();
	const [row] = await calls(1);
	assert.deepEqual([row.cause, row.side, row.agent, row.agent_ms], ['caller_hangup', 'caller', null, 0]);
	const queue = await visit(row);
	assert.deepEqual([queue.queue, queue.result, queue.cause], ['600', 'abandoned', 'caller_hangup']);
	assert.ok(queue.wait_ms >= 500 && queue.wait_ms <= row.talk_ms, JSON.stringify({ queue, row }));
});

e2e('the customer gives up during the entry announcement: no queue visit (TEL-05)', async ({ customer, calls }) => {
	const call = await (await customer()).reached('up');
	await sleep(600);
	await call.hangup();
	const [row] = await calls(1);
	assert.equal(row.cause, 'caller_hangup');
	assert.equal(await stack.value(`SELECT COUNT(*) FROM queue_call WHERE call_id = UNHEX('${row.id}')`), '0');
});

e2e('nobody signed in: join_empty off refuses with its own cause (TEL-07 CDR-02)', async ({ customer, calls }) => {
	await stack.queue('600', { join_empty: 0, entry_prompt: '' });
	const call = await customer();
	await call.reached('ended', 15000);
	assert.equal(call.ended.by, 'remote');
	const [row] = await calls(1);
	assert.deepEqual([row.cause, row.side], ['queue_join_empty', 'system']);
	assert.equal((await visit(row)).result, 'refused');
});

e2e('nobody signed in: waits, and an agent who signs in later gets the call (TEL-05 STATE-03)', async ({ customer, agent }) => {
	await stack.queue('600', { entry_prompt: '' });
	const call = await (await customer()).reached('up');
	await sleep(1000);
	const phone = await agent('803', { script: scripts.answer({ tone: 1000, ringFor: 100 }) });
	await phone.incoming(3000);
	await call.media.hears(1000);
});

e2e('max wait: the system ends the call with 队列超时 (TEL-05 CDR-02)', async ({ customer, calls }) => {
	await stack.queue('600', { max_wait_s: 2, entry_prompt: '' });
	const call = await customer();
	await call.reached('ended', 15000);
	const [row] = await calls(1);
	assert.deepEqual([row.cause, row.side], ['queue_timeout', 'system']);
	const queue = await visit(row);
	assert.equal(queue.result, 'overflowed');
	assert.ok(queue.wait_ms >= 1900 && queue.wait_ms < 4000, queue.wait_ms);
});

e2e('queue full: the next caller is refused (TEL-07 CDR-02)', async ({ customer, calls }) => {
	await stack.queue('600', { max_waiting: 1, entry_prompt: '' });
	const first = await (await customer()).reached('up');
	await until('the waiting call', async () => (await stack.stats()).waiting === 1);
	const second = await customer();
	await second.reached('ended', 15000);
	assert.equal(first.state, 'up');
	const [row] = await calls(1);
	assert.equal(row.cause, 'queue_exit');
	assert.equal((await visit(row)).result, 'refused');
});

e2e('longest idle first, list order in a tie (TEL-06)', async ({ agent, customer, agentState }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const got = [];
	for (const number of ['804', '803', '805']) {
		const phone = await agent(number);
		phone.answering(async (call) => {
			got.push(number);
			call.ring();
			await sleep(50);
			call.accept();
		});
	}
	for (let i = 0; i < 5; i++) {
		const call = await customer();
		await until('the agent', () => got.length === i + 1, 5000);
		await call.reached('up');
		await agentState(got[i], (a) => a.call_state === 'talking');
		await call.hangup();
		await agentState(got[i], (a) => a.call_state === 'idle');
	}
	// the first three in turn, then again from the one whose call ended first: never the same agent twice running
	assert.equal(new Set(got.slice(0, 3)).size, 3, got.join(' '));
	assert.deepEqual(got.slice(3), got.slice(0, 2), got.join(' '));
});

e2e('the agent does not answer: ring timeout, then the next by longest idle (TEL-05 TEL-06 TEL-07)', async ({ agent, customer, agentState, calls }) => {
	await stack.queue('600', { ring_timeout_s: 2, entry_prompt: '', wrapup: 'off', retry_delay_s: 5 });
	const lazy = await agent('803', { script: scripts.ring() });
	await sleep(50);
	const eager = await agent('804', { script: scripts.ring() });
	const call = await customer();
	const first = await Promise.race([lazy.incoming().then(() => lazy), eager.incoming().then(() => eager)]);
	const other = first === lazy ? eager : lazy;
	other.answering(scripts.answer({ tone: 1000, ringFor: 50 }));
	const leg = first.calls.at(-1);
	await agentState(first.user, (a) => a.call_state === 'ringing');
	await leg.reached('ended', 5000);
	assert.equal(leg.ended.status, 487, 'the unanswered leg was cancelled');
	const [{ ring_ms: rang }] = await stack.events('queue.noanswer');
	assert.ok(Math.abs(rang - 2000) < 500, `it rang ${rang} ms`);
	await call.media.hears(1000, 6000);
	await agentState(first.user, (a) => a.call_state === 'idle');
	await call.hangup();
	const [row] = await calls(1);
	assert.equal(row.agent, other.user);
	assert.equal((await visit(row)).offers, '2');
	assert.equal(await stack.value(`SELECT JSON_VALUE(fields, '$.why') FROM event WHERE call_id = UNHEX('${row.id}') AND type = 32`), 'timeout');
});

e2e('auto pause after no answer (TEL-07 STATE-06)', async ({ agent, customer, agentState }) => {
	await stack.queue('600', { ring_timeout_s: 1, entry_prompt: '', auto_pause: 1 });
	await agent('803', { script: scripts.ring() });
	const call = await customer();
	const state = await agentState('803', (a) => a.work === 'busy', 'demo', 8000);
	assert.ok(state.reason, JSON.stringify(state));
	await call.hangup();
});

for (const [status, reason, why] of [[486, 'Busy Here', 'busy'], [603, 'Decline', 'reject'], [480, 'Temporarily Unavailable', 'unreachable'], [500, 'Broken', 'unreachable']]) {
	e2e(`the agent's phone answers ${status}: the next agent gets the call (TEL-05)`, async ({ agent, customer, calls }) => {
		await stack.queue('600', { entry_prompt: '', retry_delay_s: 1 });
		const phones = [await agent('803'), await agent('804')];
		let refused;
		for (const phone of phones)
			phone.answering((call) => {
				if (refused && refused !== phone) return scripts.answer({ tone: 1000, ringFor: 50 })(call);
				refused = phone;
				return call.reject(status, reason);
			});
		const call = await customer();
		await call.media.hears(1000, 6000);
		await call.hangup();
		const [row] = await calls(1);
		assert.notEqual(row.agent, refused.user);
		assert.equal(await stack.value(`SELECT JSON_VALUE(fields, '$.why') FROM event WHERE call_id = UNHEX('${row.id}') AND type = 32`), why);
	});
}

e2e('the customer leaves while the agent\'s phone rings: it stops ringing (TEL-05 CDR-02)', async ({ agent, customer, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803', { script: scripts.ring() });
	const call = await customer();
	const leg = await phone.incoming();
	await agentState('803', (a) => a.call_state === 'ringing');
	await call.hangup();
	await leg.reached('ended', 2000);
	assert.ok(leg.cancelled);
	await agentState('803', (a) => a.call_state === 'idle');
	const [row] = await calls(1);
	assert.deepEqual([row.cause, (await visit(row)).result], ['caller_hangup', 'abandoned']);
});

e2e('two calls at once and one agent: never both (TEL-05)', { timeout: 90000 }, async ({ agent, customer, agentState }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const phone = await agent('803');
	phone.answering(scripts.answer({ tone: 1000, ringFor: 50 }));
	for (let round = 0; round < 3; round++) {
		const before = phone.calls.length;
		const both = await Promise.all([customer('4008001', { tone: 440 }), customer('4008001', { tone: 600 })]);
		await until('the agent\'s call', () => phone.calls.length > before, 6000);
		await sleep(1500);
		assert.equal(phone.calls.length, before + 1, 'one INVITE only');
		assert.equal((await stack.stats()).waiting, 1);
		const leg = phone.calls.at(-1);
		const hz = await until('one of them', () => [440, 600].find((tone) => Math.abs(leg.media.pitch(500).hz - tone) <= 8));
		const served = both[hz === 440 ? 0 : 1], waiting = both.find((c) => c !== served);
		await served.media.hears(1000);
		await served.hangup();
		await until('the second call', () => phone.calls.length === before + 2, 6000);
		await waiting.media.hears(1000);
		await phone.calls.at(-1).hangup();
		await waiting.reached('ended');
		await agentState('803', (a) => a.call_state === 'idle');
	}
});

e2e('first come, first served (TEL-05)', async ({ agent, customer, carrier }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const waiting = [];
	for (const tone of [440, 600, 800]) {
		waiting.push(await (await customer('4008001', { tone })).reached('up'));
		await until('it waits', async () => (await stack.stats()).waiting === waiting.length);
	}
	const phone = await agent('803');
	for (const tone of [440, 600, 800]) {
		const leg = await phone.incoming();
		leg.accept();
		await leg.media.hears(tone);
		await leg.hangup();
	}
	await carrier();
});

e2e('wrap-up: no call until it is over by time (TEL-08)', async ({ agent, talk, customer, agentState }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'answered', wrapup_s: 3 });
	const phone = await agent('803');
	const [first] = await talk(phone);
	await first.hangup();
	await agentState('803', (a) => a.call_state === 'wrapup');
	const second = await (await customer()).reached('up');
	const leg = await phone.incoming(8000);
	const [[ended], [, offered]] = await Promise.all([stack.events('call.end'), stack.events('queue.offer', 2)]);
	assert.ok(offered.at - ended.at > 2900 && offered.at - ended.at < 3500, `the next call came after ${offered.at - ended.at} ms`);
	leg.accept({ tone: 1000 });
	await second.media.hears(1000);
});

e2e('wrap-up ended by hand (TEL-08)', async ({ agent, talk, customer, agentState }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'answered', wrapup_s: 0 });
	const phone = await agent('803');
	const [first] = await talk(phone);
	await first.hangup();
	await agentState('803', (a) => a.call_state === 'wrapup');
	await customer();
	await sleep(1500);
	assert.equal((await stack.stats()).waiting, 1, 'wrap-up without end holds calls off');
	await stack.command('cc.agent.wrapup_end', { tenant: await stack.tenant('demo'), agent: '803' });
	await phone.incoming(2000);
});

e2e('a busy agent is not called, an idle one is (STATE-02)', async ({ agent, customer, agentState }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803', { script: scripts.ring() });
	const tenant = await stack.tenant('demo');
	await stack.command('cc.agent.work', { tenant, agent: '803', state: 'busy', reason: 'meeting' });
	await customer();
	await until('it waits', async () => (await stack.stats()).waiting === 1);
	await sleep(1000);
	assert.equal(phone.calls.length, 0);
	await stack.command('cc.agent.work', { tenant, agent: '803', state: 'idle', reason: '' });
	await phone.incoming(2000);
	await assert.rejects(stack.command('cc.agent.work', { tenant, agent: '803', state: 'idle', reason: '' }), 'idle is refused while a call holds the agent');
	await agentState('803', (a) => a.call_state === 'ringing');
});

e2e('a signed-in agent whose phone is not registered is passed over (CALL-01 TEL-05)', async ({ agent, customer }) => {
	await stack.queue('600', { entry_prompt: '' });
	const gone = await agent('803');
	await gone.register(0);
	const here = await agent('804', { script: scripts.answer({ tone: 1000, ringFor: 50 }) });
	const call = await customer();
	await call.media.hears(1000, 6000);
	assert.equal(gone.calls.length, 0);
	assert.equal(here.calls.length, 1);
});

e2e('the other tenant\'s queue 600 and agent 803 are other ones (AUTH-06)', async ({ agent, customer, calls }) => {
	await stack.queue('600', { entry_prompt: '' }, 'other');
	const ours = await agent('801', { script: scripts.ring() });
	const theirs = await agent('801', { tenant: 'other', script: scripts.answer({ tone: 1200, ringFor: 50 }) });
	const call = await customer('4009001');
	await call.media.hears(1200, 15000);
	assert.equal(ours.calls.length, 0);
	assert.equal(theirs.calls.length, 1);
	await call.hangup();
	const [row] = await calls(1);
	assert.equal(await stack.value(`SELECT t.code FROM calls c JOIN tenant t ON t.id = c.tenant_id WHERE c.id = UNHEX('${row.id}')`), 'other');
});
