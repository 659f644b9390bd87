// SPDX-License-Identifier: GPL-2.0-or-later
// Before anything is drawn: what this browser remembers of the look, so that nothing jumps.
'use strict';
try {
	document.documentElement.dataset.menu = localStorage.getItem('menu') ?? 'wide';
} catch { /* a browser that keeps nothing */ }
