// SPDX-License-Identifier: GPL-2.0-or-later
// What is saved on the pages of the administration is so in the call engine the moment the page answers.
import assert from 'node:assert/strict';
import { Browser } from '../lib/http.mjs';
import { until } from '../lib/wait.mjs';
import { world } from '../lib/world.mjs';

const { e2e, stack } = await world();

const administrator = async () => {
	const browser = new Browser(stack.web);
	await browser.signIn('demo', 'admin', 'demo-admin');
	await browser.page('/admin/agents');
	return async (path, fields) => {
		const answer = await browser.post(path, fields, { headers: { accept: 'application/json' } });
		assert.ok([200, 303].includes(answer.status), `${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
		return answer;
	};
};
const id = async (table, number) => (await stack.sql(`SELECT t.id FROM ${table} t WHERE t.tenant_id = ${await stack.tenant('demo')} AND t.number = '${number}' AND t.live = 1`))[0][0];

e2e('an agent made on the page registers, takes a call of its group, and is gone when it is deleted (ORG-02 ORG-05 PLAT-12)', async ({ phone, agent, talk, onClose }) => {
	const save = await administrator();
	const [[role]] = await stack.sql(`SELECT id FROM role WHERE tenant_id = ${await stack.tenant('demo')} AND code = 'agent'`);
	await save('/admin/agents/new', { number: '830', family_name: '新', given_name: '人', role, state: 'enabled', sip_password: 'sip-830', web_password: 'Web-830-ok', again: 'Web-830-ok', phone_password: '4711', first_group: await id('agent_group', '600') });
	const key = await id('agent', '830');
	onClose(() => save(`/admin/agents/${key}/delete`, {}).catch(() => {}));
	const desk = await agent('830');
	const [call] = await talk(desk);
	await call.hangup();
	await call.reached('ended');
	// renaming the group and the agent changes nothing for calls
	await save(`/admin/groups/${await id('agent_group', '600')}`, { name: 'Renamed' });
	await save(`/admin/agents/${key}`, { given_name: '旧' });
	const state = await stack.command('cc.agent.get', { tenant: await stack.tenant('demo'), agent: '830' });
	assert.ok(state.queues.includes('600'), 'still signed in');
	await save(`/admin/groups/${await id('agent_group', '600')}`, { name: '销售 Sales' });
	// another password, and at once the old one opens nothing
	await save(`/admin/agents/${key}`, { sip_password: 'sip-other' });
	assert.ok((await desk.register()).status >= 400, 'the old SIP password');
	desk.password = 'sip-other';
	assert.equal((await desk.register()).status, 200);
	await save(`/admin/agents/${key}`, { state: 'disabled' });
	assert.ok((await desk.register()).status >= 400, 'disabled');
	await save(`/admin/agents/${key}`, { state: 'enabled' });
	assert.equal((await desk.register()).status, 200);
	await desk.register(0);
	await save(`/admin/agents/${key}/delete`, {});
	assert.ok((await desk.register()).status >= 400, 'deleted');
	desk.registered = false;
});

e2e('a tenant has as many calls at the same time as it is allowed, and one more is told to come later (PLAT-12)', async ({ customer }) => {
	await stack.queue('600', { entry_prompt: '' });
	await stack.configure('tenant', "code='demo'", { max_calls: 1 });
	const first = await (await customer()).reached('up');
	const second = await (await customer()).reached('ended');
	assert.equal(second.answer.status, 503);
	assert.equal(second.answer.get('retry-after'), '5');
	await first.hangup();
	const tenant = await stack.tenant('demo');
	await until('the first call is over', async () => (await stack.command('cc.calls', { tenant })).calls.length === 0);
	const third = await (await customer()).reached('up');
	await third.hangup();
});
