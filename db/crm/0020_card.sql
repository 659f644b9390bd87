-- SPDX-License-Identifier: GPL-2.0-or-later
-- Who has customers and what was done with them: marks and follow-ups, contact records, funnels, tasks, shares, numbers
-- that are not to be called, warnings, appointments.

-- One narrow index serves the list of a package, newest first, and every search for a part of a number or name: it holds
-- all that is compared, so the customers themselves are read only for what is found (apps/crm/README.md).
ALTER TABLE customer
  ADD mark_id BIGINT NULL COMMENT 'the latest mark',
  DROP KEY customer_package,
  ADD KEY customer_scan (tenant_id, package_id, id, phone_e164, name);

CREATE TABLE follow_state (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  position INT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY follow_state_id (id),
  UNIQUE KEY follow_state_name (tenant_id, name)
);

CREATE TABLE sales_funnel (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  package_id BIGINT NULL COMMENT 'NULL: of all packages',
  name VARCHAR(100) NOT NULL,
  score INT NOT NULL DEFAULT 0 COMMENT 'above 0 success, 0 goes on, below 0 failure',
  state ENUM('enabled','hidden','closed') NOT NULL DEFAULT 'enabled',
  position INT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY sales_funnel_id (id),
  UNIQUE KEY sales_funnel_name (tenant_id, name)
);

CREATE TABLE call_result (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  call_state ENUM('any','answered','unanswered') NOT NULL DEFAULT 'any' COMMENT 'of calls that it can be chosen for',
  funnel_id BIGINT NULL COMMENT 'chosen with this one only',
  created_by VARCHAR(100) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY call_result_id (id),
  UNIQUE KEY call_result_name (tenant_id, name)
);

CREATE TABLE customer_mark (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  customer_id BIGINT NOT NULL COMMENT 'it may be deleted since: number and name stay here',
  package_id BIGINT NOT NULL,
  latest TINYINT NOT NULL DEFAULT 1 COMMENT '1: the last one of its customer',
  at BIGINT NOT NULL,
  name VARCHAR(100) NOT NULL,
  phone VARCHAR(32) NOT NULL,
  type_id BIGINT NULL,
  state_id BIGINT NULL COMMENT 'follow_state',
  text VARCHAR(1000) NOT NULL DEFAULT '',
  call_id BINARY(16) NULL,
  direction ENUM('','in','out','internal') NOT NULL DEFAULT '',
  user_id BIGINT NULL,
  user_name VARCHAR(100) NOT NULL,
  user_kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  agent VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  KEY customer_mark_id (id),
  KEY customer_mark_customer (tenant_id, customer_id, id),
  KEY customer_mark_latest (tenant_id, latest, id),
  KEY customer_mark_agent (tenant_id, agent, id),
  KEY customer_mark_at (tenant_id, at)
) COMMENT 'Each saving of a card: follow-up and mark in one';

CREATE TABLE contact_record (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  package_id BIGINT NULL,
  customer_id BIGINT NULL,
  name VARCHAR(100) NOT NULL DEFAULT '',
  phone VARCHAR(32) NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  origin ENUM('call','card') NOT NULL COMMENT 'call: made by itself by an answered call',
  call_id BINARY(16) NULL,
  direction ENUM('','in','out','internal') NOT NULL DEFAULT '',
  answered TINYINT NOT NULL DEFAULT 0,
  agent VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  agent_name VARCHAR(100) NOT NULL DEFAULT '',
  result_id BIGINT NULL,
  funnel_id BIGINT NULL,
  source_id BIGINT NULL,
  note VARCHAR(1000) NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  KEY contact_record_id (id),
  KEY contact_record_customer (tenant_id, customer_id, id),
  KEY contact_record_agent (tenant_id, agent, id),
  KEY contact_record_at (tenant_id, at),
  KEY contact_record_call (tenant_id, call_id, origin)
);

CREATE TABLE customer_share (
  tenant_id BIGINT NOT NULL,
  agent_id BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  user_id BIGINT NULL COMMENT 'who shared it',
  PRIMARY KEY (tenant_id, agent_id, customer_id),
  KEY customer_share_customer (tenant_id, customer_id)
) COMMENT 'Agents that see a customer who belongs to another one';

CREATE TABLE customer_move (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  customer_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind ENUM('assign','recall','transfer','share','apply') NOT NULL,
  from_agent_id BIGINT NULL,
  to_agent_id BIGINT NULL,
  to_group_id BIGINT NULL,
  user_id BIGINT NULL,
  user_name VARCHAR(100) NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY customer_move_id (id),
  KEY customer_move_customer (tenant_id, customer_id, id),
  KEY customer_move_user (tenant_id, user_id, kind, at)
) COMMENT 'How customers came to whom they belong';

CREATE TABLE customer_task (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  agent_id BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  package_id BIGINT NOT NULL,
  added_at BIGINT NOT NULL,
  added_by VARCHAR(100) NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY customer_task_id (id),
  UNIQUE KEY customer_task_agent (tenant_id, agent_id, customer_id),
  KEY customer_task_customer (tenant_id, customer_id)
) COMMENT 'Whom an agent still has to call; a call takes its row away';

CREATE TABLE no_call (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  package_id BIGINT NOT NULL,
  phone VARCHAR(32) NOT NULL,
  e164 VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(200) NOT NULL DEFAULT '',
  state ENUM('enabled','disabled','pending') NOT NULL DEFAULT 'enabled' COMMENT 'pending: proposed, not approved',
  created_by VARCHAR(100) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY no_call_id (id),
  UNIQUE KEY no_call_number (tenant_id, package_id, e164),
  KEY no_call_e164 (tenant_id, e164)
) COMMENT 'Numbers that are not to be called; whole customers have customer.no_call';

CREATE TABLE pop_warning (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  package_id BIGINT NULL COMMENT 'NULL: of all packages',
  phone VARCHAR(32) NOT NULL,
  e164 VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  text VARCHAR(1000) NOT NULL,
  state ENUM('enabled','closed','pending') NOT NULL DEFAULT 'enabled',
  created_by VARCHAR(100) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY pop_warning_id (id),
  KEY pop_warning_number (tenant_id, e164)
);

CREATE TABLE appointment (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  user_id BIGINT NOT NULL COMMENT 'whom it reminds',
  customer_id BIGINT NULL,
  phone VARCHAR(32) NOT NULL DEFAULT '',
  title VARCHAR(100) NOT NULL,
  text VARCHAR(1000) NOT NULL DEFAULT '',
  cycle ENUM('once','daily','weekly','monthly','yearly') NOT NULL DEFAULT 'once',
  at BIGINT NOT NULL COMMENT 'the first time',
  next_at BIGINT NULL COMMENT 'when it reminds next, NULL: it is over',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY appointment_id (id),
  KEY appointment_next (tenant_id, user_id, next_at),
  KEY appointment_customer (tenant_id, customer_id)
);

INSERT INTO customer_type (tenant_id, name, digit, position, created_at, updated_at)
  SELECT t.id, x.name, x.digit, x.digit, t.created_at, t.created_at FROM tenant t
  JOIN (SELECT '试用客户' AS name, '1' AS digit UNION ALL SELECT '潜在客户', '2' UNION ALL SELECT '意向客户', '3' UNION ALL
    SELECT '成交客户', '4' UNION ALL SELECT '未分类', '0') x
  WHERE t.id > 1 AND NOT EXISTS (SELECT 1 FROM customer_type c WHERE c.tenant_id = t.id);

INSERT INTO follow_state (tenant_id, name, position, created_at, updated_at)
  SELECT t.id, x.name, x.position, t.created_at, t.created_at FROM tenant t
  JOIN (SELECT '非成交客户' AS name, 1 AS position UNION ALL SELECT '成交客户', 2 UNION ALL SELECT '无意向', 3 UNION ALL
    SELECT '有意向', 4) x
  WHERE t.id > 1;

-- Whoever makes a tenant, it begins with these.
CREATE TRIGGER tenant_customer_type AFTER INSERT ON tenant FOR EACH ROW
  INSERT IGNORE INTO customer_type (tenant_id, name, digit, position, created_at, updated_at)
    SELECT NEW.id, x.name, x.digit, x.digit, NEW.created_at, NEW.created_at FROM
    (SELECT '试用客户' AS name, '1' AS digit UNION ALL SELECT '潜在客户', '2' UNION ALL SELECT '意向客户', '3' UNION ALL
      SELECT '成交客户', '4' UNION ALL SELECT '未分类', '0') x WHERE NEW.id > 1;

CREATE TRIGGER tenant_follow_state AFTER INSERT ON tenant FOR EACH ROW
  INSERT IGNORE INTO follow_state (tenant_id, name, position, created_at, updated_at)
    SELECT NEW.id, x.name, x.position, NEW.created_at, NEW.created_at FROM
    (SELECT '非成交客户' AS name, 1 AS position UNION ALL SELECT '成交客户', 2 UNION ALL SELECT '无意向', 3 UNION ALL
      SELECT '有意向', 4) x WHERE NEW.id > 1;
