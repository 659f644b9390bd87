// SPDX-License-Identifier: GPL-2.0-or-later
// The live board and the wallboard: a snapshot from the server, changed by live events, drawn once a second and after
// each event. A new snapshot is fetched whenever the connection opens or is reset (nothing is missed), each minute (sums of
// the day), and every few seconds while the engine or the connection is away.
'use strict';

tandem.mount('#board', (board) => {
	const words = JSON.parse(board.dataset.words);
	const serviceLevelMs = 10000, longWaitMs = 60000;
	const refreshMs = 60000, retryMs = 5000;
	const levels = [undefined, 'normal', 'important', 'noble']; // of VIP customers
	const looks = ['idle', 'call', 'busy', 'away', 'offline'];
	// sorting by state as in the manual: wrap-up, talking, hold, pause, idle, ringing; who is offline comes last
	const ranks = { wrapup: 0, talking: 1, hold: 2, paused: 3, idle: 4, reserved: 5, ringing: 5, offline: 6 };
	let state = { queues: [], agents: new Map(), waiting: new Map(), engine: false };
	let clockOffset = 0; // server minus browser, ms
	let connected = null; // null: not known yet
	let pending = null; // events that came while a snapshot was under way
	let fetchedAt = 0;
	let order = ''; // of the tiles as drawn last

	const setText = tandem.setText, duration = tandem.duration;
	const word = (context, code) => words[`${context}.${code}`] ?? code;
	const now = () => Date.now() + clockOffset;
	const part = (name) => board.querySelector(`[data-part=${name}]`);
	const byId = (id) => board.querySelector(`#${id}`);
	const tools = part('tools');

	// ---- state ----

	function load(snapshot) {
		clockOffset = snapshot.now - Date.now();
		state = {
			engine: snapshot.engine,
			queues: snapshot.queues,
			agents: new Map(snapshot.agents.map((a) => [a.agent, { ...a, priorities: new Map((a.priorities ?? '').split(',').map((p) => p.split(':'))) }])),
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
			state.waiting.set(data.call, { call: data.call, queue: queue.queue, from: data.from, from_name: data.from_name, since: data.t, vip: data.vip });
		} else if (type === 'queue.callback') {
			const caller = state.waiting.get(data.call);
			if (caller) caller.callback = true;
		} else if (type === 'queue.connect') {
			state.waiting.delete(data.call);
		} else if (type === 'queue.leave') {
			state.waiting.delete(data.call);
			if (data.predictive) return;	// figures are of those who have called
			if (queue && data.result === 'answered') {
				queue.answered++;
				if (data.wait_ms <= serviceLevelMs) queue.within++;
			} else if (queue && data.result === 'abandoned') {
				queue.abandoned++;
			}
		}
	}

	// Agents or queues were added or removed: the page itself is old.
	function isAnother(snapshot) {
		const same = (list, key, attribute) => {
			const shown = [...board.querySelectorAll(`[${attribute}]`)].map((e) => e.getAttribute(attribute)).sort().join();
			return shown === list.map((item) => item[key]).sort().join();
		};
		return !same(snapshot.agents, 'agent', 'data-agent') || !same(snapshot.queues, 'queue', 'data-queue');
	}

	async function refresh() {
		if (pending) return;
		pending = [];
		fetchedAt = Date.now();
		try {
			const answer = await fetch('/desk/board?format=json', { headers: { Accept: 'application/json' } });
			if (answer.status === 401) location.reload();
			const snapshot = answer.ok ? await answer.json() : null;
			if (snapshot && isAnother(snapshot) && board.isConnected) {
				if (tandem.reload) tandem.reload();
				else location.reload();
				return;
			}
			if (snapshot) load(snapshot);
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
		} else if (message.type === 'reset') {
			refresh();
		} else if (pending) {
			pending.push(message);
		} else {
			apply(message);
		}
		draw();
	}

	// ---- drawing ----

	const known = (agent) => (state.engine ? agent : {});
	const look = (agent) => agentState.look(known(agent));
	const inCall = (a) => ['reserved', 'ringing', 'talking', 'hold'].includes(a.call_state);
	const listed = (list, queue) => (list ?? []).some((q) => String(q) === queue);
	const signedIn = (agent, queue) => listed(agent.queues, queue);
	const since = (agent) => (state.engine && agent.since ? duration(now() - agent.since) : '');

	// MON-06: who talks, but not with a caller of a queue, is occupied.
	function stateText(agent) {
		const other = state.engine && ['talking', 'hold'].includes(agent.call_state) && agent.queue === '' && agent.queues?.length;
		return other ? word('board', 'occupied') : agentState.text(known(agent), words);
	}

	function rank(agent) {
		if (!agent.work || agent.work === 'offline') return ranks.offline;
		if (agent.call_state && agent.call_state !== 'idle') return ranks[agent.call_state] ?? ranks.offline;
		return agent.work === 'online' ? ranks.idle : ranks.paused;
	}

	// In the chosen group; else the best of all.
	function priority(agent, group) {
		const all = [...agent.priorities.values()].map(Number).filter((n) => n > 0);
		return Number(agent.priorities.get(group) ?? (all.length ? Math.min(...all) : 0));
	}

	function setLook(element, agent, base) {
		const name = `${base} is-${look(agent)}`;
		if (element.className !== name) element.className = name;
	}

	function drawAgent(tile) {
		const agent = state.agents.get(tile.dataset.agent);
		if (!agent) return;
		setLook(tile, agent, 'tile');
		setText(tile.querySelector('[data-cell=state]'), stateText(agent));
		setText(tile.querySelector('[data-cell=timer]'), since(agent));
		const notes = [];
		if (state.engine && agent.work) {
			if (agent.reason && agent.work !== 'online' && !agentState.missed(agent)) notes.push(word('reason', agent.reason));
			if (!agent.registered) notes.push(word('board', agent.reconnecting ? 'reconnecting' : 'phone_off'));
			notes.push(agent.queues?.length ? agent.queues.join(' ') : word('board', 'signed_out'));
			if (agent.paused_queues?.length) notes.push(`${word('board', 'paused_in')} ${agent.paused_queues.join(' ')}`);
		}
		for (const form of tile.querySelectorAll('[data-pause]')) {
			const paused = listed(agent.paused_queues, form.dataset.pause);
			form.hidden = !state.engine || !signedIn(agent, form.dataset.pause);
			form.setAttribute('action', `/desk/agents/${agent.agent}/${paused ? 'resume' : 'pause'}`);
			form.querySelector('[data-on]').hidden = paused;
			form.querySelector('[data-off]').hidden = !paused;
		}
		setText(tile.querySelector('[data-cell=note]'), notes.join(' · '));
		const extra = tile.querySelector('[data-cell=extra]');
		if (!extra) return;
		setText(extra, `P${priority(agent, tools.elements.group.value)}`);
		extra.title = word('board', 'priority');
	}

	// What the tools hide is hidden; the order changes only when it has to, so that nothing jumps under the pointer.
	function arrange() {
		if (!tools) return;
		const { group, look: wanted, sort, text, phone, list } = Object.fromEntries([...tools.elements].map((e) => [e.name, e.type === 'checkbox' ? e.checked : e.value]));
		const down = sort.startsWith('-') ? -1 : 1, key = sort.replace('-', '');
		const number = (a, b) => a.agent.length - b.agent.length || (a.agent < b.agent ? -1 : 1);
		const compare = {
			number: (a, b) => down * number(a, b),
			state: (a, b) => down * (rank(a) - rank(b)) || number(a, b),
			priority: (a, b) => down * (priority(a, group) - priority(b, group)) || number(a, b),
			signed: (a, b) => down * (Number(!a.queues?.length) - Number(!b.queues?.length)) || rank(a) - rank(b) || number(a, b),
		}[key];
		const shown = [...state.agents.values()].filter((a) => (!group || a.groups.split(',').includes(group))
			&& (!wanted || look(a) === wanted || (wanted === 'offline' && look(a) === 'unknown')) && (!phone || a.registered)
			&& (!text || `${a.agent} ${a.name}`.toLowerCase().includes(text.trim().toLowerCase()))).sort(compare);
		const next = shown.map((a) => a.agent).join();
		if (next !== order && !board.querySelector('.tile-menu[open]')) {
			const tiles = new Map([...board.querySelectorAll('.tile')].map((t) => [t.dataset.agent, t]));
			for (const tile of tiles.values()) tile.hidden = true;
			for (const agent of shown) {
				const tile = tiles.get(agent.agent);
				if (!tile) continue;
				tile.hidden = false;
				tile.parentElement.append(tile);
			}
			order = next;
		}
		board.classList.toggle('as-list', list);
		setText(part('count'), `${shown.length} / ${state.agents.size}`);
		if (part('none')) part('none').hidden = shown.length > 0;
		let x = 0;
		const rects = looks.map((name) => {
			const count = shown.filter((a) => look(a) === name || (name === 'offline' && look(a) === 'unknown')).length;
			setText(board.querySelector(`[data-share=${name}]`), shown.length ? `${count} · ${Math.round((100 * count) / shown.length)} %` : '0');
			const width = shown.length ? (100 * count) / shown.length : 0;
			x += width;
			return `<rect class="is-${name}" x="${x - width}%" width="${width}%" height="14"/>`;
		}).join('');
		if (part('shares').dataset.now !== rects) {
			part('shares').innerHTML = rects;
			part('shares').dataset.now = rects;
		}
	}

	function drawCallers() {
		if (!part('callers')) return;
		const group = tools.elements.group.value;
		const callers = state.engine ? [...state.waiting.values()].filter((w) => !group || String(w.queue) === group).sort((a, b) => levels.indexOf(b.vip) - levels.indexOf(a.vip) || a.since - b.since) : [];
		part('callers').hidden = !callers.length;
		const list = part('callers').querySelector('ul');
		while (list.children.length > callers.length) list.lastChild.remove();
		callers.forEach((caller, i) => {
			const item = list.children[i] ?? list.appendChild(document.createElement('li'));
			const wait = now() - caller.since;
			setText(item, [caller.vip && `★ ${word('vip', caller.vip)}`, caller.callback && `↩ ${word('board', 'callback')}`, caller.queue, caller.from_name, caller.from && tandem.number(caller.from), duration(wait)].filter(Boolean).join(' · '));
			item.className = `${wait > longWaitMs ? 'alarm' : ''}${caller.vip ? ` vip-${caller.vip}` : ''}${caller.callback ? ' callback' : ''}`.trim();
		});
	}

	function figures(waiting, agents, sums) {
		const count = (test) => agents.filter(test).length;
		const longest = waiting.length ? now() - Math.min(...waiting.map((w) => w.since)) : 0;
		const finished = sums.answered + sums.abandoned;
		const live = {
			waiting: String(waiting.length),
			longest: waiting.length ? duration(longest) : '–',
			idle: String(count((a) => look(a) === 'idle')),
			call: String(count(inCall)),
			wrapup: String(count((a) => a.call_state === 'wrapup')),
			busy: String(count((a) => !inCall(a) && ['busy', 'away'].includes(look(a)))),
			signed: String(agents.length),
		};
		const day = {
			answered: String(sums.answered),
			abandoned: String(sums.abandoned),
			level: finished ? `${Math.round((sums.within * 100) / finished)} %` : '–',
		};
		for (const name of Object.keys(live)) if (!state.engine) live[name] = '–';
		return { ...live, ...day, late: longest > longWaitMs, alone: waiting.length > 0 && live.idle === '0' };
	}

	function drawQueue(row) {
		const queue = state.queues.find((q) => q.queue === row.dataset.queue);
		if (!queue) return;
		const all = figures([...state.waiting.values()].filter((w) => String(w.queue) === queue.queue),
			[...state.agents.values()].filter((a) => signedIn(a, queue.queue)), queue);
		for (const cell of row.querySelectorAll('[data-cell]')) setText(cell, all[cell.dataset.cell]);
		row.querySelector('[data-cell=longest]').classList.toggle('alarm', all.late);
		row.querySelector('[data-cell=waiting]').classList.toggle('alarm', all.alone);
	}

	function drawTotals() {
		if (!board.querySelector('[data-total]')) return;
		const sum = (name) => state.queues.reduce((n, q) => n + q[name], 0);
		const all = figures([...state.waiting.values()], [...state.agents.values()].filter((a) => a.queues?.length), { answered: sum('answered'), abandoned: sum('abandoned'), within: sum('within') });
		for (const cell of board.querySelectorAll('[data-total]')) setText(cell, all[cell.dataset.total]);
		board.querySelector('[data-figure=longest]').classList.toggle('alarm', all.late);
		board.querySelector('[data-figure=waiting]').classList.toggle('alarm', all.alone);
	}

	function draw() {
		board.querySelectorAll('[data-queue]').forEach(drawQueue);
		board.querySelectorAll('.tile').forEach(drawAgent);
		arrange();
		drawCallers();
		drawTotals();
		board.classList.toggle('is-stale', !state.engine || connected === false);
		const fault = !state.engine ? 'engine_down' : connected === false ? 'live_lost' : null;
		const live = byId('live'), down = byId('board-down');
		live.hidden = !connected || Boolean(fault);
		setText(live, word('board', 'live'));
		down.hidden = !fault;
		if (fault) setText(down, word('board', fault));
	}

	// ---- what people do ----

	const notice = byId('board-notice');
	board.addEventListener('submit', async (event) => {
		event.preventDefault();
		if (!event.target.matches('.command')) return;
		const menu = event.target.closest('details');
		menu?.removeAttribute('open');
		// the chosen reason holds for a single queue too
		if (event.target.dataset.pause) event.target.elements.reason.value = menu.querySelector('select[name=reason]')?.value ?? '';
		const fault = await tandem.send(event.target, event.submitter);
		notice.hidden = fault === null;
		setText(notice, fault === null ? '' : fault || word('board', 'not_sent'));
		if (!connected) refresh();
	});
	if (tools) {
		const saved = tandem.recall('board', {});
		for (const element of tools.elements) {
			if (element.type === 'checkbox') element.checked = Boolean(saved[element.name]);
			else if (element.name !== 'text' && [...(element.options ?? [])].some((o) => o.value === saved[element.name])) element.value = saved[element.name];
		}
		tools.addEventListener('input', () => {
			tandem.remember('board', Object.fromEntries([...tools.elements].filter((e) => e.name !== 'text').map((e) => [e.name, e.type === 'checkbox' ? e.checked : e.value])));
			draw();
		});
	}

	load(JSON.parse(board.dataset.snapshot));
	draw();
	const stop = tandem.live(receive);
	const timer = setInterval(() => {
		const age = Date.now() - fetchedAt;
		if (age > (state.engine && connected ? refreshMs : retryMs)) refresh();
		draw();
	}, 1000);
	return () => {
		stop();
		clearInterval(timer);
	};
});
