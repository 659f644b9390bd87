// SPDX-License-Identifier: GPL-2.0-or-later
// Many recorded calls held at the same time with real sound both ways. Every packet is accounted for: at the phones by sequence
// numbers, in cc-mixd by its list, in the recordings by their rows.
import { sipp } from '../lib/sipp.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { leftovers, number, phones, watch } from './common.mjs';
import { measure } from './cpu.mjs';
import { DID } from './crowd.mjs';

const SECONDS = number('BENCH_HELD_SECONDS', 60);
const RATE = number('BENCH_HELD_RATE', 10);			// calls that begin in a second
const FILED_MS = 180000;			// for cc-recd to be done with all of them

// Sums of what cc-mixd says of all its legs, in one moment.
async function mixer(stack) {
	const sum = { legs: 0, rx: 0, lost: 0, late: 0, concealed_ms: 0, foreign: 0, delay_ms: 0 };
	for (let from = 0; from !== undefined;) {
		const { legs, next } = await stack.mixd({ cmd: 'list', from });
		for (const leg of legs) for (const key of Object.keys(sum)) sum[key] += key === 'legs' ? 1 : leg[key];
		from = next;
	}
	sum.delay_ms /= sum.legs || 1;
	return sum;
}

async function recordings(stack, since) {
	const [[count, bad, lostLeft, lostRight, left, right]] = await stack.sql(`
		SELECT COUNT(*), COALESCE(SUM(state <> 'ok'), 0), COALESCE(SUM(lost_left), 0), COALESCE(SUM(lost_right), 0), COALESCE(SUM(packets_left), 0),
			COALESCE(SUM(packets_right), 0) FROM recording WHERE started_at >= ${since} AND segment > 0`);
	return { count: Number(count), bad: Number(bad), lostLeft: Number(lostLeft), lostRight: Number(lostRight), left: Number(left), right: Number(right) };
}

// crowd: agents of a recorded queue whose phones' sound is at soundPort.
export async function held(stack, crowd, calls) {
	const ramp = calls / RATE, talk = Math.round((ramp + SECONDS) * 1000);
	const customersAt = stack.sip.port + 2;
	await crowd.only(calls);
	stack.mark();
	const began = Date.now();
	const sound = { customers: phones('127.0.0.2', customersAt), agents: phones('127.0.0.3', crowd.soundPort) };
	const signalling = sipp('customer', { remote: stack.sip, address: '127.0.0.2', port: stack.sip.port, calls, rate: RATE, limit: calls,
		keys: { did: DID, from: '13900000002', talk, sound_ip: '127.0.0.2', sound_port: customersAt }, ms: talk + ramp * 1000 + 60000 });
	const gauges = watch(stack);
	await sleep(ramp * 1000 + 2000);
	const all = await stack.stats();
	const used = measure({ ...stack.pids(), 'SIPp customers': signalling.pid, 'SIPp agents': crowd.pid, 'phones\' sound': sound.customers.pid,
		'phones\' sound ': sound.agents.pid });
	const before = await mixer(stack);
	await sleep(SECONDS * 1000 - 6000);
	const mixed = await mixer(stack), cpu = used();
	const end = await signalling.done;
	const most = await gauges();
	await sleep(1500);
	const heard = { customers: await sound.customers.end(), agents: await sound.agents.end() };
	const filedFrom = Date.now();
	await until('the recordings', async () => (await recordings(stack, began)).count >= calls, FILED_MS, 500).catch(() => {});
	const filed = await recordings(stack, began), filedMs = Date.now() - filedFrom;
	const left = await leftovers(stack);
	const result = { calls, seconds: SECONDS, atOnce: all.calls, most, cpu, heard, mixed, filed, filedMs, log: stack.badLines().slice(0, 5),
		heldLost: mixed.lost - before.lost, heldLate: mixed.late - before.late };
	result.why = [
		end.successful !== calls && `customers saw ${end.successful} of ${calls} calls through`,
		all.calls !== calls && `${all.calls} of ${calls} calls were up at the same time`,
		mixed.legs !== 2 * calls && `cc-mixd had ${mixed.legs} of ${2 * calls} legs`,
		heard.customers.streams !== calls && `${heard.customers.streams} of ${calls} customers heard something`,
		heard.agents.streams !== calls && `${heard.agents.streams} of ${calls} agents heard something`,
		...['customers', 'agents'].map((who) => heard[who].lost > 0 && `${heard[who].lost} of ${heard[who].received} packets to the ${who} are missing`),
		mixed.lost > 0 && `${mixed.lost} of ${mixed.rx} packets from the phones are missing in cc-mixd`,
		filed.count !== calls && `${filed.count} of ${calls} recordings`,
		filed.bad > 0 && `${filed.bad} recordings are not good`,
		filed.lostLeft + filed.lostRight > 0 && `recordings lack ${filed.lostLeft} packets of the phones and ${filed.lostRight} to them`,
		...left,
		result.log.length > 0 && `log: ${result.log[0].slice(0, 200)}`,
	].filter(Boolean);
	result.ok = !result.why.length;
	return result;
}
