-- Tables of the skeleton. Names begin with the plugin's; rows of a tenant begin with tenant_id.

CREATE TABLE skeleton_note (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  at BIGINT NOT NULL,
  number VARCHAR(32) NOT NULL,
  text VARCHAR(500) NOT NULL,
  mood ENUM('good','bad') NOT NULL,
  author VARCHAR(100) NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  KEY skeleton_note_id (id),
  KEY skeleton_note_number (tenant_id, number, id)
);

CREATE TABLE skeleton_day (
  tenant_id BIGINT NOT NULL,
  day INT NOT NULL COMMENT 'since 1970, UTC',
  calls INT NOT NULL,
  PRIMARY KEY (tenant_id, day)
);
