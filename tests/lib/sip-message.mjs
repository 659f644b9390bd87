// SPDX-License-Identifier: GPL-2.0-or-later
// SIP messages and SDP as plain data. Only what a test phone meets; it is not a general parser.
import { createHash, randomBytes } from 'node:crypto';

const COMPACT = { v: 'via', f: 'from', t: 'to', i: 'call-id', m: 'contact', l: 'content-length', c: 'content-type', k: 'supported', x: 'session-expires' };
const SHORT = Object.fromEntries(Object.entries(COMPACT).map(([short, name]) => [name, short]));

export const token = (bytes = 8) => randomBytes(bytes).toString('hex');

export function parse(data) {
	const text = data.toString('utf8');
	const split = text.indexOf('\r\n\r\n');
	if (split < 0) return undefined;
	const [first, ...lines] = text.slice(0, split).split('\r\n');
	const headers = {};
	for (const line of lines) {
		const colon = line.indexOf(':');
		if (colon < 0) continue;
		const given = line.slice(0, colon).trim().toLowerCase();
		(headers[COMPACT[given] ?? given] ??= []).push(line.slice(colon + 1).trim());
	}
	const message = { headers, body: text.slice(split + 4) };
	const status = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(first);
	if (status) Object.assign(message, { status: Number(status[1]), reason: status[2] });
	else [message.method, message.uri] = first.split(' ');
	message.get = (name) => headers[name]?.[0];
	message.cseq = /^(\d+)\s+(\S+)/.exec(message.get('cseq') ?? '') ?? [];
	message.branch = /;branch=([^;,\s]+)/.exec(message.get('via') ?? '')?.[1];
	return message;
}

// compact: header names of one letter, where there are any
export function format(start, headers, body = '', compact = false) {
	const lines = [...headers.filter(([, value]) => value !== undefined), ['Content-Length', Buffer.byteLength(body)]]
		.map(([name, value]) => `${(compact && SHORT[name.toLowerCase()]) || name}: ${value}`);
	return `${start}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

export const tagOf = (value) => /;tag=([^;>\s]+)/.exec(value ?? '')?.[1];
export const uriOf = (value) => /<([^>]+)>/.exec(value ?? '')?.[1] ?? (value ?? '').split(';')[0].trim();
export const userOf = (value) => /^sips?:([^@;>]+)@/.exec(uriOf(value))?.[1];

export function hostPort(uri) {
	const found = /^sips?:(?:[^@]*@)?([^:;>]+)(?::(\d+))?/.exec(uri);
	return { address: found[1], port: Number(found[2] ?? 5060) };
}

export function sdp({ address, port, codecs = [0, 8, 101], direction = 'sendrecv', version = 1 }) {
	const names = { 0: 'PCMU/8000', 8: 'PCMA/8000', 101: 'telephone-event/8000' };
	return ['v=0', `o=- 1 ${version} IN IP4 ${address}`, 's=-', `c=IN IP4 ${address}`, 't=0 0',
		`m=audio ${port} RTP/AVP ${codecs.join(' ')}`, ...codecs.map((c) => `a=rtpmap:${c} ${names[c]}`),
		...(codecs.includes(101) ? ['a=fmtp:101 0-15'] : []), 'a=ptime:20', `a=${direction}`, ''].join('\r\n');
}

export function parseSdp(body) {
	const media = /^m=audio (\d+) \S+ ([\d ]+)/m.exec(body);
	if (!media) return undefined;
	const types = media[2].trim().split(/\s+/).map(Number);
	return {
		address: /^c=IN IP4 (\S+)/m.exec(body)?.[1],
		port: Number(media[1]),
		payloadType: types.find((t) => t === 0 || t === 8),
		dtmfType: Number(/^a=rtpmap:(\d+) telephone-event\/8000/mi.exec(body)?.[1] ?? 101),
		direction: /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(body)?.[1] ?? 'sendrecv',
	};
}

const md5 = (text) => createHash('md5').update(text).digest('hex');

// The Authorization value that answers a challenge (RFC 2617, MD5, with qop=auth when it is offered).
export function authorization(challenge, { method, uri, user, password }) {
	const field = (name) => new RegExp(`${name}=(?:"([^"]*)"|([^,\\s]+))`, 'i').exec(challenge)?.slice(1).find((v) => v !== undefined);
	const realm = field('realm'), nonce = field('nonce'), opaque = field('opaque');
	const ha1 = md5(`${user}:${realm}:${password}`), ha2 = md5(`${method}:${uri}`);
	const common = `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=MD5` +
		(opaque === undefined ? '' : `, opaque="${opaque}"`);
	if (!field('qop')) return `${common}, response="${md5(`${ha1}:${nonce}:${ha2}`)}"`;
	const cnonce = token();
	return `${common}, qop=auth, nc=00000001, cnonce="${cnonce}", response="${md5(`${ha1}:${nonce}:00000001:${cnonce}:auth:${ha2}`)}"`;
}
