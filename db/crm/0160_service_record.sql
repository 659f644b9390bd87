-- SPDX-License-Identifier: GPL-2.0-or-later
-- Service records: what agents did for customers, and what can come of it.

CREATE TABLE service_result (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  position INT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY service_result_id (id),
  UNIQUE KEY service_result_name (tenant_id, name)
);

CREATE TABLE service_record (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  package_id BIGINT NULL,
  customer_id BIGINT NULL COMMENT 'NULL: nobody who is known; it may be deleted since: number and name stay here',
  name VARCHAR(100) NOT NULL DEFAULT '',
  phone VARCHAR(32) NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  call_id BINARY(16) NULL COMMENT 'during which it was made',
  agent VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  agent_name VARCHAR(100) NOT NULL DEFAULT '',
  result_id BIGINT NULL COMMENT 'service_result',
  note VARCHAR(1000) NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  KEY service_record_id (id),
  KEY service_record_customer (tenant_id, customer_id, id),
  KEY service_record_agent (tenant_id, agent, id),
  KEY service_record_result (tenant_id, result_id, id),
  KEY service_record_at (tenant_id, at)
);

INSERT INTO service_result (tenant_id, name, position, created_at, updated_at)
  SELECT t.id, x.name, x.position, t.created_at, t.created_at FROM tenant t
  JOIN (SELECT '已解决' AS name, 1 AS position UNION ALL SELECT '处理中', 2 UNION ALL SELECT '未解决', 3) x
  WHERE t.id > 1;

-- Whoever makes a tenant, it begins with these.
CREATE TRIGGER tenant_service_result AFTER INSERT ON tenant FOR EACH ROW
  INSERT IGNORE INTO service_result (tenant_id, name, position, created_at, updated_at)
    SELECT NEW.id, x.name, x.position, NEW.created_at, NEW.created_at FROM
    (SELECT '已解决' AS name, 1 AS position UNION ALL SELECT '处理中', 2 UNION ALL SELECT '未解决', 3) x WHERE NEW.id > 1;

-- Agents make them and see their own.
INSERT INTO role_template_permission (code, permission) VALUES
  ('agent', 'crm.services.list'), ('agent', 'crm.services.create'), ('agent', 'crm.services.edit');
INSERT IGNORE INTO role_permission (tenant_id, role_id, permission)
  SELECT r.tenant_id, r.id, p.permission FROM role r JOIN role_template_permission p ON p.code = 'agent' AND
    p.permission LIKE 'crm.services.%'
  WHERE r.code = 'agent' AND r.standard = 1;
