-- Where the customer's number of each call is from.

CREATE TABLE area_call (
  tenant_id BIGINT NOT NULL,
  call_id BINARY(16) NOT NULL,
  province VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  city VARCHAR(100) NOT NULL,
  city_english VARCHAR(100) NOT NULL,
  operator VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'empty: fixed line',
  PRIMARY KEY (tenant_id, call_id),
  KEY area_call_province (tenant_id, province, call_id),
  KEY area_call_operator (tenant_id, operator, call_id)
);
