-- SPDX-License-Identifier: GPL-2.0-or-later
-- Call tasks (外呼任务): which customers a group of agents is to call. A customer is in one task at most.

CREATE TABLE call_task (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  kind ENUM('click') NOT NULL DEFAULT 'click' COMMENT 'click: agents call from the page; those that a dialler calls come with it',
  package_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL COMMENT 'whose agents work on it',
  state ENUM('enabled','hidden','closed') NOT NULL DEFAULT 'enabled' COMMENT 'hidden: on the page of tasks only; closed: nobody works on it any more',
  priority INT NOT NULL DEFAULT 0 COMMENT 'of several tasks of an agent the greatest comes first',
  starts_at BIGINT NULL,
  ends_at BIGINT NULL,
  day_from CHAR(5) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'HH:MM of the tenant, empty: the whole day',
  day_until CHAR(5) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  weekdays VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT '1 (Monday) to 7 with commas between them, empty: every day',
  hide ENUM('none','middle','all') NOT NULL DEFAULT 'none' COMMENT 'of the numbers of its customers, for everybody',
  fetch_count INT NOT NULL DEFAULT 0 COMMENT 'customers that an agent gets at once; 0: agents do not fetch',
  fetch_day INT NOT NULL DEFAULT 0 COMMENT 'and on one day; 0: no limit',
  note VARCHAR(1000) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY call_task_id (id),
  UNIQUE KEY call_task_name (tenant_id, name),
  KEY call_task_group (tenant_id, group_id),
  KEY call_task_package (tenant_id, package_id, hide)
);

CREATE TABLE call_task_customer (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  task_id BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  agent_id BIGINT NULL COMMENT 'whose the customer is, kept by the trigger of customer; NULL: who fetches it',
  state ENUM('new','called','done') NOT NULL DEFAULT 'new',
  attempts INT NOT NULL DEFAULT 0,
  called_at BIGINT NULL,
  answered TINYINT NOT NULL DEFAULT 0 COMMENT 'the last call',
  result_id BIGINT NULL COMMENT 'call_result, the last one',
  next_at BIGINT NULL COMMENT 'when to call (again)',
  batch_id BIGINT NOT NULL DEFAULT 0 COMMENT 'import that put it here',
  added_at BIGINT NOT NULL,
  added_by VARCHAR(100) NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY call_task_customer_id (id),
  UNIQUE KEY call_task_customer_customer (tenant_id, customer_id),
  KEY call_task_customer_list (tenant_id, task_id, id),
  KEY call_task_customer_work (tenant_id, task_id, agent_id, state, id),
  KEY call_task_customer_next (tenant_id, task_id, agent_id, next_at),
  KEY call_task_customer_batch (tenant_id, batch_id)
) COMMENT 'Customers of call tasks';

-- What follows a customer: whose it is, and that it is no more. By a trigger, because many programs write customers. (NULL: no
-- row is looked for, and none is locked.)
CREATE TRIGGER customer_call_task_changed AFTER UPDATE ON customer FOR EACH ROW
  UPDATE call_task_customer SET agent_id = NEW.agent_id
  WHERE tenant_id = NEW.tenant_id AND customer_id = IF(NEW.agent_id <=> OLD.agent_id, NULL, NEW.id);

CREATE TRIGGER customer_call_task_removed AFTER DELETE ON customer FOR EACH ROW
  DELETE FROM call_task_customer WHERE tenant_id = OLD.tenant_id AND customer_id = OLD.id;

-- A closed package hides its tasks; opened again, somebody enables them by hand.
CREATE TRIGGER customer_package_call_task AFTER UPDATE ON customer_package FOR EACH ROW
  UPDATE call_task SET state = 'hidden' WHERE tenant_id = NEW.tenant_id AND package_id = IF(NEW.state = 'closed' AND
    OLD.state <> 'closed', NEW.id, NULL) AND state = 'enabled';

ALTER TABLE customer_move
  MODIFY kind ENUM('assign','recall','transfer','share','apply','fetch') NOT NULL COMMENT 'fetch: from a call task, by the agent',
  ADD task_id BIGINT NULL COMMENT 'call_task that the customer came to or was fetched from';

-- Customers that an import finds and does not change are named with an empty value, when they are to be called.
ALTER TABLE customer_change COMMENT 'What a running import will change in customers that are there already (value {}: nothing); done when it commits';

-- Whom a call from a page was about, and how much of the number everybody does not see.
ALTER TABLE calls
  ADD customer_id BIGINT NULL COMMENT 'of a call from a page',
  ADD hide ENUM('none','middle','all') NOT NULL DEFAULT 'none' COMMENT 'of the customer''s number: what the call task said at the time';

INSERT INTO role_template_permission (code, permission) VALUES
  ('agent', 'crm.call_list.list'), ('agent', 'crm.call_list.edit'), ('agent', 'crm.call_list.fetch'),
  ('agent', 'crm.card.view'), ('agent', 'crm.card.edit');
INSERT IGNORE INTO role_permission (tenant_id, role_id, permission)
  SELECT r.tenant_id, r.id, p.permission FROM role r JOIN role_template_permission p ON p.code = 'agent' AND
    (p.permission LIKE 'crm.call\_list.%' OR p.permission LIKE 'crm.card.%')
  WHERE r.code = 'agent' AND r.standard = 1;
