// SPDX-License-Identifier: GPL-2.0-or-later
// What a waiting customer hears: entry announcement, hold music, position, and the way out of them to the agent.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findClip, levelDb } from '../lib/tone.mjs';
import { readWav } from '../lib/wav.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world({ sound: true });

const prompt = (name) => {
	const wav = readWav(join(stack.prefix, `prompts/${name}.wav`));
	assert.deepEqual([wav.rate, wav.channels.length], [8000, 1], name);
	return wav;
};
const found = (heard, name, what = name) => {
	const clip = findClip(heard, prompt(name).channels[0]);
	assert.ok(clip.score > 0.8, `${what} is not in what was heard (score ${clip.score.toFixed(2)})`);
	return clip.ms;
};

e2e('entry announcement, position announcement and hold music, in this order (TEL-05 TEL-07 TEL-21)', async ({ customer }) => {
	const call = await (await customer('4008001', { tone: 0 })).reached('up');
	const heard = await call.media.first(prompt('zh/queue_welcome').ms + 7000);
	const at = { welcome: found(heard, 'zh/queue_welcome'), before: found(heard, 'zh/position_before'), number: found(heard, 'zh/number_1'),
		after: found(heard, 'zh/position_after') };
	assert.ok(at.welcome < at.before && at.before < at.number && at.number < at.after, JSON.stringify(at));
	const audible = (samples) => samples.subarray(samples.findIndex((sample) => Math.abs(sample) > 200));
	const begins = findClip(audible(heard).subarray(0, 1600), audible(prompt('zh/queue_welcome').channels[0]).subarray(0, 480));
	assert.ok(begins.score > 0.8 && Math.abs(begins.ms) <= 20, `the first that is heard is the announcement's beginning: ${JSON.stringify(begins)}`);
	const music = heard.subarray(-8000);
	assert.ok(levelDb(music) > -40, 'music is heard at the end');
	found(prompt('music/hold').channels[0], 'music/hold');
	assert.ok(findClip(prompt('music/hold').channels[0], music).score > 0.8, 'and it is the hold music');
});

e2e('the position counts: the second caller hears two (TEL-07)', async ({ customer }) => {
	await stack.queue('600', { entry_prompt: '' });
	const first = await (await customer('4008001', { tone: 0 })).reached('up');
	await sleep(300);
	const second = await (await customer('4008001', { tone: 0 })).reached('up');
	found(await second.media.first(6000), 'zh/number_2', 'the second position');
	found(await first.media.first(6000), 'zh/number_1', 'the first position');
});

e2e('English prompts for a tenant that speaks English (SYS-01 TEL-07)', async ({ customer }) => {
	await stack.configure('tenant', `id=${await stack.tenant('demo')}`, { prompt_language: 'en' });
	const call = await (await customer('4008001', { tone: 0 })).reached('up');
	found(await call.media.first(prompt('en/queue_welcome').ms + 1000), 'en/queue_welcome');
});

e2e('the music ends when the agent answers, and during his ringing it plays (TEL-07)', async ({ agent, customer }) => {
	await stack.queue('600', { entry_prompt: '', announce_position: 0 });
	const phone = await agent('803', { script: scripts.ring() });
	const call = await (await customer('4008001', { tone: 440 })).reached('up');
	const leg = await phone.incoming();
	const rings = Date.now();
	await until('music while it rings', () => {
		const heard = call.media.heard(rings);
		return heard.length >= 6400 && findClip(prompt('music/hold').channels[0], heard.subarray(-6400)).score > 0.7;
	}, 5000, 200);
	leg.accept({ tone: 0 });
	await until('only the (silent) agent', () => {
		const heard = call.media.heard(Date.now() - 500);
		return heard.length > 2000 && levelDb(heard) < -50;
	});
	leg.media.tone(1000);
	await call.media.hears(1000);
	assert.ok((await leg.media.hears(440)).share > 0.9, 'the agent hears the customer alone');
});

e2e('periodic position announcement (TEL-07)', async ({ customer }) => {
	await stack.queue('600', { entry_prompt: '', announce_period_s: 6 });
	const call = await (await customer('4008001', { tone: 0 })).reached('up');
	const heard = await call.media.first(11000);
	const first = found(heard, 'zh/position_before');
	const second = findClip(heard.subarray((first + 3000) * 8), prompt('zh/position_before').channels[0]);
	assert.ok(second.score > 0.8, 'it is said again');
	assert.ok(Math.abs(second.ms + 3000 - 6000) < 700, `after ${second.ms + 3000} ms`);
});

e2e('calls from the blacklist are hung up, left ringing, told or played music to, and reach nobody (TEL-19 SYS-01)', async ({ agent, customer, calls }) => {
	const tenant = await stack.tenant('demo'), FROM = '13812340000', phone = await agent('803');
	const generation = async () => Number(await stack.value('SELECT generation FROM configuration_generation'));
	const treat = (value) => stack.configure('preference', `tenant_id=${tenant} AND name='blacklist_action'`, { value });
	const unwanted = (from = FROM) => customer('4008001', { from, tone: 0 });
	const before = await generation();
	await stack.add('blacklist', { tenant_id: tenant, phone: `'${FROM}'`, e164: `'86${FROM}'`, created_at: 1, updated_at: 1 });
	await stack.add('blacklist', { tenant_id: tenant, phone: "'13812340001'", e164: "'8613812340001'", state: "'pending'", created_at: 1, updated_at: 1 });
	assert.equal(await generation() - before, 1, 'the change itself raises it; what waits for approval does not');
	await stack.add('preference', { tenant_id: tenant, name: "'blacklist_action'", value: "'hangup'" });
	await stack.add('preference', { tenant_id: tenant, name: "'extension_timeout_s'", value: "'5'" });
	await stack.reload();
	for (const from of [FROM, `+86${FROM}`]) {
		const hung = await (await unwanted(from)).reached('ended');
		assert.deepEqual([hung.ended.status, hung.ended.reason, hung.provisionals.filter((c) => c > 100)], [603, 'Decline', []]);
	}
	await treat('ring');
	const rung = await (await unwanted()).reached('ended', 15000);
	assert.deepEqual([rung.ended.status, rung.provisionals.filter((c) => c > 100)], [480, [180]]);
	const lasted = rung.times.ended - rung.times.ringing;
	assert.ok(lasted > 4500, `it rang for ${lasted} ms`);
	await treat('announcement');
	const told = await (await unwanted()).reached('ended', 20000);
	assert.equal(told.ended.by, 'remote');
	const words = prompt('zh/call_not_taken').channels[0];
	assert.ok(findClip(told.media.heard(), words.subarray(0, words.length - 1600)).score > 0.8, 'the announcement, but for its last moment');
	await treat('music');
	const played = await (await unwanted()).reached('up');
	const music = (await played.media.first(1500)).subarray(-6400);
	await played.hangup();
	assert.ok(findClip(prompt('music/hold').channels[0], music).score > 0.7, 'it is the hold music');
	assert.deepEqual((await calls(5)).map((c) => [c.cause, c.sip_code, c.queue, c.agent]), [603, 603, 480, 200, 200].map((code) => ['blacklist', code, null, null]));
	assert.deepEqual(phone.calls, []);
	await stack.queue('600', { entry_prompt: '' });
	const other = await (await unwanted('13812340001')).reached('up');
	await phone.incoming(10000);
	await other.hangup();
});
