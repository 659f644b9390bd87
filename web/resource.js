// SPDX-License-Identifier: GPL-2.0-or-later
// Lists and forms of resources: what is nicer with a script. Everything works without it.
'use strict';

// A drop-down closes when one clicks elsewhere or presses Escape.
addEventListener('click', (event) => {
	for (const drop of document.querySelectorAll('details.drop[open]')) if (!drop.contains(event.target)) drop.open = false;
});
addEventListener('keydown', (event) => {
	if (event.key === 'Escape') for (const drop of document.querySelectorAll('details.drop[open]')) drop.open = false;
});

// Choices that follow another field of the form: those of its value, and those that belong to none. While it has no
// value all may be chosen, unless data-strict says otherwise.
tandem.mount('[data-follows]', (field) => {
	const links = JSON.parse(field.dataset.links || '{}');
	const own = field.querySelector('select, input:not([type=hidden])');
	const above = own?.form?.elements[field.dataset.follows];
	if (!above?.addEventListener) return undefined;
	const linked = new Set(Object.values(links).flat());
	const list = own.list ?? own;
	const options = [...(list.options ?? [])].map((option) => option.cloneNode(true));
	const boxes = [...field.querySelectorAll('.choices-list label')];
	const adjust = (event) => {
		const mine = new Set(above.value || 'strict' in field.dataset ? links[above.value] : linked);
		const may = (value) => mine.has(value) || !linked.has(value);
		const seen = new Set();
		if (options.length) {
			// what is stored stays until the field above is changed
			const old = own.value, once = (value) => !seen.has(value) && seen.add(value);
			list.replaceChildren(...options.filter((o) => (may(o.value) || (!event && o.value === old)) && once(o.value)).map((o) => o.cloneNode(true)));
			own.value = list !== own || [...list.options].some((o) => o.value === old) ? old : '';
			if (event && old && !may(old)) own.value = '';
		}
		for (const box of boxes) {
			const input = box.querySelector('input');
			box.hidden = !may(input.value) && !(input.checked && !event);
			if (box.hidden) input.checked = false;
		}
		if (event) own.dispatchEvent(new Event('change', { bubbles: true })); // others may follow this one
	};
	above.addEventListener('change', adjust);
	adjust();
	return () => above.removeEventListener('change', adjust);
});

// A field with a width of its own.
tandem.mount('.field[data-width]', (field) => field.style.setProperty('--width', `${field.dataset.width}px`));

// A choice that decides which fields a new thing has: the form is fetched again with what has been typed.
tandem.mount('form[data-new] .field.refetches select', (own) => {
	own.addEventListener('change', () => {
		const typed = [...new FormData(own.form)].filter(([name, value]) => typeof value === 'string' && value && name !== 'csrf');
		const form = Object.assign(document.createElement('form'), { action: own.form.getAttribute('action'), hidden: true });
		form.append(...Object.entries(Object.fromEntries(typed)).map(([name, value]) => Object.assign(document.createElement('input'), { name, value })));
		own.form.after(form);
		own.form.dispatchEvent(new Event('refetch', { bubbles: true })); // nothing is lost: it is not asked for
		form.requestSubmit();
		form.remove();
	});
});

tandem.mount('#main', (main) => {
	const ends = [];
	// In a batch, who fills in a field means it to be changed.
	for (const tick of main.querySelectorAll('.field-set input'))
		tick.closest('.field').addEventListener('input', (event) => { if (event.target !== tick) tick.checked = true; });

	// ---- long forms ----

	// Sections that one can go to, and the one that is read now.
	const sections = main.querySelector('.sections'), headings = [...main.querySelectorAll('.fields-section')];
	if (sections && headings.length > 2) {
		const buttons = headings.map((heading) => {
			const button = document.createElement('button');
			button.type = 'button';
			button.textContent = heading.textContent;
			button.addEventListener('click', () => {
				heading.tabIndex = -1;
				heading.scrollIntoView({ block: 'start' });
				heading.focus({ preventScroll: true });
			});
			return button;
		});
		sections.append(...buttons);
		sections.hidden = false;
		const mark = () => {
			const line = sections.getBoundingClientRect().bottom + 24;
			const now = headings.findLastIndex((heading) => heading.getBoundingClientRect().top < line);
			buttons.forEach((button, i) => (i === now ? button.setAttribute('aria-current', 'true') : button.removeAttribute('aria-current')));
		};
		addEventListener('scroll', mark, { passive: true });
		ends.push(() => removeEventListener('scroll', mark));
		mark();
	}

	// ---- conditions ----

	// The operators of the field, and an input that suits both.
	function conditionAdjust(row) {
		const [field, op] = row.querySelectorAll('select');
		const chosen = field.selectedOptions[0];
		const ops = chosen.dataset.ops?.split(' ') ?? [];
		for (const option of op.options) option.hidden = option.disabled = !ops.includes(option.value);
		if (ops.length && !ops.includes(op.value)) op.value = ops[0];
		const none = ['empty', 'not_empty'].includes(op.value);
		const choices = op.value === 'within' ? 'within' : ['is', 'is_not'].includes(op.value) ? field.value : '';
		const source = choices && (main.querySelector(`template[data-choices="${choices}"]`)?.content ??
			main.querySelector(`.filters select[name="${choices}"]`));
		const old = row.querySelector('[name^=value]');
		const input = document.createElement(source ? 'select' : 'input');
		input.name = old.name;
		input.setAttribute('aria-label', old.getAttribute('aria-label'));
		if (source) input.append(...[...source.querySelectorAll('option')].filter((o) => o.value).map((o) => o.cloneNode(true)));
		else input.type = chosen.dataset.kind === 'time' ? 'datetime-local' : chosen.dataset.kind === 'number' && op.value !== 'in' ? 'number' : 'text';
		if (!source) { input.maxLength = 200; input.autocomplete = 'off'; }
		if (!source || [...input.options].some((o) => o.value === old.value)) input.value = old.value;
		input.hidden = input.disabled = none || !ops.length;
		old.replaceWith(input);
		const until = row.querySelector('[name^=until]');
		until.type = input.type.startsWith('select') ? 'text' : input.type;
		until.hidden = until.disabled = op.value !== 'between' || !ops.length;
		op.hidden = !ops.length;
	}

	// There is always an empty one, up to ten.
	function conditionAdd(row) {
		const n = Number(row.dataset.n) + 1;
		if (n > 10 || row.nextElementSibling?.classList.contains('condition')) return;
		const more = row.cloneNode(true);
		more.dataset.n = n;
		for (const input of more.querySelectorAll('[name]')) {
			input.name = input.name.replace(/\d+$/, n);
			if (input.tagName === 'INPUT') input.value = '';
		}
		more.querySelector('select').value = '';
		row.after(more);
		conditionAdjust(more);
	}

	for (const box of main.querySelectorAll('.conditions')) {
		for (const row of box.querySelectorAll('.condition')) conditionAdjust(row);
		box.addEventListener('change', (event) => {
			const row = event.target.closest('.condition');
			if (!row || event.target.tagName !== 'SELECT') return;
			conditionAdjust(row);
			if (row.querySelector('select').value) conditionAdd(row);
		});
		// empty ones do not litter the address
		box.closest('form').addEventListener('submit', (event) => {
			for (const input of event.target.querySelectorAll('input, select'))
				if (!input.value && input.tagName === 'INPUT') input.disabled = true;
			for (const row of box.querySelectorAll('.condition'))
				if (!row.querySelector('select').value) for (const input of row.querySelectorAll('[name]')) input.disabled = true;
		});
	}

	// A range chosen by hand takes the place of a preset.
	for (const input of main.querySelectorAll('input[name=from], input[name=to]'))
		input.addEventListener('input', () => input.form.querySelector('input[name=time]')?.remove());

	// ---- columns ----

	for (const list of main.querySelectorAll('.chooser-list')) {
		let moved;
		list.addEventListener('dragstart', (event) => { moved = event.target.closest('li'); });
		list.addEventListener('dragover', (event) => {
			const over = event.target.closest('li');
			if (!moved || !over || over === moved) return;
			event.preventDefault();
			const box = over.getBoundingClientRect();
			over[event.clientY < box.top + box.height / 2 ? 'before' : 'after'](moved);
		});
		list.addEventListener('dragend', () => { moved = undefined; });
		// and by keyboard
		list.addEventListener('keydown', (event) => {
			const item = event.target.closest('li');
			if (!event.altKey || !item || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
			event.preventDefault();
			if (event.key === 'ArrowUp') item.previousElementSibling?.before(item);
			else item.nextElementSibling?.after(item);
			event.target.focus();
		});
	}

	// Rows that are dragged write their order into the number that each of them has.
	for (const list of main.querySelectorAll('[data-order]')) {
		let moved;
		list.addEventListener('dragstart', (event) => { moved = event.target.closest('tr'); });
		list.addEventListener('dragover', (event) => {
			const over = event.target.closest('tr');
			if (!moved || !over || over === moved || !over.draggable) return;
			event.preventDefault();
			const box = over.getBoundingClientRect();
			over[event.clientY < box.top + box.height / 2 ? 'before' : 'after'](moved);
		});
		list.addEventListener('dragend', () => {
			moved = undefined;
			const inputs = [...list.querySelectorAll('input[name^=position]')];
			inputs.forEach((input, i) => { input.value = i + 1; });
			inputs[0]?.dispatchEvent(new Event('input', { bubbles: true })); // unsaved
		});
	}

	// ---- selection, across the pages of a list ----

	function selection(form) {
		const place = `selected ${form.dataset.list}`;
		const keys = new Set((sessionStorage.getItem(place) ?? '').split(',').filter(Boolean));
		const boxes = () => [...main.querySelectorAll('input[name=key][form=many]')];
		const page = main.querySelector('input[data-page]');
		const count = form.querySelector('.many-count');
		const show = () => {
			const all = boxes();
			for (const box of all) box.checked = keys.has(box.value);
			page.checked = all.length > 0 && all.every((box) => box.checked);
			page.indeterminate = !page.checked && all.some((box) => box.checked);
			count.hidden = !keys.size;
			count.querySelector('[data-selected]').textContent = keys.size;
			form.elements.keys.value = [...keys].join();
			sessionStorage.setItem(place, [...keys].join());
		};
		const put = (box, checked) => (checked ? keys.add(box.value) : keys.delete(box.value));
		main.addEventListener('change', (event) => {
			if (event.target === page) for (const box of boxes()) put(box, page.checked);
			else if (event.target.matches?.('input[name=key][form=many]')) put(event.target, event.target.checked);
			else return;
			if (keys.size) form.elements.scope.value = 'selected';
			show();
		});
		form.querySelector('[data-unselect]').addEventListener('click', () => { keys.clear(); show(); });
		form.addEventListener('submit', (event) => {
			// the boxes would send the keys of this page a second time
			for (const box of boxes()) box.disabled = true;
			setTimeout(() => { for (const box of boxes()) box.disabled = false; });
			if (form.elements.scope.value === 'selected' && !keys.size) {
				event.preventDefault();
				form.elements.scope.focus();
			}
		});
		if (main.querySelector('.notice.good')) keys.clear(); // it was done to them
		form.elements.scope.value = keys.size ? 'selected' : 'found';
		show();
		return show;
	}
	const many = main.querySelector('#many');
	const showSelection = many && selection(many);

	main.querySelector('[data-size]')?.addEventListener('change', (event) => event.target.form.requestSubmit());

	// ---- totals and renewal ----

	// A page counts 500 rows; whoever wants to know has the rest counted.
	function offerCount() {
		for (const button of main.querySelectorAll('[data-count]')) button.hidden = false;
	}
	main.addEventListener('click', async (event) => {
		const button = event.target.closest('[data-count]');
		if (!button) return;
		button.disabled = true;
		const answer = await fetch(button.dataset.count, { headers: { Accept: 'application/json' } }).catch(() => null);
		button.disabled = false;
		if (!answer?.ok) return;
		const total = main.querySelector('[data-total]');
		const counted = await answer.json();
		total.textContent = total.textContent.replace('500+', counted.total);
		for (const cell of main.querySelectorAll('[data-sum]')) cell.textContent = counted.sums[cell.dataset.sum] ?? cell.textContent;
		button.remove();
	});
	offerCount();

	const timers = [];
	for (const card of main.querySelectorAll('[data-refresh]')) {
		const renew = async () => {
			if (document.hidden || !card.isConnected || !('refresh' in card.dataset) || card.contains(document.activeElement)) return;
			const answer = await fetch(location.href).catch(() => null);
			if (!answer?.ok || answer.redirected) return;
			const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
			const fresh = page.querySelector(card.id ? `#${CSS.escape(card.id)}` : '[data-refresh]');
			if (!fresh) return;
			card.replaceChildren(...fresh.childNodes);
			if (!('refresh' in fresh.dataset)) delete card.dataset.refresh; // it is over
			showSelection?.();
			offerCount();
		};
		timers.push(setInterval(renew, Number(card.dataset.refresh) * 1000));
		if (card.dataset.renewedBy) ends.push(tandem.live(({ type }) => { if (type === card.dataset.renewedBy) renew(); }));
	}

	ends.push(() => timers.forEach(clearInterval));
	return () => ends.forEach((end) => end());
});
