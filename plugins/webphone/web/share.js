// SPDX-License-Identifier: GPL-2.0-or-later
// The tabs of one browser: whoever gets the lock first has the telephone, and when that tab is gone the next one gets it. A
// SharedWorker could not: WebRTC needs a document.
export class Share {
	constructor(name, handlers) {
		this.handlers = handlers;
		this.owner = false;
		if (!navigator.locks) { // a page without https has none, and no microphone either: the telephone says so
			queueMicrotask(() => this.#own());
			return;
		}
		this.channel = new BroadcastChannel(name);
		this.channel.onmessage = ({ data }) => this.#heard(data);
		navigator.locks.request(name, () => {
			this.#own();
			return new Promise(() => {}); // for as long as the tab lives
		});
		this.channel.postMessage({ kind: 'ask' });
	}

	#own() {
		this.owner = true;
		this.handlers.owner();
	}

	#heard({ kind, name, args, state }) {
		if (kind === 'command' && this.owner) this.handlers.command(name, args);
		if (kind === 'ask' && this.owner) this.handlers.ask();
		if (kind === 'state' && !this.owner) this.handlers.state(state);
	}

	// To the tab that has the telephone.
	command(name, args) {
		if (this.owner) this.handlers.command(name, args);
		else this.channel?.postMessage({ kind: 'command', name, args });
	}

	// From it to the others.
	tell(state) {
		this.channel?.postMessage({ kind: 'state', state });
	}
}
