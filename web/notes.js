// SPDX-License-Identifier: GPL-2.0-or-later
// MSG-01: an announcement that asks for it opens by itself, at once or after signing in, until it has been read.
'use strict';

tandem.mount('#note', (dialog) => {
	let waiting = [], shown = null, later = false;

	function next() {
		shown = waiting.shift() ?? null;
		if (!shown) return;
		dialog.querySelector('h2').textContent = shown.title;
		dialog.querySelector('p').textContent = `${shown.at} · ${shown.author}`;
		dialog.querySelector('.article-body').textContent = shown.body;
		dialog.showModal();
	}

	async function ask() {
		try {
			const { rows } = await tandem.json(`${dialog.dataset.src}?format=json`);
			waiting = rows.filter((row) => row.popup && !row.read && row.id !== shown?.id);
			if (!shown && !document.querySelector('dialog[open]')) next();
		} catch { /* the next event asks again */ }
	}

	// Esc only puts it off
	dialog.addEventListener('close', async () => {
		const read = !later && shown;
		later = false;
		if (read) {
			await fetch(`/desk/announcements/${read.id}/read`, { method: 'POST', headers: { Accept: 'application/json', 'X-CSRF-Token': tandem.csrf } }).catch(() => {});
			document.dispatchEvent(new CustomEvent('announcements'));
		}
		next();
	});
	dialog.addEventListener('cancel', () => { later = true; });

	tandem.live(({ type, data }) => {
		if (type !== 'changed' || data.topic !== 'announcement') return;
		document.dispatchEvent(new CustomEvent('announcements'));
		ask();
	});
	ask();
});
