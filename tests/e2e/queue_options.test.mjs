// SPDX-License-Identifier: GPL-2.0-or-later
// Every option of a queue that somebody can notice: what is said and when, what can be pressed, how waiting ends and
// where the call goes then. Prompts of these cases are tones, so that what is heard is measured.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Browser, api } from '../lib/http.mjs';
import { findClip, shareOf, toneSource } from '../lib/tone.mjs';
import { readWav, writeWav } from '../lib/wav.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const tenant = await stack.tenant('demo');

// A prompt of a tone: its name in a queue's options. Music has no language.
const tone = (hz, ms = 800) => {
	writeWav(join(stack.prefix, `prompts/zh/test_${hz}.wav`), toneSource(hz)(8 * ms));
	return `test_${hz}`;
};
const music = (hz) => `zh/${tone(hz, 2000)}`;
const quiet = { entry_prompt: '', announce_position: 0, music: '' };
const id = (number) => `(SELECT id FROM agent_group g WHERE g.tenant_id=${tenant} AND g.number='${number}')`;
const text = (value) => `'${value}'`;
const key = (digit, kind, target = '', queue = '600') => stack.add('agent_group_key',
	{ tenant_id: tenant, group_id: id(queue), digit: text(digit), target_kind: text(kind), target: text(target) });

const visits = async (call) => (await stack.sql(`SELECT queue,result,cause,agent FROM queue_call WHERE call_id=UNHEX('${call.id}') ORDER BY visit`))
	.map((row) => row.filter(Boolean).join(' '));
const waiting = (count = 1) => until(`${count} waiting`, async () => (await stack.stats()).waiting === count, 5000);
const clip = (call, name) => findClip(call.media.heard(), readWav(join(stack.prefix, `prompts/zh/${name}.wav`)).channels[0]);
// Waits until all of these prompts were heard: where each was found.
const told = (call, names) => until(`hearing ${names.join(', ')}`, () => {
	const at = names.map((name) => clip(call, name));
	if (at.every(({ score }) => score > 0.8)) return at;
	throw new Error(JSON.stringify(at));
}, 20000, 500);
// Whether this pitch is heard, for every 100 ms. By the clock of the sound itself: packets come in bursts on a busy machine.
const tenths = (heard, hz) => Array.from({ length: Math.floor(heard.length / 800) }, (_, i) => shareOf(heard.subarray(800 * i, 800 * (i + 1)), hz) > 0.8);
// Milliseconds at which it was heard to begin, each time.
const beginnings = (heard, hz) => tenths(heard, hz)
	.flatMap((now, i, all) => (now && !all.slice(Math.max(0, i - 3), i).some(Boolean) ? [100 * i] : []));

// ---- what is heard

e2e('waiting music, another one on the next event after a change, and none (TEL-07)', async ({ customer }) => {
	await stack.queue('600', { ...quiet, music: music(700) });
	const call = await (await customer()).reached('up');
	await call.media.hears(700);
	await stack.queue('600', { music: music(850) });
	await call.media.hears(850, 2000);
	await stack.queue('600', { music: '' });
	await call.media.hearsNothing();
});

e2e('periodic announcement: again and again with its period, the music goes on between (TEL-07)', async ({ customer }) => {
	await stack.queue('600', { ...quiet, music: music(700), periodic_prompt: tone(1200), periodic_s: 2 });
	const call = await (await customer('4008001', { tone: 0 })).reached('up');
	const at = beginnings(await call.media.first(7300), 1200);
	assert.equal(at.length, 3, at.join(' '));
	at.forEach((ms, i) => assert.ok(Math.abs(ms - 2000 * (i + 1)) < 400, at.join(' ')));
	await call.media.hears(700);
});

e2e('a holiday: its prompt instead of the entry announcement, on that day of the tenant only (TEL-07)', async ({ customer }) => {
	await stack.queue('600', { ...quiet, entry_prompt: tone(600), holiday_prompt: tone(1200) });
	const usual = await (await customer('4008001', { tone: 0 })).reached('up');
	await usual.media.hears(600);
	await usual.hangup();
	await stack.add('holiday', { tenant_id: tenant, day: "DATE(CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', '+08:00'))" });
	await stack.reload();
	const holiday = await (await customer('4008001', { tone: 0 })).reached('up');
	await holiday.media.hears(1200);
	await waiting();
});

e2e('position and estimated waiting time (TEL-07)', async ({ agent, talk, customer }) => {
	await stack.queue('600', { ...quiet, wrapup: 'off', announce_position: 1, announce_wait: 1 });
	const phone = await agent('803');
	const [first] = await talk(phone, { tones: [0, 0] });
	await sleep(1500);
	await first.hangup();
	const [second] = await talk(phone, { tones: [0, 0] });
	const third = await (await customer('4008001', { tone: 0 })).reached('up');
	await told(third, ['position_before', 'number_1', 'wait_before', 'wait_after_one']);
	assert.ok(clip(third, 'position_before').ms < clip(third, 'wait_before').ms);
	await second.hangup();
});

e2e('announcement to the agent: both hear it first, then each other; the agent\'s number (TEL-07)', async ({ agent, customer }) => {
	await stack.queue('600', { ...quiet, agent_prompt: tone(1300, 1500) });
	const phone = await agent('803');
	const call = await (await customer('4008001', { tone: 440 })).reached('up');
	const leg = await phone.incoming();
	leg.accept({ tone: 1000 });
	for (const side of [leg, call]) await until('the announcement', () => tenths(side.media.heard(), 1300).filter(Boolean).length >= 10);
	await Promise.all([leg.media.hears(440), call.media.hears(1000)]);
	await call.hangup();
	await leg.reached('ended');
	await stack.queue('600', { agent_prompt: '', announce_agent: 1, wrapup: 'off' });
	await stack.command('cc.agent.wrapup_end', { tenant, agent: '803' });
	const other = await (await customer('4008001', { tone: 440 })).reached('up');
	(await phone.incoming()).accept({ tone: 0 });
	const at = await told(other, ['agent_number_before', 'number_8', 'number_0', 'number_3', 'agent_number_after']);
	assert.deepEqual([...at].sort((a, b) => a.ms - b.ms), at, 'in this order');
});

e2e('the agent\'s phone shows the queue\'s prefixes and is asked to answer by itself (TEL-07 TEL-08)', async ({ agent, customer }) => {
	await stack.queue('600', { ...quiet, prefix_name: '销售-', prefix_number: '600*', auto_answer: 1 });
	const phone = await agent('803');
	await customer();
	const leg = await phone.incoming();
	assert.match(leg.invite.get('from'), /"销售-[^"]*" *<sip:600\*13800000001@/);
	assert.match(leg.invite.get('call-info'), /answer-after=0/);
	assert.match(leg.invite.get('alert-info'), /alert-autoanswer/);
	assert.equal(leg.invite.get('answer-mode'), 'Auto');
	leg.reject();
	await stack.queue('600', { auto_answer: 0, prefix_name: '', prefix_number: '' });
	const again = await phone.incoming();
	assert.equal(again.invite.get('call-info'), undefined, 'the next offer is under the new options');
	assert.equal(again.from, '13800000001');
});

e2e('the agent\'s phone holds the call: the customer hears the queue\'s hold music, the state is 保持 (TEL-07 STATE-01 CALL-03)', async ({ agent, talk, agentState }) => {
	await stack.queue('600', { ...quiet, hold_music: music(700) });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await call.media.hears(1000);
	assert.equal((await leg.reinvite('sendonly')).status, 200);
	await call.media.hears(700);
	await agentState('803', (a) => a.call_state === 'hold');
	await leg.reinvite('sendrecv');
	await call.media.hears(1000);
	await leg.media.hears(440);
	await agentState('803', (a) => a.call_state === 'talking');
	await call.hangup();
});

// ---- keys

e2e('key menu: said on entry and with its frequency, in a row as often as told (TEL-05)', async ({ customer }) => {
	await stack.queue('600', { ...quiet, menu_prompt: tone(1200, 400), menu_period_s: 3 });
	const call = await (await customer('4008001', { tone: 0 })).reached('up');
	const at = beginnings(await call.media.first(4500), 1200);
	assert.equal(at.length, 2, at.join(' '));
	assert.ok(at[0] < 500 && Math.abs(at[1] - at[0] - 3000) < 400, at.join(' '));
	await call.hangup();
	await stack.queue('600', { menu_period_s: 0, menu_repeat: 3, menu_prompt: tone(1150, 400) });
	const other = await (await customer('4008001', { tone: 0 })).reached('up');
	const ms = 100 * tenths(await other.media.first(3000), 1150).filter(Boolean).length;
	assert.ok(Math.abs(ms - 1200) <= 200, `said for ${ms} ms, not three times 400`);
});

e2e('a key leads to another queue; keys that lead nowhere do nothing (TEL-05)', async ({ agent, customer, calls }) => {
	await stack.queue('601', quiet);
	await key('2', 'queue', '601');
	await stack.queue('600', quiet);
	const phone = await agent('807', { script: scripts.answer({ tone: 1000, ringFor: 50 }) });
	const call = await (await customer()).reached('up');
	await waiting();
	await call.media.sendDigits('7#');
	await sleep(500);
	assert.equal(phone.calls.length, 0);
	await call.media.sendDigits('2');
	await call.media.hears(1000);
	await call.hangup();
	const [row] = await calls(1);
	assert.deepEqual(await visits(row), ['600 overflowed transferred', '601 answered answered 807']);
	assert.deepEqual([row.cause, row.queue, row.agent], ['answered', '601', '807']);
});

e2e('a key leads to an extension, to an announcement, to the end (TEL-05)', async ({ phone, customer, calls, agentState }) => {
	await key('1', 'agent', '809');
	await key('3', 'prompt', tone(1200));
	await key('9', 'hangup');
	await stack.queue('600', quiet);
	const extension = await phone('809', { script: scripts.answer({ tone: 1000, ringFor: 50 }) });
	const one = await (await customer()).reached('up');
	await waiting();
	await one.media.sendDigits('1');
	await one.media.hears(1000);
	await agentState('809', (a) => a.call_state === 'talking');
	await extension.calls[0].hangup();
	await one.reached('ended');
	const three = await (await customer()).reached('up');
	await waiting();
	await three.media.sendDigits('3');
	await three.media.hears(1200);
	await three.reached('ended');
	const nine = await (await customer()).reached('up');
	await waiting();
	await nine.media.sendDigits('9');
	await nine.reached('ended');
	const rows = await calls(3);
	assert.deepEqual(rows.map((r) => [r.cause, r.side]), [['answered', 'callee'], ['transferred', 'system'], ['caller_hangup', 'caller']]);
	assert.equal(rows[0].agent, '809');
});

e2e('call-back: the call keeps its place, the agent gets it in turn, the customer is called (TEL-05 TEL-07)', async ({ agent, carrier, customer, calls }) => {
	await key('1', 'callback');
	await stack.queue('600', { ...quiet, max_wait_s: 3 });
	const call = await (await customer('4008001', { tone: 440 })).reached('up');
	await waiting();
	await call.media.sendDigits('1');
	await call.reached('ended', 15000);
	assert.equal(call.ended.by, 'remote', 'it is told so and hung up');
	assert.ok(clip(call, 'callback_promised').score > 0.8);
	await sleep(3000);
	const later = await (await customer()).reached('up');
	await waiting(2);	// longer than the longest wait: who is to be called back waits without the line
	const phone = await agent('803');
	const customers = await carrier();
	const back = new Promise((resolve) => customers.once('call', resolve));
	(await phone.incoming()).accept({ tone: 1000 });
	const again = await back;
	assert.match(again.invite.uri, /^sip:13800000001@127\.0\.0\.2/);
	assert.match(again.invite.get('from'), /4008001/);
	again.media.tone(500);
	again.ring({ status: 183, media: true });
	await phone.calls[0].media.hears(500);	// what the network says before the answer
	again.accept({ tone: 600 });
	await again.media.hears(1000);
	await phone.calls[0].media.hears(600);
	await later.hangup();
	await phone.calls[0].hangup();
	await again.reached('ended');
	const row = (await calls(2))[0];
	assert.deepEqual([row.cause, row.agent, row.side], ['answered', '803', 'callee']);
	assert.deepEqual(await visits(row), ['600 answered answered 803']);
});

e2e('call-back of a customer who does not answer: the agent is free again (TEL-05)', async ({ agent, carrier, customer, calls, agentState }) => {
	await key('1', 'callback');
	await stack.queue('600', { ...quiet, wrapup: 'off' });
	const call = await (await customer()).reached('up');
	await waiting();
	await call.media.sendDigits('1');
	await sleep(500);
	await call.hangup();	// without listening to the end
	const phone = await agent('803');
	const customers = await carrier();
	const back = new Promise((resolve) => customers.once('call', resolve));
	(await phone.incoming()).accept({ tone: 1000 });
	(await back).reject(486, 'Busy Here');
	await phone.calls[0].reached('ended');
	await agentState('803', (a) => a.call_state === 'idle');
	const [row] = await calls(1);
	assert.deepEqual([row.cause, row.side], ['no_answer', 'caller']);
	assert.deepEqual(await visits(row), ['600 abandoned no_answer']);
});

// ---- how waiting ends

e2e('the last agent signs out: callers leave with 空队列溢出, and who comes then too (TEL-07 CDR-02)', async ({ agent, customer, calls }) => {
	await stack.queue('600', { ...quiet, leave_empty: 1 });
	await agent('803');
	await stack.command('cc.agent.work', { tenant, agent: '803', state: 'busy', reason: 'meal' });
	const call = await (await customer()).reached('up');
	await sleep(500);
	assert.equal((await stack.stats()).waiting, 1, 'a paused agent is signed in');
	await stack.command('cc.agent.sign', { tenant, agent: '803', on: false });
	await call.reached('ended', 15000);
	await (await customer()).reached('ended', 15000);
	const rows = await calls(2);
	for (const row of rows) {
		assert.deepEqual([row.cause, row.side], ['queue_empty_overflow', 'system']);
		assert.deepEqual(await visits(row), ['600 overflowed queue_empty_overflow']);
	}
});

e2e('nobody on duty any more: 队列无可用坐席退出; agents in a call are on duty (TEL-29 CDR-02)', async ({ agent, talk, customer, calls }) => {
	await stack.queue('600', { ...quiet, no_agent_overflow: 1 });
	const phone = await agent('803');
	const [talking] = await talk(phone);
	const call = await (await customer()).reached('up');
	await sleep(500);
	assert.equal((await stack.stats()).waiting, 1);
	await stack.command('cc.agent.work', { tenant, agent: '803', state: 'away', reason: '' });
	await call.reached('ended', 15000);
	assert.equal(talking.state, 'up');
	await talking.hangup();
	const row = (await calls(2)).find((r) => r.cause !== 'answered');
	assert.deepEqual([row.cause, row.side], ['queue_no_agent', 'system']);
	assert.deepEqual(await visits(row), ['600 overflowed queue_no_agent']);
});

e2e('queue full with an overflow target: 队列排队溢出, and the other queue takes it (TEL-05 TEL-07 CDR-02)', async ({ agent, customer, calls }) => {
	await stack.queue('601', quiet);
	await stack.queue('600', { ...quiet, max_waiting: 1, overflow_kind: 'queue', overflow_target: '601' });
	await agent('807', { script: scripts.answer({ tone: 1000, ringFor: 50 }) });
	const first = await (await customer('4008001', { tone: 600 })).reached('up');
	await waiting();
	const second = await (await customer()).reached('up');
	await second.media.hears(1000);
	await second.hangup();
	const [row] = await calls(1);
	assert.deepEqual(await visits(row), ['600 overflowed queue_full_overflow', '601 answered answered 807']);
	assert.equal(first.state, 'up');
});

e2e('overflow after the longest wait to an extension, an announcement, a DID (TEL-05 TEL-07)', async ({ phone, customer, calls }) => {
	await stack.queue('601', { ...quiet, music: music(850) });
	const target = (kind, name) => stack.queue('600', { ...quiet, max_wait_s: 1, overflow_kind: kind, overflow_target: name });
	await phone('809', { script: scripts.answer({ tone: 1000, ringFor: 1500 }) });
	await target('agent', '809');
	const extension = await (await customer()).reached('up');
	await extension.media.hears(1000);
	await extension.hangup();
	await target('prompt', tone(1200));
	const announcement = await (await customer()).reached('up');
	await announcement.media.hears(1200);
	await announcement.reached('ended');
	await target('did', '4008003');
	const did = await (await customer()).reached('up');
	await did.media.hears(850);
	await did.hangup();
	const rows = await calls(3);
	assert.deepEqual(rows.map((r) => r.cause), ['answered', 'queue_timeout', 'caller_hangup']);
	assert.deepEqual(await visits(rows[2]), ['600 overflowed queue_timeout', '601 abandoned caller_hangup']);
});

e2e('queues that send their calls to each other: it ends (TEL-05)', async ({ customer, calls }) => {
	await stack.queue('601', { ...quiet, join_empty: 0, overflow_kind: 'queue', overflow_target: '600' });
	await stack.queue('600', { ...quiet, join_empty: 0, overflow_kind: 'queue', overflow_target: '601' });
	await (await customer()).reached('ended', 20000);
	const [row] = await calls(1);
	assert.equal(row.cause, 'queue_join_empty');
});

e2e('a shorter longest wait holds for those who wait already (TEL-05)', async ({ customer, calls }) => {
	await stack.queue('600', { ...quiet, max_wait_s: 0 });
	const call = await (await customer()).reached('up');
	await sleep(1500);
	await stack.queue('600', { max_wait_s: 2 });
	await call.reached('ended', 12000);
	const [row] = await calls(1);
	assert.equal(row.cause, 'queue_timeout');
	assert.ok(row.wait_ms >= 1900 && row.wait_ms < 3000, row.wait_ms);
});

// The customer 13800000001 is in a call task that hides the middle of numbers; what live events say from now on.
const SHOWN = '138****0001';
async function hiddenCustomer() {
	const at = { created_at: 1, updated_at: 1 };
	const standard = `(SELECT p.id FROM customer_package p WHERE p.tenant_id=${tenant} AND p.standard=1)`;
	const add = (table, fields) => stack.add(table, { tenant_id: tenant, ...fields });
	await add('call_task', { id: 9901, name: "'hidden'", package_id: standard, group_id: `(SELECT g.id FROM agent_group g WHERE g.tenant_id=${tenant} AND g.number='600' AND g.live=1)`, hide: "'middle'", caller_id: "'4008003'", ...at });
	await add('customer', { id: 990001, package_id: standard, name: "'Zhang'", phone: "'13800000001'", phone_e164: "'8613800000001'", agent_id: `(SELECT a.id FROM agent a WHERE a.tenant_id=${tenant} AND a.number='803' AND a.live=1)`, ...at });
	await add('customer_index', { package_id: standard, slot: 1, value: "'8613800000001'", twin: 990001, customer_id: 990001 });
	await add('call_task_customer', { id: 990001, task_id: 9901, customer_id: 990001, agent_id: `(SELECT a.id FROM agent a WHERE a.tenant_id=${tenant} AND a.number='803' AND a.live=1)`, added_at: 1, added_by: "'t'" });
}
async function liveEvents(onClose) {
	const stop = new AbortController(), heard = { text: '' };
	onClose(() => stop.abort());
	const live = await fetch(new URL('/live', stack.web), { signal: stop.signal, headers: { authorization: 'Bearer demo-api-key' } });
	(async () => { for await (const part of live.body.pipeThrough(new TextDecoderStream())) heard.text += part; })().catch(() => {});
	await until('the stream', () => heard.text.includes('retry:'));
	return heard;
}

e2e('a customer whom a dialler calls is hidden as the call task says: on the phone and in live events; the carrier gets the number (CALL-13 TEL-08)', async ({ agent, carrier, calls, onClose }) => {
	await hiddenCustomer();
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const [trunk, phone, live] = [await carrier(), await agent('803'), await liveEvents(onClose)];
	await stack.command('cc.call.originate', { tenant, queue: '600', number: '13800000001', task: 9901 });
	const customer = await trunk.incoming();
	assert.match(customer.invite.uri, /^sip:\+8613800000001@/);
	customer.accept({ tone: 440 });
	const leg = await phone.incoming();
	assert.equal(leg.from, SHOWN);
	assert.ok(!JSON.stringify(leg.invite).includes('13800000001'), 'nowhere in the request');
	leg.accept({ tone: 1000 });
	await Promise.all([leg.media.hears(440), customer.media.hears(1000)]);
	await leg.hangup();
	await customer.reached('ended');
	const [done] = await calls();
	await until('its end in the stream', () => live.text.includes('event: call.end'));
	assert.ok(live.text.includes(SHOWN) && !live.text.includes('13800000001'), live.text);
	assert.deepEqual(await stack.sql(`SELECT kind, callee, hide, agent FROM calls WHERE id=UNHEX('${done.id}')`), [['predictive', '13800000001', 'middle', '803']]);
});

e2e('a caller whom a call task hides is hidden on the phone, on the board and in live events; called back as the task says; accounts hide on their own phones (CALL-13 TEL-13)', async ({ agent, customer, carrier, calls, onClose }) => {
	await hiddenCustomer();
	await stack.configure('user', `tenant_id=${tenant} AND username='804'`, { hide_numbers: 2 });
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const live = await liveEvents(onClose);

	const call = await (await customer()).reached('up');
	const board = await until('the caller on the board', async () => {
		const { json } = await api(stack.web, '/desk/board?format=json', 'demo-api-key');
		return json.waiting.length && json;
	});
	assert.equal(board.waiting[0].from, SHOWN);
	const phone = await agent('803');
	const leg = await phone.incoming();
	assert.equal(leg.from, SHOWN);
	assert.ok(!JSON.stringify(leg.invite).includes('13800000001'), 'nowhere in the request');
	leg.accept({ tone: 1000 });
	await call.reached('up');
	await call.hangup();
	const [done] = await calls();
	await until('its end in the stream', () => live.text.includes('event: call.end'));
	assert.ok(live.text.includes(`"from":"${SHOWN}"`) && !live.text.includes('13800000001'), live.text);
	assert.deepEqual(await stack.sql(`SELECT caller,hide FROM calls WHERE id=UNHEX('${done.id}')`), [['13800000001', 'middle']]);

	// by the page, back to the whole number, as the task's caller id
	const trunk = await carrier(), browser = new Browser(stack.web);
	await browser.signIn('demo', '803', 'demo-803');
	const dialled = await browser.post('/crm/call-list/9901/990001/call/phone', {}, { headers: { accept: 'application/json' } });
	assert.equal(dialled.status, 200, dialled.text);
	const own = await until('the own phone', () => phone.calls[1]);
	assert.equal(own.from, SHOWN);
	const before = trunk.calls.length;
	own.accept({ tone: 1000 });
	const back = await until('the customer', () => trunk.calls[before]);
	assert.deepEqual([back.invite.uri.split('@')[0], back.from], ['sip:+8613800000001', '4008003']);
	back.ring();
	await own.hangup();
	await back.reached('ended');
	await phone.register(0);

	// an account: whoever calls
	const other = await agent('804'), again = await (await customer('4008001', { from: '13700000002' })).reached('up');
	const ringing = await other.incoming();
	assert.equal(ringing.from, '*****');
	ringing.ring();
	await again.hangup();
	await ringing.reached('ended');
	await calls(3);
});
