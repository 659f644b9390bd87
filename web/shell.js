// SPDX-License-Identifier: GPL-2.0-or-later
// Around the pages (DESK-02): tabs of open pages, pages without a full reload, unsaved forms, menu. Every page is
// complete HTML of the server and works without this script; here its <main> is taken out of the answer and shown. A page
// in a tab out of sight is kept as it is, with what was typed into it.
//
// A page with a script of its own that does not say data-mount (see tandem.mount) is loaded in full.
'use strict';

(() => {
	const strip = document.getElementById('tabs');
	if (!strip) return; // nobody is signed in
	const list = strip.querySelector('ul');
	const storage = `tabs ${document.body.dataset.user}`;
	const mostTabs = 20;
	const plain = 'a[download], a[target], a[data-full], a[href^="#"]';
	let tabs = []; // {id, url, title, main, scroll, dirty}; main only of those that were shown since the page was loaded
	let active = null;
	let marked = null; // entry of the menu
	let nextId = 1;
	let leaving = false; // on purpose
	let visit = 0; // of the latest navigation: an answer that comes late is not shown

	const pathOf = (url) => new URL(url, location.href).pathname;
	const here = () => location.pathname + location.search;

	// ---- the strip ----

	function save() {
		try {
			sessionStorage.setItem(storage, JSON.stringify(tabs.map(({ id, url, title }) => ({ id, url, title }))));
		} catch { /* they are not restored then */ }
	}

	// The entry of the menu for the page at hand, when the menu is longer than the window.
	function showEntry(entry) {
		const place = entry.getBoundingClientRect(), frame = side.getBoundingClientRect();
		if (place.height && (place.top < frame.top || place.bottom > frame.bottom)) side.scrollTop += place.top - frame.top - frame.height / 3;
	}

	function draw() {
		const focused = list.contains(document.activeElement) && document.activeElement.closest('li')?.dataset.tab;
		list.replaceChildren(...tabs.map((tab) => {
			const item = document.createElement('li'), link = document.createElement('a'), close = document.createElement('button');
			item.dataset.tab = tab.id;
			link.href = tab.url;
			link.textContent = tab.title;
			link.title = tab.title;
			close.type = 'button';
			close.textContent = '×';
			close.tabIndex = -1; // by keyboard: Delete on the tab
			close.setAttribute('aria-label', `${tandem.word('close')} ${tab.title}`);
			if (tab === active) {
				item.dataset.active = '';
				link.setAttribute('aria-current', 'page');
			}
			if (tab.dirty) {
				item.dataset.dirty = '';
				link.setAttribute('aria-description', tandem.word('unsaved'));
			}
			item.append(link, close);
			return item;
		}));
		if (focused) list.querySelector(`[data-tab="${focused}"] a`)?.focus();
		list.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
		const current = [...document.querySelectorAll('#side a[data-path]')].filter((a) => here() === a.dataset.path || `${location.pathname}/`.startsWith(a.dataset.path.replace(/\/?$/, '/')));
		const best = current.sort((a, b) => b.dataset.path.length - a.dataset.path.length)[0];
		for (const link of document.querySelectorAll('#side a[data-path]')) {
			if (link === best) link.setAttribute('aria-current', 'page');
			else link.removeAttribute('aria-current');
		}
		if (best && best !== marked) showEntry(best);
		marked = best;
		save();
	}

	const tabOf = (element) => tabs.find((tab) => String(tab.id) === element.closest('li')?.dataset.tab);
	const titleOf = (page) => page.title.replace(/ · Tandem$/, '');

	function add(url, title) {
		const tab = { id: nextId++, url, title, main: null, scroll: 0, dirty: false };
		tabs.push(tab);
		return tab;
	}

	// ---- pages ----

	// Shows a main element in the tab instead of what it had.
	function put(tab, main, title, url) {
		const shown = document.getElementById('main');
		if (active && active !== tab) {
			active.scroll = scrollY;
			active.main = shown;
		}
		const old = tab === active ? shown : tab.main;
		tab.url = url;
		tab.title = title;
		tab.main = main;
		if (old !== main) tab.dirty = false;
		active = tab;
		if (shown !== main) shown.replaceWith(main);
		for (const gone of new Set([shown, old])) if (gone && !tabs.some((t) => t.main === gone)) tandem.unmountIn(gone);
		document.title = `${title} · Tandem`;
		for (const input of document.querySelectorAll('.who [name=next]')) input.value = url;
		tandem.mountIn(document);
		draw();
	}

	function show(tab, push = true) {
		if (tab === active) return;
		if (!tab.main) {
			load(tab.url, { tab, push });
			return;
		}
		visit++;
		if (push) history.pushState({ tab: tab.id }, '', tab.url);
		put(tab, tab.main, tab.title, tab.url);
		scrollTo(0, tab.scroll);
	}

	// Scripts and styles of the page that are not here yet. False: only a full load can show it.
	async function scripts(page) {
		for (const link of page.querySelectorAll('head link[rel=stylesheet]')) {
			if (![...document.styleSheets].some((s) => s.href && pathOf(s.href) === pathOf(link.getAttribute('href')))) document.head.append(document.adoptNode(link));
		}
		for (const script of page.querySelectorAll('head script[src]')) {
			if (!script.hasAttribute('data-mount')) return false;
			const path = pathOf(script.getAttribute('src'));
			if ([...document.scripts].some((s) => s.src && pathOf(s.src) === path)) continue;
			const own = document.createElement('script');
			own.src = script.getAttribute('src');
			await new Promise((resolve) => {
				own.onload = own.onerror = resolve;
				document.head.append(own);
			});
		}
		return true;
	}

	async function present(answer, tab, push, posted, mine) {
		const type = answer.headers.get('content-type') ?? '';
		if (!type.startsWith('text/html') || /attachment/.test(answer.headers.get('content-disposition') ?? '')) {
			const link = document.createElement('a');
			link.href = URL.createObjectURL(await answer.blob());
			link.download = /filename="?([^";]+)/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? '';
			link.click();
			setTimeout(() => URL.revokeObjectURL(link.href), 60000);
			return;
		}
		const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
		const main = page.getElementById('main'), target = new URL(answer.url);
		// what a form was answered with, without a redirect, belongs to the page that has the form
		const redrawn = posted && !answer.redirected;
		const url = redrawn ? tab.url : target.pathname + target.search;
		if (mine !== visit) return;
		const same = main && page.body.dataset.user === document.body.dataset.user && page.body.dataset.csrf === tandem.csrf && page.body.dataset.assets === document.body.dataset.assets &&
			Boolean(page.getElementById('agent')) === Boolean(document.getElementById('agent')); // the header is another: an extension came or went, the password is changed
		if (!same || (!await scripts(page) && !redrawn)) {
			leaving = !same; // the session is another: nothing can be saved
			location.assign(url);
			return;
		}
		if (mine !== visit) return;
		if (redrawn) history.replaceState({ tab: tab.id }, '', url);
		else if (push && url === here() && tab === active) history.replaceState({ tab: tab.id }, '', url);
		else if (push) history.pushState({ tab: tab.id }, '', url);
		put(tab, document.adoptNode(main), titleOf(page), url);
		if (redrawn && !answer.ok && main.querySelector('form[method=post]')) {
			tab.dirty = true;
			draw();
		}
		const again = page.querySelector('meta[http-equiv=refresh]');
		if (again) setTimeout(() => tab === active && tab.main === main && load(here()), 1000 * Number(again.content));
		// the focus: what is wrong, else where one begins to type
		const hash = push && typeof push === 'string' && main.querySelector(`[id="${CSS.escape(push)}"]`);
		const wrong = main.querySelector('[aria-invalid="true"]');
		if (wrong) wrong.scrollIntoView({ block: 'center' });
		else if (hash) hash.scrollIntoView();
		else scrollTo(0, 0);
		(wrong ?? main.querySelector('[autofocus]') ?? main.querySelector('form[data-new] :is(input:not([type="hidden"]), select, textarea)') ?? main).focus({ preventScroll: true });
	}

	async function load(url, { tab = active, push = true, request = {} } = {}) {
		const mine = ++visit, unsaved = tab.dirty, posted = request.method === 'POST';
		document.body.classList.add('loading');
		try {
			const answer = await fetch(url, { headers: { Accept: 'text/html' }, ...request });
			if (posted) tab.dirty = false;
			await present(answer, tab, push, posted, mine);
		} catch {
			tab.dirty = unsaved;
			if (mine === visit) tandem.toast(tandem.word('unreachable'), 'bad');
		} finally {
			if (mine === visit) document.body.classList.remove('loading');
		}
	}

	const mayDrop = async (tab) => !tab.dirty || tandem.ask(tandem.word('drop'));

	// In the tab that is open, or in a tab of its own (that of the same page, if there is one).
	async function go(url, own = false) {
		const wanted = new URL(url, location.href), path = wanted.pathname + wanted.search;
		const known = own && tabs.find((tab) => pathOf(tab.url) === wanted.pathname);
		if (known && (!wanted.search || known.url === path)) {
			show(known);
			return;
		}
		if (known) {
			if (await mayDrop(known)) load(path, { tab: known });
			return;
		}
		if (own && tabs.length >= mostTabs) {
			tandem.toast(tandem.word('tooMany'), 'bad');
			return;
		}
		if (own) load(path, { tab: add(path, tandem.word('loading')) });
		else if (await mayDrop(active)) load(path, { push: wanted.hash.slice(1) || true });
	}

	async function close(tab) {
		if (!await mayDrop(tab)) return false;
		const place = tabs.indexOf(tab);
		if (tab === active && tabs.length === 1) {
			tab.dirty = false;
			if (location.pathname !== '/desk/') go('/desk/');
			return true;
		}
		tabs.splice(place, 1);
		if (tab === active) show(tabs[Math.min(place, tabs.length - 1)]); // which drops its page
		else if (tab.main) tandem.unmountIn(tab.main);
		draw();
		return true;
	}

	async function closeAll(except) {
		for (const tab of [...tabs]) {
			if (tab !== except && tab !== active && !await close(tab)) return;
		}
		if (!except) await close(active);
	}

	// ---- what people do ----

	document.addEventListener('click', (event) => {
		const link = event.target.closest('a[href]');
		if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
		if (link.matches(plain) || link.origin !== location.origin || /^\/(static|_rec)\//.test(link.pathname)) return;
		event.preventDefault();
		document.getElementById('side').classList.remove('open');
		if (list.contains(link)) show(tabOf(link));
		else go(link.href, Boolean(link.closest('#side, #find, .top')) || link.hasAttribute('data-tab'));
	});

	// the middle button closes a tab; on other links it opens a browser tab as ever
	list.addEventListener('auxclick', (event) => {
		if (event.button !== 1 || !event.target.closest('li')) return;
		event.preventDefault();
		close(tabOf(event.target));
	});
	list.addEventListener('wheel', (event) => {
		if (!event.deltaX) list.scrollLeft += event.deltaY; // the strip has no bar to drag
	}, { passive: true });
	list.addEventListener('mousedown', (event) => event.button === 1 && event.preventDefault());
	list.addEventListener('click', (event) => {
		if (event.target.matches('button')) close(tabOf(event.target));
	});
	list.addEventListener('keydown', (event) => {
		const item = event.target.closest('li');
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		if (step) {
			const items = [...list.children];
			items[(items.indexOf(item) + step + items.length) % items.length].querySelector('a').focus();
		} else if (event.key === 'Delete') {
			close(tabOf(event.target)).then(() => list.querySelector('[data-active] a')?.focus());
		} else return;
		event.preventDefault();
	});
	for (const [name, work] of Object.entries({ 'close-current': () => close(active), 'close-others': () => closeAll(active), 'close-all': () => closeAll(null) })) {
		strip.querySelector(`[data-do=${name}]`).addEventListener('click', work);
	}

	document.addEventListener('submit', (event) => {
		const form = event.target, button = event.submitter;
		if (event.defaultPrevented || !form.closest('#main') || form.matches('.command, [data-full], [target]')) return;
		const method = (button?.getAttribute('formmethod') ?? form.getAttribute('method') ?? 'get').toLowerCase();
		const action = new URL(button?.getAttribute('formaction') ?? form.getAttribute('action') ?? location.href, location.href);
		const data = new FormData(form, button);
		if (action.origin !== location.origin || method === 'dialog') return;
		event.preventDefault();
		if (method === 'get') {
			action.search = new URLSearchParams([...data].filter(([, value]) => value !== ''));
			go(action.href);
			return;
		}
		const body = form.enctype === 'multipart/form-data' ? data : new URLSearchParams(data);
		load(action.href, { request: { method: 'POST', body, headers: { Accept: 'text/html', 'X-CSRF-Token': tandem.csrf } } });
	});

	// a form that changes something is unsaved from the first change on
	document.addEventListener('input', (event) => {
		const form = event.target.form;
		if (!form || form.method !== 'post' || !form.closest('#main') || form.matches('.command, .many, .chooser, [data-full]') || active.dirty) return;
		active.dirty = true;
		draw();
	});
	addEventListener('beforeunload', (event) => {
		if (!leaving && tabs.some((tab) => tab.dirty)) event.preventDefault();
	});
	document.addEventListener('submit', (event) => {
		if (!event.defaultPrevented && event.target.method === 'post' && !event.target.closest('#main')) leaving = true; // signing out, language
	});

	addEventListener('popstate', async (event) => {
		const tab = tabs.find((t) => t.id === event.state?.tab) ?? active;
		if (tab.main && tab !== active && tab.url === here()) {
			show(tab, false);
		} else if (tab.dirty && !await tandem.ask(tandem.word('drop'))) {
			history.pushState({ tab: active.id }, '', active.url);
		} else if (tab.url !== here() || tab !== active) {
			load(here(), { tab, push: false });
		}
	});

	const side = document.getElementById('side');
	document.getElementById('menu-open').addEventListener('click', (event) => {
		side.classList.toggle('open');
		if (side.classList.contains('open')) side.querySelector('.menu a')?.focus();
		event.stopPropagation();
	});
	document.addEventListener('click', (event) => {
		if (!side.contains(event.target)) side.classList.remove('open');
	});
	function fold() {
		const narrow = document.documentElement.dataset.menu === 'narrow' ? 'wide' : 'narrow';
		document.documentElement.dataset.menu = narrow;
		try {
			localStorage.setItem('menu', narrow);
		} catch { /* not remembered then */ }
		document.getElementById('menu-fold').setAttribute('aria-expanded', String(narrow === 'wide'));
	}
	document.getElementById('menu-fold').addEventListener('click', fold);
	// sections of the menu that somebody folded stay so, except the one with the page at hand
	const folded = new Set((() => {
		try {
			return JSON.parse(localStorage.getItem('folded')) ?? [];
		} catch {
			return [];
		}
	})());
	for (const section of side.querySelectorAll('.menu details')) {
		section.open = !folded.has(section.dataset.section) || Boolean(section.querySelector('[aria-current]'));
		section.addEventListener('toggle', () => {
			folded[section.open ? 'delete' : 'add'](section.dataset.section);
			try {
				localStorage.setItem('folded', JSON.stringify([...folded]));
			} catch { /* not remembered then */ }
		});
	}
	document.getElementById('menu-fold').setAttribute('aria-expanded', String(document.documentElement.dataset.menu !== 'narrow'));
	// the strip of tabs stands below the header, however high that is
	new ResizeObserver(([entry]) => {
		document.documentElement.style.setProperty('--top-height', `${Math.round(entry.target.offsetHeight)}px`);
	}).observe(document.querySelector('.top'));

	// the theme: shown at once, kept for the user
	document.getElementById('theme')?.addEventListener('submit', async (event) => {
		event.preventDefault();
		event.stopImmediatePropagation();
		const order = ['system', 'light', 'dark'], root = document.documentElement;
		const theme = order[(order.indexOf(root.dataset.theme) + 1) % order.length];
		root.dataset.theme = theme;
		event.target.elements.theme.value = theme;
		const fault = await tandem.send(event.target);
		if (fault !== null) tandem.toast(fault || tandem.word('unreachable'), 'bad');
	});

	// ---- start ----

	try {
		tabs = JSON.parse(sessionStorage.getItem(storage)).filter((t) => Number.isInteger(t.id) && typeof t.url === 'string' && t.url.startsWith('/') && typeof t.title === 'string').slice(0, mostTabs);
	} catch {
		tabs = [];
	}
	// a page of the menu is called as there: the language may be another one since
	const label = (url) => document.querySelector(`#side .menu a[data-path="${CSS.escape(pathOf(url))}"]`)?.textContent.trim();
	tabs = tabs.map((tab) => ({ ...tab, title: label(tab.url) ?? tab.title, main: null, scroll: 0, dirty: false }));
	nextId = Math.max(0, ...tabs.map((tab) => tab.id)) + 1;
	active = tabs.find((tab) => tab.id === history.state?.tab) ?? tabs.find((tab) => pathOf(tab.url) === location.pathname) ?? add(here(), '');
	active.url = here();
	active.title = titleOf(document);
	active.main = document.getElementById('main');
	history.replaceState({ tab: active.id }, '');
	document.addEventListener('refetch', () => { active.dirty = false; });
	draw();

	Object.assign(tandem, {
		go,
		fold,
		reload: () => load(here()),
		closeTab: () => close(active),
		nextTab: (step) => show(tabs[(tabs.indexOf(active) + step + tabs.length) % tabs.length]),
	});
})();
