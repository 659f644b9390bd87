-- SPDX-License-Identifier: GPL-2.0-or-later
-- TEL-12, TEL-13: over which trunks the calls of a task go, and what they show.

ALTER TABLE call_task
  ADD profile_id BIGINT NULL COMMENT 'outbound_profile, before those of agent, department and tenant' AFTER hide,
  ADD caller_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'after the agent''s, before the tenant''s'
    AFTER profile_id;
