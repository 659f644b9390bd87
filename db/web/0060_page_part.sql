-- SPDX-License-Identifier: GPL-2.0-or-later
-- Parts that applications give to every page are remembered like the menu.

CREATE TRIGGER registry_tab_inserted AFTER INSERT ON registry_tab FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (0, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER registry_tab_updated AFTER UPDATE ON registry_tab FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (0, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;

CREATE TRIGGER registry_tab_deleted AFTER DELETE ON registry_tab FOR EACH ROW
  INSERT INTO web_generation (tenant_id, generation) VALUES (0, 1) ON DUPLICATE KEY UPDATE generation = generation + 1;
