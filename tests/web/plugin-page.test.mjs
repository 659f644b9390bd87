// SPDX-License-Identifier: GPL-2.0-or-later
// SYS-07, PLAT-18: the page of plugins: the operator's switches, which cc-jobd carries out, and each tenant's settings.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from './client.mjs';
import { build, Stack } from './stack.mjs';

const stack = new Stack({ plugins: ['plugins/skeleton', 'tests/plugins/abi', 'tests/plugins/crash'] });
let operator, admin, agent;

before(async () => {
	await stack.start();
	stack.sql(`INSERT INTO role (tenant_id, id, code, name, data_scope) VALUES (1, 900, 'operator', 'Operator', 'all');
		INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (1, 900, '*');
		INSERT INTO user (tenant_id, id, username, name, kind, role_id, password_hash, language, state, created_at, updated_at)
			SELECT 1, 900, 'operator', 'Operator', 'operator', 900, password_hash, 'en', 'enabled', 0, 0 FROM user WHERE tenant_id = 2 AND id = 1`);
	stack.part('jobd', join(build, 'bin/cc-jobd'), ['-c', stack.conf]);
	[operator, admin, agent] = [1, 2, 3].map(() => new Client(stack.url));
	assert.equal((await operator.signIn('platform', 'operator', 'demo-admin')).status, 303);
	assert.equal((await admin.signIn('demo', 'admin', 'demo-admin')).status, 303);
	assert.equal((await agent.signIn('demo', '802', 'demo-802')).status, 303);
});
after(() => stack.stop());

const text = async (client, path) => (await client.go(path)).text();
const post = async (client, path, fields = {}) => (await client.post(path, { csrf: client.csrf, ...fields })).status;
const state = (name) => stack.sql(`SELECT state FROM plugin WHERE name = '${name}'`)[0]?.[0];

test('what is for the work of tenants is not there for the platform', async () => {
	const menu = await text(operator, '/desk/');
	assert.ok(menu.includes('href="/admin/tenants"') && !menu.includes('href="/crm/'));
	assert.equal((await operator.go('/crm/customers')).status, 404);
	assert.ok(!(await text(operator, '/admin/role-permissions/900')).includes('component=crm'));
	assert.match(await text(admin, '/desk/'), /href="\/crm\/customers"/);
});

test('what lies in the folder is found, and what is wrong with it is said', async () => {
	assert.match(await text(operator, '/admin/plugins'), /There are no plugins here\./);
	assert.equal(await post(operator, '/admin/plugins'), 303);
	await stack.until(() => state('skeleton') && state('abi'), 'the look at the folder');
	const page = await text(operator, '/admin/plugins');
	assert.match(page, /is of ABI 00000007, this is [0-9a-f]{8}: build it again/);
	assert.match(page, /Short notes about callers/);
	assert.match(page, /action="\/admin\/plugins\/skeleton\/enable"/);
	assert.doesNotMatch(page, /href="\/desk\/skeleton/);
});

test('enabling runs in the background and is followed on the page; a failure is said there', async () => {
	assert.equal(await post(operator, '/admin/plugins/skeleton/enable'), 303);
	await stack.until(() => state('skeleton') === 'enabled', 'the plugin is enabled');
	await stack.until(async () => /action="\/admin\/plugins\/skeleton\/disable"/.test(await text(operator, '/admin/plugins')), 'the page shows it');
	assert.equal(await post(operator, '/admin/plugins/abi/enable'), 303);
	await stack.until(() => stack.sql("SELECT state FROM job WHERE JSON_VALUE(parameters, '$.plugin') = 'abi'")[0][0] === 'failed', 'it fails');
	assert.match(stack.sql("SELECT error FROM job WHERE state = 'failed'")[0][0], /plugin abi: is of ABI/);
	assert.deepEqual(stack.sql("SELECT tenant_id, user_name, object FROM audit_log WHERE action = 'plugin.enable' AND user_name = 'operator' ORDER BY id"),
		[['1', 'operator', 'skeleton'], ['1', 'operator', 'abi']]);
});

test('for tenants one by one', async () => {
	assert.match(await text(admin, '/admin/plugins'), /尚未为您开通插件/);
	assert.equal((await admin.go('/admin/plugins/skeleton')).status, 404);
	const page = await text(operator, '/admin/plugins/skeleton');
	assert.match(page, /action="\/admin\/plugins\/skeleton\/enable\/demo"/);
	assert.equal(await post(operator, '/admin/plugins/skeleton/enable/demo'), 303);
	assert.match(await text(operator, '/admin/plugins/skeleton'), /action="\/admin\/plugins\/skeleton\/disable\/demo"/);
	assert.equal((await admin.go('/desk/skeleton/notes')).status, 200);
	assert.match(await text(admin, '/admin/plugins'), /href="\/admin\/plugins\/skeleton">便签</);
	assert.equal(await post(operator, '/admin/plugins/crash/enable/demo'), 409);
	for (const path of ['/admin/plugins/skeleton/enable/nobody', '/admin/plugins/nothing/enable/demo', '/admin/plugins/skeleton/burn/demo', '/admin/plugins/skeleton/burn'])
		assert.equal(await post(operator, path), 404, path);
});

test('the contract of a tenant on one page; what is in it, the tenant switches off and on itself', async () => {
	const boxes = async () => [...(await text(operator, '/admin/contract/3')).matchAll(/type="checkbox" name="(\w+)" value="1"( checked)?/g)].map(([, name, on]) => [name, !!on]);
	assert.deepEqual(await boxes(), [['skeleton', false]], 'crash is not enabled for the platform');
	assert.match(await text(operator, '/admin/tenants/3'), /href="\/admin\/contract\/3"/);
	const other = new Client(stack.url);
	assert.equal((await other.signIn('other', 'admin', 'other-admin')).status, 303);
	assert.equal(await post(other, '/admin/plugins/skeleton/enable'), 404, 'not in the contract');
	assert.equal(await post(operator, '/admin/contract/3', { skeleton: '1', crash: '1', nothing: '1' }), 303);
	assert.deepEqual(await boxes(), [['skeleton', true]]);
	assert.equal(await post(operator, '/admin/contract/3'), 303, 'what a form does not have stays');
	assert.equal((await other.go('/desk/skeleton/notes')).status, 200);

	assert.equal((await other.post('/admin/plugins/skeleton/disable', {})).status, 403, 'without its token');
	assert.equal(await post(other, '/admin/plugins/skeleton/disable'), 303);
	assert.equal((await other.go('/desk/skeleton/notes')).status, 404);
	assert.equal((await other.go('/admin/plugins/skeleton')).status, 200, 'it is still listed');
	assert.equal((await admin.go('/desk/skeleton/notes')).status, 200, 'the other tenant has it');
	assert.match(await text(operator, '/admin/contract/3'), /switched off by the tenant/);
	assert.match(stack.cli('plugin', 'list', '--tenant', 'other').out, /skeleton +plugin +1\.0 +off/);
	assert.equal(await post(other, '/admin/plugins/skeleton/enable'), 303);
	assert.equal((await other.go('/desk/skeleton/notes')).status, 200);

	assert.equal(await post(operator, '/admin/contract/3', { skeleton: '0' }), 303);
	assert.equal((await other.go('/desk/skeleton/notes')).status, 404);
	assert.equal(await post(other, '/admin/plugins/skeleton/enable'), 404);
	assert.equal((await operator.go('/admin/contract/99')).status, 404);
	assert.deepEqual(stack.sql("SELECT tenant_id, action, object FROM audit_log WHERE object IN ('skeleton@other', 'skeleton') AND (tenant_id = 3 OR object LIKE '%@%') ORDER BY id"),
		[['3', 'plugin.enable', 'skeleton'], ['1', 'plugin.enable', 'skeleton@other'], ['3', 'plugin.disable', 'skeleton'], ['3', 'plugin.enable', 'skeleton'],
			['3', 'plugin.disable', 'skeleton'], ['1', 'plugin.disable', 'skeleton@other']], 'both have it in their logs');
});

test('only the operator switches, only who may sees the page', async () => {
	for (const path of ['/admin/plugins', '/admin/plugins/skeleton/disable/demo', '/admin/plugins/skeleton/enable/other', '/admin/contract/2', '/admin/contract/3'])
		assert.equal(await post(admin, path, { skeleton: '1' }), 403, path);
	assert.equal((await admin.go('/admin/contract/2')).status, 403);
	stack.sql("UPDATE role SET data_scope = 'own' WHERE id = 900");
	for (const path of ['/admin/plugins', '/admin/plugins/skeleton/disable', '/admin/plugins/skeleton/disable/demo', '/admin/contract/2'])
		assert.equal(await post(operator, path), 403, `${path} of a reseller`);
	assert.equal((await operator.go('/admin/contract/2')).status, 404, 'a tenant of somebody else');
	stack.sql('UPDATE tenant SET reseller_id = 900 WHERE id = 3');
	const seen = await text(operator, '/admin/contract/3');
	assert.match(seen, /name="skeleton" value="1" disabled/);
	assert.doesNotMatch(seen, /<button class="primary">Save/);
	stack.sql("UPDATE role SET data_scope = 'all' WHERE id = 900");
	assert.equal((await operator.post('/admin/plugins/skeleton/disable', {})).status, 403, 'without its token');
	assert.equal((await agent.go('/admin/plugins')).status, 403);
	assert.equal(await post(agent, '/admin/plugins/skeleton', { greeting: 'x' }), 403);
	assert.equal(state('skeleton'), 'enabled');
});

test('settings: made of the manifest, checked, each tenant its own', async () => {
	const page = await text(admin, '/admin/plugins/skeleton');
	for (const part of ['通话便签上方的提示语', 'name="keep_days"', 'type="number"', 'type="checkbox" name="count_calls"', '<select name="first"', '最早的', '0 表示永久保留'])
		assert.ok(page.includes(part), part);
	const good = { greeting: '<i>你好</i>', keep_days: '7', count_calls: '0', first: 'oldest' };
	for (const [bad, words] of [[{ keep_days: '-1' }, /数字超出范围/], [{ keep_days: '3651' }, /数字超出范围/], [{ keep_days: 'x' }, /数字超出范围/],
		[{ first: 'loudest' }, /请从列表中选择/], [{ count_calls: 'maybe' }, /请选择是或否/], [{ greeting: 'x'.repeat(101) }, /太短或太长/]]) {
		const answer = await admin.post('/admin/plugins/skeleton', { csrf: admin.csrf, ...good, ...bad });
		assert.equal(answer.status, 400, JSON.stringify(bad));
		const body = await answer.text();
		assert.match(body, words);
		assert.doesNotMatch(body, /<i>/);
	}
	assert.deepEqual(stack.sql('SELECT * FROM plugin_option'), []);
	assert.equal(await post(admin, '/admin/plugins/skeleton', good), 303);
	assert.match(await text(admin, '/admin/plugins/skeleton?saved=1'), /value="&lt;i&gt;你好&lt;\/i&gt;"/);
	assert.match(await text(admin, '/desk/skeleton/tab?number=1'), /<p>&lt;i&gt;你好&lt;\/i&gt;<\/p>/);
	assert.deepEqual(stack.sql("SELECT tenant_id, name, value FROM plugin_option WHERE name = 'keep_days'"), [['2', 'keep_days', '7']]);
	assert.equal(await post(operator, '/admin/plugins/skeleton/enable/other'), 303);
	const other = new Client(stack.url);
	await other.signIn('other', 'admin', 'other-admin');
	assert.match(await text(other, '/admin/plugins/skeleton'), /name="keep_days"[^>]* value="0"/);
	assert.doesNotMatch(await text(other, '/desk/skeleton/tab?number=1'), /你好/);
});

test('disabling by the page keeps settings and data', async () => {
	assert.equal(await post(operator, '/admin/plugins/skeleton/disable'), 303);
	await stack.until(() => state('skeleton') === 'disabled', 'it is disabled');
	assert.equal((await admin.go('/desk/skeleton/notes')).status, 404);
	assert.equal((await admin.go('/admin/plugins/skeleton')).status, 404);
	assert.equal(await post(operator, '/admin/plugins/skeleton/enable'), 303);
	await stack.until(() => state('skeleton') === 'enabled', 'it is enabled');
	assert.match(await text(admin, '/admin/plugins/skeleton'), /name="keep_days"[^>]* value="7"/);
	assert.equal((await admin.go('/desk/skeleton/notes')).status, 200);
});
