-- SPDX-License-Identifier: GPL-2.0-or-later
-- Customers that were merged into others are removed after a time (the preference merged_days); what stays is who they were.

ALTER TABLE customer_merged
  ADD phone_e164 VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'its first number, by which its calls are found';
UPDATE customer_merged m JOIN customer c ON c.tenant_id = m.tenant_id AND c.id = m.customer_id SET m.phone_e164 = c.phone_e164;

ALTER TABLE customer_merge
  MODIFY state ENUM('done','undone','final') NOT NULL DEFAULT 'done' COMMENT 'final: the others are gone, it cannot be undone';
