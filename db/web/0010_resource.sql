-- Permissions that come from the tables of resources, and what a user chose for a list.

ALTER TABLE registry_permission ADD COLUMN subject VARCHAR(100) NOT NULL DEFAULT ''
  COMMENT 'title of the resource or label of the column it is about; English, key of the translation; empty: the label says all';

CREATE TABLE registry_resource (
  path VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  component VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(100) NOT NULL COMMENT 'English; key of the translation',
  permission VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  actions INT NOT NULL COMMENT '1 create, 2 edit, 4 delete, 8 export',
  columns TEXT NOT NULL COMMENT 'JSON: name, type, flags (cc/resource.h)'
) COMMENT 'Lists and forms that are made of tables';

CREATE TABLE list_view (
  tenant_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  list VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'path of the resource',
  columns TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'names with commas between them, in the order shown',
  size INT NOT NULL COMMENT 'rows per page',
  PRIMARY KEY (tenant_id, user_id, list)
) COMMENT 'Which columns a user sees, and how many rows';

ALTER TABLE job
  ADD COLUMN page VARCHAR(100) NOT NULL DEFAULT '' COMMENT 'title of the page that asked for it; English, key of the translation',
  ADD COLUMN options VARCHAR(100) NOT NULL DEFAULT '' COMMENT 'what exactly: csv, xlsx, edit, delete',
  ADD COLUMN file VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'name of the file for people',
  ADD COLUMN path VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'below data/jobs/<tenant>; empty: there is none yet',
  ADD COLUMN size BIGINT NOT NULL DEFAULT 0 COMMENT 'bytes of the file',
  ADD COLUMN ok BIGINT NOT NULL DEFAULT 0 COMMENT 'rows that went well',
  ADD COLUMN bad BIGINT NOT NULL DEFAULT 0 COMMENT 'rows that did not',
  ADD COLUMN cancel TINYINT NOT NULL DEFAULT 0 COMMENT 'somebody wants it to end',
  ADD COLUMN server VARCHAR(64) NOT NULL DEFAULT '' COMMENT 'host that does it or did it',
  ADD COLUMN created_name VARCHAR(100) NOT NULL DEFAULT '' COMMENT 'user name of created_by at that time';
