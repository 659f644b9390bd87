-- Run by the server at every start. One account per user of the database, none with a password: whoever can enter the
-- folder of the socket is the system user or root. The accounts bound what a mistake of one part can change.
CREATE DATABASE IF NOT EXISTS `@CC_DB_NAME@` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER IF NOT EXISTS migrator@localhost;
GRANT ALL PRIVILEGES ON `@CC_DB_NAME@`.* TO migrator@localhost;
CREATE USER IF NOT EXISTS apps@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@CC_DB_NAME@`.* TO apps@localhost;
CREATE USER IF NOT EXISTS eventd@localhost;
GRANT SELECT, INSERT, UPDATE, DELETE ON `@CC_DB_NAME@`.* TO eventd@localhost;
CREATE USER IF NOT EXISTS recd@localhost;
GRANT SELECT, INSERT, UPDATE ON `@CC_DB_NAME@`.* TO recd@localhost;
CREATE USER IF NOT EXISTS kamailio@localhost;
GRANT SELECT ON `@CC_DB_NAME@`.* TO kamailio@localhost;
