// SPDX-License-Identifier: GPL-2.0-or-later
// A browser without a page: cookies, forms with their CSRF token, no redirects.
import { Agent, request } from 'node:http';
import { setCookies } from '../lib/cookies.mjs';

const agent = new Agent({ keepAlive: true });
const FORM_MAX = 65536; // a bigger one may be refused before it is sent, which fetch knows how to read

// What fetch answers, as far as tests look at it.
class Answer {
	#body;
	constructor(message, body) {
		this.status = message.statusCode;
		this.ok = this.status >= 200 && this.status < 300;
		this.headers = {
			get: (name) => (name === 'set-cookie' ? message.headers[name]?.join(', ') : message.headers[name]) ?? null,
			getSetCookie: () => message.headers['set-cookie'] ?? [],
		};
		this.#body = body;
	}
	async text() { return new TextDecoder().decode(this.#body); }
	async json() { return JSON.parse(await this.text()); }
	async arrayBuffer() { return new Uint8Array(this.#body).buffer; }
}

// A page takes fetch longer than it takes the server: tests that ask for ten thousands of them get plain requests.
function ask(url, { method = 'GET', headers, body }) {
	const form = body && String(body);
	return new Promise((resolve, reject) => {
		const sent = request(new URL(url), { agent, method, headers: { accept: '*/*', 'accept-language': '*', 'user-agent': 'node',
			...(form && { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', 'content-length': form.length }), ...headers } }, (message) => {
			const parts = [];
			message.on('data', (part) => parts.push(part)).on('end', () => resolve(new Answer(message, Buffer.concat(parts)))).on('error', reject);
		});
		sent.on('error', reject).end(form);
	});
}

export class Client {
	constructor(url) {
		this.url = url;
		this.jar = new Map();
	}

	async go(path, options = {}) {
		const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
		const plain = !options.body || (options.body instanceof URLSearchParams && String(options.body).length < FORM_MAX);
		const answer = await (plain ? ask : fetch)(this.url + path, { redirect: 'manual', ...options, headers: { ...(cookie && { cookie }), ...options.headers } });
		for (const line of setCookies(answer)) {
			const [name, value] = line.split(';')[0].split(/=(.*)/s);
			if (/Max-Age=0/.test(line)) this.jar.delete(name);
			else this.jar.set(name, value);
		}
		return answer;
	}

	post(path, fields, headers = {}) {
		return this.go(path, { method: 'POST', body: new URLSearchParams(fields), headers: { origin: this.url, ...headers } });
	}

	async signIn(tenant, username, password) {
		const answer = await this.post('/desk/sign-in', { tenant, username, password });
		if (answer.status === 303) await this.token();
		return answer;
	}

	// The CSRF token of the session, from any page.
	async token() {
		const page = await (await this.go('/desk/sign-in')).text();
		this.csrf = page.match(/name="csrf" value="(\w+)"/)?.[1] ?? '';
		return this.csrf;
	}

	json(path, headers = {}) {
		return this.go(path, { headers: { accept: 'application/json', ...headers } });
	}
}

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

// ULID as 16 bytes in hexadecimal, for SQL, and as text.
export function ulid(ms, n = 0) {
	const value = (BigInt(ms) << 80n) | BigInt(n);
	let text = '';
	for (let i = 25n; i >= 0n; i--) text += digits[Number((value >> (i * 5n)) & 31n)];
	return { hex: value.toString(16).padStart(32, '0').toUpperCase(), text };
}

// One ended call as SQL.
export function callRow(id, fields) {
	const row = {
		tenant_id: 2, started_at: fields.at, ended_at: fields.at + 60000, direction: 'in', caller: '13800001234', callee: '4008001', did: '4008001',
		queue: '600', agent: null, agent_name: null, cause: 'answered', side: 'caller', sip_code: 200, sip_text: 'OK', wait_ms: 4000, talk_ms: 60000, agent_ms: null,
		...fields,
	};
	delete row.at;
	const literal = (value) => (value === null ? 'NULL' : typeof value === 'number' ? value : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`);
	return `INSERT INTO calls (id, ${Object.keys(row).join(', ')}) VALUES (X'${id.hex}', ${Object.values(row).map(literal).join(', ')});\n`;
}

export const recordingRow = (tenant, id, segment, path) => `INSERT INTO recording (tenant_id, call_id, segment, leg_id, started_at, duration_ms, path, wav_bytes,
  mp3_bytes, wav_sha256, mp3_sha256, packets_left, packets_right, lost_left, lost_right, state, created_at) VALUES (${tenant}, X'${id.hex}', ${segment}, X'${id.hex}',
  0, 35000, '${path}', 1, 1, REPEAT('a', 32), REPEAT('a', 32), 1, 1, 0, 0, 'ok', 0);\n`;
