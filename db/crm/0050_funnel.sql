-- SPDX-License-Identifier: GPL-2.0-or-later
-- Customers come to a step of the funnel by a contact record only: by it they are counted and listed, however many others
-- there are. (An index of customer would make every import slower.)
ALTER TABLE contact_record ADD KEY contact_record_funnel (tenant_id, funnel_id, customer_id);
