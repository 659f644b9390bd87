// SPDX-License-Identifier: GPL-2.0-or-later
// A whole private Tandem, started by the real start script, and the eyes of a test on it.
import { createConnection } from 'node:net';
import { createSocket } from 'node:dgram';
import { closeSync, existsSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './process.mjs';
import { until, within } from './wait.mjs';

export const TOP = join(dirname(fileURLToPath(import.meta.url)), '../..');
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
// [number, name]
const EVENTS = [...readFileSync(join(TOP, 'kamailio-mods/contract/events.def'), 'utf8').matchAll(/^CC_EVENT\((\d+), \w+, "([\w.]+)"/gm)].map((m) => [m[1], m[2]]);
export const requestId = () => {
	let n = (BigInt(Date.now()) << 80n) | BigInt(`0x${randomBytes(10).toString('hex')}`);
	let text = '';
	for (let i = 0; i < 26; i++, n >>= 5n) text = CROCKFORD[Number(n & 31n)] + text;
	return text;
};

// What a log line must not say.
const BAD = /\b(error|critical|crit|alert|emerg|fatal|bug|panic|abort(ed|ing)?|assert\w*|segfault|segmentation|core dumped|runtime error)\b|\w+Sanitizer|\bERR\b/i;
// Lines that look bad and are not, each with the reason.
const FINE = [
	[/kamailio/, /WARNING: tls .* openssl bug #1491/, 'a remark of the TLS module at every start'],
	[/mariadb/, /\[(Note|Warning)\]/, 'notes and warnings of the database server name error logs and aborted connections of clients that were killed on purpose'],
	[/rtpengine/, /Too many packets in UDP receive queue/, 'the machine stood still for a second: its load, not a fault of ours'],
	[/redis/, /WARNING/, 'advice about the kernel of the machine'],
];

export class Stack {
	#marks = new Map();		// log file → size when the case began
	#pids = {};
	#marked = Date.now();

	constructor(runFolder) {
		this.run = runFolder;
		this.settings = Object.fromEntries(readFileSync(join(runFolder, 'etc/tandem.conf'), 'utf8').split('\n')
			.map((line) => /^(\w+)\s*=\s*(.*)$/.exec(line)).filter(Boolean).map((m) => [m[1], m[2].trim()]));
	}

	// `make run` in a fresh folder. env: further settings.
	static async start({ base, folder = mkdtempSync('/tmp/tt-'), env = {} }) {
		const full = { ...process.env, CC_RUN: folder, CC_PORT_BASE: String(base), ...env };
		try {
			await run('make', ['-s', 'run'], { cwd: TOP, env: full, ms: 600000 });
		} catch (error) {
			await run('make', ['-s', 'stop'], { cwd: TOP, env: full, check: false });
			error.message += `\n(the folder ${folder} is kept)`;
			throw error;
		}
		return new Stack(folder);
	}

	// The one that the runner started, or one of its own when a test file is run alone.
	static async shared() {
		return process.env.CC_TEST_RUN ? new Stack(process.env.CC_TEST_RUN) : undefined;
	}

	async stop({ keep = false } = {}) {
		await run('make', ['-s', 'stop'], { cwd: TOP, env: { ...process.env, CC_RUN: this.run }, ms: 120000 });
		if (keep) return;
		const real = existsSync(this.run) ? this.path('') : this.run;
		rmSync(real, { recursive: true, force: true });
		rmSync(this.run, { recursive: true, force: true });
	}

	path(below) { return join(this.settings.CC_RUN ?? this.run, below); }
	get web() { return `http://${this.settings.CC_LISTEN}:${this.settings.CC_WEB_PORT}/`; }
	get sip() { return { address: this.settings.CC_LISTEN, port: Number(this.settings.CC_SIP_PORT) }; }
	get prefix() { return this.settings.CC_PREFIX; }

	// ---- the parts, asked directly

	admin(args, options = {}) {
		return run(join(this.prefix, 'bin/cc-admin'), ['-c', this.path('etc/tandem.conf'), ...args], { check: false, ms: 30000, ...options });
	}

	// Bytes over the command socket and the first line that comes back; undefined when the engine closes without one.
	rawCommand(bytes, ms = 3000) {
		return within('an answer of the engine', new Promise((resolve, reject) => {
			const socket = createConnection(this.path('sock/cc.sock'));
			let text = '';
			socket.on('error', reject).on('close', () => resolve(undefined)).on('data', (data) => {
				text += data;
				if (!text.includes('\n')) return;
				socket.destroy();
				resolve(text.slice(0, text.indexOf('\n')));
			});
			socket.write(bytes);
		}), ms);
	}

	// A command; its result, or an exception with .code and .reason.
	async command(method, params = {}) {
		const line = await this.rawCommand(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method,
			params: { tenant: 1, actor: 'system', request: requestId(), ...params } })}\n`);
		const answer = JSON.parse(line);
		if (answer.error) throw Object.assign(new Error(`${method}: ${answer.error.message} (${answer.error.data?.reason})`),
			{ code: answer.error.code, reason: answer.error.data?.reason });
		return answer.result;
	}

	stats() { return this.command('cc.stats'); }

	// Rows as arrays of text (NULL is null).
	async sql(text) {
		const { stdout } = await run('mariadb', ['--no-defaults', '--socket', this.path('sock/mysql.sock'), '--user', 'migrator', '--batch',
			'--skip-column-names', '--default-character-set=utf8mb4', this.settings.CC_DB_NAME], { input: text });
		return stdout.split('\n').filter(Boolean).map((line) => line.split('\t').map((v) => (v === 'NULL' ? null : v)));
	}

	async value(text) { return (await this.sql(text))[0]?.[0]; }

	async tenant(code) {
		this.tenants ??= {};
		return this.tenants[code] ??= Number(await this.value(`SELECT id FROM tenant WHERE code='${code}'`));
	}

	// rtpengine's answer to one control command, as it comes (bencode).
	async rtpengine(fields) {
		const socket = createSocket('udp4');
		const cookie = randomBytes(4).toString('hex');
		const body = Object.entries(fields).sort().map(([k, v]) => `${k.length}:${k}${typeof v === 'number' ? `i${v}e` : `${v.length}:${v}`}`).join('');
		try {
			return await within('an answer of rtpengine', new Promise((resolve) => {
				socket.on('message', (data) => resolve(data.toString('latin1').slice(cookie.length + 1)));
				socket.send(`${cookie} d${body}e`, Number(this.settings.CC_NG_PORT), '127.0.0.1');
			}), 2000);
		} finally {
			socket.close();
		}
	}

	async mixd(...commands) {
		const { stdout, stderr, code } = await this.admin(['mixd', JSON.stringify(commands)]);
		if (code) throw new Error(stderr);
		const answer = JSON.parse(stdout);
		if (!answer.ok) throw new Error(stdout);
		return answer.res;
	}

	// ---- configuration in a test: changed in the database, read by the engine, put back by restore()

	#undo = [];
	async #change(table, where, fields) {
		const names = Object.keys(fields);
		const quote = (v) => (v === null ? 'NULL' : `'${String(v).replaceAll("'", "''")}'`);
		const [, ...before] = (await this.sql(`SELECT 1,${names.join(',')} FROM ${table} WHERE ${where}`))[0]; // 1: a line of nothing is none
		const set = (values) => `UPDATE ${table} SET ${names.map((n, i) => `${n}=${quote(values[i])}`).join(',')} WHERE ${where}`;
		this.#undo.push(set(before));
		await this.sql(set(names.map((n) => fields[n])));
	}

	async configure(table, where, fields) {
		await this.#change(table, where, fields);
		await this.reload();
	}

	async queue(number, fields, tenant = 'demo') {
		await this.configure('agent_group', `tenant_id=${await this.tenant(tenant)} AND number='${number}'`, fields);
	}

	// A row for the time of the case. fields: SQL expressions. Not in force before reload() or a later configure().
	async add(table, fields) {
		const names = Object.keys(fields);
		const where = names.map((n) => `${n}=${fields[n]}`).join(' AND ');
		await this.sql(`INSERT INTO ${table} (${names.join(',')}) VALUES (${names.map((n) => fields[n]).join(',')})`);
		this.#undo.push(`DELETE FROM ${table} WHERE ${where}`);
	}

	async reload() {
		await this.sql('UPDATE configuration_generation SET generation = generation + 1');
		return until('the configuration is loaded', () => this.command('cc.reload'), 15000, 200);
	}

	async restore() {
		if (!this.#undo.length) return;
		for (const statement of this.#undo.splice(0).reverse()) await this.sql(statement);
		await this.reload();
	}

	// ---- state between cases

	async reset() {
		for (const code of ['demo', 'other']) {
			const tenant = await this.tenant(code);
			for (const call of (await this.command('cc.calls', { tenant })).calls) await this.command('cc.call.hangup', { tenant, call: call.call ?? call.id }).catch(() => {});
			for (const agent of (await this.command('cc.board', { tenant })).agents) {
				if (agent.queues?.length) await this.command('cc.agent.sign', { tenant, agent: agent.agent, on: false });
				if (agent.work !== 'offline') await this.command('cc.agent.work', { tenant, agent: agent.agent, state: 'offline', reason: '' });
				if (agent.call_state === 'wrapup') await this.command('cc.agent.wrapup_end', { tenant, agent: agent.agent }).catch(() => {});
			}
		}
		await this.restore();
	}

	#logs() {
		const folder = this.path('log');
		return readdirSync(folder).map((part) => join(folder, part, 'current')).filter(existsSync);
	}

	// Log lines of a part (or of all) since mark(), as [file, line].
	log(part = '') {
		const lines = [];
		for (const file of this.#logs()) {
			if (part && !file.includes(`/${part}/`)) continue;
			const fd = openSync(file);
			const { size } = fstatSync(fd);
			const from = Math.min(this.#marks.get(file) ?? 0, size);
			const data = Buffer.alloc(size - from);
			readSync(fd, data, 0, data.length, from);
			closeSync(fd);
			for (const line of data.toString('utf8').split('\n')) if (line) lines.push([file, line]);
		}
		return lines;
	}

	// Log lines since mark() that tell of something wrong.
	badLines(allow = []) {
		return this.log().filter(([file, line]) => BAD.test(line) && !FINE.some(([f, l]) => f.test(file) && l.test(line)) && !allow.some((p) => p.test(line)))
			.map(([file, line]) => `${file}: ${line}`);
	}

	pids() {
		const pids = {};
		for (const part of readdirSync(this.path('service'))) {
			const file = this.path(`service/${part}/supervise/pid`);
			if (existsSync(file)) pids[part] = Number(readFileSync(file, 'utf8')) || undefined;
		}
		return pids;
	}

	mark() {
		this.#marked = Date.now();
		for (const file of this.#logs()) this.#marks.set(file, readFileSync(file).length);
		this.#pids = this.pids();
	}

	// Records of a kind since mark(), once there are as many: { at (UTC ms, by the engine's clock), … its fields }. For how long
	// something took: this process may be late, and so may what it sees.
	async events(name, count = 1) {
		const [type] = EVENTS.find(([, n]) => n === name);
		return until(`${count} records ${name}`, async () => {
			const rows = await this.sql(`SELECT at, fields FROM event WHERE type = ${type} AND at >= ${this.#marked} ORDER BY seq`);
			return rows.length >= count && rows.map(([at, fields]) => ({ ...JSON.parse(fields), at: Number(at) }));
		}, 10000, 100);
	}

	// What the journal says has happened since mark(), a line an event: for the reader of a failed case.
	async story(most = 80) {
		const names = Object.fromEntries(EVENTS);
		const rows = await this.sql(`SELECT at, type, RIGHT(HEX(call_id), 4), fields FROM event WHERE at >= ${this.#marked} ORDER BY at, seq`);
		return rows.slice(-most).map(([at, type, call, fields]) => `${((at - this.#marked) / 1000).toFixed(3)} ${names[type] ?? type} ${call ?? ''} ${fields}`.slice(0, 300));
	}

	// Everything that must be so after a case. allow: patterns of log lines that this case provokes; restarted: parts that
	// this case has ended. Returns a list of complaints.
	async complaints({ allow = [], restarted = [] } = {}) {
		const found = [];
		found.push(...this.badLines(allow));
		for (const [part, pid] of Object.entries(this.pids()))
			if (pid !== this.#pids[part] && !restarted.includes(part)) found.push(`${part} is another process than before (${this.#pids[part]}, now ${pid})`);
		for (const folder of ['', 'data', 'data/kamailio', 'data/journal'])
			for (const file of existsSync(this.path(folder)) ? readdirSync(this.path(folder)) : [])
				if (/^core(\.|$)/.test(file)) found.push(`a core file: ${folder}/${file}`);
		const quiet = (what, probe) => until(what, async () => {
			const left = await probe();
			if (left) throw new Error(left);
			return true;
		}, 8000, 100).catch((error) => found.push(error.message));
		await quiet('an empty engine', async () => {
			const { calls, ports, waiting } = await this.stats();
			return calls || ports || waiting ? `${calls} calls, ${ports} media ports, ${waiting} waiting` : '';
		});
		await quiet('an empty rtpengine', async () => {
			const list = await this.rtpengine({ command: 'list' });
			return list.includes('5:callsle') ? '' : list;
		});
		await quiet('an empty cc-mixd', async () => {
			const { legs } = await this.mixd({ cmd: 'list' });
			return legs.length ? JSON.stringify(legs) : '';
		});
		await quiet('agents without a call or a phone', async () => {
			for (const code of ['demo', 'other']) {
				const { agents } = await this.command('cc.board', { tenant: await this.tenant(code) });
				const busy = agents.filter((a) => !['idle', 'wrapup'].includes(a.call_state) || a.registered);
				if (busy.length) return JSON.stringify(busy);
			}
			return '';
		});
		await quiet('a ledger without differences', async () => {
			const { code, stdout, stderr } = await this.admin(['ledger']);
			return code === 0 ? '' : stdout + stderr;
		});
		return found;
	}

	// A leg stays for some seconds after its end, to answer what is repeated; so this is asked once per test file.
	async legsGone() {
		await until('an engine without legs', async () => (await this.stats()).legs === 0, 40000, 200);
	}

	// Open file descriptors of a part's processes, to see leaks over many calls.
	descriptors(part) {
		const pid = this.pids()[part];
		return readdirSync(`/proc/${pid}/fd`).map((fd) => { try { return readlinkSync(`/proc/${pid}/fd/${fd}`); } catch { return ''; } }).filter(Boolean);
	}
}
