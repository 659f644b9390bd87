-- SPDX-License-Identifier: GPL-2.0-or-later
-- Appointments with an end, occurrences that were moved or cancelled, snoozing, and the registration of call-backs.

ALTER TABLE appointment
  ADD kind ENUM('appointment','callback') NOT NULL DEFAULT 'appointment',
  ADD until_day BIGINT NULL COMMENT 'yyyymmdd: the last day of a repeated one; NULL: no end',
  ADD next_original BIGINT NULL COMMENT 'of next_at: when the rule has it',
  ADD snoozed_until BIGINT NULL COMMENT 'next_at does not remind before',
  ADD done_at BIGINT NULL COMMENT 'when somebody last said that it was done';

UPDATE appointment SET next_original = next_at;

CREATE TABLE appointment_exception (
  tenant_id BIGINT NOT NULL,
  appointment_id BIGINT NOT NULL,
  original_at BIGINT NOT NULL COMMENT 'when the rule has it',
  moved_to BIGINT NULL COMMENT 'NULL: cancelled',
  PRIMARY KEY (tenant_id, appointment_id, original_at)
) COMMENT 'Occurrences of repeated appointments that are not as the rule says';
