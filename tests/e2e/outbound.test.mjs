// SPDX-License-Identifier: GPL-2.0-or-later
// Agents call outside, by phone and by a page: over which trunk, as whom, when not; and what is left afterwards.
import assert from 'node:assert/strict';
import { Phone } from '../lib/sip.mjs';
import { join } from 'node:path';
import { dominantPitch, findClip } from '../lib/tone.mjs';
import { until } from '../lib/wait.mjs';
import { readWav } from '../lib/wav.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const NUMBER = '13900000005', E164 = '8613900000005';

const dial = async (agent, number, more = {}) => stack.command('cc.call.dial', { tenant: await stack.tenant('demo'), actor: `agent:${agent}`, agent, number, ...more });
const refused = async (reason, agent, number, more) => assert.rejects(dial(agent, number, more), (e) => assert.equal(e.reason, reason) ?? true);
const row = async (call) => (await stack.sql(`SELECT direction,trunk,caller,callee,did,agent,cause,side FROM calls WHERE id=UNHEX('${call.id}')`))[0];
const idle = (a) => a.call_state === 'idle';

e2e('by phone: both hear each other; row, recording, caller id; the agent is held for the call (CALL-01 TEL-10)', async ({ phone, carrier, agentState, calls }) => {
	const [agent, trunk] = [await phone('803'), await carrier()];
	const call = await agent.dial(NUMBER, { tone: 1000 });
	const customer = await trunk.incoming();
	assert.deepEqual([customer.invite.uri.split('@')[0], customer.from], [`sip:+${E164}`, '4008001']);
	assert.notEqual((await agentState('803')).call_state, 'idle');
	assert.deepEqual(call.provisionals.filter((c) => c > 100), []);
	customer.ring();
	await call.reached('ringing');
	customer.accept({ tone: 440 });
	await call.reached('up');
	await Promise.all([call.media.hears(440), customer.media.hears(1000)]);
	await agentState('803', (a) => a.call_state === 'talking');
	const listed = (await stack.command('cc.calls', { tenant: await stack.tenant('demo') })).calls;
	assert.deepEqual(listed.map((c) => [c.dir, c.from, c.to]), [['out', '803', NUMBER]]);
	await until('a second of sound', () => customer.media.packets.length > 70, 3000);
	await call.hangup();
	await customer.reached('ended');
	await agentState('803', idle);
	const [done] = await calls();
	assert.deepEqual(await row(done), ['out', 'demo-trunk', '803', NUMBER, '4008001', '803', 'answered', 'caller']);
	const legs = await stack.sql(`SELECT role,agent FROM call_leg WHERE call_id=UNHEX('${done.id}') ORDER BY role`);
	assert.deepEqual(legs, [['agent', '803'], ['callee', null]]);
	await until('the recording', async () => (await stack.sql(`SELECT state FROM recording WHERE call_id=UNHEX('${done.id}')`))[0]?.[0] === 'ok', 15000, 200);
});

e2e('by a page: the own phone first, then the customer, an agent, a queue; refused with a reason (CALL-01 TEL-08)', async ({ phone, carrier, agentState, calls }) => {
	const trunk = await carrier();
	await refused('not_registered', '803', NUMBER);
	const agent = await phone('803');
	await refused('bad_number', '803', '*100');
	await refused('bad_number', '803', '803');
	await refused('not_permitted', '803', NUMBER, { actor: 'agent:804' });
	await refused('no_such_agent', '899', NUMBER, { actor: 'system' });
	const { call: id } = await dial('803', NUMBER, { name: 'Zhang', shown: '139****0005', customer: 7 });
	const own = await agent.incoming();
	assert.match(own.invite.get('alert-info'), /alert-autoanswer/);
	assert.match(own.invite.get('from'), /"Zhang" <sip:139\*\*\*\*0005@/);
	await refused('agent_busy', '803', NUMBER);
	assert.equal(trunk.calls.length, 0, 'the customer is not called before');
	own.accept({ tone: 1000 });
	const customer = await trunk.incoming();
	customer.ring();
	customer.accept({ tone: 440 });
	await Promise.all([own.media.hears(440), customer.media.hears(1000)]);
	assert.equal((await customer.hangup()).status, 200);
	await own.reached('ended');
	await agentState('803', idle);
	const [done] = await calls();
	assert.deepEqual(await row(done), ['out', 'demo-trunk', '803', NUMBER, '4008001', '803', 'answered', 'callee']);
	const [[fields]] = await stack.sql(`SELECT fields FROM event WHERE call_id=UNHEX('${done.id}') AND type=10`);
	assert.deepEqual([JSON.parse(fields).click, JSON.parse(fields).customer], [true, 7]);
	assert.ok(id);

	await stack.configure('agent_group', `tenant_id=${await stack.tenant('demo')}`, { auto_answer_click: 0 });
	const other = await phone('804', { script: scripts.answer({ tone: 700, ringFor: 100 }) });
	await dial('803', '804');
	const again = await agent.incoming();
	assert.equal(again.invite.get('alert-info'), undefined, 'nor does the phone answer by itself then');
	assert.equal(again.from, '804');
	again.accept({ tone: 1000 });
	await Promise.all([again.media.hears(700), until('the other phone', () => other.calls[0]).then((c) => c.media.hears(1000))]);
	assert.equal(other.calls[0].from, '803');
	await again.hangup();
	await other.calls[0].reached('ended');
	await Promise.all([agentState('803', idle), agentState('804', idle)]);
	assert.equal((await row((await calls(2))[1]))[0], 'internal');
});

e2e('before the answer the agent hears what the carrier says, and not the other way round (CALL-01)', async ({ phone, carrier, agentState, calls }) => {
	const [agent, trunk] = [await phone('803'), await carrier()];
	const call = await agent.dial(NUMBER, { tone: 1000 });
	const customer = await trunk.incoming();
	customer.media.tone(500);
	customer.ring({ status: 183, media: true });
	await call.media.hears(500);
	assert.deepEqual(call.provisionals.filter((c) => c > 100), [183]);
	assert.equal(dominantPitch(customer.media.heard()).hz, 0);
	customer.accept({ tone: 440 });
	await call.reached('up');
	await Promise.all([call.media.hears(440), customer.media.hears(1000)]);
	await call.hangup();
	await customer.reached('ended');
	await agentState('803', idle);

	const { call: id } = await dial('803', NUMBER); // by a page; the description comes in an acknowledged 183 only
	const own = await agent.incoming();
	own.accept({ tone: 1000 });
	const other = await trunk.incoming();
	other.media.tone(500);
	other.ring();
	await until('the ring tone', () => own.media.pitch(400).hz);
	other.ring({ status: 183, media: true, reliable: 7 });
	await own.media.hears(500);
	assert.equal(dominantPitch(other.media.heard()).hz, 0);
	assert.ok(trunk.received.some((m) => m.method === 'PRACK'));
	other.accept({ tone: 440, description: false });
	await Promise.all([own.media.hears(440), other.media.hears(1000)]);
	await own.hangup();
	await other.reached('ended');
	await agentState('803', idle);
	assert.ok(id);
	assert.deepEqual((await calls(2)).map((c) => c.cause), ['answered', 'answered']);
});

e2e('a phone that wants every response acknowledged hears the carrier too; its answer waits for the PRACK (CALL-01 TEL-01)', async ({ phone, carrier, agentState }) => {
	const [agent, trunk] = [await phone('803'), await carrier()];
	const required = [['Require', '100rel']];
	const call = await agent.dial(NUMBER, { tone: 1000, headers: required, prack: false });
	const customer = await trunk.incoming();
	customer.ring();
	await until('our 180', () => call.reliable?.length);
	customer.media.tone(500);
	customer.ring({ status: 183, media: true });
	await until('our 180 again', () => call.reliable.length > 1);
	assert.ok(call.reliable.every((r) => r.status === 180), 'one after the other');
	call.acknowledge();
	await until('then the 183', () => call.reliable.some((r) => r.status === 183 && r.body));
	await call.media.hears(500);
	assert.equal((await call.prackAnswer).status, 200);
	customer.accept({ tone: 440 });
	await call.reached('up');
	assert.equal(call.answer.body, '', 'the description was given and acknowledged');
	await Promise.all([call.media.hears(440), customer.media.hears(1000)]);
	await call.hangup();
	await customer.reached('ended');
	await agentState('803', idle);

	const slow = await agent.dial(NUMBER, { tone: 1000, headers: required, prack: false });
	const other = await trunk.incoming();
	other.media.tone(500);
	other.ring({ status: 183, media: true });
	await until('the 183 again', () => slow.reliable?.length > 1);
	assert.ok(slow.reliable.every((r) => r.status === 183 && r.body), 'repeated as it was');
	other.accept({ tone: 440 });
	await until('the answer of the carrier is acknowledged', () => other.ackSeen > 0);
	const again = slow.reliable.length;
	await until('the 183 once more', () => slow.reliable.length > again);
	assert.equal(slow.state, 'ringing', 'no answer before its PRACK');
	slow.acknowledge();
	await slow.reached('up');
	await Promise.all([slow.media.hears(440), other.media.hears(1000)]);
	await slow.hangup();
	await other.reached('ended');
	await agentState('803', idle);
});

e2e('predictive: the customer is called first and waits; the phone of the agent is asked to answer by itself; row, visit, recording (TEL-08 CDR-07)', async ({ agent, carrier, agentState, calls }) => {
	const tenant = await stack.tenant('demo'), trunk = await carrier();
	const originate = (more = {}) => stack.command('cc.call.originate', { tenant, queue: '600', number: NUMBER, ...more });
	const declined = (reason, more) => assert.rejects(originate(more), (e) => assert.equal(e.reason, reason) ?? true);
	await stack.queue('600', { entry_prompt: '', announce_position: 0, wrapup: 'answered', wrapup_s: 0 });
	await declined('nobody_on_duty');
	const seat = await agent('803');
	await declined('no_queue', { queue: '' });
	await declined('no_such_queue', { queue: '699' });
	await declined('no_number', { number: '' });
	await declined('bad_number', { number: '804' });
	await declined('bad_number', { number: '4008001' });
	await declined('no_such_profile', { profile: 999 });
	await declined('bad_caller_id', { caller_id: '4009999' });
	await declined('bad_ring_ms', { ring_ms: 999 });
	assert.ok((await originate({ name: 'Zhang', shown: '139****0005', customer: 7, task: 3, ring_ms: 20000 })).call);
	const customer = await trunk.incoming();
	assert.deepEqual([customer.invite.uri.split('@')[0], customer.from], [`sip:+${E164}`, '4008001']);
	customer.ring();
	assert.equal((await agentState('803')).call_state, 'idle', 'nobody is reserved before the customer answers');
	customer.accept({ tone: 440 });
	const leg = await seat.incoming();
	assert.match(leg.invite.get('alert-info'), /alert-autoanswer/);
	assert.match(leg.invite.get('from'), /"Zhang" <sip:139\*\*\*\*0005@/);
	leg.accept({ tone: 1000 });
	await Promise.all([leg.media.hears(440), customer.media.hears(1000)]);
	await until('a second of sound', () => leg.media.packets.length > 70, 3000);
	await leg.hangup();
	await customer.reached('ended');
	await agentState('803', (a) => a.call_state === 'wrapup');
	const [first] = await calls();
	assert.deepEqual(await row(first), ['out', 'demo-trunk', '600', NUMBER, '4008001', '803', 'answered', 'caller']);
	assert.deepEqual(await stack.sql(`SELECT kind,queue,talk_ms>=wait_ms+agent_ms FROM calls WHERE id=UNHEX('${first.id}')`), [['predictive', '600', '1']]);
	const [[fields]] = await stack.sql(`SELECT fields FROM event WHERE call_id=UNHEX('${first.id}') AND type=10`);
	assert.deepEqual(['predictive', 'task', 'customer'].map((name) => JSON.parse(fields)[name]), [true, 3, 7]);

	await stack.queue('600', { auto_answer_predictive: 0 });
	await originate(); // he waits for the end of the after-call work, and no longer than he likes
	const gone = await trunk.incoming();
	gone.accept({ tone: 440 });
	await until('who waits', async () => (await stack.stats()).waiting === 1);
	await stack.command('cc.agent.wrapup_end', { tenant, agent: '803' });
	const rings = await seat.incoming();
	assert.equal(rings.invite.get('alert-info'), undefined);
	rings.ring();
	await gone.hangup();
	await rings.reached('ended');
	trunk.answering(scripts.reject());
	await originate();
	const rows = await calls(3);
	assert.deepEqual(rows.slice(1).map((r) => [r.cause, r.side, r.queue]), [['caller_hangup', 'callee', '600'], ['busy', 'callee', '600']]);
	const visits = await stack.sql(`SELECT result,agent FROM queue_call WHERE call_id IN (${rows.map((r) => `UNHEX('${r.id}')`).join(',')}) ORDER BY call_id`);
	assert.deepEqual(visits, [['answered', '803'], ['abandoned', null]]);
	await until('the recording', async () => (await stack.sql(`SELECT state FROM recording WHERE call_id=UNHEX('${first.id}')`))[0]?.[0] === 'ok', 15000, 200);
});

e2e('a customer who is busy, gone or does not answer; an agent who gives up (CALL-01 CDR-02)', async ({ phone, carrier, agentState, calls }) => {
	const [agent, trunk] = [await phone('803'), await carrier()];
	trunk.answering(scripts.reject());
	const busy = await (await agent.dial(NUMBER)).reached('ended');
	trunk.answering(scripts.reject(404, 'Not Found'));
	const wrong = await (await agent.dial(NUMBER)).reached('ended');
	assert.deepEqual([busy.ended.status, wrong.ended.status], [486, 404]);
	trunk.answering(scripts.ring());
	const call = await (await agent.dial(NUMBER)).reached('ringing');
	await call.cancel();
	await trunk.calls.at(-1).reached('ended');
	await agentState('803', idle);
	const own = agent.calls.length;
	await dial('803', NUMBER); // and by a page, while the customer's phone rings
	const leg = await until('the own phone', () => agent.calls[own]);
	leg.accept();
	await until('the customer', () => trunk.calls.length === 4 && trunk.calls[3].state === 'ringing');
	await leg.hangup();
	await trunk.calls[3].reached('ended');
	await agentState('803', idle);
	const rows = await Promise.all((await calls(4)).map(row));
	assert.deepEqual(rows.map((r) => [r[0], ...r.slice(6)]), [['out', 'busy', 'callee'], ['out', 'no_answer', 'callee'],
		['out', 'caller_hangup', 'caller'], ['out', 'caller_hangup', 'caller']]);
});

e2e('trunks in the order of their names: the next one when one fails; no more calls than channels (TEL-01 CALL-01)', async ({ phone, carrier, calls, onClose }) => {
	const tenant = await stack.tenant('demo');
	const first = await Phone.open({ user: 'first', address: '127.0.0.3', port: stack.sip.port, proxy: stack.sip });
	onClose(() => first.close());
	first.answering(scripts.reject(503, 'Service Unavailable'));
	await stack.add('trunk', { tenant_id: tenant, name: "'a-first'", address: "'127.0.0.3'", port: stack.sip.port });
	await stack.configure('trunk', "name='demo-trunk'", { max_channels: 1 });
	const [agent, second, trunk] = [await phone('803'), await phone('804'), await carrier()];
	const call = await agent.dial(NUMBER);
	const customer = await trunk.incoming();
	customer.accept();
	await call.reached('up');
	assert.equal(first.calls.length, 1);
	const full = await (await second.dial(NUMBER)).reached('ended');
	assert.deepEqual([full.ended.status, first.calls.length, trunk.calls.length], [503, 2, 1]);
	await call.hangup();
	await customer.reached('ended');
	const rows = await Promise.all((await calls(2)).map(row));
	assert.deepEqual(rows.map((r) => [r[1], r[6]]), [['demo-trunk', 'answered'], ['a-first', 'failed']]);
});

e2e('outbound profiles of agent, department, tenant and task: prefixes, trunks in turn, short numbers; what fits none (TEL-11 TEL-12 TEL-26 ORG-03 ORG-07 SYS-01)', async ({ phone, carrier, calls, onClose }) => {
	const tenant = await stack.tenant('demo'), trunk = await carrier(), add = (table, fields) => stack.add(table, { tenant_id: tenant, ...fields });
	const first = await Phone.open({ user: 'first', address: '127.0.0.3', port: stack.sip.port, proxy: stack.sip });
	onClose(() => first.close());
	first.answering(scripts.reject(503, 'Service Unavailable'));
	trunk.answering(scripts.reject());
	await add('trunk', { name: "'z-first'", address: "'127.0.0.3'", port: stack.sip.port });
	const profile = (id) => add('outbound_profile', { id, name: `'${id}'`, created_at: 1, updated_at: 1 });
	const route = async (id, profile_id, pattern, more, trunks) => {
		await add('outbound_route', { id, profile_id, position: id, name: `'${id}'`, pattern: `'${pattern}'`, created_at: 1, updated_at: 1, ...more });
		for (const [i, name] of trunks.entries()) await add('outbound_route_trunk', { route_id: id, position: i + 1, trunk_id: `(SELECT t.id FROM trunk t WHERE t.name='${name}')` });
	};
	for (const id of [901, 902, 903]) await profile(id);
	await route(1, 901, '1[3-9]XXXXXXXXX', { prefix: "'0'" }, ['z-first', 'demo-trunk']);
	await route(2, 901, '100XX', {}, ['demo-trunk']);
	await route(3, 902, 'X.', { strip: "'9'" }, ['demo-trunk']);
	await route(4, 903, 'X.', { strip: "'86'", prefix: "'+'" }, ['demo-trunk']);
	await add('department', { id: 950, name: "'above'", profile_id: 902, created_at: 1, updated_at: 1 });
	await add('department_tree', { ancestor_id: 950, department_id: 951, depth: 1 });
	await add('preference', { name: "'outbound_profile'", value: "'903'" });
	await stack.configure('agent', `tenant_id=${tenant} AND number='803'`, { profile_id: 901 });
	await stack.configure('agent', `tenant_id=${tenant} AND number='804'`, { department_id: 951 });
	const [own, department, standard] = await Promise.all(['803', '804', '805'].map((number) => phone(number)));
	const asked = () => trunk.calls.at(-1).invite.uri.split('@')[0];
	const ended = async (from, number) => (await (await from.dial(number)).reached('ended')).ended;
	assert.equal((await ended(own, NUMBER)).status, 486);
	assert.deepEqual([first.calls.length, asked()], [1, `sip:0${NUMBER}`]);
	await ended(own, '10086');
	assert.equal(asked(), 'sip:10086');
	await ended(department, `9${NUMBER}`);
	assert.equal(asked(), `sip:${NUMBER}`);
	await ended(standard, NUMBER); // fits in international form only
	assert.equal(asked(), `sip:+${NUMBER}`);
	assert.deepEqual(await ended(own, '87654321'), { by: 'remote', status: 404, reason: 'L415 No Outbound Route' });
	assert.equal((await ended(own, '95588')).status, 404);
	assert.deepEqual([trunk.calls.length, first.calls.length], [4, 1]);
	await refused('no_route', '803', '87654321');
	await refused('no_route', '803', NUMBER, { profile: 902 });
	await refused('no_such_profile', '803', NUMBER, { profile: 999 });
	await dial('803', `9${NUMBER}`, { profile: 902 }); // the task's comes first
	(await own.incoming()).accept();
	await until('the customer', () => trunk.calls.length === 5);
	assert.equal(asked(), `sip:${NUMBER}`);
	await calls(7);
	assert.deepEqual(await stack.sql("SELECT sip_text,cause FROM calls WHERE callee='87654321'"), [['L415 No Outbound Route', 'failed']]);
});

e2e('who is shown: agent, task, tenant, caller ids in turn, and nothing but one\'s own numbers (TEL-13)', async ({ phone, carrier, agentState }) => {
	const tenant = await stack.tenant('demo'), trunk = await carrier(), own = await phone('803');
	trunk.answering(scripts.reject());
	for (const number of ['4007001', '4007002']) await stack.add('caller_id', { for_tenant: tenant, number: `'${number}'`, created_at: 1, updated_at: 1 });
	await stack.configure('agent', `tenant_id=${tenant} AND number='803'`, { caller_id: '4009999' });
	const shown = async () => {
		await (await own.dial(NUMBER)).reached('ended');
		return trunk.calls.at(-1).from;
	};
	assert.deepEqual([await shown(), await shown()].sort(), ['4007001', '4007002'], 'somebody else\'s is not shown');
	await stack.add('preference', { tenant_id: tenant, name: "'caller_id'", value: "'4008003'" });
	await stack.reload();
	assert.equal(await shown(), '4008003');
	const task = async () => {
		const before = [own.calls.length, trunk.calls.length];
		await agentState('803', idle);
		await dial('803', NUMBER, { caller_id: '4007002' });
		(await until('the own phone', () => own.calls[before[0]])).accept();
		return (await until('the customer', () => trunk.calls[before[1]])).from;
	};
	assert.equal(await task(), '4007002');
	await refused('bad_caller_id', '803', NUMBER, { caller_id: '4009999' });
	await stack.configure('agent', `tenant_id=${tenant} AND number='803'`, { caller_id: '4008001' });
	assert.equal(await task(), '4008001');
	await agentState('803', idle);
});

e2e('targets outside: a queue\'s overflow, an access number; not for what has come from here (TEL-05)', async ({ customer, carrier, calls }) => {
	const trunk = await carrier(), tenant = await stack.tenant('demo');
	await stack.queue('600', { entry_prompt: '', announce_position: 0, music: '', max_wait_s: 1, overflow_kind: 'outside', overflow_target: NUMBER });
	const call = await (await customer()).reached('up');
	const outside = await trunk.incoming();
	assert.deepEqual([outside.invite.uri.split('@')[0], outside.from], [`sip:+${E164}`, '4008001']);
	outside.accept({ tone: 1000 });
	await Promise.all([call.media.hears(1000), outside.media.hears(440)]);
	await until('a second of sound', () => call.media.packets.length > 70, 3000);
	await outside.hangup();
	await call.reached('ended');
	const [done] = await calls();
	assert.deepEqual(await stack.sql(`SELECT result,cause FROM queue_call WHERE call_id=UNHEX('${done.id}')`), [['overflowed', 'queue_timeout']]);
	assert.deepEqual((await row(done)).slice(0, 2).concat((await row(done)).slice(5)), ['in', 'demo-trunk', null, 'answered', 'callee']);
	await until('the recording', async () => (await stack.sql(`SELECT state FROM recording WHERE call_id=UNHEX('${done.id}')`))[0]?.[0] === 'ok', 15000, 200);

	const before = trunk.calls.length;
	await (await customer('4008001', { from: '+4008003' })).reached('ended'); // what we show: it would go round
	assert.deepEqual(await stack.sql(`SELECT cause,side FROM calls WHERE id=UNHEX('${(await calls(2))[1].id}')`), [['queue_timeout', 'system']]);
	assert.equal(trunk.calls.length, before + 1);

	await stack.configure('did', `tenant_id=${tenant} AND number='4008003'`, { target_kind: 'outside', target: NUMBER });
	const direct = await customer('4008003');
	const far = await trunk.incoming();
	far.ring();
	await direct.reached('ringing'); // it is answered when the number outside has answered
	far.accept({ tone: 1000 });
	await direct.reached('up');
	await Promise.all([direct.media.hears(1000), far.media.hears(440)]);
	await direct.hangup();
	await far.reached('ended');
	trunk.answering(scripts.reject());
	assert.equal((await (await customer('4008003')).reached('ended')).ended.status, 486);
	assert.deepEqual((await Promise.all((await calls(4)).slice(2).map(row))).map((r) => r[6]), ['answered', 'busy']);
});

e2e('numbers that are not to be called; phones that may only be called by a page; callers from trunks (TEL-20 ORG-03)', async ({ phone, customer, carrier, calls }) => {
	const tenant = await stack.tenant('demo'), trunk = await carrier();
	await stack.add('no_call', { tenant_id: tenant, package_id: 1, phone: `'${NUMBER}'`, e164: `'${E164}'`, created_at: 1, updated_at: 1 });
	await stack.configure('agent', `tenant_id=${tenant} AND number='804'`, { click_only: 1 });
	const [[id, whole]] = await stack.sql(`SELECT id,phone_e164 FROM customer WHERE tenant_id=${tenant} AND phone_e164 LIKE '861%' ORDER BY id LIMIT 1`);
	const generation = async () => Number(await stack.value('SELECT generation FROM configuration_generation'));
	const before = await generation();
	await stack.configure('customer', `tenant_id=${tenant} AND id=${id}`, { no_call: 1 });
	assert.equal(await generation() - before, 2, 'the change itself raises it, and the reload of the case');
	const [agent, clicks] = [await phone('803'), await phone('804')];
	const call = await (await agent.dial(NUMBER)).reached('ended', 10000);
	assert.deepEqual([call.ended.status, call.ended.reason], [603, 'Do Not Call'], 'the phone shows why');
	assert.deepEqual(call.provisionals.filter((c) => c > 100), [183]);
	const said = readWav(join(stack.prefix, 'prompts/zh/do_not_call.wav')).channels[0];
	assert.ok(findClip(call.media.heard(), said).score > 0.8, 'and the agent is told');
	await refused('do_not_call', '803', `+${E164}`);
	await assert.rejects(stack.command('cc.call.originate', { tenant, queue: '600', number: NUMBER }), (e) => assert.equal(e.reason, 'do_not_call') ?? true);
	await refused('do_not_call', '803', NUMBER, { package: 1 });
	await refused('do_not_call', '803', `+${whole}`);
	assert.equal((await (await clicks.dial('13900000006')).reached('ended')).ended.status, 403);
	await dial('803', NUMBER, { package: 2 }); // another package's customers may be called
	await (await agent.incoming()).reject();
	assert.ok((await dial('804', '13900000006')).call);
	await (await clicks.incoming()).reject();
	assert.equal((await (await customer('13900000006')).reached('ended')).ended.status, 404, 'from outside to outside');
	assert.deepEqual(trunk.calls.filter((c) => c.incoming), []);
	const rows = await Promise.all((await calls(4)).map(row));
	assert.deepEqual(rows.map((r) => [r[0], r[6]]), [['out', 'do_not_call'], ['out', 'rejected'], ['out', 'busy'], ['out', 'busy']]);
});
