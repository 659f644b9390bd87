-- SPDX-License-Identifier: GPL-2.0-or-later
-- Numbers are hidden for accounts, roles and call tasks, in the middle or as a whole; of several the strictest counts.

ALTER TABLE role
  ADD hide_numbers TINYINT NOT NULL DEFAULT 0 COMMENT 'telephone numbers: 1 without the middle digits, 2 not at all';
ALTER TABLE user
  MODIFY hide_numbers TINYINT NOT NULL DEFAULT 0 COMMENT 'telephone numbers: 1 without the middle digits, 2 not at all';

DROP TRIGGER role_updated;
CREATE TRIGGER role_updated AFTER UPDATE ON role FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) SELECT NEW.tenant_id, 1 FROM DUAL WHERE NOT (
    NEW.data_scope <=> OLD.data_scope AND NEW.home <=> OLD.home AND NEW.hide_numbers <=> OLD.hide_numbers)
  ON DUPLICATE KEY UPDATE generation = web_generation.generation + 1;
