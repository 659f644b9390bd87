// SPDX-License-Identifier: GPL-2.0-or-later
// The telephone itself, in the one tab that has it: registration, calls, sound.
import { UA, WebSocketInterface } from 'jssip';
import { Tones, useDevice } from './tones.js';

const ROOT = '/desk/webphone';
const EXPIRES_S = 120; // of a registration: the server forgets a tab that is gone without a word no later
const RETRY_MS = 5000;

export class Phone {
	#settings;
	#changed;
	#said;
	#ua = null;
	#realm = '';
	#link = 'off';
	#fault = '';
	#calls = new Map(); // by id
	#tones = new Tones();
	#renewal = 0;
	#talks = null;
	#talked = tandem.recall('webphone talk', false); // in the page before this one

	constructor(settings, { changed, said }) {
		this.#settings = settings;
		this.#changed = changed;
		this.#said = said;
	}

	// What every tab shows. link: off connecting ready lost refused; fault: why there can be no calls, a word of the box.
	state() {
		return {
			link: this.#link, fault: this.#fault,
			calls: [...this.#calls.values()].map(({ id, out, name, number, state, since, held, muted, asks }) => ({ id, out, name, number, state, since, held, muted, asks })),
		};
	}

	#update(change = {}) {
		if ('link' in change) this.#link = change.link;
		if ('fault' in change) this.#fault = change.fault;
		const calls = [...this.#calls.values()];
		const { bell, speaker, ring, volume } = this.#settings;
		const talks = calls.some((c) => c.state === 'up');
		if (talks !== this.#talks) tandem.remember('webphone talk', this.#talks = talks);
		if (calls.some((c) => c.state === 'ringing')) this.#tones.start('bell', bell, ring / 100);
		else if (calls.some((c) => c.state === 'calling' && c.ringback)) this.#tones.start('ringback', speaker, volume / 100);
		else this.#tones.stop();
		this.#changed(this.state());
	}

	do(name, args) {
		({
			configure: () => this.#configure(),
			dial: () => this.#dial(...args),
			answer: (id) => this.#answer(this.#calls.get(id)),
			hangup: (id) => this.#calls.get(id)?.session.terminate(),
			mute: (id) => this.#mute(this.#calls.get(id)),
			hold: (id) => this.#hold(this.#calls.get(id)),
			digit: (id, digit) => this.#calls.get(id)?.session.sendDTMF(digit, { transportType: 'RFC2833', duration: 120, interToneGap: 80 }),
			move: (id, target) => this.#move(this.#calls.get(id), this.#uri(target)),
			ask: (id, target) => this.#ask(this.#calls.get(id), target),
			join: (id) => this.#join(this.#calls.get(id)),
		})[name]?.(...args);
	}

	// ---- the line ----

	async start() {
		if (!window.isSecureContext) return this.#update({ fault: 'insecure' });
		if (!window.RTCPeerConnection || !navigator.mediaDevices) return this.#update({ fault: 'unable' });
		if (!this.#settings.on) return this.#update({ link: 'off' });
		this.#update({ link: 'connecting' });
		const given = await this.#credential();
		if (!given || this.#ua) return undefined;
		this.#realm = given.realm;
		this.#ua = new UA({
			sockets: [new WebSocketInterface(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`)],
			uri: `sip:${given.number}@${given.realm}`, authorization_user: given.user, password: given.password, realm: given.realm,
			register_expires: EXPIRES_S, session_timers: false, no_answer_timeout: 300, user_agent: 'Tandem web phone',
			connection_recovery_min_interval: 1, connection_recovery_max_interval: 8,
		});
		this.#ua.on('registered', () => this.#update({ link: 'ready', fault: '' }));
		this.#ua.on('disconnected', () => this.#update({ link: 'lost' }));
		// the server forgot the credential, or it has run out while the browser slept
		this.#ua.on('registrationFailed', () => {
			if (this.#link !== 'lost') this.#update({ link: 'connecting' });
			this.#renewIn(1000);
		});
		this.#ua.on('registrationExpiring', () => this.#ua?.register());
		this.#ua.on('newRTCSession', ({ originator, session, request }) => {
			if (originator === 'remote') this.#incoming(session, request);
		});
		this.#ua.start();
		this.#renewIn(given.ttl_s * 500);
		return undefined;
	}

	stop() {
		clearTimeout(this.#renewal);
		this.#ua?.stop();
		this.#ua = null;
		this.#update({ link: 'off' });
	}

	#configure() {
		for (const call of this.#calls.values()) this.#listen(call);
		if (this.#settings.on && !this.#ua) this.start();
		else if (!this.#settings.on && this.#ua && !this.#calls.size) this.stop();
		else this.#update();
	}

	// A fresh one; without, it is tried again later.
	async #credential() {
		const answer = await fetch(`${ROOT}/credential`, { method: 'POST', headers: { Accept: 'application/json', 'X-CSRF-Token': tandem.csrf } }).catch(() => null);
		if (answer?.ok) return answer.json();
		if (answer?.status === 401) location.reload();
		this.#update({ link: answer && answer.status < 500 ? 'refused' : 'lost' });
		clearTimeout(this.#renewal);
		this.#renewal = setTimeout(() => (this.#ua ? this.#renew() : this.start()), RETRY_MS);
		return null;
	}

	#renewIn(ms) {
		clearTimeout(this.#renewal);
		this.#renewal = setTimeout(() => this.#renew(), ms);
	}

	async #renew() {
		const given = await this.#credential();
		if (!given || !this.#ua) return;
		this.#ua.set('authorization_user', given.user);
		this.#ua.set('password', given.password);
		if (this.#ua.isConnected()) this.#ua.register();
		this.#renewIn(given.ttl_s * 500);
	}

	#uri(number) {
		return `sip:${String(number).replace(/[^0-9A-Za-z+*#]/g, '').replaceAll('#', '%23')}@${this.#realm}`;
	}

	// ---- calls ----

	#add(session, { out, name, number, asks = '', state }) {
		const call = { id: session.id, session, out, name, number, state, asks, since: Date.now(), held: false, muted: false, ringback: false, ear: new Audio(), stream: null };
		this.#calls.set(call.id, call);
		const connected = (connection) => connection.addEventListener('track', ({ streams, track }) => {
			call.ear.srcObject = streams[0] ?? new MediaStream([track]);
			this.#listen(call);
			call.ear.play().catch(() => {});
		});
		if (session.connection) connected(session.connection);
		session.on('peerconnection', ({ peerconnection }) => connected(peerconnection));
		// the first address will do: rtpengine answers to where the packets come from, and gathering all may take 40 s
		session.on('icecandidate', ({ ready }) => ready());
		session.on('progress', ({ response }) => {
			call.ringback = call.out && !response?.body;
			this.#update();
		});
		session.on('accepted', () => {
			Object.assign(call, { state: 'up', since: Date.now(), ringback: false });
			call.bell?.close();
			this.#update();
		});
		for (const [event, held] of [['hold', true], ['unhold', false]]) {
			session.on(event, ({ originator }) => {
				if (originator === 'local') call.held = held;
				this.#update();
			});
		}
		for (const [event, muted] of [['muted', true], ['unmuted', false]]) {
			session.on(event, () => {
				call.muted = muted;
				this.#update();
			});
		}
		const over = (event) => {
			if (!this.#calls.delete(call.id)) return;
			call.bell?.close();
			call.ear.srcObject = null;
			for (const track of call.stream?.getTracks() ?? []) track.stop();
			if (event.originator === 'remote' && call.out && call.state === 'calling') this.#said('failed', event.message?.reason_phrase ?? '');
			this.#update();
		};
		session.on('ended', over);
		session.on('failed', over);
		this.#update();
		return call;
	}

	#incoming(session, request) {
		const itself = /auto/i.test(request.getHeader('Answer-Mode') ?? '');
		const { display_name: name, uri } = session.remote_identity;
		const before = [...this.#calls.values()];
		const call = this.#add(session, { out: false, name: name ?? '', number: uri.user === 'anonymous' ? '' : decodeURIComponent(uri.user), state: itself ? 'calling' : 'ringing' });
		if (itself) {
			// asked to answer by itself: a queue or a click wants so, or the call comes back after the page was away
			for (const old of before) old.session.terminate();
			this.#answer(call);
			if (this.#talked && performance.now() < 20000) this.#said('back');
			this.#talked = false;
		} else if (this.#settings.notify && window.Notification?.permission === 'granted') {
			call.bell = new Notification(call.name || call.number || '…', { body: call.name ? call.number : '', tag: 'webphone', requireInteraction: true });
			call.bell.onclick = () => window.focus();
		}
	}

	// The microphone, or null with the reason shown.
	async #microphone() {
		const { microphone, clean } = this.#settings;
		const audio = { echoCancellation: clean, noiseSuppression: clean, autoGainControl: clean, ...(microphone && { deviceId: { ideal: microphone } }) };
		try {
			const stream = await navigator.mediaDevices.getUserMedia({ audio });
			if (this.#fault) this.#update({ fault: '' });
			return stream;
		} catch ({ name }) {
			this.#update({ fault: name === 'NotAllowedError' ? 'denied' : name === 'NotFoundError' ? 'missing' : 'broken' });
			return null;
		}
	}

	#listen(call) {
		call.ear.volume = this.#settings.volume / 100;
		useDevice(call.ear, this.#settings.speaker);
	}

	async #answer(call) {
		if (!call || call.answering || call.session.isEstablished()) return;
		call.answering = true;
		const stream = await this.#microphone();
		call.answering = false;
		if (!stream) return;
		if (!this.#calls.has(call.id)) {
			for (const track of stream.getTracks()) track.stop();
			return;
		}
		call.stream = stream;
		call.session.answer({ mediaStream: stream, pcConfig: { iceServers: [] } });
	}

	// As the phone of the agent: feature codes, and questions during a call. Other numbers are called by the server (panel.js).
	async #dial(number, asks = '') {
		if (this.#link !== 'ready') return;
		const stream = await this.#microphone();
		if (!stream) return;
		const session = this.#ua.call(this.#uri(number), { mediaStream: stream, pcConfig: { iceServers: [] } });
		this.#add(session, { out: true, name: '', number, asks, state: 'calling' }).stream = stream;
	}

	#mute(call) {
		if (call?.muted) call.session.unmute({ audio: true });
		else call?.session.mute({ audio: true });
	}

	#hold(call) {
		if (call?.held) call.session.unhold();
		else call?.session.hold();
	}

	// ---- moving calls (docs/calls.md) ----

	#refer(call, uri, options = {}) {
		const lost = () => this.#said('unmoved');
		call.session.refer(uri, { ...options, eventHandlers: { accepted: () => this.#said('moved'), failed: lost, requestFailed: lost } });
	}

	#move(call, uri) {
		if (call?.state === 'up') this.#refer(call, uri);
	}

	// The customer waits while somebody is asked.
	#ask(call, target) {
		if (call?.state !== 'up') return;
		if (!call.held) call.session.hold();
		this.#dial(target, call.id);
	}

	// Who was asked takes the customer.
	#join(question) {
		const call = question && this.#calls.get(question.asks);
		if (call) this.#refer(call, this.#uri(question.number), { replaces: question.session });
	}
}
