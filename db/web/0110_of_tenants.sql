-- SPDX-License-Identifier: GPL-2.0-or-later
-- Applications for the work of tenants only: the platform has no customers of its own, and no pages for them.
ALTER TABLE plugin ADD of_tenants TINYINT NOT NULL DEFAULT 0 COMMENT 'the platform itself does not have it' AFTER per_tenant;
