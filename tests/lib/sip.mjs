// SPDX-License-Identifier: GPL-2.0-or-later
// A small scripted SIP phone over UDP, TCP, TLS or a WebSocket. It does what a test tells it, the wrong things too: it can refuse to answer, to
// ACK, or answer after a CANCEL. Each call has a Media of its own.
import { EventEmitter } from 'node:events';
import { Media } from './media.mjs';
import { authorization, format, hostPort, parse, parseSdp, sdp, tagOf, token, uriOf, userOf } from './sip-message.mjs';
import { openTransport } from './sip-transport.mjs';
import { sleep, until } from './wait.mjs';

const T1 = 500;
const FLIPPED = { sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive', sendrecv: 'sendrecv' };

// deaf: it answers nothing inside its calls, as a dead one; ignorant: it does not know OPTIONS there.
// Events: 'call' (an incoming Call; nothing has been answered yet).
export class Phone extends EventEmitter {
	#transport;
	#client = new Map();		// branch + method → client transaction
	#server = new Map();		// branch + method → last answer of a server transaction
	#registration = { callId: token(), cseq: 0, tag: token(4) };
	calls = [];
	received = [];				// every request that came in, for tests that look closely

	// proxy: { address, port }, where every request outside a dialog goes. domain: of the own address. protocol: udp, tcp, tls,
	// ws; link: a bad one (sip-transport.mjs). authUser: the name in credentials, when it is not the number.
	static async open({ address = '127.0.0.1', port = 0, user, domain, password, proxy, name, protocol = 'udp', link, authUser }) {
		const phone = new Phone();
		Object.assign(phone, { user, domain: domain ?? address, password, proxy, name, authUser: authUser ?? user });
		phone.#transport = await openTransport({ protocol, address, port, proxy, link });
		phone.#transport.onMessage = (data, from) => phone.#receive(data, from);
		phone.mediaAddress = address;
		return phone;
	}

	get address() { return this.#transport.address; }
	get port() { return this.#transport.port; }
	get host() { return this.port ? `${this.address}:${this.port}` : this.address; }
	get contact() { return `sip:${this.user}@${this.host}${this.#transport.via === 'UDP' ? '' : `;transport=${this.#transport.via.toLowerCase()}`}`; }
	get identity() { return `${this.name ? `"${this.name}" ` : ''}<sip:${this.user}@${this.domain}>`; }

	// Ends the socket and, first, every call that is still up.
	async close() {
		for (const call of this.calls) if (call.state !== 'ended') await call.end().catch(() => {});
		for (const transaction of this.#client.values()) clearTimeout(transaction.timer);
		this.#transport.close();
		for (const call of this.calls) call.media?.close();
		this.closed = true;
	}

	send(text, to = this.proxy) {
		if (!this.closed) this.#transport.send(text, to);
	}

	// The connection goes away, and another one is made.
	drop() { this.#transport.drop(); }
	connect() { return this.#transport.connect(); }

	via(branch) { return `SIP/2.0/${this.#transport.via} ${this.host};branch=${branch};rport`; }

	// Sends a request and resolves with the final answer; 408 of our own after `limit` ms. provisional(answer) sees 1xx.
	transact(method, uri, headers, body, { to = this.proxy, branch = `z9hG4bK${token()}`, limit = 32000, provisional } = {}) {
		const text = format(`${method} ${uri} SIP/2.0`, [['Via', this.via(branch)], ['Max-Forwards', 70], ...headers,
			['User-Agent', 'tandem-test']], body, this.compact);
		return new Promise((resolve) => {
			const key = `${branch} ${method}`;
			const transaction = { provisional, began: Date.now(), wait: T1 };
			const again = () => {
				if (Date.now() - transaction.began >= limit) return transaction.finish({ status: 408, reason: 'Timeout here', headers: {}, get: () => undefined, body: '' });
				if (!transaction.sent || !this.#transport.reliable) this.send(text, to);
				transaction.sent = true;
				transaction.timer = setTimeout(again, transaction.wait);
				transaction.wait = method === 'INVITE' ? transaction.wait * 2 : Math.min(transaction.wait * 2, 4000);
			};
			transaction.finish = (answer) => {
				clearTimeout(transaction.timer);
				// kept for a while: a late second answer must find its transaction
				setTimeout(() => this.#client.delete(key), 5000).unref();
				resolve(answer);
			};
			this.#client.set(key, transaction);
			again();
		});
	}

	// As transact, and answers one challenge with the password.
	async request(method, uri, headers, body, options = {}) {
		const cseq = options.cseq ?? { number: 1 };
		const once = (extra, branch) => this.transact(method, uri, [...headers, ['CSeq', `${cseq.number} ${method}`], ...extra], body,
			{ ...options, branch });
		const first = await once([], options.branch);
		const challenge = first.get('www-authenticate') ?? first.get('proxy-authenticate');
		if (!challenge || this.password === undefined || options.anonymous) return first;
		if (method === 'INVITE') options.refused?.(first);
		cseq.number++;
		const name = first.status === 401 ? 'Authorization' : 'Proxy-Authorization';
		options.branch = `z9hG4bK${token()}`;
		options.retried?.(options.branch);
		return once([[name, authorization(challenge, { method, uri, user: this.authUser, password: this.password })]], options.branch);
	}

	// Every contact of the address, whoever registered it.
	unregisterAll() { return this.register(0, '*'); }

	async register(expires = 600, contact = `<${this.contact}>`) {
		const registration = this.#registration;
		registration.number = (registration.number ?? 0) + 1;
		const answer = await this.request('REGISTER', `sip:${this.domain}`, [
			['From', `${this.identity};tag=${registration.tag}`], ['To', this.identity], ['Call-ID', registration.callId],
			['Contact', contact], ['Expires', expires]], '', { cseq: registration, limit: 8000 });
		this.registered = answer.status === 200 && expires > 0;
		return answer;
	}

	// A request outside a dialog, such as OPTIONS.
	ask(method, uri, extra = [], body = '', options = {}) {
		return this.request(method, uri, [['From', `${this.identity};tag=${token(4)}`], ['To', `<${uri}>`], ['Call-ID', token()],
			['Contact', `<${this.contact}>`], ...extra], body, { limit: 8000, ...options });
	}

	// Dials. `to` is a number at the own domain, or a whole URI. Options: tone (Hz), from (another number), ack, codecs, headers, body, anonymous.
	async dial(to, options = {}) {
		const call = new Call(this, await Media.open(this.mediaAddress), options);
		this.calls.push(call);
		call.begin(to.startsWith('sip') ? to : `sip:${to}@${this.domain}`);
		return call;
	}

	// The next incoming call.
	async incoming(ms = 10000) {
		return until(`${this.user}: an incoming call`, () => this.calls.find((c) => c.incoming && !c.taken && (c.taken = true)), ms, 20);
	}

	// Every incoming call is treated like this from now on: script(call).
	answering(script) {
		this.removeAllListeners('call');
		this.on('call', script);
		return this;
	}

	respond(request, status, reason, extra = [], body = '', tag = undefined) {
		const to = request.get('to');
		const text = format(`SIP/2.0 ${status} ${reason}`, [...request.headers.via.map((v) => ['Via', v]),
			...(request.headers['record-route'] ?? []).map((v) => ['Record-Route', v]),
			['From', request.get('from')], ['To', tag && !tagOf(to) ? `${to};tag=${tag}` : to], ['Call-ID', request.get('call-id')],
			['CSeq', request.get('cseq')], ...extra], body);
		this.#server.set(`${request.branch} ${request.method}`, { text, from: request.from });
		this.send(text, request.from);
		return text;
	}

	#receive(data, from) {
		const message = parse(data);
		if (!message) return;
		message.from = { address: from.address, port: from.port };
		if (message.status) return this.#answered(message);
		this.received.push(message);
		const seen = this.#server.get(`${message.branch} ${message.method}`);
		if (seen && message.method !== 'ACK') return this.send(seen.text, seen.from);
		const call = this.calls.findLast((c) => c.callId === message.get('call-id'));
		if (call && (message.method !== 'INVITE' || tagOf(message.get('to')))) return call.onRequest(message);
		if (call && message.cseq[1] === call.invite?.cseq[1]) return undefined;	// the INVITE again, not answered yet
		if (message.method === 'INVITE' && !tagOf(message.get('to'))) return this.#invited(message);
		if (message.method === 'OPTIONS') return this.respond(message, 200, 'OK', [], '', token(4));
		if (message.method !== 'ACK') this.respond(message, 481, 'Call/Transaction Does Not Exist', [], '', token(4));
		return undefined;
	}

	#answered(message) {
		const transaction = this.#client.get(`${message.branch} ${message.cseq[2]}`);
		if (transaction && message.status < 200) {
			if (message.cseq[2] === 'INVITE') clearTimeout(transaction.timer);
			return transaction.provisional?.(message);
		}
		const call = this.calls.find((c) => c.callId === message.get('call-id'));
		if (message.cseq[2] === 'INVITE' && call?.onFinal(message) === 'seen') return undefined;
		return transaction?.finish(message);
	}

	async #invited(message) {
		if (this.silent) return;
		const call = new Call(this, undefined, {});
		call.take(message);
		this.calls.push(call);
		call.media = await Media.open(this.mediaAddress);
		if (!this.closed) this.emit('call', call);
	}
}

// States: trying, ringing, up, ended. `times` holds the moment of each; `end` says { by, status, reason }.
export class Call {
	state = 'trying';
	times = { trying: Date.now() };
	provisionals = [];			// status codes as they came
	ackSeen = 0;				// ACKs for our 200
	#cseq = { number: 0 };
	#localTag = token(4);
	#acked = false;

	constructor(phone, media, options) {
		Object.assign(this, { phone, media, options, callId: token(), incoming: false });
		if (media && options.tone !== undefined) media.tone(options.tone);
	}

	#become(state) {
		if (this.state === 'ended') return;
		this.state = state;
		this.times[state] = Date.now();
		if (state === 'ended') this.media?.stop();
	}

	async reached(state, ms = 5000) {
		const order = ['trying', 'ringing', 'up', 'ended'];
		await until(`${this.phone.user}: call ${state}`, () => {
			if (this.state === 'ended' && state !== 'ended') throw new Error(`it ended: ${JSON.stringify(this.ended)}`);
			return order.indexOf(this.state) >= order.indexOf(state);
		}, ms, 10);
		return this;
	}

	#offer(direction = 'sendrecv') {
		return this.options.body ?? sdp({ address: this.media.address, port: this.media.port, codecs: this.options.codecs, direction,
			version: this.version = (this.version ?? 0) + 1 });
	}

	#useRemote(body) {
		const remote = parseSdp(body);
		if (!remote) return undefined;
		this.remoteSdp = remote;
		Object.assign(this.media, { remote: remote.port ? { address: remote.address, port: remote.port } : undefined,
			payloadType: remote.payloadType ?? 0, dtmfType: remote.dtmfType });
		if (remote.port) this.media.start();
		return remote;
	}

	// ---- outgoing

	begin(uri) {
		this.uri = uri;
		this.remoteTarget = uri;
		this.routes = [];
		this.branch = `z9hG4bK${token()}`;
		const identity = this.options.from ? `<sip:${this.options.from}@${this.phone.domain}>` : this.phone.identity;
		this.local = `${identity};tag=${this.#localTag}`;
		this.remote = `<${uri}>`;
		this.#cseq.number++;
		const headers = [['From', this.local], ['To', this.remote], ['Call-ID', this.callId], ['Contact', `<${this.phone.contact}>`],
			['Allow', 'INVITE, ACK, BYE, CANCEL, OPTIONS'], ...(this.options.headers ?? [])];
		const body = this.#offer();
		this.phone.request('INVITE', uri, body ? [...headers, ['Content-Type', 'application/sdp']] : headers, body, {
			cseq: this.#cseq, branch: this.branch, anonymous: this.options.anonymous, limit: this.options.limit ?? 64000,
			provisional: (answer) => this.#provisional(answer),
			refused: (answer) => this.#ackFailure(answer),
			retried: (branch) => { this.branch = branch; },
		}).then((answer) => this.#final(answer));
	}

	#provisional(answer) {
		this.provisionals.push(answer.status);
		if (answer.body) this.#useRemote(answer.body);
		if (answer.status >= 180 && this.state === 'trying') this.#become('ringing');
		if (/100rel/.test(answer.get('require') ?? '')) this.#prack(answer);
		if (this.cancelling) this.#sendCancel();
	}

	// What options.prack has put off: the PRACK of the last reliable response.
	acknowledge() {
		this.options.prack = true;
		this.#prack(this.reliable.pop());
	}

	// Acknowledges a reliable provisional response, once each (RFC 3262); options.prack false: does not.
	#prack(answer) {
		this.reliable ??= [];
		this.reliable.push(answer);
		const rseq = answer.get('rseq');
		if (this.options.prack === false || this.pracked === rseq) return;
		this.pracked = rseq;
		this.remote = answer.get('to');
		this.remoteTarget = uriOf(answer.get('contact')) || this.uri;
		this.prackAnswer = this.inDialog('PRACK', '', [['RAck', `${rseq} ${answer.cseq[1]} INVITE`]]);
	}

	#final(answer) {
		this.answer = answer;
		if (answer.status >= 300) {
			if (answer.headers.via) this.#ackFailure(answer);
			this.ended = { by: 'remote', status: answer.status, reason: answer.reason };
			this.#become('ended');
		} else {
			this.#confirm(answer);
			if (this.cancelling) this.hangup();
		}
	}

	#confirm(answer) {
		this.remote = answer.get('to');
		this.remoteTarget = uriOf(answer.get('contact')) || this.uri;
		this.routes = (answer.headers['record-route'] ?? []).flatMap((v) => v.split(/,\s*(?=<)/)).reverse();
		this.#useRemote(answer.body);
		this.acknowledged = answer.cseq[1];
		if (this.options.body === '') this.#answerInAck();
		if (this.options.ack !== false) this.ack();
		this.#become('up');
	}

	// A final answer to an INVITE that the transaction has delivered already: ACK it again.
	onFinal(answer) {
		this.finals = (this.finals ?? 0) + 1;
		if (!this.answer || this.answer.branch !== answer.branch) return undefined;
		if (answer.status < 300 && this.options.ack !== false) this.ack();
		else if (answer.status >= 300) this.#ackFailure(answer);
		return 'seen';
	}

	#ackFailure(answer) {
		this.phone.send(format(`ACK ${this.uri ?? this.remoteTarget} SIP/2.0`, [['Via', this.phone.via(answer.branch)], ['Max-Forwards', 70],
			['From', answer.get('from')], ['To', answer.get('to')], ['Call-ID', this.callId], ['CSeq', `${answer.cseq[1]} ACK`]]));
	}

	#nextHop() { return this.routes.length ? hostPort(uriOf(this.routes[0])) : hostPort(this.remoteTarget); }

	// Our INVITE had no description: theirs is the offer, and the ACK brings our answer.
	#answerInAck() {
		const { address, port } = this.media;
		this.ackBody = sdp({ address, port, codecs: [this.remoteSdp?.payloadType ?? 0, 101], version: 1 });
	}

	ack() {
		this.phone.send(format(`ACK ${this.remoteTarget} SIP/2.0`, [['Via', this.phone.via(`z9hG4bK${token()}`)], ['Max-Forwards', 70],
			...this.routes.map((r) => ['Route', r]), ['From', this.local], ['To', this.remote], ['Call-ID', this.callId],
			['CSeq', `${this.acknowledged} ACK`], ...(this.ackBody ? [['Content-Type', 'application/sdp']] : [])], this.ackBody ?? ''), this.#nextHop());
	}

	// Gives up before the answer. Resolves when the call is over.
	async cancel(ms = 5000) {
		if (this.state === 'up') await this.hangup();	// the answer was faster
		this.cancelling = true;
		if (this.provisionals.length) this.#sendCancel();
		return this.reached('ended', ms);
	}

	#sendCancel() {
		if (this.cancelSent || this.answer) return;
		this.cancelSent = true;
		this.phone.transact('CANCEL', this.uri, [['From', this.local], ['To', `<${this.uri}>`], ['Call-ID', this.callId],
			['CSeq', `${this.#cseq.number} CANCEL`]], '', { branch: this.branch, limit: 8000 });
	}

	// ---- incoming

	take(invite) {
		Object.assign(this, { incoming: true, invite, callId: invite.get('call-id'), from: userOf(invite.get('from')),
			remote: invite.get('from'), remoteTarget: uriOf(invite.get('contact')), uri: invite.uri,
			routes: (invite.headers['record-route'] ?? []).flatMap((v) => v.split(/,\s*(?=<)/)) });
		this.local = `${invite.get('to')};tag=${this.#localTag}`;
	}

	// status 183 with a description is early media; reliable: wants a PRACK
	ring({ status = 180, media = false, reliable } = {}) {
		if (media) this.#useRemote(this.invite.body);
		this.#respond(status, status === 183 ? 'Session Progress' : 'Ringing', [...(reliable ? [['Require', '100rel'], ['RSeq', reliable]] : []),
			...(media ? [['Content-Type', 'application/sdp']] : [])], media ? this.#offer() : '');
		this.#become('ringing');
	}

	#respond(status, reason, extra = [], body = '') {
		return this.phone.respond(this.invite, status, reason, [['Contact', `<${this.phone.contact}>`], ...extra], body, this.#localTag);
	}

	// Answers with 200, repeated until the ACK comes. description false: a 183 had it.
	accept({ tone, codecs, headers = [], acceptCancelled = false, description = true } = {}) {
		if (this.state === 'ended' && !acceptCancelled) return this;
		if (tone !== undefined) this.media.tone(tone);
		if (codecs) this.options.codecs = codecs;
		this.#useRemote(this.invite.body);
		const offered = this.remoteSdp?.payloadType;
		this.options.codecs ??= offered === undefined ? undefined : [offered, 101];
		const text = this.#respond(200, 'OK', [...(description ? [['Content-Type', 'application/sdp']] : []),			...(headers.some(([name]) => name === 'Allow') ? [] : [['Allow', 'INVITE, ACK, BYE, CANCEL, OPTIONS']]), ...headers], description ? this.#offer() : '');
		if (this.state !== 'ended') this.#become('up');
		let wait = T1;
		const again = () => {
			if (this.#acked || this.phone.closed || this.state === 'ended' || wait > 16 * T1) return;
			this.phone.send(text, this.invite.from);
			setTimeout(again, wait *= 2).unref();
		};
		setTimeout(again, wait).unref();
		return this;
	}

	reject(status = 486, reason = 'Busy Here', extra = []) {
		this.#respond(status, reason, extra);
		this.ended = { by: 'local', status, reason };
		this.#become('ended');
	}

	// ---- both

	onRequest(request) {
		const reply = (status, reason, extra, body) => this.phone.respond(request, status, reason, extra, body, this.#localTag);
		const scripted = this.respondTo?.(request);		// [status, reason, headers, body] instead of the usual answer
		if (scripted) return void reply(...scripted);
		switch (request.method) {
		case 'ACK':
			this.#acked = true;
			this.ackSeen++;
			break;
		case 'CANCEL':
			reply(200, 'OK');
			this.cancelled = Date.now();
			if (this.state === 'up' || this.state === 'ended') break;
			if (this.phone.lateAnswer) {				// the 200 that crosses the CANCEL
				this.accept();
				break;
			}
			this.#respond(487, 'Request Terminated');
			this.ended = { by: 'remote', status: 487, reason: request.get('reason') ?? 'cancelled' };
			this.#become('ended');
			break;
		case 'BYE':
			if (this.phone.deaf) break;					// a dead phone answers nothing
			reply(200, 'OK');
			this.ended ??= { by: 'remote', status: 200, reason: request.get('reason') ?? 'BYE' };
			this.#become('ended');
			break;
		case 'INVITE': {
			const remote = this.#useRemote(request.body);
			reply(200, 'OK', [['Contact', `<${this.phone.contact}>`], ['Content-Type', 'application/sdp']], this.#offer(FLIPPED[remote?.direction ?? 'sendrecv']));
			break;
		}
		case 'OPTIONS':
			if (!this.phone.deaf && !this.phone.ignorant) reply(this.state === 'ended' ? 481 : 200, this.state === 'ended' ? 'Gone' : 'OK');
			break;
		default:
			reply(this.phone.deaf ? 481 : 200, 'OK');
		}
	}

	// A request inside the dialog.
	inDialog(method, body = '', extra = [], options = {}) {
		this.#cseq.number++;
		return this.phone.request(method, this.remoteTarget, [...this.routes.map((r) => ['Route', r]), ['From', this.local],
			['To', this.remote], ['Call-ID', this.callId], ['Contact', `<${this.phone.contact}>`], ...extra,
			...(body && !extra.some(([name]) => name === 'Content-Type') ? [['Content-Type', 'application/sdp']] : [])], body, { to: this.#nextHop(), cseq: this.#cseq, limit: 8000, ...options });
	}

	// Hold and resume as a phone does it: a re-INVITE with another direction. Resolves with the answer.
	async reinvite(direction = 'sendrecv', headers = [], body = this.#offer(direction)) {
		const answer = await this.inDialog('INVITE', body, headers);
		if (answer.status < 300) {
			this.#useRemote(answer.body);
			this.answer = answer;
			this.acknowledged = answer.cseq[1];
			this.ackBody = undefined;
			this.ack();
		} else if (answer.headers.via) this.#ackFailure(answer);
		return answer;
	}

	async hangup() {
		if (this.state === 'ended') return undefined;
		this.ended = { by: 'local', status: 200, reason: 'BYE' };
		this.#become('ended');
		return this.inDialog('BYE');
	}

	// Out of the call, whatever its state.
	async end() {
		if (this.state === 'up') return this.hangup();
		if (this.state === 'ended') return undefined;
		return this.incoming ? this.reject(480, 'Temporarily Unavailable') : this.cancel();
	}
}

// Scripts for Phone.answering.
export const scripts = {
	answer: ({ after = 0, tone, ringFor = 0 } = {}) => async (call) => {
		if (ringFor || after) call.ring();
		await sleep(after + ringFor);
		call.accept({ tone });
	},
	ring: () => (call) => call.ring(),
	reject: (status = 486, reason = 'Busy Here') => (call) => call.reject(status, reason),
};
