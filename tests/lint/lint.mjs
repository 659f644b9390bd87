// SPDX-License-Identifier: GPL-2.0-or-later
// Rules of this project that a compiler does not know. Each check is a generator of problems, "file:line: what".
// Usage: node tests/lint/lint.mjs [name of a check …]
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../lib/process.mjs';

const TOP = join(dirname(fileURLToPath(import.meta.url)), '../..');
process.chdir(TOP);

const SKIPPED = new Set(['.git', 'build', 'run', 'node_modules', 'data']);
function* walk(folder = '.') {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		if (SKIPPED.has(entry.name)) continue;
		const path = folder === '.' ? entry.name : join(folder, entry.name);
		if (entry.isDirectory()) yield* walk(path);
		else if (entry.isFile()) yield path;
	}
}
const files = [...walk()].sort();
const texts = new Map();
const read = (file) => {
	if (!texts.has(file)) texts.set(file, readFileSync(file, 'utf8'));
	return texts.get(file);
};
const sources = (...extensions) => files.filter((f) => extensions.includes(extname(f)));
const c = sources('.c', '.h');
const lineOf = (text, index) => text.slice(0, index).split('\n').length;
// C without comments, line numbers kept; strings stay.
const code = (file) => read(file).replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
	(m) => (m.startsWith('/') ? m.replace(/[^\n]/g, ' ') : m));
function* matches(file, text, pattern, what) {
	for (const m of text.matchAll(pattern)) yield `${file}:${lineOf(text, m.index)}: ${typeof what === 'function' ? what(m) : what}`;
}

// A pool for what runs a program per file.
async function forEach(items, work) {
	const problems = [];
	const queue = [...items];
	await Promise.all(Array.from({ length: availableParallelism() }, async () => {
		while (queue.length) problems.push(...await work(queue.shift()));
	}));
	return problems;
}

const checks = {
	// Every source says its licence in the first lines.
	async *spdx() {
		const kinds = ['.c', '.h', '.def', '.mjs', '.js', '.css', '.mk', '.xml', '.cfg', '.service', '.target'];
		for (const file of files) {
			const text = read(file);
			if ((kinds.includes(extname(file)) || basename(file) === 'Makefile' || text.startsWith('#!')) &&
				!text.slice(0, 300).includes('SPDX-License-Identifier: GPL-2.0-or-later'))
				yield `${file}:1: no SPDX line`;
		}
	},

	// architecture.md: who may include whom. The -I flags enforce most of it; this names the rule that is broken.
	async *includes() {
		const BASE_MAY = /^(?:linux\/|sys\/|netinet\/|arpa\/)?[a-z0-9_]+\.h$/;
		for (const file of c) {
			const text = code(file);
			for (const m of text.matchAll(/^\s*#\s*include\s*([<"])([^>"]+)[>"]/gm)) {
				const [, how, name] = m;
				const at = `${file}:${lineOf(text, m.index)}: `;
				if (name.includes('..') && !file.startsWith('tests/')) yield `${at}an include does not climb folders: ${name}`;
				if (file.startsWith('kamailio-mods/core/base/') && how === '<' && (!BASE_MAY.test(name) || /^(mysql|json|sodium|re|fcgi)/.test(name)))
					yield `${at}core/base stands on libc alone: ${name}`;
				if (file.startsWith('kamailio-mods/core/') && /^(core|lib|modules)\//.test(name)) yield `${at}the core knows no Kamailio header: ${name}`;
				if (/^(apps|rtp|plugins)\//.test(file) && existsSync(join('kamailio-mods/core/include', name)) && !existsSync(join('kamailio-mods/core/base/include', name)) &&
					!existsSync(join('apps/framework/include', name)))
					yield `${at}only core/base is shared with applications: ${name}`;
				const own = file.split('/').slice(0, 2).join('/');
				if (how === '"' && /^apps\//.test(name) && !name.startsWith(own)) yield `${at}an application does not include another: ${name}`;
			}
		}
	},

	// SQL is a literal; values are binds. Building its text with a format function is how injections are made.
	async *sql() {
		const builders = /\b(?:v?snprintf|v?sprintf|v?asprintf|strn?cat|cc_arena_printf|cc_[a-z_]*printf)\s*\([^;]*?"\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|ALTER|CREATE|DROP)\s/g;
		const may = new Set([
			'apps/framework/src/query.c',		// the query builder of resources, from constant tables
			'apps/framework/src/change.c',		// the same for forms
			'apps/cli/src/migrate.c',		// runs before there is a schema that statements could be prepared for
		]);
		for (const file of c.filter((f) => !f.startsWith('tests/') && !may.has(f)))
			yield* matches(file, code(file), builders, 'SQL text is composed here; use literal SQL with binds');
		// beside a column of ASCII the database refuses other characters, and only for the rows that need them
		const foreign = /"(?=(?:\\.|[^"\\\n])*?\b(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|COALESCE|CONCAT(?:_WS)?|CASE|WHEN|SEPARATOR|IF(?:NULL)?\())(?=(?:\\.|[^"\\\n])*?[^\x00-\x7f])(?:\\.|[^"\\\n])*"/g;
		for (const file of c.filter((f) => /^(apps|plugins)\//.test(f))) yield* matches(file, code(file), foreign, 'SQL is ASCII; other texts are binds');
	},

	// Functions without a length and those with hidden state. (strcpy and strcat between arrays are checked by the
	// compiler and by _FORTIFY_SOURCE.)
	async *banned() {
		const names = /(?<![\w.>])(sprintf|vsprintf|gets|strtok|atoi|atol|gmtime|localtime|ctime|asctime|tmpnam|mktemp|system|alloca)\s*\(/g;
		for (const file of c.filter((f) => !f.startsWith('tests/'))) yield* matches(file, code(file), names, (m) => `${m[1]} is not used here`);
	},

	// Work left for later is said in the issue tracker, and a path or a host of one machine stands nowhere.
	async *leftovers() {
		const later = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`, 'g');
		for (const file of files.filter((f) => f !== 'LICENSE' && !f.endsWith('.svg'))) {
			yield* matches(file, read(file), later, (m) => m[1]);
			yield* matches(file, read(file), new RegExp(`/wo${'rk'}/(?:wt|main|shared)\\b`, 'g'), 'path of one machine');
		}
		for (const file of files.filter((f) => basename(f) === 'package-lock.json'))
			yield* matches(file, read(file), /"resolved":/g, 'the lockfile names a registry');
	},

	// Every listed event is written somewhere, every listed command is answered somewhere.
	async *contract() {
		const all = (def, pattern) => [...read(`kamailio-mods/contract/${def}.def`).matchAll(pattern)].map((m) => m.slice(1));
		const inCode = c.filter((f) => /^(kamailio-mods|rtp)\//.test(f)).map(code).join('\n');
		for (const [symbol, name] of all('events', /^CC_EVENT\(\d+, (\w+), "([^"]+)"/gm))
			if (!new RegExp(`\\bCC_EV_${symbol}\\b|"${name.replace('.', '\\.')}"`).test(inCode)) yield `kamailio-mods/contract/events.def:1: nothing writes ${name}`;
		for (const [name] of all('commands', /^CC_COMMAND\("([^"]+)"/gm))
			if (!inCode.includes(`"${name}"`) && !new RegExp(`\\bcommand_${name.replace(/^cc\./, '').replaceAll('.', '_')}\\b`).test(inCode))
				yield `kamailio-mods/contract/commands.def:1: nothing answers ${name}`;
		const everywhere = files.filter((f) => /\.(c|h|cfg|conf|in|sh|mk|mjs)$/.test(f) || read(f).startsWith('#!') || f.startsWith('etc/')).map(read).join('\n');
		for (const [name] of all('settings', /^CC_SETTING\((\w+)/gm))
			if (!new RegExp(`\\b${name}\\b`).test(everywhere)) yield `kamailio-mods/contract/settings.def:1: nothing reads ${name}`;
	},

	// A preference is obeyed: a program asks for it by its name.
	async *preferences() {
		const form = 'apps/admin/src/preferences.c'; // offers them all
		const readers = c.filter((f) => /^(apps|kamailio-mods|plugins|rtp)\//.test(f) && f !== form).map(code).join('\n');
		for (const [, name, kind] of read('kamailio-mods/contract/preferences.def').matchAll(/^CC_PREFERENCE\((\w+), (\w+),/gm)) {
			// cc_preference(rq, "name"), an entry of a list of names, SQL; a PACKAGE is kept with the packages, which obey it
			const asked = new RegExp(`cc_preference(?:_int)?\\(\\s*[^,()]+,\\s*"${name}"|[{,]\\s*"${name}"\\s*[,}]|tenant_id", "${name}"|name = '${name}'`).test(readers);
			if (!asked && kind !== 'PACKAGE') yield `kamailio-mods/contract/preferences.def:1: nothing obeys ${name}`;
		}
	},

	// The page of a call says every field of its events in people's words, or leaves it out on purpose.
	async *events() {
		const page = 'apps/reports/src/call_events.c', known = new Set([...read(page).matchAll(/^\t\t\{"(\w+)", /gm)].map((m) => m[1]));
		for (const [, event, fields] of read('kamailio-mods/contract/events.def').matchAll(/^CC_EVENT\(\d+, \w+, "((?:call|leg|queue|agent|rec)\.\w+)", \d, "([\w ]*)"\)/gm))
			for (const field of fields.split(' ')) if (!known.has(field)) yield `${page}:1: ${event} has the field ${field}`;
	},

	// Every message of the pages and of the contract lists is translated.
	async *translations() {
		if (!existsSync('templates/locale/zh_CN.po')) return;
		const folder = mkdtempSync(join(tmpdir(), 'lint-'));
		try {
			const status = await run('msgfmt', ['--check', '--statistics', '-o', join(folder, 'mo'), 'templates/locale/zh_CN.po'], { check: false, env: { ...process.env, LC_ALL: 'C' } });
			const said = status.stderr.trim();
			if (status.code !== 0 || /untranslated|fuzzy/.test(said)) yield `templates/locale/zh_CN.po:1: ${said}`;
			if (existsSync('templates/locale/extract.mjs')) {
				const extracted = await run('node', ['templates/locale/extract.mjs', '--check'], { check: false });
				if (extracted.code !== 0) yield `templates/locale/extract.mjs:1: ${(extracted.stdout + extracted.stderr).trim()}`;
			}
		} finally {
			rmSync(folder, { recursive: true });
		}
	},

	// What is written to the audit log has words (context "audit"): its verb, and what it is done to where that is no resource.
	// Actions stand in calls of cc_audit…, in SQL of audit_log, and as names of buttons and of what is done to many rows.
	async *audit() {
		const may = c.filter((f) => /^(apps|plugins)\//.test(f));
		const words = new Set(may.flatMap((f) => [...read(f).matchAll(/CC_NC\("audit",\s*"([^"]+)"\)/g)].map((m) => m[1])));
		const resources = new Set(may.flatMap((f) => [...code(f).matchAll(/\.permission = "([a-z_.]+)"/g)].map((m) => m[1])));
		for (const file of may) {
			const text = code(file), found = [];
			for (const m of text.matchAll(/\bcc_audit(?:_write)?\([^;]*;|INSERT INTO audit_log[^;]*;/g))
				for (const a of m[0].matchAll(/["'](?:([a-z_]+(?:\.[a-z_]+)+)|(?:%s|plugin)\.([a-z_]+))["']/g)) found.push([m.index, a[1] ?? a[2]]);
			for (const m of text.matchAll(/(?:\.name =\s*|LISTED_BUTTON\()"(\w+)",[\s\\]*(?:\.label =\s*)?CC_NC\("action"(?=([^{}]*))/g))
				if (!m[2].includes('.page =')) found.push([m.index, m[1]]);
			for (const [index, action] of found) {
				const dot = action.lastIndexOf('.'), thing = action.slice(0, Math.max(dot, 0)), at = `${file}:${lineOf(text, index)}: `;
				if (!words.has(action.slice(dot + 1))) yield `${at}the audit log has no word for "${action.slice(dot + 1)}": CC_NC("audit", …) in apps/admin/src/audit.c`;
				if (thing && !resources.has(thing) && !words.has(thing)) yield `${at}the audit log has no word for "${thing}", and it is no resource`;
			}
		}
	},

	// docs/features.tsv tells the truth: what it calls done or partial names a test that names the feature.
	async *features() {
		const [head, ...rows] = read('docs/features.tsv').trimEnd().split('\n').map((line) => line.split('\t'));
		if (head.join(' ') !== 'id state test') yield 'docs/features.tsv:1: the columns are id, state, test';
		const seen = new Set();
		for (const [i, [id, state, test]] of rows.entries()) {
			const at = `docs/features.tsv:${i + 2}: ${id}`;
			if (!/^[A-Z]+-\d\d$/.test(id) || seen.has(id)) yield `${at}: not an id, or twice`;
			seen.add(id);
			if (!['done', 'partial', 'open'].includes(state)) yield `${at}: state ${state}`;
			if (state === 'open') {
				if (test) yield `${at}: open, but names a test`;
				continue;
			}
			for (const file of (test ?? '').split(' '))
				if (!file || !existsSync(file)) yield `${at}: ${state}, but its test ${file || ''} is not there`;
				else if (!new RegExp(`\\b${id}\\b`).test(read(file))) yield `${at}: ${file} does not name it`;
		}
		const open = new Set(rows.filter(([, state]) => state === 'open').map(([id]) => id));
		for (const file of files.filter((f) => f.startsWith('tests/') && !f.startsWith('tests/lint/')))
			for (const [id] of read(file).matchAll(/\b(?:AUTH|PLAT|ORG|TEL|CALL|STATE|SUP|MON|CODE|DESK|CRM|OUT|REC|CDR|QC|SURV|KB|TIC|ORD|MSG|REP|SYS)-\d\d\b/g))
				if (!seen.has(id)) yield `${file}: names ${id}, which is no feature`;
				else if (open.has(id)) yield `${file}: names ${id}, which docs/features.tsv calls open`;
	},

	// Every header compiles alone, with the flags of a source beside it or below it.
	async *headers() {
		const plan = (await run('make', ['-nB', 'all', ...(existsSync('build/kamailio/stamp') ? ['-o', 'build/kamailio/stamp'] : [])], { check: false, ms: 60000 })).stdout;
		const flags = [];
		for (const line of plan.split('\n')) {
			const m = /^gcc (.*) -MMD -MP -c -o \S+ (\S+\.c)$/.exec(line.trim());
			if (m) flags.push({ folder: dirname(m[2]), flags: m[1].match(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g).map((f) => (f.includes("'") ? f.replace(/'([^']*)'/g, '$1') : f.replace(/"([^"]*)"/g, '$1'))) });
		}
		const component = (folder) => folder.replace(/\/(src|include)(\/.*)?$/, '');
		const problems = await forEach(c.filter((f) => f.endsWith('.h') && !f.startsWith('tests/')), async (file) => {
			const here = flags.filter((f) => f.folder === dirname(file));
			const near = here.length ? here : flags.filter((f) => component(f.folder) === component(dirname(file)));
			if (!near.length) return [`${file}:1: no source beside it is compiled`];
			// a source may be compiled twice, for its part and for a unit test: one of the two knows the folders
			let result;
			for (const options of new Map(near.map((f) => [f.flags.join(' '), f.flags])).values()) {
				if (options.some((f) => f.startsWith('@') && !existsSync(f.slice(1)))) return [];
				result = await run('gcc', [...options, '-fsyntax-only', '-x', 'c', '-'], { input: `#include "${file}"\n`, check: false });
				if (result.code === 0) return [];
			}
			return [result.stderr.split('\n').find((l) => l.includes('error')) ?? `${file}:1: does not compile alone`];
		});
		yield* problems;
	},

	// docs/pages.md promises a page for at most 30 lines of C: its example is one, and compiles.
	async *example() {
		const file = 'docs/pages.md', block = /```c\n([\s\S]*?)```/.exec(read(file)) ?? ['', ''];
		const at = `${file}:${lineOf(read(file), block.index ?? 0)}: `, lines = block[1].split('\n').filter((l) => l.trim()).length;
		if (!lines || lines > 30) yield `${at}the example has ${lines} lines`;
		const name = /const struct cc_resource (\w+) =/.exec(block[1])?.[1];
		const result = await run('gcc', ['-std=gnu11', '-Wall', '-Wextra', '-Wno-missing-field-initializers', '-Werror', '-Iapps/framework/include', '-Ikamailio-mods/core/base/include', '-fsyntax-only', '-x', 'c', '-'],
			{ input: `#include "cc/resource.h"\nextern const struct cc_resource ${name};\n${block[1]}`, check: false });
		if (result.code) yield `${at}the example does not compile: ${result.stderr.split('\n').find((l) => l.includes('error'))}`;
	},

	async *format() {
		yield* await forEach(c.filter((f) => !f.startsWith('build/')), async (file) => {
			const result = await run('clang-format', ['--dry-run', '-Werror', '--ferror-limit=1', file], { check: false });
			return result.code === 0 ? [] : [result.stderr.split('\n')[0].replace(/ error: code should be clang-formatted.*/, ' not as clang-format writes it (make format)')];
		});
	},

	// Scripts at least parse.
	async *syntax() {
		yield* await forEach(files, async (file) => {
			const text = read(file);
			const shell = /^#!\s*\/(?:usr\/)?bin\/(?:env )?(bash|sh)\b/.exec(text)?.[1];
			const check = shell ? [shell, ['-n', file]] : ['.mjs', '.js'].includes(extname(file)) ? [process.execPath, ['--check', file]] : undefined;
			if (!check) return [];
			const result = await run(...check, { check: false });
			return result.code === 0 ? [] : [`${file}:1: ${result.stderr.trim().split('\n').slice(0, 3).join(' ')}`];
		});
	},
};

const wanted = process.argv.slice(2);
let failed = 0, passed = 0;
for (const [name, check] of Object.entries(checks)) {
	if (wanted.length && !wanted.includes(name)) continue;
	const problems = [];
	for await (const problem of check()) problems.push(problem);
	if (problems.length) failed++;
	else passed++;
	console.log(`${problems.length ? 'not ok' : 'ok'} lint ${name}`);
	for (const problem of problems) console.log(`  ${problem}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
