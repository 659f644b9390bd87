// SPDX-License-Identifier: GPL-2.0-or-later
// Menus that callers go through by keys, and announcements: the demo's menu 7000 behind 4008002. Prompts of these cases are
// tones, so that what is heard is measured; keys are RFC 4733.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { api } from '../lib/http.mjs';
import { shareOf, toneSource } from '../lib/tone.mjs';
import { writeWav } from '../lib/wav.mjs';
import { until } from '../lib/wait.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const tenant = await stack.tenant('demo');

const tone = (hz, ms = 1500) => {
	const name = `test_ivr_${hz}_${ms}`;
	writeWav(join(stack.prefix, `prompts/zh/${name}.wav`), toneSource(hz)(8 * ms));
	return name;
};
const text = (value) => `'${value}'`;
const id = (number) => `(SELECT m.id FROM ivr m WHERE m.tenant_id=${tenant} AND m.number='${number}')`;
const menu = (fields, number = '7000') => stack.configure('ivr', `tenant_id=${tenant} AND number='${number}'`, fields);
const says = (prompt, gap = 0) => stack.configure('ivr_prompt', `tenant_id=${tenant} AND position=1 AND ivr_id=${id('7000')}`, { prompt, gap_s: gap });
// Further prompts, menus and keys: in force with the next configure().
const prompt = (number, position, name) => stack.add('ivr_prompt', { tenant_id: tenant, ivr_id: id(number), position, prompt: text(name) });
const another = (number, fields = {}) => stack.add('ivr', { tenant_id: tenant, number: text(number), name: text('test'), created_at: 0, updated_at: 0, ...fields });
const key = (number, digits, kind, target = '') => stack.add('ivr_key', { tenant_id: tenant, ivr_id: id(number), digits: text(digits), target_kind: text(kind), target: text(target) });

// Milliseconds at which a pitch was heard to begin, by the clock of the sound itself.
const beginnings = (heard, hz) => Array.from({ length: Math.floor(heard.length / 800) }, (_, i) => shareOf(heard.subarray(800 * i, 800 * (i + 1)), hz) > 0.8)
	.flatMap((now, i, all) => (now && !all.slice(Math.max(0, i - 3), i).some(Boolean) ? [100 * i] : []));
const path = async (row) => (await stack.sql(`SELECT type, fields FROM event WHERE call_id=UNHEX('${row.id}') AND type IN (11,36,37,38) ORDER BY call_seq`)).map(([type, json]) => {
	const { menu: number, node, target, why, keys } = JSON.parse(json);
	return [{ 11: 'to', 36: 'in', 37: 'miss', 38: 'out' }[type], number ?? node, target, why, keys].filter(Boolean).join(' ');
});

e2e('prompts with a gap, a key while they are said, the menu\'s prefix at the agent\'s phone, the way in the journal (TEL-14)', async ({ agent, customer, calls }) => {
	await prompt('7000', 2, tone(900));
	await says(tone(700), 1);
	await menu({ prefix_number: '7*', prefix_name: '总机-' });
	await stack.queue('600', { entry_prompt: '', music: '' });
	const phone = await agent('803');
	const whole = await (await customer('4008002', { tone: 0 })).reached('up');
	const heard = await whole.media.first(5500);
	const [[first], [second]] = [beginnings(heard, 700), beginnings(heard, 900)];
	assert.ok(Math.abs(first - 1000) < 500, `after a second of silence: ${first}`);
	assert.ok(Math.abs(second - first - 2500) < 300, `a second between them: ${first} ${second}`);
	await whole.hangup();
	const call = await (await customer('4008002', { tone: 0 })).reached('up');
	await call.media.hears(700);
	await call.media.sendDigits('1');
	const leg = await phone.incoming();
	assert.match(leg.invite.get('from'), /"总机-[^"]*" *<sip:7\*13800000001@/);
	leg.accept({ tone: 1000 });
	await call.media.hears(1000);
	await call.hangup();
	const [, row] = await calls(2);
	assert.equal(row.cause, 'answered');
	assert.deepEqual(await path(row), ['to ivr 7000', 'in 7000', 'out 7000 key 1', 'to queue 600']);
});

e2e('without a key the prompts come again, then the time-out target; wrong inputs up to the limit (TEL-14)', async ({ customer, calls }) => {
	await says(tone(700));
	await stack.queue('600', { entry_prompt: '', announce_position: 0, music: `zh/${tone(850, 2000)}` });
	await menu({ start_s: 0, repeats: 1, timeout_s: 1, key_timeout_s: 1, tries: 2, timeout_prompt: tone(1200), no_match_prompt: tone(500), no_match_kind: 'hangup', no_match_target: '' });
	const silent = await (await customer('4008002', { tone: 0 })).reached('up');
	const wrong = await (await customer('4008002', { tone: 0 })).reached('up');
	for (let i = 0; i < 2; i++) {
		await wrong.media.hears(700);
		await wrong.media.sendDigits('9');
		await wrong.media.hears(500);
	}
	await wrong.reached('ended');
	await silent.media.hears(850, 12000);
	const heard = silent.media.heard();
	assert.deepEqual([700, 1200, 700].map((hz, i) => beginnings(heard, hz).length), [2, 1, 2]);
	assert.ok(beginnings(heard, 1200)[0] < beginnings(heard, 700)[1], 'the time-out prompt comes before they are said again');
	await silent.hangup();
	const rows = await calls(2);
	const missed = rows.find((row) => row.cause === 'other');
	assert.deepEqual(await path(missed), ['to ivr 7000', 'in 7000', 'miss 7000 9', 'miss 7000 9', 'out 7000 no_match 9']);
	assert.deepEqual(await path(rows.find((row) => row !== missed)), ['to ivr 7000', 'in 7000', 'out 7000 timeout', 'to queue 600']);
});

e2e('an agent\'s number, a menu below and back, an announcement that a key skips (TEL-14 TEL-16)', async ({ agent, customer, calls }) => {
	await another('7100');
	await prompt('7100', 1, tone(1500, 3000));
	await key('7100', '*', 'back');
	await another('7200', { kind: text('announcement'), skip: 1, timeout_kind: text('back') });
	await prompt('7200', 1, tone(1700, 9000));
	await key('7000', '3', 'ivr', '7100');
	await key('7000', '4', 'ivr', '7200');
	await says(tone(700, 5000));
	const phone = await agent('803');
	const call = await (await customer('4008002', { tone: 0 })).reached('up');
	for (const [hz, digit] of [[700, '3'], [1500, '*'], [700, '4'], [1700, '#'], [700, '803']]) {
		await call.media.hears(hz);
		await call.media.sendDigits(digit);
	}
	(await phone.incoming()).accept({ tone: 1000 });
	await call.media.hears(1000);
	await call.hangup();
	const [row] = await calls(1);
	assert.deepEqual(await path(row), ['to ivr 7000', 'in 7000', 'out 7000 key 3', 'to ivr 7100', 'in 7100', 'out 7100 key *', 'to ivr 7000', 'in 7000', 'out 7000 key 4',
		'to ivr 7200', 'in 7200', 'out 7200 skipped', 'to ivr 7000', 'in 7000', 'out 7000 agent 803', 'to agent 803']);
	const newest = (await api(stack.web, '/reports/calls?format=json', 'demo-api-key')).json.rows[0].id;
	const { json } = await api(stack.web, `/reports/calls/${newest}?format=json`, 'demo-api-key');
	assert.ok(json.events.some(({ type, fields }) => type === 'ivr.leave' && fields.keys === '803'));
});

e2e('a queue overflows to a menu, an agent dials it, and a new key is in force at once (TEL-05 TEL-14)', async ({ agent, customer, calls }) => {
	await says(tone(700, 9000));
	await stack.queue('600', { entry_prompt: '', join_empty: 0, overflow_kind: 'ivr', overflow_target: '7000' });
	const call = await (await customer('4008001', { tone: 0 })).reached('up');
	await call.media.hears(700);
	await key('7000', '5', 'prompt', tone(1900, 3000));
	await stack.reload();
	await call.media.sendDigits('5');
	await call.media.hears(1900);
	await call.reached('ended', 8000);
	const [row] = await calls(1);
	assert.equal(row.cause, 'queue_join_empty', 'as the queue says that sent it there');
	assert.deepEqual(await path(row), ['to queue 600', 'to ivr 7000', 'in 7000', 'out 7000 key 5', `to prompt ${tone(1900, 3000)}`]);
	const phone = await agent('804');
	const dialled = await phone.dial('7000', { tone: 0 });
	await dialled.reached('up');
	await dialled.media.hears(700);
	await dialled.hangup();
	await until('the agent is free', async () => (await stack.command('cc.agent.get', { tenant, agent: '804' })).call_state === 'idle');
});
