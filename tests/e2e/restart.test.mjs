// SPDX-License-Identifier: GPL-2.0-or-later
// What lives through the death of a part that carries calls: talks with their sound, places in the queue, agents.
import assert from 'node:assert/strict';
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

// The longest time without a packet since a moment.
const gap = (media, since) => {
	const times = [since, ...media.packets.filter((p) => p.at >= since).map((p) => p.at), Date.now()];
	return Math.max(...times.slice(1).map((t, i) => t - times[i]));
};

e2e('kill -9 of Kamailio: a talk goes on without a gap, and both sides can end it (STATE-01 CDR-02 CALL-03)', { timeout: 90000, restarted: ['kamailio'], allow: [CONNECTION] }, async ({ agent, talk, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const [phone, other] = [await agent('803'), await agent('804')];
	await stack.command('cc.agent.work', { tenant: await stack.tenant('demo'), agent: '804', state: 'busy', reason: '' });
	const [call, leg] = await talk(phone);
	await stack.command('cc.agent.work', { tenant: await stack.tenant('demo'), agent: '804', state: 'idle', reason: '' });
	const [call2, leg2] = await talk(other);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	const began = Date.now();
	const away = await killEngine();
	assert.ok(away < 8000, `away for ${away} ms`);
	await sleep(1500);
	for (const side of [call, leg, call2, leg2]) {
		assert.equal(side.state, 'up');
		assert.ok(gap(side.media, began) < 300, `a gap of ${gap(side.media, began)} ms`);
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

e2e('kill -9 of Kamailio: who waits keeps music and place, a phone that rang is not connected twice (TEL-05 STATE-01)', { timeout: 90000, restarted: ['kamailio'], allow: [CONNECTION, /nobody waits/] }, async ({ agent, customer, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off', announce_position: 0, ring_timeout_s: 30 });
	const phone = await agent('803');
	const first = await (await customer()).reached('up');
	const rings = await phone.incoming();
	rings.ring();
	const second = await (await customer('4008001', { tone: 350 })).reached('up');
	await agentState('803', (a) => a.call_state === 'ringing');
	await killEngine();
	const again = await phone.incoming();			// the agent is called anew for the first in line
	assert.equal(second.state, 'up');
	rings.accept({ tone: 700 });					// the old call, picked up too late
	await rings.reached('ended');
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
