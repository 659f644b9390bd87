// SPDX-License-Identifier: GPL-2.0-or-later
// SYS-03, CRM-03: exports at once and in the background, batches in the background, the page of background tasks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from './client.mjs';
import { build, Stack } from './stack.mjs';

const stack = new Stack({ sample: true });
const now = Date.now();
let admin, other, clara, owen, jobd;
const startJobd = () => { jobd = stack.part('jobd', join(build, 'bin/cc-jobd'), ['-c', stack.conf]); };

async function as(tenant, username) {
	const client = new Client(stack.url);
	assert.equal((await client.signIn(tenant, username, `${tenant}-${username}`)).status, 303);
	return client;
}

before(async () => {
	await stack.start();
	stack.sql("INSERT INTO preference (tenant_id, name, value) VALUES (2, 'export_rows', '1000000')");
	// random as in life, so that a file is not all zeros for the compressor
	stack.sql(`INSERT INTO calls (tenant_id, id, started_at, direction, caller, callee, queue, wait_ms, talk_ms)
		SELECT 2, UNHEX(CONCAT(LPAD(HEX(${now} - seq), 12, '0'), LPAD(HEX(seq), 20, '0'))), ${now} - seq, 'in', CONCAT('138', LPAD(seq, 8, '0')), '4008001',
		IF(seq <= 100000, '600', '601'), seq % 9000, seq % 100000 FROM seq_1_to_260000`);
	for (const [id, name] of [[12, '<=1+1>'], [13, '=HYPERLINK("http://evil.example")']])
		stack.sql(`UPDATE calls SET agent_name = '${name.replaceAll("'", "''")}' WHERE tenant_id = 2 ORDER BY id DESC LIMIT ${id - 11}`);
	[admin, other, clara, owen] = await Promise.all([as('demo', 'admin'), as('other', 'admin'), as('demo', 'clara'), as('demo', '831')]);
	startJobd();
});
after(() => stack.stop());

const post = (client, path, fields, headers) => client.post(path, { csrf: client.csrf, ...fields }, headers);
const jobs = async (client) => (await (await client.json('/desk/jobs')).json()).rows;
const newest = async (client = admin) => (await jobs(client))[0];
async function until(state, ms = 60000) {
	const seen = [];
	let last;
	await stack.until(async () => {
		const job = await newest();
		seen.push(job.progress);
		last = job;
		return !['waiting', 'running'].includes(job.state);
	}, `a job that is ${state}`, ms);
	assert.equal(last.state, state, last.error);
	return seen;
}
const export_ = (client, fields) => post(client, '/reports/calls/export', fields);
const found = `from=2020-01-01&queue=600`;

test('up to 10,000 rows come at once, in every format, and are written down', async () => {
	const query = 'queue=601&caller=002599&size=10&page=3';
	const csv = await export_(admin, { format: 'csv', scope: 'found', query: `from=2020-01-01&${query}` });
	assert.equal(csv.status, 200);
	assert.match(csv.headers.get('content-disposition'), /^attachment; filename="calls-\d{4}-\d\d-\d\d\.csv"$/);
	const text = Buffer.from(await csv.arrayBuffer()).toString();
	assert.equal(text.trim().split('\r\n').length, 1 + 100, 'all pages of the search');
	const gb = Buffer.from(await (await export_(admin, { format: 'csv_gb', scope: 'found', query: `from=2020-01-01&${query}` })).arrayBuffer());
	assert.equal(execFileSync('iconv', ['-f', 'GB18030', '-t', 'UTF-8'], { input: gb }).toString(), text.slice(1), 'the same in the other encoding');
	const json = await (await export_(admin, { format: 'json', scope: 'found', query: `from=2020-01-01&${query}` })).json();
	assert.equal(json.length, 100);
	assert.match(json[0].started_at, /^\d{4}-\d\d-\d\dT/);
	const xlsx = Buffer.from(await (await export_(admin, { format: 'xlsx', scope: 'found', query: `from=2020-01-01&${query}` })).arrayBuffer());
	assert.equal(xlsx.subarray(0, 2).toString(), 'PK');
	const [[detail]] = stack.sql("SELECT detail FROM audit_log WHERE action = 'reports.calls.export' ORDER BY id LIMIT 1");
	assert.deepEqual([JSON.parse(detail).format, JSON.parse(detail).rows], ['csv', 100]);
	// the selected ones only, in the order of the list
	const ids = json.slice(3, 5).map((row) => row.id);
	const two = await (await export_(admin, { format: 'json', scope: 'selected', keys: ids.join() })).json();
	assert.deepEqual(two.map((row) => row.id), ids);
	for (const fields of [{ format: 'csv', scope: 'selected' }, { format: 'exe', scope: 'all' }, { format: 'csv', scope: 'selected', keys: 'x' }, { format: 'csv', scope: 'found', query: 'sort=nothing' }])
		assert.ok([400, 500].includes((await export_(admin, fields)).status), JSON.stringify(fields));
	assert.equal((await export_(clara, { format: 'csv', scope: 'all' })).status, 403);
	assert.equal(readdirSync(join(stack.run, 'data/jobs/2')).length, 0, 'nothing is left over');
});

test('more are done in the background, with progress; the file is for who asked for it', async () => {
	const order = await export_(admin, { format: 'xlsx', scope: 'found', query: found });
	assert.equal(order.status, 303);
	assert.equal(order.headers.get('location'), '/desk/jobs?active=');
	const seen = await until('done');
	assert.ok(seen.some((n) => n > 0 && n < 100000), `the bar moves: ${seen} in ${stack.sql("SELECT ended_at - started_at FROM job ORDER BY id DESC LIMIT 1")} ms`);
	const job = await newest();
	assert.deepEqual([job.kind, job.page, job.options, job.total, job.progress, job.ok, job.bad, job.created_name, job.error], ['export', 'Calls', 'xlsx', 100000, 100000, 100000, 0, 'admin', '']);
	assert.match(job.file, /^calls-.*\.xlsx$/);
	assert.ok(job.server);
	const page = await (await admin.go('/desk/jobs?active=')).text();
	assert.match(page, new RegExp(`href="/desk/jobs/file/${job.id}"`));
	assert.match(page, /<progress max="1000" value="1000">/);
	const file = await admin.go(`/desk/jobs/file/${job.id}`);
	assert.equal(file.status, 200);
	const body = Buffer.from(await file.arrayBuffer());
	assert.equal(body.subarray(0, 2).toString(), 'PK');
	const listing = execFileSync('python3', ['-c', `
import io, re, sys, zipfile
z = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
s = z.read('xl/worksheets/sheet1.xml').decode()
print(len(re.findall('<row ', s)), '<f>' in s, z.testzip())`], { input: body }).toString().trim();
	assert.equal(listing, '100001 False None', 'a header, the rows, no formula');
	for (const client of [other, clara]) assert.ok([403, 404].includes((await client.go(`/desk/jobs/file/${job.id}`)).status));
	assert.equal((await clara.json('/desk/jobs')).status, 200);
	assert.ok((await jobs(clara)).length > 0, 'with the data scope "all" she sees it');
	assert.ok(!(await (await clara.go('/desk/jobs?active=')).text()).includes('/desk/jobs/file/'), 'but the file is not hers');
	assert.ok(!(await (await owen.go('/desk/jobs?active=')).text()).includes('calls-'), 'own tasks only');
	assert.equal((await jobs(other)).length, 0);
	assert.equal(stack.sql("SELECT COUNT(*) FROM audit_log WHERE action = 'desk.jobs.download'")[0][0], '1');
});

test('progress without a known total is a number, no bar', async () => {
	stack.sql(`INSERT INTO job (tenant_id, id, kind, page, state, progress, total, ok, created_by, created_at, heartbeat_at) VALUES (2, 990, 'crm.import', 'Import', 'running', 1234, 0, 1234, 1, 0, ${Date.now() + 600000})`);
	const page = await (await admin.go('/desk/jobs?active=')).text();
	assert.match(page.match(/<tr[^>]*>(?:(?!<\/tr>)[\s\S])*\/desk\/jobs\/990(?:(?!<\/tr>)[\s\S])*/)[0], /1234/);
	assert.ok(!page.includes('NaN') && !/<tr[^>]*>(?:(?!<\/tr>)[\s\S])*jobs\/990(?:(?!<\/tr>)[\s\S])*<progress/.test(page));
	stack.sql('DELETE FROM job WHERE id = 990');
});

test('a file of more rows than the tenant allows is refused with the reason', async () => {
	stack.sql("UPDATE preference SET value = '50000' WHERE tenant_id = 2 AND name = 'export_rows'");
	await export_(admin, { format: 'csv', scope: 'found', query: found });
	await until('failed');
	assert.match((await newest()).error, /单文件最大行数/);
	stack.sql("UPDATE preference SET value = '1000000' WHERE tenant_id = 2 AND name = 'export_rows'");
});

test('a task is cancelled while it runs and while it waits; a failed one says why; deleting removes the file', async () => {
	await export_(admin, { format: 'xlsx', scope: 'all' });
	await stack.until(async () => (await newest()).progress > 0, 'the beginning');
	const running = (await newest()).id;
	assert.equal((await post(admin, `/desk/jobs/${running}/delete`, {})).status, 409, 'first cancel');
	assert.equal((await post(admin, `/desk/jobs/${running}/do/cancel`, { next: '/desk/jobs?active=' })).status, 303);
	await until('cancelled', 10000);
	assert.equal((await post(admin, `/desk/jobs/${running}/do/cancel`, {})).status, 409, 'it is over');
	jobd.kill('SIGTERM');
	await jobd.ended;
	await export_(admin, { format: 'csv', scope: 'found', query: found });
	const waiting = (await newest()).id;
	assert.match(await (await admin.go('/desk/jobs')).text(), new RegExp(`/desk/jobs/${waiting}/do/cancel`), 'the page begins with what is under way');
	assert.ok(!(await (await admin.go('/desk/jobs')).text()).includes(`/desk/jobs/${running}/`));
	await post(admin, `/desk/jobs/${waiting}/do/cancel`, {});
	assert.equal((await newest()).state, 'cancelled');
	// a right that was taken away meanwhile is gone
	await export_(clara, { format: 'csv', scope: 'all' });
	stack.sql("INSERT INTO role_permission (tenant_id, role_id, permission) VALUES (2, 21, 'reports.calls.list'), (2, 21, 'reports.calls.export')");
	await export_(clara, { format: 'csv', scope: 'found', query: found });
	stack.sql("DELETE FROM role_permission WHERE permission = 'reports.calls.export'");
	stack.parts.splice(stack.parts.indexOf(jobd), 1);
	startJobd();
	await until('failed');
	assert.match((await newest()).error, /permission/);
	const done = (await jobs(admin)).find((job) => job.state === 'done').id;
	const path = join(stack.run, 'data/jobs/2', `${done}.xlsx`);
	assert.ok(existsSync(path));
	assert.equal((await post(owen, `/desk/jobs/${done}/delete`, {})).status, 403);
	assert.equal((await post(admin, `/desk/jobs/${done}/delete`, {})).status, 303);
	assert.ok(!existsSync(path));
	// what a killed export left, half files of ours or of the library, is not kept
	assert.deepEqual(readdirSync(join(stack.run, 'data/jobs/2')).filter((name) => /^\d+\.(csv|xlsx)$/.test(name)), []);
	stack.sql("INSERT INTO job (tenant_id, kind, created_at) VALUES (1, 'core.housekeeping', 0)");
	await stack.until(() => !readdirSync(join(stack.run, 'data/jobs/2')).length, 'housekeeping');
});

test('several tasks at once; a tenant leaves a place for the others', async () => {
	for (let i = 0; i < 3; i++) await export_(admin, { format: 'xlsx', scope: 'all' });
	const mine = (await jobs(admin)).slice(0, 3).map((job) => job.id).sort((a, b) => a - b);
	const states = () => stack.sql(`SELECT state FROM job WHERE id IN (${mine}) ORDER BY id`).flat().join(' ');
	await stack.until(() => states() === 'running running waiting', 'two of them');
	stack.sql("INSERT INTO job (tenant_id, kind, created_at) VALUES (1, 'core.housekeeping', 0)");
	const others = () => stack.sql("SELECT state, started_at FROM job WHERE kind = 'core.housekeeping' ORDER BY id DESC LIMIT 1")[0];
	await stack.until(() => others()[0] === 'done', 'the task of the other tenant');
	for (const id of mine.slice(0, 2)) await post(admin, `/desk/jobs/${id}/do/cancel`, {});
	await stack.until(() => states() === 'cancelled cancelled running', 'the third one');
	assert.ok(Number(stack.sql(`SELECT started_at FROM job WHERE id = ${mine[2]}`)[0][0]) >= Number(others()[1]), 'it waited meanwhile');
	await post(admin, `/desk/jobs/${mine[2]}/do/cancel`, {});
	await until('cancelled', 10000);
});

test('a batch of more than 1,000 rows is a task; refused rows are counted', async () => {
	stack.sql("INSERT INTO sample_thing (tenant_id, code, name, created_at, updated_at) SELECT 2, CONCAT('b', seq), 'x', 1, 1 FROM seq_1_to_1500");
	const [[used]] = stack.sql("SELECT id FROM sample_thing WHERE code = 'b7'");
	stack.sql(`INSERT INTO sample_part (tenant_id, name, thing_id) VALUES (2, 'a part', ${used})`);
	// the tests' application has no program of the name that cc-jobd looks for: its job is done by hand
	assert.equal((await post(admin, '/sample/things/batch', { action: 'edit', scope: 'all', apply: '1', set_name: '1', name: '新 & "name"' })).status, 303);
	const id = (await newest()).id;
	const serve = () => {
		stack.sql("UPDATE job SET state = 'running' WHERE kind = 'sample.batch' ORDER BY id DESC LIMIT 1");
		return execFileSync(join(build, 'bin/test-web-sample'), ['-c', stack.conf, '-j', stack.sql("SELECT MAX(id) FROM job WHERE kind = 'sample.batch'")[0][0]], { timeout: 20000 }).toString();
	};
	await stack.until(async () => (await newest()).state === 'failed', 'the refusal');
	serve();
	assert.deepEqual(stack.sql("SELECT DISTINCT name FROM sample_thing WHERE code LIKE 'b%'"), [['新 & "name"']]);
	assert.deepEqual(stack.sql(`SELECT progress, total, ok, bad FROM job WHERE id = ${id}`), [['1500', '1500', '1500', '0']]);
	assert.equal((await post(admin, '/sample/things/batch', { action: 'delete', scope: 'found', query: 'q=b', apply: '1' })).status, 303);
	await stack.until(async () => (await newest()).state === 'failed', 'the refusal');
	assert.match(serve(), /a part/);
	assert.deepEqual(stack.sql('SELECT id FROM sample_thing'), [[used]]);
	assert.deepEqual(stack.sql("SELECT ok, bad FROM job WHERE kind = 'sample.batch' ORDER BY id DESC LIMIT 1"), [['1499', '1']]);
});
