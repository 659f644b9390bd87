// SPDX-License-Identifier: GPL-2.0-or-later
// A private MariaDB, nginx and the web applications with the data of data.sql, for the tests of the pages. The call
// engine and live events are played by small servers that the tests control.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
export const build = process.env.CC_TEST_BUILD ?? join(root, 'build');
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const isOver = (part) => part.exitCode !== null || part.signalCode !== null || part.broken !== undefined;

const passwords = `user 2 1 demo-admin
user 2 2 demo-801
user 2 3 demo-802
user 2 4 demo-806
user 2 5 demo-807
user 2 6 demo-810
user 2 7 demo-clerk
user 2 8 demo-former
user 3 9 other-admin
user 3 10 other-801
user 4 11 closed-admin
user 2 31 demo-clara
user 2 32 demo-831
key 2 1 demo-api-key
key 3 2 other-api-key
key 2 3 old-api-key
`;

function freePort() {
	return new Promise((resolve) => {
		const server = createSocketServer().listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}

// A call every second back from now, of the tenant demo, by sixty agents in two queues.
export function fillCalls(stack, count) {
	stack.sql('SET GLOBAL innodb_buffer_pool_size = 268435456');
	stack.sql(`INSERT INTO calls (tenant_id, id, started_at, ended_at, direction, caller, callee, did, queue, agent, agent_name, cause, side, sip_code, sip_text, wait_ms, talk_ms, agent_ms)
		SELECT 2, UNHEX(CONCAT(LPAD(HEX(${Date.now()} - seq * 1000), 12, '0'), LPAD(HEX(seq), 20, '0'))), ${Date.now()} - seq * 1000, ${Date.now()} - seq * 1000 + 60000, 'in',
		CONCAT('138', LPAD(seq MOD 90000000, 8, '0')), '4008001', '4008001', ELT(1 + seq MOD 2, '600', '601'), 801 + seq MOD 60, ELT(1 + seq MOD 3, '张伟', '王芳', 'Li Na'),
		ELT(1 + seq MOD 20, 'busy', 'no_answer', 'answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'caller_hangup', 'answered'),
		'caller', 200, 'OK', seq MOD 60000, seq MOD 300000, seq MOD 250000 FROM seq_1_to_${count}; ANALYZE TABLE calls`);
}

export class Stack {
	// sample: with the application of sample.c; plugins: folders below the build's that are copied to where this stack
	// looks for plugins
	constructor({ sample = false, plugins = [], workers = 2 } = {}) {
		this.workers = workers;
		this.withSample = sample;
		this.plugins = plugins;
		this.run = mkdtempSync(join(tmpdir(), 'ccweb-'));
		this.parts = [];
		this.engine = null;
		process.on('exit', () => {
			for (const part of this.parts) if (part.exitCode === null) part.kill('SIGKILL');
		});
	}

	// When a part cannot start, everything ends at once and the error says which part and what it wrote.
	async start() {
		this.starting = true;
		try {
			await this.startParts();
		} catch (error) {
			await this.stop().catch(() => {}); // what is to be known is in the error
			throw error;
		}
		this.starting = false;
	}

	async startParts() {
		chmodSync(this.run, 0o755);
		this.port = await freePort();
		this.url = `http://127.0.0.1:${this.port}`;
		for (const folder of ['etc', 'sock', 'log', 'data/recordings']) mkdirSync(join(this.run, folder), { recursive: true });
		await this.startDatabase();
		this.prefix = join(this.run, 'prefix');
		mkdirSync(join(this.prefix, 'plugins'), { recursive: true });
		for (const folder of ['bin', 'locale', 'prompts', 'templates', 'web']) symlinkSync(join(build, folder), join(this.prefix, folder));
		for (const folder of this.plugins) this.copyPlugin(folder);
		const conf = join(this.run, 'etc/tandem.conf');
		writeFileSync(conf, `CC_RUN = ${this.run}\nCC_PREFIX = ${this.prefix}\nCC_WEB_WORKERS = ${this.workers}\nCC_DB_USER = root\n`);
		this.conf = conf;
		if (this.withSample) this.sql(readFileSync(join(here, 'sample.sql'), 'utf8'));
		const seed = execFileSync(join(build, 'bin/test-web-seed'), [join(this.run, 'etc/secret')], { input: passwords });
		this.sql(seed.toString());
		const applications = { desk: 'cc-desk', reports: 'cc-reports', crm: 'cc-crm', admin: 'cc-admin-web', ...(this.withSample ? { sample: 'test-web-sample' } : {}) };
		for (const [name, program] of Object.entries(applications)) this[name] = this.part(name, join(build, 'bin', program), ['-c', conf]);
		await this.startLive();
		await this.startNginx();
		await this.until(async () => {
			const answers = await Promise.all(Object.keys(applications).map((name) => fetch(`${this.url}/${name}/`, { redirect: 'manual' })));
			const written = this.sql("SELECT name FROM plugin WHERE kind = 'application'").flat();
			return answers.every((a) => a.status < 500) && Object.keys(applications).every((name) => written.includes(name));
		}, 'the web applications');
	}

	copyPlugin(folder, name = folder.split('/').pop()) {
		const to = join(this.prefix, 'plugins', name);
		cpSync(join(build, folder), to, { recursive: true });
		return to;
	}

	// cc-admin as a person uses it: {code, out}.
	cli(...words) {
		const got = spawnSync(join(build, 'bin/cc-admin'), ['-c', this.conf, ...words], { encoding: 'utf8' });
		return { code: got.status, out: got.stdout + got.stderr };
	}

	part(name, program, args) {
		const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
		child.log = '';
		child.partName = name;
		child.program = program;
		child.stdout.on('data', (text) => { child.log += text; });
		child.stderr.on('data', (text) => { child.log += text; });
		child.ended = new Promise((resolve) => {
			child.on('exit', (code, signal) => resolve(code ?? signal));
			child.on('error', (error) => { // there is no such program
				child.log += error.message;
				resolve(child.broken = error.code);
			});
		});
		this.parts.push(child);
		return child;
	}

	// The applications that are there, as the registry has them: {name, program}. One that this stack does not start is a
	// mistake of the stack.
	applications() {
		return this.sql("SELECT name FROM plugin WHERE kind = 'application' ORDER BY name").map(([name]) => ({ name, program: this.parts.find((part) => part.partName === name).program }));
	}

	// Every route of every application: {application, method, path, permission}.
	routes() {
		return this.applications().flatMap(({ name, program }) => execFileSync(program, ['-c', this.conf, '-r'], { encoding: 'utf8' }).trimEnd().split('\n').map((line) => {
			const [method, path, permission] = line.split(' ');
			return { application: name, method, path, permission };
		}));
	}

	async until(test, what, ms = 15000) {
		const end = Date.now() + ms;
		for (;;) {
			try {
				if (await test()) return;
			} catch { /* not yet */ }
			const ended = this.starting && this.parts.find(isOver);
			if (ended) throw new Error(`${ended.partName} (${ended.program}) ended with ${await ended.ended} while ${what} was waited for\n${ended.log}`);
			if (Date.now() > end) throw new Error(`waited in vain for ${what}\n${this.parts.map((p) => `${p.partName}: ${p.log}`).join('\n')}`);
			await sleep(50);
		}
	}

	// Rows that the database reads while body does something, by its own handler counters.
	async examined(body) {
		const count = () => Number(this.sql("SELECT SUM(variable_value) FROM information_schema.global_status WHERE variable_name LIKE 'Handler\\_read%'")[0][0]);
		const own = count() - count(); // what the question itself costs, negative
		const begin = count();
		await body();
		return count() - begin + own;
	}

	async startDatabase() {
		const data = join(this.run, 'data/mysql');
		this.socket = join(this.run, 'sock/mysql.sock');
		execFileSync('mariadb-install-db', ['--no-defaults', '--user=root', `--datadir=${data}`, '--skip-test-db', '--auth-root-authentication-method=normal'],
			{ stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, TMPDIR: join(this.run, 'data') } });	// as in etc/parts/mariadb
		this.database();
		await this.until(() => this.sql('SELECT 1', ''), 'MariaDB');
		this.sql('CREATE DATABASE tandem CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci', '');
		for (const folder of new Set(['core', 'calls', ...readdirSync(join(root, 'db')).sort()])) {
			if (folder === 'demo') continue;
			for (const file of readdirSync(join(root, 'db', folder)).filter((f) => f.endsWith('.sql')).sort())
				this.sql(readFileSync(join(root, 'db', folder, file), 'utf8'));
		}
		this.sql(readFileSync(join(here, 'data.sql'), 'utf8'));
	}

	database() {
		this.mariadb = this.part('mariadb', 'mariadbd', ['--no-defaults', '--user=root', `--datadir=${join(this.run, 'data/mysql')}`,
			`--socket=${this.socket}`, '--skip-networking', '--character-set-server=utf8mb4', '--innodb-buffer-pool-size=32M',
			'--innodb-flush-log-at-trx-commit=0', `--tmpdir=${join(this.run, 'data')}`, `--pid-file=${join(this.run, 'mysql.pid')}`]);
	}

	// Rows as arrays of text.
	sql(text, database = 'tandem') {
		const out = execFileSync('mariadb', ['--no-defaults', '--user=root', `--socket=${this.socket}`, '--default-character-set=utf8mb4',
			'--batch', '--skip-column-names', database].filter(Boolean), { input: text, stdio: ['pipe', 'pipe', 'pipe'] });
		const lines = out.toString().trimEnd();
		return lines ? lines.split('\n').map((line) => line.split('\t')) : [];
	}

	async startNginx() {
		const conf = join(this.run, 'nginx.conf');
		writeFileSync(conf, readFileSync(join(here, 'nginx.conf'), 'utf8').replaceAll('@RUN@', this.run).replaceAll('@PORT@', this.port).replaceAll('@BUILD@', build)
			.replace('daemon off;', 'daemon off; user root;'));
		this.nginx = this.part('nginx', 'nginx', ['-c', conf, '-e', join(this.run, 'nginx.log')]);
		await this.until(() => fetch(`${this.url}/static/app.css`).then((a) => a.ok), 'nginx');
	}

	// Live events: every connection gets what send() is given, and what applications say has changed.
	async startLive() {
		this.listeners = new Set();
		this.changes = [];
		this.live = createServer((request, response) => {
			if (request.method === 'POST') {
				const said = Object.fromEntries(new URL(request.url, 'http://live').searchParams);
				this.changes.push(said);
				this.send('changed', { topic: said.topic, id: said.id });
				response.end('{}');
				return;
			}
			response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
			response.write(': hello\n\n');
			this.listeners.add(response);
			response.on('close', () => this.listeners.delete(response));
		});
		await new Promise((resolve) => this.live.listen(join(this.run, 'sock/live.sock'), resolve));
	}

	send(event, data) {
		for (const listener of this.listeners) listener.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
	}

	dropLive() {
		for (const listener of this.listeners) listener.destroy();
	}

	// A call engine: answer(method, params) returns the result, or throws {reason}.
	async startEngine(answer) {
		this.commands = [];
		this.engine = createSocketServer((socket) => {
			let text = '';
			socket.on('error', () => {});
			socket.on('data', async (part) => {
				text += part;
				if (!text.includes('\n')) return;
				const request = JSON.parse(text);
				this.commands.push(request);
				try {
					const result = await answer(request.method, request.params);
					socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, result })}\n`);
				} catch (refusal) {
					if (!refusal.reason) throw refusal;
					socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, error: { code: 5, message: 'refused', data: { reason: refusal.reason } } })}\n`);
				}
			});
		});
		await new Promise((resolve) => this.engine.listen(join(this.run, 'sock/cc.sock'), resolve));
	}

	async stopEngine() {
		if (!this.engine) return;
		await new Promise((resolve) => this.engine.close(resolve));
		this.engine = null;
	}

	// Ends everything; throws when a part died or wrote of a fault.
	async stop() {
		await this.stopEngine();
		this.dropLive();
		this.live?.close();
		this.live?.closeAllConnections();
		const faults = [];
		for (const part of this.parts.splice(0).reverse()) {
			const dead = isOver(part);
			if (!dead) part.kill('SIGTERM');
			const late = setTimeout(() => part.kill('SIGKILL'), 20000);
			const status = await part.ended;
			clearTimeout(late);
			if (['desk', 'reports', 'admin', 'crm', 'sample', 'jobd'].includes(part.partName) && (dead || status !== 0)) faults.push(`${part.partName} ended with ${status}`);
			if (/AddressSanitizer|runtime error|worker \d+ ended|SUMMARY/.test(part.log)) faults.push(`${part.partName}: ${part.log}`);
		}
		if (faults.length) throw new Error(faults.join('\n'));
		rmSync(this.run, { recursive: true, force: true });
	}
}
