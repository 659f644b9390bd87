-- SPDX-License-Identifier: GPL-2.0-or-later
-- Agents may call from pages.
INSERT INTO role_template_permission (code, permission) VALUES ('agent', 'desk.call.dial');

INSERT IGNORE INTO role_permission (tenant_id, role_id, permission)
  SELECT tenant_id, id, 'desk.call.dial' FROM role WHERE code = 'agent' AND standard = 1;
