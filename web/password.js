// SPDX-License-Identifier: GPL-2.0-or-later
// How strong a new password is, while it is typed: length, kinds of characters, and how many differ.
'use strict';

const strength = document.querySelector('.strength');
const field = document.querySelector('[name=new]');

function score(text) {
	const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(text)).length;
	const length = [...text].length;
	const differing = new Set(text).size;
	if (length < 8 || differing < 5) return length ? 1 : 0;
	return Math.min(4, Math.max(1, kinds - 1) + (length >= 12) + (length >= 16));
}

field?.addEventListener('input', () => {
	const points = score(field.value);
	const label = strength.querySelector('#strength');
	strength.hidden = !field.value;
	strength.querySelector('meter').value = points;
	label.textContent = label.dataset.words.split(',')[points];
});
