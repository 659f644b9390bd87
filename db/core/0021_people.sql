-- SPDX-License-Identifier: GPL-2.0-or-later
-- Accounts, agents, groups, roles, departments, limits and company information.
-- live is 1, or NULL for what was deleted: history still names it, its number or name is free again.

ALTER TABLE user
  ADD family_name VARCHAR(40) NOT NULL DEFAULT '',
  ADD given_name VARCHAR(40) NOT NULL DEFAULT '',
  ADD password_due TINYINT NOT NULL DEFAULT 0 COMMENT 'an issued password, to be changed at the next sign-in',
  ADD mobile VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD email VARCHAR(100) NOT NULL DEFAULT '',
  ADD sex ENUM('unknown','male','female') NOT NULL DEFAULT 'unknown',
  ADD avatar VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'key of an uploaded file',
  ADD hide_numbers TINYINT NOT NULL DEFAULT 0 COMMENT '1: sees telephone numbers masked',
  ADD note VARCHAR(1000) NOT NULL DEFAULT '',
  ADD last_sign_in_at BIGINT NULL,
  ADD live TINYINT NULL DEFAULT 1,
  DROP KEY user_name,
  ADD UNIQUE KEY user_name (tenant_id, username, live);

UPDATE user SET given_name = LEFT(name, 40);

CREATE TABLE department (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  parent_id BIGINT NULL COMMENT 'NULL: at the top',
  name VARCHAR(100) NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY department_id (id),
  UNIQUE KEY department_name (tenant_id, name)
);

CREATE TABLE department_tree (
  tenant_id BIGINT NOT NULL,
  ancestor_id BIGINT NOT NULL,
  department_id BIGINT NOT NULL,
  depth INT NOT NULL COMMENT '0: the department itself',
  PRIMARY KEY (tenant_id, ancestor_id, department_id),
  KEY department_tree_up (tenant_id, department_id)
) COMMENT 'Every department below every other, made again when one is moved';

CREATE TABLE department_manager (
  tenant_id BIGINT NOT NULL,
  department_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, department_id, user_id),
  KEY department_manager_user (tenant_id, user_id)
);

ALTER TABLE agent
  ADD department_id BIGINT NULL,
  ADD click_only TINYINT NOT NULL DEFAULT 0 COMMENT '1: outside calls from the page only, not by dialling on the phone',
  ADD caller_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'shown on outbound calls; empty: of the task or the tenant',
  ADD browser_work TINYINT NOT NULL DEFAULT 0 COMMENT '1: works in the browser: signed out of the queues when it is gone',
  ADD browser_grace_s INT NOT NULL DEFAULT 30 COMMENT 'seconds after the browser is gone',
  ADD provisioning_template VARCHAR(64) NOT NULL DEFAULT '',
  ADD mac VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'lower case hexadecimal digits',
  ADD live TINYINT NULL DEFAULT 1,
  DROP KEY agent_number,
  ADD UNIQUE KEY agent_number (tenant_id, number, live),
  ADD KEY agent_department (tenant_id, department_id);

ALTER TABLE agent_group
  ADD created_at BIGINT NOT NULL DEFAULT 0,
  ADD updated_at BIGINT NOT NULL DEFAULT 0,
  ADD live TINYINT NULL DEFAULT 1,
  DROP KEY agent_group_number,
  ADD UNIQUE KEY agent_group_number (tenant_id, number, live);

ALTER TABLE role
  ADD note VARCHAR(1000) NOT NULL DEFAULT '',
  ADD home VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'path of the page after signing in; empty: the first of the menu',
  ADD standard TINYINT NOT NULL DEFAULT 0 COMMENT '1: made with the tenant, cannot be deleted',
  ADD created_at BIGINT NOT NULL DEFAULT 0,
  ADD updated_at BIGINT NOT NULL DEFAULT 0,
  ADD UNIQUE KEY role_name (tenant_id, name);

UPDATE role SET standard = 1 WHERE code IN ('operator', 'reseller', 'admin', 'leader', 'agent', 'api');

ALTER TABLE tenant
  ADD max_agents INT NOT NULL DEFAULT 0 COMMENT 'extensions; 0: no limit, as the following',
  ADD max_users INT NOT NULL DEFAULT 0,
  ADD max_trunks INT NOT NULL DEFAULT 0,
  ADD max_calls INT NOT NULL DEFAULT 0 COMMENT 'at the same time',
  ADD updated_at BIGINT NOT NULL DEFAULT 0;

CREATE TABLE company (
  tenant_id BIGINT NOT NULL PRIMARY KEY,
  name VARCHAR(100) NOT NULL DEFAULT '',
  contact VARCHAR(100) NOT NULL DEFAULT '',
  phone VARCHAR(40) NOT NULL DEFAULT '',
  fax VARCHAR(40) NOT NULL DEFAULT '',
  email VARCHAR(100) NOT NULL DEFAULT '',
  website VARCHAR(200) NOT NULL DEFAULT '',
  province VARCHAR(40) NOT NULL DEFAULT '',
  city VARCHAR(40) NOT NULL DEFAULT '',
  address VARCHAR(200) NOT NULL DEFAULT '',
  postcode VARCHAR(20) NOT NULL DEFAULT '',
  tax_number VARCHAR(40) NOT NULL DEFAULT '',
  bank VARCHAR(100) NOT NULL DEFAULT '',
  bank_account VARCHAR(60) NOT NULL DEFAULT '',
  invoice_title VARCHAR(100) NOT NULL DEFAULT '',
  invoice_address VARCHAR(200) NOT NULL DEFAULT '',
  invoice_phone VARCHAR(40) NOT NULL DEFAULT '',
  note VARCHAR(1000) NOT NULL DEFAULT '',
  updated_at BIGINT NOT NULL
) COMMENT 'SYS-05: who the tenant is and what its invoices say';

ALTER TABLE tenant
  ADD tenant_id BIGINT NOT NULL DEFAULT 1 COMMENT 'whose row this is: the platform''s',
  ADD note VARCHAR(1000) NOT NULL DEFAULT '',
  ADD KEY tenant_owner (tenant_id, id);

ALTER TABLE agent_group_member
  ADD slot TINYINT NULL COMMENT '1, 2: first and second group of the agent''s workbench',
  ADD UNIQUE KEY agent_group_member_slot (tenant_id, agent_id, slot);

CREATE TABLE role_template (
  code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  data_scope ENUM('own','group','department','all') NOT NULL
) COMMENT 'The roles that every new tenant begins with (docs/permissions.md)';

CREATE TABLE role_template_permission (
  code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  permission VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (code, permission)
);

INSERT INTO role_template (code, name, data_scope) VALUES
  ('admin', '管理员', 'all'), ('leader', '组长', 'group'), ('agent', '坐席', 'own'), ('api', '接口', 'all');

INSERT INTO role_template_permission (code, permission) VALUES
  ('admin', '*'), ('leader', 'desk.*'), ('leader', 'reports.*'), ('leader', 'admin.agent_event.*'),
  ('agent', 'desk.board.view'), ('agent', 'desk.agent.own'), ('agent', 'reports.calls.list'), ('agent', 'reports.calls.view'),
  ('agent', 'reports.recordings.play'), ('api', 'reports.calls.list'), ('api', 'reports.calls.view'),
  ('api', 'reports.recordings.play');
