// SPDX-License-Identifier: GPL-2.0-or-later
// `make demo-calls`: simulated customers call 4008001 and agents 803, 804 and 805 answer, all with spoken words, until
// Ctrl-C. For a look at the board, the call list and recordings; CC_RUN names the stack.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Phone } from '../lib/sip.mjs';
import { Stack, TOP } from '../lib/stack.mjs';
import { readWav } from '../lib/wav.mjs';

const AGENTS = ['803', '804', '805'];
const EVERY_MS = 7000;			// mean time between two customers
const TALK_MS = [8000, 40000];
const PATIENCE_MS = [15000, 60000];
const WORDS = {
	customer: '您好，我想查询一下我的订单。我上周买的商品还没有收到，请帮我看一下物流信息，谢谢。',
	agent: '您好，很高兴为您服务。请您稍等，我马上为您查询。您的订单已经发出，预计明天就能送到。',
};

const between = ([from, to]) => from + Math.random() * (to - from);
const pause = (ms) => new Promise((done) => setTimeout(done, ms).unref());
const say = (text) => console.log(`${new Date().toLocaleTimeString('en-GB')}  ${text}`);

// Speech as samples, made once.
const folder = mkdtempSync('/tmp/tandem-demo-');
const speech = Object.fromEntries(Object.entries(WORDS).map(([who, words]) => {
	writeFileSync(join(folder, `${who}.txt`), words);
	execFileSync(join(TOP, 'rtp/prompts/speak'), ['zh', join(folder, `${who}.txt`), join(folder, `${who}.wav`)]);
	return [who, readWav(join(folder, `${who}.wav`)).channels[0]];
}));
rmSync(folder, { recursive: true });

// Says it again and again, with a second of silence between.
const speaker = (who, late = 0) => {
	const samples = speech[who];
	let at = -late * 8;
	return (n) => Int16Array.from({ length: n }, () => {
		const sample = at >= 0 && at < samples.length ? samples[at] : 0;
		if (++at > samples.length + 8000) at = 0;
		return sample;
	});
};

const stack = new Stack(process.env.CC_RUN ?? join(TOP, 'run'));
const phones = [];
let stopping = false;

async function dialCode(phone, code) {
	const call = await phone.dial(code);
	await call.reached('ended', 10000);
}

async function agent(number) {
	const phone = await Phone.open({ user: number, domain: 'demo', proxy: stack.sip, password: `sip-${number}` });
	phones.push(phone);
	const answer = await phone.register(600);
	if (answer.status !== 200) throw new Error(`agent ${number} cannot register: ${answer.status} ${answer.reason}`);
	setInterval(() => phone.register(600).catch((error) => say(error.message)), 300000).unref();
	await dialCode(phone, '*001');
	await dialCode(phone, '*101');
	phone.answering(async (call) => {
		call.ring();
		await pause(between([1000, 4000]));
		if (call.state === 'ended') return;
		call.media.play(speaker('agent', 1500));
		call.accept();
		say(`${number} answers ${call.from}`);
		await pause(between(TALK_MS));
		if (Math.random() < 0.3) await call.hangup();
	});
	say(`agent ${number} is signed in`);
}

async function customer(carrier) {
	const from = `1380000${String(Math.floor(Math.random() * 1000)).padStart(4, '0')}`;
	const call = await carrier.dial(`sip:4008001@${stack.sip.address}:${stack.sip.port}`, { from });
	call.media.play(speaker('customer'));
	say(`customer ${from} calls`);
	await call.reached('up', 20000);
	await pause(between(PATIENCE_MS));
	await call.end();
	say(`customer ${from} is gone`);
	call.media.close();
	carrier.calls = carrier.calls.filter((c) => c !== call);
}

async function stop() {
	if (stopping) return;
	stopping = true;
	say('stopping');
	for (const phone of phones) {
		await Promise.allSettled(phone.calls.map((call) => call.end()));
		if (!phone.registered) continue;
		await dialCode(phone, '*000').catch(() => {});
		await phone.register(0).catch(() => {});
	}
	for (const phone of phones) await phone.close();
	process.exit(0);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
const carrier = await Phone.open({ user: '13800000000', address: '127.0.0.2', port: stack.sip.port, proxy: stack.sip });
phones.push(carrier);
for (const number of AGENTS) await agent(number);
say('customers begin to call; Ctrl-C ends it');
while (!stopping) {
	customer(carrier).catch((error) => say(error.message));
	await new Promise((done) => setTimeout(done, -Math.log(1 - Math.random()) * EVERY_MS));
}
