// SPDX-License-Identifier: GPL-2.0-or-later
// Many callers wait for few agents: how long does an agent who has become idle wait for the next INVITE? When the agent became idle
// and when the call was there is told by the journal, when the INVITE came by the agents' SIPp.
import { sipp } from '../lib/sipp.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { leftovers, number, percentile, watch } from './common.mjs';
import { measure } from './cpu.mjs';
import { DID } from './crowd.mjs';

const RATE = number('BENCH_WAITING_RATE', 50);			// calls that begin in a second
const EVENT = { queueEnter: 30, agentState: 40, legNew: 20 };

// Rows of the journal since then, as objects of their fields.
async function events(stack, type, since) {
	const rows = await stack.sql(`SELECT at, HEX(call_id), seq, fields FROM event WHERE type = ${type} AND at >= ${since} ORDER BY seq`);
	return rows.map(([at, call, seq, fields]) => ({ at: Number(at), call, seq: Number(seq), ...JSON.parse(fields) }));
}

// Milliseconds from "an agent is idle and a call is there" to the INVITE at the phone, one value a dispatch.
// The n-th INVITE that an agent's phone got belongs to the n-th leg that the engine made for it.
export function latencies(states, enters, legs, invites) {
	const entered = new Map(enters.map((e) => [e.call, e.at])), idle = new Map(), found = [];
	const next = new Map();
	const story = [...states, ...legs].sort((a, b) => a.seq - b.seq);
	for (const e of story) {
		if (e.call_state !== undefined) {
			if (e.call_state === 'idle' && e.work === 'online') idle.set(e.agent, e.at);
			continue;
		}
		const n = next.get(e.agent) ?? 0, at = invites.get(e.agent)?.[n];
		next.set(e.agent, n + 1);
		if (at === undefined || !entered.has(e.call)) continue;
		// no word of an agent yet: idle since before
		found.push(at - Math.max(idle.get(e.agent) ?? 0, entered.get(e.call)));
	}
	return found.sort((a, b) => a - b);
}

export async function waiting(stack, crowd, { agents, callers }) {
	await crowd.only(agents);
	stack.mark();
	const began = Date.now();
	const calls = agents + callers, rounds = Math.ceil(calls / agents);
	// nobody hangs up before all are there
	const talk = Math.ceil(calls / RATE + 1) * 1000;
	await crowd.use('phone-talks', { talk });
	await crowd.configure({ max_wait_s: rounds * talk / 1000 * 2 });
	// -aa: whoever sends no sound is asked by OPTIONS whether he is still there
	const signalling = sipp('../../bench/customer', { args: ['-aa'], remote: stack.sip, address: '127.0.0.2', port: stack.sip.port, calls, rate: RATE, limit: calls,
		keys: { did: DID, from: '13900000002', sound_ip: '127.0.0.2', sound_port: stack.sip.port + 2 },
		ms: talk + rounds * talk * 2 + 60000 });
	const gauges = watch(stack);
	const used = measure({ ...stack.pids(), 'SIPp customers': signalling.pid, 'SIPp agents': crowd.pid });
	const end = await signalling.done;
	const cpu = used(), most = await gauges();
	await sleep(1500);
	const answered = () => stack.value(`SELECT COUNT(*) FROM queue_call WHERE entered_at >= ${began} AND result = 'answered'`).then(Number);
	await until('the rows', async () => await answered() >= calls, 30000, 250).catch(() => {});
	const [states, enters, legs] = await Promise.all([EVENT.agentState, EVENT.queueEnter, EVENT.legNew].map((type) => events(stack, type, began)));
	const ms = latencies(states, enters, legs.filter((e) => e.role === 'agent'), crowd.invites(began));
	const left = await leftovers(stack);
	const result = { agents, callers, calls, most, cpu, answered: await answered(), dispatches: ms.length, log: stack.badLines().slice(0, 5),
		latency: { p50: percentile(ms, 0.5), p95: percentile(ms, 0.95), p99: percentile(ms, 0.99), max: ms.at(-1) } };
	result.why = [
		end.successful !== calls && `customers saw ${end.successful} of ${calls} calls through`,
		result.answered !== calls && `${result.answered} of ${calls} callers were answered`,
		most.waiting < callers * 0.95 && `at most ${most.waiting} of ${callers} callers waited at the same time`,
		ms.length < calls * 0.95 && `only ${ms.length} of ${calls} dispatches could be measured`,
		...left,
		result.log.length > 0 && `log: ${result.log[0].slice(0, 200)}`,
	].filter(Boolean);
	result.ok = !result.why.length;
	return result;
}
