-- Every option of a queue; targets of a call that leaves it; skills; VIP customers; holidays.
-- A target is a kind and what the kind names: queue and agent a number, prompt the name of a prompt, did a number.

ALTER TABLE agent_group
  MODIFY COLUMN retry_delay_s INT NOT NULL DEFAULT 1 COMMENT 'pause of a call after an offer without answer, and of that agent in this queue',
  MODIFY COLUMN announce_period_s INT NOT NULL DEFAULT 20 COMMENT 'of position and estimated wait; 0: only on entry',
  ADD COLUMN hold_music VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'music/hold' COMMENT 'while the agent holds the call; empty: silence' AFTER music,
  ADD COLUMN holiday_prompt VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'instead of the entry prompt on a day of holiday; empty: none' AFTER entry_prompt,
  ADD COLUMN announce_wait TINYINT NOT NULL DEFAULT 0 COMMENT 'estimated waiting time, with the position' AFTER announce_position,
  ADD COLUMN periodic_prompt VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'empty: none' AFTER announce_period_s,
  ADD COLUMN periodic_s INT NOT NULL DEFAULT 60 AFTER periodic_prompt,
  ADD COLUMN agent_prompt VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'both hear it before they talk; empty: none' AFTER periodic_s,
  ADD COLUMN announce_agent TINYINT NOT NULL DEFAULT 0 COMMENT 'the agent''s number, digit by digit, before they talk' AFTER agent_prompt,
  ADD COLUMN agent_number_before VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'agent_number_before' AFTER announce_agent,
  ADD COLUMN agent_number_after VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'agent_number_after' AFTER agent_number_before,
  ADD COLUMN menu_prompt VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'tells the keys of agent_group_key; empty: none' AFTER agent_number_after,
  ADD COLUMN menu_period_s INT NOT NULL DEFAULT 0 COMMENT 'again every so often; 0: only on entry' AFTER menu_prompt,
  ADD COLUMN menu_repeat INT NOT NULL DEFAULT 1 COMMENT 'how often in a row' AFTER menu_period_s,
  ADD COLUMN leave_empty TINYINT NOT NULL DEFAULT 0 COMMENT 'nobody is signed in any more: callers leave' AFTER join_empty,
  ADD COLUMN no_agent_overflow TINYINT NOT NULL DEFAULT 0 COMMENT 'nobody signed in is on duty (online, not paused, with a phone): callers leave' AFTER leave_empty,
  ADD COLUMN overflow_kind ENUM('hangup','queue','agent','prompt','did') NOT NULL DEFAULT 'hangup' COMMENT 'where callers go whom the queue does not take or keep' AFTER no_agent_overflow,
  ADD COLUMN overflow_target VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' AFTER overflow_kind,
  ADD COLUMN prefix_name VARCHAR(32) NOT NULL DEFAULT '' COMMENT 'before the caller''s name on the agent''s phone' AFTER overflow_target,
  ADD COLUMN prefix_number VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'before the caller''s number on the agent''s phone' AFTER prefix_name,
  ADD COLUMN auto_answer TINYINT NOT NULL DEFAULT 0 COMMENT 'phones are asked to answer by themselves' AFTER prefix_number,
  ADD COLUMN relax_s INT NOT NULL DEFAULT 0 COMMENT 'a caller who has waited this long needs one level less of every skill; 0: never' AFTER auto_answer;

ALTER TABLE agent_group_member
  ADD COLUMN fixed TINYINT NOT NULL DEFAULT 0 COMMENT 'static: always signed in' AFTER priority;

CREATE TABLE agent_group_key (
  tenant_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  digit CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT '0-9, *, #',
  target_kind ENUM('hangup','queue','agent','prompt','did','callback') NOT NULL,
  target VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, group_id, digit)
) COMMENT 'What a waiting caller can press. callback: the call keeps its place, the customer is called back';

CREATE TABLE skill (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY skill_id (id),
  UNIQUE KEY skill_name (tenant_id, name)
);

CREATE TABLE agent_skill (
  tenant_id BIGINT NOT NULL,
  agent_id BIGINT NOT NULL,
  skill_id BIGINT NOT NULL,
  level TINYINT NOT NULL COMMENT '1-10',
  PRIMARY KEY (tenant_id, agent_id, skill_id)
);

CREATE TABLE agent_group_skill (
  tenant_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  skill_id BIGINT NOT NULL,
  level TINYINT NOT NULL COMMENT '1-10: what callers of the queue need at first',
  PRIMARY KEY (tenant_id, group_id, skill_id)
);

CREATE TABLE vip_customer (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  group_id BIGINT NOT NULL,
  number VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'as entered',
  number_e164 VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digits, what callers are compared with',
  name VARCHAR(100) NOT NULL DEFAULT '',
  level ENUM('normal','important','noble') NOT NULL DEFAULT 'normal',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY vip_customer_id (id),
  UNIQUE KEY vip_customer_number (tenant_id, group_id, number_e164)
) COMMENT 'Customers who jump the queue of a group, higher levels first';

CREATE TABLE holiday (
  tenant_id BIGINT NOT NULL,
  day DATE NOT NULL COMMENT 'in the tenant''s time zone',
  name VARCHAR(100) NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, day)
);
