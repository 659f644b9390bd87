-- SPDX-License-Identifier: GPL-2.0-or-later
-- Feature codes of a tenant that are not the defaults (kamailio-mods/contract/codes.def).

CREATE TABLE feature_code (
  tenant_id BIGINT NOT NULL,
  name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'as phones dial it; empty: switched off',
  gateway VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'behind EIA and EIX gateways; empty: switched off',
  PRIMARY KEY (tenant_id, name)
);

-- The call engine says no numbers to whom they are hidden from.
CREATE TRIGGER user_hides AFTER UPDATE ON user FOR EACH ROW
  UPDATE configuration_generation SET generation = generation + 1
  WHERE id = IF(NEW.hide_numbers <> OLD.hide_numbers OR NEW.role_id <> OLD.role_id, 1, NULL);
