// SPDX-License-Identifier: GPL-2.0-or-later
// Finds every text that people read and keeps the catalogues beside this file complete:
//   node templates/locale/extract.mjs           adds new texts, untranslated, and drops those that are gone
//   node templates/locale/extract.mjs --check   only says what is missing; exit status 1 if anything is
// A plugin has catalogues of its own, plugins/<name>/locale/: texts that the others have are not repeated there.
// Sources: cc_t, cc_tc, CC_N, CC_NC in C; {{#t}}…{{/t}} in templates; the lists of kamailio-mods/contract.
// A catalogue is complete when every text is translated; in English that is needed for codes only, which are texts
// with a context that are written like_this.
import { readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const languages = ['zh_CN', 'en'];
const contextMark = '\u0004';

function* files(folder, extension) {
	if (!existsSync(folder)) return;
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) yield* files(path, extension);
		else if (entry.name.endsWith(extension)) yield path;
	}
}

const own = new Map(), catalogues = [{ folder: here, messages: own }];
const add = (context, text, where, messages = own) => { // context + mark + text -> where
	const key = (context ? context + contextMark : '') + text;
	messages.set(key, [...(messages.get(key) ?? []), relative(root, where)]);
};
const literal = String.raw`((?:"(?:[^"\\]|\\.)*"\s*)+)`;
const joined = (source) => [...source.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => JSON.parse(`"${m[1]}"`)).join('');

function addSources(folder, messages) {
	const headers = [...files(folder, '.h')].filter((path) => !path.includes('/include/')); // those have examples
	for (const path of [...files(folder, '.c'), ...headers]) {
		const source = readFileSync(path, 'utf8');
		for (const m of source.matchAll(new RegExp(String.raw`\b(?:cc_t\(\s*[\w>.-]+,|CC_N\()\s*${literal}`, 'g'))) add(null, joined(m[1]), path, messages);
		for (const m of source.matchAll(new RegExp(String.raw`\b(?:cc_tc\(\s*[\w>.-]+,|CC_NC\()\s*${literal},\s*${literal}`, 'g'))) add(joined(m[1]), joined(m[2]), path, messages);
	}
	for (const path of files(folder, '.mustache')) {
		for (const m of readFileSync(path, 'utf8').matchAll(/\{\{#t\}\}\s*([^]*?)\s*\{\{\/t\}\}/g)) {
			const bar = m[1].indexOf('|');
			add(bar < 0 ? null : m[1].slice(0, bar), m[1].slice(bar + 1), path, messages);
		}
	}
}

addSources(join(root, 'apps'));
addSources(join(root, 'templates'));
const contract = join(root, 'kamailio-mods/contract');
for (const m of readFileSync(join(contract, 'causes.def'), 'utf8').matchAll(/^CC_CAUSE\(\w+, "(\w+)"\)/gm)) add('cause', m[1], join(contract, 'causes.def'));
for (const m of readFileSync(join(contract, 'events.def'), 'utf8').matchAll(/^CC_EVENT\(\d+, \w+, "([\w.]+)"/gm)) add('event', m[1], join(contract, 'events.def'));
const preferences = join(contract, 'preferences.def');
for (const m of readFileSync(preferences, 'utf8').matchAll(/^CC_PREFERENCE(?:_LATER)?\((\w+), (\w+), "[^"]*", "([^"]*)", ("[^"]*"), ("[^"]*"), ("[^"]*")\)/gm)) {
	for (const text of [m[4], m[5], m[6]].map(JSON.parse).filter(Boolean)) add('preference', text, preferences);
	if (m[2] === 'CHOICE') for (const word of m[3].split(' ')) add(m[1], word, preferences);
}

const codes = join(contract, 'codes.def');
for (const m of readFileSync(codes, 'utf8').matchAll(/^CC_FEATURE_CODE\((?:[^,"]+, ){4}"[^"]*", "[^"]*", ("[^"]*"), ("[^"]*")\)/gm))
	for (const text of [m[1], m[2]].map(JSON.parse).filter(Boolean)) add('code', text, codes);

for (const plugin of readdirSync(join(root, 'plugins'), { withFileTypes: true })) {
	if (!plugin.isDirectory()) continue;
	const folder = join(root, 'plugins', plugin.name), messages = new Map();
	addSources(folder, messages);
	catalogues.push({ folder: join(folder, 'locale'), messages });
}

const quote = (text) => JSON.stringify(text);
const isCode = (key) => key.includes(contextMark) && /^[a-z0-9_.]+$/.test(key.split(contextMark)[1]);

// A plugin may rely on the catalogues of all, and need not.
const wanted = (messages, key) => messages === own || !own.has(key);

function read(path) {
	const found = new Map();
	const blocks = existsSync(path) ? readFileSync(path, 'utf8').split(/\n\s*\n/) : [];
	let header = null;
	for (const block of blocks) {
		const part = (name) => {
			const m = block.match(new RegExp(String.raw`^${name} ${literal}`, 'm'));
			return m ? joined(m[1]) : null;
		};
		const id = part('msgid'), context = part('msgctxt'), text = part('msgstr');
		if (id === null) continue;
		if (id === '' && context === null) header = block;
		else found.set((context ? context + contextMark : '') + id, text);
	}
	return { header, found };
}

function write(path, language, messages, header, found) {
	const keys = [...messages.keys()].filter((key) => wanted(messages, key) || found.get(key)).sort();
	const blocks = keys.filter((key) => language !== 'en' || isCode(key)).map((key) => {
		const [context, text] = key.includes(contextMark) ? key.split(contextMark) : [null, key];
		const where = [...new Set(messages.get(key))].map((w) => `#: ${w}`).join('\n');
		return `${where}\n${context ? `msgctxt ${quote(context)}\n` : ''}msgid ${quote(text)}\nmsgstr ${quote(found.get(key) ?? '')}`;
	});
	writeFileSync(path, `${[header, ...blocks].join('\n\n')}\n`);
}

const check = process.argv.includes('--check');
let faults = 0;
for (const { folder, messages } of catalogues) {
	for (const language of languages) {
		const path = join(folder, `${language}.po`), name = relative(root, path);
		const { header, found } = read(path);
		const standard = `# SPDX-License-Identifier: GPL-2.0-or-later\nmsgid ""\nmsgstr ""\n"Language: ${language}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"`;
		if (!check) write(path, language, messages, header ?? standard, found);
		for (const key of messages.keys()) {
			if (language === 'en' && !isCode(key)) continue;
			if (found.get(key) || !wanted(messages, key)) continue;
			faults++;
			console.log(`${name}: not translated: ${key.replace(contextMark, '|')} (${messages.get(key)[0]})`);
		}
		if (!check) continue;
		for (const key of found.keys()) {
			if (messages.has(key)) continue;
			faults++;
			console.log(`${name}: not in use: ${key.replace(contextMark, '|')}`);
		}
	}
}
process.exitCode = faults ? 1 : 0;
