-- What the applications offer, written by each of them when it starts: menus and permissions. Applications know of each
-- other by these rows only.

CREATE TABLE registry_menu (
  component VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  path VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  label VARCHAR(100) NOT NULL COMMENT 'English; key of the translation',
  permission VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  position INT NOT NULL,
  PRIMARY KEY (component, path)
);

CREATE TABLE registry_permission (
  component VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  permission VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  label VARCHAR(100) NOT NULL COMMENT 'English; key of the translation',
  PRIMARY KEY (permission)
);
