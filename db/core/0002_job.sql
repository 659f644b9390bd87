-- Long work in the background: cc-jobd does it, pages show its progress.

CREATE TABLE job (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  kind VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'component.name, as registered in cc-jobd',
  parameters TEXT NULL COMMENT 'JSON',
  state ENUM('waiting','running','done','failed','cancelled') NOT NULL DEFAULT 'waiting',
  progress BIGINT NOT NULL DEFAULT 0,
  total BIGINT NULL COMMENT 'NULL: not known',
  result VARCHAR(1000) NOT NULL DEFAULT '' COMMENT 'one line for people',
  error VARCHAR(1000) NOT NULL DEFAULT '',
  attempts INT NOT NULL DEFAULT 0,
  owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'who runs it: node-pid-number',
  heartbeat_at BIGINT NULL COMMENT 'a running job without a fresh one has lost its owner',
  slot BIGINT NULL COMMENT 'UTC ms that a schedule made it for: one job per kind and slot',
  not_before BIGINT NOT NULL DEFAULT 0,
  created_by BIGINT NULL COMMENT 'user',
  created_at BIGINT NOT NULL,
  started_at BIGINT NULL,
  ended_at BIGINT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY job_id (id),
  KEY job_state (state, not_before, id),
  KEY job_owner (owner),
  UNIQUE KEY job_slot (tenant_id, kind, slot)
);
