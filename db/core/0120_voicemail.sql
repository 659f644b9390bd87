-- SPDX-License-Identifier: GPL-2.0-or-later
-- TEL-22: voicemail as a target, who gets one without being asked for, greetings of boxes.

ALTER TABLE agent_group
  MODIFY COLUMN overflow_kind ENUM('hangup','queue','agent','prompt','did','outside','ivr','voicemail') NOT NULL DEFAULT 'hangup' COMMENT 'where callers go whom the queue does not take or keep',
  ADD greeting VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of its voicemail; empty: the tenant''s';

ALTER TABLE agent_group_key
  MODIFY COLUMN target_kind ENUM('hangup','queue','agent','prompt','did','callback','outside','ivr','voicemail') NOT NULL;

ALTER TABLE did
  MODIFY COLUMN target_kind ENUM('queue','agent','ivr','hangup','prompt','outside','voicemail') NOT NULL;

ALTER TABLE agent
  ADD voicemail TINYINT NOT NULL DEFAULT 0 COMMENT '1: who calls directly and does not get the agent may leave a message',
  ADD greeting VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of the voicemail; empty: the tenant''s';
