// SPDX-License-Identifier: GPL-2.0-or-later
// CRM-18: what one is to be reminded of shows up on whatever page is open, one after the other, until it is done or put
// off. The server says what is due and how long to wait for the next one.
'use strict';

tandem.mount('#reminder', (box) => {
	const longest = 3600000; // clocks of browsers drift: now and then it asks anyway
	let shown = null, timer = 0, user = null;

	function show(row) {
		shown = row?.id ?? null;
		box.hidden = !row;
		if (!row) return;
		tandem.setText(box.querySelector('h2'), row.title);
		tandem.setText(box.querySelector('[data-cell="time"]'), [row.time, row.customer, row.phone].filter(Boolean).join(' · '));
		tandem.setText(box.querySelector('[data-cell="text"]'), row.text);
		const card = box.querySelector('a');
		card.hidden = !row.card;
		card.href = `/crm/appointments/card/${row.id}`;
		const call = box.querySelector('button[form]');
		call.hidden = !row.call;
		call.setAttribute('formaction', row.call ?? '');
	}

	async function ask() {
		clearTimeout(timer);
		try {
			const answer = await tandem.json(box.dataset.src);
			user = answer.user;
			show(answer.rows[0]);
			timer = setTimeout(ask, Math.min(answer.wait_ms ?? longest, longest));
		} catch { // the next event or minute asks again
			timer = setTimeout(ask, 60000);
		}
	}

	box.addEventListener('submit', async (event) => {
		event.preventDefault();
		if (shown === null) return;
		const body = new URLSearchParams({ do: event.submitter.value, minutes: box.querySelector('select').value });
		const headers = { Accept: 'application/json', 'X-CSRF-Token': tandem.csrf };
		const answer = await fetch(`${box.dataset.src}/${shown}`, { method: 'POST', body, headers }).catch(() => null);
		if (answer?.ok || answer?.status === 404) ask();
		else tandem.toast(tandem.word('unreachable'), 'bad');
	});

	tandem.live(({ type, data }) => {
		if (type === 'changed' && data.topic === 'appointment' && (user === null || data.id === String(user))) ask();
	});
	ask();
});
