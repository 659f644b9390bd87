-- SPDX-License-Identifier: GPL-2.0-or-later
-- Menus that callers go through by keys, and announcements; every target may be one of them.

CREATE TABLE ivr (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  number VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'agents dial it; targets name it',
  name VARCHAR(64) NOT NULL,
  kind ENUM('menu','announcement') NOT NULL DEFAULT 'menu' COMMENT 'an announcement says its prompts and goes on to its time-out target',
  skip TINYINT NOT NULL DEFAULT 0 COMMENT 'any key ends the announcement',
  start_s INT NOT NULL DEFAULT 0 COMMENT 'silence before the first prompt',
  repeats INT NOT NULL DEFAULT 2 COMMENT 'how often the prompts are said again when no key comes',
  timeout_s INT NOT NULL DEFAULT 5 COMMENT 'for the first key, from the end of the prompts on',
  key_timeout_s INT NOT NULL DEFAULT 3 COMMENT 'for each further key',
  max_keys INT NOT NULL DEFAULT 0 COMMENT 'of an input; 0: no limit',
  dial_agents TINYINT NOT NULL DEFAULT 0 COMMENT 'callers may key in an agent''s number',
  tries INT NOT NULL DEFAULT 3 COMMENT 'the last of so many inputs that fit nothing leads to the no-match target',
  timeout_prompt VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'before the prompts are said again; empty: none',
  timeout_kind ENUM('hangup','queue','agent','ivr','prompt','did','outside','back','voicemail') NOT NULL DEFAULT 'hangup' COMMENT 'also where an announcement goes on to',
  timeout_target VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  no_match_prompt VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'empty: none',
  no_match_kind ENUM('hangup','queue','agent','ivr','prompt','did','outside','back','voicemail') NOT NULL DEFAULT 'hangup',
  no_match_target VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  prefix_name VARCHAR(32) NOT NULL DEFAULT '' COMMENT 'before the caller''s name on agents'' phones',
  prefix_number VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'before the caller''s number',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY ivr_id (id),
  KEY ivr_name (tenant_id, name),
  UNIQUE KEY ivr_number (tenant_id, number)
) COMMENT 'TEL-14, TEL-16';

CREATE TABLE ivr_prompt (
  tenant_id BIGINT NOT NULL,
  ivr_id BIGINT NOT NULL,
  position INT NOT NULL COMMENT '1 is said first',
  prompt VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  gap_s INT NOT NULL DEFAULT 0 COMMENT 'silence before the next one',
  PRIMARY KEY (tenant_id, ivr_id, position)
);

CREATE TABLE ivr_key (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  ivr_id BIGINT NOT NULL,
  digits VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT '0-9, *, #: mostly one',
  target_kind ENUM('hangup','queue','agent','ivr','prompt','did','outside','back','voicemail') NOT NULL COMMENT 'back: to the menu before',
  target VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, ivr_id, digits),
  KEY ivr_key_id (id)
);

ALTER TABLE agent_group
  MODIFY COLUMN overflow_kind ENUM('hangup','queue','agent','prompt','did','outside','ivr','voicemail') NOT NULL DEFAULT 'hangup' COMMENT 'where callers go whom the queue does not take or keep';

ALTER TABLE agent_group_key
  MODIFY COLUMN target_kind ENUM('hangup','queue','agent','prompt','did','callback','outside','ivr','voicemail') NOT NULL;

ALTER TABLE did
  MODIFY COLUMN target_kind ENUM('queue','agent','ivr','hangup','prompt','outside','voicemail') NOT NULL;

-- Until now such a number led nowhere.
UPDATE did SET target_kind = 'hangup', target = '' WHERE target_kind = 'ivr';
