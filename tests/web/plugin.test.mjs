// SPDX-License-Identifier: GPL-2.0-or-later
// SYS-07, PLAT-18: plugins are switched by cc-admin and by the page, for the platform and for tenants, without a failed
// request; bad ones are refused and named; crashing ones cost one request and are disabled.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { callRow, Client, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const fixtures = ['crash', 'newer', 'wants', 'abi', 'symbol', 'starts', 'refuses'].map((name) => `tests/plugins/${name}`);
const stack = new Stack({ plugins: ['plugins/skeleton', ...fixtures] });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const call = ulid(Date.now(), 1);
let admin, other;

before(async () => {
	await stack.start();
	admin = new Client(stack.url);
	other = new Client(stack.url);
	assert.equal((await admin.signIn('demo', 'admin', 'demo-admin')).status, 303);
	assert.equal((await other.signIn('other', 'admin', 'other-admin')).status, 303);
	assert.equal(stack.cli('plugin', 'scan').code, 0);
});
after(() => stack.stop());

const ok = (...words) => {
	const { code, out } = stack.cli('plugin', ...words);
	assert.equal(code, 0, out);
	return out;
};
const refused = (pattern, ...words) => {
	const { code, out } = stack.cli('plugin', ...words);
	assert.equal(code, 1, out);
	assert.match(out, pattern);
};
const status = async (client, path) => (await client.go(path)).status;
const listed = (name) => stack.sql(`SELECT state, IF(fault = '', stopped, fault) FROM plugin WHERE name = '${name}'`)[0];

describe('switching', () => {
	test('a plugin that nobody enabled is not there', async () => {
		assert.equal(await status(admin, '/desk/skeleton/notes'), 404);
		assert.match(ok('list'), /skeleton +plugin +1\.0 +disabled/);
		refused(/not enabled for the platform/, 'enable', 'skeleton', '--tenant', 'demo');
		refused(/no plugin/, 'disable', 'nothing');
		refused(/there is no tenant/, 'enable', 'skeleton', '--tenant', 'nobody');
	});

	test('for the platform it makes its tables and pages, but no tenant has it', async () => {
		ok('enable', 'skeleton');
		assert.deepEqual(stack.sql("SELECT component, number, complete FROM schema_migration"), [['skeleton', '1', '1']]);
		assert.equal(await status(admin, '/desk/skeleton/notes'), 404);
		assert.doesNotMatch(await (await admin.go('/desk/board')).text(), /skeleton/);
	});

	test('for one tenant: menu, list, form, report, CSV, JSON, in its language; the other tenant has nothing', async () => {
		ok('enable', 'skeleton', '--tenant', 'demo');
		const page = await (await admin.go('/desk/skeleton/notes')).text();
		assert.match(page, /<h1>便签<\/h1>/);
		assert.match(page, /href="\/desk\/skeleton\/notes"[^>]*>(<span[^>]*><\/span>)?<span>便签</);
		assert.match(page, /href="\/desk\/skeleton\/notes\/new/);
		assert.match(await (await admin.go('/reports/calls')).text(), /便签/, 'another application shows it in its menu');
		assert.equal(await status(other, '/desk/skeleton/notes'), 404);
		assert.doesNotMatch(await (await other.go('/desk/board')).text(), /skeleton/);

		const note = { csrf: admin.csrf, number: '13800001234', text: '=1+1 <b>', mood: 'good' };
		assert.equal((await admin.post('/desk/skeleton/notes/new', note)).status, 303);
		for (const bad of [{ number: '' }, { text: '' }, { mood: 'odd' }, { text: 'x'.repeat(501) }])
			assert.equal((await admin.post('/desk/skeleton/notes/new', { ...note, ...bad })).status, 400, JSON.stringify(bad));
		assert.equal((await admin.post('/desk/skeleton/notes/new', { ...note, csrf: '' })).status, 403);
		const { rows } = await (await admin.json('/desk/skeleton/notes')).json();
		assert.equal(rows.length, 1);
		assert.equal(rows[0].text, '=1+1 <b>');
		assert.match(await (await admin.go('/desk/skeleton/notes?format=csv')).text(), /'=1\+1 <b>/);
		assert.match(await (await admin.go('/desk/skeleton/tab?number=13800001234')).text(), /=1\+1 &lt;b&gt;/);
		assert.match(await (await admin.go('/desk/skeleton/days')).text(), /还没有结束的通话/);
	});

	test('CRM-17: in a list of another application: a column, and a button to a form that begins with values of the row', async () => {
		stack.sql(`INSERT INTO service_record (tenant_id, id, at, updated_at, name, phone, agent, note) VALUES (2, 71, 1, 1, 'a', '13800001234', '802', '${'好'.repeat(210)} & <b>'), (2, 72, 1, 1, 'b', '', '802', 'x'), (3, 73, 1, 1, 'c', '13900001234', '900', 'y');
			INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 3, 'crm.services.list')`);
		const list = '/crm/services?from=1970-01-01T00:00';
		const links = async (client, path) => [...(await (await client.go(path)).text()).matchAll(/href="(\/desk\/skeleton\/notes\/new[^"]*)"/g)].map((m) => m[1].replaceAll('&amp;', '&'));
		const [link, ...more] = await links(admin, list);
		assert.deepEqual([more, Object.fromEntries(new URL(link, stack.url).searchParams)], [[], { number: '13800001234', text: '好'.repeat(200) }], 'one has no number');
		assert.deepEqual(await links(admin, '/crm/services/71'), [link], 'on its page too');
		assert.deepEqual(await links(admin, '/crm/services/72'), []);
		const form = await (await admin.go(link)).text();
		assert.match(form, /name="number"[^>]* value="13800001234"/);
		assert.match(form, /<textarea name="text"[^>]*>\s*好{200}</);
		const { rows } = await (await admin.json(`${list}&skeleton_notes=1`)).json();
		assert.deepEqual(rows.map((r) => [r.id, r.skeleton_notes]), [[71, 1]]);
		assert.equal((await admin.post('/crm/services/71/do/skeleton_note', { csrf: admin.csrf })).status, 404, 'it does nothing by itself');
		assert.deepEqual(await links(other, list), [], 'the other tenant has no plugin');
		assert.equal(await status(other, list), 200);
		const agent = new Client(stack.url);
		await agent.signIn('demo', '802', 'demo-802');
		assert.deepEqual([await status(agent, list), await links(agent, list)], [200, []], 'who may not make notes');
		stack.sql("INSERT INTO role_permission VALUES (2, 3, 'skeleton.notes.create')");
		const [masked] = await links(agent, list);
		assert.deepEqual(Object.keys(Object.fromEntries(new URL(masked, stack.url).searchParams)), ['text'], 'a number that is seen in part only is not told');
		stack.sql("DELETE FROM role_permission WHERE permission = 'skeleton.notes.create'");
	});

	test('permissions of a plugin are asked for', async () => {
		const agent = new Client(stack.url);
		await agent.signIn('demo', '802', 'demo-802');
		assert.equal(await status(agent, '/desk/skeleton/notes'), 403);
		stack.sql("INSERT INTO role_permission VALUES (2, 3, 'skeleton.notes.list')");
		assert.equal(await status(agent, '/desk/skeleton/notes'), 200);
		assert.equal(await status(agent, '/desk/skeleton/notes/new'), 403);
	});

	test('disabling hides all of it and keeps the data, enabling brings it back', async () => {
		ok('disable', 'skeleton');
		assert.equal(await status(admin, '/desk/skeleton/notes'), 404);
		assert.doesNotMatch(await (await admin.go('/reports/calls')).text(), /skeleton/);
		for (const table of ['menu', 'permission', 'tab', 'report', 'option', 'job'])
			assert.deepEqual(stack.sql(`SELECT COUNT(*) FROM registry_${table} WHERE component = 'skeleton'`), [['0']]);
		ok('enable', 'skeleton');
		const { rows } = await (await admin.json('/desk/skeleton/notes')).json();
		assert.equal(rows.length, 1, 'the tenant has it again, with its notes');
		ok('disable', 'skeleton', '--tenant', 'demo');
		assert.equal(await status(admin, '/desk/skeleton/notes'), 404);
		ok('enable', 'skeleton', '--tenant', 'demo');
		assert.equal(await status(admin, '/desk/skeleton/notes'), 200);
	});

	test('no request fails while plugins are switched under load', async () => {
		const answers = { 200: 0, 404: 0 };
		let going = true;
		const load = async (client, path) => {
			while (going) {
				const got = await client.go(path);
				await got.text();
				answers[got.status] = (answers[got.status] ?? 0) + 1;
			}
		};
		const all = [load(admin, '/desk/board'), load(other, '/desk/board'), load(admin, '/reports/calls'), load(admin, '/desk/skeleton/notes')];
		for (let i = 0; i < 10 || (answers[200] <= 100 && i < 100); i++) {
			stack.cli('plugin', i % 2 ? 'enable' : 'disable', 'skeleton', ...(i % 3 ? [] : ['--tenant', 'demo']));
			await sleep(60);
		}
		going = false;
		await Promise.all(all);
		assert.deepEqual(Object.keys(answers), ['200', '404'], JSON.stringify(answers));
		assert.ok(answers[200] > 100, JSON.stringify(answers));
		ok('enable', 'skeleton');
		ok('enable', 'skeleton', '--tenant', 'demo');
	});
});

describe('modules', () => {
	test('a paid part of what a tenant has is switched on for it alone', async () => {
		ok('enable', 'crash');
		for (const tenant of ['demo', 'other']) ok('enable', 'crash', '--tenant', tenant);
		const says = async (client) => (await (await client.go('/reports/crash/ok')).text()).trim();
		assert.equal(await says(admin), 'crash 1.0');
		assert.match(ok('list'), /crash_extra +module +enabled/);
		stack.sql(callRow(call, { at: Date.now() }));
		const shows = async (client, path, what) => what.test(await (await client.go(path)).text());
		const extra = async (client) => [await status(client, '/reports/crash/extra/page'),
			(await client.json('/reports/crash/extra/page', { authorization: 'Bearer demo-api-key', cookie: '' })).status,
			await shows(client, '/desk/board', /crash\/extra\/page/),
			await shows(client, '/admin/role-permissions/2?component=crash', /crash\.extra\.view/),
			await shows(client, `/reports/calls/${call.text}`, /crash\/extra\/page\?call=/),
			await shows(client, '/reports/', /class="card" href="\/reports\/crash\/extra\/page"/)];
		stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) SELECT 2, role_id, 'crash.*' FROM api_key WHERE tenant_id = 2 AND id = 1");
		assert.deepEqual(await extra(admin), [404, 404, false, false, false, false], 'page, API, menu, permission, tab and report of the module');
		ok('enable', 'crash_extra', '--tenant', 'demo');
		assert.equal(await says(admin), 'crash 1.0 with extra');
		assert.equal(await says(other), 'crash 1.0');
		assert.deepEqual(await extra(admin), [200, 200, true, true, true, true]);
		assert.equal(await status(other, '/reports/crash/extra/page'), 404);
		assert.ok(!await shows(other, '/reports/', /crash\/extra\/page/));

		// a role keeps what it grants of a module while the tenant has it not, and nobody can grant it then
		const save = (fields) => admin.post('/admin/role-permissions/2', { csrf: admin.csrf, component: 'crash', ...fields });
		const grants = () => stack.sql("SELECT permission FROM role_permission WHERE tenant_id = 2 AND role_id = 2 AND permission LIKE 'crash.%' ORDER BY 1").flat();
		assert.equal((await save({ 'crash.extra.view': '1' })).status, 303);
		ok('disable', 'crash_extra', '--tenant', 'demo');
		assert.equal((await save({ 'crash.page.view': '1' })).status, 303);
		assert.deepEqual(grants(), ['crash.extra.view', 'crash.page.view']);
		stack.sql("DELETE FROM role_permission WHERE tenant_id = 2 AND role_id = 2 AND permission LIKE 'crash.%'");
		assert.equal((await save({ 'crash.extra.view': '1' })).status, 403);
		assert.deepEqual(grants(), []);
		ok('enable', 'crash_extra', '--tenant', 'demo');
		refused(/no plugin crash_extra/, 'disable', 'crash_extra');
		ok('disable', 'crash_extra', '--tenant', 'demo');
		assert.equal(await says(admin), 'crash 1.0');
		assert.deepEqual(await extra(admin), [404, 404, false, false, false, false]);
		stack.sql('DELETE FROM calls');
		ok('disable', 'crash', '--tenant', 'other');
		ok('disable', 'crash', '--tenant', 'demo');
		ok('disable', 'crash');
		assert.doesNotMatch(ok('list'), /crash_extra/);
	});

	test('an application may be a paid one', async () => {
		assert.equal(await status(other, '/reports/calls'), 200);
		// a job that waited meanwhile: {exit status, what it says}
		stack.sql(`INSERT INTO job (tenant_id, id, kind, parameters, state, created_by, created_at) VALUES (3, 900, 'reports.export',
			'{"path":"/reports/calls","scope":"all","query":"","format":"csv"}', 'running', 9, 1)`);
		const job = () => {
			const got = spawnSync(stack.reports.program, ['-c', stack.conf, '-j', '900'], { encoding: 'utf8' });
			return [got.status, got.stdout];
		};
		assert.deepEqual(job(), [0, '0']);
		stack.sql("UPDATE plugin SET per_tenant = 1 WHERE name = 'reports'; UPDATE plugin_generation SET generation = generation + 1");
		assert.equal(await status(other, '/reports/calls'), 404);
		assert.deepEqual(job(), [1, 'This is not in the contract any more.']);
		assert.doesNotMatch(await (await other.go('/desk/board')).text(), /reports/);
		ok('enable', 'reports', '--tenant', 'other');
		assert.equal(await status(other, '/reports/calls'), 200);
		assert.deepEqual(job(), [0, '0']);
		assert.equal(await status(admin, '/reports/calls'), 404);
		stack.sql("UPDATE plugin SET per_tenant = 0 WHERE name = 'reports'; UPDATE plugin_generation SET generation = generation + 1");
		assert.equal(await status(admin, '/reports/calls'), 200);
	});
});

describe('what is refused', () => {
	test('another ABI, no symbol, a start that refuses or crashes: named by cc-admin and in the list', async () => {
		for (const [name, words] of [['abi', /is of ABI 00000007/], ['symbol', /has no cc_plugin_manifest/],
			['refuses', /no licence/], ['starts', /crashes when it is loaded/]]) {
			refused(words, 'enable', name);
			assert.equal(listed(name)[0], 'disabled');
			assert.match(listed(name)[1], words);
		}
		assert.match(ok('list'), /abi +plugin +disabled +! is of ABI/);
	});

	test('a need that is not met, an older version of it, and what others need is not taken away', async () => {
		refused(/needs crash 1\.0, which is not enabled/, 'enable', 'newer');
		ok('enable', 'crash');
		refused(/needs crash 2\.0, here is version 1\.0/, 'enable', 'wants');
		ok('enable', 'newer');
		refused(/newer needs it/, 'disable', 'crash');
		ok('disable', 'newer');
		ok('disable', 'crash');
	});

	test('a file that others may write, also one that became so later: its pages go, the rest stays, the log names it', async () => {
		const file = join(stack.prefix, 'plugins/crash/crash.so');
		chmodSync(file, 0o777);
		refused(/can be written by others/, 'enable', 'crash');
		chmodSync(file, 0o755);
		ok('enable', 'crash');
		ok('enable', 'crash', '--tenant', 'demo');
		assert.equal(await status(admin, '/reports/crash/ok'), 200);
		chmodSync(file, 0o777);
		stack.sql('UPDATE plugin_generation SET generation = generation + 1');
		for (let i = 0; i < 6; i++) assert.equal(await status(admin, '/reports/calls'), 200);
		await stack.until(async () => (await status(admin, '/reports/crash/ok')) === 404, 'all workers have looked');
		assert.match(stack.reports.log, /plugin crash: .* can be written by others/);
		assert.match(listed('crash')[1], /can be written by others/);
		chmodSync(file, 0o755);
		ok('disable', 'crash');
	});

	test('the look at the start disables what is broken or gone, and brings enabled ones to their new version', async () => {
		ok('enable', 'crash');
		const file = join(stack.prefix, 'plugins/crash/crash.so');
		rmSync(file); // a mapped file must not be written over
		writeFileSync(file, 'no library');
		assert.match(ok('scan'), /cannot be loaded/);
		assert.equal(listed('crash')[0], 'disabled');
		rmSync(join(stack.prefix, 'plugins/newer'), { recursive: true });
		ok('scan');
		assert.match(listed('newer')[1], /not there/);
		rmSync(file);
		stack.copyPlugin('tests/plugins/crash');
		ok('scan');
		assert.match(listed('crash')[1], /could not be brought/, 'it stays disabled, and says why');
	});
});

describe('crashes', () => {
	test('a crash costs one request; after three in five minutes the plugin is disabled and named; all else answers 200', async () => {
		ok('enable', 'crash');
		ok('enable', 'crash', '--tenant', 'demo');
		assert.equal(await status(admin, '/reports/crash/ok'), 200);
		let going = true;
		const others = { 200: 0 };
		const rest = (async () => {
			while (going) {
				for (const path of ['/reports/calls', '/desk/skeleton/notes', '/desk/board']) {
					const code = await status(admin, path);
					others[code] = (others[code] ?? 0) + 1;
				}
			}
		})();
		const crashes = () => Number(stack.sql("SELECT COUNT(*) FROM plugin_crash WHERE plugin = 'crash'")[0][0]);
		for (let n = 1; n <= 3; n++) {
			assert.equal(await status(admin, `/reports/crash/${n === 2 ? 'abort' : 'segv'}`), 502);
			await stack.until(() => crashes() === n, `crash ${n} is kept`);
			assert.equal(await status(admin, '/reports/crash/ok'), n < 3 ? 200 : 404);
		}
		going = false;
		await rest;
		assert.deepEqual(Object.keys(others), ['200'], JSON.stringify(others));
		const [state, fault] = listed('crash');
		assert.equal(state, 'disabled');
		assert.match(fault, /crashed 3 times within 5 minutes and was disabled; last reports: GET \/reports\/crash\/segv, Segmentation fault/);
		assert.match(stack.reports.log, /plugin crash: crashed at GET \/reports\/crash\/abort \(Aborted\)/);
		assert.match(stack.reports.log, /plugin crash: crashed 3 times/);
		assert.deepEqual(stack.sql("SELECT tenant_id, object FROM audit_log WHERE action = 'plugin.crashed'"), [['1', 'crash']]);
	});

	test('enabled again it works again, and what it adds to a list of another is contained as well', async () => {
		ok('enable', 'crash');
		const calls = await (await admin.json('/reports/calls')).json();
		assert.equal(await status(admin, '/reports/crash/ok'), 200);
		stack.sql(`INSERT INTO calls (tenant_id, id, started_at, direction, caller, callee) VALUES (2, UNHEX(CONCAT(LPAD(HEX(${Date.now()}), 12, '0'), REPEAT('0', 20))), ${Date.now()}, 'in', '13800001234', '4008001')`);
		const { rows } = await (await admin.json('/reports/calls')).json();
		assert.equal(rows.length, calls.rows.length + 1);
		assert.equal(rows[0].crash_caller, '13800001234');
		assert.match(await (await admin.go('/reports/calls')).text(), /Fixture/);
		assert.equal((await (await other.json('/reports/calls')).json()).rows.length, 0);
		assert.doesNotMatch(await (await other.go('/reports/calls')).text(), /Fixture/);
		assert.equal(await status(admin, '/reports/calls?die=segv'), 502);
		await stack.until(() => stack.sql("SELECT COUNT(*) FROM plugin_crash WHERE what = 'GET /reports/calls'")[0][0] === '1', 'the crash is kept');
		assert.equal(await status(admin, '/reports/calls'), 200);
		ok('disable', 'crash');
		assert.equal(await status(admin, '/reports/calls?die=segv'), 200, 'its column is gone');
	});
});
