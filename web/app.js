// SPDX-License-Identifier: GPL-2.0-or-later
// On every page: what the scripts of single pages use.
'use strict';

const tandem = {
	csrf: document.body.dataset.csrf,
	word: (name) => document.getElementById('words')?.dataset[name] ?? name,

	// Scripts of pages: tandem.mount(selector, init) calls init(element) for every such element of a page when it is
	// shown first; what init returns is called when the page is closed. A page may be kept out of sight meanwhile (tabs),
	// so look for parts with element.querySelector, not in the document.
	mounts: [],
	mount(selector, init) {
		const mount = { selector, init, done: new WeakMap() };
		tandem.mounts.push(mount);
		tandem.mountIn(document, mount);
	},
	mountIn(root, only) {
		for (const mount of only ? [only] : tandem.mounts) {
			for (const element of root.querySelectorAll(mount.selector)) {
				if (!mount.done.has(element)) mount.done.set(element, mount.init(element) ?? null);
			}
		}
	},
	unmountIn(root) {
		for (const mount of tandem.mounts) {
			for (const element of [root, ...root.querySelectorAll(mount.selector)]) {
				mount.done.get(element)?.();
				mount.done.delete(element);
			}
		}
	},

	// Calls listener({type, data}) for live events, and for {type: 'open'} and {type: 'lost'}; returns what ends that.
	// All pages of the browser share one connection where the browser can, all parts of a page share one here.
	listeners: new Set(),
	connection: null, // the last 'open' or 'lost'
	live(listener) {
		tandem.listeners.add(listener);
		if (tandem.connection) queueMicrotask(() => tandem.connection && listener(tandem.connection));
		if (!tandem.started) tandem.startLive();
		return () => tandem.listeners.delete(listener);
	},
	startLive() {
		tandem.started = true;
		const url = `/static/live.js?v=${document.body.dataset.assets}`;
		const receive = (message) => {
			if (!message.data) tandem.connection = message;
			for (const listener of [...tandem.listeners]) listener(message);
		};
		if (typeof SharedWorker === 'function') {
			// the name keeps sessions apart: another user does not get this one's stream
			const worker = new SharedWorker(url, { name: `live-${tandem.csrf.slice(0, 16)}` });
			worker.port.onmessage = (message) => receive(message.data);
			addEventListener('pagehide', () => worker.port.postMessage('close'));
			addEventListener('pageshow', (event) => event.persisted && location.reload());
			return;
		}
		const script = document.createElement('script');
		script.src = url;
		script.onload = () => liveConnect(receive);
		document.head.append(script);
	},

	// Sends a form, or fields, in the background; the error message ('' if nobody answered), or null.
	send(form, button) {
		const body = new URLSearchParams(new FormData(form));
		if (button?.name) body.set(button.name, button.value);
		return tandem.post(button?.getAttribute('formaction') ?? form.action, body);
	},
	async post(path, fields = {}) {
		try {
			const answer = await fetch(path, { method: 'POST', body: new URLSearchParams(fields), headers: { Accept: 'application/json', 'X-CSRF-Token': tandem.csrf } });
			if (answer.ok) return null;
			return (await answer.json()).error.message;
		} catch {
			return '';
		}
	},

	async json(path) {
		const answer = await fetch(path, { headers: { Accept: 'application/json' } });
		if (answer.status === 401) location.reload();
		if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
		return answer.json();
	},

	// As the tenant wants durations and telephone numbers (cc_duration_text and cc_cell_text do the same).
	duration(ms) {
		const s = Math.max(0, Math.floor(ms / 1000)), two = (n) => String(n).padStart(2, '0');
		if (document.body.dataset.durations === 'seconds') return String(s);
		const minutes = Math.floor(s / 60);
		return minutes < 60 ? `${minutes}:${two(s % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
	},

	number(text) {
		return document.body.dataset.numbers === 'grouped' ? String(text).replace(/^(1[\d*]{2})([\d*]{4})([\d*]{4})$/, '$1 $2 $3') : text;
	},

	setText(element, text) {
		if (element && element.textContent !== text) element.textContent = text;
	},

	// What this browser remembers.
	recall(name, otherwise) {
		try {
			return JSON.parse(localStorage.getItem(name)) ?? otherwise;
		} catch {
			return otherwise;
		}
	},
	remember(name, value) {
		try {
			localStorage.setItem(name, JSON.stringify(value));
		} catch { /* a browser that keeps nothing */ }
	},

	// A line that goes by itself; kind: '' or 'bad'.
	toast(text, kind = '') {
		const toast = document.createElement('div'), close = document.createElement('button');
		toast.className = `toast ${kind}`;
		toast.append(text);
		close.type = 'button';
		close.textContent = '×';
		close.setAttribute('aria-label', tandem.word('close'));
		close.onclick = () => toast.remove();
		toast.append(close);
		document.getElementById('toasts')?.append(toast);
		setTimeout(() => toast.remove(), 8000);
	},

	// A question with yes and no in a dialog: resolves to true or false.
	ask(text) {
		const dialog = document.getElementById('ask');
		dialog.querySelector('p').textContent = text;
		dialog.returnValue = 'no';
		dialog.showModal();
		return new Promise((resolve) => {
			dialog.onclose = () => resolve(dialog.returnValue === 'yes');
		});
	},
};

// Forms that ask first: data-confirm on the form or its button.
document.addEventListener('submit', async (event) => {
	const text = event.submitter?.dataset.confirm ?? event.target.dataset?.confirm;
	if (!text || event.target.dataset.confirmed) return;
	event.preventDefault();
	event.stopImmediatePropagation();
	if (!await tandem.ask(text)) return;
	event.target.dataset.confirmed = 'yes';
	event.target.requestSubmit(event.submitter);
	delete event.target.dataset.confirmed;
}, true);

// A number is called in the background: what was typed elsewhere on the page stays.
document.addEventListener('submit', async (event) => {
	const form = event.target;
	if (event.defaultPrevented || !form.matches?.('form[data-call]')) return;
	event.preventDefault();
	const button = event.submitter;
	if (button) button.disabled = true;
	const fault = await tandem.send(form, button);
	if (button) button.disabled = false;
	tandem.toast(fault === null ? form.dataset.call : fault || tandem.word('unreachable'), fault === null ? '' : 'bad');
	if (fault === null) form.reset();
});

// A link with data-play is a sound: it is played where the link stands, one at a time.
document.addEventListener('click', (event) => {
	const link = event.target.closest?.('a[data-play]');
	if (!link || event.button || event.ctrlKey || event.metaKey) return;
	event.preventDefault();
	for (const other of document.querySelectorAll('audio')) other.pause();
	const audio = document.createElement('audio');
	audio.controls = audio.autoplay = true;
	audio.src = link.href;
	audio.onerror = () => audio.replaceWith(link);
	link.replaceWith(audio);
	audio.focus();
}, true);

// The menu of a row is not cut off by the list that scrolls: it stays beside its button, above it where there is no room below.
function placeMenus() {
	for (const pop of document.querySelectorAll('.table-scroll .pop[open]')) {
		const box = pop.querySelector('.pop-box'), at = pop.querySelector('summary').getBoundingClientRect();
		const below = innerHeight - at.bottom - 4 >= box.offsetHeight;
		Object.assign(box.style, { position: 'fixed', right: `${document.documentElement.clientWidth - at.right}px`,
			top: below ? `${at.bottom + 4}px` : 'auto', bottom: below ? 'auto' : `${innerHeight - at.top + 4}px` });
	}
}
for (const moves of ['toggle', 'scroll']) document.addEventListener(moves, placeMenus, { capture: true, passive: true });

// A menu that opens closes when one clicks elsewhere or presses Esc.
document.addEventListener('click', (event) => {
	for (const pop of document.querySelectorAll('details.pop[open]')) {
		if (!pop.contains(event.target) || (event.target.closest('.pop-box') && event.target.closest('a, button:not([aria-pressed])'))) pop.open = false;
	}
});
document.addEventListener('keydown', (event) => {
	const pop = event.key === 'Escape' && document.querySelector('details.pop[open]');
	if (!pop) return;
	pop.open = false;
	pop.querySelector('summary').focus();
});
