-- SPDX-License-Identifier: GPL-2.0-or-later
-- What phones are configured with (ORG-03, ORG-11). Tenants take copies of the platform's.

CREATE TABLE phone_template (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(64) NOT NULL COMMENT 'agent.provisioning_template names it',
  brand VARCHAR(64) NOT NULL DEFAULT '',
  content TEXT NOT NULL COMMENT 'with {number}, {name}, {domain}, {mac}',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY phone_template_id (id),
  UNIQUE KEY phone_template_name (tenant_id, name)
);
