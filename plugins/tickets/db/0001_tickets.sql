-- SPDX-License-Identifier: GPL-2.0-or-later
-- Tickets with what they are configured by. Names stay when what they name goes: steps keep texts, not keys.

CREATE TABLE tickets_state (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  keep_owner TINYINT NOT NULL DEFAULT 0 COMMENT 'whoever has the ticket keeps it',
  group_id BIGINT NULL COMMENT 'where tickets of this state go; NULL: they stay',
  auto_assign TINYINT NOT NULL DEFAULT 0 COMMENT 'to an agent of the group who is online',
  position INT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY tickets_state_id (id),
  UNIQUE KEY tickets_state_name (tenant_id, name)
);

CREATE TABLE tickets_category (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  parent_id BIGINT NULL COMMENT 'NULL: at the top of the tree',
  name VARCHAR(100) NOT NULL,
  state ENUM('enabled','disabled') NOT NULL DEFAULT 'enabled',
  end_state_id BIGINT NULL COMMENT 'a ticket of this state is closed',
  keep_owner TINYINT NOT NULL DEFAULT 0 COMMENT 'who creates a ticket keeps it, if in the group',
  group_id BIGINT NULL COMMENT 'where new tickets go',
  auto_assign TINYINT NOT NULL DEFAULT 0,
  note VARCHAR(1000) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY tickets_category_id (id),
  UNIQUE KEY tickets_category_name (tenant_id, name)
);

CREATE TABLE tickets_result (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY tickets_result_id (id),
  UNIQUE KEY tickets_result_name (tenant_id, name)
);

CREATE TABLE tickets_field (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  category_id BIGINT NOT NULL,
  name VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  label VARCHAR(50) NOT NULL,
  kind ENUM('text','lines','phone','email','date','link','file','choice','linked','number') NOT NULL,
  choices TEXT NULL COMMENT 'one a line; linked: value: choice, choice',
  parent_id BIGINT NULL COMMENT 'linked: the field that decides',
  required TINYINT NOT NULL DEFAULT 0,
  position INT NOT NULL DEFAULT 100,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY tickets_field_id (id),
  KEY tickets_field_category (tenant_id, category_id, position),
  UNIQUE KEY tickets_field_name (tenant_id, name)
);

CREATE TABLE tickets_flow (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  state ENUM('enabled','disabled') NOT NULL DEFAULT 'enabled',
  note VARCHAR(1000) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY tickets_flow_id (id),
  UNIQUE KEY tickets_flow_name (tenant_id, name)
);

CREATE TABLE tickets_flow_step (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  flow_id BIGINT NOT NULL,
  position INT NOT NULL,
  name VARCHAR(100) NOT NULL,
  role_id BIGINT NULL COMMENT 'agents whose accounts have it do the step',
  group_id BIGINT NULL,
  agent_id BIGINT NULL,
  hours INT NOT NULL DEFAULT 0 COMMENT 'until it is overdue; 0: no deadline',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY tickets_flow_step_id (id),
  UNIQUE KEY tickets_flow_step_position (tenant_id, flow_id, position)
);

CREATE TABLE tickets_ticket (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  number VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'day and number within it',
  title VARCHAR(200) NOT NULL,
  draft TINYINT NOT NULL DEFAULT 0 COMMENT 'saved, not submitted: only its author sees it',
  category_id BIGINT NOT NULL,
  state_id BIGINT NULL,
  result_id BIGINT NULL,
  flow_id BIGINT NULL,
  flow_step_id BIGINT NULL COMMENT 'where it is; NULL: before the first step or behind the last',
  priority ENUM('low','mid','high','urgent') NOT NULL DEFAULT 'mid',
  group_id BIGINT NULL,
  agent_id BIGINT NULL,
  assigned_at BIGINT NULL,
  customer_id BIGINT NULL,
  customer_name VARCHAR(100) NOT NULL DEFAULT '',
  phone VARCHAR(32) NOT NULL DEFAULT '',
  phone_e164 VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NULL,
  description VARCHAR(4000) NOT NULL DEFAULT '',
  note VARCHAR(1000) NOT NULL DEFAULT '',
  attachment BIGINT NULL,
  call_id BINARY(16) NULL COMMENT 'the call that it came from',
  source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'what it was made of, as whoever made it names it',
  due_at BIGINT NULL,
  remind_at BIGINT NULL,
  appointment_id BIGINT NULL COMMENT 'the reminder of remind_at',
  closed_at BIGINT NULL,
  closed_by VARCHAR(100) NOT NULL DEFAULT '',
  author_id BIGINT NULL COMMENT 'NULL: an API key',
  author VARCHAR(100) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY tickets_ticket_id (id),
  UNIQUE KEY tickets_ticket_number (tenant_id, number),
  KEY tickets_ticket_created (tenant_id, created_at, id),
  KEY tickets_ticket_updated (tenant_id, updated_at, id),
  KEY tickets_ticket_due (tenant_id, due_at, id),
  KEY tickets_ticket_open (tenant_id, closed_at, due_at),
  KEY tickets_ticket_agent (tenant_id, agent_id, closed_at),
  KEY tickets_ticket_group (tenant_id, group_id, closed_at),
  KEY tickets_ticket_author (tenant_id, author_id, id),
  KEY tickets_ticket_category (tenant_id, category_id, id),
  KEY tickets_ticket_state (tenant_id, state_id, id),
  KEY tickets_ticket_result (tenant_id, result_id, id),
  KEY tickets_ticket_flow (tenant_id, flow_id, id),
  KEY tickets_ticket_customer (tenant_id, customer_id, id),
  KEY tickets_ticket_phone (tenant_id, phone_e164, id),
  KEY tickets_ticket_call (tenant_id, call_id),
  KEY tickets_ticket_source (tenant_id, source)
);

CREATE TABLE tickets_value (
  tenant_id BIGINT NOT NULL,
  ticket_id BIGINT NOT NULL,
  field_id BIGINT NOT NULL,
  value VARCHAR(2000) NOT NULL,
  PRIMARY KEY (tenant_id, ticket_id, field_id),
  KEY tickets_value_field (tenant_id, field_id, value(100))
);

CREATE TABLE tickets_step (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  ticket_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind ENUM('create','submit','edit','state','assign','transfer','take','advance','note','close','reopen') NOT NULL,
  user_id BIGINT NULL,
  user_name VARCHAR(100) NOT NULL DEFAULT '',
  before_text VARCHAR(200) NOT NULL DEFAULT '',
  after_text VARCHAR(200) NOT NULL DEFAULT '',
  text VARCHAR(1000) NOT NULL DEFAULT '',
  file BIGINT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY tickets_step_id (id),
  KEY tickets_step_ticket (tenant_id, ticket_id, id),
  KEY tickets_step_at (tenant_id, at, id)
) COMMENT 'What happened to tickets, one row each time';

CREATE TABLE tickets_number (
  tenant_id BIGINT NOT NULL,
  day INT NOT NULL COMMENT 'yyyymmdd in the tenant''s zone',
  last INT NOT NULL,
  PRIMARY KEY (tenant_id, day)
);
