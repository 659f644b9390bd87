// SPDX-License-Identifier: GPL-2.0-or-later
// One call through the system: DID → queue 600 → agent, with the sound measured on both sides and in the recording.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Baresip } from '../lib/baresip.mjs';
import { Browser } from '../lib/http.mjs';
import { Media } from '../lib/media.mjs';
import { sipp } from '../lib/sipp.mjs';
import { shareOf } from '../lib/tone.mjs';
import { parseWav, part, pitchOf } from '../lib/wav.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world({ sound: true });

const near = (pitch, hz, what) =>
	assert.ok(Math.abs(pitch.hz - hz) <= 8 && pitch.share > 0.85, `${what}: ${hz} Hz expected, heard ${JSON.stringify(pitch)}`);

// The recording row of a call, once cc-recd has filed it.
const recording = (call, ms = 15000) => until('the recording', async () => {
	const columns = 'segment,duration_ms,state,HEX(wav_sha256),HEX(mp3_sha256),wav_bytes,mp3_bytes,packets_left,packets_right,lost_left,lost_right'.split(',');
	const [row] = await stack.sql(`SELECT ${columns.join(',')} FROM recording WHERE call_id = UNHEX('${call.id}') ORDER BY segment`);
	return row && Object.fromEntries(columns.map((c, i) => [c.replace(/^HEX\((.*)\)$/, '$1'), /HEX|state/.test(c) ? row[i].toLowerCase() : Number(row[i])]));
}, ms, 200);

for (const by of ['customer', 'agent']) {
	e2e(`DID → queue → agent, ended by the ${by}: both hear each other, row, recording (TEL-05 TEL-10 CDR-01 CDR-02 CDR-07 REC-01)`, async ({ agent, talk, calls, agentState }) => {
		// once with everything as it comes, once without the long entry announcement
		if (by === 'agent') await stack.queue('600', { entry_prompt: '' });
		const phone = await agent('803');
		const [customer, leg] = await talk(phone);
		await Promise.all([customer.media.hears(1000, 4000), leg.media.hears(440, 4000)]);
		await agentState('803', (a) => a.call_state === 'talking');
		const connected = Date.now();
		await sleep(3000);
		assert.ok(shareOf(customer.media.heard(Date.now() - 2000), 440) < 0.02, 'the customer does not hear itself');
		const [first, second] = by === 'customer' ? [customer, leg] : [leg, customer];
		const hungUp = Date.now();
		await first.hangup();
		await second.reached('ended', 3000);
		assert.equal(second.ended.by, 'remote');

		const [call] = await calls(1);
		assert.equal(call.cause, 'answered');
		assert.equal(call.side, by === 'customer' ? 'caller' : 'callee');
		assert.deepEqual([call.sip_code, call.did, call.queue, call.agent, call.caller], [200, '4008001', '600', '803', '13800000001']);
		assert.equal(call.sip_call_id, customer.callId);
		// between what both phones saw of it and what they may have missed, however late this process was
		const least = hungUp - connected, most = second.times.ended - leg.times.ringing;
		assert.ok(call.agent_ms >= least - 20 && call.agent_ms <= most + 20, `agent_ms ${call.agent_ms}, ${least} to ${most} expected`);
		// CDR-07: from the first answer, the queue included
		assert.ok(call.talk_ms > call.agent_ms && Math.abs(call.talk_ms - (call.ended_at - call.answered_at)) <= 5, JSON.stringify(call));
		assert.ok(Math.abs(call.agent_ms - (call.ended_at - call.bridged_at)) <= 5, JSON.stringify(call));

		const row = await recording(call);
		assert.equal(row.state, 'ok');
		assert.ok(Math.abs(row.duration_ms - call.agent_ms) < 1200, `recording of ${row.duration_ms} ms, talk of ${call.agent_ms} ms`);
		const browser = new Browser(stack.web);
		await browser.signIn('demo', 'admin', 'demo-admin');
		const list = JSON.parse((await browser.page('/reports/calls?format=json&size=10')).text);
		const [listed] = list.rows;
		assert.equal(listed.recording.length, 1);
		const url = listed.recording[0].url.replace(/mp3$/, 'wav');
		const answer = await browser.request(url);
		assert.equal(answer.status, 200);
		const data = Buffer.from(await answer.arrayBuffer());
		assert.equal(createHash('sha256').update(data).digest('hex'), row.wav_sha256);
		assert.equal(data.length, row.wav_bytes);
		const wav = parseWav(data);
		assert.equal(wav.channels.length, 2);
		assert.ok(Math.abs(wav.ms - row.duration_ms) <= 40, `${wav.ms} ms in the file, ${row.duration_ms} in the row`);
		near(pitchOf(wav, 0, 800, wav.ms - 500), 440, 'left, the customer');
		near(pitchOf(wav, 1, 800, wav.ms - 500), 1000, 'right, the agent');
		assert.ok(shareOf(part(wav, 0, 800, wav.ms - 500), 1000) < 0.02 && shareOf(part(wav, 1, 800, wav.ms - 500), 440) < 0.02, 'the channels are apart');

		const ranged = await browser.request(url, { headers: { range: 'bytes=100-299' } });
		assert.equal(ranged.status, 206);
		assert.deepEqual(Buffer.from(await ranged.arrayBuffer()), data.subarray(100, 300));
		const mp3 = await browser.request(listed.recording[0].url);
		assert.equal(mp3.headers.get('content-type'), 'audio/mpeg');
		assert.equal(createHash('sha256').update(Buffer.from(await mp3.arrayBuffer())).digest('hex'), row.mp3_sha256);
		assert.equal((await fetch(new URL(url, stack.web), { redirect: 'manual' })).ok, false, 'nobody hears it without signing in');
		const stranger = new Browser(stack.web);
		await stranger.signIn('other', 'admin', 'other-admin');
		assert.equal((await stranger.request(url)).status, 404, 'nor the other tenant');
	});
}

e2e('G.711 A-law customer and µ-law agent hear each other (TEL-05)', async ({ agent, talk }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [customer, leg] = await talk(phone, { codecs: [8, 101] });
	await Promise.all([customer.media.hears(1000), leg.media.hears(440)]);
	assert.equal(customer.media.payloadType, 8);
});

e2e('digits are passed on between customer and agent as RFC 4733 (TEL-05)', async ({ agent, talk }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [customer, leg] = await talk(phone);
	await leg.media.hears(440);
	await customer.media.sendDigits('159#');
	await until('the digits', () => leg.media.digits === '159#', 2000).catch(() => assert.equal(leg.media.digits, '159#'));
	await leg.media.sendDigits('42');
	await until('the digits', () => customer.media.digits === '42', 2000).catch(() => assert.equal(customer.media.digits, '42'));
	await leg.media.sendDigits('*2'); // might be a code, until nothing comes any more
	await until('the digits', () => customer.media.digits === '42*2', 5000).catch(() => assert.equal(customer.media.digits, '42*2'));
});

e2e('a real phone (baresip) as agent and a SIPp customer (TEL-05 CODE-01)', { timeout: 60000 }, async ({ carrier, agentState, onClose, calls }) => {
	const real = await Baresip.open({ user: '804', domain: 'demo', password: 'sip-804', proxy: stack.sip, tone: 1000, answer: 'manual' });
	onClose(() => real.close());
	await real.registered();
	real.dial('*001');
	await real.event('CALL_CLOSED', 15000);
	await agentState('804', (a) => a.queues.includes('600') && a.work === 'online');
	const media = await Media.open('127.0.0.2');
	onClose(async () => media.close());
	media.tone(440);
	media.symmetric = true;
	const customer = sipp('customer', { remote: stack.sip, address: '127.0.0.2', port: stack.sip.port, calls: 1, media,
		keys: { did: '4008001', from: '13900000002', talk: 60000 } });
	await real.event('CALL_INCOMING', 12000);
	real.accept();
	await real.event('CALL_ESTABLISHED');
	await media.hears(1000, 5000);
	await sleep(1500);
	real.hangup();
	const result = await Promise.race([customer.done, sleep(20000)]);
	assert.ok(result, 'SIPp ended');
	const [call] = (await calls(2)).filter((c) => c.queue);
	assert.deepEqual([call.caller, call.agent, call.side], ['13900000002', '804', 'callee']);
	const heard = real.heard().at(-1);
	near(pitchOf(heard, 0, 300, heard.ms - 200), 440, 'what the phone heard');
});

e2e('two customers and two agents: nobody hears the other conversation (TEL-05 TEL-06)', async ({ agent, customer }) => {
	await stack.queue('600', { entry_prompt: '' });
	const agents = [{ phone: await agent('803'), tone: 1000 }, { phone: await agent('804'), tone: 1400 }];
	for (const { phone, tone } of agents) phone.answering(scripts.answer({ tone, ringFor: 100 }));
	const one = await customer('4008001', { tone: 440 });
	const two = await customer('4008001', { tone: 600 });
	for (const each of agents) each.leg = await each.phone.incoming();
	// longest idle decides which of the two has whom
	await until('sound', () => agents[0].leg.media.pitch(400).share > 0.9, 5000);
	if (Math.abs(agents[0].leg.media.pitch(400).hz - 440) > 8) agents.reverse();
	const [mine, yours] = agents;
	await Promise.all([one.media.hears(mine.tone), two.media.hears(yours.tone), mine.leg.media.hears(440), yours.leg.media.hears(600)]);
	await sleep(700);
	for (const [media, foreign] of [[one.media, [440, 600, yours.tone]], [two.media, [440, 600, mine.tone]],
		[mine.leg.media, [600, 1000, 1400]], [yours.leg.media, [440, 1000, 1400]]])
		for (const hz of foreign) assert.ok(shareOf(media.heard(Date.now() - 600), hz) < 0.02, `${hz} Hz leaks`);
});
