// SPDX-License-Identifier: GPL-2.0-or-later
// Pieces of other applications in a page: an element with data-fragment becomes what that address answers, and goes away
// with its frame (data-fragment-frame) when it answers with an error, such as that of a plugin that was just disabled.
// The event refill fetches it again. A script that it needs is named by data-script in it. Frames in an element with data-tabbed are tabs with their headings as labels; each is fetched when it is shown first.
'use strict';

(() => {
	// Resolves to false when there is nothing to be shown.
	async function fill(element) {
		const frame = element.closest('[data-fragment-frame]') ?? element;
		const answer = await fetch(element.dataset.fragment, { headers: { 'X-Requested-With': 'fetch' } }).catch(() => null);
		if (!answer?.ok) {
			frame.remove();
			return false;
		}
		element.innerHTML = await answer.text(); // ours, escaped by its template
		tandem.mountIn(element);
		for (const part of element.querySelectorAll('[data-script]')) load(part.dataset.script);
		return true;
	}

	function load(path) {
		if ([...document.scripts].some((s) => s.src && new URL(s.src).pathname === path)) return;
		const script = document.createElement('script');
		script.src = `${path}?v=${document.body.dataset.assets}`;
		document.head.append(script);
	}

	tandem.mount('[data-fragment]', (element) => {
		const tabbed = element.closest('[data-tabbed]');
		if (!tabbed) fill(element);
		element.addEventListener('refill', () => { if (!tabbed || element.dataset.filled) fill(element); });
	});

	tandem.mount('[data-tabbed]', (box) => {
		const strip = document.createElement('div');
		strip.className = 'tab-strip';
		strip.setAttribute('role', 'tablist');
		const frames = [...box.querySelectorAll('[data-fragment-frame]')];
		const tabs = frames.map((frame, i) => {
			const heading = frame.querySelector('h2'), tab = document.createElement('button');
			tab.type = 'button';
			tab.textContent = heading.textContent;
			tab.setAttribute('role', 'tab');
			frame.setAttribute('role', 'tabpanel');
			frame.setAttribute('aria-label', heading.textContent);
			heading.hidden = true;
			tab.addEventListener('click', () => show(i));
			return tab;
		});
		async function show(now) {
			frames.forEach((frame, i) => {
				frame.hidden = i !== now;
				tabs[i].setAttribute('aria-selected', String(i === now));
				tabs[i].tabIndex = i === now ? 0 : -1;
			});
			const part = frames[now].querySelector('[data-fragment]');
			if (part.dataset.filled) return;
			part.dataset.filled = 'yes';
			if (await fill(part)) return;
			tabs[now].remove();
			tabs.splice(now, 1);
			frames.splice(now, 1);
			if (tabs.length) show(0);
		}
		strip.addEventListener('keydown', (event) => {
			const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], now = tabs.indexOf(event.target);
			if (!step || now < 0) return;
			const next = (now + step + tabs.length) % tabs.length;
			show(next);
			tabs[next].focus();
		});
		strip.append(...tabs);
		box.prepend(strip);
		if (tabs.length) show(0);
	});
})();
