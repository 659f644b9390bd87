-- SPDX-License-Identifier: GPL-2.0-or-later
-- CALL-07: the call engine has to know which tenants have a contract for web phones, so what says that is part of its
-- configuration. (NULL: no row is looked for.)

CREATE TRIGGER plugin_web_phone_changed AFTER UPDATE ON plugin FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1
  WHERE id = IF(NEW.name = 'webphone' AND NEW.state <> OLD.state, 1, NULL);

CREATE TRIGGER plugin_tenant_web_phone_added AFTER INSERT ON plugin_tenant FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(NEW.plugin = 'webphone', 1, NULL);

CREATE TRIGGER plugin_tenant_web_phone_changed AFTER UPDATE ON plugin_tenant FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1
  WHERE id = IF(NEW.plugin = 'webphone' AND NEW.off <> OLD.off, 1, NULL);

CREATE TRIGGER plugin_tenant_web_phone_removed AFTER DELETE ON plugin_tenant FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(OLD.plugin = 'webphone', 1, NULL);

INSERT INTO role_template_permission (code, permission) VALUES ('agent', 'webphone.*'), ('leader', 'webphone.*');

INSERT IGNORE INTO role_permission (tenant_id, role_id, permission)
  SELECT tenant_id, id, 'webphone.*' FROM role WHERE code IN ('agent', 'leader') AND standard = 1;
