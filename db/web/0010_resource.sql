-- Permissions that come from the tables of resources, and what a user chose for a list.

ALTER TABLE registry_permission ADD COLUMN subject VARCHAR(100) NOT NULL DEFAULT ''
  COMMENT 'title of the resource or label of the column it is about; English, key of the translation; empty: the label says all';

CREATE TABLE list_view (
  tenant_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  list VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'path of the resource',
  columns TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'names with commas between them, in the order shown',
  size INT NOT NULL COMMENT 'rows per page',
  PRIMARY KEY (tenant_id, user_id, list)
) COMMENT 'Which columns a user sees, and how many rows';
