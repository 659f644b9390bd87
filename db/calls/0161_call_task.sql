-- SPDX-License-Identifier: GPL-2.0-or-later
-- Which call task a call was made for: what the dialler said, or the task that the customer of a page's call was in.

ALTER TABLE calls
  ADD task_id BIGINT NULL COMMENT 'call_task; NULL: for none, or from before there were any';
