-- SPDX-License-Identifier: GPL-2.0-or-later
-- TEL-19: whose calls are not taken. The call engine has a copy, so whoever changes what it reads raises the generation of its
-- configuration with it; the row of that is touched only when it has to be (NULL: no row is looked for).

CREATE TABLE blacklist (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  phone VARCHAR(32) NOT NULL,
  e164 VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(200) NOT NULL DEFAULT '',
  state ENUM('enabled','disabled','pending') NOT NULL DEFAULT 'enabled' COMMENT 'pending: proposed, not approved',
  created_by VARCHAR(100) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY blacklist_id (id),
  UNIQUE KEY blacklist_number (tenant_id, e164),
  KEY blacklist_state (tenant_id, state, id)
) COMMENT 'Numbers whose calls are not taken';

CREATE TRIGGER blacklist_added AFTER INSERT ON blacklist FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(NEW.state = 'enabled', 1, NULL);

CREATE TRIGGER blacklist_changed AFTER UPDATE ON blacklist FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1
  WHERE id = IF(NEW.state <> OLD.state OR NEW.e164 <> OLD.e164, 1, NULL);

CREATE TRIGGER blacklist_removed AFTER DELETE ON blacklist FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1 WHERE id = IF(OLD.state = 'enabled', 1, NULL);
