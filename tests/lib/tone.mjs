// SPDX-License-Identifier: GPL-2.0-or-later
// Sound as numbers: G.711, tones, and what a measurement of them says. Samples are Int16Array at 8000 Hz.

export const RATE = 8000;
const SILENCE_DB = -55;

function ulawDecode(byte) {
	const u = ~byte & 0xff;
	const magnitude = (((u & 0x0f) << 3) + 0x84 << ((u >> 4) & 7)) - 0x84;
	return u & 0x80 ? -magnitude : magnitude;
}

function alawDecode(byte) {
	const a = byte ^ 0x55;
	const segment = (a >> 4) & 7;
	let magnitude = ((a & 0x0f) << 4) + 8;
	if (segment > 0) magnitude = (magnitude + 0x100) << (segment - 1);
	return a & 0x80 ? magnitude : -magnitude;
}

// The inverse by search in the decoder's own table: one definition of each law, no second one to disagree with it.
function inverse(decode) {
	const levels = Array.from({ length: 256 }, (_, byte) => ({ byte, level: decode(byte) })).sort((a, b) => a.level - b.level);
	const table = new Uint8Array(65536);
	let at = 0;
	for (let sample = -32768; sample <= 32767; sample++) {
		while (at + 1 < 256 && Math.abs(levels[at + 1].level - sample) <= Math.abs(levels[at].level - sample)) at++;
		table[sample + 32768] = levels[at].byte;
	}
	return table;
}

function law(decode) {
	const down = Int16Array.from({ length: 256 }, (_, byte) => decode(byte));
	const up = inverse(decode);
	return {
		encode: (samples) => Buffer.from(samples.map ? Array.from(samples, (s) => up[s + 32768]) : []),
		decode: (bytes) => Int16Array.from(bytes, (b) => down[b]),
	};
}

// RTP payload type → codec
export const G711 = { 0: law(ulawDecode), 8: law(alawDecode) };

// An endless sine: next(n) gives the next n samples. hz 0 is silence.
export function toneSource(hz, level = 8000) {
	let at = 0;
	return (n) => Int16Array.from({ length: n }, () => Math.round(level * Math.sin(2 * Math.PI * hz * at++ / RATE)));
}

// Keys as DTMF tones of `on` ms with `off` ms of silence between them, then silence.
export function keySource(keys, { on = 100, off = 100, level = 6000 } = {}) {
	const rows = [697, 770, 852, 941], columns = [1209, 1336, 1477, 1633], pad = '123A456B789C*0#D';
	const period = (on + off) * RATE / 1000;
	let at = 0;
	const sample = () => {
		const key = pad.indexOf(keys[Math.floor(at / period)] ?? ' '), sounds = at % period < on * RATE / 1000, t = at++ / RATE;
		return key < 0 || !sounds ? 0 : Math.round(level * (Math.sin(2 * Math.PI * rows[key >> 2] * t) + Math.sin(2 * Math.PI * columns[key & 3] * t)));
	};
	return (n) => Int16Array.from({ length: n }, sample);
}

export function levelDb(samples) {
	if (!samples.length) return -Infinity;
	let sum = 0;
	for (const s of samples) sum += s * s;
	return 10 * Math.log10(sum / samples.length / (32768 * 32768) + 1e-12);
}

function goertzel(block, hz, rate) {
	const coefficient = 2 * Math.cos(2 * Math.PI * hz / rate);
	let a = 0, b = 0;
	for (const s of block) [a, b] = [s + coefficient * a - b, a];
	return a * a + b * b - coefficient * a * b;
}

// Mean power at 100, 110 … 3400 Hz over Hann-windowed blocks of 100 ms; a shorter sound is filled up with silence.
export function spectrum(samples, rate = RATE) {
	const size = rate / 10;
	if (samples.length < size) samples = Int16Array.from({ length: size }, (_, i) => samples[i] ?? 0);
	const powers = new Float64Array(331);
	let blocks = 0;
	for (let from = 0; from + size <= samples.length; from += size, blocks++) {
		const block = Float64Array.from({ length: size },
			(_, i) => samples[from + i] * (0.5 - 0.5 * Math.cos(2 * Math.PI * i / size)));
		for (let i = 0; i < powers.length; i++) powers[i] += goertzel(block, 100 + 10 * i, rate);
	}
	return powers.map((p) => p / blocks);
}

// The strongest pitch: { hz, share, db }. share: part of all power that lies within 30 Hz of it (a clean tone is near 1).
// hz is 0 when there is nothing to hear.
export function dominantPitch(samples, rate = RATE) {
	const db = levelDb(samples);
	if (db < SILENCE_DB) return { hz: 0, share: 0, db };
	const powers = spectrum(samples, rate);
	const total = powers.reduce((a, b) => a + b, 0);
	let peak = 0;
	powers.forEach((p, i) => { if (p > powers[peak]) peak = i; });
	let near = 0, moment = 0;
	for (let i = Math.max(0, peak - 3); i <= Math.min(powers.length - 1, peak + 3); i++) {
		near += powers[i];
		moment += powers[i] * (100 + 10 * i);
	}
	return { hz: Math.round(moment / near), share: near / total, db };
}

// Part of all power that lies within 30 Hz of a pitch: proves a tone in a mixture, and its absence.
export function shareOf(samples, hz, rate = RATE) {
	if (levelDb(samples) < SILENCE_DB) return 0;
	const powers = spectrum(samples, rate);
	let near = 0, total = 0;
	powers.forEach((p, i) => {
		total += p;
		if (Math.abs(100 + 10 * i - hz) <= 30) near += p;
	});
	return near / total;
}

// Where a clip begins in a longer recording, by normalised cross-correlation of its loudest half second (or all of it):
// { ms, score }; ms may be negative when the beginning is cut off. A score over 0.8 is the clip, below 0.3 is chance.
export function findClip(recording, clip, rate = RATE) {
	const size = Math.min(rate / 2, clip.length);
	let best = 0, bestEnergy = -1;
	for (let from = 0; from + size <= clip.length; from += rate / 8) {
		let energy = 0;
		for (let i = 0; i < size; i++) energy += clip[from + i] ** 2;
		if (energy > bestEnergy) [best, bestEnergy] = [from, energy];
	}
	if (bestEnergy <= 0) return { ms: 0, score: 0 };
	const needle = Float64Array.from(clip.subarray(best, best + size));
	let found = { ms: 0, score: 0 };
	let energy = 0;
	for (let i = 0; i < size && i < recording.length; i++) energy += recording[i] ** 2;
	for (let from = 0; from + size <= recording.length; from++) {
		if (energy > bestEnergy / 100) {
			let dot = 0;
			for (let i = 0; i < size; i++) dot += needle[i] * recording[from + i];
			const score = dot / Math.sqrt(bestEnergy * energy);
			if (score > found.score) found = { ms: Math.round((from - best) * 1000 / rate), score };
		}
		energy += (recording[from + size] ?? 0) ** 2 - recording[from] ** 2;
	}
	return found;
}
