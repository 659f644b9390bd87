-- SPDX-License-Identifier: GPL-2.0-or-later
-- Sign-in: pictures to read, issued passwords, acting as somebody else, preferences of a tenant.

CREATE TABLE captcha (
  id BINARY(32) NOT NULL PRIMARY KEY COMMENT 'keyed blake2b of what the form carries',
  answer VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'lower case',
  expires_at BIGINT NOT NULL,
  KEY captcha_expires (expires_at)
) COMMENT 'Single use: an attempt to sign in removes the row, right or wrong';

ALTER TABLE session
  ADD origin_tenant_id BIGINT NULL COMMENT 'who really acts, if it is not the user',
  ADD origin_user_id BIGINT NULL;

CREATE TABLE preference (
  tenant_id BIGINT NOT NULL,
  name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'kamailio-mods/contract/preferences.def',
  value TEXT NOT NULL,
  PRIMARY KEY (tenant_id, name)
) COMMENT 'What a tenant chose; what is not here has the default of the list';

ALTER TABLE audit_log
  ADD path VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'address of the request',
  ADD origin_name VARCHAR(100) NOT NULL DEFAULT '' COMMENT 'who really acted, if it was not the user',
  ADD KEY audit_log_action (tenant_id, action, id),
  ADD KEY audit_log_user (tenant_id, user_name, id),
  ADD KEY audit_log_address (tenant_id, address, id);
