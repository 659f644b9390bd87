-- SPDX-License-Identifier: GPL-2.0-or-later
-- People see and change what is theirs of their account; their picture is remembered with them.

DROP TRIGGER user_updated;

CREATE TRIGGER user_updated AFTER UPDATE ON user FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) SELECT NEW.tenant_id, 1 FROM DUAL WHERE NOT (
    NEW.role_id <=> OLD.role_id AND NEW.username <=> OLD.username AND NEW.name <=> OLD.name AND NEW.language <=> OLD.language AND NEW.theme <=> OLD.theme AND NEW.kind <=> OLD.kind AND NEW.hide_numbers <=> OLD.hide_numbers AND NEW.password_due <=> OLD.password_due AND NEW.avatar <=> OLD.avatar AND
    NEW.state <=> OLD.state AND NEW.live <=> OLD.live)
  ON DUPLICATE KEY UPDATE generation = web_generation.generation + 1;

INSERT INTO role_template_permission (code, permission) VALUES ('agent', 'desk.account.*');

INSERT IGNORE INTO role_permission (tenant_id, role_id, permission)
  SELECT tenant_id, id, 'desk.account.*' FROM role WHERE code = 'agent';
