#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-or-later
// By hand what the tests do: what is in a WAV file, and files with a tone in them.
import { parseArgs } from 'node:util';
import { dominantPitch, toneSource, RATE } from '../lib/tone.mjs';
import { part, readWav, writeWav } from '../lib/wav.mjs';

const usage = `cc-tone.mjs measure FILE [--from MS] [--to MS] [--window MS]   one JSON object a channel and window: pitch in Hz
                                                          (0: silence), its share of the power, level in dB of full scale
cc-tone.mjs make FILE HZ MS [--peak 8000]                     mono, 8000 samples a second; 0 Hz is silence`;

function number(text, what) {
	const value = Number(text);
	if (!(value >= 0)) throw new Error(`${what}: "${text}" is no number`);
	return value;
}

function measure(file, { from = '0', to, window }) {
	const wav = readWav(file);
	const end = Math.min(to === undefined ? wav.ms : number(to, '--to'), wav.ms);
	const step = window === undefined ? end : number(window, '--window');
	if (step <= 0) return;
	for (let at = number(from, '--from'); at < end; at += step)
		wav.channels.forEach((_, channel) => {
			const samples = part(wav, channel, at, Math.min(at + step, end));
			const { hz, share, db } = dominantPitch(samples, wav.rate);
			console.log(JSON.stringify({ channel, from_ms: at, to_ms: Math.min(at + step, end), hz,
				share: Math.round(share * 100) / 100, db: Math.max(-120, Math.round(db * 10) / 10) }));
		});
}

const make = (file, hz, ms, { peak = '8000' }) =>
	writeWav(file, toneSource(number(hz, 'HZ'), number(peak, '--peak'))(Math.round(number(ms, 'MS') * RATE / 1000)));

try {
	const { values, positionals: [verb, ...words] } = parseArgs({ allowPositionals: true,
		options: Object.fromEntries(['from', 'to', 'window', 'peak'].map((name) => [name, { type: 'string' }])) });
	if (verb === 'measure' && words.length === 1) measure(...words, values);
	else if (verb === 'make' && words.length === 3) make(...words, values);
	else throw new Error(usage);
} catch (error) {
	console.error(error.message);
	process.exit(1);
}
