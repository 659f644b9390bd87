// SPDX-License-Identifier: GPL-2.0-or-later
// What is saved on the pages of the administration is so in the call engine the moment the page answers.
import assert from 'node:assert/strict';
import { Browser } from '../lib/http.mjs';
import { until } from '../lib/wait.mjs';
import { scripts, world } from '../lib/world.mjs';

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

e2e('an agent made on the page registers, takes a call of its group, and is gone when it is deleted (ORG-02 ORG-05 PLAT-12)', async ({ agent, talk, onClose }) => {
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
	const deleting = Date.now();
	await save(`/admin/agents/${key}/delete`, {});
	await until('the phone of a deleted agent is gone with it', async () => (await stack.sql(`SELECT 1 FROM event WHERE type = 42 AND at >= ${deleting} AND fields LIKE '%"agent":"830"%"why":"removed"%'`)).length === 1);
	assert.ok((await desk.register()).status >= 400, 'deleted');
	desk.registered = false;
});

e2e('an agent that is to call by click only reaches extensions by dialling, and nobody outside; its phone password opens *001 where the tenant asks for it (ORG-02)', async ({ phone, code, agentState, onClose }) => {
	const save = await administrator(), key = await id('agent', '803');
	const desk = await phone('803');
	await phone('804', { script: scripts.reject() });
	const tenant = await stack.tenant('demo');
	// so that they are put back afterwards; the pages change them
	await stack.configure('agent', `tenant_id=${tenant} AND number='803'`, { click_only: 0, phone_pin_hash: '0'.repeat(32) });
	onClose(() => stack.sql("DELETE FROM preference WHERE name = 'code_password'"));
	await save(`/admin/agents/${key}`, { click_only: '1', phone_password: '4711' });
	await save('/admin/preferences', { code_password: '1' });
	const out = await (await desk.dial('13800138000')).reached('ended');
	assert.equal(out.answer.status, 403, 'a customer');
	assert.equal((await (await desk.dial('804')).reached('ended')).answer.status, 486, 'a colleague');
	const call = await (await desk.dial('*001', { tone: 0 })).reached('up');
	await call.media.sendDigits('4711#');
	await agentState('803', (a) => a.queues.includes('600'));
	await call.reached('ended', 8000);
	await code(desk, '*000');
});

e2e('a tenant has as many calls at the same time as it is allowed, and one more is told to come later (PLAT-12)', async ({ customer }) => {
	await stack.queue('600', { entry_prompt: '' });
	await stack.configure('tenant', "code='demo'", { max_calls: 1 });
	const first = await (await customer()).reached('up');
	const second = await (await customer()).reached('ended');
	assert.equal(second.answer.status, 503);
	assert.equal(second.answer.get('retry-after'), '5');
	await first.hangup();
	await until('room for another one', async () => (await stack.stats()).calls === 0);
	const third = await (await customer()).reached('up');
	await third.hangup();
});
