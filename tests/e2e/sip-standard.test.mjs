// SPDX-License-Identifier: GPL-2.0-or-later
// What the SIP standards ask of an end: races, extensions, offers of every kind, methods, refusals with their reason.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { format, parse, parseSdp, sdp, tagOf, token, uriOf } from '../lib/sip-message.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();
const quick = () => stack.queue('600', { entry_prompt: '', wrapup: 'off' });
const hearEachOther = (call, leg, tones = [440, 1000]) => Promise.all([call.media.hears(tones[1]), leg.media.hears(tones[0])]);
const ended = async (call, ms = 8000) => (await call.reached('ended', ms)).ended.status;
const requests = (phone, method) => phone.received.filter((r) => r.method === method);

// ---- races (RFC 3261)

e2e('the caller\'s CANCEL crosses our 200: answered, and the call is up until it hangs up (CDR-02)', async ({ customer, calls }) => {
	await quick();
	const call = await (await customer()).reached('up');
	const cancel = await call.phone.transact('CANCEL', call.uri, [['From', call.local], ['To', `<${call.uri}>`], ['Call-ID', call.callId],
		['CSeq', '1 CANCEL']], '', { branch: call.branch, limit: 4000 });
	assert.equal(cancel.status, 200);
	await sleep(300);
	assert.equal(call.state, 'up');
	await call.hangup();
	assert.equal((await calls(1))[0].cause, 'caller_hangup');
});

e2e('BYE crosses a re-INVITE: both are answered, the call ends once (CDR-02)', async ({ agent, talk, calls, agentState }) => {
	await quick();
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	const [again, bye] = await Promise.all([leg.inDialog('INVITE', sdp({ address: leg.media.address, port: leg.media.port, version: 7 })), call.hangup()]);
	assert.equal(bye.status, 200);
	assert.ok([200, 481, 487, 491, 500].includes(again.status), `${again.status}`);
	await until('the agent\'s leg is over', () => leg.state === 'ended' || requests(phone, 'BYE').length, 4000);
	await agentState('803', (a) => a.call_state === 'idle');
	assert.equal((await calls(1)).length, 1);
});

e2e('a phone hangs up while its own re-INVITE is being worked on (CDR-02)', async ({ agent, talk, calls }) => {
	await quick();
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	const again = leg.inDialog('INVITE', sdp({ address: leg.media.address, port: leg.media.port, version: 7 }));
	const bye = await leg.hangup();
	assert.equal(bye.status, 200);
	assert.ok([200, 481, 487, 500].includes((await again).status));
	await call.reached('ended');
	assert.equal((await calls(1))[0].cause, 'answered');
});

e2e('a re-INVITE that comes before the ACK, or while the answer is worked on, is no glare: it is served after that (CALL-03)', async ({ agent, customer }) => {
	await quick();
	const phone = await agent('803');
	const call = await (await customer('4008001', { ack: false })).reached('up');
	const early = call.reinvite();
	await sleep(100);
	call.ack();
	assert.equal((await early).status, 200, 'the caller\'s, before its ACK');
	const leg = await phone.incoming();
	leg.accept({ tone: 1000 });
	await until('the ACK', () => leg.ackSeen > 0, 3000, 1);
	const held = await leg.reinvite('sendonly');
	assert.deepEqual([held.status, parseSdp(held.body)?.direction], [200, 'recvonly'], 'the agent\'s, right behind the ACK');
	assert.equal((await leg.reinvite()).status, 200);
	await hearEachOther(call, leg);
});

e2e('two re-INVITEs at once: the second one is refused for the moment, or served after the first (RFC 3261 14.2) (CALL-03)', async ({ agent, talk }) => {
	await quick();
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	const body = (version) => sdp({ address: leg.media.address, port: leg.media.port, version });
	const answers = await Promise.all([leg.inDialog('INVITE', body(5)), leg.inDialog('INVITE', body(6))]);
	assert.ok(answers.some((a) => a.status === 200), answers.map((a) => a.status).join());
	assert.ok(answers.every((a) => a.status === 200 || (a.status === 500 && a.get('retry-after'))), answers.map((a) => a.status).join());
	await hearEachOther(call, leg);
});

e2e('a request with an old CSeq is refused with 500 (RFC 3261 12.2.2) (CALL-03)', async ({ agent, talk }) => {
	await quick();
	const phone = await agent('803');
	const [, leg] = await talk(phone);
	await leg.inDialog('OPTIONS');
	const old = await leg.inDialog('OPTIONS', '', [], { cseq: { number: 0 } });
	assert.equal(old.status, 500);
	assert.equal((await leg.inDialog('OPTIONS')).status, 200);
});

e2e('a forking proxy: the second 200, from another phone, is acknowledged and hung up (CALL-01)', async ({ agent, customer }) => {
	await quick();
	const phone = await agent('803');
	const call = await customer();
	const leg = await phone.incoming();
	leg.ring();
	leg.accept({ tone: 1000 });
	await call.reached('up');
	await until('the ACK', () => leg.ackSeen > 0);
	const other = token(4);
	leg.respondTo = (r) => (r.method === 'BYE' && tagOf(r.get('to')) === other ? [200, 'OK'] : undefined);
	phone.respond(leg.invite, 200, 'OK', [['Contact', `<sip:second@${phone.host}>`], ['Content-Type', 'application/sdp']],
		sdp({ address: leg.media.address, port: leg.media.port }), other);
	const bye = await until('BYE of the second', () => requests(phone, 'BYE').find((r) => tagOf(r.get('to')) === other), 3000);
	assert.ok(requests(phone, 'ACK').some((r) => tagOf(r.get('to')) === other), 'its ACK');
	assert.match(bye.uri, /second/, 'to its own Contact');
	await hearEachOther(call, leg);
	assert.equal(leg.state, 'up', 'the first one goes on');
});

e2e('the journal knows each leg\'s contact and what was heard of it (CDR-02)', async ({ agent, talk, calls, began }) => {
	await quick();
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await sleep(1000);
	await call.hangup();
	await calls(1);
	const records = (await stack.sql(`SELECT type, fields FROM event WHERE type IN (20, 23) AND at >= ${began} ORDER BY seq`)).map(([type, f]) => ({ type: Number(type), ...JSON.parse(f) }));
	const of = (role, type) => records.find((r) => r.role === role && r.type === type);
	assert.equal(of('agent', 20).uri, phone.contact);
	assert.equal(of('caller', 20).uri, (await call.phone).contact);
	for (const role of ['caller', 'agent']) {
		const { rtp_rx: heard, rtp_lost: lost } = of(role, 23);
		assert.ok(heard > 50 && heard < 5000, `${role}: ${heard}`);
		assert.ok(lost >= 0 && lost < 20, `${role}: ${lost} lost`);
	}
});

// ---- 100rel (RFC 3262)

e2e('a caller that requires 100rel: the 180 is reliable and its PRACK answered (TEL-01)', async ({ customer }) => {
	await quick();
	const call = await (await customer('4008001', { headers: [['Require', '100rel']] })).reached('up');
	assert.ok(call.reliable?.length, 'a reliable 180');
	assert.ok(Number(call.reliable[0].get('rseq')) > 0);
	assert.equal((await call.prackAnswer).status, 200);
	assert.equal((await call.inDialog('PRACK', '', [['RAck', '4711 1 INVITE']])).status, 481);
});

e2e('a caller that supports 100rel gets on without (TEL-01)', async ({ customer }) => {
	await quick();
	const call = await (await customer('4008001', { headers: [['Supported', '100rel, timer, replaces']] })).reached('up');
	assert.equal(call.reliable, undefined);
});

e2e('an agent\'s phone that rings reliably gets its PRACK (CALL-01)', async ({ agent, customer }) => {
	await quick();
	const phone = await agent('803');
	const call = await customer();
	const leg = await phone.incoming();
	assert.match(leg.invite.get('supported') ?? '', /100rel/);
	leg.ring({ reliable: 77 });
	const prack = await until('PRACK', () => requests(phone, 'PRACK')[0], 3000);
	assert.match(prack.get('rack'), /^77 \d+ INVITE$/);
	assert.ok(Number(prack.cseq[1]) > Number(leg.invite.cseq[1]));
	leg.ring({ reliable: 78, status: 183 });
	await until('the second PRACK', () => requests(phone, 'PRACK').some((r) => r.get('rack').startsWith('78 ')), 3000);
	leg.accept({ tone: 1000 });
	await call.reached('up');
	await hearEachOther(call, leg);
});

// ---- offers

e2e('INVITE without a description: we offer, the ACK answers (TEL-01)', async ({ agent, customer }) => {
	await quick();
	const phone = await agent('803', { script: scripts.answer({ tone: 1000, ringFor: 20 }) });
	const call = await (await customer('4008001', { body: '' })).reached('up');
	assert.ok(call.answer.body.includes('m=audio'));
	const leg = await phone.incoming();
	await hearEachOther(call, leg);
});

e2e('a re-INVITE without a description: we offer what is in use (CALL-03)', async ({ agent, talk }) => {
	await quick();
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	const again = await leg.inDialog('INVITE');
	assert.equal(again.status, 200);
	assert.ok(again.body.includes('m=audio'));
	leg.acknowledged = again.cseq[1];
	leg.ackBody = sdp({ address: leg.media.address, port: leg.media.port, version: 9 });
	leg.ack();
	await sleep(300);
	await hearEachOther(call, leg);
});

e2e('hold as sendonly, inactive and 0.0.0.0, each answered as the standard says, and resume (CALL-03)', async ({ agent, talk }) => {
	await quick();
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	for (const [direction, answer] of [['sendonly', /recvonly|inactive/], ['inactive', /inactive/]]) {
		assert.equal((await leg.reinvite(direction)).status, 200);
		assert.match(leg.remoteSdp.direction, answer, direction);
		assert.equal((await leg.reinvite()).status, 200);
		await hearEachOther(call, leg);
	}
	const old = sdp({ address: '0.0.0.0', port: leg.media.port, version: 20 });
	const held = await leg.reinvite('', [], old);
	assert.equal(held.status, 200);
	assert.notEqual(leg.remoteSdp.direction, 'sendonly', 'nobody is there to hear');
	assert.equal((await leg.reinvite()).status, 200);
	await hearEachOther(call, leg);
});

e2e('another codec by re-INVITE: PCMU, PCMA, PCMU (CALL-03)', async ({ agent, talk }) => {
	await quick();
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	for (const codec of [8, 0, 8]) {
		leg.options.codecs = [codec, 101];
		assert.equal((await leg.reinvite()).status, 200);
		assert.equal(leg.remoteSdp.payloadType, codec);
		await sleep(300);
		await hearEachOther(call, leg);
		assert.equal(leg.media.packets.at(-1).type, codec);
	}
});

e2e('UPDATE with an offer is answered with one (RFC 3311) (CALL-03)', async ({ agent, talk }) => {
	await quick();
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	const answer = await leg.inDialog('UPDATE', sdp({ address: leg.media.address, port: leg.media.port, version: 4, direction: 'sendonly' }));
	assert.equal(answer.status, 200);
	assert.match(answer.body, /a=(recvonly|inactive)/);
	assert.ok(uriOf(answer.get('contact')), 'it names our Contact');
	assert.equal((await leg.inDialog('UPDATE', sdp({ address: leg.media.address, port: leg.media.port, version: 5 }))).status, 200);
	await hearEachOther(call, leg);
});

e2e('early media: an agent\'s 183 counts as ringing, and the call comes up (CALL-01)', async ({ agent, customer, agentState }) => {
	await quick();
	const phone = await agent('803');
	const call = await customer();
	const leg = await phone.incoming();
	leg.ring({ status: 183, media: true });
	await agentState('803', (a) => a.call_state === 'ringing');
	leg.accept({ tone: 1000 });
	await call.reached('up');
	await hearEachOther(call, leg);
});

// ---- what an agent's phone may answer

for (const code of [301, 302, 305, 380, 400, 403, 404, 410, 420, 481, 488, 503, 600, 604, 606])
	e2e(`the agent's phone answers ${code}: the caller waits on, nothing is followed (TEL-05)`, async ({ agent, customer, agentState }) => {
		await stack.queue('600', { entry_prompt: '', retry_delay_s: 1, wrapup: 'off' });
		const phone = await agent('805');
		phone.answering((call) => call.reject(code, 'Some Reason', code < 400 ? [['Contact', `<sip:805@${phone.host}>`]] : []));
		const call = await (await customer()).reached('up');
		await until('the refusal', () => requests(phone, 'INVITE').length, 4000);
		await agentState('805', (a) => a.call_state === 'idle', 'demo', 5000);
		await sleep(400);
		assert.equal(requests(phone, 'INVITE').length, 1, 'it is not called again at once, nor at the place it named');
		assert.equal(call.state, 'up');
	});

// ---- methods and extensions

e2e('OPTIONS outside a call says what we can (TEL-01)', async ({ phone }) => {
	const answer = await (await phone('803')).ask('OPTIONS', `sip:${stack.sip.address}:${stack.sip.port}`);
	assert.equal(answer.status, 200);
	assert.match(answer.get('allow'), /INVITE.*UPDATE.*PRACK/);
	assert.match(answer.get('accept'), /application\/sdp/);
	assert.match(answer.get('supported'), /100rel.*timer/);
});

e2e('methods that we have not: 405 when they are known, 501 when nobody knows them, 481 without their call (TEL-01)', async ({ agent, talk, phone }) => {
	await quick();
	const stranger = await phone('806');
	const uri = `sip:${stack.sip.address}:${stack.sip.port}`;
	for (const [method, status] of [['SUBSCRIBE', 405], ['MESSAGE', 405], ['PUBLISH', 405], ['NOTIFY', 405], ['FROBNICATE', 501], ['INFO', 481], ['REFER', 481], ['BYE', 481], ['PRACK', 481], ['UPDATE', 481]]) {
		const answer = await stranger.ask(method, uri);
		assert.equal(answer.status, status, method);
		if (status !== 481) assert.match(answer.get('allow') ?? '', /INVITE/, method);
	}
	const [call, leg] = await talk(await agent('803'));
	for (const [method, status] of [['SUBSCRIBE', 405], ['MESSAGE', 405], ['FROBNICATE', 501]]) assert.equal((await leg.inDialog(method)).status, status, method);
	const refer = await leg.inDialog('REFER', '', []);
	assert.equal(refer.status, 400, 'no Refer-To');
	await hearEachOther(call, leg);
});

e2e('an extension that we have not is named in a 420 (TEL-01)', async ({ agent, talk, customer, phone }) => {
	await quick();
	const call = await customer('4008001', { headers: [['Require', '100rel, teleportation'], ['Require', 'gruu']] });
	assert.equal(await ended(call), 420);
	assert.equal(call.answer.get('unsupported'), 'teleportation, gruu');
	assert.equal((await (await phone('806')).ask('OPTIONS', `sip:${stack.sip.address}:${stack.sip.port}`, [['Require', 'x-magic']])).status, 420);
	const [, leg] = await talk(await agent('803'));
	const inside = await leg.inDialog('UPDATE', '', [['Require', 'x-magic']]);
	assert.deepEqual([inside.status, inside.get('unsupported')], [420, 'x-magic']);
});

e2e('digits by INFO, both ways of writing them; other contents are refused by name (CALL-03)', async ({ agent, talk }) => {
	await quick();
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	const began = Date.now();
	const info = (body, type, extra = []) => leg.inDialog('INFO', body, [['Content-Type', type], ...extra]);
	assert.equal((await info('Signal=5\r\nDuration=160\r\n', 'application/dtmf-relay')).status, 200);
	assert.equal((await info('Signal= #\r\nDuration= 250\r\n', 'application/dtmf-relay')).status, 200);
	assert.equal((await info('9', 'application/dtmf')).status, 200);
	assert.equal((await info('?', 'text/plain')).status, 415);
	assert.equal((await info('x', 'application/x-package', [['Info-Package', 'nonsense']])).status, 469);
	const digits = await until('the digits in the journal', async () => {
		const rows = await stack.sql(`SELECT fields FROM event WHERE type=24 AND at >= ${began} ORDER BY seq DESC LIMIT 3`).catch(() => []);
		return rows.length === 3 && rows.map(([f]) => JSON.parse(f).digit).reverse().join('');
	}, 5000);
	assert.equal(digits, '5#9');
	await hearEachOther(call, leg);
});

e2e('contents that are no SDP: 415; a description too long: 413 (TEL-01)', async ({ customer }) => {
	const call = await customer('4008001', { body: '<xml/>', headers: [['Content-Type', 'application/xml']] });
	assert.equal(await ended(call), 415);
	assert.match(call.answer.get('accept'), /application\/sdp/);
	const { address } = await (await customer()).media;
	assert.equal(await ended(await customer('4008001', { body: sdp({ address, port: 4000 }) + 'a=x:y\r\n'.repeat(1500) })), 413);
});

// ---- how a message is written

e2e('headers of one letter, folded, in any case and order (TEL-01)', async ({ customer, carrier }) => {
	await quick();
	(await carrier()).compact = true;
	const call = await (await customer('4008001', { headers: [['sUBJECT', 'a\r\n folded\r\n\tline']] })).reached('up');
	await call.hangup();
});

e2e('names in Chinese, quoted, escaped and not UTF-8 reach the agent\'s phone or are left out, never break a header (TEL-05)', async ({ agent, carrier, customer, calls }) => {
	await quick();
	const phone = await agent('803', { script: scripts.answer({ ringFor: 20 }) });
	const line = await carrier();
	const shown = [];
	for (const name of ['张三（客户）', 'O\\"Brien \\\\ Söhne', 'x'.repeat(300), '🦆 鸭']) {
		line.name = name;
		const call = await customer();
		const leg = await phone.incoming();
		shown.push(leg.invite.get('from'));
		await call.hangup();
		await leg.reached('ended');
	}
	line.name = undefined;
	assert.match(shown[0], /^"张三（客户）" <sip:13800000001@/);
	assert.match(shown[3], /^"🦆 鸭" </);
	for (const from of shown) assert.match(from, /^"[^"]*" <sip:[^<>]+>;tag=\S+$/, from);
	assert.equal((await calls(4)).length, 4);
});

e2e('several Via and a Record-Route: the answer goes back the way, our BYE takes the route (TEL-01)', async ({ carrier, customer }) => {
	await quick();
	const line = await carrier();
	const route = `<sip:${line.address}:${line.port};lr;x=1>`, ours = `<sip:${stack.sip.address}:${stack.sip.port};lr;y=2>`;
	const call = await (await customer('4008001', { headers: [['Via', `SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK${token()};received=192.0.2.9`],
		['Via', `SIP/2.0/TCP 192.0.2.2;branch=z9hG4bK${token()}`], ['Record-Route', route], ['Record-Route', ours]] })).reached('up');
	assert.equal(call.answer.headers.via.length, 3);
	assert.deepEqual(call.answer.headers['record-route'], [route, ours]);
	const tenant = await stack.tenant('demo');
	for (const { call: id } of (await stack.command('cc.calls', { tenant })).calls) await stack.command('cc.call.hangup', { tenant, call: id });
	await call.reached('ended');
	const bye = line.received.find((r) => r.method === 'BYE');
	assert.match(bye.headers.route.join(), /x=1.*y=2/, 'in order');
});

e2e('an INVITE that comes again is the same call; its answer is repeated (TEL-01)', async ({ carrier, calls }) => {
	await quick();
	const line = await carrier();
	const call = await line.dial(`sip:4008001@${stack.sip.address}:${stack.sip.port}`, { tone: 440, ack: false });
	const request = (branch) => format(`INVITE ${call.uri} SIP/2.0`, [['Via', line.via(branch)], ['Max-Forwards', 70], ['From', call.local], ['To', `<${call.uri}>`],
		['Call-ID', call.callId], ['CSeq', '1 INVITE'], ['Contact', `<${line.contact}>`], ['Content-Type', 'application/sdp']], sdp({ address: call.media.address, port: call.media.port }));
	for (let i = 0; i < 5; i++) {
		line.send(request(call.branch));
		await sleep(20);
	}
	await call.reached('up');
	call.ack();
	await call.hangup();
	await sleep(500);
	assert.equal((await calls(1)).length, 1);
});

e2e('a full datagram and one too long for SIP do no harm (TEL-01)', { allow: [/kamailio/i] }, async ({ customer }) => {
	await quick();
	const socket = createSocket('udp4');
	await new Promise((done) => socket.bind(0, '127.0.0.2', done));
	const answers = [];
	socket.on('message', (m) => answers.push(parse(m)));
	const filler = Array.from({ length: 900 }, (_, i) => [`X-Long-${i}`, 'y'.repeat(55)]);
	socket.send(format(`OPTIONS sip:${stack.sip.address} SIP/2.0`, [['Via', `SIP/2.0/UDP 127.0.0.2:${socket.address().port};branch=z9hG4bK${token()};rport`], ['Max-Forwards', 70],
		['From', '<sip:1@127.0.0.2>;tag=1'], ['To', '<sip:x@127.0.0.1>'], ['Call-ID', token()], ['CSeq', '1 OPTIONS'], ...filler]), stack.sip.port, stack.sip.address);
	await until('an answer', () => answers.length, 3000);
	socket.close();
	assert.ok([200, 400, 513].includes(answers[0].status), `${answers[0].status}`);
	await (await customer()).reached('up');
});
