-- Announcements of a tenant to its users (MSG-01). Without a row of announcement_receiver that concerns them, users see
-- those to all only.
CREATE TABLE announcement (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  title VARCHAR(100) NOT NULL,
  body TEXT NOT NULL,
  receivers ENUM('all','groups','agents') NOT NULL,
  popup TINYINT NOT NULL DEFAULT 0 COMMENT 'opens by itself until it is read',
  big_screen TINYINT NOT NULL DEFAULT 0 COMMENT 'shown on the wallboard',
  valid_days INT NOT NULL DEFAULT 0 COMMENT '0: for ever',
  expires_at BIGINT NULL COMMENT 'created_at and valid_days; NULL: never',
  author_id BIGINT NOT NULL,
  author VARCHAR(100) NOT NULL COMMENT 'name then',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY announcement_id (id)
);

CREATE TABLE announcement_receiver (
  tenant_id BIGINT NOT NULL,
  announcement_id BIGINT NOT NULL,
  kind ENUM('group','agent') NOT NULL,
  receiver_id BIGINT NOT NULL COMMENT 'agent_group.id or agent.id',
  PRIMARY KEY (tenant_id, announcement_id, kind, receiver_id)
);

CREATE TABLE announcement_read (
  tenant_id BIGINT NOT NULL,
  announcement_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, announcement_id, user_id)
);
