-- SPDX-License-Identifier: GPL-2.0-or-later
-- Agents' phones show as little of numbers as their accounts and roles say: the call engine reads it.

CREATE TRIGGER role_hide_changed AFTER UPDATE ON role FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(NEW.hide_numbers <> OLD.hide_numbers, 1, NULL);

CREATE TRIGGER user_hide_changed AFTER UPDATE ON user FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1
  WHERE id = IF(NEW.hide_numbers <> OLD.hide_numbers OR NOT (NEW.role_id <=> OLD.role_id), 1, NULL);
