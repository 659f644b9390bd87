// SPDX-License-Identifier: GPL-2.0-or-later
// A real phone, baresip, without sound hardware: its microphone is a WAV file, and what its ear hears is written to one.
import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './process.mjs';
import { RATE, toneSource } from './tone.mjs';
import { readWav, writeWav } from './wav.mjs';
import { sleep, until } from './wait.mjs';

const MODULES = 'account.so contact.so menu.so g711.so g722.so aufile.so aubridge.so sndfile.so ctrl_tcp.so uuid.so'.split(' ');
const MODULE_PATHS = ['/usr/lib/baresip/modules', '/usr/lib/x86_64-linux-gnu/baresip/modules'];

function freePort() {
	return new Promise((resolve) => {
		const server = createServer().listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}

export class Baresip {
	events = [];

	// account: { user, domain, password, proxy: { address, port } }. Without a proxy it only takes direct calls. codecs: in baresip's words.
	static async open({ user, domain = '127.0.0.1', password, proxy, tone = 440, answer = 'manual', address = '127.0.0.1',
		codecs = 'PCMU/8000/1,PCMA/8000/1' }) {
		const phone = new Baresip();
		phone.folder = mkdtempSync(join(tmpdir(), 'baresip-'));
		mkdirSync(join(phone.folder, 'heard'));
		const rate = Number(codecs.split('/')[1]);		// its microphone must have the codec's; a tone at twice the rate is half as high
		writeWav(join(phone.folder, 'tone.wav'), toneSource(tone * RATE / rate)(rate * 60), rate);
		const [sip, control] = [await freePort(), await freePort()];
		Object.assign(phone, { user, address, port: sip });
		writeFileSync(join(phone.folder, 'config'), [
			`module_path ${MODULE_PATHS.find((p) => { try { return readdirSync(p).length; } catch { return false; } })}`,
			...MODULES.map((m) => (m === 'menu.so' || m === 'contact.so' || m === 'account.so' || m === 'ctrl_tcp.so' ? `module_app ${m}` : `module ${m}`)),
			`sip_listen ${address}:${sip}`, `ctrl_tcp_listen 127.0.0.1:${control}`,
			`audio_source aufile,${phone.folder}/tone.wav`, 'audio_player aubridge,ear', 'audio_alert aubridge,bell',
			`audio_srate ${rate}`, 'audio_channels 1', 'audio_buffer 20-160', 'ring_aufile none', `snd_path ${phone.folder}/heard`,
			'rtp_ports 40000-49998', 'call_max_calls 4', `net_interface ${address}`, ''].join('\n'));
		writeFileSync(join(phone.folder, 'accounts'), `<sip:${user}@${domain};transport=udp>;auth_user=${user};` +
			`auth_pass=${password ?? 'none'};answermode=${answer};audio_codecs=${codecs};` +
			(proxy ? `outbound="sip:${proxy.address}:${proxy.port};transport=udp;lr";regint=600` : 'regint=0') + '\n');
		writeFileSync(join(phone.folder, 'contacts'), '');
		phone.program = start('baresip', ['-4', '-f', phone.folder]);
		await phone.#connect(control);
		return phone;
	}

	async #connect(port) {
		this.control = await until('baresip\'s control port', () => new Promise((resolve, reject) => {
			const socket = createConnection(port, '127.0.0.1');
			socket.once('connect', () => resolve(socket)).once('error', reject);
		}), 8000, 100);
		let pending = Buffer.alloc(0);
		this.control.on('error', () => {}).on('data', (data) => {
			pending = Buffer.concat([pending, data]);
			for (;;) {									// netstrings: "<length>:<json>,"
				const colon = pending.indexOf(':');
				const length = Number(pending.subarray(0, colon));
				if (colon < 0 || pending.length < colon + length + 2) return;
				this.events.push({ at: Date.now(), ...JSON.parse(pending.subarray(colon + 1, colon + 1 + length)) });
				pending = pending.subarray(colon + length + 2);
			}
		});
	}

	command(command, params = '') {
		const text = JSON.stringify({ command, params, token: 'test' });
		this.control.write(`${Buffer.byteLength(text)}:${text},`);
	}

	// The next event of a type (CALL_INCOMING, CALL_RINGING, CALL_ESTABLISHED, CALL_CLOSED …) not waited for before.
	event(type, ms = 8000) {
		return until(`baresip ${this.user}: ${type}`, () => {
			const found = this.events.find((e) => e.type === type && !e.taken);
			if (found) found.taken = true;
			return found;
		}, ms, 20);
	}

	// Said on the terminal: the event may come before the control connection.
	registered(ms = 8000) {
		return until(`baresip ${this.user}: registered`, () => /200 OK .*\[\d+ bindings?\]/.test(this.program.stdout), ms, 20);
	}
	dial(uri) { this.command('dial', uri); }
	accept() { this.command('accept'); }
	hangup() { this.command('hangup'); }
	async sendDigits(digits) {
		for (const digit of digits) {
			this.command('sndcode', digit);
			await sleep(250);
		}
	}

	// What its ear heard, as WAV objects in order of the calls. Complete after the call has closed.
	heard() {
		const folder = join(this.folder, 'heard');
		return readdirSync(folder).filter((f) => f.endsWith('dec.wav')).sort().map((f) => readWav(join(folder, f)));
	}

	async close() {
		this.command('quit');
		await this.program.stop('SIGTERM', 6000);
		this.control.destroy();
		rmSync(this.folder, { recursive: true, force: true });
	}
}
