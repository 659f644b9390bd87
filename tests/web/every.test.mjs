// SPDX-License-Identifier: GPL-2.0-or-later
// Every resource of every application, with every action and every role: who may do what, and what hostile input does.
// New resources are found in the registry and tried without a word here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callRow, Client, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack({ sample: true, plugins: ['plugins/tickets', 'plugins/orders', 'plugins/mobile'] });
const FORM = 1 << 11, ACTIONS = { create: 1, edit: 2, delete: 4, export: 8 };
const asJson = { accept: 'application/json' };
let probe, foreign, resources;
const platform = [];

before(async () => {
	await stack.start();
	await stack.startEngine((method) => {
		if (method === 'cc.reload') return { generation: 1 };
		throw { reason: 'no_such_agent' };
	});
	for (const name of ['tickets', 'orders', 'mobile']) for (const words of [[], ['--tenant', 'demo'], ['--tenant', 'other']]) assert.equal(stack.cli('plugin', 'enable', name, ...words).code, 0);
	stack.sql(`INSERT INTO orders_warehouse (tenant_id, id, name, created_at, updated_at) VALUES (2, 1, 'a', 1, 1), (2, 2, 'b', 1, 1); INSERT INTO orders_goods (tenant_id, id, warehouse_id, code, name, created_at, updated_at) VALUES (2, 1, 1, 'a', 'a', 1, 1);
		INSERT INTO orders_order (tenant_id, id, parent, number, state, warehouse_id, created_at, updated_at) VALUES (2, 1, 1, '1', 'shipped', 1, 1, 1), (2, 2, 2, '2', 'to_submit', 1, ${Date.now()}, 1); INSERT INTO orders_item (tenant_id, id, order_id, goods_id, code, name, price, quantity) VALUES (2, 1, 1, 1, 'a', 'a', 1, 1);
		INSERT INTO orders_log (tenant_id, id, order_id, at, deed, before_state, after_state) VALUES (2, 1, 1, 1, 'create', 'to_submit', 'to_submit')`);
	stack.sql(`INSERT INTO tickets_category (tenant_id, id, name, created_at, updated_at) VALUES (2, 1, 'a', 1, 1); INSERT INTO tickets_state (tenant_id, id, name, created_at, updated_at) VALUES (2, 1, 'a', 1, 1);
		INSERT INTO tickets_result (tenant_id, id, name, created_at, updated_at) VALUES (2, 1, 'a', 1, 1); INSERT INTO tickets_field (tenant_id, id, category_id, name, label, kind, created_at, updated_at) VALUES (2, 1, 1, 'a', 'a', 'text', 1, 1);
		INSERT INTO tickets_flow (tenant_id, id, name, created_at, updated_at) VALUES (2, 1, 'a', 1, 1); INSERT INTO tickets_flow_step (tenant_id, id, flow_id, position, name, group_id, created_at, updated_at) VALUES (2, 1, 1, 1, 'a', 1, 1, 1);
		INSERT INTO tickets_ticket (tenant_id, id, number, title, category_id, agent_id, created_at, updated_at) SELECT 2, 1, '1', 'a', 1, 1, n.at, n.at FROM (SELECT UNIX_TIMESTAMP() * 1000 AS at) n; INSERT INTO tickets_step (tenant_id, id, ticket_id, at, kind) VALUES (2, 1, 1, 1, 'create')`);
	stack.sql(callRow(ulid(Date.now() - 60000, 1), { at: Date.now() - 60000 }));
	stack.sql("INSERT INTO sample_thing (tenant_id, id, code, name, created_at, updated_at) VALUES (2, 501, 'a', 'a', 1, 1)");
	stack.sql("INSERT INTO sample_part (tenant_id, id, name, thing_id) VALUES (2, 601, 'a', 501)");
	stack.sql("INSERT INTO job (tenant_id, id, kind, state, created_at) VALUES (2, 701, 'x.export', 'done', 1)");
	stack.sql(`INSERT INTO skill (tenant_id, id, name) VALUES (2, 1, 'a'); INSERT INTO agent_skill (tenant_id, agent_id, skill_id, level) VALUES (2, 1, 1, 5);
		INSERT INTO agent_group_skill (tenant_id, group_id, skill_id, level) VALUES (2, 1, 1, 5); INSERT INTO agent_group_key (tenant_id, group_id, digit, target_kind) VALUES (2, 1, '1', 'callback');
		INSERT INTO vip_customer (tenant_id, group_id, number, number_e164, created_at) VALUES (2, 1, '13800000001', '8613800000001', 1); INSERT INTO holiday (tenant_id, day) VALUES (2, '2026-10-01');
		INSERT INTO did (tenant_id, number, target_kind, target) VALUES (2, '4008001', 'queue', '600'); INSERT INTO trunk (tenant_id, name, address, port) VALUES (2, 'a', '192.0.2.1', 5060);
		INSERT INTO outbound_profile (tenant_id, id, name, created_at, updated_at) VALUES (2, 1, 'a', 1, 1); INSERT INTO outbound_route (tenant_id, profile_id, position, name, pattern, created_at, updated_at) VALUES (2, 1, 1, 'a', 'X.', 1, 1);
		INSERT INTO caller_id (for_tenant, number, created_at, updated_at) VALUES (2, '4007001', 1, 1)`);
	stack.sql(`INSERT INTO call_task (tenant_id, id, name, package_id, group_id, created_at, updated_at) SELECT 2, n.id, n.id, p.id, 1, 1, 1 FROM customer_package p JOIN (SELECT 801 AS id UNION SELECT 804) n WHERE p.tenant_id = 2 AND p.standard = 1;
		INSERT INTO customer (tenant_id, id, name, phone, package_id, created_at, updated_at) SELECT 2, 802, 'a', '13800000001', package_id, 1, 1 FROM call_task WHERE id = 801;
		INSERT INTO call_task_customer (tenant_id, id, task_id, customer_id, added_at, added_by) VALUES (2, 803, 801, 802, 1, 'a');
		INSERT INTO service_record (tenant_id, id, customer_id, at, updated_at, phone, note) VALUES (2, 805, 802, ${Date.now()}, 1, '13800000001', 'a')`);
	// the probe's role gets one set of permissions after the other
	stack.sql("UPDATE role SET data_scope = 'all' WHERE id = 5; UPDATE user SET password_hash = (SELECT x.password_hash FROM (SELECT password_hash FROM user WHERE id = 1) x) WHERE id = 7");
	probe = new Client(stack.url);
	assert.equal((await probe.signIn('demo', 'clerk', 'demo-admin')).status, 303);
	foreign = new Client(stack.url);
	assert.equal((await foreign.signIn('other', 'admin', 'other-admin')).status, 303);
	grant('*');
	resources = [];
	for (const [pattern, component, permission, actions, columns] of stack.sql('SELECT path, component, permission, actions, columns FROM registry_resource ORDER BY path')) {
		const path = pattern.replace('{package}', 'default').replace('{task}', '801').replace('{by}', 'agent');
		const list = await probe.json(`${path}?size=10`);
		if (list.status === 403) { // of the platform: "*" of a tenant does not mean it
			platform.push({ path, permission, id: '1', actions: Number(actions), columns: [] });
			continue;
		}
		const { rows } = await list.json();
		const first = JSON.parse(columns)[0].name;
		resources.push({ path, component, permission, actions: Number(actions), columns: JSON.parse(columns), id: rows[0] ? String(rows[0][first]) : '999999' });
	}
	assert.ok(resources.length >= 4, 'sample, desk and reports have some');
});
after(() => stack.stop());

function grant(...permissions) {
	const rows = permissions.map((p) => `(2, 5, '${p}')`).join();
	stack.sql(`DELETE FROM role_permission WHERE role_id = 5${rows && `; INSERT INTO role_permission (tenant_id, role_id, permission) VALUES ${rows}`}`);
}

// Work that has nothing to do with each other, some at a time; none is begun after one has failed.
async function each(items, work) {
	const queue = [...items];
	await Promise.all(Array.from({ length: 6 }, async () => {
		while (queue.length) {
			await work(queue.shift()).catch((error) => {
				queue.length = 0;
				throw error;
			});
		}
	}));
}
const post = (client, path, fields, headers) => client.post(path, { csrf: client.csrf, ...fields }, headers);

// [what, permission that it needs, action of the table that it belongs to, request]
const requests = (r) => [
	['list', 'list', 0, (c) => c.go(r.path)], ['json', 'list', 0, (c) => c.json(r.path)], ['count', 'list', 0, (c) => c.json(`${r.path}?format=count`)],
	['columns', 'list', 0, (c) => post(c, `${r.path}/columns`, { now: '1' })],
	['csv', 'export', 8, (c) => c.go(`${r.path}?format=csv`)], ['xlsx', 'export', 8, (c) => c.go(`${r.path}?format=xlsx`)],
	['export', 'export', 8, (c) => post(c, `${r.path}/export`, { format: 'json', scope: 'selected', keys: r.id })],
	['new', 'create', 1, (c) => c.go(`${r.path}/new`)], ['create', 'create', 1, (c) => post(c, `${r.path}/new`, {})],
	['form', 'list', 3, (c) => c.go(`${r.path}/${r.id}`)], ['edit', 'edit', 2, (c) => post(c, `${r.path}/${r.id}`, {})],
	['batch edit', 'edit', 2, (c) => post(c, `${r.path}/batch`, { action: 'edit', scope: 'selected', keys: r.id })],
	['batch delete', 'delete', 4, (c) => post(c, `${r.path}/batch`, { action: 'delete', scope: 'selected', keys: r.id })],
	['ask', 'delete', 4, (c) => c.go(`${r.path}/${r.id}/delete`)], ['delete', 'delete', 4, (c) => post(c, `${r.path}/${r.id}/delete`, {}, asJson)],
];

test('every resource × action × role: what is permitted works, nothing else does', async () => {
	for (const r of resources) {
		const sets = [[], ['list'], ...Object.keys(ACTIONS).filter((a) => r.actions & ACTIONS[a]).map((a) => ['list', a]), ['*']];
		for (const set of sets) {
			grant(...(set[0] === '*' ? ['*'] : set.map((a) => `${r.permission}.${a}`)));
			const attempt = async ([what, needs, action, send]) => {
				if (what === 'delete' && set[0] === '*' && r.id !== '999999') return; // the row is needed by the next
				const answer = await send(probe);
				const at = `${r.path} ${what} with ${set.join()}: ${answer.status}`;
				const has = !action || (r.actions & action);
				const may = set[0] === '*' || set.includes(needs);
				if (what === 'form' && !has) return; // the application may have a page of its own there
				if (!has && may) assert.ok([403, 404, 405].includes(answer.status), at);
				else if (!may) assert.ok(answer.status === 403 || (!has && [404, 405].includes(answer.status)), at);
				else assert.ok(answer.status < 500 && answer.status !== 403 && answer.status !== 401, at);
			};
			const all = requests(r), last = all.pop(); // which removes the row
			await each(all, attempt);
			await attempt(last);
		}
	}
});

test('what belongs to the platform is closed to every role of a tenant', async () => {
	grant('*');
	assert.deepEqual(platform.map((r) => r.path), ['/admin/tenant-caller-ids', '/admin/tenants']);
	for (const r of platform)
		for (const [what, , action, send] of requests(r))
			if (!action || r.actions & action) assert.equal((await send(probe)).status, 403, `${r.path} ${what}`);
});

test('who is not signed in, of another tenant, or without the CSRF token gets nowhere', async () => {
	grant('*');
	const nobody = new Client(stack.url);
	for (const r of resources) {
		for (const [what, , action, send] of requests(r)) {
			if (action && !(r.actions & action)) continue;
			const at = `${r.path} ${what}`;
			const out = await send(nobody);
			assert.ok(out.status === 401 || (out.status === 303 && out.headers.get('location').startsWith('/desk/sign-in')), `${at}: ${out.status}`);
			if (['form', 'edit', 'ask', 'delete'].includes(what)) assert.equal((await send(foreign)).status, 404, `${at} of another tenant`);
		}
		const seen = await foreign.json(`${r.path}?size=200${r.path === '/reports/calls' ? '&from=2000-01-01' : ''}`);
		if (seen.status === 404 && r.path === '/crm/call-list/801') continue; // the list itself belongs to the tenant's task
		const { rows } = await seen.json();
		assert.ok(!rows.some((row) => String(row[r.columns[0].name]) === r.id), `${r.path}: no row of another tenant`);
		for (const below of ['/new', `/${r.id}`, `/${r.id}/delete`, '/batch', '/export', '/columns']) {
			for (const [fields, headers] of [[{}, {}], [{ csrf: 'x' }, {}], [{ csrf: probe.csrf }, { origin: 'https://evil.example' }]]) {
				const answer = await probe.post(r.path + below, fields, headers);
				assert.ok([403, 404, 405].includes(answer.status), `POST ${r.path}${below}: ${answer.status}`);
			}
		}
	}
});

const hostile = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' OR '1'='1", "'; DROP TABLE sample_thing; --", '{tenant}', '{any}', '?', '%', '\\', '../../../../etc/passwd', '{{csrf}}', '{{#t}}x{{/t}}',
	'=HYPERLINK("x")', '0x41', '1e999', '-1', '99999999999999999999', '\u202Etxt', '𝒳'.repeat(60), 'a'.repeat(5000), '//evil.example', 'x\r\nSet-Cookie: stolen=1'];

const isEscaped = (text) => !text.includes('<script>alert') && !text.includes('<img src=x');

// ---- routes, as the applications say themselves ----

// The path with something in place of each {name}.
const filled = (path, value) => path.replace(/\{(\w+)\}/g, (_, name) => value ?? (name === 'package' ? 'default' : name === 'id' ? '999999' : 'x'));
const anybody = ['public', 'signed_in'];
const signIn = (answer) => answer.status === 401 || (answer.status === 303 && answer.headers.get('location').startsWith('/desk/sign-in'));

test('every route × who may: a new page is tried without a word here', async () => {
	const routes = stack.routes(), nobody = new Client(stack.url);
	assert.ok(routes.length > 200 && stack.applications().every((a) => routes.some((r) => r.application === a.name)));
	const send = ({ method, path }, client, fields = { csrf: client.csrf }) => (method === 'GET' ? client.go(filled(path)) : client.post(filled(path), fields));
	grant();
	for (const route of routes.filter((r) => r.permission !== 'public')) {
		const at = `${route.method} ${route.path}`;
		assert.ok(signIn(await send(route, nobody, {})), `${at} without a session`);
		if (route.method === 'POST') assert.equal((await send(route, probe, { csrf: 'x' })).status, 403, `${at} without the token`);
		if (!anybody.includes(route.permission)) assert.equal((await send(route, probe)).status, 403, `${at} without ${route.permission}`);
	}
	for (const permission of new Set(routes.map((r) => r.permission).filter((p) => !anybody.includes(p)))) {
		grant(permission);
		for (const route of routes.filter((r) => r.permission === permission)) {
			const answer = await send(route, probe);
			assert.ok(answer.status < 500, `${route.method} ${route.path} with ${permission}: ${answer.status}`);
		}
	}
});

test('every route: hostile parts of the path and hostile parameters', async () => {
	grant('*');
	const values = hostile.filter((v) => /^[<"'./x{\u202E-]/.test(v)); // the lists have had all of them
	const targets = stack.routes().filter((r) => r.method === 'GET').flatMap(({ path }) => values.flatMap((value) => [
		...(path.includes('{') ? [filled(path, encodeURIComponent(value))] : []),
		...(resources.some((r) => r.path === filled(path)) ? [] : [`${filled(path)}?${new URLSearchParams({ q: value, from: value, id: value, next: value, page: value, component: value, call: value, number: value })}`]),
	]));
	await each(targets, async (target) => {
		const answer = await probe.go(target), text = await answer.text();
		assert.ok([200, 303, 400, 403, 404, 405].includes(answer.status), `${target.slice(0, 200)}: ${answer.status}`);
		assert.ok(isEscaped(text), target);
		assert.equal(new URL(answer.headers.get('location') ?? '/', stack.url).origin, stack.url, target);
	});
});

test('every text may be looked for in every list and column, whatever the column can hold', async () => {
	grant('*');
	const asked = resources.flatMap((r) => [{ q: '张伟 · –' }, ...r.columns.flatMap((c) => ['is', 'is_not', 'contains', 'in', 'starts'].map((op) => ({ field1: c.name, op1: op, value1: '张伟' })))]
		.map((query) => ({ r, query })));
	await each(asked, async ({ r, query }) => {
		const answer = await probe.json(`${r.path}?${new URLSearchParams(query)}`), text = await answer.text();
		// a number, an amount, a time, a choice: such a value is none
		if (answer.status === 400 && query.field1) assert.match(text, /is not (valid|an amount)|不正确|无效|不对|不符/, `${r.path} ${JSON.stringify(query)}`);
		else assert.equal(answer.status, 200, `${r.path} ${JSON.stringify(query)}`);
	});
});

test('hostile values in every field of every form: no fault, no markup, nothing but that row', async () => {
	grant('*');
	const tables = () => stack.sql("SELECT GROUP_CONCAT(table_name ORDER BY table_name) FROM information_schema.tables WHERE table_schema = 'tandem'")[0][0];
	const before = tables();
	for (const r of resources.filter((x) => x.actions & 3)) {
		const fields = r.columns.filter((c) => c.flags & FORM).map((c) => c.name);
		for (const value of hostile) {
			for (const path of [`${r.path}/new`, `${r.path}/${r.id}`]) {
				const answer = await post(probe, path, { ...Object.fromEntries(fields.map((f) => [f, value])), next: value, version: value });
				assert.ok([303, 400, 404, 405, 409].includes(answer.status), `${path} ${JSON.stringify(value.slice(0, 40))}: ${answer.status}`);
				const location = answer.headers.get('location');
				if (location) assert.ok(location.startsWith(r.path), `no redirect elsewhere: ${location}`);
				assert.ok(!answer.headers.getSetCookie?.().some((line) => line.includes('stolen')));
				const text = await answer.text();
				assert.ok(isEscaped(text), `${path}: escaped`);
			}
		}
		// what was stored is shown as text
		const list = await (await probe.go(`${r.path}?size=50`)).text();
		assert.ok(isEscaped(list), r.path);
	}
	assert.equal(tables(), before);
});

test('hostile parameters of every list, in every place: 200 or 400, escaped', async () => {
	grant('*');
	await each(resources, async (r) => {
		const names = ['q', 'sort', 'columns', 'from', 'to', 'time', 'page', 'size', 'after', 'before', 'match', 'done', 'format', ...r.columns.map((c) => c.name)];
		for (const value of hostile) {
			const queries = names.map((n) => ({ [n]: value }));
			queries.push({ field1: value, op1: 'is', value1: 'x' }, ...r.columns.map((c) => ({ field1: c.name, op1: value, value1: value })),
				...r.columns.map((c) => ({ field1: c.name, op1: 'is', value1: value })));
			for (const query of queries.slice(0, value.length > 100 ? 3 : queries.length)) {
				const answer = await probe.go(`${r.path}?${new URLSearchParams(query)}`);
				assert.ok([200, 400].includes(answer.status), `${r.path} ${JSON.stringify(query).slice(0, 100)}: ${answer.status}`);
				assert.ok(isEscaped(await answer.text()), JSON.stringify(query));
			}
		}
		for (const id of ['..%2F..%2Fetc%2Fpasswd', '%00', '-1', '1%27', '1 OR 1=1', 'x'.repeat(3000), '%F0%28'])
			for (const below of ['', '/delete']) assert.ok([400, 404, 405].includes((await probe.go(`${r.path}/${id}${below}`)).status), `${r.path}/${id}`);
		for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', `${r.path}@evil.example`, `${r.path}/../../x`, 'javascript:alert(1)'])
			assert.equal((await post(probe, `${r.path}/columns`, { now: '1', next })).headers.get('location'), r.path, next);
	});
});

// ---- forms that belong to no list ----

const attribute = (tag, name) => unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
const unescape = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
const kindOf = (path) => path.replace(/\?.*/, '').replace(/[0-9A-Z]{26}|\d+/g, '*');

// The posting forms of a page: {action, fields: [[name, value as delivered, whether a person types it]]}.
const formsOf = (html) => [...html.matchAll(/<form\b([^>]*)>([^]*?)<\/form>/g)].filter(([, tag]) => attribute(tag, 'method') === 'post').map(([, tag, inside]) => ({
	action: attribute(tag, 'action'),
	fields: [...inside.matchAll(/<(input|textarea|select|button)\b([^>]*)>([^]*?)(?=<(?:input|textarea|select|button)\b|$)/g)].filter(([, , t]) => attribute(t, 'name') && attribute(t, 'name') !== 'csrf')
		.map(([, element, t, rest]) => [attribute(t, 'name'), element === 'select' ? attribute(/<option\b[^>]*value="[^"]+"[^>]*>/.exec(rest)?.[0] ?? '', 'value') : attribute(t, 'value') || '1',
			element === 'textarea' || (element === 'input' && !['hidden', 'checkbox', 'radio', 'file'].includes(attribute(t, 'type')))]),
}));

// Every kind of page that links lead to, once; what visit makes of each.
async function walk(visit) {
	const seen = new Set(), queue = ['/desk/'];
	for (let path; (path = queue.shift());) {
		if (seen.has(kindOf(path)) || /format=|-template$|^\/static|recordings|file\//.test(path)) continue;
		seen.add(kindOf(path));
		const html = await (await probe.go(path)).text();
		visit(path, html);
		queue.push(...[...html.matchAll(/<a\b[^>]*\bhref="(\/[^"#]*)"/g)].map((m) => unescape(m[1])));
	}
	return seen;
}

test('hostile values in every other form: no fault, no markup, now or later, and no way out of the site', async () => {
	grant('*');
	const forms = new Map();
	const seen = await walk((path, html) => {
		for (const form of formsOf(html)) {
			const kind = kindOf(form.action);
			if (!forms.has(kind) && !resources.some((r) => form.action.startsWith(`${r.path}/`)) && kind !== '/desk/sign-out') forms.set(kind, { ...form, action: form.action || path });
		}
	});
	for (const kind of ['/desk/announcements', '/desk/password', '/desk/language', '/desk/theme', '/admin/preferences', '/admin/company', '/admin/agent-batch', '/admin/role-permissions/*'])
		assert.ok(forms.has(kind), `${kind} among ${[...forms.keys()].join(' ')} of ${[...seen].join(' ')}`);
	for (const { action, fields } of forms.values()) {
		for (const value of hostile) {
			for (const all of [true, false]) { // everywhere, or only where somebody types, so that the rest is valid
				const answer = await post(probe, action, Object.fromEntries(fields.map(([name, delivered, typed]) => [name, all || typed ? value : delivered])));
				const at = `${action} ${JSON.stringify(value.slice(0, 40))}`, text = await answer.text();
				assert.ok([200, 303, 400, 403, 404, 405, 409, 413].includes(answer.status), `${at}: ${answer.status}`);
				assert.ok(isEscaped(text), at);
				assert.equal(new URL(answer.headers.get('location') ?? '/', stack.url).origin, stack.url, at);
				assert.ok(!/stolen/.test(answer.headers.get('set-cookie') ?? ''), at);
				if (action.startsWith('/admin/role-permissions')) grant('*');
				if (/^\/admin\/plugins\/(tickets|orders)\/disable$/.test(action)) await post(probe, action.replace(/disable$/, 'enable'), {});
			}
		}
	}
	await walk((path, html) => assert.ok(isEscaped(html), `${path} afterwards`));
});

test('huge and broken bodies are refused', async () => {
	grant('*');
	for (const r of resources.filter((x) => x.actions & 1)) {
		const send = (body, type = 'application/x-www-form-urlencoded') => probe.go(`${r.path}/new`, { method: 'POST', body, headers: { origin: stack.url, 'content-type': type, 'x-csrf-token': probe.csrf } });
		assert.equal((await send(`name=${'x'.repeat(3000000)}`)).status, 413);
		assert.equal((await send(Array.from({ length: 5000 }, (_, i) => `f${i}=1`).join('&'))).status, 413);
		assert.equal((await send(`${'n'.repeat(200)}=1`)).status, 413);
		for (const body of ['name=%zz', 'name=%00', 'name=%FF%FE']) assert.equal((await send(body)).status, 400, body);
		assert.equal((await send('{}', 'application/json')).status, 400);
		const many = (await post(probe, `${r.path}/batch`, { action: 'edit', scope: 'selected', keys: Array.from({ length: 5001 }, (_, i) => i + 1).join() })).status;
		assert.equal(many, r.actions & 2 ? 400 : r.actions & 4 ? 403 : 405, r.path);
		assert.ok([400, 414].includes((await probe.go(`${r.path}?q=${'x'.repeat(9000)}`)).status));
	}
});
