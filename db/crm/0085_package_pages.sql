-- SPDX-License-Identifier: GPL-2.0-or-later
-- CRM-12: what a closed package hides, access numbers of packages, and which package a call belongs to.

ALTER TABLE customer_package
  ADD hides VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'customers,fields,calls,contacts,tasks,funnels'
    COMMENT 'pages that do not show it while it is closed (cc/packages.h)';

-- A package that is closed frees its access numbers.
CREATE TRIGGER customer_package_did AFTER UPDATE ON customer_package FOR EACH ROW
  UPDATE did SET package_id = NULL WHERE tenant_id = NEW.tenant_id AND package_id = IF(NEW.state = 'closed' AND
    OLD.state <> 'closed', NEW.id, NULL);

ALTER TABLE calls
  ADD package_id BIGINT NULL COMMENT 'customer_package that the call belongs to; NULL: of none, or from before there were any';
