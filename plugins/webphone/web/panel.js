// SPDX-License-Identifier: GPL-2.0-or-later
// What one sees of the telephone: the pill in the header and the box below it, drawn from the telephone's state, whichever tab
// has it.
export class Panel {
	#box;
	#pill;
	#state = { link: 'connecting', fault: '', calls: [] };
	#mine = false;
	#open = new Map(); // parts of a call that are unfolded, by its id: '' 'keys' 'move'
	#commands;
	#refresh = 0;

	constructor(box, settings, commands) {
		this.#box = box;
		this.#commands = commands;
		this.#pill = box.querySelector('.phone-pill');
		document.querySelector('.who')?.prepend(this.#pill);
		box.hidden = false;
		for (const root of [this.#pill, box]) root.addEventListener('click', (event) => this.#pressed(event));
		box.addEventListener('submit', (event) => this.#submitted(event));
		addEventListener('keydown', (event) => this.#key(event));
		setInterval(() => this.#times(), 1000);
		this.#settings(settings);
		tandem.live(({ type }) => {
			if (type === 'call.end' || type === 'queue.noanswer') this.#recent(1000);
		});
		this.#fold(Boolean(tandem.recall('webphone open', false)));
		this.#draw();
	}

	#part(name) { return this.#box.querySelector(`[data-phone="${name}"]`); }
	#word(name) { return this.#box.dataset[name] ?? name; }

	// mine: this tab has the telephone.
	show(state, mine) {
		const fresh = state.calls.some(({ id }) => !this.#state.calls.some((call) => call.id === id));
		const over = state.calls.length < this.#state.calls.length;
		this.#state = state;
		this.#mine = mine;
		if (fresh || (state.fault && !this.#box.dataset.told)) this.#fold(true, false);
		if (state.fault) this.#box.dataset.told = 'yes'; // once: it may be folded away
		if (over) this.#recent(2500); // when it is in the database
		this.#draw();
	}

	say(word, more = '') {
		tandem.toast([this.#word(word), more].filter(Boolean).join(': '), word === 'moved' || word === 'back' ? '' : 'bad');
	}

	#fold(open, remember = true) {
		const box = this.#box.querySelector('.phone-box');
		box.hidden = !open;
		this.#pill.setAttribute('aria-expanded', String(open));
		if (remember) tandem.remember('webphone open', open);
		if (open) this.#recent(0);
	}

	// ---- drawing ----

	#draw() {
		const { link, fault, calls } = this.#state;
		const ringing = calls.some((c) => c.state === 'ringing'), first = calls[0];
		const good = link === 'ready' && !fault;
		this.#pill.querySelector('.lamp').className = `lamp is-${good ? 'online' : link === 'connecting' ? 'busy' : link === 'off' && !fault ? 'offline' : 'bad'}`;
		this.#pill.className = `quiet phone-pill${ringing ? ' ringing' : first ? ' talking' : ''}`;
		this.#pill.title = fault ? this.#word(fault) : ringing ? this.#word('ringing') : this.#word(link);
		tandem.setText(this.#part('link'), [this.#word(link), !this.#mine && link === 'ready' ? this.#word('elsewhere') : ''].filter(Boolean).join(' · '));
		this.#part('fault').hidden = !fault;
		tandem.setText(this.#part('fault'), fault ? this.#word(fault) : '');
		this.#box.dataset.link = link;

		const list = this.#part('calls');
		for (const element of [...list.children]) if (!calls.some((c) => c.id === element.dataset.id)) element.remove();
		for (const call of calls) this.#drawCall(list, call);
		const busy = calls.length > 0;
		this.#part('idle').hidden = busy || !this.#part('settings').hidden;
		this.#part('recent-box').hidden = busy || !this.#part('settings').hidden;
		this.#part('keypad').hidden = busy ? !calls.some((c) => this.#open.get(c.id) === 'keys') : !this.#part('settings').hidden;
		this.#times();
	}

	#drawCall(list, call) {
		let element = [...list.children].find((e) => e.dataset.id === call.id);
		if (!element) {
			element = this.#part('call').content.firstElementChild.cloneNode(true);
			element.dataset.id = call.id;
			list.append(element);
		}
		const part = (name) => element.querySelector(`[data-call="${name}"]`), button = (name) => element.querySelector(`[data-do="${name}"]`);
		const ringing = call.state === 'ringing', up = call.state === 'up', open = this.#open.get(call.id) ?? '';
		element.className = `phone-call ${call.state}`;
		element.dataset.state = call.state;
		tandem.setText(part('name'), call.name || tandem.number(call.number) || this.#word('unknown'));
		tandem.setText(part('number'), call.name ? tandem.number(call.number) : '');
		tandem.setText(part('state'), ringing ? this.#word('ringing') : !up ? this.#word('calling') : [call.held ? this.#word('held') : this.#word('talking'), call.muted ? this.#word('muted') : ''].filter(Boolean).join(' · '));
		button('answer').hidden = !ringing;
		part('decline').hidden = !ringing;
		part('end').hidden = ringing;
		for (const name of ['mute', 'hold', 'keys', 'move']) button(name).hidden = !up || (name === 'move' && Boolean(call.asks));
		button('join').hidden = !up || !call.asks;
		element.querySelector('.phone-move').hidden = !up || open !== 'move';
		for (const [name, on] of [['mute', call.muted], ['hold', call.held], ['keys', open === 'keys'], ['move', open === 'move']]) button(name).setAttribute('aria-pressed', String(on));
	}

	#times() {
		// as long as a number of an agent: the header has no room for more
		const talk = this.#state.calls.find((c) => c.state === 'up');
		tandem.setText(this.#pill.querySelector('[data-phone=pill]'), talk ? tandem.duration(Date.now() - talk.since) : this.#box.dataset.own);
		for (const element of this.#part('calls').children) {
			const call = this.#state.calls.find((c) => c.id === element.dataset.id);
			if (call) tandem.setText(element.querySelector('[data-call=timer]'), tandem.duration(Date.now() - call.since));
		}
	}

	// ---- what is pressed ----

	#pressed(event) {
		const button = event.target.closest('button');
		if (!button) return;
		const id = button.closest('.phone-call')?.dataset.id, what = button.dataset.do;
		if (button.dataset.digit) this.#digit(button.dataset.digit);
		else if (button.dataset.recent) this.#again(button);
		else if (what === 'fold') this.#fold(this.#box.querySelector('.phone-box').hidden);
		else if (what === 'settings') this.#showSettings();
		else if (what === 'keys' || what === 'move') {
			this.#open.set(id, this.#open.get(id) === what ? '' : what);
			this.#draw();
			if (this.#open.get(id) === 'move') button.closest('.phone-call').querySelector('[name=target]').focus();
		} else if (what) this.#commands.command(what, id);
	}

	#digit(digit) {
		const call = this.#state.calls.find((c) => this.#open.get(c.id) === 'keys');
		const number = this.#box.querySelector('[name=number]');
		if (call) this.#commands.command('digit', call.id, digit);
		else if (number) {
			number.value += digit;
			number.focus();
		}
	}

	#key(event) {
		if (!event.altKey || event.ctrlKey || event.metaKey) return;
		const ringing = this.#state.calls.find((c) => c.state === 'ringing'), last = this.#state.calls.at(-1);
		if (event.code === 'KeyA' && ringing) this.#commands.command('answer', ringing.id);
		else if (event.code === 'KeyX' && last) this.#commands.command('hangup', (ringing ?? last).id);
		else return;
		event.preventDefault();
	}

	async #submitted(event) {
		const form = event.target;
		event.preventDefault();
		event.stopPropagation();
		if (form.matches('.phone-move')) {
			const id = form.closest('.phone-call').dataset.id;
			this.#commands.command(event.submitter?.value === 'ask' ? 'ask' : 'move', id, form.elements.target.value.trim());
			this.#open.set(id, '');
			form.reset();
			this.#draw();
			return;
		}
		const number = form.elements.number.value.trim();
		form.reset();
		// codes are keys of a telephone; a number is called by the server, which says why not and rings this telephone
		if (/[*#]/.test(number)) this.#commands.command('dial', number);
		else this.#post('/desk/dial', { number });
	}

	async #post(path, fields = {}) {
		const answer = await fetch(path, { method: 'POST', body: new URLSearchParams(fields), headers: { Accept: 'application/json', 'X-CSRF-Token': tandem.csrf } }).catch(() => null);
		if (answer?.ok) return;
		const error = await answer?.json().catch(() => null);
		tandem.toast(error?.error?.message ?? tandem.word('unreachable'), 'bad');
	}

	// ---- the last calls (CALL-12) ----

	#recent(after) {
		clearTimeout(this.#refresh);
		if (this.#box.querySelector('.phone-box').hidden) return;
		this.#refresh = setTimeout(async () => {
			const answer = await tandem.json('/crm/webphone/recent').catch(() => null);
			if (!answer) return;
			const element = (name, text, ...inside) => {
				const made = document.createElement(name);
				made.append(text, ...inside);
				return made;
			};
			const rows = answer.rows.map((row) => {
				const number = tandem.number(row.number) || this.#word('unknown');
				const button = element('button', ''), item = element('li', '');
				button.type = 'button';
				button.dataset.recent = row.call;
				button.title = button.ariaLabel = `${this.#word('call')} ${row.name || number}`;
				button.append(Object.assign(document.createElement('span'), { className: 'icon icon-call' }));
				const who = element('b', row.name || number);
				if (row.missed) {
					item.className = 'missed';
					who.title = this.#word('missed');
				}
				item.append(element('span', '', `${row.out ? '↗' : '↙'} `, who, row.name ? ` ${number}` : ''), element('time', row.at), ...(this.#box.querySelector('.phone-dial') && row.number ? [button] : []));
				return item;
			});
			const empty = element('li', this.#word('nothing'));
			empty.className = 'faint';
			this.#part('recent').replaceChildren(...(rows.length ? rows : [empty]));
		}, after);
	}

	async #again(button) {
		button.disabled = true;
		await this.#post(`/crm/webphone/recent/${button.dataset.recent}`);
		button.disabled = false;
	}

	// ---- settings of this browser ----

	#settings(settings) {
		const part = this.#part('settings');
		const terminal = part.querySelector('form');
		terminal.addEventListener('change', async () => {
			const fault = await tandem.send(terminal);
			if (fault !== null) tandem.toast(fault || tandem.word('unreachable'), 'bad');
		});
		for (const input of part.querySelectorAll(':scope > label :is(input, select)')) {
			if (input.type === 'checkbox') input.checked = settings[input.name];
			else if (input.type === 'range') input.value = settings[input.name];
			input.addEventListener('change', async () => {
				if (input.name === 'notify' && input.checked) input.checked = await window.Notification?.requestPermission() === 'granted';
				this.#commands.change(input.name, input.type === 'checkbox' ? input.checked : input.type === 'range' ? Number(input.value) : input.value);
			});
		}
		this.devices = async () => {
			const devices = await navigator.mediaDevices?.enumerateDevices() ?? [];
			for (const [name, kind] of [['microphone', 'audioinput'], ['speaker', 'audiooutput'], ['bell', 'audiooutput']]) {
				const standard = new Option(this.#word('standard'), ''), select = part.querySelector(`[name=${name}]`);
				select.replaceChildren(standard, ...devices.filter((d) => d.kind === kind && d.deviceId && d.deviceId !== 'default').map((d) => new Option(d.label || d.deviceId.slice(0, 8), d.deviceId)));
				select.value = settings[name];
				if (select.selectedIndex < 0) select.value = '';
			}
		};
		navigator.mediaDevices?.addEventListener('devicechange', () => part.hidden || this.devices());
	}

	#showSettings() {
		const part = this.#part('settings');
		part.hidden = !part.hidden;
		if (!part.hidden) this.devices();
		this.#draw();
	}
}
