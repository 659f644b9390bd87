-- SPDX-License-Identifier: GPL-2.0-or-later
ALTER TABLE job
  ADD resume VARCHAR(100) NOT NULL DEFAULT '' COMMENT 'how far it came, in the words of its task, written with what it did: run again it goes on behind that';
