-- SPDX-License-Identifier: GPL-2.0-or-later
-- Custom fields that are amounts of money, in 1/10000 of the currency's unit.

ALTER TABLE customer_field
  MODIFY kind ENUM('text','phone','lines','email','date','link','file','address','choice','linked','number','sex','amount') NOT NULL;
