// SPDX-License-Identifier: GPL-2.0-or-later
// A browser without a screen: cookies, the CSRF token of the last page, JSON.
import { setCookies } from './cookies.mjs';

export class Browser {
	#cookies = new Map();
	csrf = '';

	constructor(base) { this.base = base; }

	async request(path, { method = 'GET', headers = {}, body, follow = true } = {}) {
		const cookie = [...this.#cookies].map(([k, v]) => `${k}=${v}`).join('; ');
		const answer = await fetch(new URL(path, this.base), { method, body, redirect: 'manual',
			headers: { ...(cookie ? { cookie } : {}), ...headers } });
		for (const line of setCookies(answer)) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
			if (value === '' || /max-age=-?0*(;|$)/i.test(line)) this.#cookies.delete(name);
			else this.#cookies.set(name, value);
		}
		if (follow && answer.status >= 301 && answer.status <= 303) {
			await answer.arrayBuffer();
			return this.request(answer.headers.get('location'));
		}
		return answer;
	}

	async page(path) {
		const answer = await this.request(path);
		const text = await answer.text();
		this.csrf = /data-csrf="([^"]*)"/.exec(text)?.[1] ?? this.csrf;
		return { status: answer.status, url: answer.url, text, headers: answer.headers };
	}

	async post(path, fields = {}, { follow = false, headers = {} } = {}) {
		const answer = await this.request(path, { method: 'POST', body: new URLSearchParams({ csrf: this.csrf, ...fields }), follow,
			headers: { origin: new URL(this.base).origin, ...headers } });
		return { status: answer.status, headers: answer.headers, text: await answer.text(), url: answer.url };
	}

	async signIn(tenant, username, password) {
		await this.page('/desk/sign-in');
		const answer = await this.post('/desk/sign-in', { tenant, username, password }, { follow: true });
		this.csrf = /data-csrf="([^"]*)"/.exec(answer.text)?.[1] ?? this.csrf;
		return answer;
	}

	get cookies() { return [...this.#cookies].map(([name, value]) => ({ name, value })); }
}

// The JSON API with a key.
export async function api(base, path, key) {
	const answer = await fetch(new URL(path, base), { headers: key ? { authorization: `Bearer ${key}` } : {}, redirect: 'manual' });
	const text = await answer.text();
	return { status: answer.status, type: answer.headers.get('content-type') ?? '', text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
}
