-- SPDX-License-Identifier: GPL-2.0-or-later
-- What web workers remember of a tenant (users, permissions of roles, preferences, chosen columns) and of everybody (the
-- menu) holds while its generation does: every request reads that together with the session. Triggers raise it, so that
-- nobody who changes a row can forget to; only of columns that are remembered, because signing in writes some as well.

CREATE TABLE web_generation (
  tenant_id BIGINT NOT NULL PRIMARY KEY COMMENT '0: what is the same for all tenants',
  generation BIGINT NOT NULL
);

CREATE TRIGGER role_permission_inserted AFTER INSERT ON role_permission FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (NEW.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER role_permission_updated AFTER UPDATE ON role_permission FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (NEW.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER role_permission_deleted AFTER DELETE ON role_permission FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (OLD.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER preference_inserted AFTER INSERT ON preference FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (NEW.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER preference_updated AFTER UPDATE ON preference FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (NEW.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER preference_deleted AFTER DELETE ON preference FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (OLD.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER list_view_inserted AFTER INSERT ON list_view FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (NEW.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER list_view_updated AFTER UPDATE ON list_view FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (NEW.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER list_view_deleted AFTER DELETE ON list_view FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (OLD.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER department_manager_inserted AFTER INSERT ON department_manager FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (NEW.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER department_manager_updated AFTER UPDATE ON department_manager FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (NEW.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER department_manager_deleted AFTER DELETE ON department_manager FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (OLD.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER registry_menu_inserted AFTER INSERT ON registry_menu FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (0, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER registry_menu_updated AFTER UPDATE ON registry_menu FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (0, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER registry_menu_deleted AFTER DELETE ON registry_menu FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (0, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER role_updated AFTER UPDATE ON role FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) SELECT NEW.tenant_id, 1 FROM DUAL WHERE NOT (
    NEW.data_scope <=> OLD.data_scope AND NEW.home <=> OLD.home)
  ON DUPLICATE KEY UPDATE generation = web_generation.generation + 1;

CREATE TRIGGER role_deleted AFTER DELETE ON role FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (OLD.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER tenant_updated AFTER UPDATE ON tenant FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) SELECT NEW.id, 1 FROM DUAL WHERE NOT (
    NEW.code <=> OLD.code AND NEW.name <=> OLD.name AND NEW.timezone <=> OLD.timezone AND NEW.state <=> OLD.state)
  ON DUPLICATE KEY UPDATE generation = web_generation.generation + 1;

CREATE TRIGGER tenant_deleted AFTER DELETE ON tenant FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (OLD.id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER user_inserted AFTER INSERT ON user FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (NEW.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER user_updated AFTER UPDATE ON user FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) SELECT NEW.tenant_id, 1 FROM DUAL WHERE NOT (
    NEW.role_id <=> OLD.role_id AND NEW.username <=> OLD.username AND NEW.name <=> OLD.name AND NEW.language <=> OLD.language AND NEW.theme <=> OLD.theme AND NEW.kind <=> OLD.kind AND NEW.hide_numbers <=> OLD.hide_numbers AND NEW.password_due <=> OLD.password_due AND NEW.state <=> OLD.state AND NEW.live <=> OLD.live)
  ON DUPLICATE KEY UPDATE generation = web_generation.generation + 1;

CREATE TRIGGER user_deleted AFTER DELETE ON user FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (OLD.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER agent_inserted AFTER INSERT ON agent FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (NEW.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER agent_updated AFTER UPDATE ON agent FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) SELECT NEW.tenant_id, 1 FROM DUAL WHERE NOT (
    NEW.number <=> OLD.number AND NEW.user_id <=> OLD.user_id AND NEW.state <=> OLD.state AND NEW.live <=> OLD.live)
  ON DUPLICATE KEY UPDATE generation = web_generation.generation + 1;

CREATE TRIGGER agent_deleted AFTER DELETE ON agent FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (OLD.tenant_id, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;
