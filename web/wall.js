// SPDX-License-Identifier: GPL-2.0-or-later
// The wallboard around the figures: clock, full screen, announcements for the big screen one after the other.
'use strict';

(() => {
	const noteMs = 10000;
	const clock = document.getElementById('wall-clock'), notes = document.getElementById('wall-notes');
	let texts = [], at = 0;

	function tick() {
		tandem.setText(clock, new Date().toLocaleTimeString(document.documentElement.lang, { hour12: false }));
	}

	function show() {
		notes.hidden = !texts.length;
		if (texts.length) tandem.setText(notes.querySelector('p'), texts[at++ % texts.length]);
	}

	async function read() {
		try {
			const { rows } = await tandem.json('/desk/announcements/mine?format=json');
			texts = rows.filter((row) => row.big_screen).map((row) => `${row.title}: ${row.body}`);
			at = 0;
			show();
		} catch { /* the next time */ }
	}

	function compact(on) {
		document.body.toggleAttribute('data-compact', on);
		document.getElementById('wall-compact').setAttribute('aria-pressed', String(on));
		tandem.remember('wall', on);
	}

	document.getElementById('wall-compact').addEventListener('click', () => compact(!document.body.hasAttribute('data-compact')));
	document.getElementById('wall-full').addEventListener('click', () => {
		if (document.fullscreenElement) document.exitFullscreen();
		else document.documentElement.requestFullscreen();
	});
	tandem.live(({ type, data }) => {
		if (type === 'open' || (type === 'changed' && data.topic === 'announcement')) read();
	});
	compact(tandem.recall('wall', false));
	tick();
	read();
	setInterval(tick, 1000);
	setInterval(show, noteMs);
	setInterval(read, 60000); // some expire
})();
