// SPDX-License-Identifier: GPL-2.0-or-later
// The start page: its cards are fetched again each minute, soon after what happens live, and by hand.
'use strict';

tandem.mount('[data-cards]', (cards) => {
	const calmMs = 5000, refreshMs = 60000;
	let due = 0, at = Date.now();

	async function page(path) {
		const answer = await fetch(path, { headers: { Accept: 'text/html' } });
		if (!answer.ok) throw new Error(path);
		return new DOMParser().parseFromString(await answer.text(), 'text/html');
	}

	async function slow(card) {
		try {
			card.querySelector('[data-into]').replaceChildren(...(await page(card.dataset.src)).body.childNodes);
		} catch {
			card.querySelector('[data-into]').replaceChildren(Object.assign(document.createElement('p'), { className: 'notice bad', textContent: tandem.word('unreachable') }));
		}
	}

	async function refresh(all) {
		at = Date.now();
		due = 0;
		if (all) cards.querySelectorAll('[data-src]').forEach(slow);
		try {
			const fresh = await page(cards.dataset.cards);
			for (const card of cards.querySelectorAll('[data-card]')) {
				const same = fresh.querySelector(`[data-card="${card.dataset.card}"]`);
				if (same && same.innerHTML !== card.innerHTML && !card.contains(document.activeElement)) card.replaceChildren(...same.childNodes);
			}
		} catch { /* the next time */ }
	}

	const now = () => refresh(true);
	const news = () => refresh(false);
	const button = cards.parentElement.querySelector('[data-refresh]');
	button?.addEventListener('click', now);
	document.addEventListener('announcements', news);
	const stop = tandem.live(({ type }) => {
		if (/^(agent|queue|voicemail|reset)/.test(type)) due = due || Date.now() + calmMs;
	});
	const timer = setInterval(() => {
		if (document.hidden || !cards.isConnected) return;
		if (Date.now() - at > refreshMs) refresh(true);
		else if (due && Date.now() > due) refresh(false);
	}, 1000);
	cards.querySelectorAll('[data-src]').forEach(slow);
	return () => {
		stop();
		clearInterval(timer);
		document.removeEventListener('announcements', news);
	};
});
