// SPDX-License-Identifier: GPL-2.0-or-later
// `make soak HOURS=n`: a call centre at work for hours, watched for what must never be: agents who are busy without a call (ghosts),
// calls that are lost, books that disagree. Settings: docs/benchmarks.md.
import { sipp } from '../lib/sipp.mjs';
import { Stack } from '../lib/stack.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { leftovers, number, onInterrupt, phones } from './common.mjs';
import { Crowd, DID } from './crowd.mjs';

const settings = {
	base: number('BENCH_BASE', process.env.CC_PORT_BASE ?? 30000),
	hours: number('HOURS', 1),
	agents: number('SOAK_AGENTS', 100),
	rate: number('SOAK_RATE', 60),				// calls a minute
	talk: number('SOAK_TALK_MS', 60000),
	look: number('SOAK_LOOK_MS', 10000),
};
const LEDGER_MS = 600000;
const SETTLE_MS = 20000;			// an agent may be busy so long after its call, or before it: the limit of a lost BYE

// Agents that are not idle although no call in progress can be theirs, or for longer than any call lasts.
async function ghosts(stack, tenant) {
	const [{ agents }, { calls }] = await Promise.all([stack.command('cc.board', { tenant }), stack.command('cc.calls', { tenant })]);
	const busy = agents.filter((a) => !['idle', 'wrapup'].includes(a.call_state));
	const old = busy.filter((a) => Date.now() - a.since > settings.talk + SETTLE_MS);
	const more = busy.filter((a) => Date.now() - a.since > SETTLE_MS);
	return { busy: busy.length, calls: calls.length, ghosts: old.length ? old : more.length > calls.length ? more.slice(calls.length) : [] };
}

async function ledger(stack) {
	const { code, stdout, stderr } = await stack.admin(['ledger'], { ms: 300000 });
	return code === 0 ? '' : (stdout + stderr).trim();
}

async function main() {
	const stack = await Stack.start({ base: settings.base, env: { CC_RTP_MIN: '10000', CC_RTP_MAX: '19999', ...process.env } });
	onInterrupt(() => stack.stop());
	const customersAt = stack.sip.port + 2, wrong = [];
	const say = (text) => console.log(`${new Date().toISOString()} ${text}`);
	const complain = (text) => { say(text); wrong.push(text); };
	let crowd;
	try {
		crowd = await Crowd.open(stack, { port: stack.sip.port + 10 });
		await crowd.configure({ record: 1, max_wait_s: 600 });
		await crowd.only(settings.agents);
		stack.mark();
		const began = Date.now(), total = Math.max(1, Math.round(settings.hours * 60 * settings.rate));
		const ms = total / settings.rate * 60000 + settings.talk;
		const sound = [phones('127.0.0.2', customersAt), phones('127.0.0.3', crowd.soundPort)];
		// SIPp takes calls a second; more calls in a longer period are its way to less than one
		const customers = sipp('customer', { remote: stack.sip, address: '127.0.0.2', port: stack.sip.port, calls: total, rate: settings.rate,
			limit: total, args: ['-rp', '60000'], keys: { did: DID, from: '13900000002', talk: settings.talk, sound_ip: '127.0.0.2', sound_port: customersAt },
			ms: ms * 1.5 + 120000 });
		let ended, told = 0, counted = Date.now(), seen = 0, most = 0;
		customers.done.then((result) => { ended = result; });
		while (!ended) {
			await sleep(settings.look);
			const state = await ghosts(stack, crowd.tenant).catch((error) => ({ error }));
			if (state.error) complain(`the engine does not answer: ${state.error.message}`);
			for (const agent of state.ghosts ?? []) complain(`a ghost: ${JSON.stringify(agent)}, ${state.calls} calls in progress`);
			seen += state.ghosts?.length ?? 0;
			most = Math.max(most, state.calls ?? 0);
			if (Date.now() - counted > LEDGER_MS) {
				counted = Date.now();
				const differences = await ledger(stack);
				if (differences) complain(`the ledger differs: ${differences}`);
			}
			if (Date.now() - told > 60000) {
				told = Date.now();
				say(`${customers.stats().TotalCallCreated ?? 0} of ${total} calls, ${state.calls} in progress, ${state.busy} agents busy, ${seen} ghosts so far`);
			}
		}
		if (ended.successful !== total) complain(`customers saw ${ended.successful} of ${total} calls through: ${ended.errors.slice(0, 500)}`);
		await sleep(1500);
		for (const [i, who] of ['customers', 'agents'].entries()) {
			const heard = await sound[i].end();
			say(`${who}: ${heard.received} packets received, ${heard.lost} missing, longest gap ${heard.longest_gap_ms} ms`);
		}
		const answered = () => stack.value(`SELECT COUNT(*) FROM calls c JOIN queue_call q ON q.tenant_id = c.tenant_id AND q.call_id = c.id
			WHERE c.started_at >= ${began} AND c.ended_at IS NOT NULL AND q.result = 'answered'`).then(Number);
		await until('the rows', async () => await answered() >= total, 60000, 500).catch(() => {});
		if (await answered() !== total) complain(`${await answered()} of ${total} rows say answered`);
		for (const text of await leftovers(stack)) complain(text);
		for (const line of stack.badLines().slice(0, 10)) complain(`log: ${line}`);
		say(`${total} calls, at most ${most} at once, ${seen} ghosts, ${wrong.length} complaints`);
		return wrong.length ? 1 : 0;
	} finally {
		await crowd?.close();
		await stack.stop({ keep: Boolean(process.env.BENCH_KEEP) });
	}
}

process.exit(await main());
