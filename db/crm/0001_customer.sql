-- Customers (客户资料), base fields; packages and custom fields come with the customer application.
CREATE TABLE customer (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  phone VARCHAR(32) NOT NULL COMMENT 'as entered',
  phone_e164 VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
  email VARCHAR(255) NOT NULL DEFAULT '',
  sex ENUM('','male','female') NOT NULL DEFAULT '',
  note VARCHAR(1000) NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY customer_id (id),
  KEY customer_phone (tenant_id, phone_e164)
);
