// SPDX-License-Identifier: GPL-2.0-or-later
// Phones over TCP, TLS and WebSocket, connections that go away, and networks that lose, double and overtake messages.
import assert from 'node:assert/strict';
import { badLink } from '../lib/sip-transport.mjs';
import { Phone } from '../lib/sip.mjs';
import { requestId } from '../lib/stack.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const quick = () => stack.queue('600', { entry_prompt: '', wrapup: 'off' });
const at = (name) => ({ address: stack.sip.address, port: Number(stack.settings[name]) });
const PROXY = { tcp: at('CC_SIP_PORT'), tls: at('CC_SIPS_PORT'), ws: at('CC_WS_PORT') };
const NO_DTLS = /SRTC?P output wanted/;		// the scripted phone is a page in signalling only
const hearEachOther = (call, leg) => Promise.all([call.media.hears(1000), leg.media.hears(440)]);

// The credential that a page would get, and a phone that uses it.
const credential = async (agent, session = requestId(), more = {}) => stack.command('cc.webphone.credential', { tenant: await stack.tenant('demo'), agent, session, ...more });
const page = async (agent, given) => ({ protocol: 'ws', proxy: PROXY.ws, authUser: given.user, password: given.password });

for (const protocol of ['tcp', 'tls'])
	e2e(`an agent's phone over ${protocol.toUpperCase()}: call, hold, hang-up from either side (TEL-01 CALL-03)`, async ({ agent, talk }) => {
		await quick();
		const phone = await agent('803', { protocol, proxy: PROXY[protocol] });
		for (const ends of ['customer', 'phone']) {
			const [call, leg] = await talk(phone);
			await hearEachOther(call, leg);
			assert.equal((await leg.reinvite('sendonly')).status, 200);
			assert.equal((await leg.reinvite()).status, 200);
			if (ends === 'customer') {
				await call.hangup();
				await leg.reached('ended');
			} else {
				assert.equal((await leg.hangup()).status, 200);
				await call.reached('ended');
			}
		}
	});

for (const protocol of ['tcp', 'tls'])
	e2e(`the ${protocol.toUpperCase()} connection drops in a call: the phone connects again, and both can hang up (STATE-01 CALL-03)`, { allow: [/tcp|tls|connect/i] }, async ({ agent, talk }) => {
		await quick();
		const phone = await agent('803', { protocol, proxy: PROXY[protocol] });
		for (const ends of ['customer', 'phone']) {
			const [call, leg] = await talk(phone);
			phone.drop();
			await sleep(300);
			await hearEachOther(call, leg);
			await phone.connect();
			assert.equal((await phone.register()).status, 200);
			if (ends === 'customer') {
				// the phone's address has changed with the connection: its re-INVITE says so, as phones do
				assert.equal((await leg.reinvite()).status, 200);
				await call.hangup();
				await leg.reached('ended');
			} else {
				assert.equal((await leg.hangup()).status, 200);
				await call.reached('ended');
			}
		}
	});

e2e('a phone that never comes back after its connection broke is found dead, the agent is free within 20 s (STATE-01)', { timeout: 60000, allow: [/tcp|connect|not sent|gone|precreated/i] }, async ({ agent, talk, agentState }) => {
	await quick();
	const phone = await agent('803', { protocol: 'tcp', proxy: PROXY.tcp });
	const [call, leg] = await talk(phone);
	await agentState('803', (a) => a.call_state === 'talking');
	leg.media.stop();
	phone.drop();
	const began = Date.now();
	await agentState('803', (a) => a.call_state !== 'talking', 'demo', 25000);
	assert.ok(Date.now() - began < 21000);
	await call.reached('ended');
	leg.state = 'ended';
	phone.registered = false;
});

e2e('a web phone: the credential of its session lets it register and call, over WebSocket only (AUTH-04)', { allow: [/password/, NO_DTLS] }, async ({ phone, onClose }) => {
	const given = await credential('803');
	assert.match(given.user, /^web/);
	assert.deepEqual([given.realm, given.number], ['demo', '803']);
	const web = await phone('803', await page('803', given));
	const code = await web.dial('*100', { tone: 440 });
	await code.reached('up');
	await code.hangup();
	const attempt = async (options) => {
		const made = await Phone.open({ user: '803', domain: 'demo', ...options });
		onClose(() => made.close());
		return (await made.register()).status;
	};
	assert.equal(await attempt({ proxy: stack.sip, authUser: given.user, password: given.password }), 403, 'not over UDP');
	assert.equal(await attempt({ protocol: 'ws', proxy: PROXY.ws, password: 'sip-803' }), 403, 'the agent\'s SIP password is none for a page');
	assert.equal(await attempt({ ...await page('803', given), password: 'wrong' }), 403);
	assert.equal(await attempt({ ...await page('804', given), user: '804' }), 403, 'not for another number');
});

e2e('a revoked credential registers no more and its phone is gone; a new one for the session replaces the old (AUTH-04)', { allow: [/password/] }, async ({ phone, agentState }) => {
	const session = requestId(), tenant = await stack.tenant('demo');
	const first = await credential('803', session), second = await credential('803', session);
	assert.notEqual(first.user, second.user);
	const web = await phone('803', await page('803', second));
	await agentState('803', (a) => a.registered);
	const old = await Phone.open({ user: '803', domain: 'demo', ...await page('803', first) });
	assert.equal((await old.register()).status, 403);
	await old.close();
	assert.deepEqual(await stack.command('cc.webphone.revoke', { tenant, session }), { revoked: true });
	await agentState('803', (a) => !a.registered);
	assert.equal((await web.register()).status, 403);
	web.registered = false;
	assert.deepEqual(await stack.command('cc.webphone.revoke', { tenant, session }), { revoked: false });
});

e2e('a web phone that lost its connection is reconnecting, on duty but not called, and back when it registers again (STATE-07)', { allow: [/websocket|tcp|connection|not sent|precreated/i, NO_DTLS] }, async ({ agent, agentState, customer }) => {
	await quick();
	await stack.queue('600', { no_agent_overflow: 1 });		// whoever waits would leave if nobody were on duty
	const web = await agent('803', { ...await page('803', await credential('803')), script: (call) => call.ring() });
	web.drop();
	await agentState('803', (a) => a.reconnecting && !a.registered);
	const call = await (await customer()).reached('up');
	const { queues } = await stack.command('cc.board', { tenant: await stack.tenant('demo') });
	assert.deepEqual(queues.filter((q) => q.number === '600').map((q) => [q.on_duty, q.waiting]), [[1, 1]]);
	assert.equal(web.calls.length, 0);
	await web.connect();
	assert.equal((await web.register()).status, 200);
	await agentState('803', (a) => a.registered && !a.reconnecting);
	await web.incoming(5000);
	await call.hangup();
});

e2e('credentials are refused to nobody, for no time and without a session (AUTH-04)', async () => {
	const tenant = await stack.tenant('demo');
	for (const [params, reason] of [[{ agent: '99999', session: 'x' }, 'no_such_agent'], [{ agent: '803', session: '' }, 'bad_session'], [{ agent: '803', session: 'y'.repeat(200) }, 'bad_session'],
		[{ agent: '803', session: 'x', ttl_s: 1 }, 'bad_ttl'], [{ agent: '803', session: 'x', ttl_s: 1e9 }, 'bad_ttl'], [{ session: 'x' }, 'no_such_agent']])
		await assert.rejects(stack.command('cc.webphone.credential', { tenant, ...params }), (error) => error.reason === reason, JSON.stringify(params));
});

e2e('a page\'s WebSocket drops in a call: the page connects and registers again, then it can hang up, and so can the caller (STATE-07)', { timeout: 60000, allow: [/websocket|tcp|connection|not sent|precreated/i, NO_DTLS] }, async ({ phone }) => {
	const web = await phone('803', await page('803', await credential('803')));
	const call = await (await web.dial('*100', { tone: 440 })).reached('up');
	web.drop();
	await sleep(300);
	await web.connect();
	assert.equal((await web.register()).status, 200);
	const answer = await call.hangup();
	assert.ok([200, 481].includes(answer.status), `${answer.status}`);
	await until('no call', async () => (await stack.stats()).calls === 0, 5000);
});

e2e('the page of an agent in a call connects and registers again: the caller\'s hang-up finds it there (STATE-07)', { timeout: 60000, allow: [/websocket|tcp|connection|not sent|precreated/i, NO_DTLS] }, async ({ agent, talk }) => {
	await quick();
	const web = await agent('803', await page('803', await credential('803')));
	const [call, leg] = await talk(web);
	web.drop();
	await sleep(300);
	await web.connect();
	assert.equal((await web.register()).status, 200);
	await call.hangup();
	await leg.reached('ended', 4000);
	assert.equal(leg.ended.by, 'remote');
});

e2e('the page of an agent who talks never comes back: the customer is first in line again and gets the next agent (STATE-07 STATE-01)', { timeout: 60000, allow: [/websocket|tcp|connection|not sent|precreated|is gone/i, NO_DTLS] }, async ({ agent, customer, talk, agentState, calls }) => {
	await quick();
	const web = await agent('803', await page('803', await credential('803')));
	const [call, leg] = await talk(web);
	const behind = await (await customer('4008001', { tone: 350 })).reached('up');
	leg.media.stop();
	web.drop();
	const tenant = await stack.tenant('demo');
	const waiting = await until('both wait', async () => {
		const list = (await stack.command('cc.board', { tenant })).waiting;
		return list.length === 2 && list;
	}, 25000, 100);
	assert.ok(waiting[0].since < waiting[1].since && waiting[0].position === 1, 'the one who had an agent is first');
	await agentState('803', (a) => a.call_state === 'idle');
	assert.equal(call.state, 'up');
	const other = await agent('804');
	const next = await other.incoming();
	next.accept({ tone: 1400 });
	await call.media.hears(1400);
	await Promise.all([call.hangup(), behind.hangup()]);
	leg.state = 'ended';
	web.registered = false;
	const rows = await calls(2);
	assert.deepEqual(rows.map((r) => [r.cause, r.agent]), [['answered', '804'], ['caller_hangup', null]]);
});

// ---- bad networks

for (const [what, link] of [['5 % lost, doubled and overtaken', { loss: 0.05, duplicate: 0.05, reorder: 0.1 }], ['10 % lost, 20 to 80 ms under way', { loss: 0.1, delay: 20, jitter: 60 }]])
	e2e(`signalling with ${what}: every call reaches one clean end (CDR-02 TEL-01)`, { timeout: 200000, allow: [/not sent|no ACK|gone|was not/i] }, async ({ agent, onClose, calls }) => {
		await stack.queue('600', { entry_prompt: '', wrapup: 'off', ring_timeout_s: 6, retry_delay_s: 1 });
		const links = [];
		const bad = (seed) => links[links.push(badLink({ seed, ...link })) - 1];
		const agents = [];
		for (const [i, number] of ['802', '803', '804'].entries()) {
			const phone = await agent(number, { link: bad(10 + i), script: scripts.answer({ ringFor: 50, tone: 1000 }) });
			agents.push(phone);
		}
		const line = await Phone.open({ user: '13800000001', address: '127.0.0.2', port: stack.sip.port, proxy: stack.sip, link: bad(1) });
		onClose(() => line.close());
		const all = [];
		for (let i = 0; i < 30; i++) {
			const call = await line.dial(`sip:4008001@${stack.sip.address}:${stack.sip.port}`, { tone: 440 });
			all.push((async () => {
				await until('an answer', () => call.state === 'up' || call.state === 'ended', 40000, 20);
				await sleep(i % 3 ? 800 : 30);				// some leave while an agent's phone rings
				if (call.state === 'up') await call.hangup();
			})());
			await sleep(120);
		}
		await Promise.all(all);
		await until('every call is over', async () => (await stack.stats()).calls === 0, 60000, 200);
		const rows = await calls(30, 20000);
		assert.equal(rows.length, 30);
		assert.ok(rows.every((r) => r.cause), 'with a cause');
		const together = (kind) => links.reduce((n, l) => n + l[kind], 0);
		assert.ok(together('lost') > 10, 'the links lost messages');
		assert.ok(!link.duplicate || (together('doubled') > 5 && together('late') > 5), 'and doubled them, and let them overtake each other');
		for (const phone of agents)
			for (const call of phone.calls)
				await call.reached('ended', 20000).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify([call.callId, call.times, call.ackSeen, call.cancelled])}`); });
	});
