<?php
// SPDX-License-Identifier: GPL-2.0-or-later
// The list of calls as a PHP programmer writes it, for `make bench-web`: the same page to the letter (the bench compares
// both), made of the same questions to the same database. A PHP process keeps its connection and its compiled code
// between requests, and reads all else anew: that is how PHP works.
$db = new PDO('mysql:unix_socket=' . getenv('CC_BENCH_SOCKET') . ';dbname=tandem;charset=utf8mb4', 'root', '', [
	PDO::ATTR_PERSISTENT => true, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC, PDO::ATTR_EMULATE_PREPARES => true,
]);
function all(PDO $db, string $sql, array $binds = []): array {
	$statement = $db->prepare($sql);
	$statement->execute($binds);
	return $statement->fetchAll();
}
function h($text): string {
	return htmlspecialchars((string) $text, ENT_QUOTES);
}
$secret = hex2bin(trim(file_get_contents(getenv('CC_BENCH_SECRET'))));
$key = fn (string $purpose) => sodium_crypto_generichash($purpose, $secret, 32);

// who asks: session, user, role, tenant, agent in one question
$hash = sodium_crypto_generichash($_COOKIE['cc_session'] ?? '', $key('tandem session'), 32);
$user = all($db, "SELECT u.tenant_id, u.id, u.role_id, u.username, u.name, u.language, u.theme, u.avatar, u.hide_numbers, r.data_scope, t.name AS tenant, t.timezone, a.number AS agent, s.csrf_salt
	FROM session s JOIN user u ON u.tenant_id = s.tenant_id AND u.id = s.user_id JOIN role r ON r.tenant_id = u.tenant_id AND r.id = u.role_id JOIN tenant t ON t.id = u.tenant_id
	LEFT JOIN agent a ON a.tenant_id = u.tenant_id AND a.user_id = u.id AND a.live = 1
	WHERE s.token_hash = ? AND s.expires_at > ? AND u.state = 'enabled' AND u.live = 1 AND t.state = 'active'", [$hash, (int) (microtime(true) * 1000)])[0] ?? null;
if (!$user) {
	header('Location: /desk/sign-in', true, 303);
	exit;
}
$tenant = $user['tenant_id'];
$csrf = bin2hex(sodium_crypto_generichash($hash . $user['csrf_salt'], $key('tandem csrf'), 32));
$permissions = array_column(all($db, 'SELECT permission FROM role_permission WHERE tenant_id = ? AND role_id = ?', [$tenant, $user['role_id']]), 'permission', 'permission');
function can(array $permissions, string $name): bool {
	if (isset($permissions['*']) || isset($permissions[$name])) return true;
	for ($at = strrpos($name, '.'); $at !== false; $at = strrpos(substr($name, 0, $at), '.'))
		if (isset($permissions[substr($name, 0, $at) . '.*'])) return true;
	return false;
}
if (!can($permissions, 'reports.calls.list')) {
	http_response_code(403);
	exit;
}
$preferences = array_column(all($db, 'SELECT name, value FROM preference WHERE tenant_id = ?', [$tenant]), 'value', 'name');
$menu = all($db, 'SELECT m.path, m.label, m.permission FROM registry_menu m JOIN plugin p ON p.name = m.component
	WHERE p.per_tenant = 0 OR EXISTS (SELECT 1 FROM plugin_tenant o WHERE o.tenant_id = ? AND o.plugin = p.name AND o.off = 0) ORDER BY m.position, m.path', [$tenant]);
$parts = all($db, "SELECT r.path, r.permission FROM registry_tab r JOIN plugin p ON p.name = r.component
	WHERE r.place = 'page' AND (p.per_tenant = 0 OR EXISTS (SELECT 1 FROM plugin_tenant o WHERE o.tenant_id = ? AND o.plugin = p.name AND o.off = 0)) ORDER BY r.position, r.path", [$tenant]);
$view = all($db, 'SELECT columns, size FROM list_view WHERE tenant_id = ? AND user_id = ? AND list = ?', [$tenant, $user['id'], '/reports/calls'])[0] ?? null;
$words = require __DIR__ . '/web.words.php';
$t = fn (string $text, string $context = '') => $words["$context|$text"] ?? $text;

// the list
$text = 'contains is is_not starts ends in empty not_empty';
$number = 'is is_not gt lt between in empty not_empty';
$moment = 'within since until between empty not_empty';
$choice = 'is is_not in empty not_empty';
$columns = [
	'started_at' => ['Started', $moment, 'time', true, true], 'answered_at' => ['Answered', $moment, 'time', false, false], 'ended_at' => ['Ended', $moment, 'time', false, false],
	'direction' => ['Direction', $choice, 'text', true, false], 'kind' => ['Kind', $choice, 'text', false, false], 'caller' => ['Caller', $text, 'text', true, true], 'caller_name' => ["Caller's name", $text, 'text', false, false],
	'callee' => ['Called number', $text, 'text', true, false], 'did' => ['Access number', $text, 'text', false, false], 'trunk' => ['Trunk', $text, 'text', false, false],
	'queue' => ['Queue', $text, 'text', true, true], 'agent' => ['Agent', $text, 'text', true, true], 'agent_name' => ["Agent's name", $text, 'text', true, false],
	'cause' => ['End cause', $choice, 'text', true, false], 'side' => ['Ended by', $choice, 'text', true, false], 'sip_code' => ['SIP code', $number, 'number', false, false],
	'sip_text' => ['SIP text', $text, 'text', false, false], 'ring_ms' => ['Ringing', $number, 'number', false, false], 'wait_ms' => ['Waited', $number, 'number', true, true],
	'talk_ms' => ['Talk time', $number, 'number', true, true], 'agent_ms' => ['With agent', $number, 'number', true, true],
	'result_ms' => ["From the agent's answer to the end", $number, 'number', false, false], 'package_id' => ['Customer package', $choice, 'text', false, false],
	'task_id' => ['Call task', $choice, 'text', false, false],
	'recording' => ['Recording', '', '', true, false],
];
$shown = $view ? explode(',', $view['columns']) : array_keys(array_filter($columns, fn ($c) => $c[3]));
$size = $view && $view['size'] ? (int) $view['size'] : 10;
$causes = ['answered', 'no_answer', 'failed', 'blacklist', 'call_limit', 'busy', 'rejected', 'caller_hangup', 'timeout', 'queue_exit', 'queue_timeout', 'queue_join_empty', 'queue_empty_overflow',
	'queue_full_overflow', 'queue_no_agent', 'no_credit', 'recognition_error', 'powered_off', 'out_of_service', 'other', 'call_error', 'transferred', 'do_not_call'];
$filters = ['direction' => ['in', 'out', 'internal'], 'caller' => null, 'queue' => null, 'agent' => null, 'cause' => $causes];
$zone = new DateTimeZone($user['timezone']);
$today = (new DateTime('today', $zone))->modify('-6 days');
$where = 'c.tenant_id = ? AND c.id >= ?';
$binds = [$tenant, hex2bin(str_pad(dechex($today->getTimestamp() * 1000), 12, '0', STR_PAD_LEFT) . str_repeat('0', 20))];
foreach ($filters as $name => $codes) {
	if (($_GET[$name] ?? '') === '') continue;
	$where .= $name === 'caller' ? ' AND c.caller LIKE ?' : " AND c.$name = ?";
	$binds[] = $name === 'caller' ? '%' . addcslashes($_GET[$name], '%_\\') . '%' : $_GET[$name];
}
$recording = "(SELECT GROUP_CONCAT(r.segment, ':', r.duration_ms ORDER BY r.segment) FROM recording r WHERE r.tenant_id = c.tenant_id AND r.call_id = c.id) AS recording";
$fields = implode(', ', array_map(fn ($c) => $c === 'recording' ? $recording : "c.$c", array_intersect($shown, array_keys($columns))));
$rows = all($db, "SELECT c.id, $fields FROM calls c WHERE $where ORDER BY c.id DESC LIMIT " . ($size + 1), $binds);
$more = count($rows) > $size;
$rows = array_slice($rows, 0, $size);
$total = $more ? all($db, "SELECT COUNT(*) AS n FROM (SELECT 1 FROM calls c WHERE $where LIMIT 501) x", $binds)[0]['n'] : count($rows);

$format = ($preferences['date_mode'] ?? '') === 'exact' ? strtr(($preferences['date_format'] ?? 'YYYY-MM-DD') . ' ', ['YYYY' => 'Y', 'MM' => 'm', 'DD' => 'd']) . 'H:i:s' : 'Y-m-d H:i:s';
$time = fn ($ms) => $ms ? (new DateTime('@' . intdiv((int) $ms, 1000)))->setTimezone($zone)->format($format) : '';
$duration = function ($ms) {
	$s = intdiv((int) $ms, 1000);
	return $ms === null ? '' : ($s >= 3600 ? sprintf('%d:%02d:%02d', intdiv($s, 3600), intdiv($s, 60) % 60, $s % 60) : sprintf('%d:%02d', intdiv($s, 60), $s % 60));
};
function ulid(string $id): string {
	$bits = '00';
	foreach (str_split(bin2hex($id), 4) as $part) $bits .= sprintf('%016b', hexdec($part));
	$text = '';
	foreach (str_split($bits, 5) as $five) $text .= '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[bindec($five)];
	return $text;
}
$given = array_filter($_GET, fn ($value) => $value !== '');
$url = fn (array $change) => '/reports/calls' . (($query = http_build_query(array_diff_key($given, $change) + $change)) === '' ? '' : "?$query");
$cell = function (string $name, array $row) use ($t, $time, $duration) {
	$value = $row[$name];
	switch ($name) {
	case 'started_at': case 'answered_at': case 'ended_at':
		return [$time($value), ''];
	case 'direction': case 'cause': case 'side':
		return [$value === null || $value === '' ? '' : $t($value, $name), $value === null || $value === '' ? '' : "$name-$value"];
	case 'ring_ms': case 'wait_ms': case 'talk_ms': case 'agent_ms':
		return [$duration($value), ''];
	case 'recording':
		return [$value === null ? '' : '▶ ' . $duration(array_sum(array_map(fn ($s) => (int) explode(':', $s)[1], array_filter(explode(',', $value), fn ($s) => (int) $s > 0)))), ''];
	}
	return [$value, ''];
};
$place = $url([]);
$v = getenv('CC_BENCH_ASSETS');
$sections = [];
foreach ($menu as $m)
	if ($m['permission'] === 'signed_in' || (can($permissions, $m['permission']) && ($tenant == 1 || !str_starts_with($m['permission'], 'admin.tenant.')))) $sections[explode('/', $m['path'])[1]][] = $m;

header('Content-Type: text/html; charset=utf-8');
header('Cache-Control: no-store');
header('X-Content-Type-Options: nosniff');
header('X-Frame-Options: DENY');
header('Referrer-Policy: same-origin');
header("Content-Security-Policy: default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
?>
<!doctype html>
<html lang="zh-CN" data-theme="<?= h($user['theme']) ?>">
<head>
	<meta charset="utf-8">
	<meta name="viewport" content="width=device-width, initial-scale=1">
	<meta name="color-scheme" content="light dark">
	<title><?= h($t('Calls')) ?> · Tandem</title>
	<link rel="icon" type="image/svg+xml" href="/static/icon.svg?v=<?= h($v) ?>">
	<script src="/static/early.js?v=<?= h($v) ?>" data-mount></script>
	<link rel="stylesheet" href="/static/app.css?v=<?= h($v) ?>">
	<script src="/static/app.js?v=<?= h($v) ?>" defer data-mount></script>
		<script src="/static/shell.js?v=<?= h($v) ?>" defer data-mount></script>
	<script src="/static/keys.js?v=<?= h($v) ?>" defer data-mount></script>
	<script src="/static/agent.js?v=<?= h($v) ?>" defer data-mount></script>
	<script src="/static/notes.js?v=<?= h($v) ?>" defer data-mount></script>
	<script src="/static/tabs.js?v=<?= h($v) ?>" defer data-mount></script>
		<script src="/static/resource.js?v=<?= h($v) ?>" defer data-mount></script>
</head>
<body data-csrf="<?= h($csrf) ?>" data-assets="<?= h($v) ?>" data-user="<?= h($user['tenant']) ?>/<?= h($user['username']) ?>" data-durations="<?= h($preferences['duration_format'] ?? 'clock') ?>" data-numbers="<?= h($preferences['number_format'] ?? 'plain') ?>">
<a class="skip" href="#main"><?= h($t('Skip to content')) ?></a>
<div class="side" id="side">
	<a class="brand" href="/desk/"><span class="brand-mark" aria-hidden="true"></span><span class="brand-name">Tandem</span></a>
	<nav class="menu" aria-label="<?= h($t('Main menu')) ?>">
		<?php foreach ($sections as $code => $entries) { ?>
		<details open data-section="<?= h($code) ?>">
			<summary><h2><?= h($t($code, 'section')) ?></h2></summary>
			<ul>
				<?php foreach ($entries as $m) { $label = $t($m['label'], 'menu'); ?>
				<li><a href="<?= h($m['path']) ?>" data-path="<?= h($m['path']) ?>" title="<?= h($label) ?>"<?= $m['path'] === '/reports/calls' ? ' aria-current="page"' : '' ?>><span class="icon icon-<?= h(str_replace('/', '-', trim($m['path'], '/'))) ?>" aria-hidden="true"></span><span><?= h($label) ?></span></a></li>
				<?php } ?>
			</ul>
		</details>
		<?php } ?>
	</nav>
	<div class="side-foot"><button type="button" class="quiet" id="menu-fold" aria-expanded="true" aria-controls="side" title="<?= h($t('Fold the menu')) ?>"><span class="icon icon-collapse" aria-hidden="true"></span><span><?= h($t('Fold the menu')) ?></span></button></div>
</div>
<header class="top">
		<button type="button" class="quiet menu-open" id="menu-open" aria-controls="side" aria-label="<?= h($t('Main menu')) ?>"><span class="icon icon-menu" aria-hidden="true"></span></button>
	<?php if ($user['agent'] !== null && can($permissions, 'desk.agent.own')) { ?><div class="agent" id="agent" data-src="/desk/me"></div><?php } ?>
	<div class="who">
				<button type="button" class="quiet" id="find-open" title="<?= h($t('Find a page')) ?> (Ctrl+K)" aria-label="<?= h($t('Find a page')) ?>"><span class="icon icon-find" aria-hidden="true"></span></button>
		<form method="post" action="/desk/theme" id="theme">
			<input type="hidden" name="csrf" value="<?= h($csrf) ?>">
			<input type="hidden" name="next" value="<?= h('/reports/calls' . (($_SERVER['QUERY_STRING'] ?? '') === '' ? '' : '?' . $_SERVER['QUERY_STRING'])) ?>">
			<input type="hidden" name="theme" value="<?= h(['system' => 'light', 'light' => 'dark', 'dark' => 'system'][$user['theme']]) ?>">
			<button class="quiet" title="<?= h($t('Theme: system, light, dark')) ?>" aria-label="<?= h($t('Theme: system, light, dark')) ?>"><span class="icon icon-half theme-now theme-system"></span><span class="icon icon-sun theme-now theme-light"></span><span class="icon icon-moon theme-now theme-dark"></span></button>
		</form>
		<button type="button" class="quiet" id="keys-open" title="<?= h($t('Keyboard')) ?> (?)" aria-label="<?= h($t('Keyboard')) ?>"><span class="icon icon-help" aria-hidden="true"></span></button>
				<form method="post" action="/desk/language">
			<input type="hidden" name="csrf" value="<?= h($csrf) ?>">
			<input type="hidden" name="next" value="<?= h('/reports/calls' . (($_SERVER['QUERY_STRING'] ?? '') === '' ? '' : '?' . $_SERVER['QUERY_STRING'])) ?>">
			<button class="quiet" name="language" value="en" lang="en">English</button>
		</form>
		<?php if (can($permissions, 'desk.account.list')) { ?><a class="who-me" href="/desk/account/<?= h($user['id']) ?>" data-tab title="<?= h($t('My account')) ?>"><?php if ($user['avatar'] !== null) { ?><img class="avatar" src="/desk/account/<?= h($user['id']) ?>/file/avatar?v=<?= h($user['avatar']) ?>" alt="" width="30" height="30"><?php } ?><span class="who-name"><?= h($user['name']) ?><small><?= h($user['tenant']) ?> · <?= h($user['username']) ?></small></span></a>
		<?php } else { ?><span class="who-name" title="<?= h($user['tenant']) ?>"><?= h($user['name']) ?><small><?= h($user['tenant']) ?> · <?= h($user['username']) ?></small></span><?php } ?>
		<a class="button quiet" href="/desk/password" title="<?= h($t('Password')) ?>" aria-label="<?= h($t('Password')) ?>"><span class="icon icon-key" aria-hidden="true"></span></a>
		<form method="post" action="/desk/sign-out">
			<input type="hidden" name="csrf" value="<?= h($csrf) ?>">
			<button class="quiet" title="<?= h($t('Sign out')) ?>"><span class="icon icon-out" aria-hidden="true"></span><span class="label"><?= h($t('Sign out')) ?></span></button>
		</form>
			</div>
</header>
<nav class="tabs" id="tabs" aria-label="<?= h($t('Open pages')) ?>">
	<ul></ul>
	<details class="pop">
		<summary aria-label="<?= h($t('Close pages')) ?>" title="<?= h($t('Close pages')) ?>">≡</summary>
		<div class="pop-box">
			<button type="button" class="quiet" data-do="close-current"><?= h($t('Close this page')) ?></button>
			<button type="button" class="quiet" data-do="close-others"><?= h($t('Close the others')) ?></button>
			<button type="button" class="quiet" data-do="close-all"><?= h($t('Close all')) ?></button>
		</div>
	</details>
</nav>
<div class="above"></div>
<main id="main" tabindex="-1">
	<div class="page-head">
		<h1><?= h($t('Calls')) ?></h1>
		<div class="page-tools">
			<a class="button" href="<?= h($url(['format' => 'csv'])) ?>" download><?= h($t('Export CSV')) ?></a>
			<details class="drop">
				<summary class="button"><?= h($t('Columns')) ?></summary>
				<form class="drop-body chooser" method="post" action="<?= h('/reports/calls') ?>/columns">
					<input type="hidden" name="csrf" value="<?= h($csrf) ?>">
					<input type="hidden" name="next" value="<?= h($place) ?>">
					<p class="faint"><?= h($t('Tick what is to be shown; drag to change the order.')) ?></p>
					<ol class="chooser-list">
						<?php foreach (array_merge($shown, array_diff(array_keys($columns), $shown)) as $name) { ?><li draggable="true"><label class="check"><input type="checkbox" name="column" value="<?= h($name) ?>"<?= in_array($name, $shown) ? ' checked' : '' ?>><?= h($t($columns[$name][0])) ?></label></li><?php } ?>
					</ol>
					<label><?= h($t('Rows per page')) ?>
						<select name="size"><?php foreach ([10, 25, 50, 100, 200] as $n) { ?><option value="<?= $n ?>"<?= $n === $size ? ' selected' : '' ?>><?= $n ?></option><?php } ?></select>
					</label>
					<div class="thing-buttons">
						<button class="primary"><?= h($t('Save')) ?></button>
						<button name="now" value="1"><?= h($t('For now only')) ?></button>
						<button name="reset" value="1" class="quiet"><?= h($t('As delivered')) ?></button>
					</div>
				</form>
			</details>
		</div>
	</div>
	<form class="card search" id="search" method="get" action="<?= h('/reports/calls') ?>">
		<div class="filters">
		<label><?= h($t('From')) ?><input type="datetime-local" name="from" value="<?= h($today->format('Y-m-d\TH:i')) ?>"></label>
		<label><?= h($t('To')) ?><input type="datetime-local" name="to" value="<?= h('') ?>"></label>
		<?php foreach ($filters as $name => $codes) { if (!$codes) { ?>
		<label><?= h($t($columns[$name][0])) ?><input name="<?= h($name) ?>" value="<?= h($_GET[$name] ?? '') ?>" maxlength="64" autocomplete="off"></label>
		<?php } else { ?>
		<label><?= h($t($columns[$name][0])) ?>
			<select name="<?= h($name) ?>">
				<option value=""><?= h($t('All')) ?></option>
				<?php foreach ($codes as $code) { ?>
				<option value="<?= h($code) ?>"<?= ($_GET[$name] ?? '') === $code ? ' selected' : '' ?>><?= h($t($code, $name)) ?></option>
				<?php } ?>
			</select>
		</label>
		<?php } } ?>
		<div class="filter-buttons">
			<button class="primary"><?= h($t('Search')) ?></button>
			<a class="button" href="<?= h('/reports/calls') ?>"><?= h($t('Reset')) ?></a>
		</div>
		</div>
		<div class="filters-more">
		<nav class="presets" aria-label="<?= h($t('Time')) ?>">
			<?php foreach (['today', 'yesterday', 'week', 'month', 'last_month'] as $preset) { ?><a href="<?= h($url(['time' => $preset])) ?>"><?= h($t($preset, 'preset')) ?></a><?php } ?>
		</nav>
		<details class="conditions">
			<summary><?= h($t('Conditions')) ?></summary>
			<label class="match"><?= h($t('Rows that fulfil')) ?>
				<select name="match">
					<option value="and"><?= h($t('all conditions')) ?></option>
					<option value="or"><?= h($t('one of the conditions')) ?></option>
				</select>
			</label>
			<div class="condition" data-n="1">
				<select name="field1" aria-label="<?= h($t('Field')) ?>">
					<option value=""></option>
					<?php foreach ($columns as $name => [$label, $ops, $kind]) if ($ops !== '') { ?><option value="<?= h($name) ?>" data-ops="<?= h($ops) ?>" data-kind="<?= h($kind) ?>"><?= h($t($label)) ?></option><?php } ?>
				</select>
				<select name="op1" aria-label="<?= h($t('Comparison')) ?>">
					<?php foreach (['contains', 'is', 'is_not', 'starts', 'ends', 'gt', 'lt', 'between', 'in', 'empty', 'not_empty', 'within', 'since', 'until'] as $op) { ?><option value="<?= h($op) ?>"><?= h($t($op, 'operator')) ?></option><?php } ?>
				</select>
				<input name="value1" value="" maxlength="200" aria-label="<?= h($t('Value')) ?>" autocomplete="off">
				<input name="until1" value="" maxlength="64" aria-label="<?= h($t('Up to')) ?>" autocomplete="off">
			</div>
			<template data-choices="side"></template><template data-choices="within"><?php foreach (['today', 'yesterday', 'week', 'month', 'last_month'] as $preset) { ?><option value="<?= h($preset) ?>"><?= h($t($preset, 'preset')) ?></option><?php } ?></template>
		</details>
		</div>
	</form>
	<form class="many" id="many" method="post" data-list="<?= h('/reports/calls') ?>">
		<input type="hidden" name="csrf" value="<?= h($csrf) ?>">
		<input type="hidden" name="next" value="<?= h($place) ?>">
		<input type="hidden" name="query" value="<?= h(ltrim(strstr($place, '?') ?: '', '?')) ?>">
		<input type="hidden" name="keys" value="">
		<label><?= h($t('Rows')) ?>
			<select name="scope">
				<option value="selected"><?= h($t('selected')) ?></option>
				<option value="found"><?= h($t('the search result')) ?></option>
				<option value="all"><?= h($t('all')) ?></option>
			</select>
		</label>
		<span class="many-count faint" hidden><?= h($t('selected')) ?>: <b data-selected>0</b> <button type="button" class="quiet" data-unselect><?= h($t('clear')) ?></button></span>
		<details class="pop">
			<summary class="button"><?= h($t('Export', 'permission')) ?><span class="icon icon-down" aria-hidden="true"></span></summary>
			<div class="pop-box">
				<button formaction="<?= h('/reports/calls') ?>/export" name="format" value="xlsx">XLSX</button>
				<button formaction="<?= h('/reports/calls') ?>/export" name="format" value="csv">CSV</button>
				<button formaction="<?= h('/reports/calls') ?>/export" name="format" value="csv_gb">CSV (GB18030)</button>
				<button formaction="<?= h('/reports/calls') ?>/export" name="format" value="json">JSON</button>
			</div>
		</details>
	</form>
	<div class="card table-card">
		<div class="table-scroll" tabindex="0" role="region" aria-label="<?= h($t('Calls')) ?>">
		<table>
			<thead>
			<tr>
				<th class="select"><input type="checkbox" data-page aria-label="<?= h($t('Select this page')) ?>"></th>
				<?php foreach ($shown as $name) { $c = $columns[$name]; ?>
			<th scope="col"<?= $c[2] === 'number' ? ' class="number"' : '' ?>><?php if ($c[4]) { ?><a href="<?= h($url(['sort' => $name])) ?>"><?= h($t($c[0])) ?></a><?php } else { ?><?= h($t($c[0])) ?><?php } ?></th>
			<?php } ?>
			</tr>
			</thead>
			<tbody>
			<?php foreach ($rows as $row) { $id = ulid($row['id']); ?>
		<tr>
			<td class="select"><input type="checkbox" form="many" name="key" value="<?= h($id) ?>" aria-label="<?= h($t('Select')) ?>"></td>
			<?php foreach ($shown as $name) { [$text, $code] = $cell($name, $row); $link = $name === 'started_at' || ($name === 'recording' && $text !== ''); ?>
			<td<?= $columns[$name][2] === 'number' ? ' class="number"' : '' ?>><?php if ($link) { ?><a href="/reports/calls/<?= h($id) ?>"><?= h($text) ?></a><?php } elseif ($code !== '') { ?><span class="code <?= h($code) ?>"><?= h($text) ?></span><?php } else { ?><?= h($text) ?><?php } ?></td>
			<?php } ?>
		</tr>
		<?php } ?>
			</tbody>
		</table>
		</div>
		<?php if (!$rows) { ?><p class="empty"><?= h($t('Nothing matches these filters.')) ?></p><?php } ?>
		<footer class="paging">
			<span><span data-total><?php if ($rows) { ?><?= h(strtr($t('{{first}}–{{last}} of {{total}}'), ['{{first}}' => 1, '{{last}}' => count($rows), '{{total}}' => $total > 500 ? '500+' : $total])) ?><?php } ?></span><?php if ($total > 500) { ?> <button type="button" class="quiet" data-count="<?= h($url(['format' => 'count'])) ?>" hidden><?= h($t('Count all')) ?></button><?php } ?></span>
			<span class="paging-links">
				<label><?= h($t('Rows per page')) ?> <select name="size" form="search" data-size><?php foreach ([10, 25, 50, 100, 200] as $n) { ?><option value="<?= $n ?>"<?= $n === $size ? ' selected' : '' ?>><?= $n ?></option><?php } ?></select></label>
				<span><?= h(strtr($t('Page {{page}}'), ['{{page}}' => 1])) ?></span>
				<?php if ($more) { ?><a class="button" rel="next" href="<?= h($url(['after' => $id])) ?>&amp;page=2"><?= h($t('Next')) ?></a><?php } ?>
			</span>
		</footer>
	</div>
</main>
<div class="toasts" id="toasts" role="status"></div>
<div id="words" hidden data-close="<?= h($t('Close')) ?>" data-unsaved="<?= h($t('not saved')) ?>" data-drop="<?= h($t('What was entered is not saved. Leave it?')) ?>" data-unreachable="<?= h($t('The server cannot be reached. Try again.')) ?>" data-too-many="<?= h($t('So many pages are open: close one first.')) ?>" data-loading="<?= h($t('Loading…')) ?>"></div>
<dialog id="ask" aria-label="<?= h($t('Question')) ?>">
	<form method="dialog">
		<p></p>
		<div class="dialog-foot"><button value="no"><?= h($t('No')) ?></button><button value="yes" class="primary"><?= h($t('Yes')) ?></button></div>
	</form>
</dialog>
<dialog id="find" class="find" aria-label="<?= h($t('Find a page')) ?>">
	<input type="search" role="combobox" aria-expanded="true" aria-controls="found" aria-label="<?= h($t('Find a page')) ?>" placeholder="<?= h($t('Find a page')) ?>" autocomplete="off" autofocus>
	<ul id="found" role="listbox" aria-label="<?= h($t('Find a page')) ?>"></ul>
	<p class="faint" hidden><?= h($t('There is no such page.')) ?></p>
</dialog>
<dialog id="keys" aria-labelledby="keys-title">
	<form method="dialog">
		<h2 id="keys-title"><?= h($t('Keyboard')) ?></h2>
		<dl class="keys">
			<dt><kbd>Ctrl</kbd> <kbd>K</kbd></dt><dd><?= h($t('Find a page')) ?></dd>
			<dt><kbd>g</kbd> <kbd>h</kbd> · <kbd>g</kbd> <kbd>b</kbd> · <kbd>g</kbd> <kbd>c</kbd></dt><dd><?= h($t('Start page, live board, calls')) ?></dd>
			<dt><kbd>[</kbd> <kbd>]</kbd> · <kbd>x</kbd></dt><dd><?= h($t('Previous and next open page, close it')) ?></dd>
			<dt><kbd>/</kbd> · <kbd>n</kbd> · <kbd>r</kbd></dt><dd><?= h($t('Search, new, load again')) ?></dd>
			<dt><kbd>Enter</kbd> · <kbd>Ctrl</kbd> <kbd>Enter</kbd> · <kbd>Esc</kbd></dt><dd><?= h($t('Send the form, also from a text box; leave it')) ?></dd>
			<dt><kbd>s</kbd> <kbd>i</kbd> · <kbd>s</kbd> <kbd>b</kbd> · <kbd>s</kbd> <kbd>a</kbd> · <kbd>s</kbd> <kbd>w</kbd></dt><dd><?= h($t('Idle, busy, away, end wrap-up')) ?></dd>
			<dt><kbd>d</kbd></dt><dd><?= h($t('Type a number to call')) ?></dd>
			<dt><kbd>m</kbd> · <kbd>?</kbd></dt><dd><?= h($t('Fold the menu, this help')) ?></dd>
		</dl>
		<label class="check"><input type="checkbox" name="single"><?= h($t('Single keys do something (when nothing is being typed)')) ?></label>
		<div class="dialog-foot"><a class="button" href="/desk/help"><?= h($t('Guides')) ?></a><button class="primary"><?= h($t('Close')) ?></button></div>
	</form>
</dialog>
<?php foreach ($parts as $part) if (can($permissions, $part['permission'])) { ?><div data-fragment="<?= h($part['path']) ?>"></div><?php } ?>
<dialog id="note" aria-labelledby="note-title" data-src="/desk/announcements/mine">
	<form method="dialog">
		<h2 id="note-title"></h2>
		<p class="faint"></p>
		<div class="article-body"></div>
		<div class="dialog-foot"><button class="primary"><?= h($t('I have read it')) ?></button></div>
	</form>
</dialog>
</body>
</html>
