// SPDX-License-Identifier: GPL-2.0-or-later
// A list over 500,000 rows: no request for its default page, for indexed filters or for a page far behind lets the database
// examine more than 2,000 rows, by the server's own handler counters. CRM-10
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './client.mjs';
import { fillCalls, Stack } from './stack.mjs';

const stack = new Stack();
let client;
before(async () => {
	await stack.start();
	fillCalls(stack, 500000);
	client = new Client(stack.url);
	assert.equal((await client.signIn('demo', 'admin', 'demo-admin')).status, 303);
});
after(() => stack.stop());

async function rowsFor(path) {
	await client.go(path); // prepares its statements
	let text;
	const rows = await stack.examined(async () => {
		const answer = await client.go(path);
		text = await answer.text();
		assert.equal(answer.status, 200, path);
	});
	return { rows, text };
}

test('default page, indexed filters and pages far behind examine 2,000 rows at most', async () => {
	const unescape = (text) => text.replaceAll('&amp;', '&');
	const first = await rowsFor('/reports/calls');
	const next = unescape(first.text.match(/rel="next" href="([^"]+)"/)[1]);
	const paths = ['/reports/calls?size=200', '/reports/calls?agent=801', '/reports/calls?queue=600&size=50', '/reports/calls?cause=busy', '/reports/calls?agent=801&queue=600', '/reports/calls?time=today',
		'/reports/calls?field1=agent&op1=is&value1=802', '/reports/calls?field1=agent&op1=in&value1=801,802&size=25', '/reports/calls?field1=queue&op1=in&value1=600,601&field2=wait_ms&op2=lt&value2=50', next, `${next.replace(/page=\d+/, 'page=9000')}`, '/reports/calls?format=json&size=200'];
	for (const path of paths) {
		const { rows, text } = await rowsFor(path);
		assert.ok(rows <= 2000, `${path}: ${rows} rows`);
		assert.ok(/<tbody>\s*<tr>/.test(text) || text.includes('"rows":[{'), `${path} has rows`);
	}
	assert.ok(first.rows <= 2000, `${first.rows}`);
	// several values: the same rows as one by one, in their order, each once, forwards and backwards
	const agents = async (query) => (await (await client.json(`/reports/calls?size=10&${query}`)).json()).rows.map((row) => row.id);
	const both = 'field1=agent&op1=in&value1=802,801,802';
	const merged = [...await agents('agent=801'), ...await agents('agent=802')].sort().reverse().slice(0, 10);
	assert.deepEqual(await agents(both), merged);
	assert.deepEqual(await agents(`${both}&before=${(await agents(`${both}&page=2`))[0]}`), merged);
	// the control: a question without an index does examine more, and the counters show it
	assert.ok((await rowsFor('/reports/calls?caller=no+such+number')).rows > 100000);
});
