/* SPDX-License-Identifier: GPL-2.0-or-later
 * STATE-02: the reasons that agents and leaders choose from when somebody is set busy. */
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)

/* Those that a tenant begins with: kept as words, so that everybody reads them in their language.
 */
static const char *const words[] = {CC_NC("reason", "break"), CC_NC("reason", "meal"),
		CC_NC("reason", "meeting"), CC_NC("reason", "training"), CC_NC("reason", "other"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Pause reason"), NULL, TEXT, LIST | FORM | CC_COLUMN_REQUIRED,
				.max = 20, .unique = "pause_reason_name", .link = "/admin/pause-reasons/",
				.context = "reason", .codes = words),
		CC_COLUMN("position", CC_N("Order"), NULL, INT,
				LIST | FORM | CC_COLUMN_SORT | CC_COLUMN_BATCH, .max = 10000, .initial = "100",
				.help = CC_N("The smallest comes first and is chosen unless another one is.")),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, LIST | CC_COLUMN_UPDATED),
		{.name = NULL},
};

/* By what people read. */
static int quick(struct cc_list *l, const char *text, struct cc_buf *sql)
{
	cc_buf_str(sql, "LOCATE(?, t.name) > 0");
	cc_list_bind(l, cc_bind_str(text));
	for (const char *const *word = words; *word; word++) {
		if (!strstr(cc_tc(cc_list_request(l), "reason", *word), text))
			continue;
		cc_buf_str(sql, " OR t.name = ?");
		cc_list_bind(l, cc_bind_str(*word));
	}
	return 0;
}

const struct cc_resource admin_pause_reasons = {
		.name = "pause-reasons",
		.title = CC_N("Pause reasons"),
		.thing = CC_N("Pause reason"),
		.path = "/admin/pause-reasons",
		.permission = "admin.pause_reason",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "pause_reason",
		.columns = columns,
		.initial = "sort=position",
		.quick = quick,
		.quick_label = CC_N("Pause reason"),
		.note = CC_N(
				"What an agent says when setting itself busy. Past pauses keep the reason that "
				"was given, whatever becomes of it here."),
};
