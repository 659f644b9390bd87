// SPDX-License-Identifier: GPL-2.0-or-later
// The mobile app's own: the call that rings or runs now, finding customers, only missed calls. Nothing is kept in the phone.
'use strict';

// The calls that run, as the list of the last ones has them (web/recent.js).
tandem.mount('#mobile-calls', (box) => {
	const list = document.querySelector('[data-recent]'), template = box.querySelector('template');
	const part = (card, name) => card.querySelector(`[data-call=${name}]`);
	let calls = [], offset = 0, busy = false, tries = 0;

	function draw() {
		for (const card of box.querySelectorAll('.mobile-call')) if (!calls.some((c) => c.call === card.dataset.id)) card.remove();
		for (const row of calls) {
			let card = [...box.querySelectorAll('.mobile-call')].find((c) => c.dataset.id === row.call);
			if (!card) {
				card = template.content.firstElementChild.cloneNode(true);
				card.dataset.id = row.call;
				box.append(card);
			}
			const number = tandem.number(row.number);
			card.dataset.state = row.taken ? 'talk' : row.out ? 'out' : 'in';
			tandem.setText(part(card, 'name'), row.name || number || box.dataset.unknown);
			tandem.setText(part(card, 'number'), row.name ? number : '');
			tandem.setText(part(card, 'state'), box.dataset[card.dataset.state]);
			tandem.setText(part(card, 'timer'), tandem.duration(Date.now() + offset - row.since));
			part(card, 'end').hidden = card.dataset.state === 'in';
			if (part(card, 'card')) part(card, 'card').href = `/crm/card?call=${row.call}`;
		}
	}

	const ask = (after) => list.dispatchEvent(new CustomEvent('refill', { detail: after }));
	list.addEventListener('recent', ({ detail: answer }) => {
		offset = answer.now - Date.now();
		calls = answer.rows.filter((row) => 'since' in row);
		draw();
		// the event may be here before its call is in the database
		if (busy && !calls.length && tries++ < 5) ask(400);
	});
	box.addEventListener('click', async (event) => {
		const end = event.target.closest('[data-call=end]');
		if (!end) return;
		end.disabled = true;
		const fault = await tandem.post(`/desk/mobile/calls/${end.closest('.mobile-call').dataset.id}/hang-up`);
		end.disabled = false;
		if (fault !== null) tandem.toast(fault || tandem.word('unreachable'), 'bad');
	});
	tandem.live(({ type, data }) => {
		document.querySelector('[data-mobile=lost]').hidden = type !== 'lost' && tandem.connection?.type !== 'lost';
		if (type === 'agent.state' && String(data.agent) === box.dataset.own) {
			busy = ['ringing', 'talking', 'hold'].includes(data.call_state);
			tries = 0;
			ask(150);
		} else if (type === 'open' || type === 'reset') ask(0);
	});
	setInterval(draw, 1000);
	document.querySelector('[data-mobile=missed]').addEventListener('change', (event) => list.classList.toggle('only-missed', event.target.checked));
});

// Who may not list customers gets the card of the number.
tandem.mount('#mobile-find', (box) => {
	const form = box.querySelector('form'), list = box.querySelector('ul'), packages = list.dataset.packages.split(' ').filter(Boolean);
	const most = 10;

	function item({ path, row }) {
		const made = document.createElement('li'), link = document.createElement('a'), number = document.createElement('span');
		link.href = `/crm/card?customer=${row.id}`;
		link.textContent = row.name || tandem.number(row.phone ?? '');
		number.textContent = row.name ? tandem.number(row.phone ?? '') : '';
		made.append(link, number);
		if (row.phone && document.querySelector('#agent [name=number]')) {
			const button = document.createElement('button');
			button.type = 'button';
			button.dataset.path = `${path}/${row.id}/call/phone`;
			button.title = button.ariaLabel = `${box.dataset.call} ${link.textContent}`;
			button.append(Object.assign(document.createElement('span'), { className: 'icon icon-call' }));
			made.append(button);
		}
		return made;
	}

	form.addEventListener('submit', async (event) => {
		if (!packages.length) return;
		event.preventDefault();
		try {
			const words = encodeURIComponent(form.elements.number.value.trim()), found = [];
			for (const code of packages) {
				const path = `/crm/customers/${code}`;
				for (const row of (await tandem.json(`${path}?q=${words}`)).rows) found.push({ path, row });
			}
			list.replaceChildren(...(found.length ? found.slice(0, most).map(item) : [Object.assign(document.createElement('li'), { className: 'faint', textContent: list.dataset.nothing })]));
		} catch {
			tandem.toast(tandem.word('unreachable'), 'bad');
		}
	});
	form.addEventListener('input', () => form.elements.number.value || list.replaceChildren());
	list.addEventListener('click', async (event) => {
		const button = event.target.closest('button');
		if (!button) return;
		button.disabled = true;
		const fault = await tandem.post(button.dataset.path);
		button.disabled = false;
		tandem.toast(fault === null ? box.dataset.said : fault || tandem.word('unreachable'), fault === null ? '' : 'bad');
	});
});
