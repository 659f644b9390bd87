-- SPDX-License-Identifier: GPL-2.0-or-later
-- CALL-06: as 0140 for web phones, of agents at numbers outside: who has a contract is part of the call engine's
-- configuration. (NULL: no row is looked for.)

CREATE TRIGGER plugin_mobile_changed AFTER UPDATE ON plugin FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1
  WHERE id = IF(NEW.name = 'mobile' AND NEW.state <> OLD.state, 1, NULL);

CREATE TRIGGER plugin_tenant_mobile_added AFTER INSERT ON plugin_tenant FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(NEW.plugin = 'mobile', 1, NULL);

CREATE TRIGGER plugin_tenant_mobile_changed AFTER UPDATE ON plugin_tenant FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1
  WHERE id = IF(NEW.plugin = 'mobile' AND NEW.off <> OLD.off, 1, NULL);

CREATE TRIGGER plugin_tenant_mobile_removed AFTER DELETE ON plugin_tenant FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(OLD.plugin = 'mobile', 1, NULL);
