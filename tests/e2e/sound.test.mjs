// SPDX-License-Identifier: GPL-2.0-or-later
// What a waiting customer hears: entry announcement, hold music, position, and the way out of them to the agent.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findClip, levelDb } from '../lib/tone.mjs';
import { readWav } from '../lib/wav.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();

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
	assert.ok(at.welcome < 1000, `the announcement begins at ${at.welcome} ms`);
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
