-- What the contract of a tenant has of plugins, paid applications and modules is for the operator to say; the tenant's
-- administrator may switch it off and on again.

ALTER TABLE plugin_tenant
  ADD off TINYINT NOT NULL DEFAULT 0 COMMENT 'the tenant switched it off',
  COMMENT 'A row: it is in the contract of the tenant';

ALTER TABLE plugin
  ADD permissions VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of a module: what begins like this belongs to it';
