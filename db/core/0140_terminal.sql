-- SPDX-License-Identifier: GPL-2.0-or-later
-- CALL-06: agents choose which of their telephones ring.
ALTER TABLE agent ADD terminal ENUM('all','phone','web') NOT NULL DEFAULT 'all' COMMENT 'telephones that ring: those in pages, the others';
