// SPDX-License-Identifier: GPL-2.0-or-later
// Sign-in: another picture without losing what was typed.
'use strict';

document.querySelector('.captcha [name=another]')?.addEventListener('click', (event) => {
	event.preventDefault();
	const image = document.querySelector('.captcha img');
	image.src = `${image.src.split('?')[0]}?${Date.now()}`;
	const field = document.querySelector('[name=captcha]');
	field.value = '';
	field.focus();
});
