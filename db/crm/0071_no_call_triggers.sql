-- SPDX-License-Identifier: GPL-2.0-or-later
-- Changing customers touches the row of the configuration's generation only when it has to: looked for in vain it was still
-- locked by each change until its transaction ended, so that imports and forms waited for each other. (NULL: no row is looked
-- for.)

DROP TRIGGER customer_no_call_changed;
CREATE TRIGGER customer_no_call_changed AFTER UPDATE ON customer FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1
  WHERE id = IF(NEW.no_call <> OLD.no_call OR (NEW.no_call = 1 AND NEW.updated_at <> OLD.updated_at), 1, NULL);

DROP TRIGGER customer_no_call_removed;
CREATE TRIGGER customer_no_call_removed AFTER DELETE ON customer FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(OLD.no_call = 1, 1, NULL);
