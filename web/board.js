// SPDX-License-Identifier: GPL-2.0-or-later
// The live board: a snapshot from the server, changed by live events, drawn once a second and after each event.
// A new snapshot is fetched whenever the connection opens (nothing is missed), each minute (sums of the day), and every
// few seconds while the engine or the connection is away.
'use strict';

(() => {
	const board = document.getElementById('board');
	const words = JSON.parse(board.dataset.words);
	const own = board.dataset.own;
	const serviceLevelMs = 10000;
	const refreshMs = 60000, retryMs = 5000;
	let state = { queues: [], agents: new Map(), waiting: new Map(), engine: false };
	let clockOffset = 0; // server minus browser, ms
	let connected = null; // null: not known yet
	let pending = null; // events that came while a snapshot was under way
	let fetchedAt = 0;

	const word = (context, code) => words[`${context}.${code}`] ?? code;
	const now = () => Date.now() + clockOffset;

	function duration(ms) {
		const s = Math.max(0, Math.floor(ms / 1000)), two = (n) => String(n).padStart(2, '0');
		const minutes = Math.floor(s / 60);
		return minutes < 60 ? `${minutes}:${two(s % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
	}

	// ---- state ----

	function load(snapshot) {
		clockOffset = snapshot.now - Date.now();
		state = {
			engine: snapshot.engine,
			queues: snapshot.queues,
			agents: new Map(snapshot.agents.map((a) => [a.agent, a])),
			waiting: new Map(snapshot.waiting.map((w) => [w.call, w])),
		};
		fetchedAt = Date.now();
	}

	function apply({ type, data }) {
		const queue = state.queues.find((q) => q.queue === String(data.queue));
		if (type === 'agent.state') {
			const agent = state.agents.get(String(data.agent));
			if (agent) Object.assign(agent, data, { agent: agent.agent });
		} else if (type === 'queue.enter' && queue) {
			state.waiting.set(data.call, { call: data.call, queue: queue.queue, since: data.t });
		} else if (type === 'queue.connect') {
			state.waiting.delete(data.call);
		} else if (type === 'queue.leave') {
			state.waiting.delete(data.call);
			if (queue && data.result === 'answered') {
				queue.answered++;
				if (data.wait_ms <= serviceLevelMs) queue.within++;
			} else if (queue && data.result === 'abandoned') {
				queue.abandoned++;
			}
		}
	}

	async function refresh() {
		if (pending) return;
		pending = [];
		fetchedAt = Date.now();
		try {
			const answer = await fetch('/desk/board?format=json', { headers: { Accept: 'application/json' } });
			if (answer.status === 401) location.reload();
			if (answer.ok) load(await answer.json());
			else state.engine = false;
		} catch {
			connected = false;
		}
		const events = pending;
		pending = null;
		events.forEach(apply);
		draw();
	}

	function receive(message) {
		if (message.type === 'open' || message.type === 'lost') {
			const before = connected;
			connected = message.type === 'open';
			if (connected && before !== null) refresh();
			draw();
			return;
		}
		if (pending) pending.push(message);
		else apply(message);
		draw();
	}

	// ---- drawing ----

	// The tile is red during a call, otherwise it has the colour of the work state.
	function look(agent) {
		if (!agent.work || !state.engine) return 'unknown';
		if (agent.call_state && agent.call_state !== 'idle') return 'call';
		return agent.work === 'online' ? 'idle' : agent.work;
	}

	function stateText(agent) {
		if (!agent.work || !state.engine) return word('work', 'unknown');
		if (agent.call_state && agent.call_state !== 'idle') return word('call_state', agent.call_state);
		if (agent.work === 'online') return word('call_state', 'idle');
		return word('work', agent.work);
	}

	function setText(element, text) {
		if (element && element.textContent !== text) element.textContent = text;
	}

	function setLook(element, agent, base) {
		const name = `${base} is-${look(agent)}`;
		if (element.className !== name) element.className = name;
	}

	function since(agent) {
		return state.engine && agent.since ? duration(now() - agent.since) : '';
	}

	function signedIn(agent, queue) {
		return (agent.queues ?? []).some((q) => String(q) === queue);
	}

	function drawAgent(tile) {
		const agent = state.agents.get(tile.dataset.agent);
		if (!agent) return;
		setLook(tile, agent, 'tile');
		setText(tile.querySelector('[data-cell=state]'), stateText(agent));
		setText(tile.querySelector('[data-cell=timer]'), since(agent));
		const notes = [];
		if (state.engine && agent.work) {
			if (agent.reason && agent.work !== 'online') notes.push(word('reason', agent.reason));
			if (!agent.registered) notes.push(word('board', 'phone_off'));
			notes.push(agent.queues?.length ? agent.queues.join(' ') : word('board', 'signed_out'));
		}
		setText(tile.querySelector('[data-cell=note]'), notes.join(' · '));
	}

	function drawQueue(row) {
		const queue = state.queues.find((q) => q.queue === row.dataset.queue);
		if (!queue) return;
		const waiting = [...state.waiting.values()].filter((w) => String(w.queue) === queue.queue);
		const agents = [...state.agents.values()].filter((a) => signedIn(a, queue.queue));
		const count = (test) => agents.filter(test).length;
		const inCall = (a) => ['reserved', 'ringing', 'talking', 'hold'].includes(a.call_state);
		const longest = waiting.length ? now() - Math.min(...waiting.map((w) => w.since)) : 0;
		const finished = queue.answered + queue.abandoned;
		const live = {
			waiting: String(waiting.length),
			longest: waiting.length ? duration(longest) : '–',
			idle: String(count((a) => look(a) === 'idle')),
			call: String(count(inCall)),
			wrapup: String(count((a) => a.call_state === 'wrapup')),
			busy: String(count((a) => !inCall(a) && ['busy', 'away'].includes(look(a)))),
			signed: String(agents.length),
		};
		const sums = {
			answered: String(queue.answered),
			abandoned: String(queue.abandoned),
			level: finished ? `${Math.round((queue.within * 100) / finished)} %` : '–',
		};
		for (const [cell, text] of Object.entries(live)) setText(row.querySelector(`[data-cell=${cell}]`), state.engine ? text : '–');
		for (const [cell, text] of Object.entries(sums)) setText(row.querySelector(`[data-cell=${cell}]`), text);
		row.querySelector('[data-cell=longest]').classList.toggle('alarm', longest > 60000);
		row.querySelector('[data-cell=waiting]').classList.toggle('alarm', waiting.length > 0 && live.idle === '0');
	}

	function drawOwn() {
		const agent = state.agents.get(own);
		const part = (name) => board.querySelector(`[data-own=${name}]`);
		if (!agent || !part('lamp')) return;
		setLook(part('lamp'), agent, 'lamp');
		const reason = agent.reason && agent.work !== 'online' ? ` (${word('reason', agent.reason)})` : '';
		setText(part('text'), stateText(agent) + reason);
		setText(part('timer'), since(agent));
		part('phone').hidden = !state.engine || !agent.work || agent.registered;
		part('wrap-up').disabled = agent.call_state !== 'wrapup';
		for (const form of board.querySelectorAll('[data-queue-switch]')) {
			const on = signedIn(agent, form.dataset.queueSwitch);
			form.setAttribute('action', `/desk/me/${on ? 'sign-out' : 'sign-in'}`);
			form.querySelector('button').setAttribute('aria-pressed', String(on));
		}
	}

	function draw() {
		board.querySelectorAll('[data-queue]').forEach(drawQueue);
		board.querySelectorAll('.tile').forEach(drawAgent);
		drawOwn();
		board.classList.toggle('is-stale', !state.engine || connected === false);
		const fault = !state.engine ? 'engine_down' : connected === false ? 'live_lost' : null;
		const live = document.getElementById('live'), down = document.getElementById('board-down');
		live.hidden = !connected || fault;
		setText(live, word('board', 'live'));
		down.hidden = !fault;
		if (fault) setText(down, word('board', fault));
	}

	// ---- commands ----

	const notice = document.getElementById('board-notice');
	board.addEventListener('submit', async (event) => {
		if (!event.target.matches('.command')) return;
		event.preventDefault();
		event.target.closest('details')?.removeAttribute('open');
		const fault = await tandem.send(event.target, event.submitter);
		notice.hidden = fault === null;
		setText(notice, fault === null ? '' : fault || word('board', 'not_sent'));
		if (!connected) refresh();
	});

	load(JSON.parse(board.dataset.snapshot));
	draw();
	tandem.live(receive);
	setInterval(() => {
		const age = Date.now() - fetchedAt;
		if (age > (state.engine && connected ? refreshMs : retryMs)) refresh();
		draw();
	}, 1000);
})();
