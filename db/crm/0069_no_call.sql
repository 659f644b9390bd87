-- The call engine refuses calls to who is not to be called: it finds whole customers by an index, and whoever changes what it
-- reads raises the generation of its configuration with it.

ALTER TABLE customer
  ADD KEY customer_no_call (tenant_id, no_call);

CREATE TRIGGER no_call_added AFTER INSERT ON no_call FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = 1 AND NEW.state = 'enabled';

CREATE TRIGGER no_call_changed AFTER UPDATE ON no_call FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1
  WHERE id = 1 AND NOT (NEW.state = OLD.state AND NEW.e164 = OLD.e164 AND NEW.package_id = OLD.package_id);

CREATE TRIGGER no_call_removed AFTER DELETE ON no_call FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = 1 AND OLD.state = 'enabled';

CREATE TRIGGER customer_no_call_changed AFTER UPDATE ON customer FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1
  WHERE id = 1 AND (NEW.no_call <> OLD.no_call OR (NEW.no_call = 1 AND NEW.updated_at <> OLD.updated_at));

CREATE TRIGGER customer_no_call_removed AFTER DELETE ON customer FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = 1 AND OLD.no_call = 1;
