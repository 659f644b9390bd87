// SPDX-License-Identifier: GPL-2.0-or-later
// Feature codes that agents press in a talk and dial after it: marks, the previous customer's number, transfer, the end.
import assert from 'node:assert/strict';
import { findClip, keySource, levelDb, RATE } from '../lib/tone.mjs';
import { until } from '../lib/wait.mjs';
import { readWav } from '../lib/wav.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const prompt = (name) => readWav(`${stack.prefix}/prompts/zh/${name}.wav`).channels[0];
const said = (media, name) => until(`"${name}" is said`, () => findClip(media.heard(), prompt(name)).score > 0.8, 8000, 200);

async function someone() {
	const tenant = await stack.tenant('demo');
	const [[id, phone]] = await stack.sql(`SELECT id, phone FROM customer WHERE tenant_id=${tenant} AND merged_into IS NULL ORDER BY id LIMIT 1`);
	return { tenant, id, phone };
}

// The marks of the case as [customer, digit of the type, agent, number, call in hexadecimal].
const marks = (began, count) => until(`${count} marks`, async () => {
	const rows = await stack.sql(`SELECT m.customer_id, y.digit, m.agent, m.phone, HEX(m.call_id), m.latest FROM customer_mark m JOIN customer_type y ON y.tenant_id=m.tenant_id AND y.id=m.type_id WHERE m.at >= ${began} ORDER BY m.id`);
	return rows.length >= count && rows;
}, 10000);

e2e('*3# marks the customer of the talk, who hears none of it; *20 says the number too; his own keys are no codes; ## ends the call (CODE-01 CRM-20 CRM-19)', async ({ agent, talk, calls, began }) => {
	const { tenant, id, phone: number } = await someone();
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [customer, leg] = await talk(phone, { from: number });
	await leg.media.hears(440);
	await customer.media.sendDigits('*2#');
	await until('the customer\'s keys', () => leg.media.digits === '*2#', 5000);
	await leg.media.sendDigits('*3#');
	await said(leg.media, 'marked');
	await leg.media.sendDigits('*20');
	await said(leg.media, 'customer_number');
	await leg.media.sendDigits('*9#');
	await said(leg.media, 'mark_unused');
	const rows = await marks(began, 2);
	assert.deepEqual(rows.map((row) => [row[0], row[1], row[2], row[5]]), [[id, '3', '803', '0'], [id, '2', '803', '1']]);
	assert.equal(await stack.value(`SELECT y.digit FROM customer c JOIN customer_type y ON y.tenant_id=c.tenant_id AND y.id=c.type_id WHERE c.tenant_id=${tenant} AND c.id=${id}`), '2');
	assert.equal(customer.media.digits, '', 'nothing was passed on');
	await leg.media.sendDigits('7');
	await until('a key that is no code', () => customer.media.digits === '7', 5000);
	await leg.media.sendDigits('##');
	await customer.reached('ended', 5000);
	const [call] = await calls();
	assert.deepEqual([call.cause, call.side, rows[0][4]], ['answered', 'callee', call.id]);
});

e2e('codes as sound: the customer hears the first key at most; *70 transfers (CODE-01 CALL-04)', async ({ agent, talk, began }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [customer, leg] = await talk(phone, { from: '13899990001', tones: [0, 0] });
	await until('silence is sent', () => customer.media.heard().length > RATE / 2, 5000);
	const from = Date.now();
	leg.media.play(keySource('*3#', { on: 200, off: 900 }));
	await said(leg.media, 'marked');
	const sound = customer.media.heard(from), frame = RATE / 50;
	let loud = 0;
	for (let at = 0; at + frame <= sound.length; at += frame) loud += levelDb(sound.subarray(at, at + frame)) > -40;
	assert.ok(loud <= 15, `${loud} of 30 frames with a key were heard`); // 10: the first one as a whole
	const [[id, digit, by, number]] = await marks(began, 1);
	assert.deepEqual([id, digit, by, number], ['0', '3', '803', '13899990001'], 'a number that no customer has is marked by itself');
	const other = await agent('804');
	await leg.media.sendDigits('*70*804#');
	const second = await other.incoming();
	second.ring();
	second.accept({ tone: 1400 });
	await customer.media.hears(1400);
	await leg.reached('ended', 5000);
});

e2e('afterwards *66*4# marks the previous customer, *67 says the number, not to whom numbers are hidden from; a tenant\'s own codes and those of gateways work at the next call (CODE-01 CODE-04 CRM-20 CALL-13)', async ({ agent, talk, began, agentState }) => {
	const { tenant, id, phone: number } = await someone();
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const desk = await agent('803');
	const [customer, leg] = await talk(desk, { from: number });
	await customer.hangup();
	await leg.reached('ended', 5000);
	await agentState('803', (a) => a.call_state === 'idle');
	const hears = async (who, code, name) => {
		const call = await (await who.dial(code, { tone: 0 })).reached('up');
		await said(call.media, name);
		await call.hangup();
	};
	await hears(desk, '*66*4%23', 'marked');
	const [row] = await marks(began, 1);
	assert.deepEqual([row[0], row[1], row[2]], [id, '4', '803']);
	await hears(desk, '*67', 'customer_number');
	await stack.add('feature_code', { tenant_id: tenant, name: "'last_number'", code: "'*68'", gateway: "'90068'" });
	await stack.add('preference', { tenant_id: tenant, name: "'gateway_codes'", value: "'1'" });
	await stack.configure('user', `tenant_id=${tenant} AND username='803' AND live=1`, { hide_numbers: 2 });
	const gone = await (await desk.dial('*67')).reached('ended');
	assert.ok(gone.ended.status >= 400, 'the code is another one now');
	await hears(desk, '90068', 'number_hidden');
	await hears(desk, '*114*1', 'own_agent');
});
