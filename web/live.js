// SPDX-License-Identifier: GPL-2.0-or-later
// The one connection for live events of a browser: a shared worker of all its pages, or a plain script where there is
// no such thing. EventSource connects again by itself after a broken connection, but not after an HTTP error.
'use strict';

const liveEvents = ['call.new', 'call.answer', 'call.bridge', 'call.end', 'queue.enter', 'queue.offer', 'queue.noanswer',
	'queue.connect', 'queue.callback', 'queue.leave', 'agent.state', 'alarm', 'reset', 'changed'];
const liveRetryMs = 3000;

function liveConnect(listener) {
	const source = new EventSource('/live');
	source.onopen = () => listener({ type: 'open' });
	source.onerror = () => {
		listener({ type: 'lost' });
		if (source.readyState === EventSource.CLOSED) setTimeout(() => liveConnect(listener), liveRetryMs);
	};
	for (const type of liveEvents) {
		source.addEventListener(type, (event) => {
			try {
				listener({ type, data: JSON.parse(event.data) });
			} catch { /* not ours */ }
		});
	}
}

if (typeof SharedWorkerGlobalScope !== 'undefined' && self instanceof SharedWorkerGlobalScope) {
	const ports = new Set();
	let last = null; // 'open' or 'lost', for pages that come later

	self.onconnect = (event) => {
		const port = event.ports[0];
		port.onmessage = () => ports.delete(port);
		ports.add(port);
		if (last) port.postMessage(last);
	};
	liveConnect((message) => {
		if (!message.data) last = message;
		for (const port of ports) port.postMessage(message);
	});
}
