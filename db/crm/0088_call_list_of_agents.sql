-- SPDX-License-Identifier: GPL-2.0-or-later
-- An agent's rows of a call task in whatever state, in the order of the list. Rows of an import are looked for only when it is
-- undone, which walks through the task's customers anyway.

ALTER TABLE call_task_customer
  ADD KEY call_task_customer_mine (tenant_id, task_id, agent_id, id),
  DROP KEY call_task_customer_batch;
