<?php
// SPDX-License-Identifier: GPL-2.0-or-later
// The list of calls as a PHP programmer writes it, for `make bench-web`: the same questions to the same database (session,
// permissions, menu, saved columns, rows, total up to 500), the same columns, everything escaped.
$db = new PDO('mysql:unix_socket=' . getenv('CC_BENCH_SOCKET') . ';dbname=tandem;charset=utf8mb4', 'root', '', [
	PDO::ATTR_PERSISTENT => true, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC, PDO::ATTR_EMULATE_PREPARES => true,
]);
function all(PDO $db, string $sql, array $binds = []): array {
	$statement = $db->prepare($sql);
	$statement->execute($binds);
	return $statement->fetchAll();
}
$h = fn ($text) => htmlspecialchars((string) $text, ENT_QUOTES);
$session = hash_hmac('sha256', $_COOKIE['cc_session'] ?? '', 'key');
all($db, 'SELECT user_id FROM session WHERE token_hash = UNHEX(?)', [$session]);
$user = all($db, 'SELECT u.*, r.data_scope, t.code, t.name AS tenant, t.timezone FROM user u JOIN role r ON r.tenant_id = u.tenant_id AND r.id = u.role_id JOIN tenant t ON t.id = u.tenant_id WHERE u.tenant_id = 2 AND u.id = 1')[0];
$permissions = array_column(all($db, 'SELECT permission FROM role_permission WHERE tenant_id = 2 AND role_id = ?', [$user['role_id']]), 'permission');
$menu = all($db, 'SELECT path, label, permission FROM registry_menu ORDER BY position, path');
all($db, 'SELECT columns, size FROM list_view WHERE tenant_id = 2 AND user_id = 1 AND list = ?', ['/reports/calls']);
$zone = new DateTimeZone($user['timezone']);
$from = (new DateTime('today', $zone))->modify('-6 days')->getTimestamp() * 1000;
$id = hex2bin(str_pad(dechex($from), 12, '0', STR_PAD_LEFT) . str_repeat('0', 20));
$where = 'c.tenant_id = 2 AND c.id >= ?';
$binds = [$id];
if (($_GET['agent'] ?? '') !== '') {
	$where .= ' AND c.agent = ?';
	$binds[] = $_GET['agent'];
}
$rows = all($db, "SELECT c.id, c.started_at, c.direction, c.caller, c.callee, c.queue, c.agent, c.agent_name, c.cause, c.side, c.wait_ms, c.talk_ms, c.agent_ms,
	(SELECT GROUP_CONCAT(r.segment, ':', r.duration_ms ORDER BY r.segment) FROM recording r WHERE r.tenant_id = c.tenant_id AND r.call_id = c.id) AS recording
	FROM calls c WHERE $where ORDER BY c.id DESC LIMIT 11", $binds);
$total = all($db, "SELECT COUNT(*) AS n FROM (SELECT 1 FROM calls c WHERE $where LIMIT 501) x", $binds)[0]['n'];
$words = require __DIR__ . '/web.words.php';
$t = fn ($text) => $words[$text] ?? $text;
$time = function ($ms) use ($zone) {
	return (new DateTime('@' . intdiv((int) $ms, 1000)))->setTimezone($zone)->format('Y-m-d H:i:s');
};
$duration = fn ($ms) => $ms === null ? '' : sprintf('%d:%02d', intdiv((int) $ms, 60000), intdiv((int) $ms, 1000) % 60);
$columns = ['Started', 'Direction', 'Caller', 'Called number', 'Queue', 'Agent', "Agent's name", 'End cause', 'Ended by', 'Waited', 'Talk time', 'With agent', 'Recording'];
header('Content-Type: text/html; charset=utf-8');
header('Cache-Control: no-store');
?>
<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title><?= $h($t('Calls')) ?></title><link rel="stylesheet" href="/static/app.css"></head>
<body>
<header class="top"><nav class="menu"><?php foreach ($menu as $m) if (in_array('*', $permissions) || in_array($m['permission'], $permissions)) { ?><a href="<?= $h($m['path']) ?>"><?= $h($t($m['label'])) ?></a><?php } ?></nav>
<span class="who-name"><?= $h($user['name']) ?><small><?= $h($user['tenant']) ?></small></span></header>
<main>
<form class="filters" method="get">
<?php foreach (['from', 'to', 'caller', 'queue', 'agent'] as $name) { ?><label><?= $h($t($name)) ?><input name="<?= $h($name) ?>" value="<?= $h($_GET[$name] ?? '') ?>"></label><?php } ?>
<?php foreach (['direction' => ['in', 'out', 'internal'], 'cause' => ['answered', 'no_answer', 'failed', 'blacklist', 'call_limit', 'busy', 'rejected', 'caller_hangup', 'timeout', 'queue_exit', 'queue_timeout']] as $name => $codes) { ?>
<label><?= $h($t($name)) ?><select name="<?= $h($name) ?>"><option value=""><?= $h($t('All')) ?></option><?php foreach ($codes as $code) { ?><option value="<?= $h($code) ?>"><?= $h($t($code)) ?></option><?php } ?></select></label>
<?php } ?>
</form>
<table><thead><tr><?php foreach ($columns as $column) { ?><th><a href="?sort=<?= $h(urlencode($column)) ?>"><?= $h($t($column)) ?></a></th><?php } ?></tr></thead>
<tbody>
<?php foreach (array_slice($rows, 0, 10) as $row) { $key = bin2hex($row['id']); ?>
<tr><td><input type="checkbox" name="key" value="<?= $h($key) ?>"></td><td><a href="/reports/calls/<?= $h($key) ?>"><?= $h($time($row['started_at'])) ?></a></td><td><span class="code"><?= $h($t($row['direction'])) ?></span></td><td><?= $h($row['caller']) ?></td>
<td><?= $h($row['callee']) ?></td><td><?= $h($row['queue']) ?></td><td><?= $h($row['agent']) ?></td><td><?= $h($row['agent_name']) ?></td><td><span class="code"><?= $h($t($row['cause'])) ?></span></td><td><?= $h($t($row['side'])) ?></td>
<td><?= $h($duration($row['wait_ms'])) ?></td><td><?= $h($duration($row['talk_ms'])) ?></td><td><?= $h($duration($row['agent_ms'])) ?></td><td><?= $h($row['recording']) ?></td></tr>
<?php } ?>
</tbody></table>
<footer><?= $h(sprintf($t('%d–%d of %s'), 1, count($rows) - 1, $total > 500 ? '500+' : $total)) ?></footer>
</main>
</body></html>
