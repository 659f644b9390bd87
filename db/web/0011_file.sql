-- Files that came with forms; their contents lie in data/files/<tenant>/<id>.

CREATE TABLE file (
  tenant_id BIGINT NOT NULL,
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(255) NOT NULL COMMENT 'as the browser said, without folders',
  type VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'by its content',
  size BIGINT NOT NULL,
  created_by BIGINT NOT NULL COMMENT 'user; 0: an API key',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY file_id (id)
);
