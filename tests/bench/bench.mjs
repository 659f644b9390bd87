// SPDX-License-Identifier: GPL-2.0-or-later
// `make bench`: many recorded calls held at once, many callers who wait for few agents, and whole queue calls at a growing rate until the
// first one fails, on a stack of its own. Method and results: docs/benchmarks.md, whose generated parts this program writes. Settings come
// from the environment, see there.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';
import { sipp } from '../lib/sipp.mjs';
import { Stack } from '../lib/stack.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { BUILD, leftovers, number, onInterrupt, phones, watch } from './common.mjs';
import { measure } from './cpu.mjs';
import { Crowd, DID } from './crowd.mjs';
import { held } from './held.mjs';
import { summary, table, write } from './report.mjs';
import { waiting } from './waiting.mjs';

const settings = {
	base: number('BENCH_BASE', process.env.CC_PORT_BASE ?? 30000),
	steps: (process.env.BENCH_STEPS ?? '5 10 20 40 60 80 100 125 150 200 250 300').split(/[ ,]+/).map(Number),
	seconds: number('BENCH_SECONDS', 20),
	talk: number('BENCH_TALK_MS', 3000),
	record: number('BENCH_RECORD', 0) === 1,
	write: number('BENCH_WRITE', 1) === 1,
	parts: (process.env.BENCH_PARTS ?? 'sound legs captures held waiting rates').split(/[ ,]+/),
	legs: number('BENCH_LEGS', 400),
	captures: number('BENCH_CAPTURES', 100),
	held: number('BENCH_HELD', 300),
	agents: number('BENCH_WAITING_AGENTS', 200),
	callers: number('BENCH_WAITING_CALLERS', 1000),
};
const AGENTS_MAX = 2000;			// of a tenant
const STATS_LAG = 1.5;			// seconds: SIPp writes its figures once a second

// Agents for a rate: those who talk, a fifth more, and some for the moments between two calls.
const agentsFor = (rate) => Math.min(AGENTS_MAX, Math.ceil(rate * settings.talk / 1000 * 1.2) + 10);

// The rows of the calls that began since then.
async function rows(stack, since) {
	const [[calls, ended, answered, p50, p95, p99, most]] = await stack.sql(`
		WITH c AS (SELECT c.ended_at, q.result, c.bridged_at - c.started_at AS ms FROM calls c
			LEFT JOIN queue_call q ON q.tenant_id = c.tenant_id AND q.call_id = c.id WHERE c.started_at >= ${since} AND c.did = '${DID}'),
		r AS (SELECT ms, CUME_DIST() OVER (ORDER BY ms) AS share FROM c WHERE ms IS NOT NULL)
		SELECT COUNT(*), COALESCE(SUM(ended_at IS NOT NULL), 0), COALESCE(SUM(result = 'answered' AND ended_at IS NOT NULL AND ms IS NOT NULL), 0),
			(SELECT MIN(ms) FROM r WHERE share >= 0.5), (SELECT MIN(ms) FROM r WHERE share >= 0.95), (SELECT MIN(ms) FROM r WHERE share >= 0.99), MAX(ms) FROM c`);
	return { calls: Number(calls), ended: Number(ended), answered: Number(answered), toAgent: { p50: Number(p50), p95: Number(p95), p99: Number(p99), max: Number(most) } };
}

// One rate for some seconds. The result says what happened and, if it was not all good, why.
async function step(stack, crowd, rate) {
	const calls = Math.round(rate * settings.seconds);
	await crowd.only(Math.max(crowd.size, agentsFor(rate)));
	stack.mark();
	const phonesBefore = crowd.answered();
	const began = Date.now();
	const customers = sipp('customer', { remote: stack.sip, address: '127.0.0.2', port: stack.sip.port, calls, rate, limit: calls,
		keys: { did: DID, from: '13900000002', talk: settings.talk, sound_ip: '127.0.0.2', sound_port: stack.sip.port + 2 },
		ms: settings.seconds * 1000 + settings.talk + 60000 });
	const gauges = watch(stack);
	const used = measure({ ...stack.pids(), 'SIPp customers': customers.pid, 'SIPp agents': crowd.pid, 'bench itself': process.pid });
	// the ramp at the beginning and the end of the last calls are not the rate that is measured
	await sleep(settings.seconds * 1000);
	const cpu = used();
	const begunInTime = Number(customers.stats()['TotalCallCreated'] ?? 0);
	const end = await customers.done;
	const most = await gauges();
	await until('the rows', async () => (await rows(stack, began)).answered >= calls, 15000, 250).catch(() => {});
	const found = await rows(stack, began);
	const left = await leftovers(stack);
	await sleep(STATS_LAG * 1000);
	const phones = crowd.answered();
	const result = { rate, calls, agents: crowd.size, cpu, gauges: most, rows: found, left, begunInTime,
		customers: { good: end.successful, bad: end.failed },
		phones: { good: phones.good - phonesBefore.good, bad: phones.bad - phonesBefore.bad },
		toAgent: found.toAgent, log: stack.badLines().slice(0, 5), errors: end.errors.split('\n').slice(0, 3).join(' ').slice(0, 400) };
	result.why = [
		end.successful !== calls && `customers saw ${end.successful} of ${calls} calls through`,
		result.phones.good !== calls && `agents' phones saw ${result.phones.good} of ${calls} calls through`,
		found.answered !== calls && `${found.answered} of ${calls} rows say answered`,
		...left,
		result.log.length > 0 && `log: ${result.log[0].slice(0, 200)}`,
	].filter(Boolean);
	result.late = begunInTime < rate * (settings.seconds - STATS_LAG) * 0.97;
	result.ok = !result.why.length && !result.late;
	if (result.late) result.why.push(`the generator began ${begunInTime} of ${calls} calls in time`);
	return result;
}

// Rates until one fails, and one between it and the last good one.
async function rates(stack, crowd) {
	const results = [];
	const one = async (rate) => {
		const result = await step(stack, crowd, rate);
		results.push(result);
		console.log(table([result], results.length === 1));
		for (const why of result.why) console.log(`    ${why}`);
		return result.ok;
	};
	let good = 0, bad;
	for (const rate of settings.steps) {
		if (!await one(rate)) {
			bad = rate;
			break;
		}
		good = rate;
	}
	if (bad && good) {
		const middle = Math.round((good + bad) / 2);
		if (middle !== good && middle !== bad && await one(middle)) good = middle;
	}
	return { results, good, ok: good > 0 };
}

// The table that a program prints.
async function tableOf(name, ...args) {
	const { stdout } = await run(join(BUILD, 'bin', name), args.map(String), { ms: 600000 });
	return { ok: true, text: stdout.trim() };
}

// Parts that need no stack, and those that do.
const alone = {
	sound: () => tableOf('bench-sound'),
	legs: () => tableOf('bench-legs', settings.legs, 10),
	captures: () => tableOf('bench-captures', settings.captures, 60),
};

const onStack = {
	async held(stack, crowd) {
		await crowd.configure({ record: 1 });
		return held(stack, crowd, settings.held);
	},
	async waiting(stack, crowd) {
		await crowd.configure({ record: 0 });
		return waiting(stack, crowd, settings);
	},
	async rates(stack, crowd) {
		await crowd.configure({ record: settings.record ? 1 : 0, max_wait_s: 60 });
		await crowd.use('phone');
		await crowd.only(agentsFor(settings.steps[0]));
		const sound = [phones('127.0.0.2', stack.sip.port + 2, 'deaf'), phones('127.0.0.3', crowd.soundPort, 'deaf')];
		try {
			return await rates(stack, crowd);
		} finally {
			for (const open of sound) await open.end();
		}
	},
};

const found = {};
async function one(part, work) {
	const result = found[part] = await work();
	console.log(summary(part, result));
	if (settings.write) await write(part, result, settings);
}

async function main() {
	for (const part of settings.parts.filter((name) => alone[name])) await one(part, alone[part]);
	const parts = settings.parts.filter((name) => onStack[name]);
	if (!parts.length) return;
	const stack = await Stack.start({ base: settings.base, env: { CC_RTP_MIN: '10000', CC_RTP_MAX: '19999', ...process.env } });
	onInterrupt(() => stack.stop());
	let crowd;
	try {
		crowd = await Crowd.open(stack, { port: stack.sip.port + 10 });
		for (const part of parts) await one(part, () => onStack[part](stack, crowd));
	} finally {
		const errors = await crowd?.close();
		if (errors) console.log(`What the agents' phones complain of:\n${errors}`);
		await stack.stop({ keep: Boolean(process.env.BENCH_KEEP) });
	}
}

await main();
if (process.env.BENCH_JSON) writeFileSync(process.env.BENCH_JSON, JSON.stringify(found, undefined, '\t'));
process.exit(Object.values(found).every((result) => result.ok) ? 0 : 1);
