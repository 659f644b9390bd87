-- SPDX-License-Identifier: GPL-2.0-or-later
-- CALL-06, PLAT-18: who may use the mobile app where the tenant has it; leaders may change their number themselves.

INSERT INTO role_template_permission (code, permission) VALUES ('agent', 'mobile.app.use'), ('leader', 'mobile.*');

INSERT IGNORE INTO role_permission (tenant_id, role_id, permission)
  SELECT tenant_id, id, IF(code = 'agent', 'mobile.app.use', 'mobile.*') FROM role WHERE code IN ('agent', 'leader') AND standard = 1;
