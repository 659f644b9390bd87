// SPDX-License-Identifier: GPL-2.0-or-later
// Lists and forms of resources: what is nicer with a script. Everything works without it.
'use strict';

// A question before a button that cannot be undone.
addEventListener('submit', (event) => {
	const question = event.target.dataset.confirm;
	if (question && !confirm(question)) event.preventDefault();
});

// A form that was changed is not left without asking.
for (const form of document.querySelectorAll('form[data-guard]')) {
	let changed = false;
	form.addEventListener('input', () => { changed = true; });
	form.addEventListener('submit', () => { changed = false; });
	addEventListener('beforeunload', (event) => { if (changed) event.preventDefault(); });
}
