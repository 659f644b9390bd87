// SPDX-License-Identifier: GPL-2.0-or-later
// Hostile SIP from a seed: messages that look like SIP and are wrong somewhere. The same seed gives the same messages.
import { random } from './sip-transport.mjs';
import { sdp } from './sip-message.mjs';

const METHODS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'UPDATE', 'PRACK', 'INFO', 'REFER', 'SUBSCRIBE', 'NOTIFY', 'MESSAGE', 'PUBLISH', 'X', 'iNVITE', ''];
const WORDS = ['', ' ', '\t', '"', '<', '>', '<>', ';', ',', '=', '%00', '%', '\\', '*', '0', '-1', '4294967296', '99999999999999999999', 'A'.repeat(300), '名'.repeat(90), '\u0000', '\xff\xfe',
	'sip:', 'sip:@', 'sips:a@[::1', 'tel:+1', 'sip:a@b:99999', 'sip:a@b;lr;;;=', 'z9hG4bK', '"unclosed', '\r\n', '\r\n\r\n', 'a=b;c', '${x}', '$(ru)', "' OR 1=1 --", '../../etc/passwd', '{"a":1}'];
const NAMES = ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Max-Forwards', 'Route', 'Record-Route', 'Require', 'Proxy-Require', 'Supported', 'Allow', 'Content-Type', 'Content-Length',
	'Authorization', 'Proxy-Authorization', 'Session-Expires', 'Min-SE', 'RAck', 'RSeq', 'Info-Package', 'Refer-To', 'Replaces', 'Event', 'Expires', 'Subject', 'User-Agent', 'Path', 'v', 'f', 't', 'i', 'm', 'k', 'x', 'X-Any', ''];

export function hostile({ seed, address, port, target, numbers = ['4008001', '803', '*001'], domain = 'demo', tags = [] }) {
	const dice = random(seed);
	const below = (n) => Math.floor(dice() * n);
	const one = (list) => list[below(list.length)];
	const chance = (p) => dice() < p;
	const hex = () => below(2 ** 32).toString(16);
	const noise = (n) => Buffer.from(Array.from({ length: n }, () => below(256)));

	const good = () => {
		const method = one(METHODS.slice(0, 14)), number = one(numbers);
		const body = chance(0.5) ? sdp({ address, port: 40000 + below(100), codecs: one([[0, 8, 101], [8], [18], []].filter((c) => c.length)) }) : '';
		return { start: `${method} sip:${number}@${chance(0.5) ? domain : target} SIP/2.0`, body,
			headers: [['Via', `SIP/2.0/UDP ${address}:${port};branch=z9hG4bK${hex()};rport`], ['Max-Forwards', '70'], ['From', `<sip:${number}@${domain}>;tag=${hex()}`],
				['To', `<sip:${number}@${domain}>${tags.length && chance(0.6) ? `;tag=${one(tags)}` : ''}`], ['Call-ID', hex()], ['CSeq', `${below(1000)} ${method}`],
				['Contact', `<sip:${number}@${address}:${port}>`], ...(body ? [['Content-Type', 'application/sdp']] : [])] };
	};
	// Each takes a message and makes something of it worse.
	const damage = [
		(m) => { m.headers[below(m.headers.length)][1] = one(WORDS); },
		(m) => { m.headers[below(m.headers.length)][0] = one(NAMES); },
		(m) => { m.headers.splice(below(m.headers.length), 1); },
		(m) => { const h = one(m.headers); m.headers.push([h[0], h[1]]); },
		(m) => { m.headers.splice(below(m.headers.length), 0, [one(NAMES), one(WORDS)]); },
		(m) => { for (let i = below(200); i > 0; i--) m.headers.push([one(NAMES), one(WORDS)]); },
		(m) => { const h = one(m.headers), at = below(h[1].length + 1); h[1] = h[1].slice(0, at) + one(WORDS) + h[1].slice(at); },
		(m) => { const h = one(m.headers); h[1] = h[1].slice(0, below(h[1].length + 1)); },
		(m) => { m.start = m.start.replace(/sip:\S+/, one(WORDS)); },
		(m) => { m.start = one([`${one(METHODS)} sip:x SIP/2.0`, 'SIP/2.0 200 OK', `SIP/2.0 ${below(1000)} ${one(WORDS)}`, one(WORDS), `${one(METHODS)} ${one(WORDS)} SIP/${below(9)}.${below(9)}`]); },
		(m) => { m.body = one(['', 'v=0', noise(below(400)).toString('latin1'), `v=0\r\nm=audio ${below(99999)} RTP/AVP ${Array.from({ length: below(300) }, () => below(200)).join(' ')}\r\n`, 'a='.repeat(below(6000))]); },
		(m) => { m.body = m.body.split('').map((c) => (chance(0.02) ? String.fromCharCode(below(256)) : c)).join(''); },
		(m) => { m.length = one([0, -1, 1, 65536, 4294967295, 'x', '']); },
		(m) => { m.end = one(['\n', '\r', '\r\n ', '']); },
	];
	const write = (m) => {
		const end = m.end ?? '\r\n';
		return Buffer.from([m.start, ...m.headers.map(([n, v]) => `${n}: ${v}`), `Content-Length: ${m.length ?? Buffer.byteLength(m.body, 'latin1')}`, '', m.body].join(end), 'latin1');
	};
	return () => {
		if (chance(0.03)) return noise(below(1500));
		const m = good();
		for (let i = 1 + below(4); i > 0; i--) one(damage)(m);
		const bytes = write(m);
		if (chance(0.1)) for (let i = 1 + below(20); i > 0; i--) bytes[below(bytes.length)] = below(256);
		return chance(0.05) ? bytes.subarray(0, below(bytes.length)) : bytes;
	};
}
