-- SPDX-License-Identifier: GPL-2.0-or-later
-- STATE-06: the pauses of agents, for their report. cc-eventd keeps them with the events that they come from;
-- "cc-admin rebuild-rollups" makes them anew.

CREATE TABLE agent_pause (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  agent VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind ENUM('busy','away','auto_pause','queue_busy') NOT NULL COMMENT 'the event that it began with',
  reason VARCHAR(64) NOT NULL DEFAULT '',
  queue VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'queue_busy: the one it is about; auto_pause: of the call',
  initiator ENUM('agent','leader','system') NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT NULL COMMENT 'NULL: it lasts',
  PRIMARY KEY (tenant_id, id),
  KEY agent_pause_id (id),
  KEY agent_pause_open (tenant_id, agent, ended_at),
  KEY agent_pause_started (tenant_id, started_at),
  KEY agent_pause_agent (tenant_id, agent, started_at)
);

INSERT INTO agent_pause (tenant_id, agent, kind, reason, queue, initiator, started_at, ended_at)
  SELECT tenant_id, agent, what, reason, queue, initiator, at, ended FROM (
    SELECT tenant_id, node, seq, agent, what, reason, queue, initiator, at,
      LEAD(at) OVER (PARTITION BY tenant_id, agent, IF(what IN ('queue_busy', 'queue_idle', 'sign_out', 'auto_sign_out'), queue, '')
        ORDER BY at, node, seq) AS ended
    FROM agent_event WHERE what IN ('busy', 'away', 'auto_pause', 'queue_busy', 'idle', 'offline', 'queue_idle', 'sign_out', 'auto_sign_out')) e
  WHERE what IN ('busy', 'away', 'auto_pause', 'queue_busy') ORDER BY node, seq;

INSERT INTO role_template_permission (code, permission) VALUES ('agent', 'reports.pauses.list'), ('api', 'reports.pauses.list');

INSERT IGNORE INTO role_permission (tenant_id, role_id, permission)
  SELECT tenant_id, id, 'reports.pauses.list' FROM role WHERE code IN ('agent', 'api');
