-- SPDX-License-Identifier: GPL-2.0-or-later
-- The customer package that callers of an access number belong to.

ALTER TABLE did
  ADD package_id BIGINT NULL COMMENT 'customer_package; NULL: the default one',
  ADD KEY did_package (tenant_id, package_id);
