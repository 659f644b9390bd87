# SPDX-License-Identifier: GPL-2.0-or-later
# The import and the export of tests/bench/crm.mjs as a Python program would do them: csv, MySQLdb, a thousand rows a
# statement, the same checks, the same tables. Prints "<seconds> <peak KB>".
import csv, re, resource, sys, time
import MySQLdb

what, socket, path, package = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
db = MySQLdb.connect(unix_socket=socket, user='root', db='tandem', charset='utf8mb4')
cursor = db.cursor()
begun = time.monotonic()
now = int(time.time() * 1000)
number = re.compile(r'^\+?[0-9]{2,15}$')
date = re.compile(r'^\d{4}-\d\d-\d\d$')


def write(block):
    cursor.execute('SELECT value FROM customer_index WHERE tenant_id = 2 AND package_id = %s AND slot = 1 AND twin = 0 AND value IN %s',
                   (package, [row[1] for row in block]))
    taken = {row[0] for row in cursor.fetchall()}
    rows = [row for row in block if row[1].encode() not in taken]
    cursor.executemany('INSERT INTO customer (tenant_id, package_id, batch_id, name, phone, phone_e164, x01, n01, x02, created_at, '
                       'updated_at) VALUES (2, %s, 0, %s, %s, %s, %s, %s, %s, %s, %s)',
                       [(package, r[0], r[2], r[1], r[3], r[4], r[5], now, now) for r in rows])
    first, index, texts = cursor.lastrowid, [], {}
    for i, r in enumerate(rows):
        key = first + i
        index += [(package, 1, r[1], 0, key), (package, 2, r[1][::-1], key, key), (package, 11, r[3], key, key),
                  (package, 12, r[5], 0, key), (package, 21, (int(r[4]) ^ (1 << 63)).to_bytes(8, 'big'), key, key)]
        for slot, text in ((1, r[1]), (3, r[0].lower())):
            head = bytes((1, 64 + key % 1024 // 32, 64 + key % 32))
            texts[(slot, key // 1024)] = texts.get((slot, key // 1024), b'') + head + text.encode() + b'\x02'
    index.sort(key=lambda r: (r[1], r[2] if isinstance(r[2], bytes) else r[2].encode()))
    cursor.executemany('INSERT INTO customer_index (tenant_id, package_id, slot, value, twin, customer_id) VALUES (2, %s, %s, %s, %s, %s)', index)
    cursor.executemany('INSERT INTO customer_text (tenant_id, package_id, slot, block, body) VALUES (2, %s, %s, %s, %s) '
                       'ON DUPLICATE KEY UPDATE body = CONCAT(body, VALUES(body))',
                       [(package, slot, block, body) for (slot, block), body in sorted(texts.items())])
    db.commit()


if what == 'import':
    block, seen = [], set()
    with open(path, encoding='utf-8-sig', newline='') as file:
        lines = csv.reader(file)
        next(lines)
        for row in lines:
            name, phone, level, born, card = row
            if not number.match(phone) or not date.match(born) or level not in ('金', '银') or phone in seen:
                continue
            seen.add(phone)
            block.append((name, '86' + phone, phone, level, born.replace('-', ''), card))
            if len(block) == 1000:
                write(block)
                block = []
    if block:
        write(block)
else:
    import MySQLdb.cursors

    def names(sql):
        cursor.execute(sql + ' WHERE tenant_id = 2')
        return dict(cursor.fetchall())

    def moment(ms):
        return time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(ms / 1000)) if ms else ''

    def safe(text):
        return "'" + text if text and text[0] in '=+-@\t\r' else text

    types, sources = names('SELECT id, name FROM customer_type'), names('SELECT id, name FROM customer_source')
    batches, funnels = names('SELECT id, name FROM customer_batch'), names('SELECT id, name FROM sales_funnel')
    agents = names("SELECT id, CONCAT(number, ' ', name) FROM agent")
    groups = names("SELECT id, CONCAT(number, ' ', name) FROM agent_group")
    rows = db.cursor(MySQLdb.cursors.SSCursor)
    rows.execute('SELECT id, name, phone, type_id, sex, age, email, city, area, (SELECT GROUP_CONCAT(x.name ORDER BY x.name SEPARATOR \', \') '
                 'FROM customer_tagged g JOIN customer_tag x ON x.tenant_id = g.tenant_id AND x.id = g.tag_id WHERE g.tenant_id = t.tenant_id '
                 'AND g.customer_id = t.id), source_id, batch_id, agent_id, group_id, assigned_at, funnel_id, contacted_at, contact_answered, '
                 'no_call, note, created_at, updated_at, x01, n01, x02 FROM customer t WHERE tenant_id = 2 AND package_id = %s '
                 'AND batch_id NOT IN (SELECT id FROM customer_batch WHERE tenant_id = 2 AND hidden = 1) ORDER BY id DESC', (package,))
    with open(path, 'w', encoding='utf-8-sig', newline='') as file:
        out = csv.writer(file)
        for (key, name, phone, type_, sex, age, email, city, area, tags, source, batch, agent, group, assigned, funnel, contacted, answered,
             no_call, note, created, updated, level, born, card) in rows:
            out.writerow((key, safe(name), phone, types.get(type_), sex, age, safe(email), safe(city), safe(area), tags, sources.get(source),
                          batches.get(batch), 'agent' if agent else 'group' if group else 'none', agents.get(agent), groups.get(group),
                          moment(assigned), funnels.get(funnel), 'never' if not contacted else 'answered' if answered else 'missed',
                          moment(contacted), 'yes' if no_call else 'no', safe(note), moment(created), moment(updated), level,
                          f'{born // 10000}-{born // 100 % 100:02}-{born % 100:02}' if born else '', safe(card)))
print(f'{time.monotonic() - begun:.1f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}')
