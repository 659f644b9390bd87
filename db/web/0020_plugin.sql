-- Plugins, paid applications and their modules: what there is, for whom it is switched on, what happened to it.

CREATE TABLE plugin (
  name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind ENUM('application','module','plugin') NOT NULL,
  owner VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'application of a module',
  version VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  title VARCHAR(100) NOT NULL DEFAULT '' COMMENT 'English; key of the translation',
  summary VARCHAR(300) NOT NULL DEFAULT '' COMMENT 'English; key of the translation',
  hosts VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'words with spaces around each',
  needs VARCHAR(300) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'name and version, with commas around each',
  per_tenant TINYINT NOT NULL DEFAULT 0 COMMENT 'a tenant has it only with a row in plugin_tenant',
  state ENUM('disabled','enabled') NOT NULL DEFAULT 'disabled' COMMENT 'for the platform',
  fault VARCHAR(300) NOT NULL DEFAULT '' COMMENT 'why its file is refused',
  stopped VARCHAR(300) NOT NULL DEFAULT '' COMMENT 'why it was disabled when nobody wanted that',
  enabled_at BIGINT NOT NULL DEFAULT 0 COMMENT 'its handlers get the events from there on'
);

CREATE TABLE plugin_tenant (
  tenant_id BIGINT NOT NULL,
  plugin VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enabled_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, plugin)
) COMMENT 'A row: switched on for the tenant';

CREATE TABLE plugin_generation (
  id TINYINT NOT NULL PRIMARY KEY,
  generation BIGINT NOT NULL COMMENT 'raised by every switch; a worker that knows an older one looks and reloads'
);

INSERT INTO plugin_generation (id, generation) VALUES (1, 1);

CREATE TABLE plugin_option (
  tenant_id BIGINT NOT NULL,
  plugin VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value VARCHAR(1000) NOT NULL,
  PRIMARY KEY (tenant_id, plugin, name)
);

CREATE TABLE plugin_crash (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  plugin VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  at BIGINT NOT NULL,
  host VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  what VARCHAR(200) NOT NULL COMMENT 'request, event or job that it was at',
  how VARCHAR(100) NOT NULL,
  KEY plugin_crash_plugin (plugin, at)
);

CREATE TABLE plugin_cursor (
  node INT NOT NULL,
  plugin VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  segment VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  byte_offset BIGINT NOT NULL,
  seq BIGINT NOT NULL COMMENT 'last journal record that its handlers are done with',
  PRIMARY KEY (node, plugin)
);

CREATE TABLE registry_option (
  component VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  position INT NOT NULL,
  kind ENUM('text','int','bool','choice') NOT NULL,
  label VARCHAR(100) NOT NULL COMMENT 'English; key of the translation',
  help VARCHAR(300) NOT NULL DEFAULT '' COMMENT 'English; key of the translation',
  initial VARCHAR(1000) NOT NULL,
  low BIGINT NOT NULL,
  high BIGINT NOT NULL,
  choices VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'codes with spaces between them',
  PRIMARY KEY (component, name)
);

CREATE TABLE registry_tab (
  component VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  place VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  path VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  label VARCHAR(100) NOT NULL COMMENT 'English; key of the translation',
  permission VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  position INT NOT NULL,
  PRIMARY KEY (place, component, path)
);

CREATE TABLE registry_report (
  component VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  path VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  label VARCHAR(100) NOT NULL COMMENT 'English; key of the translation',
  permission VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  position INT NOT NULL,
  PRIMARY KEY (component, path)
);

CREATE TABLE registry_job (
  component VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  daily_at_min INT NOT NULL COMMENT 'UTC; -1: never by itself',
  limit_s INT NOT NULL
);

CREATE TABLE plugin_passed (
  node INT NOT NULL,
  plugin VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  event VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  how VARCHAR(100) NOT NULL,
  PRIMARY KEY (node, plugin, seq)
) COMMENT 'Events that its handler refused or crashed at: it does not get them again';
