// SPDX-License-Identifier: GPL-2.0-or-later
// Strangers: thousands of broken messages, floods, scanners, and more calls than the machine can carry.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync, readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { hostile } from '../lib/hostile.mjs';
import { Phone } from '../lib/sip.mjs';
import { format, parse, token } from '../lib/sip-message.mjs';
import { sipp } from '../lib/sipp.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const quick = () => stack.queue('600', { entry_prompt: '', wrapup: 'off' });
const SEED = Number(process.env.CC_FUZZ_SEED ?? 1), MESSAGES = Number(process.env.CC_FUZZ_MESSAGES ?? 6000);

const open = async (address, port = 0) => {
	const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
	await new Promise((done) => socket.bind(port, address, done));
	socket.on('error', () => {});
	socket.answers = [];
	socket.on('message', (m) => socket.answers.push(parse(m)));
	socket.put = (data) => socket.send(data, stack.sip.port, stack.sip.address);
	return socket;
};
const request = (socket, method, extra = {}) => {
	const { address, port } = socket.address();
	const headers = { Via: `SIP/2.0/UDP ${address}:${port};branch=z9hG4bK${token()};rport`, 'Max-Forwards': 70, From: `<sip:803@demo>;tag=${token(4)}`, To: '<sip:803@demo>', 'Call-ID': token(),
		CSeq: `1 ${method}`, Contact: `<sip:803@${address}:${port}>`, ...extra };
	return format(`${method} sip:${method === 'INVITE' ? '4008001' : 'demo'}@${stack.sip.address}:${stack.sip.port} SIP/2.0`, Object.entries(headers));
};
// kB that Kamailio's processes have for themselves, each
const privateMemory = () => {
	const main = stack.pids().kamailio, sizes = {};
	for (const pid of readdirSync('/proc').filter((p) => /^\d+$/.test(p))) {
		try {
			if (Number(pid) !== main && readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1] !== String(main)) continue;
			sizes[pid] = Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
		} catch { /* it has ended */ }
	}
	return sizes;
};

// Kamailio's own words about broken messages, a line of which may be cut in two where two processes write at once; a line of our
// modules is still an error.
const PARSER = /\(\): parse error near char \[|<core> \[core\/(parser|receive|msg_translator|tcp_|forward|resolve|crypto)|\b(tm|sl|sanity|maxfwd|rr|registrar|auth|nathelper|textops|pike) \[/;

e2e(`${MESSAGES} hostile messages from seed ${SEED}, by a stranger, a neighbour and a trunk, many inside a dialog: nothing ends, nothing leaks (TEL-01 MON-05)`, { timeout: 400000, allow: [PARSER] }, async ({ agent, talk, carrier }) => {
	await quick();
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	const trunk = await carrier();
	const pids = stack.pids();
	const socket = await open('127.0.0.2', 0), line = await open('127.0.0.1', 0);
	const tag = /;tag=(\S+)/.exec(call.answer.get('to'))[1];
	// a stranger, somebody on this machine, and the trunk, whose messages reach every part
	const senders = [[socket.address(), socket.put], [line.address(), line.put], [trunk, (data) => trunk.send(data)]];
	const run = async (seed, count) => {
		const next = senders.map(([{ address, port }], i) => hostile({ seed: seed + 1000 * i, address, port, target: `${stack.sip.address}:${stack.sip.port}`, tags: [tag] }));
		for (let i = 0; i < count; i++) {
			senders[i % 3][1](next[i % 3]());
			if (i % 20 === 19) await sleep(10);
		}
		await sleep(1000);
	};
	await run(SEED, MESSAGES / 4);				// warms every process up
	await sleep(36000);							// transactions that were opened are gone
	const shm = (await stack.stats()).shm_free, memory = privateMemory();
	await run(SEED + 1, MESSAGES * 3 / 4);
	assert.deepEqual(stack.pids(), pids);
	const ping = await open('127.0.0.1');
	ping.put(request(ping, 'OPTIONS'));
	await until('an answer to OPTIONS', () => ping.answers.length, 3000);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await sleep(36000);
	const after = privateMemory();
	assert.deepEqual(Object.keys(after), Object.keys(memory), 'no process of Kamailio was replaced');
	for (const [pid, kb] of Object.entries(memory)) assert.ok(after[pid] - kb < 3000, `process ${pid} grew from ${kb} to ${after[pid]} kB`);
	await until(`shared memory as before, ${shm}`, async () => Math.abs((await stack.stats()).shm_free - shm) < 300000, 20000, 1000);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	for (const s of [socket, line, ping]) s.close();
});

e2e('hostile messages over TCP: whole, cut, glued together (TEL-01)', { timeout: 120000, allow: [PARSER, /tcp/i] }, async ({ customer }) => {
	await quick();
	const pids = stack.pids();
	const next = hostile({ seed: SEED + 7, address: '127.0.0.2', port: 5099, target: `${stack.sip.address}:${stack.sip.port}` });
	for (let i = 0; i < 150; i++) {
		const socket = createConnection({ port: stack.sip.port, host: stack.sip.address, localAddress: '127.0.0.1' }).on('error', () => {});
		socket.on('data', () => {});
		for (let n = 0; n < 4; n++) {
			const bytes = next();
			socket.write(bytes.subarray(0, bytes.length / 2));
			if (n % 2) await sleep(5);
			socket.write(bytes.subarray(bytes.length / 2));
		}
		setTimeout(() => socket.destroy(), 200);
	}
	await sleep(1500);
	assert.deepEqual(stack.pids(), pids);
	await (await customer()).reached('up');
});

for (const method of ['INVITE', 'REGISTER', 'OPTIONS'])
	e2e(`a flood of ${method} from one address is ignored, and disturbs nobody (MON-05)`, { timeout: 60000, allow: [/pike|PIKE|password/i] }, async ({ agent, talk }) => {
		await quick();
		const phone = await agent('803');
		const flood = await open(`127.0.0.${60 + method.length}`);
		const density = Number(stack.settings.CC_SIP_FLOOD);
		for (let i = 0; i < density * 8; i++) {
			flood.put(request(flood, method));
			if (i % 50 === 49) await sleep(20);
		}
		const [call, leg] = await talk(phone);
		await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
		assert.ok(flood.answers.length < density * 2.5, `${flood.answers.length} of ${density * 8} were answered`);
		const count = flood.answers.length;
		flood.put(request(flood, 'OPTIONS'));
		await sleep(300);
		assert.equal(flood.answers.length, count, 'and it is not answered for a while');
		flood.close();
	});

e2e('who guesses passwords is ignored after a while; numbers cannot be told apart by the answers (AUTH-04 MON-05)', { timeout: 60000, allow: [/password/] }, async ({ onClose }) => {
	const guess = async (user, password) => {
		const phone = await Phone.open({ user, domain: 'demo', password, address: '127.0.0.77', proxy: stack.sip });
		onClose(() => phone.close());
		return (await phone.request('REGISTER', 'sip:demo', [['From', `<sip:${user}@demo>;tag=${token(4)}`], ['To', `<sip:${user}@demo>`], ['Call-ID', token()],
			['Contact', `<${phone.contact}>`]], '', { limit: 1200, cseq: { number: 1 } })).status;
	};
	assert.deepEqual([await guess('803', 'wrong'), await guess('99999', 'wrong')], [403, 403]);
	const probe = await open('127.0.0.78');
	for (const user of ['803', '99999']) probe.put(request(probe, 'REGISTER', { From: `<sip:${user}@demo>;tag=1`, To: `<sip:${user}@demo>` }));
	await until('both challenged', () => probe.answers.length === 2, 2000);
	assert.deepEqual(probe.answers.map((a) => a.status), [401, 401]);
	probe.close();
	const limit = Number(stack.settings.CC_SIP_DENIED);
	let last;
	for (let i = 0; i < limit + 5 && last !== 408; i++) last = await guess(String(700 + i), 'sesame');
	assert.equal(last, 408, 'no answer any more');
});

e2e('known scanners get no answer (MON-05)', async () => {
	const scanner = await open('127.0.0.79');
	for (const agent of ['friendly-scanner', 'sipvicious', 'sipcli/v1.8']) scanner.put(request(scanner, 'OPTIONS', { 'User-Agent': agent }));
	scanner.put(request(scanner, 'OPTIONS', { 'User-Agent': 'a phone' }));
	await sleep(500);
	assert.equal(scanner.answers.length, 1);
	scanner.close();
});

// ---- overload

e2e('far more calls than the machine can carry: 503 with Retry-After, who was accepted is served, all is free again at once (MON-05)', { timeout: 180000, allow: [/new calls are|slow|not sent|no ACK/i] }, async ({ agent, talk, customer, onClose }) => {
	await quick();
	const tenant = await stack.tenant('demo');
	const phone = await agent('803');
	const [call, leg] = await talk(phone);								// a call in progress that must not suffer
	const port = stack.sip.port + 14;
	await stack.sql(`INSERT INTO trunk (tenant_id,name,address,port) VALUES (1,'storm','127.0.0.2',${port}); INSERT INTO trunk_grant (tenant_id,trunk_id) VALUES (${tenant},LAST_INSERT_ID())`);
	onClose(async () => {
		await stack.sql("DELETE FROM trunk_grant WHERE trunk_id=(SELECT id FROM trunk WHERE name='storm'); DELETE FROM trunk WHERE name='storm'");
		await stack.reload();
	});
	await stack.reload();
	const before = await stack.stats();
	const began = Date.now();
	const storm = sipp('storm', { remote: stack.sip, address: '127.0.0.2', port, calls: 8000, rate: 1000, limit: 8000,
		keys: { did: '4008001', talk: 500, sound_ip: '127.0.0.2', sound_port: stack.sip.port + 2 }, ms: 90000, args: ['-max_retrans', '10'] });
	const gauges = [];
	const watching = setInterval(() => stack.stats().then((s) => gauges.push({ at: Date.now() - began, ...s }), () => gauges.push({ at: Date.now() - began, lost: true })), 250);
	await sleep(6000);
	await Promise.all([call.media.hears(1000, 8000), leg.media.hears(440, 8000)]);		// in the middle of the storm
	const options = phone.ask('OPTIONS', `sip:${stack.sip.address}:${stack.sip.port}`);
	assert.equal((await options).status, 200);
	const end = await storm.done;
	const over = Date.now();
	clearInterval(watching);
	const most = Math.max(...gauges.map((g) => g.calls ?? 0));
	const stats = await stack.stats();
	const refused = stats.refused_total - before.refused_total, taken = stats.calls_total - before.calls_total;
	console.log(`storm: ${end.successful} good, ${end.failed} bad at SIPp; ${taken} taken, ${refused} refused, ${most} at once, longest wait ${Math.max(...gauges.map((g) => g.wait_ms ?? 0))} ms, ${((over - began) / 1000).toFixed(1)} s`);
	assert.ok(refused > 0, 'it was too much');
	assert.ok(taken > 100, 'and many were served');
	assert.equal(end.failed, 0, `every caller got an answer: ${end.errors.slice(0, 600)}`);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await call.hangup();
	await until('nothing left of it', async () => {
		const { calls, ports, waiting, agents } = await stack.stats();
		if (calls || ports || waiting || agents) throw new Error(`${calls} calls, ${ports} ports, ${waiting} waiting, ${agents} agents`);
		return true;
	}, 5000);
	await until('legs too', async () => (await stack.stats()).legs === 0, 12000, 200);
	console.log(`all free ${Date.now() - over} ms after the last`);
	assert.equal((await stack.command('cc.board', { tenant })).agents.filter((a) => a.call_state !== 'idle' && a.call_state !== 'wrapup').length, 0);
	await (await customer()).reached('up');
});
