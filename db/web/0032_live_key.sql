-- What happens live is for roles that may see the live board: keys of programs that follow it have that too.
INSERT INTO role_template_permission (code, permission) VALUES ('api', 'desk.board.view');
INSERT IGNORE INTO role_permission (tenant_id, role_id, permission)
  SELECT tenant_id, id, 'desk.board.view' FROM role WHERE code = 'api';
