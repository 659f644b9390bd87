-- SPDX-License-Identifier: GPL-2.0-or-later
-- STATE-02: the reasons that agents and leaders choose from when somebody is set busy. The call engine journals the name;
-- events keep the one they were written with.

CREATE TABLE pause_reason (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(20) NOT NULL COMMENT 'one of the words break, meal, meeting, training, other is shown in each user''s language',
  position INT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY pause_reason_id (id),
  KEY pause_reason_position (tenant_id, position, id),
  UNIQUE KEY pause_reason_name (tenant_id, name)
);

CREATE TABLE pause_reason_template (
  name VARCHAR(20) NOT NULL PRIMARY KEY,
  position INT NOT NULL
) COMMENT 'The reasons that every new tenant begins with';

INSERT INTO pause_reason_template (name, position) VALUES ('break', 10), ('meal', 20), ('meeting', 30), ('training', 40), ('other', 50);

INSERT INTO pause_reason (tenant_id, name, position, created_at, updated_at)
  SELECT t.id, p.name, p.position, t.created_at, t.created_at FROM tenant t JOIN pause_reason_template p;

CREATE TRIGGER tenant_pause_reasons AFTER INSERT ON tenant FOR EACH ROW
  INSERT INTO pause_reason (tenant_id, name, position, created_at, updated_at)
    SELECT NEW.id, name, position, NEW.created_at, NEW.created_at FROM pause_reason_template;
