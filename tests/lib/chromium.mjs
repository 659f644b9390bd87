// SPDX-License-Identifier: GPL-2.0-or-later
import { chromium } from 'playwright-core';

// Debian's Chromium, which neither asks for anything outside nor keeps anything; profile: a folder for its cache.
export const launch = (profile) => chromium.launch({
	executablePath: '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
		...(profile ? [`--disk-cache-dir=${profile}`] : [])],
});
