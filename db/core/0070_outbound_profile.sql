-- SPDX-License-Identifier: GPL-2.0-or-later
-- Calls to outside: outbound profiles with their routes, caller ids, targets outside.

CREATE TABLE outbound_profile (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(64) NOT NULL,
  note VARCHAR(1000) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY outbound_profile_id (id),
  UNIQUE KEY outbound_profile_name (tenant_id, name)
) COMMENT 'TEL-12: which number is asked of which trunks';

CREATE TABLE outbound_route (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  profile_id BIGINT NOT NULL,
  position INT NOT NULL COMMENT 'the first one of its profile that fits is taken',
  name VARCHAR(64) NOT NULL,
  strip VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'what numbers begin with, taken away',
  pattern VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the rest: digits X Z N [1-5] and . at the end',
  prefix VARCHAR(17) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'added instead',
  state ENUM('enabled','disabled') NOT NULL DEFAULT 'enabled',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY outbound_route_id (id),
  KEY outbound_route_position (tenant_id, position),
  KEY outbound_route_profile (tenant_id, profile_id, position),
  UNIQUE KEY outbound_route_name (tenant_id, profile_id, name)
);

CREATE TABLE outbound_route_trunk (
  tenant_id BIGINT NOT NULL,
  route_id BIGINT NOT NULL,
  position INT NOT NULL COMMENT '1 is asked first',
  trunk_id BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, route_id, position),
  KEY outbound_route_trunk_trunk (trunk_id)
);

ALTER TABLE agent ADD profile_id BIGINT NULL COMMENT 'outbound profile; NULL: the department''s, the tenant''s' AFTER caller_id;

ALTER TABLE department ADD profile_id BIGINT NULL COMMENT 'outbound profile; NULL: that of the department above' AFTER name;

CREATE TABLE caller_id (
  tenant_id BIGINT NOT NULL DEFAULT 1 COMMENT 'whose row this is: the platform''s',
  id BIGINT NOT NULL AUTO_INCREMENT,
  for_tenant BIGINT NOT NULL COMMENT 'who may show it',
  number VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  supplier VARCHAR(64) NOT NULL DEFAULT '',
  state ENUM('enabled','disabled') NOT NULL DEFAULT 'enabled',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY caller_id_id (id),
  KEY caller_id_tenant (for_tenant, id),
  UNIQUE KEY caller_id_number (for_tenant, number)
) COMMENT 'TEL-13: numbers that a tenant may show beside its access numbers';

ALTER TABLE agent_group
  MODIFY COLUMN overflow_kind ENUM('hangup','queue','agent','prompt','did','outside') NOT NULL DEFAULT 'hangup' COMMENT 'where callers go whom the queue does not take or keep';

ALTER TABLE agent_group_key
  MODIFY COLUMN target_kind ENUM('hangup','queue','agent','prompt','did','callback','outside') NOT NULL;

ALTER TABLE did
  MODIFY COLUMN target_kind ENUM('queue','agent','ivr','hangup','prompt','outside') NOT NULL;
