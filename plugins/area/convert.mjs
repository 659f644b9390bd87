// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the table that the plugin looks numbers up in: node convert.mjs PACKAGE-FOLDER OUT
// The package has the prefixes of numbers behind +86, of two to seven digits, with a place ("广东省广州市", "Guangzhou,
// Guangdong") and, of mobile numbers, with an operator. Here every prefix becomes the range of seven digits that it
// covers, a longer one inside a shorter one, and neighbours of the same place become one range.
//
// The file, little endian: "CCAREA1", a zero; u32 number of places, ranges, ranges of operators, bytes of text;
// places: u32 province (area.h), offset of the city in Chinese and in English; ranges: u32 first number, rising;
// their places: u16, 0 none, padded to 4 bytes; ranges of operators: u32 first number; their operators: u32;
// texts, each ended by a zero.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder, out] = process.argv.slice(2);
const header = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'src/lookup.h'), 'utf8');
const codes = (list) => [...header.match(new RegExp(`#define ${list}\\(x\\)([^]*?)\\n\\n`))[1].matchAll(/x\((\w+)\)/g)].map((m) => m[1]);
const provinces = codes('AREA_PROVINCES'), operators = codes('AREA_OPERATORS');

// A flat BSON document of texts.
function read(path) {
	const b = readFileSync(join(folder, 'resources', path)), found = new Map();
	for (let at = 4; b[at];) {
		if (b[at] !== 2) throw new Error(`${path}: a value is no text`);
		const end = b.indexOf(0, at + 1), length = b.readUInt32LE(end + 1);
		found.set(b.toString('utf8', at + 1, end), b.toString('utf8', end + 5, end + 4 + length));
		at = end + 5 + length;
	}
	return found;
}

const chinese = read('geocodes/zh/86.bson'), english = read('geocodes/en/86.bson');
const operatorOf = { 'China Mobile': 'mobile', 'China Unicom': 'unicom', 'China Telecom': 'telecom', 'China Broadnet': 'broadnet' };
const provinceName = /^(.+?省|内蒙古|广西|西藏|宁夏|新疆)(?=.)/;

const places = new Map(); // text -> {number, province, city, cityEnglish}
function place(prefix) {
	const name = chinese.get(prefix), parts = english.get(prefix).split(', ');
	const province = provinces.indexOf(parts.at(-1).toLowerCase().replace(' ', '_'));
	if (province < 0) throw new Error(`${prefix}: ${english.get(prefix)} is in no province`);
	const city = name.replace(provinceName, '').replace(/^天津$/, '天津市'), cityEnglish = parts[0];
	const key = `${province}|${city}|${cityEnglish}`;
	if (!places.has(key)) places.set(key, { number: places.size + 1, province, city, cityEnglish });
	return places.get(key).number;
}

// Ranges of what value(prefix) gives, shorter prefixes first.
function ranges(prefixes, value) {
	const all = new Uint16Array(1e7);
	for (const prefix of [...prefixes].sort((a, b) => a.length - b.length)) {
		const width = 10 ** (7 - prefix.length), from = Number(prefix) * width;
		all.fill(value(prefix), from, from + width);
	}
	const starts = [0], values = [all[0]];
	for (let i = 1; i < all.length; i++)
		if (all[i] !== values.at(-1)) {
			starts.push(i);
			values.push(all[i]);
		}
	return { starts, values };
}

const carrier = read('carrier/en/86.bson');
const placed = ranges(chinese.keys(), place);
const operated = ranges(carrier.keys(), (prefix) => {
	const number = operators.indexOf(operatorOf[carrier.get(prefix)]);
	if (number < 0) throw new Error(`${prefix}: ${carrier.get(prefix)} is an unknown operator`);
	return number + 1;
});
if (places.size < 300 || placed.starts.length < 50000) throw new Error('the package has too few places');

const texts = [], offsets = new Map();
let length = 0;
function text(s) {
	if (!offsets.has(s)) {
		const bytes = Buffer.from(`${s}\0`);
		offsets.set(s, length);
		texts.push(bytes);
		length += bytes.length;
	}
	return offsets.get(s);
}
const table = new Uint32Array([...places.values()].flatMap((p) => [p.province, text(p.city), text(p.cityEnglish)]));
const placeNumbers = new Uint16Array(placed.values.length + (placed.values.length & 1));
placeNumbers.set(placed.values);
const bytes = (array) => Buffer.from(array.buffer);
writeFileSync(out, Buffer.concat([
	Buffer.from('CCAREA1\0'),
	bytes(new Uint32Array([places.size, placed.starts.length, operated.starts.length, length])),
	bytes(table), bytes(new Uint32Array(placed.starts)), bytes(placeNumbers),
	bytes(new Uint32Array(operated.starts)), bytes(new Uint32Array(operated.values)), ...texts,
]));
console.log(`area: ${places.size} places, ${placed.starts.length} ranges`);
