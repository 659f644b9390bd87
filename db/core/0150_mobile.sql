-- SPDX-License-Identifier: GPL-2.0-or-later
-- CALL-06: an agent's calls may go to a mobile or landline number.
ALTER TABLE agent
  MODIFY terminal ENUM('all','phone','web','mobile') NOT NULL DEFAULT 'all' COMMENT 'what rings: all telephones, not those in pages, only these, the number outside',
  ADD mobile VARCHAR(24) NOT NULL DEFAULT '' COMMENT 'number outside, empty: none',
  ADD mobile_confirm TINYINT(1) NOT NULL DEFAULT 1 COMMENT 'who answers there takes the call with a key';
