// SPDX-License-Identifier: GPL-2.0-or-later
// CALL-07: the telephone in the page (docs/webphone.md). Of all tabs that are open one has the telephone; the others show it
// and send it what is pressed in them.
import { Panel } from './panel.js';
import { Phone } from './phone.js';
import { Share } from './share.js';

tandem.mount('#webphone', (box) => {
	const store = 'webphone';
	const settings = { on: true, microphone: '', speaker: '', bell: '', volume: 100, ring: 70, clean: true, notify: false, ...tandem.recall(store, {}) };
	let phone = null; // in the tab that has it

	const panel = new Panel(box, settings, {
		command: (name, ...args) => share.command(name, args),
		change(name, value) {
			settings[name] = value;
			tandem.remember(store, settings);
			share.command('configure', [settings]);
		},
	});

	const share = new Share(`webphone ${document.body.dataset.user}`, {
		// this tab has the telephone from now on
		owner() {
			phone = new Phone(settings, {
				changed(state) {
					share.tell(state);
					panel.show(state, true);
				},
				said: (word, more) => panel.say(word, more),
			});
			phone.start();
		},
		command(name, args) {
			if (name === 'configure') Object.assign(settings, args[0]);
			phone?.do(name, args);
		},
		state: (state) => panel.show(state, false),
		ask: () => phone && share.tell(phone.state()),
	});
	return () => phone?.stop();
});
