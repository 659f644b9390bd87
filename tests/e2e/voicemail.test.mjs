// SPDX-License-Identifier: GPL-2.0-or-later
// Callers leave messages: what they hear, what is filed of what they say, who finds it (TEL-22).
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from '../lib/http.mjs';
import { shareOf, toneSource } from '../lib/tone.mjs';
import { parseWav, part, pitchOf, writeWav } from '../lib/wav.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const tenant = await stack.tenant('demo');
const [BEEP, GREETING, VOICE] = [1000, 1300, 440];
writeWav(join(stack.prefix, 'prompts/zh/test_greeting.wav'), toneSource(GREETING)(4000));

// Nobody is signed in: the queue sends callers to this box.
const toBox = (box) => stack.queue('600', { entry_prompt: '', join_empty: 0, leave_empty: 1, overflow_kind: 'voicemail', overflow_target: box });
const prefer = (name, value) => stack.add('preference', { tenant_id: tenant, name: `'${name}'`, value: `'${value}'` });
// The caller hears greeting and tone, and the message is being recorded.
const afterTone = async (call) => {
	await call.media.hears(GREETING, 8000);
	await call.media.hears(BEEP, 8000);
	await until('the recording', async () => Number(await stack.value(`SELECT COUNT(*) FROM event WHERE type=50 AND at >= ${call.began}`)) > 0, 8000, 50);
};
// Who speaks does so from the beginning: nothing depends on when the tone is over.
const caller = async (customer, did) => {
	const began = Date.now();
	const call = await (await customer(did, { tone: VOICE })).reached('up');
	return Object.assign(call, { began });
};
// Messages in the database since then, with the length of what was filed once that is there.
const messages = (since, count = 1) => until(`${count} messages`, async () => {
	const rows = await stack.sql(`SELECT v.id,v.agent,v.queue,v.segment,v.last_segment,v.duration_ms,v.caller,r.duration_ms,r.state,r.path FROM voicemail v
		JOIN recording r ON r.tenant_id=v.tenant_id AND r.call_id=v.call_id AND r.segment=IF(v.segment=v.last_segment,v.segment,0) WHERE v.at >= ${since} ORDER BY v.id`);
	return rows.length >= count && rows;
}, 20000, 200);
const filed = async (browser, id) => {
	const answer = await browser.request(`/reports/voicemail/play/${id}`);
	assert.equal(answer.status, 200);
	return Buffer.from(await answer.arrayBuffer());
};

e2e('a queue sends a caller to the box of an agent, who finds, hears and deletes what was said after the tone (TEL-22 TEL-05)', async ({ customer, calls }) => {
	await stack.configure('agent', `tenant_id=${tenant} AND number='803' AND live=1`, { greeting: 'test_greeting' });
	await toBox('803');
	const call = await caller(customer);
	await afterTone(call);
	await sleep(3000);
	await call.media.sendDigits('#');
	await call.reached('ended', 15000);
	const [row] = await calls(1);
	assert.deepEqual([row.cause, row.side, row.sip_code, row.agent_ms], ['voicemail', 'system', 200, 0]);
	const [[id, agent, queue, , , ms, from, length, state, path]] = await messages(call.began);
	assert.deepEqual([agent, queue, from, state], ['803', null, '13800000001', 'ok']);
	assert.ok(Number(ms) > 2900 && Math.abs(ms - length) < 1500, `${ms} ms, ${length} ms filed`);
	const wav = parseWav(readFileSync(join(stack.run, `data/recordings/${path}.wav`)));
	const pitch = pitchOf(wav, 0, 300, 2500);
	assert.ok(Math.abs(pitch.hz - VOICE) <= 8 && pitch.share > 0.85, JSON.stringify(pitch));
	for (const hz of [BEEP, GREETING]) assert.ok(shareOf(part(wav, 1, 0, wav.ms), hz) < 0.02, `${hz} Hz is no part of the message`);

	const own = new Browser(stack.web), other = new Browser(stack.web), admin = new Browser(stack.web);
	await own.signIn('demo', '803', 'demo-803');
	await other.signIn('demo', '804', 'demo-804');
	await admin.signIn('demo', 'admin', 'demo-admin');
	const listed = async (browser, query = '') => JSON.parse((await browser.page(`/reports/voicemail?format=json&${query}`)).text).rows.find((r) => r.id === Number(id));
	assert.equal((await listed(own, 'state=new')).box, '803');
	assert.equal(await listed(other), undefined, "it is not a colleague's");
	assert.equal((await other.request(`/reports/voicemail/play/${id}`)).status, 404);
	assert.match((await own.page('/desk/')).text, /data-figure="messages"><a [^>]*>1</);
	await filed(admin, id);
	assert.equal((await listed(own)).state, 'new', 'only who has the box has heard it');
	assert.ok((await filed(own, id)).length > 1000);
	assert.equal((await listed(own)).state, 'heard');
	assert.equal(await listed(own, 'state=new'), undefined);
	assert.ok(await listed(own, 'time=today'));
	assert.equal(await listed(own, 'caller=999'), undefined);
	assert.ok((await own.post(`/reports/voicemail/${id}/delete`)).status < 400);
	assert.equal(await listed(own), undefined);
	assert.equal(await stack.value(`SELECT COUNT(*) FROM voicemail WHERE id=${id} AND live IS NULL`), '1', 'the row stays');
});

e2e('an agent who is called directly and whose phone is off; silence ends a message, a short one is not kept (TEL-22)', async ({ customer, calls }) => {
	await stack.add('did', { tenant_id: tenant, number: "'4008022'", target_kind: "'agent'", target: "'803'" });
	await prefer('voicemail_greeting', 'test_greeting');
	await prefer('voicemail_silence_s', '3');
	await stack.configure('agent', `tenant_id=${tenant} AND number='803' AND live=1`, { voicemail: 1 });
	const call = await caller(customer, '4008022');
	await afterTone(call);
	await sleep(2500);
	call.media.tone(0);
	await call.reached('ended', 15000);
	const [[, agent, , , , ms]] = await messages(call.began);
	assert.equal(agent, '803');
	assert.ok(Number(ms) > 2500, ms);
	await prefer('voicemail_min_s', '10');
	await stack.reload();
	const short = await caller(customer, '4008022');
	await afterTone(short);
	await short.hangup();
	assert.deepEqual((await calls(2)).map((c) => c.cause), ['voicemail', 'no_answer']);
	assert.equal(await stack.value(`SELECT COUNT(*) FROM voicemail WHERE at >= ${call.began}`), '1');
	await until('the capture is looked at', () => readdirSync(join(stack.run, 'data/spool/metadata')).length === 0, 15000, 200);
	assert.equal(await stack.value(`SELECT COUNT(*) FROM recording r JOIN calls c ON c.tenant_id=r.tenant_id AND c.id=r.call_id WHERE c.started_at >= ${short.began}`), '0');
});

e2e('the box of a group by a key of the menu, ended by hanging up; its members find it (TEL-22 TEL-05)', async ({ agent, customer, calls }) => {
	await stack.add('agent_group_key', { tenant_id: tenant, group_id: `(SELECT id FROM agent_group g WHERE g.tenant_id=${tenant} AND g.number='600')`,
		digit: "'5'", target_kind: "'voicemail'", target: "'600'" });
	await stack.queue('600', { entry_prompt: '', announce_position: 0, music: '', greeting: 'test_greeting' });
	await agent('803');
	await stack.command('cc.agent.work', { tenant, agent: '803', state: 'busy', reason: 'meal' });
	const call = await caller(customer);
	await call.media.sendDigits('5');
	await afterTone(call);
	await sleep(2600);
	await call.hangup();
	assert.deepEqual((await calls(1)).map((c) => [c.cause, c.side]), [['voicemail', 'caller']]);
	const [[id, none, queue]] = await messages(call.began);
	assert.deepEqual([none, queue], [null, '600']);
	const member = new Browser(stack.web);
	await member.signIn('demo', '803', 'demo-803');
	assert.ok((await filed(member, id)).length > 1000);
});
