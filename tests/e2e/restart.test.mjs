// SPDX-License-Identifier: GPL-2.0-or-later
// What lives through the death of a part that carries calls: talks with their sound, places in the queue, agents.
import assert from 'node:assert/strict';
import { run } from '../lib/process.mjs';
import { requestId } from '../lib/stack.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();

const healthy = (ms = 30000) => until('a healthy stack', async () => (await stack.admin(['status', '--json'])).code === 0, ms, 300);
const kill = (part) => process.kill(stack.pids()[part], 'SIGKILL');
const CONNECTION = /connect|refused|gone|closed|lost|broken pipe|away|reset|unavailable|cannot be reached|does not answer|No such file|go on/i;
const engineAgain = (epoch, ms = 10000) => until('the engine', async () => (await stack.command('cc.ping').catch(() => ({ epoch }))).epoch !== epoch, ms, 50);

// Kills Kamailio and waits for the next engine; returns how long it was away.
const killEngine = async () => {
	await sleep(1600);		// registrations are written to disk every second
	const { epoch } = await stack.command('cc.ping');
	const began = Date.now();
	kill('kamailio');
	await engineAgain(epoch);
	return Date.now() - began;
};

e2e('kill -9 of Kamailio: a talk goes on without a gap, and both sides can end it (STATE-01 CDR-02 CALL-03)', { timeout: 90000, restarted: ['kamailio'], allow: [CONNECTION] }, async ({ agent, talk, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const [phone, other] = [await agent('803'), await agent('804')];
	await stack.command('cc.agent.work', { tenant: await stack.tenant('demo'), agent: '804', state: 'busy', reason: '' });
	const [call, leg] = await talk(phone);
	await stack.command('cc.agent.work', { tenant: await stack.tenant('demo'), agent: '804', state: 'idle', reason: '' });
	const [call2, leg2] = await talk(other);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await stack.queue('600', { ring_timeout_s: 25 });	// the talks belong to the configuration before
	const began = Date.now();
	const away = await killEngine();
	assert.ok(away < 8000, `away for ${away} ms`);
	await sleep(1500);
	for (const side of [call, leg, call2, leg2]) {
		assert.equal(side.state, 'up');
		assert.ok(side.media.longestGap(began) < 300, `a gap of ${side.media.longestGap(began)} ms`);
	}
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	for (const number of ['803', '804']) assert.equal((await agentState(number)).call_state, 'talking');
	await call.hangup();
	await leg.reached('ended');
	await leg2.hangup();
	await call2.reached('ended');
	await agentState('803', (a) => a.call_state === 'idle');
	const rows = await calls(2);
	assert.deepEqual(rows.map((r) => [r.cause, r.side]), [['answered', 'caller'], ['answered', 'callee']]);
	assert.ok(rows.every((r) => r.talk_ms > 2000), JSON.stringify(rows));
});

e2e('kill -9 of Kamailio: a caller in a menu goes on, with what was pressed before (STATE-01 TEL-14)', { timeout: 90000, restarted: ['kamailio'], allow: [CONNECTION] }, async ({ customer, calls }) => {
	await stack.configure('ivr', "number = '7000'", { key_timeout_s: 20 });
	await stack.add('ivr_key', { tenant_id: await stack.tenant('demo'), ivr_id: "(SELECT m.id FROM ivr m WHERE m.number = '7000')", digits: "'55'", target_kind: "'queue'", target: "'601'" });
	await stack.reload();
	const call = await (await customer('4008002', { tone: 0 })).reached('up');
	await until('the menu', () => call.media.pitch(400).hz > 0);
	await call.media.sendDigits('5');
	await killEngine();
	assert.equal(call.state, 'up');
	await call.media.sendDigits('5');
	await until('the queue', async () => (await stack.stats()).waiting === 1, 10000, 100);
	await call.hangup();
	const [row] = await calls(1);
	assert.equal(row.queue, '601');
});

e2e('kill -9 of Kamailio while a message is left: it goes on, is filed whole and found once (TEL-22 STATE-01)', { timeout: 90000, restarted: ['kamailio'], allow: [CONNECTION] }, async ({ customer, calls }) => {
	const tenant = await stack.tenant('demo'), began = Date.now();
	await stack.add('preference', { tenant_id: tenant, name: "'voicemail_greeting'", value: "''" });
	await stack.queue('600', { entry_prompt: '', join_empty: 0, leave_empty: 1, overflow_kind: 'voicemail', overflow_target: '600' });
	const call = await (await customer('4008001', { tone: 440 })).reached('up');
	await until('the message begins', async () => await stack.value(`SELECT COUNT(*) FROM event WHERE type=50 AND at >= ${began}`) !== '0', 8000, 50);
	const spoken = Date.now();
	await killEngine();
	assert.equal(call.state, 'up');
	await sleep(1000);
	await call.hangup();
	const ms = Date.now() - spoken;
	assert.deepEqual((await calls(1)).map((c) => [c.cause, c.side]), [['voicemail', 'caller']]);
	const found = await until('the message', async () => {
		const rows = await stack.sql(`SELECT v.duration_ms,v.segment,v.last_segment,r.duration_ms FROM voicemail v JOIN recording r
			ON r.tenant_id=v.tenant_id AND r.call_id=v.call_id WHERE v.at >= ${began}`);
		return rows.length && rows;
	}, 20000, 200);
	assert.equal(found.length, 1);
	const [kept, segment, last, filed] = found[0].map(Number);
	assert.deepEqual([segment, last], [1, 1]);
	for (const length of [kept, filed]) assert.ok(length > ms - 1000, `${length} ms of more than ${ms}`);
});

e2e('kill -9 of rtpengine: sound is back within 3 s and the recording goes on in a new segment (CALL-03 REC-01)', { timeout: 90000, restarted: ['rtpengine'], allow: [CONNECTION] }, async ({ agent, talk, calls }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const [call, leg] = await talk(await agent('803'));
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	const began = Date.now();
	kill('rtpengine');
	await sleep(500);		// what is heard from here on came after it
	await Promise.all([call.media.hears(1000, 2500), leg.media.hears(440, 2500)]);
	assert.ok(Date.now() - began < 3000, `sound after ${Date.now() - began} ms`);
	await sleep(3000);
	await call.hangup();
	const [row] = await calls(1);
	assert.equal(row.cause, 'answered');
	const events = await stack.sql(`SELECT type,fields FROM event WHERE call_id=UNHEX('${row.id}') AND type IN (50,51) ORDER BY seq`);
	assert.deepEqual(events.map(([type, fields]) => [Number(type), JSON.parse(fields).segment]), [[50, 1], [51, 1], [50, 2], [51, 2]]);
});

e2e('rtpengine stands still while calls begin and end: none of them is left in it when it goes on (CALL-03 STATE-01)', { timeout: 60000, allow: [/timeout|receive queue/] }, async ({ customer, calls }) => {
	await stack.queue('600', { entry_prompt: '', max_wait_s: 0 });
	const waiting = await Promise.all(Array.from({ length: 6 }, async () => (await customer('4008001')).reached('up')));
	const inside = async () => (await stack.rtpengine({ command: 'list' })).match(/26:[0-9A-Z]{26}/g)?.length ?? 0;
	assert.equal(await inside(), 6);
	// whoever continues it, which the watch does after a second, is too early
	const stop = () => process.kill(stack.pids().rtpengine, 'SIGSTOP');
	stop();
	const still = setInterval(stop, 5);
	try {
		await Promise.all(waiting.slice(0, 3).map((call) => call.hangup()));	// these ask and get no answer
		const refused = await customer('4008001');
		await sleep(1300);							// the rest is not even asked
		await Promise.all([...waiting.slice(3).map((call) => call.hangup()), refused.reached('ended')]);
	} finally {
		clearInterval(still);
		process.kill(stack.pids().rtpengine, 'SIGCONT');
	}
	await until('an empty rtpengine', async () => await inside() === 0, 6000, 100);
	assert.deepEqual((await calls(7)).map((c) => c.cause).sort(), [...Array(6).fill('caller_hangup'), 'failed']);
});

e2e('kill -9 of rtpengine and of Redis, which has nothing left: phones get another offer, who refuses it is hung up (CALL-03 REC-01)', { timeout: 90000, restarted: ['rtpengine', 'redis'], allow: [CONNECTION, /forgotten|Unknown call-id/] }, async ({ agent, talk, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const [call, leg] = await talk(await agent('803'));
	await stack.command('cc.agent.work', { tenant: await stack.tenant('demo'), agent: '803', state: 'busy', reason: '' });
	const [call2, leg2] = await talk(await agent('804'));
	leg2.respondTo = (request) => request.method === 'INVITE' && [488, 'Not Acceptable Here'];
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await run('redis-cli', ['-p', stack.settings.CC_REDIS_PORT, 'flushall']);
	kill('redis');
	kill('rtpengine');
	await Promise.all([call2.reached('ended', 10000), leg2.reached('ended', 10000)]);
	const asked = (c) => c.phone.received.some((m) => m.method === 'INVITE' && /;tag=/.test(m.get('to')) && m.get('call-id') === c.callId);
	await until('another offer', () => asked(call) && asked(leg), 10000, 50);
	await sleep(500);		// what is heard from here on came after it
	await Promise.all([call.media.hears(1000, 4000), leg.media.hears(440, 4000)]);
	await agentState('804', (a) => a.call_state === 'idle');
	await sleep(1500);
	await call.hangup();
	const rows = await calls(2);
	assert.deepEqual(rows.map((r) => [r.cause, r.side]), [['answered', 'caller'], ['answered', 'system']]);
	const events = await stack.sql(`SELECT type,fields FROM event WHERE call_id=UNHEX('${rows[0].id}') AND type IN (50,51) ORDER BY seq`);
	assert.deepEqual(events.map(([type, fields]) => [Number(type), JSON.parse(fields).segment]), [[50, 1], [51, 1], [50, 2], [51, 2]]);
});

e2e('rtpengine is killed again as soon as it is back, and Redis has nothing left: that is noticed, phones get another offer (CALL-03)', { timeout: 90000, restarted: ['rtpengine'], allow: [CONNECTION, /forgotten|Unknown call-id/] }, async ({ agent, talk }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const [call, leg] = await talk(await agent('803'));
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	const first = stack.pids().rtpengine;
	kill('rtpengine');
	const answers = () => stack.rtpengine({ command: 'ping' }).catch(() => '');
	await until('the next rtpengine', async () => stack.pids().rtpengine !== first && (await answers()).includes('pong'), 8000, 20);
	await sleep(400);		// the engine has seen it
	await run('redis-cli', ['-p', stack.settings.CC_REDIS_PORT, 'flushall']);
	kill('rtpengine');
	const asked = (c) => c.phone.received.some((m) => m.method === 'INVITE' && /;tag=/.test(m.get('to')) && m.get('call-id') === c.callId);
	await until('another offer', () => asked(call) && asked(leg), 10000, 50);
	await sleep(500);		// what is heard from here on came after it
	await Promise.all([call.media.hears(1000, 4000), leg.media.hears(440, 4000)]);
	await call.hangup();
});

e2e('kill -9 of cc-mixd: sound is back within 3 s (CALL-03)', { timeout: 60000, restarted: ['mixd'], allow: [CONNECTION, /mixer|mixd/i] }, async ({ agent, talk }) => {
	await stack.queue('600', { entry_prompt: '' });
	const [call, leg] = await talk(await agent('803'));
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	const began = Date.now();
	kill('mixd');
	await sleep(500);		// what is heard from here on came after it
	await Promise.all([call.media.hears(1000, 2500), leg.media.hears(440, 2500)]);
	assert.ok(Date.now() - began < 3000, `sound after ${Date.now() - began} ms`);
});

e2e('kill -9 of Kamailio: who waits keeps music and place, phones that rang stop, none is connected twice (TEL-05 STATE-01)', { timeout: 90000, restarted: ['kamailio'], allow: [CONNECTION, /nobody waits/, /told to stop/] }, async ({ agent, phone: open, customer, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off', announce_position: 0, ring_timeout_s: 30 });
	const phone = await agent('803');
	const twin = await open('803');			// it is picked up in the moment of the CANCEL
	twin.lateAnswer = true;
	const first = await (await customer()).reached('up');
	const [rings, late] = await Promise.all([phone.incoming(), twin.incoming()]);
	rings.ring();
	late.ring();
	const second = await (await customer('4008001', { tone: 350 })).reached('up');
	await agentState('803', (a) => a.call_state === 'ringing');
	await killEngine();
	const again = await phone.incoming();			// the agent is called anew for the first in line
	assert.equal(second.state, 'up');
	await Promise.all([rings.reached('ended'), late.reached('ended')]);
	assert.deepEqual([rings.ended.status, late.ended.status], [487, 200]);
	const cancel = phone.received.find((m) => m.method === 'CANCEL' && m.get('call-id') === rings.callId);
	assert.equal(cancel.branch, rings.invite.branch);
	await until('the ACK of the 487', () => rings.ackSeen > 0, 3000, 20);
	twin.lateAnswer = false;
	again.accept({ tone: 1000 });
	await first.media.hears(1000);
	await again.media.hears(440);
	const board = await stack.command('cc.board', { tenant: await stack.tenant('demo') });
	assert.deepEqual(board.waiting.map((w) => w.position), [1]);
	assert.ok(Date.now() - board.waiting[0].since > 1000, 'it has waited since before the restart');
	assert.ok(second.media.level() > -50, 'it hears music');
	await first.hangup();
	const last = await phone.incoming();
	last.accept({ tone: 1000 });
	await second.media.hears(1000);
	await second.hangup();
	const rows = await calls(2);
	assert.deepEqual(rows.map((r) => r.cause), ['answered', 'answered']);
});

for (const protocol of ['tcp', 'tls', 'ws'])
	e2e(`kill -9 of Kamailio: a phone that rang over ${protocol.toUpperCase()} stops as soon as it is connected again (TEL-05 STATE-01)`, { timeout: 60000, restarted: ['kamailio'], allow: [CONNECTION, /nobody waits|told to stop|password|SRTP output wanted|precreated|CON_ERROR|error reading|via building|assembling Via|building message/] }, async ({ agent, agentState, customer }) => {
		await stack.queue('600', { entry_prompt: '', wrapup: 'off', ring_timeout_s: 30 });
		const session = requestId(), tenant = await stack.tenant('demo');
		const at = { tcp: 'CC_SIP_PORT', tls: 'CC_SIPS_PORT', ws: 'CC_WS_PORT' };
		const proxy = { address: stack.sip.address, port: Number(stack.settings[at[protocol]]) };
		const credential = () => stack.command('cc.webphone.credential', { tenant, agent: '803', session });
		const given = protocol === 'ws' ? await credential() : undefined;
		const phone = await agent('803', { protocol, proxy, ...(given && { authUser: given.user, password: given.password }) });
		const call = await (await customer()).reached('up');
		const rings = await phone.incoming();
		rings.ring();
		await killEngine();
		assert.equal(rings.state, 'ringing');
		phone.drop();
		await phone.connect();
		await agentState('803', (a) => !a.registered);	// nobody calls over a connection that is gone
		if (given) {
			const now = await credential();		// the engine has forgotten the one before
			Object.assign(phone, { authUser: now.user, password: now.password });
		}
		assert.equal((await phone.register()).status, 200);
		await rings.reached('ended', 5000);
		assert.equal(phone.received.find((m) => m.method === 'CANCEL').branch, rings.invite.branch);
		await until('the ACK of the 487', () => rings.ackSeen > 0, 3000, 20);
		const again = await phone.incoming();
		again.accept({ tone: 1000 });
		await until('its ACK', () => again.ackSeen > 0, 3000, 20);
		await call.hangup();
		await again.reached('ended');
		await phone.unregisterAll();		// the contact of the connection that broke as well
	});

e2e('an engine that was away for long: who hung up meanwhile is found out, on a trunk too (STATE-01 CDR-02)', { timeout: 90000, restarted: ['kamailio'], allow: [CONNECTION, /is gone/] }, async ({ agent, talk, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await sleep(1600);
	const sv = (verb) => run('sv', ['-w', '20', verb, stack.path('service/kamailio')], { check: false });
	await sv('stop');
	for (const side of [call, leg]) {
		side.media.stop();
		side.phone.ignorant = true;
	}
	leg.phone.deaf = true;
	await sv('start');
	await agentState('803', (a) => a.call_state === 'idle', 'demo', 22000);
	const [row] = await calls(1);
	assert.deepEqual([row.cause, row.side], ['answered', 'system']);
});

e2e('killed again and again under load: every call has its one end, nothing is stuck, the lists agree (STATE-01 CDR-01 CDR-02)', { timeout: 180000, restarted: ['kamailio'], allow: [/./] }, async ({ agent, carrier, agentState }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off', announce_position: 0, max_wait_s: 60 });
	const numbers = ['801', '802', '803', '804', '805'];
	const phones = [];
	for (const number of numbers) phones.push(await agent(number, { script: async (call) => {
		call.ring();
		await sleep(Math.random() * 600);
		if (call.state === 'ringing') call.accept({ tone: 0 });
		await sleep(300 + Math.random() * 1500);
		if (call.state === 'up' && Math.random() < 0.5) await call.hangup();
	} }));
	await sleep(1200);
	const trunk = await carrier();
	const dialled = [];
	let over = false;
	const customers = (async () => {
		while (!over) {
			trunk.dial(`sip:4008001@${stack.sip.address}:${stack.sip.port}`, { tone: 0, limit: 3000 }).then(async (call) => {
				dialled.push(call);
				await sleep(500 + Math.random() * 4000);
				await call.end().catch(() => {});
			});
			await sleep(150 + Math.random() * 200);
		}
	})();
	for (let round = 0; round < 8; round++) {
		await sleep(1500 + Math.random() * 2000);
		const { epoch } = await stack.command('cc.ping');
		kill('kamailio');
		await engineAgain(epoch);
	}
	await sleep(2000);
	over = true;
	await customers;
	await until('all calls are over', async () => (await stack.stats()).calls === 0, 40000, 200);
	for (const number of numbers) assert.equal((await agentState(number)).call_state, 'idle', number);
	const taken = dialled.filter((c) => c.times.up).map((c) => c.callId);
	assert.ok(taken.length > 40, `${taken.length} calls`);
	const ids = taken.map((id) => `'${id}'`).join(',');
	// an INVITE that was repeated to the next engine is a call of its own, which nobody answers
	await until('the ends of all of them', async () => {
		const found = await stack.sql(`SELECT sip_call_id FROM calls WHERE sip_call_id IN (${ids}) GROUP BY sip_call_id HAVING SUM(ended_at IS NULL OR cause IS NULL) = 0`);
		return found.length === taken.length;
	}, 20000, 200);
});
