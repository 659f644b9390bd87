-- Tables of sample.c.
CREATE TABLE sample_thing (
  tenant_id BIGINT NOT NULL, id BIGINT NOT NULL AUTO_INCREMENT, code VARCHAR(20) NOT NULL, name VARCHAR(50) NOT NULL,
  amount INT NULL, price BIGINT NULL, active TINYINT NOT NULL DEFAULT 1, kind ENUM('red','green','blue') NOT NULL DEFAULT 'red',
  group_id BIGINT NULL, group_list VARCHAR(100) NOT NULL DEFAULT '', tags VARCHAR(200) NOT NULL DEFAULT '',
  phone VARCHAR(32) NOT NULL DEFAULT '', email VARCHAR(255) NOT NULL DEFAULT '', born DATE NULL, due BIGINT NULL,
  note TEXT NULL, salary INT NULL, photo BIGINT NULL, secret VARCHAR(100) NOT NULL DEFAULT '', owner VARCHAR(8) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id), KEY (id), UNIQUE KEY sample_thing_code (tenant_id, code),
  KEY (tenant_id, name), KEY (tenant_id, phone), KEY (tenant_id, kind), KEY (tenant_id, price), KEY (tenant_id, created_at)
);
CREATE TABLE sample_part (
  tenant_id BIGINT NOT NULL, id BIGINT NOT NULL AUTO_INCREMENT, name VARCHAR(50) NOT NULL, thing_id BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id), KEY (id), KEY (tenant_id, thing_id)
);
CREATE TABLE sample_told (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, tenant_id BIGINT NOT NULL);
INSERT INTO role (tenant_id, id, code, name, data_scope) VALUES (2, 21, 'clerk', 'Clerk', 'all'), (2, 22, 'own', 'Own', 'own');
INSERT INTO role_permission (tenant_id, role_id, permission) VALUES
  (2, 21, 'sample.things.list'), (2, 21, 'sample.things.create'), (2, 21, 'sample.things.edit'), (2, 21, 'sample.things.export'),
  (2, 21, 'sample.parts.list'), (2, 21, 'desk.jobs.list'), (2, 22, 'sample.things.*');
INSERT INTO user (tenant_id, id, username, name, kind, role_id, password_hash, language, state, created_at, updated_at) VALUES
  (2, 31, 'clara', 'Clara', 'user', 21, '', 'en', 'enabled', 0, 0), (2, 32, '831', 'Owen', 'agent', 22, '', 'en', 'enabled', 0, 0);
INSERT INTO agent (tenant_id, id, number, name, user_id, sip_ha1, phone_pin_hash, state, created_at, updated_at) VALUES
  (2, 31, '831', 'Owen', 32, '', '', 'enabled', 0, 0);
