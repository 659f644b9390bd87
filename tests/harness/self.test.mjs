// SPDX-License-Identifier: GPL-2.0-or-later
// The test tools against each other, without Tandem: a tool that is wrong would make every other test worthless.
import test from 'node:test';
import assert from 'node:assert/strict';
import { Phone, scripts } from '../lib/sip.mjs';
import { G711, dominantPitch, findClip, shareOf, toneSource } from '../lib/tone.mjs';
import { Media } from '../lib/media.mjs';
import { sipp } from '../lib/sipp.mjs';
import { Baresip } from '../lib/baresip.mjs';
import { pitchOf } from '../lib/wav.mjs';
import { sleep, until } from '../lib/wait.mjs';

test('G.711 keeps a tone in both laws', () => {
	for (const type of [0, 8]) {
		const samples = toneSource(440)(8000);
		const back = G711[type].decode(G711[type].encode(samples));
		const pitch = dominantPitch(back);
		assert.ok(Math.abs(pitch.hz - 440) <= 2 && pitch.share > 0.95, JSON.stringify(pitch));
		assert.ok(back.every((s, i) => Math.abs(s - samples[i]) <= 300));
	}
	assert.deepEqual([...G711[0].encode(Int16Array.from([0, 32635, -32635]))], [0xff, 0x80, 0x00]);
	assert.deepEqual([...G711[8].encode(Int16Array.from([8, 32256, -32256]))], [0xd5, 0xaa, 0x2a]);
});

test('the measurement tells tones, mixtures, noise and silence apart', () => {
	const a = toneSource(440)(8000), b = toneSource(1000)(8000);
	const mix = a.map((s, i) => (s + b[i]) >> 1);
	assert.equal(dominantPitch(new Int16Array(8000)).hz, 0);
	assert.ok(shareOf(mix, 440) > 0.4 && shareOf(mix, 1000) > 0.4 && shareOf(a, 1000) < 0.01);
	assert.ok(shareOf(a.subarray(0, 160), 1000) < 0.2, 'also of a short piece');
	let seed = 1;
	const noise = Int16Array.from({ length: 8000 }, () => (seed = seed * 1103515245 + 12345 & 0x7fffffff) % 8000 - 4000);
	assert.ok(dominantPitch(noise).share < 0.2);
	const clip = noise.subarray(2000, 6400);
	const found = findClip(Int16Array.from([...new Int16Array(1234 * 8), ...clip, ...a]), clip);
	assert.ok(Math.abs(found.ms - 1234) <= 1 && found.score > 0.99, JSON.stringify(found));
	assert.ok(findClip(a, clip).score < 0.3);
});

const pair = async (t, script) => {
	const callee = await Phone.open({ user: 'callee' });
	const caller = await Phone.open({ user: 'caller', address: '127.0.0.2', proxy: { address: '127.0.0.1', port: callee.port } });
	callee.proxy = { address: '127.0.0.2', port: caller.port };
	t.after(async () => {
		await caller.close();
		await callee.close();
	});
	if (script) callee.answering(script);
	return { caller, callee };
};

test('two phones hear each other, hold, and hang up from either side', async (t) => {
	const { caller, callee } = await pair(t, scripts.answer({ after: 50, tone: 1000 }));
	for (const first of ['caller', 'callee']) {
		const out = await (await caller.dial('sip:callee@127.0.0.1', { tone: 440 })).reached('up');
		const into = await (await callee.incoming()).reached('up');
		await out.media.hears(1000);
		await into.media.hears(440);
		await out.media.sendDigits('12#');
		assert.equal(into.media.digits, '12#');
		assert.equal((await out.reinvite('sendonly')).status, 200);
		assert.equal(out.remoteSdp.direction, 'recvonly');
		await (first === 'caller' ? out : into).hangup();
		await (first === 'caller' ? into : out).reached('ended');
		assert.deepEqual([out.ended.by, into.ended.by], first === 'caller' ? ['local', 'remote'] : ['remote', 'local']);
		assert.ok(into.ackSeen >= 1);
	}
});

test('cancel, reject, silence, late answer and no ACK', async (t) => {
	const { caller, callee } = await pair(t, scripts.ring());
	const cancelled = await (await caller.dial('sip:callee@127.0.0.1')).reached('ringing');
	await cancelled.cancel();
	assert.equal(cancelled.ended.status, 487);

	callee.lateAnswer = true;
	const late = await (await caller.dial('sip:callee@127.0.0.1')).reached('ringing');
	await late.cancel();
	assert.equal(late.answer.status, 200);
	callee.lateAnswer = false;

	callee.answering(scripts.reject(603, 'Decline'));
	const rejected = await (await caller.dial('sip:callee@127.0.0.1')).reached('ended');
	assert.equal(rejected.ended.status, 603);

	callee.answering(scripts.answer());
	const noAck = await (await caller.dial('sip:callee@127.0.0.1', { ack: false })).reached('up');
	await sleep(1200);
	assert.ok(noAck.finals >= 2, 'the 200 is repeated while no ACK comes');
	noAck.options.ack = true;
	await noAck.hangup();

	callee.silent = true;
	const silent = await (await caller.dial('sip:callee@127.0.0.1', { limit: 1200 })).reached('ended');
	assert.equal(silent.ended.status, 408);
});

test('SIPp calls the scripted phone and is heard through our media', async (t) => {
	const { callee } = await pair(t, scripts.answer({ tone: 1000 }));
	const media = await Media.open('127.0.0.2');
	t.after(() => media.close());
	media.tone(440);
	const customer = sipp('customer', { remote: callee, address: '127.0.0.2', port: 45060, calls: 1, media,
		keys: { did: '4008001', from: '13800001234', talk: 1500 } });
	const call = await (await callee.incoming()).reached('up');
	media.remote = { address: call.media.address, port: call.media.port };
	media.start();
	await Promise.all([media.hears(1000), call.media.hears(440)]);
	await call.reached('ended');
	const result = await customer.done;
	assert.ok(result.ok && result.successful === 1 && result.failed === 0, result.errors);
});

test('the scripted phone calls a SIPp agent', async (t) => {
	const media = await Media.open();
	const agent = sipp('agent', { address: '127.0.0.1', port: 45062, calls: 1, media, keys: { ring: 100 } });
	await sleep(500);
	const caller = await Phone.open({ user: 'caller', address: '127.0.0.2', proxy: { address: '127.0.0.1', port: 45062 } });
	t.after(async () => {
		await caller.close();
		media.close();
	});
	const call = await (await caller.dial('sip:803@127.0.0.1')).reached('up');
	media.remote = { address: '127.0.0.2', port: call.media.port };
	media.tone(700);
	media.start();
	await call.media.hears(700);
	await call.hangup();
	const result = await agent.done;
	assert.ok(result.ok, result.errors + result.output);
});

test('baresip and the scripted phone hear each other', async (t) => {
	const { caller, callee } = await pair(t, scripts.answer({ tone: 1000 }));
	const real = await Baresip.open({ user: 'real', tone: 600 });
	t.after(() => real.close());
	real.dial(`sip:callee@127.0.0.1:${callee.port}`);
	const call = await (await callee.incoming()).reached('up');
	await call.media.hears(600);
	await sleep(1500);
	await real.sendDigits('5');
	await call.hangup();
	await real.event('CALL_CLOSED');
	const [wav] = await until('the recording', () => real.heard().length && real.heard());
	const pitch = pitchOf(wav, 0, 500, wav.ms - 300);
	assert.ok(Math.abs(pitch.hz - 1000) <= 8 && pitch.share > 0.9, JSON.stringify({ ...pitch, ms: wav.ms }));
	assert.equal(call.media.digits, '5');

	caller.proxy = real;
	const back = await caller.dial(`sip:real@127.0.0.1:${real.port}`, { tone: 440 });
	await real.event('CALL_INCOMING');
	real.accept();
	await back.reached('up');
	await back.media.hears(600);
	real.hangup();
	await back.reached('ended');
});
