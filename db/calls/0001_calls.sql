-- What cc-eventd and cc-recd write: calls, queue visits, agent events, recordings, roll-ups. Nothing else writes here.

CREATE TABLE journal_position (
  node INT NOT NULL PRIMARY KEY,
  segment VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  byte_offset BIGINT NOT NULL,
  seq BIGINT NOT NULL
);

CREATE TABLE journal_quarantine (
  node INT NOT NULL,
  segment VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  byte_offset BIGINT NOT NULL,
  reason VARCHAR(255) NOT NULL,
  record BLOB NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (node, segment, byte_offset)
);

CREATE TABLE event (
  node INT NOT NULL,
  seq BIGINT NOT NULL,
  tenant_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  type SMALLINT UNSIGNED NOT NULL COMMENT 'kamailio-mods/contract/events.def',
  version TINYINT UNSIGNED NOT NULL,
  call_id BINARY(16) NULL,
  call_seq INT UNSIGNED NOT NULL,
  fields TEXT NOT NULL COMMENT 'JSON as in the journal',
  PRIMARY KEY (node, seq),
  KEY event_call (call_id, call_seq),
  KEY event_tenant (tenant_id, at)
) COMMENT 'Every journal record, known or not: roll-ups can be rebuilt from here';

CREATE TABLE calls (
  tenant_id BIGINT NOT NULL,
  id BINARY(16) NOT NULL COMMENT 'ULID: sorts by start',
  started_at BIGINT NOT NULL,
  answered_at BIGINT NULL,
  bridged_at BIGINT NULL COMMENT 'first talk with a person',
  ended_at BIGINT NULL,
  direction ENUM('in','out','internal') NOT NULL,
  caller VARCHAR(64) NOT NULL COMMENT 'as received',
  caller_e164 VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
  caller_name VARCHAR(100) NOT NULL DEFAULT '',
  callee VARCHAR(64) NOT NULL,
  did VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  trunk VARCHAR(64) NULL,
  queue VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'last queue',
  agent VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'last agent that talked',
  agent_name VARCHAR(100) NULL COMMENT 'name then',
  cause VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'enum cc_cause',
  side ENUM('caller','callee','system') NULL,
  sip_code SMALLINT NULL,
  sip_text VARCHAR(100) NULL,
  ring_ms BIGINT NULL,
  wait_ms BIGINT NULL COMMENT 'in queues',
  talk_ms BIGINT NULL COMMENT 'first answer to end, queue included (CDR-07)',
  agent_ms BIGINT NULL COMMENT 'bridged with an agent',
  sip_call_id VARCHAR(128) NULL,
  PRIMARY KEY (tenant_id, id),
  KEY calls_caller (tenant_id, caller_e164, id),
  KEY calls_agent (tenant_id, agent, id),
  KEY calls_queue (tenant_id, queue, id),
  KEY calls_cause (tenant_id, cause, id)
) PARTITION BY RANGE COLUMNS(id) (PARTITION p_all VALUES LESS THAN (MAXVALUE));

CREATE TABLE call_leg (
  tenant_id BIGINT NOT NULL,
  id BINARY(16) NOT NULL,
  call_id BINARY(16) NOT NULL,
  role ENUM('caller','agent','callee') NOT NULL,
  agent VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NULL,
  started_at BIGINT NOT NULL,
  answered_at BIGINT NULL,
  ended_at BIGINT NULL,
  sip_code SMALLINT NULL,
  sip_text VARCHAR(100) NULL,
  PRIMARY KEY (tenant_id, id),
  KEY call_leg_call (tenant_id, call_id)
);

CREATE TABLE queue_call (
  tenant_id BIGINT NOT NULL,
  call_id BINARY(16) NOT NULL,
  visit INT NOT NULL,
  queue VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  entered_at BIGINT NOT NULL,
  left_at BIGINT NULL,
  connected_at BIGINT NULL,
  agent VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NULL,
  offers INT NOT NULL DEFAULT 0,
  result ENUM('answered','abandoned','overflowed','refused') NULL,
  cause VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  wait_ms BIGINT NULL,
  talk_ms BIGINT NULL,
  PRIMARY KEY (tenant_id, call_id, visit),
  KEY queue_call_queue (tenant_id, queue, entered_at)
);

CREATE TABLE agent_event (
  tenant_id BIGINT NOT NULL,
  node INT NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  agent VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  what VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  work VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  call_state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(64) NOT NULL DEFAULT '',
  queue VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
  initiator ENUM('agent','leader','system') NOT NULL,
  actor VARCHAR(64) NOT NULL DEFAULT '',
  call_id BINARY(16) NULL,
  PRIMARY KEY (tenant_id, node, seq),
  KEY agent_event_agent (tenant_id, agent, at),
  KEY agent_event_at (tenant_id, at)
);

CREATE TABLE recording (
  tenant_id BIGINT NOT NULL,
  call_id BINARY(16) NOT NULL,
  segment INT NOT NULL,
  leg_id BINARY(16) NOT NULL,
  started_at BIGINT NOT NULL,
  duration_ms BIGINT NOT NULL,
  volume VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'main',
  path VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'below the volume, without extension; .wav and .mp3 exist',
  wav_bytes BIGINT NOT NULL,
  mp3_bytes BIGINT NOT NULL,
  wav_sha256 BINARY(32) NOT NULL,
  mp3_sha256 BINARY(32) NOT NULL,
  packets_left INT NOT NULL,
  packets_right INT NOT NULL,
  lost_left INT NOT NULL,
  lost_right INT NOT NULL,
  state ENUM('ok','one_way','silent','damaged') NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, call_id, segment)
);

CREATE TABLE rollup_queue (
  tenant_id BIGINT NOT NULL,
  bucket BIGINT NOT NULL COMMENT 'UTC ms, multiple of 15 minutes, of the entry',
  queue VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  offered INT NOT NULL DEFAULT 0,
  answered INT NOT NULL DEFAULT 0,
  abandoned INT NOT NULL DEFAULT 0,
  overflowed INT NOT NULL DEFAULT 0,
  refused INT NOT NULL DEFAULT 0,
  wait_answered_ms BIGINT NOT NULL DEFAULT 0,
  wait_abandoned_ms BIGINT NOT NULL DEFAULT 0,
  talk_ms BIGINT NOT NULL DEFAULT 0,
  within_10s INT NOT NULL DEFAULT 0,
  within_20s INT NOT NULL DEFAULT 0,
  within_30s INT NOT NULL DEFAULT 0,
  within_60s INT NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, bucket, queue)
);
