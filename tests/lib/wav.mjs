// SPDX-License-Identifier: GPL-2.0-or-later
// RIFF/WAVE with 16-bit PCM or G.711, read into one Int16Array per channel; and written for what plays files.
import { readFileSync, writeFileSync } from 'node:fs';
import { G711, RATE, dominantPitch } from './tone.mjs';

const FORMAT = { 1: 'pcm', 6: 8, 7: 0 };	// WAVE format tag → PCM, or the RTP payload type of the law

export function parseWav(data) {
	if (data.toString('latin1', 0, 4) !== 'RIFF' || data.toString('latin1', 8, 12) !== 'WAVE') throw new Error('not a WAVE file');
	let format, body;
	for (let at = 12; at + 8 <= data.length;) {
		const id = data.toString('latin1', at, at + 4);
		const size = data.readUInt32LE(at + 4);
		const chunk = data.subarray(at + 8, Math.min(at + 8 + size, data.length));
		if (id === 'fmt ') format = { tag: chunk.readUInt16LE(0), channels: chunk.readUInt16LE(2), rate: chunk.readUInt32LE(4) };
		if (id === 'data') body = chunk;
		at += 8 + size + (size & 1);
	}
	if (!format || !body) throw new Error('WAVE file without format or data');
	const kind = FORMAT[format.tag];
	if (kind === undefined) throw new Error(`WAVE format ${format.tag} is not read here`);
	const samples = kind === 'pcm'
		? Int16Array.from({ length: body.length >> 1 }, (_, i) => body.readInt16LE(2 * i))
		: G711[kind].decode(body);
	const frames = Math.floor(samples.length / format.channels);
	const channels = Array.from({ length: format.channels },
		(_, c) => Int16Array.from({ length: frames }, (_, i) => samples[i * format.channels + c]));
	return { rate: format.rate, channels, ms: frames * 1000 / format.rate };
}

export const readWav = (file) => parseWav(readFileSync(file));

// The part of a channel between two moments in milliseconds, and its pitch.
export const part = (wav, channel, fromMs, toMs) =>
	wav.channels[channel].subarray(Math.round(fromMs * wav.rate / 1000), Math.round(toMs * wav.rate / 1000));
export const pitchOf = (wav, channel, fromMs = 0, toMs = wav.ms) => dominantPitch(part(wav, channel, fromMs, toMs), wav.rate);

export function writeWav(file, samples, rate = RATE) {
	const head = Buffer.alloc(44);
	head.write('RIFF', 0);
	head.writeUInt32LE(36 + samples.length * 2, 4);
	head.write('WAVEfmt ', 8);
	head.writeUInt32LE(16, 16);
	head.writeUInt16LE(1, 20);
	head.writeUInt16LE(1, 22);
	head.writeUInt32LE(rate, 24);
	head.writeUInt32LE(rate * 2, 28);
	head.writeUInt16LE(2, 32);
	head.writeUInt16LE(16, 34);
	head.write('data', 36);
	head.writeUInt32LE(samples.length * 2, 40);
	writeFileSync(file, Buffer.concat([head, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]));
}
