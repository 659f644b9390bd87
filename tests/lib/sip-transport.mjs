// SPDX-License-Identifier: GPL-2.0-or-later
// What carries a test phone's messages: UDP (also over a bad link), TCP, TLS or a WebSocket. A transport has via (its
// name in Via), reliable, address, port, send(text, to), close(); it calls onMessage(data, from). Those with a connection
// also have drop(), as a network that goes away without a word, and connect().
import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { connect as tcpConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

// Numbers from 0 to 1 that are the same for the same seed.
export function random(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

// A bad network, both ways: shares of messages that are lost, doubled and overtaken, and a delay in ms for all.
export function badLink({ seed = 1, loss = 0, duplicate = 0, reorder = 0, delay = 0, jitter = 0 }) {
	const dice = random(seed);
	const link = { lost: 0, doubled: 0, late: 0, passed: 0 };
	link.pass = (deliver) => {
		if (dice() < loss) {
			link.lost++;
			return;
		}
		link.passed++;
		let wait = delay + jitter * dice();
		if (dice() < reorder) {
			link.late++;
			wait += 60;
		}
		if (wait) setTimeout(deliver, wait);
		else deliver();
		if (dice() < duplicate) {
			link.doubled++;
			setTimeout(deliver, wait + 15);
		}
	};
	return link;
}

async function openUdp({ address, port, link }) {
	const socket = createSocket('udp4');
	await new Promise((resolve, reject) => socket.once('error', reject).bind(port, address, resolve));
	socket.removeAllListeners('error').on('error', () => {});
	let closed = false;
	const pass = link ? (deliver) => link.pass(deliver) : (deliver) => deliver();
	const transport = { via: 'UDP', reliable: false, address: socket.address().address, port: socket.address().port,
		send: (text, to) => pass(() => { if (!closed) socket.send(text, to.port, to.address); }),
		close: () => {
			closed = true;
			socket.close();
		} };
	socket.on('message', (data, from) => pass(() => { if (!closed) transport.onMessage(data, from); }));
	return transport;
}

// Cuts a stream into SIP messages by Content-Length; lone line ends are keep-alives.
function splitter(deliver) {
	let kept = Buffer.alloc(0);
	return (data) => {
		kept = Buffer.concat([kept, data]);
		for (;;) {
			while (kept.length >= 2 && kept[0] === 13 && kept[1] === 10) kept = kept.subarray(2);
			const head = kept.indexOf('\r\n\r\n');
			if (head < 0) return;
			const length = Number(/^(?:content-length|l)\s*:\s*(\d+)/mi.exec(kept.subarray(0, head).toString())?.[1] ?? 0);
			if (kept.length < head + 4 + length) return;
			deliver(kept.subarray(0, head + 4 + length));
			kept = kept.subarray(head + 4 + length);
		}
	};
}

async function openStream({ protocol, address, proxy }) {
	const from = { address: proxy.address, port: proxy.port };
	const transport = { via: protocol.toUpperCase(), reliable: true };
	let socket;
	transport.connect = async () => {
		const options = { host: proxy.address, port: proxy.port, localAddress: address };
		const made = protocol === 'tls' ? tlsConnect({ ...options, rejectUnauthorized: false }) : tcpConnect(options);
		await new Promise((resolve, reject) => made.once('error', reject).once(protocol === 'tls' ? 'secureConnect' : 'connect', resolve));
		made.removeAllListeners('error').on('error', () => {});
		made.on('data', splitter((message) => transport.onMessage?.(message, from)));
		made.on('close', () => { if (socket === made) socket = undefined; });
		socket = made;
		Object.assign(transport, { address: made.localAddress, port: made.localPort });
	};
	transport.send = (text) => socket?.write(text);
	transport.drop = () => {
		if (protocol === 'tls') socket?.destroy();
		else socket?.resetAndDestroy();
		socket = undefined;
	};
	transport.close = () => socket?.destroy();
	await transport.connect();
	return transport;
}

// RFC 6455 as a browser does it: masked frames, one message each.
async function openWebSocket({ address, proxy }) {
	const from = { address: proxy.address, port: proxy.port };
	const host = `${proxy.address}:${proxy.port}`;
	const transport = { via: 'WS', reliable: true, address: `${randomBytes(6).toString('hex')}.invalid`, port: undefined };
	let socket, kept;
	const frame = (opcode, payload) => {
		const mask = randomBytes(4);
		const head = payload.length < 126 ? Buffer.from([0x80 | opcode, 0x80 | payload.length])
			: Buffer.from([0x80 | opcode, 0x80 | 126, payload.length >> 8, payload.length & 255]);
		return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i & 3])]);
	};
	const read = (data) => {
		kept = Buffer.concat([kept, data]);
		while (kept.length >= 2) {
			const short = kept[1] & 127;
			const start = short === 126 ? 4 : 2;
			const length = short === 126 ? kept.readUInt16BE(2) : short;
			if (kept.length < start + length) return;
			const opcode = kept[0] & 15, payload = kept.subarray(start, start + length);
			kept = kept.subarray(start + length);
			if (opcode === 9) socket?.write(frame(10, payload));
			else if (opcode === 1 || opcode === 2) transport.onMessage?.(payload, from);
		}
	};
	transport.connect = async () => {
		const made = tcpConnect({ host: proxy.address, port: proxy.port, localAddress: address });
		kept = Buffer.alloc(0);
		await new Promise((resolve, reject) => {
			let head = '';
			const greeting = (data) => {
				head += data.toString('latin1');
				if (!head.includes('\r\n\r\n')) return;
				made.off('data', greeting);
				if (head.startsWith('HTTP/1.1 101')) resolve();
				else reject(new Error(head.split('\r\n')[0]));
			};
			made.once('error', reject).once('close', () => reject(new Error('closed'))).on('data', greeting);
			made.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
				`Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n`);
		});
		made.removeAllListeners().on('error', () => {}).on('data', read).on('close', () => { if (socket === made) socket = undefined; });
		socket = made;
	};
	transport.send = (text) => socket?.write(frame(1, Buffer.from(text)));
	transport.drop = () => {
		socket?.resetAndDestroy();
		socket = undefined;
	};
	transport.close = () => socket?.destroy();
	await transport.connect();
	return transport;
}

export function openTransport(options) {
	if (options.protocol === 'udp') return openUdp(options);
	return options.protocol === 'ws' ? openWebSocket(options) : openStream(options);
}
