// SPDX-License-Identifier: GPL-2.0-or-later
// STATE-01, DESK-08: the own lights, state and buttons in the header. The desk gives the markup (/desk/me), live events
// and a fresh answer after each connection change it.
'use strict';

// What an agent's state looks like and is called; words by "<context>.<code>". Used by the board too.
const agentState = {
	// The tile is red during a call, otherwise it has the colour of the work state.
	look(agent) {
		if (!agent.work) return 'unknown';
		if (agent.call_state && agent.call_state !== 'idle') return 'call';
		return agent.work === 'online' ? 'idle' : agent.work;
	},
	// Paused by the system, because the agent did not answer (STATE-06).
	missed(agent) {
		return agent.work === 'busy' && agent.reason === 'no_answer';
	},
	text(agent, words) {
		const word = (context, code) => words[`${context}.${code}`] ?? code;
		if (!agent.work) return word('work', 'unknown');
		if (agent.call_state && agent.call_state !== 'idle') return word('call_state', agent.call_state);
		if (agent.work === 'online') return word('call_state', 'idle');
		if (this.missed(agent)) return word('board', 'no_answer');
		return word('work', agent.work);
	},
};

tandem.mount('#agent', (slot) => {
	const retryMs = 5000;
	let state = {}, words = {}, offset = 0, last = 0;

	const part = (name) => slot.querySelector(`[data-own=${name}]`);
	const word = (context, code) => words[`${context}.${code}`] ?? code;
	const has = (list, queue) => (state[list] ?? []).some((q) => String(q) === queue);

	function light(name, look, text) {
		part(name).className = `lamp is-${look}`;
		part(name).title = text;
		part(name).setAttribute('aria-label', text);
	}

	function draw() {
		if (!part('text')) return;
		const reason = state.reason && state.work !== 'online' && !agentState.missed(state) ? ` (${word('reason', state.reason)})` : '';
		tandem.setText(part('text'), agentState.text(state, words) + reason);
		part('text').className = `is-${agentState.look(state)}`;
		tandem.setText(part('timer'), state.work && state.since ? tandem.duration(Date.now() + offset - state.since) : '');
		tandem.setText(part('login'), state.signed_in_at ? `${word('light', 'session')} ${tandem.duration(Date.now() + offset - state.signed_in_at)}` : '');
		const work = state.work || 'unknown', call = state.work ? state.call_state || 'idle' : 'unknown';
		light('work', work === 'online' ? 'online' : work, `${word('light', 'work')}: ${word('work', work)}`);
		light('call', !state.work ? 'unknown' : call === 'idle' ? 'idle' : 'call', `${word('light', 'call')}: ${call === 'unknown' ? word('work', 'unknown') : word('call_state', call)}`);
		light('phone', state.registered ? 'online' : 'offline', `${word('light', 'phone')}: ${word('phone', state.registered ? 'on' : 'off')}`);
		tandem.setText(part('phone-text'), state.work ? word('phone', state.registered ? 'ready' : 'missing') : '');
		part('phone-text').className = state.registered ? 'phone-on' : 'phone-off';
		part('wrap-up').disabled = state.call_state !== 'wrapup';
		let on = 0;
		const forms = slot.querySelectorAll('[data-queue-switch]');
		for (const form of forms) {
			const signed = has('queues', form.dataset.queueSwitch);
			on += signed;
			form.setAttribute('action', `/desk/me/${signed ? 'sign-out' : 'sign-in'}`);
			const button = form.querySelector('button');
			button.setAttribute('aria-pressed', String(signed));
			button.disabled = has('static_queues', form.dataset.queueSwitch);
			button.title = button.disabled ? word('board', 'static') : '';
		}
		for (const form of slot.querySelectorAll('[data-queue-pause]')) {
			const paused = has('paused_queues', form.dataset.queuePause);
			form.hidden = !has('queues', form.dataset.queuePause);
			form.setAttribute('action', `/desk/me/${paused ? 'resume' : 'pause'}`);
			form.querySelector('button').setAttribute('aria-pressed', String(paused));
		}
		tandem.setText(part('signed'), `${on}/${forms.length}`);
	}

	function take(answer) {
		state = answer.state;
		offset = answer.now - Date.now();
		last = Date.now();
		draw();
	}

	async function refresh() {
		last = Date.now();
		try {
			take(await tandem.json('/desk/me?format=json'));
		} catch {
			state = { agent: state.agent };
			draw();
		}
	}

	async function fetchBar() {
		const answer = await fetch(slot.dataset.src, { headers: { Accept: 'text/html' } });
		return answer.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.agent-bar') : null;
	}

	// CALL-06: what may be chosen, and what is, as the server has it now.
	async function refreshTerminal() {
		const fresh = await fetchBar().catch(() => null);
		if (fresh) part('terminal').replaceChildren(...fresh.querySelector('[data-own=terminal]').childNodes);
	}

	slot.addEventListener('submit', async (event) => {
		if (event.target.dataset.call) return; // web/app.js does it
		event.preventDefault();
		// the chosen reason holds for a single queue too
		if (event.target.dataset.queuePause) event.target.elements.reason.value = slot.querySelector('select[name=reason]')?.value ?? '';
		const fault = await tandem.send(event.target, event.submitter);
		if (fault !== null) tandem.toast(fault || tandem.word('unreachable'), 'bad');
		if (part('terminal').contains(event.target)) {
			if (fault === null) refreshTerminal();
		} else if (tandem.connection?.type !== 'open') refresh();
	});

	// Menus with data-hover open under the pointer; a click there does not close what has just opened.
	slot.addEventListener('pointerover', (event) => {
		const pop = event.pointerType === 'mouse' && event.target.closest('details[data-hover]');
		if (!pop || pop.open) return;
		pop.open = true;
		pop.dataset.hover = Date.now();
		pop.addEventListener('pointerleave', () => { if (!pop.querySelector('input:focus')) pop.open = false; }, { once: true });
	});
	slot.addEventListener('click', (event) => {
		const pop = event.target.closest('details[data-hover] > summary')?.parentElement;
		if (pop?.open && Date.now() - pop.dataset.hover < 600) event.preventDefault();
	});

	fetchBar().then((bar) => {
		if (!bar) return;
		slot.replaceChildren(...bar.childNodes);
		words = JSON.parse(bar.dataset.words);
		take(JSON.parse(bar.dataset.now));
		tandem.live(({ type, data }) => {
			if (type === 'agent.state' && String(data.agent) === String(state.agent)) {
				Object.assign(state, data, { agent: state.agent });
				draw();
			} else if (type === 'changed' && data.topic === 'terminal' && data.id === String(state.agent)) {
				refreshTerminal();
			} else if ((type === 'open' && Date.now() - last > 1000) || type === 'reset') {
				refresh();
			}
		});
		setInterval(() => {
			if (!state.work && Date.now() - last > retryMs) refresh();
			draw();
		}, 1000);
	});
});
