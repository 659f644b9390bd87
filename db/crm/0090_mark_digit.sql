-- SPDX-License-Identifier: GPL-2.0-or-later
-- The call engine knows the digits of customer types, which agents press to mark customers: whoever changes one raises the
-- generation of its configuration. (NULL: no row is looked for, nor locked.)

CREATE TRIGGER customer_type_added AFTER INSERT ON customer_type FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(NEW.digit IS NULL, NULL, 1);

CREATE TRIGGER customer_type_changed AFTER UPDATE ON customer_type FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(NEW.digit <=> OLD.digit, NULL, 1);

CREATE TRIGGER customer_type_removed AFTER DELETE ON customer_type FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(OLD.digit IS NULL, NULL, 1);

-- Marks of numbers that no customer has.
ALTER TABLE customer_mark
  MODIFY customer_id BIGINT NOT NULL COMMENT 'it may be deleted since: number and name stay here; 0: of a number that no customer has';
