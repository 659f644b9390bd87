-- SPDX-License-Identifier: GPL-2.0-or-later
-- CALL-12: the last calls of an agent, those too that somebody else took.
ALTER TABLE call_leg ADD KEY call_leg_agent (tenant_id, agent, id);
