-- SPDX-License-Identifier: GPL-2.0-or-later
-- Which filters of a list a user sees without asking for more of them.

ALTER TABLE list_view
  ADD filters TEXT CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'names with commas between them; NULL: the first of the list';
