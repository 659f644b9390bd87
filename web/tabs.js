// SPDX-License-Identifier: GPL-2.0-or-later
// Pieces of other applications in a page: an element with data-fragment becomes what that address answers, and goes away
// with its frame (data-fragment-frame) when it answers with an error, such as that of a plugin that was just disabled.
'use strict';

for (const element of document.querySelectorAll('[data-fragment]')) {
	const frame = element.closest('[data-fragment-frame]') ?? element;
	fetch(element.dataset.fragment, { headers: { 'X-Requested-With': 'fetch' } })
		.then(async (answer) => {
			if (answer.ok) element.innerHTML = await answer.text(); // ours, escaped by its template
			else frame.remove();
		})
		.catch(() => frame.remove());
}
