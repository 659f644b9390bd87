// SPDX-License-Identifier: GPL-2.0-or-later
// The organisation: accounts, agents, groups, roles, departments, tenants, preferences, logs; who may do what, and two
// tenants that never see each other.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Client, callRow, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack();
const md5 = (text) => createHash('md5').update(text).digest('hex');
const one = (sql) => stack.sql(sql)[0]?.[0];
let admin, reloads;

before(async () => {
	await stack.start();
	// the platform and its operator, who has the password of demo's administrator
	stack.sql(`INSERT INTO role (tenant_id, id, code, name, data_scope) VALUES (1, 20, 'operator', 'Operator', 'all'), (1, 21, 'reseller', 'Reseller', 'own');
		INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (1, 20, '*'), (1, 21, 'admin.tenant.*');
		INSERT INTO user (tenant_id, id, username, name, kind, role_id, password_hash, language, created_at, updated_at)
			SELECT 1, 30, 'operator', 'Operator', 'operator', 20, password_hash, 'en', 0, 0 FROM user WHERE id = 1;
		INSERT INTO user (tenant_id, id, username, name, kind, role_id, password_hash, language, created_at, updated_at)
			SELECT 1, 31, 'reseller', 'Reseller', 'reseller', 21, password_hash, 'en', 0, 0 FROM user WHERE id = 1;
		UPDATE user SET language = 'en' WHERE id = 1`);
	admin = await as('demo', 'admin');
});
after(() => stack.stop());
beforeEach(async () => {
	reloads = 0;
	await stack.startEngine((method) => {
		if (method === 'cc.reload') {
			reloads++;
			return { generation: 1 };
		}
		if (method === 'cc.calls') return { calls: [{}, {}] };
		throw { reason: 'no_such_agent' };
	});
});
afterEach(() => stack.stopEngine());

async function as(tenant, username, password = `${tenant}-${username}`) {
	const client = new Client(stack.url);
	const answer = await client.signIn(tenant, username, password);
	assert.equal(answer.status, 303, `${username} signs in: ${answer.status}`);
	return client;
}

// Saves a form as a program does: the answer's JSON with its status.
async function save(client, path, fields) {
	const body = new URLSearchParams([['csrf', client.csrf], ...Object.entries(fields).flatMap(([name, value]) => [value].flat().map((v) => [name, v]))]);
	const answer = await client.go(path, { method: 'POST', body, headers: { origin: stack.url, accept: 'application/json' } });
	const text = await answer.text();
	return { status: answer.status, ...(text.startsWith('{') ? JSON.parse(text) : { text }) };
}
const fine = (answer, what) => {
	assert.ok([200, 303].includes(answer.status), `${what}: ${JSON.stringify(answer)}`);
	return answer;
};
const rows = async (client, path) => {
	const answer = await (await client.json(`${path}${path.includes('?') ? '&' : '?'}format=json`)).json();
	if (answer.error?.code === 'internal') throw new Error(`${path}: ${stack.admin.log.trim().split('\n').at(-1)}`);
	return answer.rows;
};
const account = { family_name: '李', given_name: '雷', role: '1', state: 'enabled', password: 'Secret-77', again: 'Secret-77' };

// ---- accounts ----

test('ORG-01 an account is created, found, changed and deleted; its first password must be changed', async () => {
	fine(await save(admin, '/admin/users/new', { ...account, username: 'lilei', note: 'Night shift' }), 'created');
	const id = one("SELECT id FROM user WHERE tenant_id = 2 AND username = 'lilei'");
	assert.deepEqual(stack.sql(`SELECT name, kind, password_due, live FROM user WHERE id = ${id}`), [['李雷', 'admin', '1', '1']]);
	const person = new Client(stack.url);
	await person.signIn('demo', 'lilei', 'Secret-77');
	assert.equal((await person.go('/desk/board')).headers.get('location'), '/desk/password');
	for (const q of ['lilei', '李', '雷']) assert.ok((await rows(admin, `/admin/users?q=${encodeURIComponent(q)}`)).some((row) => row.username === 'lilei'), q);
	const again = await save(admin, '/admin/users/new', { ...account, username: 'lilei' });
	assert.equal(again.status, 400);
	assert.ok(again.error.fields.username, 'a name is taken once');
	fine(await save(admin, `/admin/users/${id}`, { given_name: 'Lei', family_name: 'Li' }), 'changed');
	assert.equal(one(`SELECT name FROM user WHERE id = ${id}`), 'Li Lei');
	assert.equal((await person.go('/desk/password')).status, 200);
	fine(await save(admin, `/admin/users/${id}`, { state: 'disabled' }), 'disabled');
	assert.equal((await person.go('/desk/password')).status, 303, 'out at once');
	fine(await save(admin, `/admin/users/${id}/delete`, {}), 'deleted');
	assert.equal(one(`SELECT COALESCE(live, 'retired') FROM user WHERE id = ${id}`), 'retired');
	assert.equal((await admin.json(`/admin/users/${id}`)).status, 404);
	fine(await save(admin, '/admin/users/new', { ...account, username: 'lilei' }), 'the name is free again');
});

test('ORG-01 what is wrong is said beside its field', async () => {
	const cases = [
		[{ username: '12345' }, 'username'], [{ username: 'a b' }, 'username'], [{ username: 'x' }, 'username'], [{ username: '' }, 'username'], [{ family_name: '' }, 'family_name'],
		[{ given_name: '字'.repeat(41) }, 'given_name'], [{ role: '6' }, 'role'], [{ role: 'x' }, 'role'], [{ state: 'gone' }, 'state'], [{ password: 'short', again: 'short' }, 'password'],
		[{ again: 'Secret-78' }, 'again'], [{ email: 'nobody' }, 'email'], [{ mobile: 'abc' }, 'mobile'], [{ extension: '6' }, 'extension'],
	];
	for (const [fields, field] of cases) {
		const answer = await save(admin, '/admin/users/new', { ...account, username: 'wrong', ...fields });
		assert.equal(answer.status, 400, JSON.stringify(fields));
		assert.ok(answer.error.fields[field], `${JSON.stringify(fields)}: ${JSON.stringify(answer.error)}`);
	}
	assert.equal(one("SELECT COUNT(*) FROM user WHERE username = 'wrong'"), '0');
});

test('a made-up password is shown once; a reset ends sessions and unfreezes (AUTH-02)', async () => {
	const page = await admin.post('/admin/users/new', { ...account, csrf: admin.csrf, username: 'fresh', password: '', again: '' });
	assert.equal(page.status, 200);
	const secret = (await page.text()).match(/class="secret">([^<]{16})</)[1];
	const person = new Client(stack.url);
	assert.equal((await person.signIn('demo', 'fresh', secret)).status, 303);
	const id = one("SELECT id FROM user WHERE username = 'fresh'");
	stack.sql("INSERT INTO sign_in_failure (tenant_code, username, address, failures, last_at, frozen_until) VALUES ('demo', 'fresh', '', 10, 1, 9e15)");
	const reset = await admin.post(`/admin/users/${id}/do/reset_password`, { csrf: admin.csrf });
	const next = (await reset.text()).match(/class="secret">([^<]{16})</)[1];
	assert.notEqual(next, secret);
	assert.equal((await person.go('/desk/password')).status, 303, 'its session is gone');
	assert.equal((await new Client(stack.url).signIn('demo', 'fresh', next)).status, 303, 'not frozen any more');
	assert.ok(!stack.sql('SELECT detail FROM audit_log').flat().join().includes(secret), 'no password in the log');
});

test('ORG-08 an account is given an agent\'s extension and loses it again', async () => {
	fine(await save(admin, '/admin/users/new', { ...account, username: 'bound', extension: '2' }), 'bound');
	const id = one("SELECT id FROM user WHERE username = 'bound'");
	assert.equal(one('SELECT user_id FROM agent WHERE id = 2'), id);
	const taken = await save(admin, '/admin/users/new', { ...account, username: 'second', extension: '2' });
	assert.equal(taken.status, 400);
	assert.match(taken.error.fields.extension, /bound/);
	const used = await save(admin, '/admin/agents/2/delete', {});
	assert.equal(used.status, 409);
	assert.match(used.error.message, /bound/);
	fine(await save(admin, `/admin/users/${id}`, { extension: '' }), 'unbound');
	assert.equal(one('SELECT user_id FROM agent WHERE id = 2'), '3', 'the agent has it back');
});

test('AUTH-05 log in as: with a banner, a way back, and both names in the log', async () => {
	const client = await as('demo', 'admin');
	const away = await client.post('/admin/agents/2/do/log_in_as', { csrf: client.csrf });
	assert.equal(away.headers.get('location'), '/desk/');
	const board = await (await client.go('/desk/board')).text();
	assert.match(board, /class="acting"[^]*王芳[^]*admin/);
	assert.equal((await client.go('/admin/users')).status, 403, 'no more than that account may');
	client.csrf = board.match(/name="csrf" value="(\w+)"/)[1];
	assert.equal((await client.post('/desk/password', { csrf: client.csrf, old: 'x', new: 'Abcdef-12', again: 'Abcdef-12' })).status, 400, 'not the password');
	await client.post('/desk/language', { csrf: client.csrf, language: 'zh_CN' });
	const back = await client.post('/desk/return', { csrf: client.csrf });
	assert.equal(back.headers.get('location'), '/desk/');
	const home = await (await client.go('/admin/users')).text();
	assert.ok(!home.includes('class="acting"'));
	assert.deepEqual(stack.sql("SELECT user_name, origin_name, object FROM audit_log WHERE action = 'admin.agent.log_in_as'"), [['802', 'admin', 'agents/2']]);
	assert.equal((await client.post('/desk/return', { csrf: home.match(/name="csrf" value="(\w+)"/)[1] })).status, 409);
	// the end of the real account's sessions ends this one too
	const second = await as('demo', 'admin');
	await second.post('/admin/agents/2/do/log_in_as', { csrf: second.csrf });
	stack.sql('DELETE FROM session WHERE origin_user_id = 1');
	assert.equal((await second.go('/desk/board')).status, 303);
	const third = await as('demo', 'admin');
	await third.post('/admin/agents/2/do/log_in_as', { csrf: third.csrf });
	stack.sql("UPDATE user SET state = 'disabled' WHERE id = 1");
	assert.equal((await third.go('/desk/board')).status, 303, 'whoever acts must be enabled');
	stack.sql("UPDATE user SET state = 'enabled' WHERE id = 1");
	const client2 = await as('demo', 'admin');
	assert.equal((await client2.post('/admin/agents/5/do/log_in_as', { csrf: client2.csrf })).status, 409, 'a disabled agent');
	assert.equal((await client2.post('/admin/agents/6/do/log_in_as', { csrf: client2.csrf })).status, 404, 'of the other tenant');
});

// ---- agents ----

const agent = { number: '820', family_name: '王', given_name: '五', role: '3', state: 'enabled', sip_password: 'sip-820', web_password: 'Web-820-ok', again: 'Web-820-ok', phone_password: '4711' };

test('ORG-02 ORG-03 an agent is created with its account and reaches the engine at once', async () => {
	const generation = one('SELECT generation FROM configuration_generation');
	stack.sql("INSERT INTO did (tenant_id, number, target_kind, target) VALUES (2, '4008001', 'queue', '600')");
	fine(await save(admin, '/admin/agents/new', { ...agent, click_only: '1', caller_id: '4008001', browser_work: '1', browser_grace_s: '20', mac: '00:1A:2b:3C:4d:5E', first_group: '1' }), 'created');
	assert.equal(reloads, 1);
	assert.ok(Number(one('SELECT generation FROM configuration_generation')) > Number(generation));
	const row = stack.sql(`SELECT a.name, a.sip_ha1, a.phone_pin_hash, a.click_only, a.caller_id, a.browser_work, a.browser_grace_s, a.mac, u.kind, u.password_due
		FROM agent a JOIN user u ON u.tenant_id = a.tenant_id AND u.id = a.user_id WHERE a.tenant_id = 2 AND a.number = '820'`)[0];
	assert.deepEqual(row, ['王五', md5('820:demo:sip-820'), md5('pin:820:demo:4711'), '1', '4008001', '1', '20', '001a2b3c4d5e', 'agent', '1']);
	assert.deepEqual(stack.sql("SELECT m.group_id, m.slot FROM agent_group_member m JOIN agent a ON a.id = m.agent_id WHERE a.number = '820'"), [['1', '1']]);
	const person = new Client(stack.url);
	assert.equal((await person.signIn('demo', '820', 'Web-820-ok')).status, 303);
	const id = one("SELECT id FROM agent WHERE number = '820'");
	const renamed = fine(await save(admin, `/admin/agents/${id}`, { given_name: '六', number: '820' }), 'renamed');
	assert.ok(renamed);
	assert.equal(one(`SELECT name FROM agent WHERE id = ${id}`), '王六');
	assert.equal(one("SELECT name FROM user WHERE username = '820'"), '王六');
	assert.equal(one("SELECT COUNT(*) FROM agent_group_member m JOIN agent a ON a.id = m.agent_id WHERE a.number = '820'"), '1', 'renaming keeps the membership');
	assert.equal(one(`SELECT sip_ha1 FROM agent WHERE id = ${id}`), md5('820:demo:sip-820'), 'and the password');
	const fixed = await save(admin, `/admin/agents/${id}`, { number: '821' });
	assert.equal(fixed.status, 400, 'the number stays');
	fine(await save(admin, `/admin/agents/${id}`, { state: 'disabled' }), 'disabled');
	assert.equal((await person.go('/desk/password')).status, 303);
	const answer = await new Client(stack.url).signIn('demo', '820', 'Web-820-ok');
	assert.equal(answer.status, 401);
	fine(await save(admin, `/admin/agents/${id}/delete`, {}), 'deleted');
	assert.equal(one(`SELECT COALESCE(live, 'retired') FROM agent WHERE id = ${id}`), 'retired');
	fine(await save(admin, '/admin/agents/new', agent), 'the number is free again');
});

test('ORG-02 numbers have two to six digits, do not begin with 0 and are nobody else\'s', async () => {
	for (const number of ['1', '01001', '1234567', '8a0', '', '801', '600', '８２１']) {
		const answer = await save(admin, '/admin/agents/new', { ...agent, number });
		assert.equal(answer.status, 400, number);
		assert.ok(answer.error.fields.number, number);
	}
	for (const [field, value] of [['mac', '00:1A'], ['phone_password', 'abc'], ['caller_id', 'x'], ['browser_grace_s', '1'], ['role', '6'], ['first_group', '3'], ['department', '1']]) {
		const answer = await save(admin, '/admin/agents/new', { ...agent, number: '877', [field]: value });
		assert.equal(answer.status, 400, field);
		assert.ok(answer.error.fields[field], field);
	}
	assert.equal(reloads, 0);
});

test('CALL-06 the number outside of an agent: as it is dialled, none of the own ones, a terminal only with the contract', async () => {
	if (one("SELECT COUNT(*) FROM did WHERE number = '4008001'") === '0') stack.sql("INSERT INTO did (tenant_id, number, target_kind, target) VALUES (2, '4008001', 'queue', '600')");
	fine(await save(admin, '/admin/agents/2', { terminal_number: '+86 (139) 0000-0077', mobile_confirm: '1' }), 'a number');
	assert.deepEqual(stack.sql('SELECT mobile, mobile_confirm, terminal FROM agent WHERE id = 2'), [['+8613900000077', '1', 'all']]);
	for (const terminal_number of ['4008001', '+4008001', '12', 'none', '123456789012345678901']) {
		const answer = await save(admin, '/admin/agents/2', { terminal_number });
		assert.equal(answer.status, 400, terminal_number);
		assert.ok(answer.error.fields.terminal_number, terminal_number);
	}
	for (const terminal of ['mobile', 'fax']) {
		const answer = await save(admin, '/admin/agents/2', { terminal });
		assert.deepEqual([answer.status, Boolean(answer.error.fields.terminal)], [400, true], terminal);
	}
	fine(await save(admin, '/admin/agents/2', { terminal: 'phone', terminal_number: '', mobile_confirm: '0' }), 'none');
	assert.deepEqual(stack.sql('SELECT mobile, mobile_confirm, terminal FROM agent WHERE id = 2'), [['', '0', 'phone']]);
	fine(await save(admin, '/admin/agents/2', { terminal: '', mobile_confirm: '1' }), 'as it was');
});

test('ORG-09 the first and the second group of an agent', async () => {
	fine(await save(admin, '/admin/agents/2', { first_group: '2', second_group: '1' }), 'both');
	assert.deepEqual(stack.sql('SELECT group_id, slot FROM agent_group_member WHERE agent_id = 2 ORDER BY slot'), [['2', '1'], ['1', '2']]);
	assert.equal((await save(admin, '/admin/agents/2', { first_group: '1', second_group: '1' })).status, 400);
	fine(await save(admin, '/admin/agents/2', { first_group: '1', second_group: '' }), 'one');
	assert.deepEqual(stack.sql('SELECT group_id, slot FROM agent_group_member WHERE agent_id = 2'), [['1', '1']]);
});

test('ORG-04 ORG-10 many agents with a preview; existing numbers are skipped and named', async () => {
	stack.sql("REPLACE INTO preference (tenant_id, name, value) VALUES (2, 'phone_password', '2468')");
	const fields = { csrf: admin.csrf, first: '805', count: '6', role: '3', group: '2', step: 'preview' };
	const preview = await (await admin.post('/admin/agent-batch', fields)).text();
	assert.match(preview, /skipped:[^<]*806, 807, 810/);
	assert.deepEqual([...preview.matchAll(/name="pick_(\d+)"/g)].map((m) => m[1]), ['805', '808', '809']);
	assert.match(await (await admin.go('/admin/agent-batch')).text(), /value="2468"/, 'the default of the preferences');
	const made = await admin.post('/admin/agent-batch', { ...fields, step: 'create', phone_password: '2468', pick_805: '1', given_805: '<b>Five</b>', group_805: '2', pick_809: '1', given_809: 'Nine', group_809: '', pick_806: '1' });
	const page = await made.text();
	assert.equal(made.status, 200);
	assert.match(page, /skipped:[^<]*806/);
	assert.equal([...page.matchAll(/class="secret"/g)].length, 4, 'SIP and web password of two agents');
	assert.ok(!page.includes('<b>Five'));
	assert.equal(reloads, 1);
	assert.deepEqual(stack.sql("SELECT number, name, phone_pin_hash FROM agent WHERE tenant_id = 2 AND number IN ('805', '808', '809') ORDER BY number"),
		[['805', '<b>Five</b>', md5('pin:805:demo:2468')], ['809', 'Nine', md5('pin:809:demo:2468')]]);
	assert.equal(one("SELECT COUNT(*) FROM agent_group_member m JOIN agent a ON a.id = m.agent_id WHERE a.number IN ('805', '809') AND m.group_id = 2"), '1');
	for (const wrong of [{ first: '01' }, { first: '999999' }, { count: '0' }, { count: '201' }, { count: '-1' }, { role: '6' }, { web_password: 'weak' }, { phone_password: 'abc' }]) {
		const answer = await admin.post('/admin/agent-batch', { ...fields, ...wrong });
		assert.equal(answer.status, 400, JSON.stringify(wrong));
		assert.match(await answer.text(), /role="alert"/);
	}
	stack.sql('DELETE FROM preference');
});

test('ORG-11 new agents get the default provisioning template by themselves when the tenant wants it', async () => {
	const template = async (number) => {
		fine(await save(admin, '/admin/agents/new', { ...agent, number }), number);
		return one(`SELECT CONCAT('<', provisioning_template, '>') FROM agent WHERE tenant_id = 2 AND number = '${number}'`);
	};
	assert.equal((await save(admin, '/admin/preferences', { provisioning_template: 'yealink-t31' })).status, 400, 'there is no such template');
	const made = fine(await save(admin, '/admin/phone-templates/new', { name: 'yealink-t31', brand: 'Yealink', content: 'account.1.user_name = {number}\naccount.1.label = {name}\naccount.1.sip_server = {domain}\n{else}' }), 'template');
	fine(await save(admin, '/admin/preferences', { provisioning_template: 'yealink-t31' }), 'template');
	assert.equal(await template('860'), '<>');
	fine(await save(admin, '/admin/preferences', { auto_bind: '1' }), 'by themselves');
	assert.equal(await template('861'), '<yealink-t31>');
	const agent861 = one("SELECT id FROM agent WHERE tenant_id = 2 AND number = '861'");
	const preview = await (await admin.go(`/admin/phone-preview/${agent861}`)).text();
	assert.match(preview, /account\.1\.user_name = 861\naccount\.1\.label = [^\n]+\naccount\.1\.sip_server = demo\n\{else\}/, 'ORG-03 what the phone gets');
	assert.equal((await admin.go('/admin/phone-preview/1')).status, 404, 'who has none');
	// of the platform: copied, not changed; in use: not deleted; renamed: agents keep it
	stack.sql("INSERT INTO phone_template (tenant_id, id, name, brand, content, created_at, updated_at) VALUES (1, 900, 'grand', 'Grandstream', 'P271 = 1', 1, 1), (3, 901, 'of others', '', 'secret', 1, 1)");
	const copy = fine(await save(admin, '/admin/phone-templates/new', { name: 'own', source: '900' }), 'copy');
	assert.equal(one(`SELECT CONCAT(brand, '/', content) FROM phone_template WHERE tenant_id = 2 AND id = ${copy.id}`), 'Grandstream/P271 = 1');
	assert.equal((await save(admin, '/admin/phone-templates/new', { name: 'own 2', source: '901' })).status, 400, 'not another tenant\'s');
	assert.equal((await save(admin, '/admin/phone-templates/900', { content: 'x' })).status, 404, 'the platform\'s own');
	assert.equal((await save(admin, `/admin/phone-templates/${made.id}/delete`, {})).status, 409, 'agents have it');
	fine(await save(admin, `/admin/phone-templates/${made.id}`, { name: 'renamed' }), 'renamed');
	assert.equal(one("SELECT provisioning_template FROM agent WHERE tenant_id = 2 AND number = '861'"), 'renamed');
	assert.equal(one("SELECT value FROM preference WHERE tenant_id = 2 AND name = 'provisioning_template'"), 'renamed');
	stack.sql('DELETE FROM preference');
});

// ---- groups ----

test('ORG-05 a group is a queue of the same number; members keep their order and their membership', async () => {
	fine(await save(admin, '/admin/groups/new', { number: '620', name: 'Night', state: 'enabled', strategy: 'linear', wrapup: 'off', members: ['4', '1', '2'], order: '807,801', leaders: ['3'] }), 'created');
	assert.equal(reloads, 1);
	const id = one("SELECT id FROM agent_group WHERE tenant_id = 2 AND number = '620'");
	const members = () => stack.sql(`SELECT a.number, m.leader, m.takes_calls FROM agent_group_member m JOIN agent a ON a.id = m.agent_id WHERE m.group_id = ${id} ORDER BY m.position`);
	assert.deepEqual(members(), [['807', '0', '1'], ['801', '0', '1'], ['802', '0', '1'], ['806', '1', '0']]);
	stack.sql(`UPDATE agent_group_member SET priority = 3 WHERE group_id = ${id} AND agent_id = 1`);
	fine(await save(admin, `/admin/groups/${id}`, { name: 'Renamed' }), 'renamed');
	assert.deepEqual(members().length, 4, 'renaming breaks no membership');
	fine(await save(admin, `/admin/groups/${id}`, { members: ['1', '2'], order: '802', leaders: ['1'] }), 'changed');
	assert.deepEqual(members(), [['802', '0', '1'], ['801', '1', '1']]);
	assert.equal(one(`SELECT priority FROM agent_group_member WHERE group_id = ${id} AND agent_id = 1`), '3', 'what hangs on a membership stays');
	for (const wrong of [{ number: '801' }, { number: '600' }, { number: '0600' }, { number: 'six' }, { number: '621', members: ['6'] }, { number: '621', ring_timeout_s: '0' }, { number: '621', strategy: 'best' }])
		assert.equal((await save(admin, '/admin/groups/new', { name: 'X', state: 'enabled', strategy: 'linear', wrapup: 'off', ...wrong })).status, 400, JSON.stringify(wrong));
	stack.sql("INSERT INTO did (tenant_id, number, target_kind, target) VALUES (2, '4008620', 'queue', '620')");
	const used = await save(admin, `/admin/groups/${id}/delete`, {});
	assert.equal(used.status, 409);
	assert.match(used.error.message, /4008620/);
	stack.sql("DELETE FROM did WHERE number = '4008620'");
	fine(await save(admin, `/admin/groups/${id}/delete`, {}), 'deleted');
	assert.deepEqual(members(), []);
});

test('a change that the engine does not take is saved and said', async () => {
	await stack.stopEngine();
	const away = await save(admin, '/admin/groups/1', { name: 'Without an engine' });
	assert.equal(away.status, 503);
	assert.match(away.error.message, /saved.*cannot be reached/);
	assert.equal(one('SELECT name FROM agent_group WHERE id = 1'), 'Without an engine');
	await stack.startEngine(() => { throw { reason: 'invalid_configuration' }; });
	assert.match((await save(admin, '/admin/groups/1', { name: 'Refused' })).error.message, /configuration is not valid/);
});

// ---- roles ----

test('ORG-06 roles: permissions one by one, data scope, clone; nobody gives more than they have', async () => {
	const created = fine(await save(admin, '/admin/roles/new', { name: 'Clerks', data_scope: 'own', home: '/reports/calls' }), 'created');
	const path = `/admin/role-permissions/${created.id}`;
	const page = await (await admin.go(`${path}?component=admin`)).text();
	assert.match(page, /name="admin\.user\.list"/);
	assert.match(page, /name="admin\.agent\.sip_password\.edit"/, 'down to fields');
	assert.match(page, /checked disabled/, 'what is always granted is locked');
	assert.ok(!page.includes('admin.tenant.'), 'the platform\'s are not there');
	const grant = (client, fields) => client.post(path, { csrf: client.csrf, ...fields });
	await grant(admin, { component: 'admin', 'admin.user.list': '1', 'admin.role.list': '1', 'admin.role.edit': '1', 'admin.role.create': '1', 'admin.user.create': '1' });
	assert.equal((await grant(admin, { component: 'admin', 'admin.tenant.list': '1' })).status, 403, 'not even with *');
	await grant(admin, { component: 'reports', whole: '1' });
	const granted = () => stack.sql(`SELECT permission FROM role_permission WHERE role_id = ${created.id} ORDER BY permission`).flat();
	assert.deepEqual(granted(), ['admin.role.create', 'admin.role.edit', 'admin.role.list', 'admin.user.create', 'admin.user.list', 'reports.*']);
	assert.deepEqual(JSON.parse(one("SELECT detail FROM audit_log WHERE action = 'admin.role.permissions' ORDER BY id DESC LIMIT 1")), { granted: ['reports.*'], revoked: [] });
	stack.sql(`UPDATE user SET role_id = ${created.id} WHERE id = 7`);
	const clerk = await as('demo', 'clerk');
	assert.equal((await clerk.go('/desk/')).status, 200, 'the start page');
	assert.equal((await clerk.go('/admin/agents')).status, 403);
	assert.equal((await clerk.go('/admin/users')).status, 200);
	// more than one has
	assert.equal((await save(clerk, '/admin/users/new', { ...account, username: 'evil', role: '1' })).status, 400);
	assert.equal((await save(clerk, '/admin/users/1', { given_name: 'x' })).status, 403, 'and no editing without its permission');
	assert.equal((await clerk.post('/admin/role-permissions/1', { csrf: clerk.csrf, component: 'desk' })).status, 403, 'a role above the own');
	assert.equal((await clerk.post(path, { csrf: clerk.csrf, component: 'admin', whole: '1' })).status, 409, 'the own role');
	const other = fine(await save(clerk, '/admin/roles/new', { name: 'Below', data_scope: 'own' }), 'a role below');
	assert.equal((await save(clerk, '/admin/roles/new', { name: 'Above', data_scope: 'all' })).status, 400, 'a wider scope');
	assert.equal((await clerk.post(`/admin/role-permissions/${other.id}`, { csrf: clerk.csrf, component: 'admin', 'admin.agent.list': '1' })).status, 403);
	assert.equal((await clerk.post(`/admin/role-permissions/${other.id}`, { csrf: clerk.csrf, what: 'everything', component: 'admin' })).status, 403);
	assert.equal((await clerk.post('/admin/roles/1/do/clone', { csrf: clerk.csrf })).status, 403);
	// clone, use, delete
	const clone = await admin.post(`/admin/roles/${created.id}/do/clone`, { csrf: admin.csrf });
	const copy = clone.headers.get('location').match(/\/(\d+)$/)[1];
	assert.equal(one(`SELECT name FROM role WHERE id = ${copy}`), 'Clerks (2)');
	assert.deepEqual(stack.sql(`SELECT permission FROM role_permission WHERE role_id = ${copy} ORDER BY permission`).flat(), granted());
	const used = await save(admin, `/admin/roles/${created.id}/delete`, {});
	assert.equal(used.status, 409);
	assert.match(used.error.message, /clerk/);
	fine(await save(admin, `/admin/roles/${copy}/delete`, {}), 'deleted');
	assert.equal((await save(admin, '/admin/roles/1/delete', {})).status, 409);
	stack.sql('UPDATE user SET role_id = 5 WHERE id = 7');
});

test('ORG-06 everything can be granted, and spread again to choose from', async () => {
	const role = fine(await save(admin, '/admin/roles/new', { name: 'Second', data_scope: 'all' }), 'created').id;
	const path = `/admin/role-permissions/${role}`;
	await admin.post(path, { csrf: admin.csrf, component: 'desk', what: 'everything' });
	assert.deepEqual(stack.sql(`SELECT permission FROM role_permission WHERE role_id = ${role}`), [['*']]);
	assert.equal((await admin.post(path, { csrf: admin.csrf, component: 'desk' })).status, 400);
	await admin.post(path, { csrf: admin.csrf, component: 'desk', what: 'spread' });
	assert.deepEqual(stack.sql(`SELECT permission FROM role_permission WHERE role_id = ${role} ORDER BY 1`).flat().filter((p) => /^(admin|desk|reports)/.test(p)), ['admin.*', 'desk.*', 'reports.*']);
});

// ---- departments ----

test('ORG-07 departments are a tree, an agent is in one of them, managers see their people', async () => {
	const make = async (fields) => fine(await save(admin, '/admin/departments/new', fields), JSON.stringify(fields)).id;
	const sales = await make({ name: 'Sales' });
	const north = await make({ name: 'North', parent: String(sales), agents: ['4'], managers: [] });
	const far = await make({ name: 'Far north', parent: String(north), agents: ['2'] });
	assert.equal((await save(admin, `/admin/departments/${sales}`, { parent: String(far) })).status, 400, 'no circle');
	assert.equal((await save(admin, `/admin/departments/${sales}`, { parent: String(sales) })).status, 400);
	fine(await save(admin, `/admin/departments/${far}`, { agents: ['2', '4'] }), 'moved');
	assert.deepEqual(stack.sql('SELECT department_id FROM agent WHERE id = 4'), [[String(far)]], 'one department each');
	fine(await save(admin, `/admin/departments/${sales}`, { managers: ['7'] }), 'manager');
	stack.sql("INSERT IGNORE INTO role_permission (tenant_id, role_id, permission) VALUES (2, 5, 'admin.agent.list'), (2, 5, 'admin.department.list'), (2, 5, 'admin.agent_event.list'); UPDATE role SET data_scope = 'own' WHERE id = 5");
	const manager = await as('demo', 'clerk');
	assert.deepEqual((await rows(manager, '/admin/agents')).map((row) => row.number).sort(), ['802', '807'], 'those of the departments below');
	assert.deepEqual((await rows(manager, '/admin/departments')).map((row) => row.name).sort(), ['Far north', 'North', 'Sales']);
	const call = ulid(Date.now() - 60000, 77), foreign = ulid(Date.now() - 60000, 78);
	stack.sql(callRow(call, { at: Date.now() - 60000, agent: '807', queue: '601' }) + callRow(foreign, { at: Date.now() - 60000, agent: '806', queue: '601' }));
	stack.sql("INSERT IGNORE INTO role_permission (tenant_id, role_id, permission) VALUES (2, 5, 'reports.calls.list')");
	assert.deepEqual((await rows(manager, '/reports/calls')).map((row) => row.agent), ['807'], 'calls of the department');
	const tree = await (await manager.go('/admin/department-tree')).text();
	assert.match(tree, /Sales[^]*North[^]*Far north/);
	const used = await save(admin, `/admin/departments/${north}/delete`, {});
	assert.equal(used.status, 409);
	assert.match(used.error.message, /Far north/);
	assert.match((await save(admin, '/admin/users/7/delete', {})).error.message, /Sales/, 'a manager is in use');
	fine(await save(admin, `/admin/departments/${sales}`, { managers: [''] }), 'no manager');
	assert.deepEqual(await rows(manager, '/admin/agents'), []);
	stack.sql('DELETE FROM role_permission WHERE role_id = 5');
});

// ---- tenants and limits ----

test('PLAT-12 limits are shown as allowed, used and left, and more is refused', async () => {
	const agents = Number(one('SELECT COUNT(*) FROM agent WHERE tenant_id = 2 AND live = 1'));
	stack.sql(`UPDATE tenant SET max_agents = ${agents + 1}, max_users = 1 WHERE id = 2`);
	const list = await (await admin.go('/admin/agents')).text();
	assert.ok(list.includes(`Extensions: ${agents + 1} allowed, ${agents} used, 1 left`));
	const page = await (await admin.go('/admin/limits')).text();
	assert.match(page, /Calls at the same time[^]*no limit[^]*<td class="number">2<\/td>/, 'calls in progress');
	fine(await save(admin, '/admin/agents/new', { ...agent, number: '830' }), 'the last one');
	const more = await save(admin, '/admin/agents/new', { ...agent, number: '831' });
	assert.equal(more.status, 400);
	assert.match(more.error.message, /No more are allowed.*0 left/);
	const batch = await admin.post('/admin/agent-batch', { csrf: admin.csrf, first: '840', count: '2', role: '3', step: 'create', pick_840: '1', pick_841: '1' });
	assert.equal(batch.status, 400);
	assert.equal(one("SELECT COUNT(*) FROM agent WHERE number IN ('831', '840', '841')"), '0', 'none of them');
	assert.equal((await save(admin, '/admin/users/new', { ...account, username: 'toomany' })).status, 400);
	// two at the same time do not both fit
	stack.sql(`UPDATE tenant SET max_agents = ${agents + 2}, max_users = 0 WHERE id = 2`);
	const both = await Promise.all(['850', '851', '852'].map((number) => save(admin, '/admin/agents/new', { ...agent, number })));
	assert.equal(both.filter((answer) => answer.status === 200).length, 1, JSON.stringify(both));
	stack.sql('UPDATE tenant SET max_agents = 0 WHERE id = 2');
});

test('AUTH-06 the operator makes tenants with their limits and logs in as their administrator; a reseller sees its own', async () => {
	const operator = await as('platform', 'operator', 'demo-admin');
	const made = await operator.post('/admin/tenants/new', { csrf: operator.csrf, code: 'newco', name: 'New Company', state: 'active', max_agents: '3', reseller: '31' });
	assert.equal(made.status, 200);
	const secret = (await made.text()).match(/class="secret">([^<]{16})</)[1];
	const id = one("SELECT id FROM tenant WHERE code = 'newco'");
	assert.deepEqual(stack.sql(`SELECT code FROM role WHERE tenant_id = ${id} ORDER BY code`).flat(), ['admin', 'agent', 'api', 'leader']);
	assert.equal((await new Client(stack.url).signIn('newco', 'admin', secret)).status, 303);
	const away = await operator.post(`/admin/tenants/${id}/do/log_in_as`, { csrf: operator.csrf });
	assert.equal(away.headers.get('location'), '/desk/');
	assert.match(await (await operator.go('/admin/users')).text(), /class="acting"[^]*New Company/);
	assert.equal(one("SELECT COUNT(*) FROM audit_log WHERE action = 'admin.tenant.log_in_as'"), '2', 'in both logs');
	const reseller = await as('platform', 'reseller', 'demo-admin');
	assert.deepEqual((await rows(reseller, '/admin/tenants')).map((row) => row.code), ['newco']);
	// the start page: the own tenants with their day
	stack.sql(`INSERT INTO rollup_queue (tenant_id, bucket, queue, answered, abandoned) VALUES (${id}, ${Math.floor(Date.now() / 900000) * 900000}, '600', 3, 1)`);
	const home = async (client) => (await client.go('/desk/')).text();
	const tenants = (page) => [...page.matchAll(/href="\/admin\/tenants\/(\d+)" data-tab>/g)].map((m) => m[1]);
	assert.match(await home(reseller), /New Company<\/a><\/th><td class="number">0 \/ 3<\/td><td class="number">3<\/td><td class="number">1<\/td>/);
	assert.deepEqual(tenants(await home(reseller)), [id]);
	assert.equal(tenants(await home(await as('platform', 'operator', 'demo-admin')))[0], id, 'the busiest first');
	assert.deepEqual(tenants(await home(admin)), []);
	assert.equal((await save(reseller, '/admin/tenants/3', { name: 'Mine now' })).status, 404);
	assert.equal((await save(reseller, '/admin/tenants/1', { name: 'Platform' })).status, 404);
	const back = await as('platform', 'operator', 'demo-admin');
	const low = await save(back, '/admin/tenants/2', { max_agents: '1' });
	assert.equal(low.status, 400);
	assert.match(low.error.fields.max_agents, /are used already/);
	fine(await save(back, `/admin/tenants/${id}`, { state: 'suspended' }), 'suspended');
	assert.equal((await new Client(stack.url).signIn('newco', 'admin', secret)).status, 401);
});

test('TEL-13 the operator gives tenants caller ids; agents and preferences choose from them and the access numbers', async () => {
	const operator = await as('platform', 'operator', 'demo-admin'), reseller = await as('platform', 'reseller', 'demo-admin');
	const made = fine(await save(operator, '/admin/tenant-caller-ids/new', { number: '+861055556666', tenant: '2', supplier: 'Carrier', state: 'enabled' }), 'given');
	assert.equal(reloads, 1);
	assert.equal((await save(operator, '/admin/tenant-caller-ids/new', { number: '+861055556666', tenant: '2', state: 'enabled' })).status, 400, 'twice');
	assert.equal((await save(operator, '/admin/tenant-caller-ids/new', { number: 'sip:1', tenant: '2', state: 'enabled' })).status, 400);
	assert.ok((await save(reseller, '/admin/tenant-caller-ids/new', { number: '4007001', tenant: '2', state: 'enabled' })).error.fields.tenant, 'not his tenant');
	assert.deepEqual(await rows(reseller, '/admin/tenant-caller-ids'), []);
	assert.deepEqual((await rows(admin, '/admin/caller-ids')).map((r) => [r.number, r.supplier]), [['+861055556666', 'Carrier']]);
	assert.deepEqual(await rows(await as('other', 'admin'), '/admin/caller-ids'), []);
	assert.equal((await admin.go('/admin/caller-ids/new')).status, 404, 'a tenant only sees them');
	assert.ok((await save(admin, '/admin/agents/1', { caller_id: '4009999' })).error.fields.caller_id, 'nobody has given that');
	fine(await save(admin, '/admin/agents/1', { caller_id: '+861055556666' }), 'chosen');
	assert.equal((await save(admin, '/admin/preferences', { caller_id: '4009999' })).status, 400);
	fine(await save(admin, '/admin/preferences', { caller_id: '+861055556666', caller_id_rotation_days: '3' }), 'of the tenant');
	const used = await save(operator, `/admin/tenant-caller-ids/${made.id}/delete`, {});
	assert.equal(used.status, 409);
	assert.match(used.error.message, /801/);
	fine(await save(admin, '/admin/agents/1', { caller_id: '' }), 'none');
	fine(await save(admin, '/admin/preferences', { caller_id: '' }), 'none');
	fine(await save(operator, `/admin/tenant-caller-ids/${made.id}/delete`, {}), 'taken back');
});

test('tenants are nothing for a tenant, whatever its role says', async () => {
	for (const path of ['/admin/tenants', '/admin/tenants/new', '/admin/tenants/2']) assert.equal((await admin.go(path)).status, 403, path);
	assert.equal((await save(admin, '/admin/tenants/new', { code: 'mine', name: 'Mine', state: 'active' })).status, 403);
	assert.equal((await save(admin, '/admin/tenants/2', { max_agents: '0' })).status, 403);
	assert.ok(!(await (await admin.go('/admin/users')).text()).includes('/admin/tenants'));
});

// ---- preferences, company ----

test('SYS-01 preferences: saved, checked, used', async () => {
	const page = await (await admin.go('/admin/preferences')).text();
	for (const name of ['timezone', 'prompt_language', 'country', 'area_code', 'date_format', 'duration_format', 'number_format', 'name_format', 'export_encoding', 'export_rows',
		'extension_timeout_s', 'hold_music', 'reminder_lead_min', 'web_addresses', 'blacklist_action', 'currency', 'thousands_separator']) assert.match(page, new RegExp(`name="${name}"`), name);
	fine(await save(admin, '/admin/preferences', { date_mode: 'exact', date_format: 'DD.MM.YYYY', time_format: 'HH:MM', timezone: 'Asia/Tokyo', prompt_language: 'ja', extension_timeout_s: '45', web_addresses: ' 127.0.0.1\r\n2001:DB8:0::/32 ' }), 'saved');
	assert.equal(one("SELECT value FROM preference WHERE tenant_id = 2 AND name = 'web_addresses'"), '127.0.0.1\\n2001:db8::/32\\n');
	assert.equal(one("SELECT CONCAT(timezone, ' ', prompt_language) FROM tenant WHERE id = 2"), 'Asia/Tokyo ja');
	assert.equal(reloads, 1, 'the engine has the time zone too');
	assert.match(await (await admin.go('/admin/audit')).text(), /\d\d\.\d\d\.\d{4} \d\d:\d\d</);
	const cases = { timezone: 'Mars/Base', prompt_language: 'xx', country: '', date_format: 'YYYY', extension_timeout_s: '4', audit_days: 'x', password_length: '3', web_addresses: 'localhost', api_addresses: '1.2.3.4/33', transfer_callback_prefix: 'x'.repeat(17), duration_format: 'burn', blacklist_action: 'shout', currency: 'EURO', currency_decimals: '5', currency_symbol: 'xxxxx', decimal_separator: 'space', phone_password: '12a' };
	for (const [name, value] of Object.entries(cases)) {
		const answer = await admin.post('/admin/preferences', { csrf: admin.csrf, [name]: value });
		assert.equal(answer.status, 400, name);
		assert.match(await answer.text(), new RegExp(`id="w-${name}"`), name);
	}
	const alike = await admin.post('/admin/preferences', { csrf: admin.csrf, decimal_separator: 'comma' });
	assert.equal(alike.status, 400);
	assert.match(await alike.text(), /id="w-thousands_separator"/, 'one mark cannot be both');
	const out = await admin.post('/admin/preferences', { csrf: admin.csrf, web_addresses: '192.0.2.1' });
	assert.match(await out.text(), /Your own address[^<]*127\.0\.0\.1/);
	assert.match(stack.sql("SELECT detail FROM audit_log WHERE action = 'admin.preference.edit'").flat().join(), /"extension_timeout_s":\["30","45"\]/);
	const [open, closed] = ['open', 'closed'].map((state, i) => (stack.sql(`INSERT INTO customer_package (tenant_id, code, name, state, standard, created_at, updated_at) VALUES (2, 'p${i}', 'P${i}', '${state}', 0, 0, 0)`), one(`SELECT id FROM customer_package WHERE name = 'P${i}'`)));
	const standard = one('SELECT id FROM customer_package WHERE tenant_id = 2 AND standard = 1');
	fine(await save(admin, '/admin/preferences', { default_package: open }), 'the default package');
	assert.deepEqual(stack.sql('SELECT id FROM customer_package WHERE tenant_id = 2 AND standard = 1').flat(), [open]);
	assert.equal((await save(admin, '/admin/preferences', { default_package: closed })).status, 400, 'a closed one');
	stack.sql(`DELETE FROM customer_package WHERE id IN (${open}, ${closed})${standard ? `; UPDATE customer_package SET standard = 1 WHERE id = ${standard}` : ''}`);
	stack.sql("DELETE FROM preference; UPDATE tenant SET timezone = 'Asia/Shanghai', prompt_language = 'zh' WHERE id = 2");
});

test('CODE-01 CODE-04 feature codes: both columns, checked against each other and the tenant\'s numbers, shown to agents', async () => {
	const change = (fields) => save(admin, '/admin/feature-codes', fields);
	const refused = async (fields, why) => {
		const answer = await admin.post('/admin/feature-codes', { csrf: admin.csrf, ...fields });
		assert.equal(answer.status, 400, JSON.stringify(fields));
		assert.match(await answer.text(), new RegExp(`id="w-${Object.keys(fields)[0]}"[^>]*>[^<]*${why}`), JSON.stringify(fields));
	};
	const page = await (await admin.go('/admin/feature-codes')).text();
	for (const [name, code] of [['sign_in', '*001'], ['sign_in_gateway', '90001'], ['mark', '*D#'], ['mark_last_say_gateway', '9066D0']])
		assert.ok(page.includes(`name="${name}" id="f-${name}" value="${code}"`), name);
	await refused({ sign_in: '*100' }, 'The same keys are the code of: Busy \\(\\*100\\)');
	await refused({ sign_in: '*67#' }, 'The same keys');
	await refused({ last_number: '*001*600' }, 'The same keys are the code of: Sign in');
	await refused({ hang_up: '*1#' }, 'The same keys are the code of: Mark the customer');
	await refused({ mark: '*#' }, 'This code needs one D');
	await refused({ mark: '1D#' }, 'It begins with \\* or #');
	await refused({ move: '*70*N' }, 'one of them stands behind N');
	await refused({ busy: '*1<b>' }, 'Two to fifteen');
	await refused({ busy: '*1234567890123456' }, 'Two to fifteen');
	await refused({ busy_gateway: '9999' }, 'five or more');
	stack.sql("INSERT INTO agent_group (tenant_id, number, name, created_at, updated_at) VALUES (2, '95555', 'N', 0, 0)");
	await refused({ busy_gateway: '95555' }, 'An agent, a group or a menu has this number: 95555');
	await refused({ mark_last_gateway: '9555D' }, 'An agent, a group or a menu has this number: 95555');
	stack.sql("DELETE FROM agent_group WHERE number = '95555'");
	assert.deepEqual(stack.sql('SELECT * FROM feature_code'), [], 'nothing of it was stored');
	reloads = 0;
	fine(await change({ idle: '*100', busy: '*101', last_number: '' }), 'two that change places');
	assert.deepEqual(stack.sql('SELECT tenant_id, name, code, gateway FROM feature_code ORDER BY name'), [['2', 'busy', '*101', '90100'], ['2', 'idle', '*100', '90101'], ['2', 'last_number', '', '90067']]);
	assert.equal(reloads, 1);
	assert.match(one("SELECT detail FROM audit_log WHERE action = 'admin.feature_code.edit' ORDER BY id DESC LIMIT 1"), /"busy":\["\*100","90100","\*101","90100"\]/);
	const agent = await as('demo', '802');
	const shown = async () => (await (await agent.go('/desk/codes')).text()).match(/<code>[^<]*<\/code>/g).map((code) => code.slice(6, -7));
	const codes = await shown();
	assert.ok(codes.includes('*66*D#') && !codes.includes('*67') && !codes.includes('90001'), 'those that work');
	assert.equal((await agent.go('/admin/feature-codes')).status, 403);
	fine(await save(admin, '/admin/preferences', { gateway_codes: '1' }), 'gateways');
	assert.ok((await shown()).includes('90067'));
	assert.deepEqual(await (await (await as('other', 'admin')).go('/admin/feature-codes')).text().then((text) => /id="f-busy" value="\*100"/.test(text)), true, 'another tenant has its own');
	fine(await change({ idle: '*101', busy: '*100', last_number: '*67' }), 'back');
	assert.deepEqual(stack.sql('SELECT * FROM feature_code'), []);
	stack.sql('DELETE FROM preference');
});

test('SYS-01 ORG-08 numbers are grouped as the tenant likes, and hidden from whom they are hidden from', async () => {
	fine(await save(admin, '/admin/users/new', { ...account, username: 'caller', mobile: '13800001234' }), 'created');
	const shown = async () => (await (await admin.go('/admin/users?q=caller&columns=username,mobile')).text()).match(/1[38*]\d*[\d* ]{6,}/)?.[0].trim();
	assert.equal(await shown(), '13800001234');
	fine(await save(admin, '/admin/preferences', { number_format: 'grouped' }), 'grouped');
	assert.equal(await shown(), '138 0000 1234');
	fine(await save(admin, '/admin/preferences', { duration_format: 'seconds' }), 'seconds');
	assert.match(await (await admin.go('/desk/board')).text(), /data-durations="seconds" data-numbers="grouped"/, 'for what scripts write');
	stack.sql('UPDATE user SET hide_numbers = 1 WHERE id = 1; DELETE FROM preference');
	assert.equal(await shown(), '138****1234');
	assert.equal((await rows(admin, '/admin/users?q=caller'))[0].mobile, '138****1234', 'nor by JSON');
	stack.sql('UPDATE user SET hide_numbers = 0 WHERE id = 1');
});

test('SYS-05 company information', async () => {
	fine(await save(admin, '/admin/company', { name: '众方 "Test" <b>', invoice_title: '发票', note: 'a\nb' }), 'saved');
	const page = await (await admin.go('/admin/company')).text();
	assert.match(page, /value="众方 &quot;Test&quot; &lt;b&gt;"/);
	assert.equal((await admin.post('/admin/company', { csrf: admin.csrf, name: 'x'.repeat(101) })).status, 400);
	const other = await as('other', 'admin');
	assert.ok(!(await (await other.go('/admin/company')).text()).includes('众方'));
});

// ---- logs ----

test('SYS-02 the audit log: who, what, from where, with what; searchable', async () => {
	fine(await save(admin, '/admin/groups/1', { name: 'Audited' }), 'saved');
	const [row] = (await rows(admin, '/admin/audit?action=admin.group')).filter((r) => r.action === 'admin.group.edit');
	assert.equal(row.user_name, 'admin');
	assert.equal(row.address, '127.0.0.1');
	assert.equal(row.path, '/admin/groups/1');
	assert.deepEqual(JSON.parse(row.detail).name[1], 'Audited');
	assert.match(await (await admin.go(`/admin/audit/${row.id}`)).text(), /Audited/);
	for (const [query, some] of [['q=admin', true], ['q=127.0.0.1', true], ['user_name=802', true], ['user_name=nobody', false], ['address=192.0.2.9', false]])
		assert.equal((await rows(admin, `/admin/audit?${query}`)).length > 0, some, query);
	assert.equal((await admin.post('/admin/audit/new', { csrf: admin.csrf })).status, 405, 'nobody writes into it');
	assert.equal((await save(admin, `/admin/audit/${row.id}`, { action: 'x' })).status, 405);
});

test('STATE-04 agent events: every change with time, agent, group, initiator and reason', async () => {
	const now = Date.now();
	const event = (seq, tenant, number, what, more = {}) => {
		const e = { reason: '', queue: null, initiator: 'agent', actor: `agent:${number}`, ...more };
		return `INSERT INTO agent_event (tenant_id, node, seq, at, agent, what, work, call_state, reason, queue, initiator, actor) VALUES (${tenant}, 1, ${seq}, ${now - seq * 1000}, '${number}', '${what}', 'online', 'idle', '${e.reason}', ${e.queue ? `'${e.queue}'` : 'NULL'}, '${e.initiator}', '${e.actor}');`;
	};
	stack.sql([event(1, 2, '801', 'sign_in', { queue: '600' }), event(2, 2, '802', 'busy', { reason: 'meal' }), event(3, 2, '807', 'offline', { initiator: 'leader' }), event(4, 3, '801', 'idle'), event(5, 2, '801', 'auto_pause', { initiator: 'system', queue: '600' })].join(''));
	const all = await rows(admin, '/admin/agent-events');
	assert.deepEqual(all.map((row) => [row.agent, row.event, row.queue, row.initiator, row.reason]), [['801', 'auto_pause', '600', 'system', null], ['807', 'offline', null, 'leader', null], ['802', 'busy', null, 'agent', 'meal'], ['801', 'sign_in', '600', 'agent', null]]);
	assert.equal((await rows(admin, '/admin/agent-events?event=busy')).length, 1);
	assert.equal((await rows(admin, '/admin/agent-events?agent=801')).length, 2);
	assert.deepEqual([...new Set((await rows(await as('demo', '801'), '/admin/agent-events') ?? []).map((row) => row.agent))], [], 'without the permission');
	stack.sql("INSERT IGNORE INTO role_permission (tenant_id, role_id, permission) VALUES (2, 2, 'admin.agent_event.list')");
	const leader = await rows(await as('demo', '801'), '/admin/agent-events');
	assert.deepEqual([...new Set(leader.map((row) => row.agent))].sort(), ['801', '802'], 'a leader: those of the group');
	assert.match(await (await admin.go('/admin/agent-events')).text(), /Paused: no answer/);
});

test('STATE-02 pause reasons: those of the tenant are offered, and no others; delivered ones in everybody\'s language', async () => {
	const reasons = async () => (await rows(admin, '/admin/pause-reasons?sort=position')).map((row) => row.name);
	assert.deepEqual(await reasons(), ['break', 'meal', 'meeting', 'training', 'other']);
	const key = (name) => one(`SELECT id FROM pause_reason WHERE tenant_id = 2 AND name = '${name}'`);
	fine(await save(admin, '/admin/pause-reasons/new', { name: '喝水', position: '5' }), 'a new one');
	assert.equal((await save(admin, '/admin/pause-reasons/new', { name: '用餐' })).status, 200, 'in the administrator\'s language that is no word of the product');
	assert.equal((await save(admin, '/admin/pause-reasons/new', { name: '喝水' })).status, 400, 'once only');
	fine(await save(admin, `/admin/pause-reasons/${key('用餐')}/delete`, {}), 'deleted');
	fine(await save(admin, `/admin/pause-reasons/${key('other')}/delete`, {}), 'a delivered one too');
	fine(await save(admin, `/admin/pause-reasons/${key('meeting')}`, { name: '周会' }), 'renamed');
	const list = await (await admin.go('/admin/pause-reasons')).text();
	assert.ok(list.indexOf('喝水') < list.indexOf('>Break<') && list.includes('周会') && !list.includes('>break<'), 'in order, translated');
	assert.match(await (await admin.go(`/admin/pause-reasons/${key('break')}`)).text(), /name="name"[^>]* value="Break"/);
	fine(await save(admin, `/admin/pause-reasons/${key('break')}`, { name: 'Break' }), 'as shown');
	assert.deepEqual(await reasons(), ['喝水', 'break', 'meal', '周会', 'training']);
	assert.deepEqual((await rows(admin, '/admin/pause-reasons?q=Brea')).map((row) => row.name), ['break'], 'found by what one reads');
	const agent = await as('demo', '802');
	assert.match(await (await agent.go('/desk/me')).text(), /<select name="reason"[^>]*><option value="喝水">喝水<\/option><option value="break">休息<\/option>/);
	assert.match(await (await admin.go('/desk/board')).text(), /<option value="周会">周会/, 'a leader chooses as well');
	const busy = (reason) => agent.post('/desk/me/work', { csrf: agent.csrf, state: 'busy', reason }, { accept: 'application/json' });
	await stack.stopEngine();
	await stack.startEngine((method, params) => ({ agent: params.agent, work: 'busy', reason: params.reason }));
	assert.equal((await busy('周会')).status, 200);
	assert.equal(stack.commands.at(-1).params.reason, '周会');
	for (const reason of ['other', 'meeting', 'nonsense']) assert.equal((await busy(reason)).status, 400, reason);
	const other = await as('other', 'admin');
	assert.deepEqual((await rows(other, '/admin/pause-reasons?sort=position')).map((row) => row.name), ['break', 'meal', 'meeting', 'training', 'other'], 'another tenant has its own');
	assert.equal((await agent.go('/admin/pause-reasons')).status, 403);
});

test('STATE-06 pauses: how often and how long, by agent, kind and reason; of one\'s own people; a plan without a scan', async () => {
	const now = Date.now(), hour = 3600000;
	const pause = (tenant, agent, kind, reason, ago, ms) => `(${tenant}, '${agent}', '${kind}', '${reason}', 'agent', ${now - ago}, ${ms === null ? 'NULL' : now - ago + ms})`;
	stack.sql(`DELETE FROM agent_pause; INSERT INTO agent_pause (tenant_id, agent, kind, reason, initiator, started_at, ended_at) VALUES ${[
		pause(2, '801', 'busy', 'meal', 5 * 60000, 60000), pause(2, '801', 'busy', 'meal', 3 * 60000, 120000), pause(2, '801', 'auto_pause', 'no_answer', 60000, 30000),
		pause(2, '802', 'away', '', 90000, null), pause(2, '807', 'queue_busy', '周会', 60000, 20000), pause(2, '801', 'busy', 'meal', 30 * 24 * hour, 5000), pause(3, '801', 'busy', 'meal', 60000, 1000)]}`);
	const all = await rows(admin, '/reports/pauses?sort=-total_ms');
	const brief = (row) => [row.agent, row.kind, row.reason, row.count, row.total_ms, row.mean_ms, row.longest_ms, row.running];
	assert.deepEqual(all.filter((row) => row.agent !== '802').map(brief), [['801', 'busy', 'meal', 2, 180000, 90000, 120000, false], ['801', 'auto_pause', 'no_answer', 1, 30000, 30000, 30000, false], ['807', 'queue_busy', '周会', 1, 20000, 20000, 20000, false]]);
	const [going] = all.filter((row) => row.agent === '802');
	assert.ok(going.running && going.total_ms >= 90000 && going.total_ms < 150000, 'one that lasts counts up to now');
	assert.deepEqual((await rows(admin, '/reports/pauses?group=1')).map((row) => row.agent).sort(), ['801', '801', '802']);
	assert.deepEqual((await rows(admin, '/reports/pauses?kind=auto_pause')).map((row) => row.reason), ['no_answer']);
	assert.equal((await rows(admin, '/reports/pauses?from=2000-01-01&agent=801&kind=busy'))[0].count, 3);
	assert.equal((await (await admin.json('/reports/pauses?format=count')).json()).total, '4');
	const [first, second] = await rows(admin, '/reports/pauses');
	assert.deepEqual(await rows(admin, `/reports/pauses?after=${first.id}`).then((found) => found[0].id), second.id, 'page by page');
	const page = await (await admin.go('/reports/pauses')).text();
	assert.match(page, /Paused: no answer/);
	assert.match(page, /3:00/);
	const csv = await (await admin.post('/reports/pauses/export', { csrf: admin.csrf, format: 'csv', scope: 'selected', keys: String(all[0].id) })).text();
	assert.equal(csv.trim().split('\n').length, 2, csv);
	assert.equal((await admin.go('/reports/pauses?format=xlsx')).status, 200);
	stack.sql("INSERT IGNORE INTO role_permission (tenant_id, role_id, permission) VALUES (2, 3, 'reports.pauses.list')");
	assert.deepEqual((await rows(await as('demo', '802'), '/reports/pauses')).map((row) => row.agent), ['802'], 'an agent: its own');
	assert.deepEqual([...new Set((await rows(await as('demo', '801'), '/reports/pauses')).map((row) => row.agent))].sort(), ['801', '802'], 'a leader: the group\'s');
	stack.sql(`INSERT INTO agent_pause (tenant_id, agent, kind, reason, initiator, started_at, ended_at) SELECT 2, 801 + seq MOD 50, 'busy', 'meal', 'agent', ${now - 60 * 24 * hour} - seq * 60000, ${now - 60 * 24 * hour} - seq * 60000 + 1000 FROM seq_1_to_20000; ANALYZE TABLE agent_pause`);
	const [plan] = stack.sql(`EXPLAIN SELECT COUNT(*) FROM agent_pause t WHERE t.tenant_id = 2 AND t.started_at >= ${now - 7 * 24 * hour} GROUP BY t.tenant_id, t.agent, t.kind, t.reason`);
	assert.deepEqual([plan[3], plan[5]], ['range', 'agent_pause_started'], plan.join(' '));
	assert.ok(Number(plan[8]) < 100, plan.join(' '));
	stack.sql('DELETE FROM agent_pause');
});

// ---- who may what ----

const pages = ['/admin/users', '/admin/users/new', '/admin/users/1', '/admin/agents', '/admin/agents/new', '/admin/agents/1', '/admin/agent-batch', '/admin/groups', '/admin/groups/new', '/admin/groups/1', '/admin/roles', '/admin/roles/1',
	'/admin/role-permissions/1', '/admin/departments', '/admin/department-tree', '/admin/limits', '/admin/preferences', '/admin/feature-codes', '/admin/company', '/admin/audit', '/admin/agent-events', '/admin/tenants'];

test('without a permission nothing of it is there, signed in or not', async () => {
	stack.sql('DELETE FROM role_permission WHERE role_id = 5');
	const nobody = await as('demo', 'clerk');
	for (const path of pages) {
		assert.equal((await nobody.go(path)).status, 403, path);
		assert.equal((await new Client(stack.url).go(path)).status, 303, path);
		assert.equal((await save(nobody, path, {})).status === 403 || (await nobody.go(path)).status === 403, true, path);
	}
	for (const path of ['/admin/users/1/delete', '/admin/agents/1/delete', '/admin/agents/1/do/log_in_as', '/admin/agents/1/do/reset_password', '/admin/users/1/do/reset_password', '/admin/roles/1/do/clone', '/admin/preferences', '/admin/company', '/admin/role-permissions/5'])
		assert.equal((await save(nobody, path, {})).status, 403, path);
	// a list alone is no right to change or to log in as somebody
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 5, 'admin.agent.list'), (2, 5, 'admin.user.list'); UPDATE role SET data_scope = 'all' WHERE id = 5");
	for (const path of ['/admin/agents/1', '/admin/agents/1/delete', '/admin/agents/1/do/log_in_as', '/admin/agents/1/do/reset_password', '/admin/users/1/do/log_in_as'])
		assert.equal((await save(nobody, path, { given_name: 'x' })).status, 403, path);
	const form = await (await nobody.go('/admin/agents/1')).text();
	assert.ok(!/name="sip_password"|name="caller_id"/.test(form), 'guarded fields are not there');
	assert.ok(!/<button class="primary">Save/.test(form));
	stack.sql('DELETE FROM role_permission WHERE role_id = 5');
});

test('a role that may log in as agents cannot climb with it', async () => {
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 5, 'admin.agent.*'), (2, 5, 'admin.user.*')");
	const clerk = await as('demo', 'clerk');
	assert.equal((await save(clerk, '/admin/users/1/do/log_in_as', {})).status, 403, 'the administrator');
	assert.equal((await save(clerk, '/admin/users/1/do/reset_password', {})).status, 403);
	assert.equal((await save(clerk, '/admin/users/1', { password: 'Mine-now-1', again: 'Mine-now-1' })).status, 400);
	assert.equal((await save(clerk, '/admin/users/1/delete', {})).status, 409);
	assert.equal((await save(clerk, '/admin/agents/1/do/reset_password', {})).status, 403, 'a leader has more');
	assert.equal((await save(clerk, '/admin/agents/2', { role: '1' })).status, 400);
	assert.equal(one('SELECT COUNT(*) FROM user WHERE id = 1 AND live = 1 AND password_due = 0'), '1');
	stack.sql('DELETE FROM role_permission WHERE role_id = 5');
});

test('two tenants never see each other', async () => {
	const other = await as('other', 'admin');
	const theirs = [['users', 1], ['agents', 1], ['groups', 1], ['roles', 1], ['departments', one('SELECT MIN(id) FROM department WHERE tenant_id = 2')]];
	for (const [kind, id] of theirs) {
		const list = await rows(other, `/admin/${kind}?size=200`);
		assert.ok(!list.some((row) => String(row.id) === String(id)), kind);
		assert.equal((await other.json(`/admin/${kind}/${id}`)).status, 404, kind);
		assert.equal((await save(other, `/admin/${kind}/${id}`, { name: 'taken over', given_name: 'x', state: 'disabled' })).status, 404, kind);
		assert.equal((await save(other, `/admin/${kind}/${id}/delete`, {})).status, 404, kind);
	}
	for (const path of ['/admin/agents/1/do/log_in_as', '/admin/users/1/do/reset_password', '/admin/agents/1/do/reset_password', '/admin/roles/1/do/clone', '/admin/role-permissions/1'])
		assert.equal((await save(other, path, { component: 'desk' })).status, 404, path);
	const [group] = stack.sql("SELECT id FROM agent_group WHERE tenant_id = 3 AND number = '600'")[0];
	assert.equal((await save(other, `/admin/groups/${group}`, { members: ['1'] })).status, 400, 'no member of the other');
	assert.ok((await rows(other, '/admin/audit')).every((row) => row.user_name === 'admin' && !/groups\/1$/.test(row.object)));
	assert.deepEqual((await rows(other, '/admin/agent-events')).map((row) => row.agent), ['801']);
	assert.equal((await rows(other, '/admin/agent-events')).length, 1);
});

test('hostile input is text, and a change needs its token', async () => {
	const evil = '"><script>alert(1)</script>{{x}}\'; DROP TABLE user; -- \\';
	fine(await save(admin, '/admin/departments/new', { name: evil.slice(0, 50) }), 'department');
	fine(await save(admin, '/admin/roles/new', { name: evil.slice(0, 50), data_scope: 'own', note: evil }), 'role');
	fine(await save(admin, '/admin/groups/1', { name: evil.slice(0, 50) }), 'group');
	fine(await save(admin, '/admin/agents/2', { given_name: evil.slice(0, 40) }), 'agent');
	for (const path of ['/admin/departments', '/admin/department-tree', '/admin/roles', '/admin/groups', '/admin/groups/1', '/admin/agents', '/admin/agents/2', '/admin/agents/new', '/admin/agent-batch', '/admin/audit', '/desk/board']) {
		const page = await (await admin.go(path)).text();
		assert.ok(!/<script>alert/.test(page) && !/<script(?![^>]*\bsrc=)/.test(page), path);
	}
	for (const path of ['/admin/users/new', '/admin/users/1', '/admin/agents/1/delete', '/admin/agents/1/do/log_in_as', '/admin/preferences', '/admin/company', '/admin/agent-batch', '/admin/role-permissions/5', '/desk/return'])
		assert.equal((await admin.post(path, { name: 'x' })).status, 403, `${path} without a token`);
	for (const path of ['/admin/users/x', '/admin/users/-1', '/admin/users/1%27', '/admin/role-permissions/x', '/admin/role-permissions/99999999999999999999', '/admin/audit/x', '/admin/groups?sort=name;DROP', '/admin/agents?q=%25%27'])
		assert.ok([200, 400, 404].includes((await admin.go(path)).status), path);
	fine(await save(admin, '/admin/agents/2', { given_name: '王芳' }), 'put back');
});

test('every page in both languages, with nothing untranslated', async () => {
	const words = { en: /agents|Agents|Accounts|Roles|Departments|Preferences|Company|Audit|events|Limits|Structure|Permissions|Account|Agent|group|Role|codes/, zh: /功能键|坐席|批量|帐户|角色|部门|系统偏好|公司|日志|授权数量|权限/ };
	for (const [language, pattern] of [['en', words.en], ['zh_CN', words.zh]]) {
		stack.sql(`UPDATE user SET language = '${language}' WHERE id = 1`);
		for (const path of pages.filter((p) => p !== '/admin/tenants')) {
			const answer = await admin.go(path);
			const html = await answer.text();
			assert.equal(answer.status, 200, path);
			const title = html.match(/<h1>([^<]*)/)[1];
			assert.match(title, pattern, `${language} ${path}`);
			if (language === 'zh_CN') assert.ok(!/[a-z]{4}/.test(title.split(' ')[0]), `${path}: ${title}`); // behind it: what the thing is called
		}
	}
	stack.sql("UPDATE user SET language = 'en' WHERE id = 1");
	assert.match(await (await admin.go('/admin/vips?sort=-id&done=saved')).text(), /There is nothing here yet\./);
	assert.match(await (await admin.go('/admin/vips?q=1')).text(), /Nothing matches these filters\./);
});
