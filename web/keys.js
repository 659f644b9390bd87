// SPDX-License-Identifier: GPL-2.0-or-later
// Keyboard: single keys when nothing is being typed (they can be switched off), Ctrl+K finds a page, Ctrl+Enter sends the
// form, Esc leaves.
'use strict';

(() => {
	const keys = document.getElementById('keys'), find = document.getElementById('find');
	if (!keys) return;
	const single = keys.querySelector('[name=single]');
	let before = '', beforeAt = 0; // first key of two

	single.checked = tandem.recall('keys', true);
	single.addEventListener('change', () => tandem.remember('keys', single.checked));
	document.getElementById('keys-open').addEventListener('click', () => keys.showModal());
	document.getElementById('find-open').addEventListener('click', openFind);

	// ---- find a page ----

	const entry = find.querySelector('input'), found = find.querySelector('ul');
	function openFind() {
		if (find.open) return;
		entry.value = '';
		drawFound();
		find.showModal();
	}
	function drawFound() {
		const wanted = entry.value.trim().toLowerCase();
		const links = [...document.querySelectorAll('#side .menu a')].filter((a) => a.textContent.toLowerCase().includes(wanted) || a.dataset.path.includes(wanted));
		found.replaceChildren(...links.map((link, i) => {
			const item = document.createElement('li'), copy = link.cloneNode(true);
			copy.removeAttribute('aria-current');
			copy.tabIndex = -1;
			item.id = `found-${i}`;
			item.setAttribute('role', 'option');
			item.setAttribute('aria-selected', String(i === 0));
			item.append(copy);
			return item;
		}));
		entry.setAttribute('aria-activedescendant', links.length ? 'found-0' : '');
		find.querySelector('p').hidden = links.length > 0;
	}
	entry.addEventListener('input', drawFound);
	entry.addEventListener('keydown', (event) => {
		const items = [...found.children], at = items.findIndex((i) => i.getAttribute('aria-selected') === 'true');
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (step && items.length) {
			event.preventDefault();
			const next = items[(at + step + items.length) % items.length];
			items[at].setAttribute('aria-selected', 'false');
			next.setAttribute('aria-selected', 'true');
			next.scrollIntoView({ block: 'nearest' });
			entry.setAttribute('aria-activedescendant', next.id);
		} else if (event.key === 'Enter') {
			event.preventDefault();
			items[at]?.querySelector('a').click();
		}
	});
	found.addEventListener('click', () => find.close());

	// ---- keys ----

	const press = (selector) => {
		const element = [...document.querySelectorAll(selector)].find((e) => e.offsetParent && !e.disabled);
		element?.click();
		return Boolean(element);
	};
	const focus = (selector) => {
		const element = [...document.querySelectorAll(selector)].find((e) => e.offsetParent);
		element?.focus();
		element?.select?.();
		return Boolean(element);
	};
	// in a menu, which need not be open
	const terminal = (code) => document.querySelector(`#agent [data-key=terminal-${code}]`)?.click();
	const actions = {
		'?': () => keys.showModal(),
		'/': () => focus('#main [type=search], #main .filters input:not([type=hidden])'),
		n: () => press('#main a[data-key=new], #main a[href$="/new"]'),
		'[': () => tandem.nextTab(-1),
		']': () => tandem.nextTab(1),
		x: () => tandem.closeTab(),
		m: () => tandem.fold(),
		r: () => tandem.reload(),
		'g h': () => tandem.go('/desk/', true),
		'g b': () => press('#side a[data-path="/desk/board"]'),
		'g c': () => press('#side a[data-path="/reports/calls"]'),
		d: () => focus('#agent [name=number]'),
		's i': () => press('[data-key=idle]'),
		's b': () => press('[data-key=busy]'),
		's a': () => press('[data-key=away]'),
		's w': () => press('[data-key=wrap-up]'),
		't b': () => terminal('phone'),
		't a': () => terminal('all'),
		't w': () => terminal('web'),
		't m': () => terminal('mobile'),
	};

	document.addEventListener('keydown', (event) => {
		const typing = event.target.matches('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]');
		if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
			event.preventDefault();
			openFind();
			return;
		}
		if ((event.ctrlKey || event.metaKey) && event.key === 'Enter' && event.target.form) {
			event.preventDefault();
			event.target.form.requestSubmit();
			return;
		}
		if (event.key === 'Escape' && typing && !document.querySelector('dialog[open]')) {
			const back = document.querySelector('#main a[data-key=back]');
			if (back && event.target.form?.method === 'post') back.click();
			else event.target.blur();
			return;
		}
		if (!single.checked || typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector('dialog[open]')) return;
		const pair = Date.now() - beforeAt < 1500 ? actions[`${before} ${event.key}`] : null;
		const action = pair ?? actions[event.key];
		before = event.key;
		beforeAt = pair ? 0 : Date.now();
		if (!action) return;
		event.preventDefault();
		action();
	});
})();
