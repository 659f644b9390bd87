-- SPDX-License-Identifier: GPL-2.0-or-later
-- Three warehouses, some goods and orders in every state, for a first look: of the agents and customers of the demo data.

INSERT INTO orders_warehouse (tenant_id, name, address, note, created_at, updated_at)
  SELECT {tenant}, x.name, x.address, x.note, UNIX_TIMESTAMP() * 1000, UNIX_TIMESTAMP() * 1000
  FROM (SELECT '默认库房' AS name, '广东省深圳市宝安区福永街道物流园 3 栋' AS address, '小件' AS note UNION ALL SELECT '上海库房', '上海市嘉定区安亭镇仓储路 18 号', '大家电' UNION ALL SELECT '北京库房', '北京市通州区马驹桥 6 号库', '') x;

INSERT INTO orders_goods (tenant_id, warehouse_id, code, name, unit, price, stock, serials, on_sale, note, created_at, updated_at)
  SELECT w.tenant_id, w.id, x.code, x.name, x.unit, x.price * 10000, x.stock, x.serials, x.sale, '', w.created_at, w.updated_at
  FROM (SELECT '默认库房' AS house, 'TEA-01' AS code, '明前龙井礼盒' AS name, '盒' AS unit, 298 AS price, 120 AS stock, 0 AS serials, 1 AS sale UNION ALL SELECT '默认库房', 'HS-200', '头戴耳机', '副', 159, 64, 0, 1 UNION ALL SELECT '默认库房', 'IPP-10', '网络话机', '台', 420, 30, 1, 1
    UNION ALL SELECT '上海库房', 'TEA-01', '明前龙井礼盒', '盒', 298, 45, 0, 1 UNION ALL SELECT '上海库房', 'AC-35', '变频空调 1.5 匹', '台', 2699, 12, 1, 1 UNION ALL SELECT '上海库房', 'WM-10', '滚筒洗衣机 10 公斤', '台', 3199, 8, 1, 1
    UNION ALL SELECT '北京库房', 'IPP-10', '网络话机', '台', 415, 0, 1, 1 UNION ALL SELECT '北京库房', 'CARD-1', '年度服务卡', '张', 199, 500, 0, 1 UNION ALL SELECT '北京库房', 'OLD-07', '旧款路由器', '台', 99, 5, 0, 0) x
  JOIN orders_warehouse w ON w.tenant_id = {tenant} AND w.name = x.house;

INSERT INTO orders_order (tenant_id, parent, number, state, warehouse_id, prepaid, paid_at, money_at, shipped_at, closed_at, tracking, carrier, freight, seller_id, author_id, author, customer_id, customer_name, phone, phone_e164,
    receiver_name, receiver_phone, receiver_address, invoice, invoice_kind, invoice_title, invoice_tax_number, invoice_email, note, created_at, updated_at)
  SELECT {tenant}, x.parent, CONCAT(DATE_FORMAT(FROM_UNIXTIME(n.at / 1000), '%Y%m%d%H%i%s'), LPAD((x.n * 7919 + 1394) % 10000, 4, '0')), x.state, w.id, x.prepaid, IF(x.prepaid = 1 AND x.state <> 'to_pay', n.at + 3600000, NULL), IF(x.money = 1, n.at + 86400000, NULL),
    IF(x.tracking <> '', n.at + 7200000, NULL), IF(x.state IN ('received', 'refused', 'returned'), n.at + 80000000, NULL), x.tracking, IF(x.tracking <> '', '顺丰速运', ''), IF(x.tracking <> '', 220000, 0), u.id, u.id, u.name,
    c.id, c.name, c.phone, c.phone_e164, c.name, c.phone, x.address, x.invoice, 'electronic', IF(x.invoice = 1, '深圳市示例科技有限公司', ''), IF(x.invoice = 1, '91440300MA5EXAMPLE', ''), IF(x.invoice = 1, 'invoice@example.com', ''), x.note, n.at, n.at
  FROM (SELECT 1 AS n, 1 AS parent, 'received' AS state, '默认库房' AS house, 0 AS prepaid, 1 AS money, 'SF1300000001' AS tracking, '801' AS seller, 3 AS customer, 9 AS days, '广东省深圳市南山区科技园南路 12 号' AS address, 1 AS invoice, '' AS note
    UNION ALL SELECT 2, 2, 'shipped', '默认库房', 1, 0, 'SF1300000002', '801', 7, 2, '浙江省杭州市西湖区文三路 90 号', 0, '送货前电话联系'
    UNION ALL SELECT 3, 2, 'to_ship', '上海库房', 1, 0, '', '801', 7, 2, '浙江省杭州市西湖区文三路 90 号', 0, '送货前电话联系'
    UNION ALL SELECT 4, 3, 'to_pay', '上海库房', 1, 0, '', '802', 12, 1, '江苏省南京市鼓楼区中山北路 200 号', 0, ''
    UNION ALL SELECT 5, 4, 'to_review', '默认库房', 0, 0, '', '802', 21, 0, '北京市海淀区学院路 35 号', 1, '企业采购，需含税报价'
    UNION ALL SELECT 6, 5, 'to_submit', '北京库房', 0, 0, '', '803', 34, 0, '', 0, '客户下午确认地址'
    UNION ALL SELECT 7, 6, 'refused', '上海库房', 0, 0, 'SF1300000007', '803', 40, 12, '四川省成都市武侯区人民南路 4 段 1 号', 0, '外箱破损'
    UNION ALL SELECT 8, 7, 'returned', '默认库房', 0, 0, 'SF1300000008', '801', 44, 15, '湖北省武汉市江汉区解放大道 688 号', 0, '颜色不符'
    UNION ALL SELECT 9, 8, 'received', '北京库房', 0, 1, 'SF1300000009', '802', 51, 5, '天津市和平区南京路 128 号', 0, '') x
  JOIN orders_warehouse w ON w.tenant_id = {tenant} AND w.name = x.house JOIN user u ON u.tenant_id = {tenant} AND u.username = x.seller
  JOIN (SELECT d.*, ROW_NUMBER() OVER (ORDER BY d.id) AS nth FROM customer d WHERE d.tenant_id = {tenant}) c ON c.nth = x.customer JOIN (SELECT k.n, (UNIX_TIMESTAMP() - k.days * 86400 - k.n * 601) * 1000 AS at FROM
    (SELECT 1 AS n, 9 AS days UNION ALL SELECT 2, 2 UNION ALL SELECT 3, 2 UNION ALL SELECT 4, 1 UNION ALL SELECT 5, 0 UNION ALL SELECT 6, 0 UNION ALL SELECT 7, 12 UNION ALL SELECT 8, 15 UNION ALL SELECT 9, 5) k) n ON n.n = x.n ORDER BY n.at;

INSERT INTO orders_item (tenant_id, order_id, goods_id, code, name, unit, price, quantity, serials)
  SELECT o.tenant_id, o.id, g.id, g.code, g.name, g.unit, g.price, x.quantity, g.serials
  FROM (SELECT 1 AS parent, 'TEA-01' AS code, 2 AS quantity UNION ALL SELECT 1, 'HS-200', 1 UNION ALL SELECT 2, 'HS-200', 2 UNION ALL SELECT 2, 'AC-35', 1 UNION ALL SELECT 3, 'WM-10', 1 UNION ALL SELECT 4, 'IPP-10', 10 UNION ALL SELECT 5, 'CARD-1', 3
    UNION ALL SELECT 6, 'AC-35', 1 UNION ALL SELECT 7, 'HS-200', 1 UNION ALL SELECT 8, 'CARD-1', 2) x
  JOIN orders_order o ON o.tenant_id = {tenant} AND o.parent = x.parent JOIN orders_goods g ON g.tenant_id = o.tenant_id AND g.warehouse_id = o.warehouse_id AND g.code = x.code;

UPDATE orders_order o SET o.amount = (SELECT SUM(i.price * i.quantity) FROM orders_item i WHERE i.tenant_id = o.tenant_id AND i.order_id = o.id) WHERE o.tenant_id = {tenant};

INSERT INTO orders_serial (tenant_id, item_id, order_id, serial)
  SELECT i.tenant_id, i.id, i.order_id, CONCAT('SN2026', LPAD(i.id, 6, '0')) FROM orders_item i JOIN orders_order o ON o.tenant_id = i.tenant_id AND o.id = i.order_id WHERE i.tenant_id = {tenant} AND i.serials = 1 AND i.quantity = 1 AND o.tracking <> '';

INSERT INTO orders_log (tenant_id, order_id, at, deed, user_id, user_name, before_state, after_state)
  SELECT o.tenant_id, o.id, o.created_at, 'create', o.author_id, o.author, 'to_submit', 'to_submit' FROM orders_order o WHERE o.tenant_id = {tenant} ORDER BY o.id;

INSERT INTO orders_log (tenant_id, order_id, at, deed, user_id, user_name, before_state, after_state)
  SELECT o.tenant_id, o.id, o.created_at + 60000, 'submit', o.author_id, o.author, 'to_submit', 'to_review' FROM orders_order o WHERE o.tenant_id = {tenant} AND o.state <> 'to_submit' ORDER BY o.id;

INSERT INTO orders_log (tenant_id, order_id, at, deed, user_name, before_state, after_state)
  SELECT o.tenant_id, o.id, o.created_at + 600000, 'approve', '管理员', 'to_review', IF(o.prepaid = 1, 'to_pay', 'to_ship') FROM orders_order o WHERE o.tenant_id = {tenant} AND o.state NOT IN ('to_submit', 'to_review') ORDER BY o.id;

INSERT INTO orders_log (tenant_id, order_id, at, deed, user_name, before_state, after_state)
  SELECT o.tenant_id, o.id, o.paid_at, 'pay', '管理员', 'to_pay', 'to_ship' FROM orders_order o WHERE o.tenant_id = {tenant} AND o.paid_at IS NOT NULL ORDER BY o.id;

INSERT INTO orders_log (tenant_id, order_id, at, deed, user_name, before_state, after_state)
  SELECT o.tenant_id, o.id, o.shipped_at, 'ship', '管理员', 'to_ship', 'shipped' FROM orders_order o WHERE o.tenant_id = {tenant} AND o.shipped_at IS NOT NULL ORDER BY o.id;

INSERT INTO orders_log (tenant_id, order_id, at, deed, user_id, user_name, before_state, after_state, note)
  SELECT o.tenant_id, o.id, o.closed_at, CASE o.state WHEN 'received' THEN 'receive' WHEN 'refused' THEN 'refuse' ELSE 'take_back' END, o.author_id, o.author, 'shipped', o.state, IF(o.state = 'received', '', o.note) FROM orders_order o WHERE o.tenant_id = {tenant} AND o.closed_at IS NOT NULL ORDER BY o.id;

INSERT INTO orders_log (tenant_id, order_id, at, deed, user_name, before_state, after_state)
  SELECT o.tenant_id, o.id, o.money_at, 'money', '管理员', 'received', 'received' FROM orders_order o WHERE o.tenant_id = {tenant} AND o.money_at IS NOT NULL ORDER BY o.id;

INSERT INTO orders_counter (tenant_id, parent, number) VALUES ({tenant}, 8, 9) ON DUPLICATE KEY UPDATE parent = 8, number = 9;

INSERT INTO role_permission (tenant_id, role_id, permission)
  SELECT r.tenant_id, r.id, x.permission FROM role r JOIN (SELECT 'leader' AS code, 'orders.order.*' AS permission UNION ALL SELECT 'leader', 'orders.log.*' UNION ALL SELECT 'leader', 'orders.item.*' UNION ALL SELECT 'leader', 'orders.figures.*' UNION ALL
    SELECT 'leader', 'orders.goods.list' UNION ALL SELECT 'leader', 'orders.home.view' UNION ALL SELECT 'leader', 'orders.tab.view' UNION ALL SELECT 'agent', 'orders.order.list' UNION ALL SELECT 'agent', 'orders.order.create' UNION ALL
    SELECT 'agent', 'orders.order.edit' UNION ALL SELECT 'agent', 'orders.order.delete' UNION ALL SELECT 'agent', 'orders.order.submit' UNION ALL SELECT 'agent', 'orders.order.note' UNION ALL SELECT 'agent', 'orders.log.list' UNION ALL
    SELECT 'agent', 'orders.home.view' UNION ALL SELECT 'agent', 'orders.tab.view') x ON x.code = r.code WHERE r.tenant_id = {tenant};
