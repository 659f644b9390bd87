// SPDX-License-Identifier: GPL-2.0-or-later
// The form of an order: goods are picked from a list instead of written as lines, earlier addresses are offered, fields of
// the invoice show when one is wanted. Everything works without it. The lines stay what is sent: "code @ warehouse * 2".
'use strict';

(() => {
	const make = (tag, props = {}, ...inside) => {
		const element = Object.assign(document.createElement(tag), props);
		element.append(...inside);
		return element;
	};
	const table = (heads, className) => {
		const body = make('tbody');
		const head = make('tr', {}, ...heads.map(([text, number]) => make('th', { scope: 'col', textContent: text, className: number ? 'number' : '' })));
		return { body, element: make('div', { className: `table-scroll ${className}` }, make('table', {}, make('thead', {}, head), body)) };
	};
	const LINE = /^\s*([^@*]+?)\s*(?:@\s*(.*?)\s*)?\*\s*(\d+)\s*$/;

	tandem.mount('.field.order-goods', (field) => {
		const text = field.querySelector('textarea'), words = field.closest('form').querySelector('[data-order-words]')?.dataset;
		if (!text || !words) return undefined;
		const known = new Map(); // goods by "code @ warehouse"
		const name = (goods) => `${goods.code} @ ${goods.warehouse}`;
		const search = make('input', { type: 'search', placeholder: words.search, ariaLabel: words.search, autocomplete: 'off' });
		const found = table([[words.code], [words.goods], [words.price, true], [words.unit], [words.warehouse], [words.stock, true], ['']], 'order-found');
		const chosen = table([[words.code], [words.goods], [words.warehouse], [words.price, true], [words.quantity, true], ['']], 'order-chosen');
		const none = make('p', { className: 'empty', textContent: words.none, hidden: true }), empty = make('p', { className: 'empty', textContent: words.empty });
		const box = make('div', { className: 'order-picker' }, make('div', {}, search, found.element, none), make('div', {}, make('h3', { textContent: words.chosen }), chosen.element, empty));

		// What cannot be understood stays in the text, for its author to see.
		const lines = () => text.value.split('\n').map((line) => line.trim()).filter(Boolean);
		const read = () => lines().map((line) => {
			const [, code, warehouse, quantity] = LINE.exec(line) ?? [];
			return code ? { code, warehouse: warehouse ?? '', quantity: Number(quantity) } : { raw: line };
		});
		const write = (rows) => {
			text.value = rows.map((row) => row.raw ?? `${row.code}${row.warehouse ? ` @ ${row.warehouse}` : ''} * ${row.quantity}`).join('\n');
			text.dispatchEvent(new Event('input', { bubbles: true })); // unsaved
			show();
		};
		const goodsOf = (row) => known.get(name(row)) ?? [...known.values()].find((goods) => goods.code.toLowerCase() === row.code.toLowerCase() && (!row.warehouse || goods.warehouse === row.warehouse));
		function show() {
			const rows = read();
			chosen.body.replaceChildren(...rows.map((row, i) => {
				const goods = row.raw ? undefined : goodsOf(row);
				const quantity = make('input', { type: 'number', min: 1, max: 1000000, value: row.quantity ?? 1, ariaLabel: words.quantity, required: true });
				quantity.addEventListener('change', () => { rows[i].quantity = Math.max(1, Math.trunc(Number(quantity.value)) || 1); write(rows); });
				const remove = make('button', { type: 'button', className: 'quiet', textContent: words.remove });
				remove.addEventListener('click', () => write(rows.filter((other) => other !== row)));
				return make('tr', {}, make('td', { textContent: row.raw ?? row.code }), make('td', { textContent: goods?.name ?? '' }), make('td', { textContent: row.warehouse || goods?.warehouse || '' }),
					make('td', { className: 'number', textContent: goods?.price_text ?? '' }), make('td', { className: 'number' }, row.raw ? '' : quantity), make('td', {}, remove));
			}));
			chosen.element.hidden = !rows.length;
			empty.hidden = rows.length > 0;
		}
		function add(goods) {
			const rows = read(), same = rows.find((row) => !row.raw && goodsOf(row) === goods);
			if (same) same.quantity += 1;
			else rows.push({ code: goods.code, warehouse: goods.warehouse, quantity: 1 });
			write(rows);
		}
		async function ask(query) {
			const { goods } = await tandem.json(`/crm/orders/pick?${new URLSearchParams(query)}`);
			return goods.map((one) => known.get(name(one)) ?? known.set(name(one), one).get(name(one)));
		}
		let asked = 0;
		async function find() {
			const turn = ++asked, goods = await ask({ q: search.value.trim() }).catch(() => []);
			if (turn !== asked) return; // typed on meanwhile
			none.hidden = goods.length > 0;
			found.element.hidden = !goods.length;
			found.body.replaceChildren(...goods.map((one) => {
				const button = make('button', { type: 'button', textContent: words.add, disabled: one.stock <= 0 });
				button.addEventListener('click', () => add(one));
				return make('tr', { className: one.stock > 0 ? '' : 'row-done' }, make('td', { textContent: one.code }), make('td', { textContent: one.name }), make('td', { className: 'number', textContent: one.price_text }), make('td', { textContent: one.unit }),
					make('td', { textContent: one.warehouse }), make('td', { className: 'number', textContent: one.stock }), make('td', {}, button));
			}));
		}
		let timer;
		search.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(find, 200); });
		search.addEventListener('keydown', (event) => { if (event.key === 'Enter') event.preventDefault(); });
		text.hidden = true;
		field.querySelector('.field-help')?.remove();
		text.after(box);
		show();
		find();
		const codes = read().filter((row) => !row.raw).map((row) => row.code);
		if (codes.length) ask({ code: codes.join() }).then(show).catch(() => {});
		return () => clearTimeout(timer);
	});

	// Whose number it is, and where earlier orders of it went.
	tandem.mount('form.thing', (form) => {
		const words = form.querySelector('[data-order-words]')?.dataset, own = form.elements;
		if (!words || own.version) return undefined; // an order that is there has its address
		const list = make('div', { className: 'order-addresses', hidden: true });
		own.receiver_name?.closest('.field').before(list);
		async function offer() {
			const customer = own.customer_id?.value ?? '', call = own.call?.value ?? '', number = own.phone.value.trim();
			if (!number && !customer && !call) return;
			const { name, addresses } = await tandem.json(`/crm/orders/known?${new URLSearchParams({ number, customer, call })}`).catch(() => ({ addresses: [] }));
			if (name && own.customer_name && !own.customer_name.value) own.customer_name.value = name;
			list.hidden = !addresses.length;
			list.replaceChildren(make('span', { className: 'field-label', textContent: words.addresses }), ...addresses.map((address) => {
				const button = make('button', { type: 'button', className: 'quiet', textContent: [address.name, address.phone, address.address].filter(Boolean).join(' · ') });
				button.addEventListener('click', () => {
					own.receiver_name.value = address.name;
					own.receiver_phone.value = address.whole ? address.phone : '';
					own.receiver_address.value = address.address;
					own.address_of.value = address.order;
				});
				return button;
			}));
		}
		own.phone?.addEventListener('change', offer);
		offer();
		return undefined;
	});

	tandem.mount('.field.order-invoice input[type=checkbox]', (box) => {
		const show = () => { for (const field of box.form.querySelectorAll('.of-invoice')) field.hidden = !box.checked; };
		box.addEventListener('change', show);
		show();
	});

	tandem.mount('[data-print]', (button) => button.addEventListener('click', () => print()));
})();
