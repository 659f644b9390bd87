// SPDX-License-Identifier: GPL-2.0-or-later
// Every part is killed and stopped under calls in progress. What carries no sound must not be noticed by them; what does
// must carry it again at once. The same talk and the same waiting caller live through all of it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { run } from '../lib/process.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();

const ALL = ['kamailio', 'rtpengine', 'mixd', 'recd', 'eventd', 'jobd', 'mariadb', 'redis', 'nginx', 'desk', 'reports', 'watch'];
const NOISE = /./;		// dying parts and those that miss them say so; that they are back is what is checked
const healthy = (ms = 30000) => until('a healthy stack', async () => (await stack.admin(['status', '--json'])).code === 0, ms, 200);

// Children of a part's main process: [{ pid, name, state }].
const children = (part) => readdirSync('/proc').filter((p) => /^\d+$/.test(p)).map((pid) => {
	try {
		const [, name, state, parent] = /\((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
		return { pid: Number(pid), name, state, parent: Number(parent) };
	} catch { return {}; }
}).filter((p) => p.parent === stack.pids()[part]);
const child = (part, name) => {
	const found = children(part).find((p) => !name || p.name === name);
	assert.ok(found, `${part} has a child ${name ?? ''}`);
	return found.pid;
};
const state = (pid) => { try { return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))[1]; } catch { return 'gone'; } };

// Both sides are heard from now on: a window that lies wholly behind this moment holds the right tones.
const sound = async ([call, leg], ms) => {
	await sleep(450);
	await Promise.all([call.media.hears(1000, ms), leg.media.hears(440, ms)]);
};
// [what, process, longest gap in the sound after a kill, after a stop]. Media: 3 s and what the watch needs to notice.
const victims = [
	['rtpengine', () => stack.pids().rtpengine, 3000, 4500],
	['mixd', () => stack.pids().mixd, 3000, 4500],
	['kamailio', () => stack.pids().kamailio, 300, 300],
	['a SIP worker', () => child('kamailio', 'sip worker'), 300, 300],
	['the engine\'s timer', () => child('kamailio', 'cc timer'), 300, 300],
	['recd', () => stack.pids().recd, 300, 300],
	['eventd', () => stack.pids().eventd, 300, 300],
	['mariadb', () => stack.pids().mariadb, 300, 300],
	['redis', () => stack.pids().redis, 300, 300],
	['nginx', () => stack.pids().nginx, 300, 300],
	['a FastCGI worker', () => child('desk'), 300, 300],
];

for (const signal of ['SIGKILL', 'SIGSTOP'])
	e2e(`${signal} to every part under calls: the talk is heard, who waits waits on, nothing is stuck (MON-05 CALL-03 STATE-01 CDR-01)`, { timeout: 240000, restarted: ALL, allow: [NOISE] }, async ({ agent, customer, talk, agentState, calls }) => {
		await stack.queue('600', { entry_prompt: '', wrapup: 'off', announce_position: 0, max_wait_s: 0 });
		const phone = await agent('803');
		const pair = await talk(phone);
		const waits = await (await customer('4008001', { tone: 350 })).reached('up');
		await sound(pair, 3000);
		await sleep(1600);				// the registration is on disk
		for (const [what, process_, afterKill, afterStop] of victims) {
			const pid = process_();
			const began = Date.now();
			process.kill(pid, signal);
			const limit = signal === 'SIGKILL' ? afterKill : afterStop;
			if (signal === 'SIGSTOP') await until(`${what} goes on`, () => state(pid) !== 'T', 6000, 50);
			await sound(pair, 3000).catch((error) => { throw Object.assign(error, { message: `${what}: ${error.message}` }); });
			const longest = Math.max(...pair.map((side) => side.media.longestGap(began)));
			console.log(`${signal} ${what}: ${longest} ms without sound, ${Date.now() - began} ms`);
			assert.ok(longest < limit, `${what}: ${longest} ms without sound`);
			await healthy();
			assert.deepEqual([...pair, waits].map((c) => c.state), ['up', 'up', 'up'], what);
			assert.equal((await agentState('803')).call_state, 'talking', what);
			const { waiting } = await stack.command('cc.board', { tenant: await stack.tenant('demo') });
			assert.deepEqual(waiting.map((w) => w.position), [1], what);
		}
		await pair[0].hangup();
		await pair[1].reached('ended');
		const last = await phone.incoming();		// the caller who waited through it all
		last.accept({ tone: 1000 });
		await waits.media.hears(1000);
		await last.media.hears(350);
		await last.hangup();
		await waits.reached('ended');
		// the generators' own list
		const rows = await calls(2, 20000);
		assert.deepEqual(rows.map((r) => [r.sip_call_id, r.cause, r.side, r.agent]),
			[[pair[0].callId, 'answered', 'caller', '803'], [waits.callId, 'answered', 'callee', '803']]);
	});

e2e('Kamailio restarts while MariaDB is down: calls go on and new ones are served (CDR-01 TEL-26)', { timeout: 120000, restarted: ALL, allow: [NOISE] }, async ({ agent, talk, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const [phone, other] = [await agent('803'), await agent('804')];
	await stack.command('cc.agent.work', { tenant: await stack.tenant('demo'), agent: '804', state: 'busy', reason: '' });
	const pair = await talk(phone);
	await sleep(1600);
	const sv = (verb) => run('sv', ['-w', '20', verb, stack.path('service/mariadb')], { check: false });
	const { epoch } = await stack.command('cc.ping');
	await sv('stop');
	let second;
	try {
		process.kill(stack.pids().kamailio, 'SIGKILL');
		await until('the engine', async () => (await stack.command('cc.ping').catch(() => ({ epoch }))).epoch !== epoch, 10000, 50);
		await sound(pair, 3000);
		await stack.command('cc.agent.work', { tenant: await stack.tenant('demo'), agent: '804', state: 'idle', reason: '' });
		second = await talk(other);
		await sound(second, 3000);
		await pair[0].hangup();
		await agentState('803', (a) => a.call_state === 'idle');
	} finally {
		await sv('start');
	}
	await second[1].hangup();
	await healthy(40000);
	const rows = await calls(2, 30000);
	assert.deepEqual(rows.map((r) => [r.sip_call_id, r.cause, r.agent]), [[pair[0].callId, 'answered', '803'], [second[0].callId, 'answered', '804']]);
});

e2e('a full disk under the journal: talks go on and end, new calls are refused, no record is lost (CDR-01 MON-05)', { timeout: 120000, restarted: ALL, allow: [NOISE] }, async ({ agent, customer, talk, agentState, calls, onClose }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const phone = await agent('803');
	const folder = stack.path('data/journal'), filler = `${folder}/filler`;
	const sv = (verb, ...parts) => run('sv', ['-w', '20', verb, ...parts.map((part) => stack.path(`service/${part}`))], { check: false });
	// the journal moves to a small disk of its own, and back
	const elsewhere = async (work) => {
		await sv('stop', 'kamailio', 'eventd');
		await work();
		await sv('start', 'kamailio', 'eventd');
		await healthy();
	};
	await elsewhere(async () => {
		await run('bash', ['-c', `cp -a '${folder}' '${folder}.full' && mount -t tmpfs -o size=500m tmpfs '${folder}' && chown --reference='${folder}.full' '${folder}' &&
			chmod --reference='${folder}.full' '${folder}' && cp -a '${folder}.full/.' '${folder}/'`]);
	});
	onClose(() => elsewhere(async () => {
		await run('bash', ['-c', `rm -f '${filler}'; rm -rf '${folder}.full'; cp -a '${folder}' '${folder}.full' && umount '${folder}' && cp -a '${folder}.full/.' '${folder}/' && rm -rf '${folder}.full'`]);
	}));
	const fill = (mb) => run('bash', ['-c', mb ? `fallocate -l ${mb}M '${filler}'` : `head -c 1G /dev/zero >'${filler}'`], { check: false });
	const [call, leg] = await talk(phone);
	await sound([call, leg], 3000);

	await fill(300);				// below CC_MIN_FREE_MB
	await until('a refusal', async () => {
		const refused = await customer();
		await refused.reached('ended').catch(() => refused.cancel());
		return refused.ended?.status === 503;
	}, 6000, 300);
	await sound([call, leg], 3000);
	await fill(0);					// nothing is left at all, and the new engine needs a new segment
	const { epoch } = await stack.command('cc.ping');
	process.kill(stack.pids().kamailio, 'SIGKILL');
	await until('the engine', async () => (await stack.command('cc.ping').catch(() => ({ epoch }))).epoch !== epoch, 10000, 50);
	await sound([call, leg], 3000);
	await call.hangup();
	await leg.reached('ended');
	await agentState('803', (a) => a.call_state === 'idle');
	assert.ok((await stack.stats()).ring_used >= 0);
	assert.equal((await stack.sql(`SELECT COUNT(*) FROM calls WHERE sip_call_id='${call.callId}' AND ended_at IS NOT NULL`))[0][0], '0', 'its end waits in memory');
	await run('rm', [filler]);
	const row = await until('its row', async () => (await calls(1)).find((r) => r.sip_call_id === call.callId), 10000);
	assert.deepEqual([row.cause, row.side], ['answered', 'caller']);
	const [next] = await until('a new call', () => talk(phone, { ms: 3000 }).catch(() => undefined), 10000, 300);
	await next.media.hears(1000);
});
