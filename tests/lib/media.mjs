// SPDX-License-Identifier: GPL-2.0-or-later
// The media end of a test phone: sends a G.711 tone every 20 ms and keeps what it receives, so that a test can measure
// who hears whom.
import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { G711, RATE, dominantPitch, levelDb, toneSource } from './tone.mjs';
import { sleep, until } from './wait.mjs';

const FRAME = RATE / 50;
const DIGITS = '0123456789*#ABCD';

// When this process itself stood still, [from, to]: a packet that came then is seen late, but was not late.
const stood = [];
const STILL = 40;
let beat = Date.now();
setInterval(() => {
	const now = Date.now();
	if (now - beat > STILL) stood.push([beat, now]);
	beat = now;
}, 10).unref();
export const stillBetween = (from, to) => [...stood, [beat, Date.now()]].filter(([a, b]) => b - a > STILL)
	.reduce((ms, [a, b]) => ms + Math.max(0, Math.min(b, to) - Math.max(a, from)), 0);

export class Media {
	#socket;
	#timer;
	#source = toneSource(0);
	#sequence = randomBytes(2).readUInt16BE();
	#timestamp = randomBytes(4).readUInt32BE();
	#ssrc = randomBytes(4).readUInt32BE();
	remote;				// { address, port }: where it sends to; undefined: it does not send
	symmetric = false;	// true: it sends to where the first packet comes from, for signalling that is not ours
	payloadType = 0;	// what it sends: 0 PCMU, 8 PCMA
	dtmfType = 101;
	packets = [];		// { at, sequence, timestamp, ssrc, type, bytes }, in order of arrival
	digits = '';		// RFC 4733 digits received, one per key press
	#lastDigit;
	// The network between this phone and the far end: part of its packets that are lost, and by how much the others are late at most.
	network = { loss: 0, jitterMs: 0 };

	static async open(address = '127.0.0.1') {
		const media = new Media();
		media.#socket = createSocket('udp4');
		await new Promise((resolve, reject) => media.#socket.once('error', reject).bind(0, address, resolve));
		media.#socket.removeAllListeners('error').on('error', () => {});	// the far end's port may be gone already
		media.#socket.on('message', (packet, from) => media.#receive(packet, from));
		return media;
	}

	get address() { return this.#socket.address().address; }
	get port() { return this.#socket.address().port; }

	// Begins to send; without a call the packets carry silence, as a phone whose speaker is quiet.
	start() {
		if (this.#timer) return;
		const began = Date.now();
		let sent = 0;
		this.#timer = setInterval(() => {
			const due = Math.floor((Date.now() - began) / 20) + 1;
			if (due - sent > 50) sent = due - 50;		// after a stall: a real phone does not send a second's worth at once
			for (; sent < due; sent++) this.#frame();
		}, 10);
	}

	// Silence on the wire: no packets at all, as a dead phone.
	stop() {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	// One RTCP receiver report, as a phone sends it every few seconds, talking or not.
	report() {
		const packet = Buffer.alloc(8);
		packet[0] = 0x80;
		packet[1] = 201;
		packet.writeUInt16BE(1, 2);
		packet.writeUInt32BE(this.#ssrc, 4);
		if (this.remote) this.#socket.send(packet, this.remote.port + 1, this.remote.address);
	}

	tone(hz, level) { this.#source = toneSource(hz, level); }
	// source(n) gives the next n samples.
	play(source) { this.#source = source; }

	close() {
		this.stop();
		this.#open = false;
		this.#socket.close();
	}

	#send(type, marker, payload, timestamp = this.#timestamp) {
		if (!this.remote) return;
		const head = Buffer.alloc(12);
		head[0] = 0x80;
		head[1] = (marker ? 0x80 : 0) | type;
		head.writeUInt16BE(this.#sequence = this.#sequence + 1 & 0xffff, 2);
		head.writeUInt32BE(timestamp, 4);
		head.writeUInt32BE(this.#ssrc, 8);
		const { loss, jitterMs } = this.network, packet = Buffer.concat([head, payload]), { port, address } = this.remote;
		if (Math.random() < loss) return;
		if (jitterMs) setTimeout(() => this.#open && this.#socket.send(packet, port, address), Math.random() * jitterMs);
		else this.#socket.send(packet, port, address);
	}
	#open = true;

	#frame() {
		const samples = this.#source(FRAME);
		this.#timestamp = (this.#timestamp + FRAME) >>> 0;
		if (!this.#keying) this.#send(this.payloadType, false, G711[this.payloadType].encode(samples));
	}
	#keying = false;

	// Keys digits as RFC 4733: a packet every 20 ms for 100 ms, the end three times, 100 ms between digits.
	async sendDigits(digits) {
		for (const digit of digits) {
			const event = DIGITS.indexOf(digit);
			if (event < 0) throw new Error(`no DTMF digit: ${digit}`);
			const timestamp = this.#timestamp;
			this.#keying = true;
			for (let step = 1; step <= 7; step++) {
				const payload = Buffer.from([event, (step >= 5 ? 0x80 : 0) | 10, 0, 0]);
				payload.writeUInt16BE(Math.min(step, 5) * FRAME, 2);
				this.#send(this.dtmfType, step === 1, payload, timestamp);
				if (step < 5) await sleep(20);
			}
			this.#keying = false;
			await sleep(100);
		}
	}

	#receive(packet, from) {
		if (packet.length < 12 || packet[0] >> 6 !== 2) return;
		if (this.symmetric && !this.remote) {
			this.remote = { address: from.address, port: from.port };
			this.start();
		}
		const type = packet[1] & 0x7f;
		if (type >= 72 && type <= 76) return;			// RTCP
		const timestamp = packet.readUInt32BE(4), ssrc = packet.readUInt32BE(8);
		const bytes = packet.subarray(12 + 4 * (packet[0] & 0x0f));
		if (type === this.dtmfType) {
			if (bytes.length >= 4 && this.#lastDigit !== timestamp) {
				this.#lastDigit = timestamp;
				this.digits += DIGITS[bytes[0]] ?? '?';
			}
			return;
		}
		this.packets.push({ at: Date.now(), sequence: packet.readUInt16BE(2), timestamp, ssrc, type, bytes });
	}

	// Waits until this much sound has come since the call's beginning, and gives just that: a fixed time by the clock of the
	// sound, however late its packets come.
	async first(ms) {
		const size = ms * RATE / 1000;
		return (await until(`${ms} ms of sound`, () => {
			const all = this.heard();
			return all.length >= size && all;
		}, 2 * ms + 10000, 100)).subarray(0, size);
	}

	// What was heard between two moments (Date.now() values): samples placed by RTP timestamp, gaps silent.
	heard(from = 0, to = Infinity) {
		const parts = [];
		let last;
		for (const packet of this.packets) {
			if (packet.at < from || packet.at > to || !G711[packet.type]) continue;
			const samples = G711[packet.type].decode(packet.bytes);
			const gap = last && last.ssrc === packet.ssrc ? (packet.timestamp - last.end) | 0 : 0;
			if (gap < 0 && gap > -RATE) continue;		// late or repeated
			if (gap > 0 && gap < RATE) parts.push(new Int16Array(gap));
			parts.push(samples);
			last = { ssrc: packet.ssrc, end: (packet.timestamp + samples.length) >>> 0 };
		}
		const whole = new Int16Array(parts.reduce((n, p) => n + p.length, 0));
		let at = 0;
		for (const p of parts) {
			whole.set(p, at);
			at += p.length;
		}
		return whole;
	}

	// The longest time without a packet since a moment.
	longestGap(since) {
		const times = [since, ...this.packets.filter((p) => p.at >= since).map((p) => p.at), Date.now()];
		return Math.max(...times.slice(1).map((to, i) => to - times[i] - stillBetween(times[i], to)));
	}

	pitch(ms = 500) { return dominantPitch(this.heard(Date.now() - ms)); }
	level(ms = 500) { return levelDb(this.heard(Date.now() - ms)); }

	// Waits until the last 400 ms hold this pitch clearly (within 8 Hz, 85 % of the power).
	async hears(hz, ms = 5000) {
		let last;
		try {
			return await until(`hearing ${hz} Hz`, () => {
				last = this.pitch(400);
				return Math.abs(last.hz - hz) <= 8 && last.share > 0.85 && last;
			}, ms);
		} catch (error) {
			error.message += `; heard ${last?.hz} Hz (${last?.share.toFixed(2)} of the power, ${last?.db.toFixed(0)} dB), ${this.packets.length} packets`;
			throw error;
		}
	}

	async hearsNothing(ms = 3000) {
		return until('silence', () => this.pitch(300).hz === 0, ms);
	}
}
