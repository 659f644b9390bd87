// SPDX-License-Identifier: GPL-2.0-or-later
// What an end-to-end case is made of: a customer behind the trunk, agents with phones, and the check that nothing was
// left behind. A test file says:
//
//	const { e2e, stack } = await world();
//	e2e('TEL-06 …', async ({ customer, agent }) => { … });
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { Phone, scripts } from './sip.mjs';
import { Stack, TOP } from './stack.mjs';
import { until } from './wait.mjs';

export { scripts, TOP };

// A stack of its own is started when the runner has not started one; `own` asks for one with these settings. sound: the file
// measures what is heard, which tells nothing about a machine that stood still for more than 100 ms: cc-mixd counts that, and
// the case is done again, twice at most.
export async function world({ own, sound = false } = {}) {
	const shared = own ? undefined : await Stack.shared();
	const stack = shared ?? await Stack.start({ base: Number(process.env.CC_TEST_BASE ?? 27000) + (own?.offset ?? 0), env: own?.env });
	after(() => stack.legsGone());
	if (!shared) after(() => stack.stop({ keep: Boolean(process.env.CC_TEST_KEEP) }));

	async function once(t, options, body) {
		const the = new Case(stack, t);
		await stack.reset();
		stack.mark();
		let failure;
		try {
			await body(the);
		} catch (error) {
			failure = error;
			failure.message += `\nwhat happened:\n${(await stack.story().catch((e) => [e.message])).join('\n')}`;
		}
		await the.close();
		await stack.reset();
		const complaints = await stack.complaints(options);
		if (failure || complaints.length) await the.forget().catch(() => {});
		if (failure) {
			failure.message += complaints.length ? `\nand afterwards:\n${complaints.join('\n')}` : '';
			throw failure;
		}
		assert.deepEqual(complaints, [], 'something was left behind');
	}

	const skipped = async () => (await stack.mixd({ cmd: 'stats' })).ticks_skipped;
	async function measured(t, options, body) {
		for (let left = 2; ; left--) {
			const before = await skipped();
			try {
				return await once(t, options, body);
			} catch (error) {
				if (!left || await skipped() === before) throw error;
				console.log(`once more, the machine stood still: ${t.name}: ${error.message.split('\n')[0]}`);
			}
		}
	}

	// options: allow, restarted (see Stack.complaints), skip, timeout
	const e2e = (name, options, body) => {
		if (!body) [options, body] = [{}, options];
		const timeout = options.timeout ?? 60000;
		test(name, { timeout: sound ? 3 * timeout : timeout, skip: options.skip }, (t) => (sound ? measured : once)(t, options, body));
	};
	return { e2e, stack };
}

const sipPassword = (tenant, number) => (tenant === 'demo' ? `sip-${number}` : `sip-${tenant}-${number}`);

class Case {
	#closing = [];
	#carrier;

	constructor(stack, t) {
		this.stack = stack;
		this.t = t;
		// bound, so that a case can take them apart: async ({ customer, agent }) => …
		for (const name of ['onClose', 'carrier', 'customer', 'agent', 'phone', 'agentState', 'code', 'talk', 'calls']) this[name] = this[name].bind(this);
	}

	onClose(work) { this.#closing.push(work); }

	async close() {
		for (const work of this.#closing.reverse()) {
			try {
				await work();
			} catch (error) {
				console.log(`while the case was closed: ${error.message}`);
			}
		}
		this.#closing = [];
	}

	// What a case that failed half-way may have left: phones that are registered, whatever it was doing.
	async forget() {
		for (const domain of ['demo', 'other'])
			for (const { agent } of (await this.stack.command('cc.board', { tenant: await this.stack.tenant(domain) })).agents.filter((a) => a.registered)) {
				const phone = await Phone.open({ user: agent, domain, proxy: this.stack.sip, password: sipPassword(domain, agent) });
				await phone.unregisterAll();
				await phone.close();
			}
	}

	// The far end of demo-trunk: 127.0.0.2 and the SIP port of the stack.
	carrier() {
		this.#carrier ??= Phone.open({ user: '13800000001', address: '127.0.0.2', port: this.stack.sip.port, proxy: this.stack.sip }).then((phone) => {
			this.onClose(() => phone.close());
			return phone;
		});
		return this.#carrier;
	}

	// A customer calls a DID. options: tone, from, … (Phone.dial)
	async customer(did = '4008001', options = {}) {
		const carrier = await this.carrier();
		return carrier.dial(`sip:${did}@${this.stack.sip.address}:${this.stack.sip.port}`, { tone: 440, ...options });
	}

	// A registered phone. password: of SIP.
	async phone(number, { tenant = 'demo', password, script, ...options } = {}) {
		const phone = await Phone.open({ user: number, domain: tenant, proxy: this.stack.sip, ...options,
			password: password ?? sipPassword(tenant, number) });
		this.onClose(async () => {
			if (phone.registered) await phone.register(0);
			await phone.close();
		});
		const answer = await phone.register();
		assert.equal(answer.status, 200, `REGISTER of ${number}`);
		if (script) phone.answering(script);
		return phone;
	}

	// A phone whose agent is signed in to all its queues and idle.
	async agent(number, options = {}) {
		const phone = await this.phone(number, options);
		const tenant = await this.stack.tenant(options.tenant ?? 'demo');
		await this.stack.command('cc.agent.work', { tenant, agent: number, state: 'idle', reason: '' });
		await this.stack.command('cc.agent.sign', { tenant, agent: number, on: true });
		await this.agentState(number, (a) => a.registered && a.queues.length && a.work === 'online', options.tenant);
		return phone;
	}

	// Waits until the agent's state fulfils a condition.
	async agentState(number, condition = () => true, tenant = 'demo', ms = 5000) {
		let state;
		try {
			return await until(`the state of ${number}`, async () => {
				state = await this.stack.command('cc.agent.get', { tenant: await this.stack.tenant(tenant), agent: number });
				return condition(state) && state;
			}, ms);
		} catch (error) {
			error.message += `; it is ${JSON.stringify(state)}`;
			throw error;
		}
	}

	// Dials a feature code from a phone and waits for the end of that call.
	async code(phone, code, ms = 8000) {
		const call = await phone.dial(code);
		await call.reached('ended', ms);
		return call;
	}

	// A customer in conversation with an agent's phone: [customer's call, agent's call].
	async talk(phone, { did = '4008001', tones = [440, 1000], ms = 15000, ...options } = {}) {
		const call = await this.customer(did, { tone: tones[0], ...options });
		const leg = await phone.incoming(ms);
		leg.ring();
		leg.accept({ tone: tones[1] });
		await call.reached('up', ms);
		await until('the ACK', () => leg.ackSeen > 0, 3000, 10);
		await this.agentState(phone.user, (a) => a.call_state === 'talking', phone.domain);
		return [call, leg];
	}

	// Finished call rows of the database since the case began, newest last, as objects.
	async calls(count = 1, ms = 10000) {
		const columns = 'id,cause,side,sip_code,caller,callee,did,queue,agent,ring_ms,wait_ms,talk_ms,agent_ms,answered_at,bridged_at,ended_at,started_at,sip_call_id'.split(',');
		return until(`${count} finished calls in the database`, async () => {
			const rows = await this.stack.sql(`SELECT HEX(id),${columns.slice(1).join(',')} FROM calls WHERE started_at >= ${this.began} AND ended_at IS NOT NULL ORDER BY id`);
			return rows.length >= count && rows.map((row) => Object.fromEntries(columns.map((c, i) => [c, /^-?\d+$/.test(row[i] ?? '') && /_ms|_at|_code/.test(c) ? Number(row[i]) : row[i]])));
		}, ms, 100);
	}

	began = Date.now();
}
