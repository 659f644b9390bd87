// SPDX-License-Identifier: GPL-2.0-or-later
// A queue of its own for the bench and as many signed-in agents as a rate needs. All phones are one SIPp.
import { sipp } from '../lib/sipp.mjs';
import { until } from '../lib/wait.mjs';

export const QUEUE = '690', DID = '4008690';
const ADDRESS = '127.0.0.3', FIRST = 20000;

export class Crowd {
	made = 0;		// agents that exist
	size = 0;		// agents that are signed in

	static async open(stack, { port }) {
		const crowd = new Crowd();
		Object.assign(crowd, { stack, port, tenant: await stack.tenant('demo') });
		await stack.sql(`
			INSERT INTO agent_group (tenant_id, number, name, wrapup, entry_prompt, record, max_wait_s)
				VALUES (${crowd.tenant}, '${QUEUE}', 'Bench', 'off', '', 0, 60);
			INSERT INTO did (tenant_id, number, target_kind, target) VALUES (${crowd.tenant}, '${DID}', 'queue', '${QUEUE}');`);
		await crowd.use('phone');
		return crowd;
	}

	get soundPort() { return this.port + 2; }

	// Another behaviour of all phones: a scenario of this folder. keys: its further keys.
	async use(scenario, keys = {}) {
		if (this.phones) await this.phones.stop();
		this.phones = sipp(`../../bench/${scenario}`, { address: ADDRESS, port: this.port, ms: 24 * 3600000,
			keys: { sound_ip: ADDRESS, sound_port: this.soundPort, ...keys }, args: ['-aa', '-trace_logs', '-log_file', 'log'] });
	}

	// When INVITEs came since then, by agent (phone-talks.xml): { number: [UTC ms, …] }, as a Map.
	invites(since) {
		const found = new Map();
		for (const line of this.phones.read('log').split('\n')) {
			const m = /^(\d+) (\d{4}-\d\d-\d\d)\D+(\d\d:\d\d:\d\d\.\d{3})/.exec(line);
			const at = m && Date.parse(`${m[2]}T${m[3]}`);
			if (!m || at < since) continue;
			if (!found.has(m[1])) found.set(m[1], []);
			found.get(m[1]).push(at);
		}
		return found;
	}

	// Columns of the queue.
	async configure(fields) {
		await this.stack.sql(`UPDATE agent_group SET ${Object.entries(fields).map(([name, value]) => `${name} = ${value}`).join(', ')}
			WHERE tenant_id = ${this.tenant} AND number = '${QUEUE}'`);
		await this.stack.reload();
	}

	get pid() { return this.phones.pid; }

	// Calls that the phones have gone through from INVITE to BYE, and those that went wrong.
	answered() {
		const figures = this.phones.stats();
		return { good: Number(figures['SuccessfulCall(C)'] ?? 0), bad: Number(figures['FailedCall(C)'] ?? 0) };
	}

	// Exactly `size` agents that are registered and signed in; they are made when they are needed.
	async only(size) {
		const numbers = Array.from({ length: Math.max(0, size - this.made) }, (_, i) => FIRST + this.made + i);
		if (numbers.length) {
			await this.#create(numbers);
			await this.stack.reload();
			await this.#register(numbers);
			this.made = size;
		}
		for (let n = Math.min(size, this.size); n < Math.max(size, this.size); n++) {
			const agent = { tenant: this.tenant, agent: String(FIRST + n) };
			await this.stack.command('cc.agent.sign', { ...agent, on: n < size });
			if (n < size) await this.stack.command('cc.agent.work', { ...agent, state: 'idle', reason: '' });
		}
		this.size = size;
		await until(`${size} agents that are ready`, async () => {
			const others = await this.#notReady();
			if (others.length) throw new Error(`${others.length} are not, such as ${JSON.stringify(others[0])}`);
			return true;
		}, 30000, 500);
	}

	// As in the real tables, without the web password that nobody needs here.
	#create(numbers) {
		const t = this.tenant, rows = (row) => numbers.map(row).join(',\n');
		return this.stack.sql(`
			INSERT INTO user (tenant_id, username, name, kind, role_id, password_hash, created_at, updated_at)
				SELECT ${t}, n.number, n.number, 'agent', r.id, '', 0, 0 FROM role r
				JOIN (${numbers.map((n, i) => `SELECT '${n}'${i ? '' : ' AS number'}`).join(' UNION ALL ')}) n
				WHERE r.tenant_id = ${t} AND r.code = 'agent';
			INSERT INTO agent (tenant_id, number, name, user_id, sip_ha1, phone_pin_hash, created_at, updated_at)
				SELECT ${t}, username, username, id, MD5(CONCAT(username, ':demo:bench')), MD5(CONCAT('pin:', username)), 0, 0 FROM user
				WHERE tenant_id = ${t} AND username BETWEEN '${numbers[0]}' AND '${numbers.at(-1)}';
			INSERT INTO agent_group_member (tenant_id, group_id, agent_id, position)
				SELECT ${t}, g.id, a.id, a.number FROM agent a JOIN agent_group g ON g.tenant_id = ${t} AND g.number = '${QUEUE}'
				WHERE a.tenant_id = ${t} AND a.number IN (${rows((n) => `'${n}'`)});`);
	}

	async #register(numbers) {
		const result = await sipp('register', { remote: this.stack.sip, address: ADDRESS, port: this.port + 1, calls: numbers.length, rate: 100,
			limit: numbers.length, keys: { domain: 'demo' }, ms: 60000 + numbers.length * 20,
			rows: numbers.map((n) => [n, `[authentication username=${n} password=bench]`, `sip:${n}@${ADDRESS}:${this.port}`]) }).done;
		if (!result.ok) throw new Error(`agents could not register: ${result.failed} of ${numbers.length}\n${result.errors.slice(0, 2000)}`);
	}

	async #notReady() {
		const { agents } = await this.stack.command('cc.board', { tenant: this.tenant });
		return agents.filter((a) => Number(a.agent) >= FIRST && Number(a.agent) < FIRST + this.size &&
			!(a.registered && a.work === 'online' && a.call_state === 'idle' && a.queues?.includes(QUEUE)));
	}

	// The beginning of what SIPp complained of in all steps.
	async close() {
		await this.phones.stop();
		const { errors } = await this.phones.done;
		return errors.split('\n').filter((line) => line.trim() && !/Automatic response mode|following events occurred/.test(line)).join('\n').slice(0, 2500);
	}
}
