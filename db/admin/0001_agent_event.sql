-- SPDX-License-Identifier: GPL-2.0-or-later
-- The list of agent events is in the order of the journal, newest first.

ALTER TABLE agent_event ADD KEY agent_event_seq (tenant_id, seq);
