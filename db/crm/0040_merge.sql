-- SPDX-License-Identifier: GPL-2.0-or-later
-- Merging of duplicates. The others stay as rows of customer with merged_into set: in no list and no index until the merge is
-- undone.

ALTER TABLE customer
  ADD merged_into BIGINT NULL COMMENT 'the customer that took its place; NULL: it is one';

CREATE TABLE customer_merge (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  package_id BIGINT NOT NULL,
  customer_id BIGINT NOT NULL COMMENT 'the survivor',
  name VARCHAR(100) NOT NULL COMMENT 'its name then',
  value MEDIUMTEXT NOT NULL COMMENT 'JSON: columns of the survivor that were changed: [before, after]',
  state ENUM('done','undone') NOT NULL DEFAULT 'done',
  at BIGINT NOT NULL,
  user_id BIGINT NULL,
  user_name VARCHAR(100) NOT NULL,
  undone_at BIGINT NULL,
  undone_by VARCHAR(100) NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  KEY customer_merge_id (id),
  KEY customer_merge_customer (tenant_id, customer_id)
) COMMENT 'What was merged, with what undoing brings back';

CREATE TABLE customer_merged (
  tenant_id BIGINT NOT NULL,
  merge_id BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  name VARCHAR(100) NOT NULL,
  PRIMARY KEY (tenant_id, merge_id, customer_id),
  KEY customer_merged_customer (tenant_id, customer_id)
) COMMENT 'The others of a merge';

CREATE TABLE customer_merge_row (
  tenant_id BIGINT NOT NULL,
  merge_id BIGINT NOT NULL,
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'apps/crm/src/merge_rows.c',
  row_id BIGINT NOT NULL COMMENT 'of the kind''s table; tag, share: the tag or agent that the survivor had not',
  customer_id BIGINT NOT NULL COMMENT 'whose it was',
  PRIMARY KEY (tenant_id, merge_id, kind, row_id)
) COMMENT 'What came to the survivor';
