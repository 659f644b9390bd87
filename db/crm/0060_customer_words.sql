-- SPDX-License-Identifier: GPL-2.0-or-later
-- Other texts of customers are found by their parts as names are: what they have so far, ASCII letters in lower case
-- (apps/crm/src/index.h).

ALTER TABLE customer_text
  MODIFY slot TINYINT NOT NULL COMMENT '1: telephone numbers, 3: names, 31 to 34: email, city, area, note, 35 to 42: x01 to x08';

SET SESSION group_concat_max_len = 16777216;
INSERT INTO customer_text (tenant_id, package_id, slot, block, body)
  SELECT tenant_id, package_id, slot, customer_id DIV 1024,
    GROUP_CONCAT(CHAR(1, 64 + (customer_id MOD 1024) DIV 32, 64 + customer_id MOD 32), REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(value,'A','a'),'B','b'),'C','c'),'D','d'),'E','e'),'F','f'),'G','g'),'H','h'),'I','i'),'J','j'),'K','k'),'L','l'),'M','m'),'N','n'),'O','o'),'P','p'),'Q','q'),'R','r'),'S','s'),'T','t'),'U','u'),'V','v'),'W','w'),'X','x'),'Y','y'),'Z','z'), CHAR(2)
      ORDER BY customer_id SEPARATOR '')
  FROM (
    SELECT tenant_id, package_id, id customer_id, 31 slot, CAST(email AS BINARY) value FROM customer WHERE merged_into IS NULL
    UNION ALL
    SELECT tenant_id, package_id, id, 32, CAST(city AS BINARY) FROM customer WHERE merged_into IS NULL
    UNION ALL
    SELECT tenant_id, package_id, id, 33, CAST(area AS BINARY) FROM customer WHERE merged_into IS NULL
    UNION ALL
    SELECT tenant_id, package_id, id, 34, CAST(note AS BINARY) FROM customer WHERE merged_into IS NULL
    UNION ALL
    SELECT c.tenant_id, c.package_id, c.id, 35, CAST(c.x01 AS BINARY) FROM customer c JOIN customer_field f ON f.tenant_id = c.tenant_id AND
      f.package_id = c.package_id AND f.slot = 'x01' AND f.kind NOT IN ('phone', 'file') WHERE c.merged_into IS NULL
    UNION ALL
    SELECT c.tenant_id, c.package_id, c.id, 36, CAST(c.x02 AS BINARY) FROM customer c JOIN customer_field f ON f.tenant_id = c.tenant_id AND
      f.package_id = c.package_id AND f.slot = 'x02' AND f.kind NOT IN ('phone', 'file') WHERE c.merged_into IS NULL
    UNION ALL
    SELECT c.tenant_id, c.package_id, c.id, 37, CAST(c.x03 AS BINARY) FROM customer c JOIN customer_field f ON f.tenant_id = c.tenant_id AND
      f.package_id = c.package_id AND f.slot = 'x03' AND f.kind NOT IN ('phone', 'file') WHERE c.merged_into IS NULL
    UNION ALL
    SELECT c.tenant_id, c.package_id, c.id, 38, CAST(c.x04 AS BINARY) FROM customer c JOIN customer_field f ON f.tenant_id = c.tenant_id AND
      f.package_id = c.package_id AND f.slot = 'x04' AND f.kind NOT IN ('phone', 'file') WHERE c.merged_into IS NULL
    UNION ALL
    SELECT c.tenant_id, c.package_id, c.id, 39, CAST(c.x05 AS BINARY) FROM customer c JOIN customer_field f ON f.tenant_id = c.tenant_id AND
      f.package_id = c.package_id AND f.slot = 'x05' AND f.kind NOT IN ('phone', 'file') WHERE c.merged_into IS NULL
    UNION ALL
    SELECT c.tenant_id, c.package_id, c.id, 40, CAST(c.x06 AS BINARY) FROM customer c JOIN customer_field f ON f.tenant_id = c.tenant_id AND
      f.package_id = c.package_id AND f.slot = 'x06' AND f.kind NOT IN ('phone', 'file') WHERE c.merged_into IS NULL
    UNION ALL
    SELECT c.tenant_id, c.package_id, c.id, 41, CAST(c.x07 AS BINARY) FROM customer c JOIN customer_field f ON f.tenant_id = c.tenant_id AND
      f.package_id = c.package_id AND f.slot = 'x07' AND f.kind NOT IN ('phone', 'file') WHERE c.merged_into IS NULL
    UNION ALL
    SELECT c.tenant_id, c.package_id, c.id, 42, CAST(c.x08 AS BINARY) FROM customer c JOIN customer_field f ON f.tenant_id = c.tenant_id AND
      f.package_id = c.package_id AND f.slot = 'x08' AND f.kind NOT IN ('phone', 'file') WHERE c.merged_into IS NULL
  ) texts WHERE value <> '' GROUP BY tenant_id, package_id, slot, customer_id DIV 1024;
