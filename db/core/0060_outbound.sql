-- Calls that agents make. A queue's members may have their own phones answer by themselves when a page dials for them.

ALTER TABLE agent_group
  ADD COLUMN auto_answer_click TINYINT NOT NULL DEFAULT 1 COMMENT 'members'' own phones are asked to answer by themselves when a page dials for them' AFTER auto_answer;
