/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-19: calls from the blacklist, none of which was taken. */
#include "reports.h"

#define DEFAULT_DAYS 7
#define ALL CC_COLUMN_ALL
#define MORE (ALL | CC_COLUMN_HIDDEN)

static const char *const fates[] = {CC_NC("blacklist fate", "refused"),
		CC_NC("blacklist fate", "rang"), CC_NC("blacklist fate", "heard"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Call"), "c.id", ID, CC_COLUMN_CSV | CC_COLUMN_JSON),
		CC_COLUMN("started_at", CC_N("Started"), "c.started_at", TIME, ALL | CC_COLUMN_SORT),
		CC_COLUMN("caller", CC_N("Caller"), "c.caller", TEXT,
				ALL | CC_COLUMN_NUMBERS | CC_COLUMN_QUICK_ANYWHERE | CC_COLUMN_FILTER),
		CC_COLUMN("caller_name", CC_N("Caller's name"), "c.caller_name", TEXT,
				MORE | CC_COLUMN_NUMBERS),
		CC_COLUMN("did", CC_N("Access number"), "c.did", TEXT, ALL | CC_COLUMN_FILTER),
		CC_COLUMN("trunk", CC_N("Trunk"), "c.trunk", TEXT, MORE),
		CC_COLUMN("fate", CC_N("What became of it"),
				"IF(c.answered_at IS NOT NULL, 'heard', IF(c.sip_code = 603, 'refused', 'rang'))",
				CODE, ALL, .context = "blacklist fate", .codes = fates),
		CC_COLUMN("lasted_ms", CC_N("Lasted"), "c.ended_at - c.started_at", DURATION, ALL),
		CC_COLUMN("side", CC_N("Ended by"), "c.side", CODE, MORE, .context = "side"),
		CC_COLUMN("hides", CC_N("Hide telephone numbers"), "c.hide", HIDES, 0),
		{.name = NULL},
};

const struct cc_resource reports_blacklist = {
		.name = "blacklist-calls",
		.title = CC_N("Calls from the blacklist"),
		.path = "/reports/blacklist",
		.permission = "reports.blacklist",
		.actions = CC_EXPORT,
		.from = "calls c",
		.where = "c.tenant_id = {tenant} AND c.cause = 'blacklist'",
		/* they are nobody's */
		.own = "TRUE",
		.group = "TRUE",
		.key = "c.id",
		.columns = columns,
		.range = "c.id",
		.range_of_id = true,
		.days = DEFAULT_DAYS,
};
