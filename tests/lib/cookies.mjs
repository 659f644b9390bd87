// SPDX-License-Identifier: GPL-2.0-or-later
// The Set-Cookie lines of an answer. Debian's Node 18 has fetch without Headers.getSetCookie(); get() joins the lines
// with ", ", which may also stand in a date: only a comma before NAME= separates.
export function setCookies(answer) {
	return (answer.headers.get('set-cookie') ?? '').split(/,\s*(?=[^\s;,=]+=)/).filter(Boolean);
}
