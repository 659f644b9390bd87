-- SPDX-License-Identifier: GPL-2.0-or-later
-- A little of everything, for a first look: two groups, ten agents and the customers of the demo data.

INSERT INTO tickets_state (tenant_id, name, group_id, keep_owner, auto_assign, position, created_at, updated_at)
  SELECT {tenant}, x.name, (SELECT g.id FROM agent_group g WHERE g.tenant_id = {tenant} AND g.number = x.grp), x.keep, x.auto, x.pos, UNIX_TIMESTAMP() * 1000, UNIX_TIMESTAMP() * 1000
  FROM (SELECT '待处理' AS name, '' AS grp, 0 AS keep, 0 AS auto, 1 AS pos UNION ALL SELECT '处理中', '', 0, 0, 2 UNION ALL SELECT '转客服组', '601', 0, 1, 3
    UNION ALL SELECT '待客户确认', '', 1, 0, 4 UNION ALL SELECT '已完成', '', 0, 0, 5) x;

INSERT INTO tickets_result (tenant_id, name, created_at, updated_at)
  SELECT {tenant}, x.name, UNIX_TIMESTAMP() * 1000, UNIX_TIMESTAMP() * 1000 FROM (SELECT '已解决' AS name UNION ALL SELECT '未解决' UNION ALL SELECT '重复工单') x;

INSERT INTO tickets_category (tenant_id, name, end_state_id, group_id, auto_assign, keep_owner, note, created_at, updated_at)
  SELECT {tenant}, x.name, (SELECT s.id FROM tickets_state s WHERE s.tenant_id = {tenant} AND s.name = '已完成'),
    (SELECT g.id FROM agent_group g WHERE g.tenant_id = {tenant} AND g.number = x.grp), x.auto, x.keep, x.note, UNIX_TIMESTAMP() * 1000, UNIX_TIMESTAMP() * 1000
  FROM (SELECT '售后服务' AS name, '601' AS grp, 1 AS auto, 0 AS keep, '所有售后问题' AS note UNION ALL SELECT '销售咨询', '600', 0, 1, '报价与合同' UNION ALL SELECT '投诉建议', '601', 0, 0, '24 小时内回复') x;

INSERT INTO tickets_category (tenant_id, parent_id, name, end_state_id, group_id, auto_assign, note, created_at, updated_at)
  SELECT k.tenant_id, k.id, x.name, k.end_state_id, k.group_id, 1, x.note, k.created_at, k.updated_at FROM tickets_category k
  JOIN (SELECT '上门维修' AS name, '需填写省份和城市' AS note UNION ALL SELECT '退换货', '7 天内') x WHERE k.tenant_id = {tenant} AND k.name = '售后服务';

INSERT INTO tickets_field (tenant_id, category_id, name, label, kind, choices, required, position, created_at, updated_at)
  SELECT k.tenant_id, k.id, x.name, x.label, x.kind, x.choices, x.required, x.pos, k.created_at, k.updated_at FROM tickets_category k
  JOIN (SELECT 'province' AS name, '省份' AS label, 'choice' AS kind, '北京\n广东\n浙江' AS choices, 1 AS required, 1 AS pos UNION ALL SELECT 'address', '地址', 'text', NULL, 0, 3 UNION ALL SELECT 'visit_day', '上门日期', 'date', NULL, 0, 4) x
  WHERE k.tenant_id = {tenant} AND k.name = '上门维修';

INSERT INTO tickets_field (tenant_id, category_id, name, label, kind, choices, parent_id, position, created_at, updated_at)
  SELECT f.tenant_id, f.category_id, 'city', '城市', 'linked', '北京: 朝阳, 海淀\n广东: 广州, 深圳\n浙江: 杭州, 宁波', f.id, 2, f.created_at, f.updated_at FROM tickets_field f WHERE f.tenant_id = {tenant} AND f.name = 'province';

INSERT INTO tickets_flow (tenant_id, name, note, created_at, updated_at) VALUES ({tenant}, '投诉处理流程', '受理、处理、回访', UNIX_TIMESTAMP() * 1000, UNIX_TIMESTAMP() * 1000);

INSERT INTO tickets_flow_step (tenant_id, flow_id, position, name, role_id, group_id, hours, created_at, updated_at)
  SELECT w.tenant_id, w.id, x.pos, x.name, (SELECT r.id FROM role r WHERE r.tenant_id = {tenant} AND r.code = x.role), (SELECT g.id FROM agent_group g WHERE g.tenant_id = {tenant} AND g.number = '601'), x.hours, w.created_at, w.updated_at
  FROM tickets_flow w JOIN (SELECT 1 AS pos, '受理' AS name, 'agent' AS role, 2 AS hours UNION ALL SELECT 2, '处理', 'leader', 24 UNION ALL SELECT 3, '回访', 'agent', 48) x WHERE w.tenant_id = {tenant};

INSERT INTO tickets_ticket (tenant_id, number, title, category_id, state_id, priority, group_id, agent_id, assigned_at, customer_id, customer_name, phone, phone_e164, description, due_at, author_id, author, created_at, updated_at)
  SELECT {tenant}, CONCAT(DATE_FORMAT(NOW() - INTERVAL x.days DAY, '%Y%m%d'), LPAD(9000 + x.n, 4, '0')), x.title, k.id, s.id, x.priority, g.id, a.id, (UNIX_TIMESTAMP() - x.days * 86400) * 1000, c.id, c.name, c.phone, c.phone_e164, x.text,
    (UNIX_TIMESTAMP() + x.due * 3600) * 1000, u.id, u.name, (UNIX_TIMESTAMP() - x.days * 86400) * 1000, (UNIX_TIMESTAMP() - x.days * 86400) * 1000
  FROM (SELECT 1 AS n, '空调不制冷，请上门检查' AS title, '上门维修' AS category, '处理中' AS state, 'high' AS priority, '601' AS grp, '807' AS agent, 3 AS customer, 2 AS days, 6 AS due, '客户称昨晚开始不制冷，下午在家。' AS text
    UNION ALL SELECT 2, '洗衣机漏水', '上门维修', '待处理', 'urgent', '601', '806', 7, 3, -5, '漏水严重，楼下已投诉。'
    UNION ALL SELECT 3, '申请更换尺寸', '退换货', '待客户确认', 'mid', '601', '808', 12, 1, 30, '等客户寄回。'
    UNION ALL SELECT 4, '企业采购报价', '销售咨询', '处理中', 'high', '600', '801', 21, 1, 20, '50 套，需含税报价。'
    UNION ALL SELECT 5, '合同条款咨询', '销售咨询', '待处理', 'low', '600', '802', 34, 0, 72, '付款方式。'
    UNION ALL SELECT 6, '配送太慢', '投诉建议', '待处理', 'mid', '601', NULL, 40, 0, 24, '下单五天未到。'
    UNION ALL SELECT 7, '门铃安装', '上门维修', '转客服组', 'low', '601', '809', 44, 5, -30, '预约周末。'
    UNION ALL SELECT 8, '发票抬头修改', '售后服务', '已完成', 'mid', '601', '807', 51, 6, 10, '抬头改为公司全称。') x
  JOIN tickets_category k ON k.tenant_id = {tenant} AND k.name = x.category JOIN tickets_state s ON s.tenant_id = {tenant} AND s.name = x.state JOIN agent_group g ON g.tenant_id = {tenant} AND g.number = x.grp
  LEFT JOIN agent a ON a.tenant_id = {tenant} AND a.number = x.agent JOIN (SELECT d.*, ROW_NUMBER() OVER (ORDER BY d.id) AS nth FROM customer d WHERE d.tenant_id = {tenant}) c ON c.nth = x.customer
  JOIN user u ON u.tenant_id = {tenant} AND u.username = IF(x.grp = '600', '801', '806') ORDER BY x.days DESC, x.n;

UPDATE tickets_ticket SET closed_at = created_at + 7200000, closed_by = '赵丽', result_id = (SELECT r.id FROM tickets_result r WHERE r.tenant_id = {tenant} AND r.name = '已解决') WHERE tenant_id = {tenant} AND title = '发票抬头修改';

INSERT INTO tickets_value (tenant_id, ticket_id, field_id, value)
  SELECT t.tenant_id, t.id, f.id, x.value FROM tickets_ticket t JOIN tickets_field f ON f.tenant_id = t.tenant_id
  JOIN (SELECT 'province' AS name, '广东' AS value UNION ALL SELECT 'city', '深圳' UNION ALL SELECT 'address', '南山区科技园 1 号') x ON x.name = f.name
  WHERE t.tenant_id = {tenant} AND t.category_id = f.category_id;

INSERT INTO tickets_step (tenant_id, ticket_id, at, kind, user_id, user_name, after_text)
  SELECT t.tenant_id, t.id, t.created_at, 'create', t.author_id, t.author, t.title FROM tickets_ticket t WHERE t.tenant_id = {tenant};

INSERT INTO tickets_step (tenant_id, ticket_id, at, kind, user_id, user_name, before_text, after_text)
  SELECT t.tenant_id, t.id, t.created_at, 'assign', t.author_id, t.author, CONCAT(g.number, ' ', g.name), CONCAT(a.number, ' ', a.name) FROM tickets_ticket t JOIN agent a ON a.tenant_id = t.tenant_id AND a.id = t.agent_id
  JOIN agent_group g ON g.tenant_id = t.tenant_id AND g.id = t.group_id WHERE t.tenant_id = {tenant};

INSERT INTO tickets_step (tenant_id, ticket_id, at, kind, user_name, text)
  SELECT t.tenant_id, t.id, t.created_at + 3600000, 'note', a.name, '已联系客户，确认了时间。' FROM tickets_ticket t JOIN agent a ON a.tenant_id = t.tenant_id AND a.id = t.agent_id WHERE t.tenant_id = {tenant} AND t.priority IN ('high', 'urgent');

INSERT INTO tickets_step (tenant_id, ticket_id, at, kind, user_name, after_text)
  SELECT t.tenant_id, t.id, t.closed_at, 'close', t.closed_by, '已解决' FROM tickets_ticket t WHERE t.tenant_id = {tenant} AND t.closed_at IS NOT NULL;

INSERT INTO role_permission (tenant_id, role_id, permission)
  SELECT r.tenant_id, r.id, x.permission FROM role r JOIN (SELECT 'leader' AS code, 'tickets.ticket.*' AS permission UNION ALL SELECT 'leader', 'tickets.step.*' UNION ALL SELECT 'leader', 'tickets.figures.list' UNION ALL
    SELECT 'leader', 'tickets.home.view' UNION ALL SELECT 'leader', 'tickets.tab.view' UNION ALL SELECT 'agent', 'tickets.ticket.list' UNION ALL SELECT 'agent', 'tickets.ticket.create' UNION ALL SELECT 'agent', 'tickets.ticket.edit' UNION ALL
    SELECT 'agent', 'tickets.ticket.take' UNION ALL SELECT 'agent', 'tickets.ticket.transfer' UNION ALL SELECT 'agent', 'tickets.ticket.close' UNION ALL SELECT 'agent', 'tickets.step.list' UNION ALL SELECT 'agent', 'tickets.step.create' UNION ALL
    SELECT 'agent', 'tickets.home.view' UNION ALL SELECT 'agent', 'tickets.tab.view') x ON x.code = r.code WHERE r.tenant_id = {tenant};
