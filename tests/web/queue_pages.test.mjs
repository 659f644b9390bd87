// SPDX-License-Identifier: GPL-2.0-or-later
// Queues as their leaders see them: every option, members, key menus, skills, VIP customers, holidays, access numbers,
// trunks. What is saved is what the call engine reads, and it is told at once.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Client } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack();
const one = (sql) => stack.sql(sql)[0]?.[0];
let admin, leader, reloads;

before(async () => {
	await stack.start();
	stack.sql(`UPDATE user SET language = 'en' WHERE id IN (1, 2);
		INSERT INTO role_permission (tenant_id, role_id, permission) SELECT 2, 2, permission FROM role_template_permission WHERE code = 'leader' AND permission LIKE 'admin.%';
		INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 2, 'admin.group.list'), (2, 2, 'admin.group.edit'), (2, 2, 'admin.queue_key.*')`);
	admin = await as('admin');
	leader = await as('801'); // leads 600
});
after(() => stack.stop());
beforeEach(async () => {
	reloads = 0;
	await stack.startEngine((method) => {
		if (method !== 'cc.reload') throw { reason: 'no_such_agent' };
		reloads++;
		return { generation: 1 };
	});
});
afterEach(() => stack.stopEngine());

async function as(username) {
	const client = new Client(stack.url);
	assert.equal((await client.signIn('demo', username, `demo-${username}`)).status, 303);
	return client;
}

async function save(client, path, fields) {
	const body = new URLSearchParams([['csrf', client.csrf], ...Object.entries(fields).flatMap(([name, value]) => [value].flat().map((v) => [name, v]))]);
	const answer = await client.go(path, { method: 'POST', body, headers: { origin: stack.url, accept: 'application/json' } });
	const text = await answer.text();
	return { status: answer.status, ...(text.startsWith('{') ? JSON.parse(text) : { text }) };
}
const fine = (answer) => {
	assert.ok([200, 303].includes(answer.status), JSON.stringify(answer));
	return answer;
};
const refused = (answer, field) => {
	assert.ok([400, 409].includes(answer.status), JSON.stringify(answer));
	if (field) assert.ok(answer.error.fields[field], `${field}: ${JSON.stringify(answer.error)}`);
};
const list = async (client, path) => (await (await client.json(`${path}${path.includes('?') ? '&' : '?'}format=json`)).json()).rows;

const options = {
	strategy: 'round_robin', ring_timeout_s: '17', retry_delay_s: '3', relax_s: '25', auto_pause: '1', auto_answer: '1', auto_answer_click: '0', auto_answer_predictive: '0', record: '0', prefix_name: '销售', prefix_number: '*60', wrapup: 'ringing', wrapup_s: '12',
	entry_prompt: 'queue_call', holiday_prompt: 'holiday_closed', max_waiting: '9', join_empty: '0', music: '', announce_position: '0', announce_wait: '1', announce_period_s: '45', periodic_prompt: 'queue_patience', periodic_s: '75',
	menu_prompt: 'queue_menu', menu_period_s: '90', menu_repeat: '2', agent_prompt: 'queue_call', announce_agent: '1', agent_number_before: '', agent_number_after: '', hold_music: '', max_wait_s: '240', leave_empty: '1', no_agent_overflow: '1',
};

test('TEL-05 TEL-07 TEL-08 TEL-29 every option of a queue is on its page, saved, and told to the engine at once', async () => {
	fine(await save(admin, '/admin/groups/1', { ...options, overflow: 'queue:601' }));
	assert.equal(reloads, 1);
	const names = Object.keys(options);
	assert.deepEqual(stack.sql(`SELECT ${names.join(', ')}, overflow_kind, overflow_target FROM agent_group WHERE id = 1`)[0], [...Object.values(options), 'queue', '601']);
	const columns = stack.sql("SELECT column_name FROM information_schema.columns WHERE table_schema = 'tandem' AND table_name = 'agent_group' AND column_name NOT IN ('tenant_id', 'id', 'live', 'created_at', 'updated_at', 'overflow_kind', 'overflow_target')").flat();
	const form = await (await admin.go('/admin/groups/new')).text();
	for (const name of [...columns, 'overflow']) assert.match(form, new RegExp(`name="${name}"`), `${name} is a field`);
	assert.equal(stack.sql("SELECT action FROM audit_log WHERE object = 'groups/1'").length, 1);
	const page = await (await admin.go('/admin/groups/1')).text();
	assert.match(page, /<option value="queue:601" selected>601 客服/);
	assert.match(page, /<optgroup label="Announcement">/);
	assert.match(page, /<option value="queue_menu" selected lang="zh">[^<]*请按一/, 'prompts are chosen by what they say');
	// what is not chosen any more stays as it is
	stack.sql("UPDATE agent_group SET music = 'music/own' WHERE id = 1");
	assert.match(await (await admin.go('/admin/groups/1')).text(), /<option value="music\/own" selected>/);
	fine(await save(admin, '/admin/groups/1', { name: 'Sales', music: 'music/own' }));
	assert.equal(one('SELECT music FROM agent_group WHERE id = 1'), 'music/own');
});

test('TEL-05 TEL-07 what a queue cannot have is said beside the field', async () => {
	const cases = { overflow: ['queue:600', 'queue:999', 'agent:999', 'callback:', 'nonsense', ''], entry_prompt: ['../etc/passwd', 'no_such_prompt'], music: ['music/none'], prefix_number: ['12a'], prefix_name: ['x'.repeat(33)],
		periodic_s: ['0', '', 'x'], ring_timeout_s: ['0', '3601'], menu_repeat: ['0', '11'], max_wait_s: ['-1', '86401'], strategy: ['none'], relax_s: ['-1'] };
	for (const [field, values] of Object.entries(cases))
		for (const value of values) refused(await save(admin, '/admin/groups/1', { [field]: value }), field);
	assert.equal(reloads, 0);
});

test('TEL-28 TEL-33 members have priorities and may be static, one by one and many at once', async () => {
	const id = one('SELECT id FROM agent_group_member WHERE group_id = 2 AND agent_id = 4');
	fine(await save(admin, `/admin/members/${id}`, { priority: '3', fixed: '1' }));
	assert.equal(reloads, 1);
	assert.deepEqual(stack.sql(`SELECT priority, fixed FROM agent_group_member WHERE id = ${id}`), [['3', '1']]);
	const keys = stack.sql('SELECT id FROM agent_group_member WHERE group_id = 2').flat().join();
	fine(await save(admin, '/admin/members/batch', { action: 'edit', scope: 'selected', keys, apply: '1', set_priority: '1', priority: '2' }));
	assert.deepEqual(stack.sql('SELECT DISTINCT priority FROM agent_group_member WHERE group_id = 2'), [['2']]);
	refused(await save(admin, `/admin/members/${id}`, { priority: '0' }), 'priority');
	refused(await save(admin, `/admin/members/${id}`, { takes_calls: '0', leader: '1' }), 'fixed');
	refused(await save(admin, `/admin/members/${id}`, { takes_calls: '0', fixed: '0' }), 'takes_calls');
	const made = fine(await save(admin, '/admin/members/new', { group: '2', agent: '1' }));
	assert.deepEqual(stack.sql(`SELECT position, priority, takes_calls, fixed FROM agent_group_member WHERE id = ${made.id}`), [['4', '1', '1', '0']]);
	refused(await save(admin, '/admin/members/new', { group: '2', agent: '1' }), 'group');
	fine(await save(admin, '/admin/groups/2', { order: '807' })); // the form of the group keeps what it does not show
	assert.deepEqual(stack.sql(`SELECT position, priority, fixed FROM agent_group_member WHERE id = ${id}`), [['1', '2', '1']]);
	fine(await save(admin, `/admin/members/${made.id}/delete`, {}));
	assert.equal(one(`SELECT COUNT(*) FROM agent_group_member WHERE id = ${made.id}`), '0');
});

test('a leader looks after the own groups, and no others', async () => {
	assert.deepEqual([...new Set((await list(leader, '/admin/members')).map((row) => row.group.slice(0, 3)))], ['600']);
	const own = one('SELECT id FROM agent_group_member WHERE group_id = 1 AND agent_id = 2'), other = one('SELECT id FROM agent_group_member WHERE group_id = 2 AND agent_id = 3');
	fine(await save(leader, `/admin/members/${own}`, { priority: '2' }));
	assert.equal((await save(leader, `/admin/members/${other}`, { priority: '2' })).status, 404);
	assert.equal((await save(leader, '/admin/groups/2', { music: '' })).status, 404);
	refused(await save(leader, '/admin/vips/new', { group: '2', number: '13900000001', level: 'noble' }), 'group');
	refused(await save(leader, '/admin/queue-keys/new', { group: '2', digit: '1', to: 'callback:' }), 'group');
	fine(await save(leader, '/admin/vips/new', { group: '1', number: '13900000001', level: 'noble' }));
});

test('TEL-05 keys of a waiting caller lead to the tenant\'s own things', async () => {
	const made = fine(await save(admin, '/admin/queue-keys/new', { group: '2', digit: '1', to: 'callback:' }));
	fine(await save(admin, '/admin/queue-keys/new', { group: '2', digit: '*', to: 'agent:801' }));
	assert.equal(reloads, 2);
	assert.deepEqual(stack.sql('SELECT digit, target, target_kind FROM agent_group_key WHERE group_id = 2 ORDER BY digit'), [['*', '801', 'agent'], ['1', '', 'callback']]);
	refused(await save(admin, '/admin/queue-keys/new', { group: '2', digit: '1', to: 'hangup:' }), 'digit');
	refused(await save(admin, '/admin/queue-keys/new', { group: '2', digit: '2', to: 'queue:601' }), 'to');
	refused(await save(admin, '/admin/queue-keys/new', { group: '2', digit: 'A', to: 'hangup:' }), 'digit');
	refused(await save(admin, '/admin/queue-keys/new', { group: '3', digit: '2', to: 'hangup:' }), 'group');
	fine(await save(admin, `/admin/queue-keys/${made.id}`, { to: 'queue:600' }));
	const used = await save(admin, '/admin/groups/1/delete', {});
	assert.equal(used.status, 409);
	assert.match(used.error.message, /Key menus: [^;]*1/);
	assert.match((await save(admin, '/admin/agents/1/delete', {})).error.message, /Key menus/);
	const page = await (await admin.go('/admin/groups/2')).text();
	assert.match(page, /\*: 801 [^,<]+, 1: 600 [^,<]+ <a href="\/admin\/queue-keys\?group=2"/);
	// from the list of one queue a new key has that queue already
	assert.match(await (await admin.go('/admin/queue-keys?group=2')).text(), /href="\/admin\/queue-keys\/new\?group=2&amp;next=/);
	assert.match(await (await admin.go('/admin/queue-keys/new?group=2')).text(), /<option value="2" selected>601/);
	assert.match(await (await admin.go('/admin/queue-keys/new?group=%3Cscript%3E')).text(), /^(?![^]*<script>[^]*<\/form>)/);
});

test('skills: who has them, on what level, and which queue asks for them', async () => {
	const skill = fine(await save(admin, '/admin/skills/new', { name: '英语', agents: ['1', '2'], level: '7' })).id;
	assert.deepEqual(stack.sql(`SELECT agent_id, level FROM agent_skill WHERE skill_id = ${skill} ORDER BY agent_id`), [['1', '7'], ['2', '7']]);
	refused(await save(admin, '/admin/skills/new', { name: '英语' }), 'name');
	const row = one('SELECT id FROM agent_skill WHERE agent_id = 2');
	fine(await save(admin, `/admin/agent-skills/${row}`, { level: '9' }));
	refused(await save(admin, `/admin/agent-skills/${row}`, { level: '11' }), 'level');
	refused(await save(admin, '/admin/agent-skills/new', { agent: '2', skill, level: '1' }), 'agent');
	fine(await save(admin, `/admin/skills/${skill}`, { agents: ['2', '3'], level: '2' }));
	assert.deepEqual(stack.sql(`SELECT agent_id, level FROM agent_skill WHERE skill_id = ${skill} ORDER BY agent_id`), [['2', '9'], ['3', '2']], 'who had it keeps the level');
	const need = fine(await save(admin, '/admin/queue-skills/new', { group: '2', skill, level: '6' })).id;
	assert.equal(reloads, 4);
	assert.match(await (await admin.go('/admin/groups/2')).text(), /英语 6 <a href="\/admin\/queue-skills\?group=2"/);
	assert.match((await save(admin, `/admin/skills/${skill}/delete`, {})).error.message, /Queues: /);
	fine(await save(admin, `/admin/queue-skills/${need}/delete`, {}));
	fine(await save(admin, `/admin/skills/${skill}/delete`, {}));
	assert.equal(one('SELECT COUNT(*) FROM agent_skill'), '0');
});

test('PLAT-14 VIP customers are known by their number, in whatever way it is written', async () => {
	const made = fine(await save(admin, '/admin/vips/new', { group: '2', number: '138 0000-0990', name: '赵敏', level: 'noble' }));
	assert.deepEqual(stack.sql(`SELECT number_e164, level FROM vip_customer WHERE id = ${made.id}`), [['8613800000990', 'noble']]);
	assert.equal(reloads, 1);
	refused(await save(admin, '/admin/vips/new', { group: '2', number: '+8613800000990', level: 'normal' }), 'number');
	fine(await save(admin, '/admin/vips/new', { group: '1', number: '+8613800000990', level: 'normal' }));
	refused(await save(admin, '/admin/vips/new', { group: '2', number: '801', level: 'normal' }), 'number');
	refused(await save(admin, '/admin/vips/new', { group: '2', number: '13800000991', level: 'golden' }), 'level');
	assert.equal((await list(admin, '/admin/vips?level=noble&group=2')).length, 1);
});

test('TEL-05 holidays: a day, several days in a row, none twice', async () => {
	fine(await save(admin, '/admin/holidays/new', { day: '2026-10-03', name: 'X' }));
	fine(await save(admin, '/admin/holidays/new', { day: '2026-10-01', until: '2026-10-07', name: '国庆节' }));
	assert.deepEqual(stack.sql("SELECT COUNT(*), SUM(name = '国庆节') FROM holiday WHERE tenant_id = 2"), [['7', '6']]);
	assert.equal(reloads, 2);
	refused(await save(admin, '/admin/holidays/new', { day: '2026-10-01' }), 'day');
	refused(await save(admin, '/admin/holidays/new', { day: '2026-11-05', until: '2026-11-01' }), 'until');
	refused(await save(admin, '/admin/holidays/new', { day: '2026-01-01', until: '2026-12-31' }), 'until');
	refused(await save(admin, '/admin/holidays/new', { day: '2026-02-30' }), 'day');
});

test('access numbers lead to queues, agents and announcements; what leads somewhere is not deleted', async () => {
	const made = fine(await save(admin, '/admin/dids/new', { number: '4008009', to: 'prompt:queue_closed' }));
	assert.deepEqual(stack.sql(`SELECT target_kind, target, state FROM did WHERE id = ${made.id}`), [['prompt', 'queue_closed', 'enabled']]);
	fine(await save(admin, `/admin/dids/${made.id}`, { to: 'queue:600' }));
	refused(await save(admin, `/admin/dids/${made.id}`, { to: 'did:4008009' }), 'to');
	refused(await save(admin, '/admin/dids/new', { number: '400-8010', to: 'queue:600' }), 'number');
	refused(await save(admin, '/admin/dids/new', { number: '4008009', to: 'queue:600' }), 'number');
	fine(await save(admin, '/admin/groups/2', { overflow: 'did:4008009' }));
	assert.match((await save(admin, `/admin/dids/${made.id}/delete`, {})).error.message, /Overflow of queues/);
	fine(await save(admin, '/admin/groups/2', { overflow: 'hangup:' }));
	fine(await save(admin, `/admin/dids/${made.id}/delete`, {}));
});

test('trunks: the tenant may use its own, and no two have the same source', async () => {
	stack.sql("INSERT INTO trunk (tenant_id, name, address, port) VALUES (1, 'shared', '192.0.2.99', 5060)");
	const made = fine(await save(admin, '/admin/trunks/new', { name: 'A', address: '2001:DB8::0001', port: '5070', transport: 'tcp' }));
	assert.deepEqual(stack.sql(`SELECT address, port, transport FROM trunk WHERE id = ${made.id}`), [['2001:db8::1', '5070', 'tcp']]);
	assert.equal(one(`SELECT tenant_id FROM trunk_grant WHERE trunk_id = ${made.id}`), '2');
	refused(await save(admin, '/admin/trunks/new', { name: 'B', address: '192.0.2.99', port: '5060', transport: 'udp' }), 'address');
	refused(await save(admin, '/admin/trunks/new', { name: 'B', address: 'sip.example.com', port: '5060', transport: 'udp' }), 'address');
	refused(await save(admin, '/admin/trunks/new', { name: 'A', address: '192.0.2.98', port: '5060', transport: 'udp' }), 'name');
	stack.sql('UPDATE tenant SET max_trunks = 1 WHERE id = 2');
	refused(await save(admin, '/admin/trunks/new', { name: 'B', address: '192.0.2.98', port: '5060', transport: 'udp' }));
	fine(await save(admin, `/admin/trunks/${made.id}/delete`, {}));
	assert.equal(one('SELECT COUNT(*) FROM trunk_grant'), '0');
});

test('TEL-11 TEL-12 ORG-03 ORG-07 SYS-01 outbound profiles: routes in order with their trunks, moved up and down, chosen by agents, departments and the tenant', async () => {
	stack.sql(`INSERT INTO trunk (tenant_id, id, name, address, port) VALUES (1, 70, 'common', '192.0.2.70', 5060), (2, 71, 'own', '192.0.2.71', 5060), (3, 72, 'foreign', '192.0.2.72', 5060);
		INSERT INTO trunk_grant (tenant_id, trunk_id) VALUES (2, 70)`);
	const { id: profile } = fine(await save(admin, '/admin/outbound-profiles/new', { name: 'City' }));
	refused(await save(admin, '/admin/outbound-profiles/new', { name: 'City' }), 'name');
	const route = { profile, name: 'mobile', pattern: '1[3-9]xxxxxxxxx', trunk1: '71', trunk3: '70', state: 'enabled' };
	const first = fine(await save(admin, '/admin/outbound-routes/new', route)).id;
	assert.deepEqual(stack.sql(`SELECT pattern, strip, prefix, position FROM outbound_route WHERE id = ${first}`), [['1[3-9]XXXXXXXXX', '', '', '1']]);
	const trunks = (of) => stack.sql(`SELECT position, trunk_id FROM outbound_route_trunk WHERE route_id = ${of} ORDER BY position`);
	assert.deepEqual(trunks(first), [['1', '71'], ['2', '70']]);
	for (const [field, value] of [['pattern', 'X.X'], ['pattern', ''], ['strip', '+8'], ['prefix', '0x'], ['trunk1', ''], ['trunk1', '72'], ['trunk2', '71'], ['profile', '99'], ['name', 'mobile']])
		refused(await save(admin, '/admin/outbound-routes/new', { ...route, name: 'x', [field]: value }), field);
	const second = fine(await save(admin, '/admin/outbound-routes/new', { ...route, name: 'rest', strip: '9', pattern: 'X.', prefix: '+', trunk1: '70', trunk3: '' })).id;
	const order = async () => (await list(admin, `/admin/outbound-routes?sort=position&profile=${profile}`)).map((r) => [r.name, r.trunks]);
	assert.deepEqual(await order(), [['mobile', 'own, common'], ['rest', 'common']]);
	reloads = 0;
	fine(await save(admin, `/admin/outbound-routes/${second}/do/up`, {}));
	assert.equal(reloads, 1);
	assert.deepEqual((await order()).map(([name]) => name), ['rest', 'mobile']);
	assert.equal((await save(admin, `/admin/outbound-routes/${second}/do/up`, {})).status, 409, 'it is the first');
	fine(await save(admin, `/admin/outbound-routes/${second}/do/down`, {}));
	assert.deepEqual((await order()).map(([name]) => name), ['mobile', 'rest']);
	assert.equal(one(`SELECT COUNT(*) FROM audit_log WHERE object = 'outbound-routes/${second}' AND action IN ('admin.outbound_route.up', 'admin.outbound_route.down')`), '2');
	refused(await save(admin, '/admin/trunks/71/delete', {}));

	fine(await save(admin, '/admin/agents/1', { profile }));
	const { id: department } = fine(await save(admin, '/admin/departments/new', { name: 'Field', profile }));
	fine(await save(admin, '/admin/preferences', { outbound_profile: profile }));
	assert.equal((await save(admin, '/admin/preferences', { outbound_profile: '99' })).status, 400);
	assert.equal(reloads, 5);
	const used = await save(admin, `/admin/outbound-profiles/${profile}/delete`, {});
	assert.equal(used.status, 409);
	for (const by of [/801/, /Field/, /Preferences/]) assert.match(used.error.message, by);
	fine(await save(admin, '/admin/agents/1', { profile: '' }));
	fine(await save(admin, `/admin/departments/${department}`, { profile: '' }));
	fine(await save(admin, '/admin/preferences', { outbound_profile: '' }));
	fine(await save(admin, `/admin/outbound-profiles/${profile}/delete`, {}));
	assert.deepEqual(stack.sql('SELECT COUNT(*) FROM outbound_route UNION ALL SELECT COUNT(*) FROM outbound_route_trunk'), [['0'], ['0']]);
});

test('TEL-05 targets outside: of a queue, of a key, of an access number', async () => {
	stack.sql("INSERT INTO did (tenant_id, id, number, target_kind, target) VALUES (2, 77, '+864008077', 'queue', '600')");
	for (const [path, choice, number, kind, what, where] of [
		['/admin/groups/1', 'overflow', 'overflow_number', 'overflow_kind', 'overflow_target', 'agent_group WHERE id = 1'],
		['/admin/dids/77', 'to', 'to_number', 'target_kind', 'target', 'did WHERE id = 77']]) {
		refused(await save(admin, path, { [choice]: 'outside:', [number]: '' }), number);
		refused(await save(admin, path, { [choice]: 'outside:', [number]: 'sip:a@b' }), number);
		refused(await save(admin, path, { [choice]: 'outside:', [number]: '864008077' }), number);
		fine(await save(admin, path, { [choice]: 'outside:', [number]: '+8613900000005' }));
		assert.deepEqual(stack.sql(`SELECT ${kind}, ${what} FROM ${where}`), [['outside', '+8613900000005']]);
		const form = await (await admin.go(path)).text();
		assert.match(form, /<option value="outside:" selected>A number outside/);
		assert.match(form, new RegExp(`name="${number}"[^>]*value="\\+8613900000005"`));
		fine(await save(admin, path, { [choice]: 'queue:601' }));
		assert.deepEqual(stack.sql(`SELECT ${kind}, ${what} FROM ${where}`), [['queue', '601']]);
	}
	const key = fine(await save(admin, '/admin/queue-keys/new', { group: '1', digit: '7', to: 'outside:', to_number: '10086' })).id;
	assert.deepEqual(stack.sql(`SELECT target_kind, target FROM agent_group_key WHERE id = ${key}`), [['outside', '10086']]);
});

test('TEL-22 voicemail as a target: of a queue, of a key, of an access number; greetings', async () => {
	stack.sql("INSERT INTO did (tenant_id, id, number, target_kind, target) VALUES (2, 78, '4008078', 'queue', '600')");
	for (const [path, choice, kind, what, where] of [
		['/admin/groups/1', 'overflow', 'overflow_kind', 'overflow_target', 'agent_group WHERE id = 1'],
		['/admin/dids/78', 'to', 'target_kind', 'target', 'did WHERE id = 78']]) {
		refused(await save(admin, path, { [choice]: 'voicemail:999' }), choice);
		for (const box of ['600', '802']) {
			fine(await save(admin, path, { [choice]: `voicemail:${box}` }));
			assert.deepEqual(stack.sql(`SELECT ${kind}, ${what} FROM ${where}`), [['voicemail', box]]);
		}
		assert.match(await (await admin.go(path)).text(), /<option value="voicemail:802" selected>802 /);
	}
	const key = fine(await save(admin, '/admin/queue-keys/new', { group: '1', digit: '9', to: 'voicemail:802' })).id;
	assert.deepEqual(stack.sql(`SELECT target_kind, target FROM agent_group_key WHERE id = ${key}`), [['voicemail', '802']]);
	// boxes have names where other targets have them
	const listed = async (path, id, ...names) => {
		const row = (await (await admin.json(path)).json()).rows.find((r) => String(r.id) === String(id));
		return names.map((name) => row[name]);
	};
	assert.deepEqual(await listed('/admin/queue-keys?size=100', key, 'target'), ['802 王芳']);
	fine(await save(admin, '/admin/groups/1', { overflow: 'voicemail:600' }));
	const [target, keys] = await listed('/admin/groups', 1, 'overflow_target', 'keys');
	assert.equal(target, `600 ${one('SELECT name FROM agent_group WHERE id = 1')}`);
	assert.match(keys, /(^|, )9: voicemail 802 王芳(,|$)/);
	assert.match(await (await admin.go('/admin/groups/1')).text(), /9: (voicemail|语音信箱) 802 王芳/i);
	const used = await save(admin, '/admin/agents/2/delete', {});
	assert.equal(used.status, 409);
	assert.match(used.error.message, /4008078/);
	fine(await save(admin, '/admin/agents/2', { voicemail: '1', greeting: 'voicemail_greeting' }));
	fine(await save(admin, '/admin/groups/1', { greeting: 'queue_closed', overflow: 'hangup:' }));
	assert.deepEqual(stack.sql('SELECT voicemail, greeting FROM agent WHERE id = 2'), [['1', 'voicemail_greeting']]);
	assert.equal(one('SELECT greeting FROM agent_group WHERE id = 1'), 'queue_closed');
	assert.equal((await save(admin, '/admin/preferences', { voicemail_max_s: '601' })).status, 400);
	fine(await save(admin, '/admin/preferences', { voicemail_max_s: '60', voicemail_greeting: 'queue_closed' }));
});

test('TEL-22 messages: the own box and that of the group, a leader\'s agents, hidden numbers, deleting, nobody else\'s', async () => {
	stack.sql(`INSERT IGNORE INTO role_permission (tenant_id, role_id, permission) SELECT 2, 3, permission FROM role_template_permission WHERE code = 'agent' AND permission LIKE 'reports.voicemail.%';
		INSERT INTO voicemail (tenant_id, id, call_id, segment, last_segment, agent, queue, at, duration_ms, caller) VALUES
		(2, 1, REPEAT('a', 16), 1, 1, '802', NULL, 1000, 3000, '13800000001'), (2, 2, REPEAT('b', 16), 1, 1, NULL, '600', 2000, 4000, '13800000002'),
		(2, 3, REPEAT('c', 16), 1, 1, '806', NULL, 3000, 5000, '13800000003'), (3, 4, REPEAT('d', 16), 1, 1, '801', NULL, 4000, 6000, '13800000004')`);
	const agent = await as('802');
	const rows = async (client, query = '') => (await (await client.go(`/reports/voicemail?format=json&${query}`)).json()).rows;
	const ids = async (...all) => (await rows(...all)).map((r) => r.id).sort();
	assert.deepEqual(await ids(agent), [1, 2]);
	assert.deepEqual(await ids(leader), [1, 2], 'those of the agents it leads');
	assert.deepEqual(await ids(admin), [1, 2, 3], 'no other tenant\'s');
	assert.deepEqual(await ids(admin, 'caller=0003'), [3]);
	assert.deepEqual(await ids(admin, 'box=600'), [2]);
	assert.deepEqual(await ids(admin, 'time=today'), []);
	assert.match(await (await agent.go('/desk/')).text(), /data-figure="messages"><a [^>]*>2</);
	stack.sql('UPDATE role SET hide_numbers = 1 WHERE tenant_id = 2 AND id = 3');
	assert.equal((await rows(agent))[0].caller, '138****0002');
	stack.sql('UPDATE role SET hide_numbers = 0 WHERE tenant_id = 2 AND id = 3');
	assert.equal((await agent.go('/reports/voicemail/play/1')).status, 404, 'not filed yet');
	assert.equal((await save(agent, '/reports/voicemail/3/delete', {})).status, 404);
	fine(await save(agent, '/reports/voicemail/1/delete', {}));
	assert.deepEqual([await ids(agent), one('SELECT COUNT(*) FROM voicemail WHERE id = 1 AND live IS NULL')], [[2], '1']);
	assert.equal(one("SELECT COUNT(*) FROM audit_log WHERE action = 'reports.voicemail.delete'"), '1');
});

test('TEL-14 TEL-16 menus, their keys and announcements, as the engine reads them', async () => {
	const fields = { number: '7000', name: '总机', prompt1: 'queue_welcome', gap1: '2', prompt3: 'queue_menu', gap3: '1', repeats: '1', start_s: '1', dial_agents: '1', max_keys: '4', key_timeout_s: '2', timeout_s: '6',
		timeout_prompt: 'queue_patience', timeout: 'queue:601', no_match_prompt: 'not_allowed', tries: '2', no_match: 'back:', prefix_number: '7*', prefix_name: '总机-' };
	const id = fine(await save(admin, '/admin/ivrs/new', fields)).id;
	assert.equal(reloads, 1);
	assert.deepEqual(stack.sql(`SELECT kind, start_s, repeats, timeout_s, key_timeout_s, max_keys, dial_agents, tries, timeout_prompt, timeout_kind, timeout_target, no_match_prompt, no_match_kind, no_match_target, prefix_name, prefix_number FROM ivr WHERE id = ${id}`)[0],
		['menu', '1', '1', '6', '2', '4', '1', '2', 'queue_patience', 'queue', '601', 'not_allowed', 'back', '', '总机-', '7*']);
	const prompts = () => stack.sql(`SELECT position, prompt, gap_s FROM ivr_prompt WHERE ivr_id = ${id} ORDER BY position`);
	assert.deepEqual(prompts(), [['1', 'queue_welcome', '2'], ['2', 'queue_menu', '1']], 'chosen ones move up');
	fine(await save(admin, `/admin/ivrs/${id}`, { name: '总机 Main' }));
	assert.equal(prompts().length, 2, 'what was not sent stays');
	fine(await save(admin, `/admin/ivrs/${id}`, { prompt2: '' }));
	assert.deepEqual(prompts(), [['1', 'queue_welcome', '2']]);
	for (const number of ['600', '801', '7000']) refused(await save(admin, '/admin/ivrs/new', { ...fields, number }), 'number');
	refused(await save(admin, '/admin/groups/new', { ...options, number: '7000', name: 'x', state: 'enabled', overflow: 'hangup:' }), 'number');
	refused(await save(admin, '/admin/ivrs/new', { ...fields, number: '7001', timeout: 'outside:', timeout_number: '' }), 'timeout_number');
	refused(await save(admin, '/admin/ivrs/new', { ...fields, number: '7001', timeout: 'callback:' }), 'timeout');
	const news = fine(await save(admin, '/admin/voice-announcements/new', { number: '7200', name: '新闻', skip: '1', prompt1: 'queue_call', timeout: `ivr:7000` })).id;
	assert.deepEqual(stack.sql(`SELECT kind, skip, timeout_kind, timeout_target FROM ivr WHERE id = ${news}`)[0], ['announcement', '1', 'ivr', '7000']);
	assert.deepEqual((await list(admin, '/admin/ivrs')).map((row) => row.number), ['7000']);
	assert.deepEqual((await list(admin, '/admin/voice-announcements')).map((row) => row.number), ['7200']);
	const key = (digits, to, more = {}) => save(admin, '/admin/ivr-keys/new', { menu: String(id), digits, to, ...more });
	fine(await key('1', 'queue:600'));
	fine(await key('2', 'ivr:7200'));
	fine(await key('*', 'back:'));
	fine(await key('9', 'ivr:7000'));
	refused(await key('1', 'hangup:'), 'digits');
	refused(await key('A', 'hangup:'), 'digits');
	refused(await key('3', 'queue:699'), 'to');
	refused(await key('3', 'callback:'), 'to');
	refused(await save(admin, '/admin/ivr-keys/new', { menu: String(news), digits: '1', to: 'hangup:' }), 'menu');
	assert.match(await (await admin.go(`/admin/ivrs/${id}`)).text(), /\*: back|\*: Back to the menu before/);
	// every place that leads to calls leads to menus
	fine(await save(admin, '/admin/groups/1', { overflow: 'ivr:7000' }));
	fine(await save(admin, '/admin/queue-keys/new', { group: '1', digit: '8', to: 'ivr:7200' }));
	fine(await save(admin, '/admin/dids/77', { to: 'ivr:7000' }));
	assert.equal((await list(admin, '/admin/dids')).find((row) => row.id === 77).target, '7000 总机 Main');
	const used = async (path) => (await save(admin, `${path}/delete`, {})).error.message;
	assert.match(await used(`/admin/ivrs/${id}`), /Access numbers: \+864008077.*Overflow of queues: .*IVR menus without a key: 新闻/s);
	assert.doesNotMatch(await used(`/admin/ivrs/${id}`), /Keys of IVR menus/, 'its own key does not keep it');
	assert.match(await used(`/admin/voice-announcements/${news}`), /Key menus: .*8.*Keys of IVR menus: 总机 Main 2/s);
	assert.match(await used('/admin/groups/1'), /Keys of IVR menus: 总机 Main 1/);
	assert.equal((await leader.go('/admin/ivrs')).status, 403);
	assert.ok(Number(one(`SELECT COUNT(*) FROM audit_log WHERE object = 'ivrs/${id}'`)) >= 3);
});

test('TEL-15 the picture: from the access numbers through every key, with links to change it', async () => {
	const id = one("SELECT id FROM ivr WHERE number = '7000'");
	stack.sql(`INSERT INTO ivr (tenant_id, id, number, name, created_at, updated_at) VALUES (2, 900, '7900', 'Alone <b>', 0, 0), (3, 901, '7901', 'Foreign', 0, 0)`);
	const page = await (await admin.go('/admin/ivr-picture')).text();
	const [first, second, ...more] = page.split('<ul class="ivr-tree">').slice(1);
	assert.equal(more.length, 0, 'one tree of an access number, one of a menu that nothing leads to');
	assert.match(first, /\+864008077/);
	assert.match(first, new RegExp(`<a href="/admin/ivrs/${id}">7000 总机 Main</a>`));
	assert.match(first, /<q[^>]*>[^<]*您好/, 'prompts are what they say');
	for (const [edge, what] of [['1', '600'], ['2', '7200 新闻'], ['\\*', ''], ['9', '7000'], ['No key', '601'], ['An agent&#39;s number|An agent\'s number', '']])
		assert.match(first, new RegExp(`<span class="ivr-edge">(${edge})</span>[^]*?${what}`));
	assert.equal(first.match(/您好/g).length, 1, 'a menu is drawn once');
	assert.match(second, /7900 Alone &lt;b&gt;/);
	assert.doesNotMatch(page, /Foreign|<b>/);
	assert.equal((await leader.go('/admin/ivr-picture')).status, 403);
});
