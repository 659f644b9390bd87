// SPDX-License-Identifier: GPL-2.0-or-later
// Parts die, settings are wrong, ports are taken: the system says so, or comes back by itself.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { TOP, scripts, world } from '../lib/world.mjs';

const { e2e, stack } = await world();

const demo = () => stack.tenant('demo');
const healthy = (ms = 30000) => until('a healthy stack', async () => (await stack.admin(['status', '--json'])).code === 0, ms, 300);
const kill = (part) => process.kill(stack.pids()[part], 'SIGKILL');
const CONNECTION = /connect|refused|gone|closed|lost|broken pipe|away|reset|unavailable|cannot be reached|does not answer|No such file/i;

// The same folder of settings for a start that must fail: nothing of it may be left running.
const failingStart = async (env, conf) => {
	const folder = mkdtempSync('/tmp/tt-');
	const file = join(folder, 'given.conf');
	if (conf) writeFileSync(file, conf);
	const result = await run('make', ['-s', 'run'], { cwd: TOP, check: false, ms: 120000,
		env: { ...process.env, CC_RUN: join(folder, 'run'), CC_PORT_BASE: '31000', ...(conf ? { CC_CONF: file } : {}), ...env } });
	await run('make', ['-s', 'stop'], { cwd: TOP, check: false, env: { ...process.env, CC_RUN: join(folder, 'run') } });
	rmSync(folder, { recursive: true, force: true });
	return { ...result, file, said: result.stdout + result.stderr };
};

e2e('a wrong setting stops the start and names file and line (SYS-01 MON-05)', { timeout: 120000 }, async () => {
	for (const [conf, line, word] of [['CC_WEB_PORT = 31080\nCC_COLOUR = blue\n', 2, 'CC_COLOUR'], ['# a remark\n\nCC_WEB_PORT = eighty\n', 3, 'CC_WEB_PORT'],
		['CC_DEMO = perhaps\n', 1, 'CC_DEMO'], ['this is no setting\n', 1, ''], ['CC_WEB_PORT = 99999\n', 1, 'CC_WEB_PORT']]) {
		const { code, said, file } = await failingStart({}, conf);
		assert.notEqual(code, 0);
		assert.ok(said.includes(`${file}:${line}`) && said.includes(word), `${JSON.stringify(conf)} says: ${said}`);
	}
	const { code, said } = await failingStart({ CC_SIP_PROT: '1' });
	assert.notEqual(code, 0);
	assert.match(said, /CC_SIP_PROT/);
});

e2e('a port in use is named, with who has it (MON-05)', { timeout: 60000 }, async () => {
	const server = createServer().listen(31080, '127.0.0.1');
	await new Promise((done) => server.once('listening', done));
	const { code, said } = await failingStart({});
	server.close();
	assert.notEqual(code, 0);
	assert.match(said, /31080/);
	assert.match(said, new RegExp(`\\b${process.pid}\\b|node`));
});

e2e('kill -9 of Kamailio: it is back, and the agents are still signed in (STATE-03)', { timeout: 90000, restarted: ['kamailio'], allow: [CONNECTION] }, async ({ agent, customer, agentState }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803', { script: scripts.answer({ tone: 1000, ringFor: 50 }) });
	const before = await stack.command('cc.ping');
	const children = readdirSync('/proc').filter((p) => /^\d+$/.test(p)).filter((p) => { try { return readFileSync(`/proc/${p}/stat`, 'utf8').split(' ')[3] === String(stack.pids().kamailio); } catch { return false; } });
	assert.ok(children.length > 5);
	await sleep(1600);		// registrations are written to disk every second
	const began = Date.now();
	kill('kamailio');
	await until('the engine', async () => (await stack.command('cc.ping')).epoch !== before.epoch, 20000, 100);
	assert.ok(Date.now() - began < 15000, `back after ${Date.now() - began} ms`);
	assert.deepEqual(children.filter((p) => { try { return readFileSync(`/proc/${p}/cmdline`, 'utf8').includes('kamailio'); } catch { return false; } }), [], 'no child outlives it');
	const state = await agentState('803', (a) => a.queues.includes('600') && a.work === 'online');
	assert.ok(state.registered, 'the registration too');
	await healthy();
	const call = await customer();
	await phone.incoming(8000);
	await call.media.hears(1000);
});

e2e('kill -9 of Kamailio in the middle of a call: no ghost agent, one end for the call (STATE-01 CDR-02)', { timeout: 120000, restarted: ['kamailio'], allow: [CONNECTION] }, async ({ agent, talk, agentState, calls }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await call.media.hears(1000);
	await sleep(1600);		// registrations are written to disk every second
	const { epoch } = await stack.command('cc.ping');
	kill('kamailio');
	await until('the engine', async () => (await stack.command('cc.ping')).epoch !== epoch, 20000, 100);
	await healthy();
	// the call goes on or ends with a cause; either way the phones' BYE is answered and the agent is free
	await Promise.all([call.hangup(), leg.hangup()]);
	await agentState('803', (a) => a.call_state === 'idle', 'demo', 25000);
	const [row] = await calls(1, 30000);
	assert.ok(row.cause, JSON.stringify(row));
	const [next] = await talk(phone);
	await next.media.hears(1000);
});

e2e('cc-mixd dies in the middle of a call: both hear each other again (CALL-03)', { timeout: 60000, restarted: ['mixd'], allow: [CONNECTION, /mixer|mixd/i] }, async ({ agent, talk }) => {
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	kill('mixd');
	await sleep(1000);
	await Promise.all([call.media.hears(1000, 8000), leg.media.hears(440, 8000)]);
});

e2e('MariaDB is away: calls go on, and their rows come when it is back (CDR-01)', { timeout: 120000, restarted: ['mariadb', 'eventd', 'recd', 'jobd', 'desk', 'reports', 'kamailio'], allow: [CONNECTION, /database|mysql|mariadb/i] }, async ({ agent, talk, calls, phone }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off' });
	const desk = await agent('803');
	const sv = (verb) => run('sv', ['-w', '20', verb, stack.path('service/mariadb')], { check: false });
	await sv('stop');
	try {
		for (let i = 0; i < 2; i++) {
			const [call, leg] = await talk(desk);
			await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
			await call.hangup();
		}
		await phone('804');		// registration needs no database either
	} finally {
		await sv('start');
	}
	await healthy(40000);
	const rows = await calls(2, 30000);
	assert.deepEqual(rows.map((r) => r.cause), ['answered', 'answered']);
});

e2e('every other part is killed once and comes back (MON-05)', { timeout: 120000, restarted: ['redis', 'rtpengine', 'recd', 'eventd', 'jobd', 'desk', 'reports', 'nginx', 'kamailio'], allow: [CONNECTION, /rtpengine|ng |redis/i] }, async ({ agent, talk, calls }) => {
	for (const part of ['redis', 'rtpengine', 'recd', 'eventd', 'jobd', 'desk', 'reports', 'nginx']) {
		const before = stack.pids()[part];
		kill(part);
		await until(`${part} again`, () => stack.pids()[part] && stack.pids()[part] !== before, 10000);
	}
	await healthy();
	await stack.queue('600', { entry_prompt: '' });
	const phone = await agent('803');
	const [call, leg] = await talk(phone);
	await Promise.all([call.media.hears(1000), leg.media.hears(440)]);
	await call.hangup();
	await calls(1);
});

e2e('a reload with a broken configuration keeps the old one and says why (TEL-26)', { allow: [/configuration|reload/i] }, async ({ customer }) => {
	await stack.queue('600', { entry_prompt: '' });
	const before = await stack.command('cc.ping');
	await stack.configure('agent_group', `tenant_id=${await demo()} AND number='600'`, { ring_timeout_s: -5 }).catch(() => {});
	const call = await (await customer()).reached('up');
	await call.hangup();
	assert.ok((await stack.command('cc.ping')).generation >= before.generation);
});

e2e('a second `make run` changes nothing that runs (MON-05)', { timeout: 60000 }, async () => {
	const pids = stack.pids();
	const began = Date.now();
	await run('make', ['-s', 'run'], { cwd: TOP, env: { ...process.env, CC_RUN: stack.run, CC_PORT_BASE: String(Number(stack.settings.CC_PORT_BASE)) } });
	assert.deepEqual(stack.pids(), pids);
	assert.ok(Date.now() - began < 20000, `${Date.now() - began} ms`);
});

e2e('40 calls one after another leave nothing open: no leg, port, descriptor or memory (MON-05)', { timeout: 120000 }, async ({ agent, customer, agentState }) => {
	await stack.queue('600', { entry_prompt: '', wrapup: 'off', announce_position: 0 });
	const phone = await agent('803', { script: scripts.answer({ tone: 0 }) });
	const round = async (n) => {
		for (let i = 0; i < n; i++) {
			const call = await customer();
			await until('the agent', () => phone.calls.length && phone.calls.at(-1).state === 'up', 5000, 10);
			await sleep(20);
			await call.hangup();
			await phone.calls.at(-1).reached('ended');
			await agentState('803', (a) => a.call_state === 'idle');
		}
	};
	const open = () => Object.fromEntries(['mixd', 'rtpengine', 'eventd', 'kamailio'].map((part) => [part, stack.descriptors(part).length]));
	await round(10);
	await stack.legsGone();
	const before = open();
	await round(30);
	await stack.legsGone();
	await sleep(500);
	for (const [part, n] of Object.entries(open())) assert.ok(n <= before[part] + 6, `${part}: ${before[part]} descriptors before, ${n} after`);
});
