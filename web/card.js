// SPDX-License-Identifier: GPL-2.0-or-later
// CRM-20: a customer card that is open shows a mark that was made by phone: its follow-ups, and the type, unless somebody
// is choosing another one.
'use strict';

tandem.mount('.crm-card', (card) => {
	const customer = card.querySelector('[name="customer"]').value, type = card.querySelector('[name="type_id"]');

	async function refresh() {
		const untouched = type.value === type.dataset.shown;
		for (const part of card.querySelectorAll('[data-fragment$="/follow-ups"]')) part.dispatchEvent(new Event('refill'));
		const answer = await fetch(`/crm/card?customer=${customer}`, { headers: { 'X-Requested-With': 'fetch' } }).catch(() => null);
		if (!answer?.ok) return;
		const now = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[name="type_id"]');
		if (now && untouched) type.value = now.value;
		type.dataset.shown = now?.value ?? '';
	}

	type.dataset.shown = type.value;
	return tandem.live(({ type: event, data }) => {
		if (event === 'changed' && data.topic === 'mark' && data.id === customer && customer !== '0') refresh();
	});
});
