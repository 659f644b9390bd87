// SPDX-License-Identifier: GPL-2.0-or-later
// CALL-12: a list of the own last calls, missed ones in red, with a button that calls again (data-recent: its words are the
// element's other data-…). It is fetched when it comes to sight, soon after a call has ended, and on the event refill. The event
// recent tells others what came, calls that run now among it.
'use strict';

tandem.mount('[data-recent]', (list) => {
	const { call, missed, unknown, nothing } = list.dataset;
	let timer = 0;

	function element(name, ...inside) {
		const made = document.createElement(name);
		made.append(...inside);
		return made;
	}

	function item(row, answer) {
		const number = tandem.number(row.number) || unknown, who = element('b', row.name || number);
		const made = element('li', element('span', `${row.out ? '↗' : '↙'} `, who, row.name ? ` ${number}` : ''), element('time', row.at));
		if (row.missed) {
			made.className = 'missed';
			who.title = missed;
			if (list.dataset.said) made.querySelector('time').before(element('em', missed));
		}
		if (list.dataset.card && answer.cards && (row.number || row.name)) {
			const link = element('a', who.textContent);
			link.href = `/crm/card?call=${row.call}`;
			who.replaceChildren(link);
		}
		if (answer.calls && row.number) {
			const button = element('button', Object.assign(document.createElement('span'), { className: 'icon icon-call' }));
			button.type = 'button';
			button.dataset.again = row.call;
			button.title = button.ariaLabel = `${call} ${row.name || number}`;
			made.append(button);
		}
		return made;
	}

	async function refresh() {
		const answer = await tandem.json('/crm/recent').catch(() => null);
		if (!answer) return;
		const rows = answer.rows.filter((row) => !('since' in row)).map((row) => item(row, answer));
		list.replaceChildren(...(rows.length ? rows : [Object.assign(element('li', nothing), { className: 'faint' })]));
		list.dispatchEvent(new CustomEvent('recent', { detail: answer }));
	}

	// later: when what has happened is in the database
	function soon(after = 0) {
		clearTimeout(timer);
		timer = setTimeout(() => list.offsetParent && refresh(), after);
	}

	list.addEventListener('refill', (event) => soon(event.detail ?? 0));
	list.addEventListener('click', async (event) => {
		const button = event.target.closest('[data-again]');
		if (!button) return;
		button.disabled = true;
		const fault = await tandem.post(`/crm/recent/${button.dataset.again}`);
		button.disabled = false;
		if (fault !== null) tandem.toast(fault || tandem.word('unreachable'), 'bad');
	});
	const stop = tandem.live(({ type }) => {
		if (type === 'call.end' || type === 'queue.noanswer') soon(1000);
	});
	soon();
	return () => {
		stop();
		clearTimeout(timer);
	};
});
