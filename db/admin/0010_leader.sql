-- Leaders look after the members and the VIP customers of their groups.

INSERT INTO role_template_permission (code, permission) VALUES
  ('leader', 'admin.member.list'), ('leader', 'admin.member.edit'), ('leader', 'admin.vip.*');
