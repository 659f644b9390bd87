// SPDX-License-Identifier: GPL-2.0-or-later
// On every page: live events and forms that send a command without leaving the page.
'use strict';

const tandem = {
	csrf: document.body.dataset.csrf,

	// Calls listener({type, data}) for live events, and for {type: 'open'} and {type: 'lost'}. All pages of the browser
	// share one connection where the browser can.
	live(listener) {
		const url = `/static/live.js?v=${document.body.dataset.assets}`;
		if (typeof SharedWorker === 'function') {
			// the name keeps sessions apart: another user does not get this one's stream
			const worker = new SharedWorker(url, { name: `live-${tandem.csrf.slice(0, 16)}` });
			worker.port.onmessage = (message) => listener(message.data);
			addEventListener('pagehide', () => worker.port.postMessage('close'));
			return;
		}
		const script = document.createElement('script');
		script.src = url;
		script.onload = () => liveConnect(listener);
		document.head.append(script);
	},

	// Sends a form in the background; its error message, or null.
	async send(form, button) {
		const body = new URLSearchParams(new FormData(form));
		if (button?.name) body.set(button.name, button.value);
		try {
			const answer = await fetch(form.action, {
				method: 'POST', body, headers: { Accept: 'application/json', 'X-CSRF-Token': tandem.csrf },
			});
			if (answer.ok) return null;
			return (await answer.json()).error.message;
		} catch {
			return '';
		}
	},
};
