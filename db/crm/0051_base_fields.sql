-- SPDX-License-Identifier: GPL-2.0-or-later
-- Lists begin with the base fields that nearly every customer has; the others can be chosen.
UPDATE customer_field SET in_list = 0 WHERE slot = name AND name IN ('email', 'age', 'city', 'area', 'note');

DROP TRIGGER customer_package_fields;
CREATE TRIGGER customer_package_fields AFTER INSERT ON customer_package FOR EACH ROW
  INSERT INTO customer_field (tenant_id, package_id, name, kind, slot, max_length, required, pop_match, in_list, position,
    created_at, updated_at)
  SELECT NEW.tenant_id, NEW.id, f.name, f.kind, f.name, f.longest, f.name = 'phone', f.name = 'phone',
    f.name IN ('name', 'phone', 'sex'), f.position, NEW.created_at, NEW.created_at
  FROM (SELECT 'name' name, 'text' kind, 100 longest, 1 position UNION SELECT 'phone', 'phone', 0, 2
    UNION SELECT 'email', 'email', 0, 3 UNION SELECT 'sex', 'sex', 0, 4 UNION SELECT 'age', 'number', 0, 5
    UNION SELECT 'city', 'text', 100, 6 UNION SELECT 'area', 'text', 100, 7 UNION SELECT 'note', 'lines', 1000, 8) f;
