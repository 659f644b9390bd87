// SPDX-License-Identifier: GPL-2.0-or-later
// SYS-07: each application also answers as plain CGI: one request from the environment and standard input, then it ends.
// Plugins are there too. No FastCGI process is asked.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { build, Stack } from './stack.mjs';

const stack = new Stack({ plugins: ['plugins/skeleton', 'tests/plugins/crash'] });
before(async () => {
	await stack.start();
	for (const words of [['enable', 'skeleton'], ['enable', 'skeleton', '--tenant', 'demo'], ['enable', 'crash'], ['enable', 'crash', '--tenant', 'demo']])
		assert.equal(stack.cli('plugin', ...words).code, 0);
});
after(() => stack.stop());

function cgi(application, path, { method = 'GET', body = '', cookie = '', env = {} } = {}) {
	const got = spawnSync(join(build, `bin/cc-${application}`), [], {
		input: body,
		env: {
			GATEWAY_INTERFACE: 'CGI/1.1', CC_CONF: stack.conf, REQUEST_METHOD: method, REQUEST_URI: path, REMOTE_ADDR: '127.0.0.1', HTTP_HOST: 'shell',
			...(body && { CONTENT_TYPE: 'application/x-www-form-urlencoded', CONTENT_LENGTH: String(Buffer.byteLength(body)) }),
			...(cookie && { HTTP_COOKIE: cookie }), ...env,
		},
	});
	const out = got.stdout.toString(), end = out.indexOf('\r\n\r\n');
	const headers = out.slice(0, end).split('\r\n').map((line) => line.split(/: (.*)/s));
	return { code: got.status, signal: got.signal, log: got.stderr.toString(), status: Number(headers.find(([name]) => name === 'Status')?.[1].slice(0, 3)), headers, body: out.slice(end + 4) };
}

let cookie;
test('signing in, and a page of each application', () => {
	const answer = cgi('desk', '/desk/sign-in', { method: 'POST', body: 'tenant=demo&username=admin&password=demo-admin' });
	assert.equal(answer.code, 0, answer.log);
	assert.equal(answer.status, 303);
	cookie = answer.headers.find(([name]) => name === 'Set-Cookie')[1].split(';')[0];
	for (const [application, path, words] of [['desk', '/desk/sign-in', /<h1/], ['reports', '/reports/calls', /<table/], ['admin-web', '/admin/plugins', /便签/],
		['desk', '/desk/skeleton/notes', /<h1>便签/]]) {
		const page = cgi(application, path, { cookie });
		assert.equal(page.code, 0, page.log);
		assert.equal(page.status, 200, path);
		assert.match(page.body, words);
		assert.match(page.body, /<\/html>\s*$/);
	}
});

test('every application answers every page of its menu', () => {
	for (const { name, program } of stack.applications()) {
		const pages = stack.sql(`SELECT path FROM registry_menu WHERE component = '${name}' ORDER BY path`).flat();
		assert.ok(pages.length, name);
		for (const path of pages) {
			let page = cgi(basename(program).replace('cc-', ''), path, { cookie });
			assert.equal(page.code, 0, page.log);
			if (page.status === 303)	// to the first of several pages, or to where things are made when there is none
				page = cgi(basename(program).replace('cc-', ''), page.headers.find(([header]) => header === 'Location')[1], { cookie });
			assert.equal(page.status, path.startsWith('/admin/tenant') ? 403 : 200, `${path}: of the platform only the operators' page is closed`);
			assert.match(page.body, /<\/html>\s*$/, path);
		}
	}
});

test('who is not signed in, what is not there, what is malformed', () => {
	assert.equal(cgi('reports', '/reports/calls').status, 303);
	assert.equal(cgi('reports', '/reports/nothing', { cookie }).status, 404);
	assert.equal(cgi('reports', '/reports/calls', { method: 'POST', cookie }).status, 405);
	assert.equal(cgi('reports', '/reports/calls?x=%zz', { cookie }).status, 400);
	const head = cgi('reports', '/reports/calls', { method: 'HEAD', cookie });
	assert.deepEqual([head.status, head.body], [200, '']);
});

test('JSON with a key, a path without REQUEST_URI', () => {
	const answer = cgi('reports', '', { env: { REQUEST_URI: '', SCRIPT_NAME: '/reports', PATH_INFO: '/calls', QUERY_STRING: 'size=10', HTTP_AUTHORIZATION: 'Bearer demo-api-key' } });
	assert.equal(answer.status, 200, answer.log);
	assert.deepEqual(JSON.parse(answer.body), { rows: [], next: null });
});

test('a form writes, a wrong token does not', () => {
	const csrf = cgi('desk', '/desk/skeleton/notes/new', { cookie }).body.match(/name="csrf" value="(\w+)"/)[1];
	const note = (token) => cgi('desk', '/desk/skeleton/notes/new', { method: 'POST', cookie, body: `csrf=${token}&number=1&text=by+CGI&mood=good` }).status;
	assert.equal(note('0'), 403);
	assert.equal(note(csrf), 303);
	assert.deepEqual(stack.sql('SELECT text FROM skeleton_note'), [['by CGI']]);
});

test('a crash of a plugin costs the request and is counted; without settings it says so', () => {
	const crashed = cgi('reports', '/reports/crash/segv', { cookie });
	assert.deepEqual([crashed.code, crashed.body], [1, '']);
	assert.match(crashed.log, /plugin crash: crashed at GET \/reports\/crash\/segv \(Segmentation fault\)/);
	assert.equal(cgi('reports', '/reports/crash/ok', { cookie }).status, 200);
	for (let i = 0; i < 2; i++) cgi('reports', '/reports/crash/abort', { cookie });
	assert.equal(cgi('reports', '/reports/crash/ok', { cookie }).status, 404, 'three times, disabled');
	const none = cgi('desk', '/', { env: { CC_CONF: '/nonexistent' } });
	assert.equal(none.code, 1);
	assert.match(none.log, /nonexistent/);
});
