-- SPDX-License-Identifier: GPL-2.0-or-later
-- Goods in warehouses, and orders of them. An order keeps what it was at: goods' names and prices are copied into its items.

CREATE TABLE orders_warehouse (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(50) NOT NULL,
  address VARCHAR(200) NOT NULL DEFAULT '',
  note VARCHAR(1000) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY orders_warehouse_id (id),
  UNIQUE KEY orders_warehouse_name (tenant_id, name)
);

CREATE TABLE orders_goods (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  warehouse_id BIGINT NOT NULL,
  code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  name VARCHAR(100) NOT NULL,
  unit VARCHAR(20) NOT NULL DEFAULT '',
  price BIGINT NOT NULL DEFAULT 0 COMMENT '1/10000 of the currency''s unit, as all amounts',
  stock INT NOT NULL DEFAULT 0 COMMENT 'what can be sold: submitted orders have taken theirs',
  serials TINYINT NOT NULL DEFAULT 0 COMMENT 'each piece has a SN, asked for when it is shipped',
  on_sale TINYINT NOT NULL DEFAULT 1,
  note VARCHAR(1000) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY orders_goods_id (id),
  UNIQUE KEY orders_goods_code (tenant_id, code, warehouse_id),
  KEY orders_goods_warehouse (tenant_id, warehouse_id, id),
  KEY orders_goods_name (tenant_id, name, id)
);

CREATE TABLE orders_order (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  parent BIGINT NOT NULL COMMENT 'number of the whole order; one over several warehouses has several rows',
  number VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'time and four digits',
  state ENUM('to_submit','to_review','to_pay','to_ship','shipped','received','refused','returned') NOT NULL DEFAULT 'to_submit',
  warehouse_id BIGINT NULL,
  amount BIGINT NOT NULL DEFAULT 0,
  prepaid TINYINT NOT NULL DEFAULT 0 COMMENT 'paid before it is shipped',
  paid_at BIGINT NULL,
  money_at BIGINT NULL COMMENT 'the money has come in',
  shipped_at BIGINT NULL,
  closed_at BIGINT NULL COMMENT 'received, refused or returned',
  tracking VARCHAR(50) NOT NULL DEFAULT '',
  carrier VARCHAR(50) NOT NULL DEFAULT '',
  freight BIGINT NOT NULL DEFAULT 0,
  seller_id BIGINT NULL,
  author_id BIGINT NULL COMMENT 'NULL: an API key',
  author VARCHAR(100) NOT NULL DEFAULT '',
  customer_id BIGINT NULL,
  customer_name VARCHAR(100) NOT NULL DEFAULT '',
  phone VARCHAR(32) NOT NULL DEFAULT '',
  phone_e164 VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NULL,
  phone_back VARCHAR(32) AS (REVERSE(phone_e164)) PERSISTENT COMMENT 'for its last digits',
  receiver_name VARCHAR(100) NOT NULL DEFAULT '',
  receiver_phone VARCHAR(32) NOT NULL DEFAULT '',
  receiver_address VARCHAR(300) NOT NULL DEFAULT '',
  invoice TINYINT NOT NULL DEFAULT 0,
  invoice_kind ENUM('plain','special','electronic') NOT NULL DEFAULT 'plain',
  invoice_title VARCHAR(100) NOT NULL DEFAULT '',
  invoice_tax_number VARCHAR(30) NOT NULL DEFAULT '',
  invoice_address VARCHAR(200) NOT NULL DEFAULT '',
  invoice_phone VARCHAR(32) NOT NULL DEFAULT '',
  invoice_bank VARCHAR(100) NOT NULL DEFAULT '',
  invoice_account VARCHAR(40) NOT NULL DEFAULT '',
  invoice_email VARCHAR(100) NOT NULL DEFAULT '',
  note VARCHAR(1000) NOT NULL DEFAULT '',
  attachment BIGINT NULL,
  call_id BINARY(16) NULL COMMENT 'the call that it came from',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY orders_order_id (id),
  UNIQUE KEY orders_order_number (tenant_id, number),
  KEY orders_order_parent (tenant_id, parent, id),
  KEY orders_order_state (tenant_id, state, id),
  KEY orders_order_created (tenant_id, created_at, id),
  KEY orders_order_seller (tenant_id, seller_id, id),
  KEY orders_order_author (tenant_id, author_id, id),
  KEY orders_order_customer (tenant_id, customer_id, id),
  KEY orders_order_phone (tenant_id, phone_e164, id),
  KEY orders_order_back (tenant_id, phone_back, id),
  KEY orders_order_tracking (tenant_id, tracking, id),
  KEY orders_order_warehouse (tenant_id, warehouse_id, id),
  KEY orders_order_call (tenant_id, call_id)
);

CREATE TABLE orders_item (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  order_id BIGINT NOT NULL,
  goods_id BIGINT NOT NULL,
  code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  name VARCHAR(100) NOT NULL,
  unit VARCHAR(20) NOT NULL DEFAULT '',
  price BIGINT NOT NULL,
  quantity INT NOT NULL,
  serials TINYINT NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  KEY orders_item_id (id),
  KEY orders_item_order (tenant_id, order_id, id),
  KEY orders_item_goods (tenant_id, goods_id, id),
  KEY orders_item_code (tenant_id, code, id)
);

CREATE TABLE orders_serial (
  tenant_id BIGINT NOT NULL,
  item_id BIGINT NOT NULL,
  order_id BIGINT NOT NULL,
  serial VARCHAR(64) NOT NULL,
  PRIMARY KEY (tenant_id, item_id, serial),
  KEY orders_serial_order (tenant_id, order_id),
  KEY orders_serial_serial (tenant_id, serial)
) COMMENT 'SN of what was shipped';

CREATE TABLE orders_log (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  order_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  deed ENUM('create','edit','submit','approve','send_back','pay','ship','receive','refuse','take_back','money','note') NOT NULL,
  user_id BIGINT NULL,
  user_name VARCHAR(100) NOT NULL DEFAULT '',
  before_state ENUM('to_submit','to_review','to_pay','to_ship','shipped','received','refused','returned') NOT NULL,
  after_state ENUM('to_submit','to_review','to_pay','to_ship','shipped','received','refused','returned') NOT NULL,
  note VARCHAR(1000) NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  KEY orders_log_id (id),
  KEY orders_log_order (tenant_id, order_id, id),
  KEY orders_log_at (tenant_id, at, id)
) COMMENT 'What happened to orders, one row each time';

CREATE TABLE orders_counter (
  tenant_id BIGINT NOT NULL PRIMARY KEY,
  parent BIGINT NOT NULL,
  number BIGINT NOT NULL
) COMMENT 'The numbers given last';
