// SPDX-License-Identifier: GPL-2.0-or-later
// ORD-01 to ORD-04 and PLAT-18: orders, a paid plugin, from the first warehouse to the money; and without a contract.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callRow, Client, ulid } from './client.mjs';
import { Stack } from './stack.mjs';

const stack = new Stack({ plugins: ['plugins/orders'] });
const LIST = '/crm/orders/list', GOODS = '/crm/orders/goods', MOVE = '/crm/orders/move';
const asJson = { accept: 'application/json' };
let admin, leader, agent, other;

before(async () => {
	await stack.start();
	for (const words of [['enable', 'orders'], ['enable', 'orders', '--tenant', 'demo']]) {
		const { code, out } = stack.cli('plugin', ...words);
		assert.equal(code, 0, out);
	}
	// who sells submits; leaders review, ship and so on
	stack.sql(`INSERT INTO role_permission (tenant_id, role_id, permission) SELECT 2, 3, CONCAT('orders.', p) FROM (SELECT 'order.list' p UNION SELECT 'order.create' UNION SELECT 'order.edit' UNION SELECT 'order.delete' UNION SELECT 'order.submit' UNION SELECT 'order.export'
		UNION SELECT 'log.list' UNION SELECT 'item.list' UNION SELECT 'tab.view' UNION SELECT 'home.view') x; INSERT INTO role_permission (tenant_id, role_id, permission) SELECT 2, 2, p FROM (SELECT 'orders.order.*' p UNION SELECT 'orders.log.*' UNION SELECT 'orders.figures.*') x`);
	[admin, leader, agent, other] = [1, 2, 3, 4].map(() => new Client(stack.url));
	assert.equal((await admin.signIn('demo', 'admin', 'demo-admin')).status, 303);
	assert.equal((await leader.signIn('demo', '801', 'demo-801')).status, 303);
	assert.equal((await agent.signIn('demo', '802', 'demo-802')).status, 303);
	stack.sql("INSERT INTO customer (tenant_id, id, name, phone, phone_e164, package_id, created_at, updated_at) SELECT 2, 9001, '张三', '13800000001', '8613800000001', id, 1, 1 FROM customer_package WHERE tenant_id = 2 AND standard = 1");
});
after(() => stack.stop());

const text = async (client, path) => (await client.go(path)).text();
const post = (client, path, fields, headers) => client.post(path, { csrf: client.csrf, ...fields }, headers);
const made = async (client, path, fields) => {
	const answer = await post(client, `${path}/new`, fields, asJson), body = await answer.text();
	assert.equal(answer.status, 200, body);
	return JSON.parse(body).id;
};
const to = { phone: '13800000001', receiver_name: '李四', receiver_phone: '13900000002', receiver_address: '广东省深圳市南山区 1 号' };
const order = (client, goods, fields = {}) => made(client, LIST, { ...to, goods, ...fields });
const refused = async (client, fields, status = 400) => {
	const answer = await post(client, `${LIST}/new`, { ...to, ...fields }, asJson), body = await answer.json();
	assert.equal(answer.status, status, JSON.stringify(body));
	return body.error;
};
const row = async (client, id) => (await client.json(`${LIST}/${id}`)).json();
const rows = async (client, query = '', list = LIST) => (await (await client.json(`${list}${query}`)).json()).rows;
const move = (client, deed, keys, fields = {}) => post(client, `${MOVE}/${deed}`, { keys, ...fields }, asJson);
const done = async (client, deed, keys, fields) => {
	const answer = await move(client, deed, keys, fields), body = await answer.text();
	assert.equal(answer.status, 200, body);
	return JSON.parse(body).done;
};
const state = (id) => stack.sql(`SELECT state FROM orders_order WHERE id = ${id}`)[0][0];
const stock = (id) => Number(stack.sql(`SELECT stock FROM orders_goods WHERE id = ${id}`)[0][0]);
const log = (id) => stack.sql(`SELECT deed, before_state, after_state FROM orders_log WHERE order_id = ${id} ORDER BY id`).map((r) => r.join(' '));

const houses = {}, goods = {}, ids = {};

test('ORD-01: warehouses and goods, the same in two of them; files; what is used stays', async () => {
	houses.first = await made(admin, '/crm/orders/warehouses', { name: '测试库房', address: '深圳市宝安区 8 号' });
	houses.second = await made(admin, '/crm/orders/warehouses', { name: '测试库房2' });
	const good = (name, code, price, warehouse, count, more = {}) => made(admin, GOODS, { name, code, unit: '件', price, warehouse_id: houses[warehouse], stock: count, serials: '0', on_sale: '1', ...more });
	goods.a1 = await good('商品1', 'A100', '99.50', 'first', '10');
	goods.a2 = await good('商品1', 'A100', '98', 'second', '5');
	goods.b = await good('商品2', 'B200', '20', 'second', '3');
	goods.s = await good('话机', 'S300', '300', 'first', '4', { serials: '1' });
	goods.off = await good('下架商品', 'X900', '1', 'first', '9', { on_sale: '0' });
	assert.equal((await post(admin, `${GOODS}/new`, { name: 'x', code: 'A100', price: '1', warehouse_id: houses.first, stock: '1' })).status, 400, 'one code a warehouse');
	assert.equal((await post(admin, `${GOODS}/new`, { name: 'x', code: 'A*1', price: '1', warehouse_id: houses.first, stock: '1' })).status, 400);
	assert.match(await text(admin, `${GOODS}?format=csv`), /A100[^]*商品1/);
	assert.equal((await admin.go(`${GOODS}/import`)).status, 200);
	assert.equal((await post(admin, `/crm/orders/warehouses/${houses.first}/delete`, {}, asJson)).status, 409, 'it has goods');
	const { goods: found } = await (await agent.json('/crm/orders/pick?q=%E5%95%86%E5%93%81')).json();
	assert.deepEqual(found.map((g) => `${g.code} ${g.warehouse} ${g.stock}`), ['A100 测试库房 10', 'A100 测试库房2 5', 'B200 测试库房2 3']);
	assert.equal((await agent.go(GOODS)).status, 403);
});

test('ORD-01: an order over several warehouses is one of each, under one code; saved it takes nothing', async () => {
	ids.split = await order(agent, 'A100 @ 测试库房 * 2\r\nB200 * 1\r\nA100@测试库房2*1\n', { customer_name: '张三' });
	const mine = await rows(agent);
	assert.equal(mine.length, 2);
	assert.equal(new Set(mine.map((r) => r.parent)).size, 1);
	assert.equal(new Set(mine.map((r) => r.number)).size, 2);
	for (const r of mine) assert.match(r.number, /^20\d{12}\d{4}$/);
	const [second, first] = mine;
	ids.sibling = second.id;
	assert.equal(first.id, ids.split);
	assert.deepEqual([first.goods, first.amount, first.state, first.author, first.customer_id /* whom the agent does not see */], ['商品1 x 2', 199, 'to_submit', '王芳', null]);
	assert.deepEqual([second.goods, second.amount, second.receiver_name], ['商品2 x 1, 商品1 x 1', 118, '李四']);
	assert.deepEqual([stock(goods.a1), stock(goods.b)], [10, 3]);
	assert.deepEqual(log(ids.split), ['create to_submit to_submit']);
	const page = await text(agent, `${LIST}/${ids.split}/view`);
	for (const piece of [first.number, second.number, '待提交', '李四', '138****0001', '139****0002', '广东省深圳市', '商品1', '订单日志', `/crm/orders/move/submit?keys=${ids.split}`]) assert.ok(page.includes(piece), piece);
	assert.ok(!page.includes('13800000001') && !page.includes('13900000002'), 'numbers are hidden from whoever may not see them');
	// changed while it can be: another warehouse again becomes an order of its own
	const fields = { ...to, customer_name: '张三' };
	assert.equal((await post(agent, `${LIST}/${ids.split}`, { ...fields, goods: 'A100 @ 测试库房 * 3' }, asJson)).status, 200);
	assert.deepEqual([(await row(admin, ids.split)).amount, (await rows(agent)).length], [298.5, 2]);
});

test('ORD-01: what cannot be ordered is refused beside its field, and nothing is lost', async () => {
	for (const [lines, why] of [['', /选择商品/], ['A100 * 1', /多个库房/], ['NONE * 1', /没有这个商品/], ['商品 * 1', /没有这个商品/], ['X900 * 1', /未上架/], ['A100 x 2', /每行/], ['B200 * 0', /每行/], ['A100 @ 没有 * 1', /没有这个商品/]])
		assert.match((await refused(agent, { goods: lines })).fields.goods, why, lines);
	assert.ok((await refused(agent, { goods: 'B200 * 1', phone: '' })).fields.phone);
	assert.ok((await refused(agent, { goods: 'B200 * 1', receiver_address: '', submits: '1' })).fields.receiver_address);
	assert.match((await refused(agent, { goods: 'B200 * 4', submits: '1' })).fields.goods, /商品2: 库存只剩 3/);
	const form = await post(agent, `${LIST}/new`, { ...to, goods: 'B200 * 4', note: '急用', submits: '1' }), html = await form.text();
	assert.equal(form.status, 400);
	assert.ok(html.includes('B200 * 4') && html.includes('急用') && html.includes('库存只剩 3'));
	assert.equal(stock(goods.b), 3);
	assert.equal((await rows(agent)).length, 2, 'nothing was made');
	// of a known customer the name is enough, for who sees the customer
	const named = await made(admin, LIST, { customer_name: '张三', receiver_address: 'x', goods: 'B200 * 1' });
	assert.equal((await row(admin, named)).phone, '13800000001');
	assert.equal((await post(admin, `${LIST}/${named}/delete`, {}, asJson)).status, 200);
	assert.equal((await post(agent, `${LIST}/new`, { customer_id: '9001', goods: 'B200 * 1' }, asJson)).status, 400, 'whom the agent does not see');
});

test('ORD-02: submit, review, send back with a note, pay, ship, receive, money: each by permission, logged from state to state', async () => {
	const id = ids.split;
	assert.equal(await done(agent, 'submit', id), 1);
	assert.deepEqual([state(id), stock(goods.a1)], ['to_review', 7]);
	assert.equal((await post(agent, `${LIST}/${id}`, { ...to, goods: 'A100 @ 测试库房 * 1' }, asJson)).status, 400, 'not changed any more');
	assert.equal((await post(agent, `${LIST}/${id}/delete`, {}, asJson)).status, 409);
	for (const deed of ['approve', 'pay', 'ship', 'receive', 'refuse', 'take_back', 'money', 'send_back', 'note']) {
		assert.equal((await agent.go(`${MOVE}/${deed}?keys=${id}`)).status, 403, deed);
		assert.equal((await move(agent, deed, id, { note: 'x' })).status, 403, deed);
	}
	assert.equal((await move(leader, 'ship', id, { tracking: 'SF1' })).status, 409, 'not in this state');
	assert.equal((await move(leader, 'send_back', id)).status, 400, 'why?');
	assert.equal(await done(leader, 'send_back', id, { note: '地址不详' }), 1);
	assert.deepEqual([state(id), stock(goods.a1)], ['to_submit', 10], 'the goods are back');
	assert.equal((await post(agent, `${LIST}/${id}`, { ...to, goods: 'A100 @ 测试库房 * 2', prepaid: '1' }, asJson)).status, 200);
	assert.equal(await done(agent, 'submit', id), 1);
	assert.equal(await done(leader, 'approve', id, { note: '同意' }), 1);
	assert.equal(state(id), 'to_pay');
	assert.equal(await done(leader, 'pay', id), 1);
	assert.equal((await move(leader, 'ship', id)).status, 400, 'without a tracking number');
	assert.equal((await move(leader, 'ship', id, { tracking: 'SF1', freight: '-3' })).status, 400);
	assert.equal((await move(leader, 'ship', id, { tracking: 'SF1', freight: 'abc' })).status, 400);
	assert.equal(await done(leader, 'ship', id, { tracking: 'SF1001', carrier: '顺丰', freight: '12.50' }), 1);
	const sent = await row(admin, id);
	assert.deepEqual([sent.state, sent.tracking, sent.carrier, sent.freight], ['shipped', 'SF1001', '顺丰', 12.5]);
	const page = await text(leader, LIST);
	for (const [label, deed] of [['退货', 'take_back'], ['确认收货', 'receive'], ['确认拒收', 'refuse'], ['确认回款', 'money'], ['备注', 'note']]) assert.match(page, new RegExp(`href="${MOVE}/${deed}\\?keys=${id}" data-tab>${label}<`));
	assert.match(page, new RegExp(`href="/crm/orders/print\\?id=${id}" data-tab>面单打印<`));
	assert.equal(await done(leader, 'money', id), 1);
	assert.match((await (await move(leader, 'money', id)).json()).error.message, /已改变|已经确认/);
	assert.equal(await done(leader, 'receive', id), 1);
	assert.equal((await move(leader, 'take_back', id, { note: 'x' })).status, 409);
	assert.equal(await done(leader, 'note', id, { note: '客户很满意' }), 1);
	assert.equal((await row(admin, id)).note, '客户很满意');
	assert.deepEqual(log(id), ['create to_submit to_submit', 'edit to_submit to_submit', 'submit to_submit to_review', 'send_back to_review to_submit', 'edit to_submit to_submit', 'submit to_submit to_review', 'approve to_review to_pay', 'pay to_pay to_ship',
		'ship to_ship shipped', 'money shipped shipped', 'receive shipped received', 'note received received']);
	assert.equal(stack.sql(`SELECT COUNT(*) FROM audit_log WHERE action = 'orders.order.ship' AND object = 'orders/${id}'`)[0][0], '1');
	assert.match(await text(admin, '/admin/audit'), /确认收货/);
});

test('ORD-02: past the review by a permission; refused and returned goods are in stock again', async () => {
	for (const [deed, end] of [['refuse', 'refused'], ['take_back', 'returned']]) {
		const id = await order(admin, 'B200 * 2', { submits: '1' });
		assert.deepEqual([state(id), stock(goods.b)], ['to_ship', 1]);
		assert.equal(await done(admin, 'ship', id, { [`tracking_${id}`]: `T-${deed}` }), 1);
		assert.equal((await move(admin, deed, id)).status, 400, 'why?');
		assert.equal(await done(admin, deed, id, { note: '不要了' }), 1);
		assert.deepEqual([state(id), stock(goods.b)], [end, 3]);
	}
});

test('ORD-02: two at once: the last piece is sold once, a state is left once', async () => {
	const both = await Promise.all([1, 2].map(() => post(admin, `${LIST}/new`, { ...to, goods: 'B200 * 2', submits: '1' }, asJson)));
	assert.deepEqual(both.map((a) => a.status).sort(), [200, 400]);
	assert.equal(stock(goods.b), 1);
	const ok = both.find((a) => a.status === 200), { id } = await ok.json();
	// many at once over the same goods in different order: nobody is left hanging, nothing goes missing
	const rest = await Promise.all(Array.from({ length: 6 }, (_, i) => post(admin, `${LIST}/new`, { ...to, goods: i % 2 ? 'S300 * 1\nA100 @ 测试库房 * 1' : 'A100 @ 测试库房 * 1\nS300 * 1', submits: '1' }, asJson)));
	assert.deepEqual(rest.map((a) => a.status).sort(), [200, 200, 200, 200, 400, 400]);
	assert.deepEqual([stock(goods.s), stock(goods.a1)], [0, 4]);
	const answers = await Promise.all([move(admin, 'ship', id, { tracking: 'X1' }), move(leader, 'ship', id, { tracking: 'X2' }), move(admin, 'send_back', id, { note: 'x' })]);
	const statuses = answers.map((a) => a.status).sort();
	assert.ok(statuses[0] === 200 && statuses.slice(1).every((s) => s === 409 || s === 404), statuses.join());
	assert.equal(log(id).length, 3, 'one of them happened');
});

test('ORD-02: SN are asked for one by one, and none goes out twice', async () => {
	const [first, second] = (await rows(admin, '?state=to_ship&goods=S300')).slice(0, 2).map((r) => r.id);
	const item = stack.sql(`SELECT id FROM orders_item WHERE order_id = ${first} AND serials = 1`)[0][0], item2 = stack.sql(`SELECT id FROM orders_item WHERE order_id = ${second} AND serials = 1`)[0][0];
	const ask = await text(admin, `${MOVE}/ship?keys=${first}`);
	assert.ok(ask.includes(`name="serials_${item}"`) && ask.includes(`name="tracking_${first}"`));
	const page = await post(admin, `${MOVE}/ship`, { keys: first, [`tracking_${first}`]: 'SF2' }), html = await page.text();
	assert.equal(page.status, 400);
	assert.ok(html.includes('需要 1 个不同的 SN') && html.includes('value="SF2"'), 'what was typed is still there');
	assert.equal((await move(admin, 'ship', first, { [`tracking_${first}`]: 'SF2', [`serials_${item}`]: 'SN-1\nSN-2' })).status, 400);
	assert.equal(await done(admin, 'ship', first, { [`tracking_${first}`]: 'SF2', [`serials_${item}`]: ' SN-1 \n' }), 1);
	assert.match((await (await post(admin, `${MOVE}/ship`, { keys: second, [`tracking_${second}`]: 'SF3', [`serials_${item2}`]: 'SN-1' })).text()), /SN-1: 此 SN 已发货/);
	assert.equal(stack.sql(`SELECT COUNT(*) FROM orders_serial WHERE order_id = ${second}`)[0][0], '0', 'nothing of it holds');
	assert.deepEqual((await rows(admin, '?serial=SN-1')).map((r) => r.id), [first]);
	assert.ok((await text(admin, `${LIST}/${first}/view`)).includes('SN-1'));
	ids.serial = first;
});

test('ORD-02: the list is searched by everything that people know of an order, and sums the deals', async () => {
	const numbers = async (client, query) => (await rows(client, query)).map((r) => r.id);
	const { number, parent } = await row(admin, ids.split);
	for (const query of [`?number=${number}`, '?tracking=SF1001', `?field1=number&op1=is&value1=${number}`, '?q=SF1001', `?parent=${parent}&state=received`, '?state=received&phone_tail=0001', '?customer_name=%E5%BC%A0&state=received', '?phone=13800000001&state=received',
		'?goods=%E5%95%86%E5%93%811&state=received', '?author=%E7%8E%8B%E8%8A%B3&state=received', '?group=1&state=received'])
		assert.deepEqual(await numbers(admin, query), [ids.split], query);
	assert.deepEqual(await numbers(admin, '?phone_tail=0009'), []);
	assert.deepEqual(await numbers(admin, '?group=2'), []);
	assert.equal((await agent.json(`${LIST}?phone_tail=000001`)).status, 400, 'digits that one does not see are not found one by one');
	assert.deepEqual((await agent.json(`${LIST}?phone_tail=0001`)).status, 200);
	const sum = stack.sql("SELECT FORMAT(SUM(amount) / 10000, 2) FROM orders_order WHERE tenant_id = 2 AND state NOT IN ('to_submit', 'refused', 'returned')")[0][0];
	assert.match(await text(admin, LIST), new RegExp(`<tfoot>[^]*合计成交金额[^]*data-sum="amount">[^<]*${sum}<`));
	const part = stack.sql("SELECT FORMAT(SUM(amount) / 10000, 2) FROM orders_order WHERE tenant_id = 2 AND state = 'to_ship'")[0][0];
	assert.match(await text(admin, `${LIST}?state=to_ship`), new RegExp(`data-sum="amount">[^<]*${part}<`));
	assert.equal((await (await admin.json(`${LIST}?state=to_ship&format=count`)).json()).sums.amount.replace(/[^\d.,]/g, ''), part);
	assert.match(await text(admin, `${LIST}?format=csv`), /订单编号,订单号[^]*SF1001/);
	assert.ok(!/13800000001|13900000002/.test(await text(agent, `${LIST}?format=csv`)));
	// each sees their own: the agent not what the administrator sold
	assert.ok((await rows(agent)).every((r) => r.author === '王芳'));
	assert.equal((await agent.go(`${LIST}/${ids.serial}/view`)).status, 404);
	assert.equal((await move(agent, 'submit', ids.serial)).status, 404);
	assert.equal((await agent.go(`/crm/orders/tab/addresses?call=&number=&customer=9001`)).status, 200);
});

test('ORD-02: the delivery note is a page to print, with numbers as far as one may see them', async () => {
	const note = await text(leader, `/crm/orders/print?id=${ids.split}`);
	for (const piece of ['发货面单', '李四', '13900000002', '广东省深圳市', '深圳市宝安区 8 号', 'SF1001', '顺丰', '商品1', 'data-print']) assert.ok(note.includes(piece), piece);
	assert.equal((await agent.go(`/crm/orders/print?id=${ids.split}`)).status, 403);
	assert.equal((await admin.go('/crm/orders/print?id=999999')).status, 404);
	stack.sql("UPDATE user SET hide_numbers = 2 WHERE tenant_id = 2 AND username = 'admin'");
	assert.ok(!(await text(admin, `/crm/orders/print?id=${ids.split}`)).includes('13900000002'), 'whatever the permission, if the account hides them');
	stack.sql("UPDATE user SET hide_numbers = 0 WHERE tenant_id = 2 AND username = 'admin'");
});

test('ORD-03: an invoice asks for what it needs, and stands on the page of the order', async () => {
	const plain = (await refused(admin, { goods: 'A100 @ 测试库房 * 1', invoice: '1' })).fields;
	assert.deepEqual(Object.keys(plain), ['invoice_title']);
	const special = (await refused(admin, { goods: 'A100 @ 测试库房 * 1', invoice: '1', invoice_kind: 'special', invoice_title: '测试公司' })).fields;
	assert.deepEqual(Object.keys(special), ['invoice_tax_number', 'invoice_address', 'invoice_phone', 'invoice_bank', 'invoice_account']);
	assert.deepEqual(Object.keys((await refused(admin, { goods: 'A100 @ 测试库房 * 1', invoice: '1', invoice_kind: 'electronic', invoice_title: 'x' })).fields), ['invoice_email']);
	const id = await order(admin, 'A100 @ 测试库房 * 1\nB200 * 1', { invoice: '1', invoice_kind: 'electronic', invoice_title: '测试公司', invoice_tax_number: '91440300MA5', invoice_email: 'a@example.com' });
	const [sibling] = (await rows(admin)).filter((r) => r.id !== id);
	for (const one of [id, sibling.id]) assert.match(await text(admin, `${LIST}/${one}/view`), /发票信息[^]*电子发票[^]*测试公司[^]*91440300MA5[^]*a@example\.com/);
	assert.ok(!(await text(admin, `${LIST}/${ids.split}/view`)).includes('发票信息'));
});

test('ORD-04: the log by time and order number, and what each salesperson sold, with totals; both as files', async () => {
	const { number } = await row(admin, ids.split), logs = '/crm/orders/logs';
	const found = await rows(admin, `?number=${number}&time=today`, logs);
	assert.deepEqual([found.length, found[0].deed, found.at(-1).user_name], [12, 'note', '王芳']);
	assert.deepEqual([found[2].before_state, found[2].after_state], ['shipped', 'shipped']);
	assert.deepEqual(await rows(admin, `?number=${number}&time=yesterday`, logs), []);
	assert.match(await text(admin, logs), /原状态[^]*新状态[^]*待提交/);
	assert.match(await text(admin, `${logs}?format=csv`), /时间,订单号,用户[^]*已签收/);
	assert.ok((await rows(agent, '', logs)).every((r) => r.number !== undefined) && (await rows(agent, '', logs)).length < (await rows(admin, '', logs)).length);
	const figures = await rows(admin, '', '/crm/orders/figures'), by = Object.fromEntries(figures.map((r) => [r.user, r]));
	assert.deepEqual([by['802 王芳'].orders, by['802 王芳'].received, by['802 王芳'].sales, by['802 王芳'].amount, by['802 王芳'].freight], [1, 1, 1, 199, 12.5]);
	const mine = by['admin 管理员'];
	assert.deepEqual([mine.returned, mine.refused, mine.sales, mine.amount], [1, 1, 0, 0]);
	const page = await text(admin, '/crm/orders/figures');
	assert.match(page, /用户[^]*订单量[^]*发货量[^]*退货量[^]*收货量[^]*拒收量[^]*销售量[^]*销售额[^]*物流费用/);
	assert.match(page, new RegExp(`<tfoot>[^]*总计[^]*data-sum="orders">${mine.orders + 1}<[^]*data-sum="amount">[^<]*199[^]*data-sum="freight">[^<]*12\\.50`));
	assert.match(page, /aria-current="true"[^>]*>本月/);
	assert.match(await text(admin, '/crm/orders/figures?format=csv'), /802 王芳,1/);
	assert.match(await text(admin, '/reports/'), /href="\/crm\/orders\/figures"/);
	assert.deepEqual((await rows(leader, '', '/crm/orders/figures')).map((r) => r.user), ['802 王芳'], 'of the groups that one leads');
	const items = await rows(admin, `?number=${number}`, '/crm/orders/items');
	assert.deepEqual(items.map((r) => [r.code, r.quantity, r.amount]), [['A100', 2, 199]]);
});

test('beside a call and on the card: orders, sold goods, addresses for the next order; a button of customers and services', async () => {
	const call = ulid(Date.now(), 7);
	stack.sql(callRow(call, { at: Date.now(), caller: '13800000001', queue: '600', agent: '802', agent_name: '王芳' }));
	const query = `call=${call.text}&number=13800000001`, tab = await text(admin, `/crm/orders/tab?${query}`);
	assert.ok(tab.includes('SF1001') && tab.includes('已签收'));
	const [, link] = tab.match(/href="(\/crm\/orders\/list\/new[^"]+)"/);
	assert.equal(link.replaceAll('&amp;', '&'), `${LIST}/new?phone=13800000001&customer_name=%E5%BC%A0%E4%B8%89&customer_id=9001&call=${call.text}`);
	assert.match(await text(admin, `/crm/orders/tab/goods?${query}`), /A100[^]*商品1/);
	const addresses = await text(agent, '/crm/orders/tab/addresses?call=&number=13800000001');
	assert.match(addresses, /李四<\/td><td>139\*\*\*\*0002<[^]*address_of=/);
	assert.ok(!addresses.includes('13900000002'));
	const [, next] = addresses.match(/href="([^"]+)"/), form = Object.fromEntries(new URL(next.replaceAll('&amp;', '&'), stack.url).searchParams);
	assert.equal(form.receiver_phone, undefined);
	const id = await made(agent, LIST, { ...form, goods: 'B200 * 1' });
	assert.equal((await row(admin, id)).receiver_phone, '13900000002', 'the number comes from the order that had it');
	assert.equal((await post(agent, `${LIST}/new`, { phone: '13800000005', address_of: ids.serial, goods: 'B200 * 1' }, asJson)).status, 400, 'not from one that the agent does not see');
	const known = await (await agent.json('/crm/orders/known?number=13800000001')).json();
	assert.deepEqual(known.addresses.map((a) => [a.name, a.phone, a.whole]), [['李四', '139****0002', false]]);
	const of = await order(admin, 'B200 * 1', { phone: '', call: call.text });
	assert.deepEqual(stack.sql(`SELECT phone_e164, HEX(call_id) FROM orders_order WHERE id = ${of}`)[0], ['8613800000001', call.hex]);
	for (const path of ['/crm/customers/default', '/crm/card?customer=9001']) assert.ok((await text(admin, path)).includes('/crm/orders/'), path);
	assert.match(await text(admin, '/crm/customers/default'), /href="\/crm\/orders\/list\/new\?customer_id=9001" data-tab>订单</);
	const service = await made(admin, '/crm/services', { name: '张三', phone: '13800000009', note: 'x' });
	assert.ok(service && /href="\/crm\/orders\/list\/new\?customer_name=/.test(await text(admin, '/crm/services')));
	assert.match(await text(admin, '/desk/'), /data-src="\/crm\/orders\/home"/);
	assert.match(await text(admin, '/crm/orders/home'), /待出库<\/dt><dd><a href="\/crm\/orders\/list\?state=to_ship"/);
});

test('PLAT-18: without a contract nothing of it is there; its data stay, and come back', async () => {
	const count = stack.sql('SELECT COUNT(*) FROM orders_order')[0][0];
	const pages = [LIST, GOODS, '/crm/orders/warehouses', '/crm/orders/logs', '/crm/orders/items', '/crm/orders/figures', '/crm/orders/tab?call=&number=1', '/crm/orders/tab/goods?call=&number=1', '/crm/orders/tab/addresses?call=&number=1', '/crm/orders/home', '/crm/orders/pick', `/crm/orders/print?id=${ids.split}`,
		`${LIST}/${ids.split}/view`, `${MOVE}/note?keys=${ids.split}`];
	const role = '/admin/role-permissions/2?component=orders';
	assert.ok((await text(admin, role)).includes('orders.order.ship'));
	for (const [off, on] of [[['disable', 'orders', '--tenant', 'demo'], ['enable', 'orders', '--tenant', 'demo']], [['disable', 'orders'], ['enable', 'orders']]]) {
		assert.equal(stack.cli('plugin', ...off).code, 0);
		for (const path of pages) assert.equal((await admin.go(path)).status, 404, path);
		assert.equal((await post(admin, `${LIST}/new`, { ...to, goods: 'B200 * 1' })).status, 404);
		assert.equal((await move(admin, 'note', ids.split, { note: 'x' })).status, 404);
		for (const path of ['/desk/', '/reports/', '/reports/calls', '/crm/services', '/crm/customers/default', '/crm/card?customer=9001', role]) assert.ok(!/orders[./]/.test(await text(admin, path)), path);
		assert.equal(stack.sql('SELECT COUNT(*) FROM orders_order')[0][0], count);
		assert.equal(stack.cli('plugin', ...on).code, 0);
		for (const path of pages) assert.equal((await admin.go(path)).status, 200, path);
	}
	assert.equal((await row(admin, ids.split)).tracking, 'SF1001');
	assert.equal((await other.signIn('other', 'admin', 'other-admin')).status, 303);
	assert.equal((await other.go(LIST)).status, 404, 'a tenant without a contract');
});

test('ORD-02: among 100,000 orders the default page and what people look for by index examine 2,000 rows at most', async () => {
	stack.sql(`INSERT INTO orders_order (tenant_id, parent, number, state, amount, seller_id, author_id, customer_name, phone, phone_e164, tracking, created_at, updated_at)
		SELECT 2, 1000000 + seq, CONCAT('2020', LPAD(seq, 8, '0')), IF(seq % 100, 'received', 'to_ship'), 10000, seq % 50 + 1, seq % 50 + 1, CONCAT('C', seq),
			CONCAT('137', LPAD(seq, 8, '0')), CONCAT('86137', LPAD(seq, 8, '0')), CONCAT('T', seq), seq, seq FROM seq_1_to_100000`);
	stack.sql('ANALYZE TABLE orders_order');
	for (const query of ['', 'size=200', 'page=400&after=50000', 'state=to_ship', 'seller_id=7', 'number=202000000007', 'phone=13700000007', 'phone_tail=00007', 'tracking=T7', 'serial=none']) {
		const path = `${LIST}?${query}`;
		await admin.go(path); // prepares its statements
		const examined = await stack.examined(async () => assert.equal((await admin.go(path)).status, 200, path));
		assert.ok(examined <= 2000, `${path}: ${examined} rows`);
	}
});
