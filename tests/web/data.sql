-- Two tenants for the tests of the pages. Passwords and keys are set by test-web-seed.
INSERT INTO tenant (id, code, name, created_at) VALUES (2, 'demo', '企业测试', 0), (3, 'other', '对照企业', 0), (4, 'closed', 'Closed', 0);
UPDATE tenant SET state = 'suspended' WHERE id = 4;

INSERT INTO role (tenant_id, id, code, name, data_scope) VALUES
  (2, 1, 'admin', 'Administrator', 'all'), (2, 2, 'leader', 'Leader', 'group'), (2, 3, 'agent', 'Agent', 'own'),
  (2, 4, 'api', 'API', 'all'), (2, 5, 'nothing', 'Nothing', 'all'),
  (3, 6, 'admin', 'Administrator', 'all'), (3, 7, 'api', 'API', 'all'), (4, 8, 'admin', 'Administrator', 'all');
INSERT INTO role_permission (tenant_id, role_id, permission) VALUES
  (2, 1, '*'), (2, 2, 'desk.*'), (2, 2, 'reports.*'),
  (2, 3, 'desk.board.view'), (2, 3, 'desk.agent.own'), (2, 3, 'reports.calls.list'), (2, 3, 'reports.calls.view'),
  (2, 3, 'reports.recordings.play'), (2, 3, 'desk.account.*'), (2, 3, 'desk.call.dial'),
  (2, 4, 'reports.calls.list'), (2, 4, 'reports.calls.view'), (2, 4, 'reports.recordings.play'),
  (3, 6, '*'), (3, 7, 'reports.*'), (4, 8, '*');

INSERT INTO user (tenant_id, id, username, name, kind, role_id, password_hash, language, state, created_at, updated_at) VALUES
  (2, 1, 'admin', '管理员', 'admin', 1, '', 'zh_CN', 'enabled', 0, 0),
  (2, 2, '801', '张伟', 'agent', 2, '', 'zh_CN', 'enabled', 0, 0),
  (2, 3, '802', '王芳', 'agent', 3, '', 'zh_CN', 'enabled', 0, 0),
  (2, 4, '806', 'Li Na', 'agent', 2, '', 'en', 'enabled', 0, 0),
  (2, 5, '807', '<b>Bold & "Co"</b>', 'agent', 3, '', 'en', 'enabled', 0, 0),
  (2, 6, '810', 'Gone', 'agent', 3, '', 'en', 'disabled', 0, 0),
  (2, 7, 'clerk', 'Clerk', 'user', 5, '', 'en', 'enabled', 0, 0),
  (2, 8, 'former', 'Former', 'user', 1, '', 'en', 'disabled', 0, 0),
  (3, 9, 'admin', 'Other admin', 'admin', 6, '', 'en', 'enabled', 0, 0),
  (3, 10, '801', 'Other 801', 'agent', 6, '', 'en', 'enabled', 0, 0),
  (4, 11, 'admin', 'Closed admin', 'admin', 8, '', 'en', 'enabled', 0, 0);
INSERT INTO agent (tenant_id, id, number, name, user_id, sip_ha1, phone_pin_hash, state, created_at, updated_at) VALUES
  (2, 1, '801', '张伟', 2, '', '', 'enabled', 0, 0), (2, 2, '802', '王芳', 3, '', '', 'enabled', 0, 0),
  (2, 3, '806', 'Li Na', 4, '', '', 'enabled', 0, 0), (2, 4, '807', '<b>Bold & "Co"</b>', 5, '', '', 'enabled', 0, 0),
  (2, 5, '810', 'Gone', 6, '', '', 'disabled', 0, 0), (3, 6, '801', 'Other 801', 10, '', '', 'enabled', 0, 0);
INSERT INTO agent_group (tenant_id, id, number, name) VALUES (2, 1, '600', '销售 Sales'), (2, 2, '601', '客服 Support'), (3, 3, '600', 'Other sales');
INSERT INTO agent_group_member (tenant_id, group_id, agent_id, leader, takes_calls, position) VALUES
  (2, 1, 1, 1, 1, 1), (2, 1, 2, 0, 1, 2), (2, 2, 3, 1, 1, 1), (2, 2, 4, 0, 1, 2), (2, 2, 5, 0, 1, 3), (3, 3, 6, 1, 1, 1);
INSERT INTO api_key (tenant_id, id, name, key_hash, role_id, state, created_at) VALUES
  (2, 1, 'demo', REPEAT('a', 32), 4, 'enabled', 0), (3, 2, 'other', REPEAT('b', 32), 7, 'enabled', 0),
  (2, 3, 'old', REPEAT('c', 32), 4, 'disabled', 0);
