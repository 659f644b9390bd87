-- SPDX-License-Identifier: GPL-2.0-or-later
-- Customers whom a dialler has called wait in queues too; the figures of a queue are of those who have called it.

ALTER TABLE queue_call
  ADD predictive TINYINT NOT NULL DEFAULT 0 COMMENT 'not in rollup_queue: a dialler has called him for the queue';
