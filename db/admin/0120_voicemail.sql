-- SPDX-License-Identifier: GPL-2.0-or-later
-- TEL-22: messages that callers have left. cc-eventd writes them; pages say that one was heard, and delete (live NULL).

CREATE TABLE voicemail (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  call_id BINARY(16) NOT NULL,
  segment INT NOT NULL COMMENT 'of the recording of the call: the message …',
  last_segment INT NOT NULL COMMENT '… up to this one',
  agent VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'whose box; NULL: that of the queue',
  queue VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
  at BIGINT NOT NULL COMMENT 'when it was over',
  duration_ms BIGINT NOT NULL,
  caller VARCHAR(64) NOT NULL,
  caller_name VARCHAR(100) NOT NULL DEFAULT '',
  did VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  heard_at BIGINT NULL,
  heard_by VARCHAR(64) NULL COMMENT 'the first who played it, of those whose box it is',
  live TINYINT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  KEY voicemail_id (id),
  UNIQUE KEY voicemail_call (tenant_id, call_id, segment),
  KEY voicemail_agent (tenant_id, agent, live, heard_at),
  KEY voicemail_queue (tenant_id, queue, live, heard_at),
  KEY voicemail_at (tenant_id, at)
);

INSERT INTO role_template_permission (code, permission) VALUES
  ('agent', 'reports.voicemail.list'), ('agent', 'reports.voicemail.play'), ('agent', 'reports.voicemail.delete'),
  ('api', 'reports.voicemail.list'), ('api', 'reports.voicemail.play');

INSERT IGNORE INTO role_permission (tenant_id, role_id, permission)
  SELECT r.tenant_id, r.id, p.permission FROM role r JOIN role_template_permission p ON p.code = r.code
  WHERE r.code IN ('agent', 'api') AND p.permission LIKE 'reports.voicemail.%';
