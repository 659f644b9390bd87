-- Tenants, people, roles, sessions, configuration of the call engine.
-- Rules of every migration: forward only; one statement per step; every table has a primary key that begins with
-- tenant_id where a tenant owns the rows; times are UTC epoch milliseconds; codes are ascii_bin, text is utf8mb4.

CREATE TABLE tenant (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'sign-in name and SIP domain, immutable (HA1 contains it)',
  name VARCHAR(100) NOT NULL,
  reseller_id BIGINT NULL COMMENT 'user of the platform tenant',
  state ENUM('active','suspended','locked','frozen','cancelled') NOT NULL DEFAULT 'active',
  country VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '86' COMMENT 'country calling code',
  area_code VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '010',
  timezone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'Asia/Shanghai',
  prompt_language VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'zh',
  created_at BIGINT NOT NULL,
  UNIQUE KEY tenant_code (code)
) COMMENT 'Tenant 1 is the platform itself';

CREATE TABLE role (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(100) NOT NULL,
  data_scope ENUM('own','group','department','all') NOT NULL DEFAULT 'own',
  PRIMARY KEY (tenant_id, id),
  KEY role_id (id),
  UNIQUE KEY role_code (tenant_id, code)
);

CREATE TABLE role_permission (
  tenant_id BIGINT NOT NULL,
  role_id BIGINT NOT NULL,
  permission VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'component.resource.action; a last part of * grants all actions',
  PRIMARY KEY (tenant_id, role_id, permission)
);

CREATE TABLE user (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  username VARCHAR(64) NOT NULL COMMENT 'for agents the agent number',
  name VARCHAR(100) NOT NULL,
  kind ENUM('operator','reseller','admin','user','agent') NOT NULL,
  role_id BIGINT NOT NULL,
  password_hash VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'libsodium argon2id string',
  language VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'zh_CN',
  state ENUM('enabled','disabled') NOT NULL DEFAULT 'enabled',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY user_id (id),
  UNIQUE KEY user_name (tenant_id, username)
);

CREATE TABLE session (
  token_hash BINARY(32) NOT NULL PRIMARY KEY COMMENT 'keyed blake2b of the cookie',
  tenant_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  csrf_salt BINARY(16) NOT NULL,
  address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_agent VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  KEY session_user (tenant_id, user_id),
  KEY session_expires (expires_at)
);

CREATE TABLE sign_in_failure (
  tenant_code VARCHAR(32) NOT NULL,
  username VARCHAR(64) NOT NULL,
  address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'empty: the sum of the account',
  failures INT NOT NULL,
  last_at BIGINT NOT NULL,
  frozen_until BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_code, username, address)
);

CREATE TABLE api_key (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  key_hash BINARY(32) NOT NULL COMMENT 'keyed blake2b; the key is shown once',
  role_id BIGINT NOT NULL,
  state ENUM('enabled','disabled') NOT NULL DEFAULT 'enabled',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY api_key_id (id),
  UNIQUE KEY api_key_hash (key_hash)
);

CREATE TABLE audit_log (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  at BIGINT NOT NULL,
  user_id BIGINT NULL,
  user_name VARCHAR(100) NOT NULL,
  action VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  object VARCHAR(100) NOT NULL DEFAULT '',
  detail TEXT NULL COMMENT 'JSON',
  PRIMARY KEY (tenant_id, id),
  KEY audit_log_id (id),
  KEY audit_log_at (tenant_id, at)
);

CREATE TABLE agent_group (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  number VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'immutable; the group''s queue has the same number',
  name VARCHAR(100) NOT NULL,
  strategy ENUM('longest_idle','fewest_calls','linear','round_robin','random','ring_all') NOT NULL DEFAULT 'longest_idle',
  ring_timeout_s INT NOT NULL DEFAULT 30,
  max_wait_s INT NOT NULL DEFAULT 180 COMMENT '0: no limit',
  max_waiting INT NOT NULL DEFAULT 0 COMMENT '0: no limit',
  retry_delay_s INT NOT NULL DEFAULT 1 COMMENT 'before an agent that did not answer is offered again',
  wrapup ENUM('off','answered','ringing') NOT NULL DEFAULT 'answered',
  wrapup_s INT NOT NULL DEFAULT 10 COMMENT '0: until ended by hand',
  join_empty TINYINT NOT NULL DEFAULT 1 COMMENT '0: refuse when nobody is signed in',
  auto_pause TINYINT NOT NULL DEFAULT 0 COMMENT 'pause an agent that did not answer',
  music VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'music/hold',
  entry_prompt VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'queue_welcome' COMMENT 'empty: none',
  announce_position TINYINT NOT NULL DEFAULT 1,
  announce_period_s INT NOT NULL DEFAULT 20 COMMENT '0: never',
  record TINYINT NOT NULL DEFAULT 1,
  state ENUM('enabled','disabled') NOT NULL DEFAULT 'enabled',
  PRIMARY KEY (tenant_id, id),
  KEY agent_group_id (id),
  UNIQUE KEY agent_group_number (tenant_id, number)
) COMMENT 'A group and its queue';

CREATE TABLE agent (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  number VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT '2-6 digits, first not 0, immutable',
  name VARCHAR(100) NOT NULL,
  user_id BIGINT NOT NULL,
  sip_ha1 CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'MD5(number:tenant code:password), lower case',
  phone_pin_hash CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'MD5(pin:number:tenant code:phone sign-in password)',
  state ENUM('enabled','disabled') NOT NULL DEFAULT 'enabled',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY agent_id (id),
  UNIQUE KEY agent_number (tenant_id, number),
  UNIQUE KEY agent_user (tenant_id, user_id)
);

CREATE TABLE agent_group_member (
  tenant_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  agent_id BIGINT NOT NULL,
  leader TINYINT NOT NULL DEFAULT 0,
  takes_calls TINYINT NOT NULL DEFAULT 1 COMMENT '0: leader only, not offered calls',
  position INT NOT NULL COMMENT 'list order, decides ties',
  priority INT NOT NULL DEFAULT 1 COMMENT '1 is offered first',
  PRIMARY KEY (tenant_id, group_id, agent_id),
  KEY agent_group_member_agent (tenant_id, agent_id)
);

CREATE TABLE trunk (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(64) NOT NULL,
  address VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'IP address of the carrier',
  port INT NOT NULL,
  transport ENUM('udp','tcp','tls') NOT NULL DEFAULT 'udp',
  max_channels INT NOT NULL DEFAULT 0 COMMENT '0: no limit',
  state ENUM('enabled','disabled') NOT NULL DEFAULT 'enabled',
  PRIMARY KEY (tenant_id, id),
  KEY trunk_id (id),
  UNIQUE KEY trunk_name (tenant_id, name)
) COMMENT 'Shared trunks belong to tenant 1 and reach tenants by trunk_grant';

CREATE TABLE trunk_grant (
  tenant_id BIGINT NOT NULL,
  trunk_id BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, trunk_id)
);

CREATE TABLE did (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  number VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digits as the carrier sends them',
  name VARCHAR(100) NOT NULL DEFAULT '',
  target_kind ENUM('queue','agent','ivr','hangup') NOT NULL,
  target VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state ENUM('enabled','disabled') NOT NULL DEFAULT 'enabled',
  PRIMARY KEY (tenant_id, id),
  KEY did_id (id),
  UNIQUE KEY did_number (number)
);

CREATE TABLE configuration_generation (
  id TINYINT NOT NULL PRIMARY KEY,
  generation BIGINT NOT NULL COMMENT 'raised by every change of what the call engine reads'
);

INSERT INTO configuration_generation (id, generation) VALUES (1, 1);

INSERT INTO tenant (id, code, name, created_at) VALUES (1, 'platform', '平台', 0);
