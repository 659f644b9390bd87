-- SPDX-License-Identifier: GPL-2.0-or-later
-- Customer packages with fields of their own, batches, sources, types, tags, dictionaries, ownership. apps/crm/README.md
-- says why custom fields are numbered columns and why they are searched through customer_index.

CREATE TABLE customer_package (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  code VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'letters and digits, immutable',
  name VARCHAR(100) NOT NULL,
  state ENUM('open','closed') NOT NULL DEFAULT 'open',
  standard TINYINT NOT NULL DEFAULT 0 COMMENT '1: the default package, cannot be deleted',
  unique_phone TINYINT NOT NULL DEFAULT 1 COMMENT 'no telephone number twice, in whatever field',
  unique_fields VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'columns whose values together are not twice, with commas between them',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY customer_package_id (id),
  UNIQUE KEY customer_package_code (tenant_id, code),
  UNIQUE KEY customer_package_name (tenant_id, name)
);

CREATE TABLE customer_field (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  package_id BIGINT NOT NULL,
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'in JSON and files: letters, digits, _',
  label VARCHAR(100) NULL COMMENT 'NULL: the translated one of a base field',
  kind ENUM('text','phone','lines','email','date','link','file','address','choice','linked','number','sex') NOT NULL,
  slot VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'column of customer: a base one, or x01… (searched through customer_index), t01… (not searched), n01… (numbers, searched)',
  choices TEXT NULL COMMENT 'JSON: choice: ["a","b"]; linked: {"广东": ["广州"]}; address: the list',
  several TINYINT NOT NULL DEFAULT 0 COMMENT 'choice: more than one',
  free TINYINT NOT NULL DEFAULT 0 COMMENT 'choice: others may be typed',
  parent_id BIGINT NULL COMMENT 'linked: the field that decides',
  required TINYINT NOT NULL DEFAULT 0,
  required_on_success TINYINT NOT NULL DEFAULT 0,
  is_unique TINYINT NOT NULL DEFAULT 0,
  in_list TINYINT NOT NULL DEFAULT 1,
  in_pop TINYINT NOT NULL DEFAULT 1,
  in_record TINYINT NOT NULL DEFAULT 0 COMMENT 'can be edited with the contact record of a call',
  pop_match TINYINT NOT NULL DEFAULT 0 COMMENT 'phone: finds the customer of a call',
  in_import TINYINT NOT NULL DEFAULT 1,
  in_export TINYINT NOT NULL DEFAULT 1,
  min_length INT NOT NULL DEFAULT 0 COMMENT '0: not checked',
  max_length INT NOT NULL DEFAULT 0 COMMENT '0: not checked',
  no_punctuation TINYINT NOT NULL DEFAULT 0,
  position INT NOT NULL DEFAULT 0,
  zone ENUM('A','B') NOT NULL DEFAULT 'A' COMMENT 'B is highlighted in the pop',
  width INT NOT NULL DEFAULT 0 COMMENT 'pixels; 0: as it comes',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY customer_field_id (id),
  UNIQUE KEY customer_field_name (tenant_id, package_id, name),
  UNIQUE KEY customer_field_label (tenant_id, package_id, label),
  UNIQUE KEY customer_field_slot (tenant_id, package_id, slot)
);

CREATE TABLE customer_field_right (
  tenant_id BIGINT NOT NULL,
  field_id BIGINT NOT NULL,
  role_id BIGINT NOT NULL,
  may ENUM('none','view','edit') NOT NULL COMMENT 'no row: edit',
  PRIMARY KEY (tenant_id, field_id, role_id)
);

CREATE TABLE customer_source (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  colour CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '#1f5fbf',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY customer_source_id (id),
  UNIQUE KEY customer_source_name (tenant_id, name)
);

CREATE TABLE customer_type (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  digit CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'key of the mark codes on a phone',
  position INT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY customer_type_id (id),
  UNIQUE KEY customer_type_name (tenant_id, name),
  UNIQUE KEY customer_type_digit (tenant_id, digit)
);

CREATE TABLE customer_tag (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(50) NOT NULL,
  colour CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '#1f5fbf',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY customer_tag_id (id),
  UNIQUE KEY customer_tag_name (tenant_id, name)
);

CREATE TABLE customer_tagged (
  tenant_id BIGINT NOT NULL,
  tag_id BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, tag_id, customer_id),
  KEY customer_tagged_customer (tenant_id, customer_id)
);

CREATE TABLE customer_dictionary (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  package_id BIGINT NOT NULL,
  name VARCHAR(100) NOT NULL,
  field VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'name of the field whose value is looked up',
  file_id BIGINT NULL COMMENT 'of the table file: what it was read from',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY customer_dictionary_id (id),
  UNIQUE KEY customer_dictionary_name (tenant_id, name)
) COMMENT 'Imports fill in empty fields from the values of another one';

CREATE TABLE customer_dictionary_entry (
  tenant_id BIGINT NOT NULL,
  dictionary_id BIGINT NOT NULL,
  value VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'of the field that is looked up',
  fills TEXT NOT NULL COMMENT 'JSON: {"area": "广东"}, by names of fields',
  PRIMARY KEY (tenant_id, dictionary_id, value)
);

CREATE TABLE customer_batch (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  package_id BIGINT NOT NULL,
  name VARCHAR(100) NOT NULL,
  file_id BIGINT NULL COMMENT 'of the table file',
  state ENUM('draft','running','committed','failed','cancelled','undone') NOT NULL DEFAULT 'draft',
  hidden TINYINT NOT NULL DEFAULT 1 COMMENT '1: nobody sees its customers: they are being written or removed',
  first_id BIGINT NULL COMMENT 'its customers are between these ids (others are too)',
  last_id BIGINT NULL,
  options TEXT NULL COMMENT 'JSON: what the import was told',
  source_id BIGINT NULL COMMENT 'that was made for it',
  rows_read BIGINT NOT NULL DEFAULT 0,
  rows_new BIGINT NOT NULL DEFAULT 0,
  rows_changed BIGINT NOT NULL DEFAULT 0,
  rows_skipped BIGINT NOT NULL DEFAULT 0,
  rows_bad BIGINT NOT NULL DEFAULT 0,
  problem VARCHAR(300) NOT NULL DEFAULT '' COMMENT 'why it failed, for people',
  job_id BIGINT NULL,
  created_by BIGINT NULL,
  created_at BIGINT NOT NULL,
  committed_at BIGINT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY customer_batch_id (id),
  KEY customer_batch_hidden (tenant_id, hidden)
);

CREATE TABLE customer_before (
  tenant_id BIGINT NOT NULL,
  batch_id BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  value MEDIUMTEXT NOT NULL COMMENT 'JSON: the columns that the batch changed, as they were',
  PRIMARY KEY (tenant_id, batch_id, customer_id)
) COMMENT 'What undoing a batch brings back';

CREATE TABLE customer_index (
  tenant_id BIGINT NOT NULL,
  package_id BIGINT NOT NULL,
  slot TINYINT NOT NULL COMMENT '1: telephone number (E.164, of any field), 2: the number backwards, 3: name, 4: combination, 11 to 18: x01 to x08, 21 to 24: n01 to n04',
  value VARBINARY(255) NOT NULL COMMENT 'letters in lower case; numbers: 8 bytes in order; apps/crm/src/index.h',
  twin BIGINT NOT NULL COMMENT '0: the value must not be there twice; else customer_id',
  customer_id BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, package_id, slot, value, twin)
) COMMENT 'What customers are searched by, and what they must not have in common';

CREATE TABLE customer_change (
  tenant_id BIGINT NOT NULL,
  batch_id BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  row_no BIGINT NOT NULL COMMENT 'of the file; the last row of a customer wins',
  value MEDIUMTEXT NOT NULL COMMENT 'JSON: columns and their new values',
  PRIMARY KEY (tenant_id, batch_id, customer_id)
) COMMENT 'What a running import will change in customers that are there already; done when it commits';

ALTER TABLE customer
  ADD package_id BIGINT NOT NULL DEFAULT 0,
  ADD batch_id BIGINT NOT NULL DEFAULT 0 COMMENT 'that it came with',
  ADD source_id BIGINT NULL,
  ADD type_id BIGINT NULL,
  ADD age INT NULL,
  ADD city VARCHAR(100) NOT NULL DEFAULT '',
  ADD area VARCHAR(100) NOT NULL DEFAULT '',
  ADD group_id BIGINT NULL COMMENT 'assigned to a group',
  ADD agent_id BIGINT NULL COMMENT 'assigned to an agent; neither: public sea',
  ADD assigned_at BIGINT NULL,
  ADD funnel_id BIGINT NULL,
  ADD contacted_at BIGINT NULL,
  ADD contact_answered TINYINT NOT NULL DEFAULT 0,
  ADD no_call TINYINT NOT NULL DEFAULT 0 COMMENT 'the whole customer is not to be called',
  ADD created_by BIGINT NULL,
  ADD x01 VARCHAR(190) NULL, ADD x02 VARCHAR(190) NULL, ADD x03 VARCHAR(190) NULL, ADD x04 VARCHAR(190) NULL,
  ADD x05 VARCHAR(190) NULL, ADD x06 VARCHAR(190) NULL, ADD x07 VARCHAR(190) NULL, ADD x08 VARCHAR(190) NULL,
  ADD n01 BIGINT NULL, ADD n02 BIGINT NULL, ADD n03 BIGINT NULL, ADD n04 BIGINT NULL,
  ADD t01 TEXT NULL, ADD t02 TEXT NULL, ADD t03 TEXT NULL, ADD t04 TEXT NULL,
  ADD t05 TEXT NULL, ADD t06 TEXT NULL, ADD t07 TEXT NULL, ADD t08 TEXT NULL,
  ADD t09 TEXT NULL, ADD t10 TEXT NULL, ADD t11 TEXT NULL, ADD t12 TEXT NULL,
  ADD t13 TEXT NULL, ADD t14 TEXT NULL, ADD t15 TEXT NULL, ADD t16 TEXT NULL,
  DROP KEY customer_phone,
  ADD KEY customer_package (tenant_id, package_id, id),
  ADD KEY customer_agent (tenant_id, agent_id),
  ADD KEY customer_group (tenant_id, group_id);

-- Every package begins with the base fields, every tenant with a package.
CREATE TRIGGER customer_package_fields AFTER INSERT ON customer_package FOR EACH ROW
  INSERT INTO customer_field (tenant_id, package_id, name, kind, slot, max_length, required, pop_match, position, created_at,
    updated_at)
  SELECT NEW.tenant_id, NEW.id, f.name, f.kind, f.name, f.longest, f.name = 'phone', f.name = 'phone', f.position,
    NEW.created_at, NEW.created_at
  FROM (SELECT 'name' name, 'text' kind, 100 longest, 1 position UNION SELECT 'phone', 'phone', 0, 2
    UNION SELECT 'email', 'email', 0, 3 UNION SELECT 'sex', 'sex', 0, 4 UNION SELECT 'age', 'number', 0, 5
    UNION SELECT 'city', 'text', 100, 6 UNION SELECT 'area', 'text', 100, 7 UNION SELECT 'note', 'lines', 1000, 8) f;

CREATE TRIGGER tenant_customer_package AFTER INSERT ON tenant FOR EACH ROW
  INSERT INTO customer_package (tenant_id, code, name, standard, created_at, updated_at)
  SELECT NEW.id, 'default', '默认', 1, NEW.created_at, NEW.created_at FROM DUAL WHERE NEW.id > 1;

INSERT INTO customer_package (tenant_id, code, name, standard, created_at, updated_at)
  SELECT id, 'default', '默认', 1, created_at, created_at FROM tenant WHERE id > 1;

UPDATE customer c JOIN customer_package p ON p.tenant_id = c.tenant_id AND p.standard = 1 SET c.package_id = p.id;

-- customers from before: numbers are taken by the first who has them
INSERT IGNORE INTO customer_index (tenant_id, package_id, slot, value, twin, customer_id)
  SELECT tenant_id, package_id, 1, phone_e164, 0, id FROM customer WHERE phone_e164 IS NOT NULL ORDER BY id;
INSERT INTO customer_index (tenant_id, package_id, slot, value, twin, customer_id)
  SELECT tenant_id, package_id, 2, REVERSE(phone_e164), id, id FROM customer WHERE phone_e164 IS NOT NULL;
INSERT INTO customer_index (tenant_id, package_id, slot, value, twin, customer_id)
  SELECT tenant_id, package_id, 3, LEFT(LOWER(name), 60), id, id FROM customer WHERE name <> '';

INSERT INTO role_template_permission (code, permission) VALUES ('leader', 'crm.*');
INSERT IGNORE INTO role_permission (tenant_id, role_id, permission)
  SELECT tenant_id, id, 'crm.*' FROM role WHERE code = 'leader' AND standard = 1;
