-- SPDX-License-Identifier: GPL-2.0-or-later
-- The call engine reads how much of numbers a tenant's call tasks hide at most, and looks callers up only where one does.

CREATE TRIGGER call_task_hide_added AFTER INSERT ON call_task FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(NEW.hide <> 'none', 1, NULL);

CREATE TRIGGER call_task_hide_changed AFTER UPDATE ON call_task FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(NEW.hide <> OLD.hide, 1, NULL);

CREATE TRIGGER call_task_hide_removed AFTER DELETE ON call_task FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(OLD.hide <> 'none', 1, NULL);
