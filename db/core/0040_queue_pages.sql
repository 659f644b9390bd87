-- What pages list and change row by row has a key of its own. Access numbers lead to announcements too.

ALTER TABLE agent_group_member
  ADD COLUMN id BIGINT NOT NULL AUTO_INCREMENT AFTER agent_id,
  ADD KEY agent_group_member_id (id),
  ADD KEY agent_group_member_priority (tenant_id, priority);

ALTER TABLE agent_group_key
  ADD COLUMN id BIGINT NOT NULL AUTO_INCREMENT AFTER group_id,
  ADD KEY agent_group_key_id (id);

ALTER TABLE agent_group_skill
  ADD COLUMN id BIGINT NOT NULL AUTO_INCREMENT AFTER group_id,
  ADD KEY agent_group_skill_id (id);

ALTER TABLE agent_skill
  ADD COLUMN id BIGINT NOT NULL AUTO_INCREMENT AFTER agent_id,
  ADD KEY agent_skill_id (id),
  ADD KEY agent_skill_skill (tenant_id, skill_id);

ALTER TABLE holiday
  ADD COLUMN id BIGINT NOT NULL AUTO_INCREMENT AFTER tenant_id,
  ADD KEY holiday_id (id);

ALTER TABLE did
  MODIFY COLUMN target_kind ENUM('queue','agent','ivr','hangup','prompt') NOT NULL,
  MODIFY COLUMN target VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ADD KEY did_tenant (tenant_id, number);
