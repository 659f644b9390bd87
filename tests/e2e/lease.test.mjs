// SPDX-License-Identifier: GPL-2.0-or-later
// An agent is busy for as long as its leg lives: whoever vanishes is noticed, whoever is only silent is left alone.
import assert from 'node:assert/strict';
import { sleep } from '../lib/wait.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();

const SILENCE = 10000, ANSWER = 4000;		// lease.h
const LIMIT = 20000;						// from the last sign of life to a free agent

// OPTIONS that a phone got inside its calls.
const asked = (phone) => phone.received.filter((r) => r.method === 'OPTIONS' && /tag=/.test(r.get('to'))).length;

e2e('who vanishes frees the agent within 20 s; muted, held and silent trunks are left alone (STATE-01 CDR-02)', { timeout: 120000, allow: [/is gone/] }, async ({ agent, talk, agentState, calls, onClose }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off', strategy: 'linear' });
	const [vanished, lost, muted, held, reporting] = [await agent('801'), await agent('802'), await agent('803'), await agent('804'), await agent('805')];
	const pairs = [];
	for (const phone of [vanished, lost, muted, held, reporting]) pairs.push(await talk(phone));
	const [, lostLeg, mutedLeg, heldLeg, reportingLeg] = pairs.map(([, leg]) => leg);
	pairs[2][0].phone.ignorant = true;		// the carrier knows no OPTIONS
	assert.equal((await heldLeg.reinvite('sendonly')).status, 200);

	const began = Date.now();
	for (const [, leg] of pairs) leg.media.stop();
	pairs[2][0].media.stop();				// and this customer says nothing either
	vanished.deaf = true;					// pulled out of its socket
	lostLeg.state = 'ended';				// its BYE got lost: it answers 481
	held.ignorant = true;					// silence is expected while it holds
	reporting.ignorant = true;				// but RTCP is a sign of life
	const reports = setInterval(() => reportingLeg.media.report(), 3000);
	onClose(async () => clearInterval(reports));

	await agentState('802', (a) => a.call_state === 'idle', 'demo', LIMIT);
	assert.ok(Date.now() - began >= SILENCE - 500, 'silence alone is no end');
	await agentState('801', (a) => a.call_state === 'idle', 'demo', LIMIT - (Date.now() - began));
	assert.ok(Date.now() - began < LIMIT, `free after ${Date.now() - began} ms`);
	await Promise.all(pairs.slice(0, 2).map(([call]) => call.reached('ended')));

	await sleep(began + 3 * (SILENCE + ANSWER) - Date.now());
	assert.ok(asked(muted) >= 3, `${asked(muted)} questions`);
	assert.equal(asked(reporting), 0, 'who reports is not asked');
	for (const [number, state] of [['803', 'talking'], ['804', 'hold'], ['805', 'talking']]) assert.equal((await agentState(number)).call_state, state, `agent ${number}`);
	for (const [call, leg] of pairs.slice(2)) assert.deepEqual([call.state, leg.state], ['up', 'up']);
	mutedLeg.media.start();
	mutedLeg.media.tone(1000);
	await pairs[2][0].media.hears(1000);

	heldLeg.state = 'ended';				// switched off and on while it held: 481
	held.ignorant = false;
	await agentState('804', (a) => a.call_state === 'idle', 'demo', LIMIT);
	await pairs[2][0].hangup();
	await pairs[4][1].hangup();
	const rows = await calls(5);
	assert.deepEqual(rows.map((r) => [r.cause, r.side]), [['answered', 'system'], ['answered', 'system'], ['answered', 'caller'],
		['answered', 'system'], ['answered', 'callee']]);
});
