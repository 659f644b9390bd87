// SPDX-License-Identifier: GPL-2.0-or-later
// What is refused, and that refusing takes nothing down: unknown numbers, strangers, disabled things, broken SIP, broken commands.
import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { createSocket } from 'node:dgram';
import { Phone } from '../lib/sip.mjs';
import { format, parse, token } from '../lib/sip-message.mjs';
import { sleep } from '../lib/wait.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();

const status = async (call, ms = 8000) => {
	await call.reached('ended', ms);
	return call.ended.status;
};

e2e('unknown DID: 404 (TEL-10)', async ({ customer }) => {
	for (const number of ['4009999', '0', '99999999999999999999', 'abc', '400800', '40080011'])
		assert.equal(await status(await customer(number)), 404, number);
});

e2e('a disabled DID is refused, and works again when enabled (TEL-10 TEL-26)', async ({ customer }) => {
	await stack.queue('600', { entry_prompt: '' });
	await stack.configure('did', "number='4008001'", { state: 'disabled' });
	assert.equal(await status(await customer()), 403);
	await stack.restore();
	const call = await (await customer()).reached('up');
	await call.hangup();
});

e2e('a suspended tenant: its DIDs and its phones are refused, a call in progress goes on (AUTH-04 TEL-26)', async ({ agent, talk, customer, onClose }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await stack.configure('tenant', `id=${await stack.tenant('demo')}`, { state: 'suspended' });
	assert.equal(await status(await customer('4008001')), 403);
	const late = await Phone.open({ user: '804', domain: 'demo', password: 'sip-804', proxy: stack.sip });
	onClose(() => late.close());
	assert.ok([401, 403].includes((await late.register()).status));
	const dialled = await phone.dial('*100');
	assert.ok((await status(dialled)) >= 400);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await stack.restore();
	await (await customer('4008001')).reached('up');
});

e2e('a call from an address that is no trunk is refused (TEL-01)', async ({ onClose }) => {
	for (const address of ['127.0.0.3', '127.0.0.2']) {
		const stranger = await Phone.open({ user: '13800000009', address, proxy: stack.sip });	// 127.0.0.2, but another port
		onClose(() => stranger.close());
		const call = await stranger.dial(`sip:4008001@${stack.sip.address}:${stack.sip.port}`);
		assert.ok([401, 403, 407].includes(await status(call)), `${address}: ${call.ended.status}`);
	}
});

e2e('an INVITE of an agent needs the password, and not another agent\'s (AUTH-04)', { allow: [/auth|credential/i] }, async ({ phone, onClose }) => {
	const right = await phone('803');
	const anonymous = await right.dial('*001', { anonymous: true });
	assert.ok([401, 407].includes(await status(anonymous)));
	const wrong = await Phone.open({ user: '803', domain: 'demo', password: 'guess', proxy: stack.sip });
	onClose(() => wrong.close());
	assert.ok([401, 403, 407].includes(await status(await wrong.dial('*001'))));
	// signs its request as 804, with its own password
	right.user = '804';
	const other = await right.dial('*001');
	assert.ok([401, 403, 407].includes(await status(other)), `${other.ended.status}`);
	right.user = '803';
	assert.equal((await stack.command('cc.agent.get', { tenant: await stack.tenant('demo'), agent: '804' })).queues.length, 0);
});

e2e('an offer that cannot be served: 488, no codec in common (TEL-05)', async ({ carrier, customer }) => {
	const { address } = await carrier();
	const body = (media) => `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\n${media}`;
	for (const media of ['m=audio 40000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n', 'm=video 40000 RTP/AVP 31\r\n', 'm=audio 0 RTP/AVP 0\r\n', ''])
		assert.ok([400, 415, 488, 606].includes(await status(await customer('4008001', { body: body(media) }))), media);
	for (const broken of ['this is no SDP', 'v=0\r\nm=audio', `v=0\r\nm=audio 99999999 RTP/AVP 0\r\nc=IN IP4 999.1.1.1\r\n`, `\0\0\0${'x'.repeat(3000)}`])
		assert.ok((await status(await customer('4008001', { body: broken }))) >= 400, JSON.stringify(broken.slice(0, 40)));
});

// ---- messages that no phone sends

const udp = async (data, from = '127.0.0.2') => {
	const socket = createSocket('udp4');
	const answers = [];
	await new Promise((done) => socket.bind(0, from, done));
	socket.on('message', (m) => answers.push(parse(m)));
	socket.send(data, stack.sip.port, stack.sip.address);
	await sleep(150);
	socket.close();
	return answers.filter(Boolean);
};

const invite = (changes = {}, body = '') => {
	const headers = { Via: `SIP/2.0/UDP 127.0.0.2:5099;branch=z9hG4bK${token()};rport`, 'Max-Forwards': '70', From: '<sip:1@127.0.0.2>;tag=1',
		To: '<sip:4008001@127.0.0.1>', 'Call-ID': token(), CSeq: '1 INVITE', Contact: '<sip:1@127.0.0.2:5099>', ...changes };
	return format(changes.start ?? `INVITE sip:4008001@127.0.0.1:${stack.sip.port} SIP/2.0`, Object.entries(headers).filter(([k]) => k !== 'start'), body);
};

const broken = {
	'nothing': '',
	'zeros': Buffer.alloc(100),
	'one byte': 'I',
	'only line ends': '\r\n\r\n\r\n\r\n',
	'binary': Buffer.from(Array.from({ length: 1400 }, (_, i) => (i * 7919) & 0xff)),
	'a cut request': invite().slice(0, 60),
	'no blank line': invite().replace('\r\n\r\n', '\r\n'),
	'bare line feeds': invite().replaceAll('\r\n', '\n'),
	'another version': invite().replace('SIP/2.0\r', 'SIP/9.9\r'),
	'no request URI': invite({ start: 'INVITE SIP/2.0' }),
	'a URI of rubbish': invite({ start: 'INVITE sip:@@@:::;;;;=?&& SIP/2.0' }),
	'a URI with a number sign and escapes': invite({ start: 'INVITE sip:%00%ff%41%zz@127.0.0.1 SIP/2.0' }),
	'a tel URI': invite({ start: 'INVITE tel:4008001 SIP/2.0' }),
	'an endless user part': invite({ start: `INVITE sip:${'9'.repeat(20000)}@127.0.0.1 SIP/2.0` }),
	'an unknown method': invite({ start: 'FROBNICATE sip:x@127.0.0.1 SIP/2.0', CSeq: '1 FROBNICATE' }),
	'a CSeq of another method': invite({ CSeq: '1 BYE' }),
	'a CSeq beyond 32 bits': invite({ CSeq: '99999999999999999999 INVITE' }),
	'a negative CSeq': invite({ CSeq: '-1 INVITE' }),
	'no Via': invite({ Via: undefined }),
	'no From': invite({ From: undefined }),
	'no To': invite({ To: undefined }),
	'no Call-ID': invite({ 'Call-ID': undefined }),
	'no CSeq': invite({ CSeq: undefined }),
	'no Contact': invite({ Contact: undefined }),
	'a From without a tag': invite({ From: '<sip:1@127.0.0.2>' }),
	'a From of quotes': invite({ From: '"""""" <sip:1@127.0.0.2;tag=1' }),
	'a long name': invite({ From: `"${'名'.repeat(2000)}" <sip:1@127.0.0.2>;tag=1` }),
	'bytes that are no UTF-8': Buffer.from(invite({ From: '"\xff\xfe\x80" <sip:1@127.0.0.2>;tag=1' }), 'latin1'),
	'markup as a name': invite({ From: '"<script>alert(1)</script>\\" OR 1=1 --" <sip:1@127.0.0.2>;tag=1' }),
	'Max-Forwards 0': invite({ 'Max-Forwards': '0' }),
	'Max-Forwards of letters': invite({ 'Max-Forwards': 'many' }),
	'a Content-Length that lies': invite().replace('Content-Length: 0', 'Content-Length: 5000'),
	'a negative Content-Length': invite().replace('Content-Length: 0', 'Content-Length: -1'),
	'300 Via headers': invite({ Via: Array.from({ length: 300 }, () => `SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK${token()}`).join(', ') }),
	'3000 headers': invite({}, '').replace('\r\n\r\n', `\r\n${Array.from({ length: 3000 }, (_, i) => `X-${i}: y`).join('\r\n')}\r\n\r\n`),
	'a Route to itself': invite({ Route: `<sip:127.0.0.1:${'PORT'};lr>` }),
	'Require of something': invite({ Require: 'teleportation' }),
	'a tag in To that nobody knows': invite({ To: '<sip:4008001@127.0.0.1>;tag=nobody' }),
	'BYE outside a dialog': invite({ start: 'BYE sip:4008001@127.0.0.1 SIP/2.0', CSeq: '2 BYE', To: '<sip:x@127.0.0.1>;tag=nobody' }),
	'CANCEL of nothing': invite({ start: 'CANCEL sip:4008001@127.0.0.1 SIP/2.0', CSeq: '1 CANCEL' }),
	'ACK of nothing': invite({ start: 'ACK sip:4008001@127.0.0.1 SIP/2.0', CSeq: '1 ACK' }),
	'UPDATE, PRACK, INFO and REFER of nothing': ['UPDATE', 'PRACK', 'INFO', 'REFER', 'NOTIFY', 'SUBSCRIBE', 'PUBLISH', 'MESSAGE'].map((m) =>
		invite({ start: `${m} sip:4008001@127.0.0.1 SIP/2.0`, CSeq: `2 ${m}`, To: '<sip:x@127.0.0.1>;tag=nobody', 'Refer-To': '<sip:evil@127.0.0.1>', Event: 'refer' })),
	'a response that nobody asked for': 'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContact: <sip:c@127.0.0.2:9>\r\nContent-Length: 0\r\n\r\n',
	'a response of rubbish': 'SIP/2.0 999 \r\nVia: x\r\nCSeq: y\r\n\r\n',
	'REGISTER with * and no Expires': invite({ start: 'REGISTER sip:demo SIP/2.0', CSeq: '1 REGISTER', To: '<sip:803@demo>', Contact: '*' }),
	'REGISTER with 200 contacts': invite({ start: 'REGISTER sip:demo SIP/2.0', CSeq: '1 REGISTER', To: '<sip:803@demo>',
		Contact: Array.from({ length: 200 }, (_, i) => `<sip:803@127.0.0.2:${10000 + i}>`).join(', ') }),
	'an Authorization of rubbish': invite({ start: 'REGISTER sip:demo SIP/2.0', CSeq: '1 REGISTER', To: '<sip:803@demo>', From: '<sip:803@demo>;tag=1',
		Authorization: 'Digest username="803", realm="demo", nonce="", uri="", response="", qop=auth, nc=zzzzzzzz, cnonce=""' }),
	'a full packet': Buffer.alloc(65000, 'A'),
};

// The log may call a bad message an error; that is its business. What counts is that everything lives.
e2e('malformed SIP of many kinds: a refusal or silence, and the next call works (TEL-01 MON-05)', { timeout: 120000, allow: [/kamailio|ERROR|parse|bad|invalid/i] }, async ({ agent, talk, customer }) => {
	await stack.queue('600', { entry_prompt: '' });
	const before = stack.pids().kamailio;
	for (const [what, data] of Object.entries(broken))
		for (const one of Array.isArray(data) ? data : [data])
			for (const answer of await udp(one))
				assert.ok(answer.status === 100 || answer.status >= 300 || (answer.status === 200 && answer.cseq[2] !== 'INVITE'), `${what}: ${answer.status}`);
	assert.equal(stack.pids().kamailio, before);
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	assert.ok(await customer('4008001'));
});

e2e('malformed SIP over TCP, and connections that say nothing (TEL-01)', { allow: [/kamailio|ERROR|parse|bad|tcp/i] }, async () => {
	const before = stack.pids().kamailio;
	const idle = Array.from({ length: 20 }, () => createConnection(stack.sip.port, stack.sip.address).on('error', () => {}));
	for (const data of Object.values(broken).flat()) {
		const socket = createConnection(stack.sip.port, stack.sip.address).on('error', () => {});
		socket.end(data);
	}
	await sleep(1000);
	idle.forEach((s) => s.destroy());
	assert.equal(stack.pids().kamailio, before);
	const options = await udp(invite({ start: `OPTIONS sip:${stack.sip.address}:${stack.sip.port} SIP/2.0`, CSeq: '1 OPTIONS' }));
	assert.equal(options[0]?.status, 200);
});

e2e('broken commands on cc.sock: an error each, and the next one works (SYS-04)', { allow: [/command|json/i] }, async () => {
	const good = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'cc.ping' });
	for (const [what, line] of Object.entries({
		'no JSON': 'hello', 'half JSON': '{"jsonrpc":"2.0","id":1', 'an array': '[]', 'a batch': `[${good}]`, 'a number': '7', 'null': 'null', 'a text': '"x"',
		'no method': '{"jsonrpc":"2.0","id":1}', 'a method that is a number': '{"jsonrpc":"2.0","id":1,"method":5}',
		'unknown': '{"jsonrpc":"2.0","id":1,"method":"cc.format_disk"}', 'parameters as an array': '{"jsonrpc":"2.0","id":1,"method":"cc.board","params":[1]}',
		'no tenant': '{"jsonrpc":"2.0","id":1,"method":"cc.board","params":{}}', 'tenant as text': '{"jsonrpc":"2.0","id":1,"method":"cc.board","params":{"tenant":"demo"}}',
		'tenant too large': '{"jsonrpc":"2.0","id":1,"method":"cc.board","params":{"tenant":99999999999999}}',
		'a change without actor': '{"jsonrpc":"2.0","id":1,"method":"cc.reload","params":{"tenant":1}}',
		'a request id that is none': '{"jsonrpc":"2.0","id":1,"method":"cc.reload","params":{"tenant":1,"actor":"x","request":"1"}}',
		'deep nesting': `${'['.repeat(2000)}`, 'NUL inside': '{"jsonrpc":"2.0","id":1,"method":"cc.\0ping"}', 'no UTF-8': Buffer.from('{"id":1,"method":"\xff\xfe"}', 'latin1'),
	})) {
		const answer = await stack.rawCommand(Buffer.concat([Buffer.from(line), Buffer.from('\n')]));
		const { error } = JSON.parse(answer);
		assert.ok(Number.isInteger(error?.code) && error.data?.reason, `${what}: ${answer}`);
	}
	// more than 64 KiB without an end: cut off, not kept
	assert.equal(await stack.rawCommand('x'.repeat(70000)).catch((error) => error.code === 'EPIPE' || error.code === 'ECONNRESET' ? undefined : error), undefined);
	assert.ok(JSON.parse(await stack.rawCommand(`${good}\n`)).result.version);
	// several in one write, each answered
	const socket = createConnection(stack.path('sock/cc.sock'));
	let text = '';
	socket.on('data', (d) => { text += d; });
	socket.write(`${good}\n${good}\n${good}\n`);
	await sleep(300);
	socket.destroy();
	assert.equal(text.trim().split('\n').length, 3);
});
