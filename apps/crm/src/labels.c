/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-13: tags, sources and types of customers. */
#include <ctype.h>
#include <string.h>
#include "crm.h"

#define FORM (CC_COLUMN_ALL | CC_COLUMN_FORM)

static const char *check_colour(struct cc_request *rq, const char **value)
{
	const char *c = *value;

	if (strlen(c) != 7 || *c != '#' || c[1 + strspn(c + 1, "0123456789abcdefABCDEF")])
		return cc_t(rq, "A colour is # and six hexadecimal digits.");
	return NULL;
}

static const char *check_digit(struct cc_request *rq, const char **value)
{
	return **value && !isdigit((unsigned char)**value) ? cc_t(rq, "One digit.") : NULL;
}

#define COLOUR                                                                                     \
	CC_COLUMN("colour", CC_N("Colour"), NULL, COLOUR, FORM | CC_COLUMN_REQUIRED, .max = 7,         \
			.initial = "#1f5fbf", .check = check_colour)
#define TIMES                                                                                      \
	CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, CC_COLUMN_ALL | CC_COLUMN_CREATED),       \
			CC_COLUMN(                                                                             \
					"updated_at", CC_N("Changed"), NULL, TIME, CC_COLUMN_ALL | CC_COLUMN_UPDATED)

static const struct cc_column source_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON | CC_COLUMN_SORT),
		CC_COLUMN("name", CC_N("Source"), NULL, TEXT,
				FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.unique = "customer_source_name", .link = "/crm/sources/"),
		COLOUR,
		TIMES,
		{.name = NULL},
};

static const struct cc_use source_uses[] = {
		{CC_NC("use", "Customers"),
				"SELECT name FROM customer WHERE tenant_id = {tenant} AND source_id = ?"},
		{NULL, NULL},
};

const struct cc_resource crm_sources = {
		.name = "sources",
		.title = CC_N("Customer sources"),
		.thing = CC_N("Customer source"),
		.path = "/crm/sources",
		.permission = "crm.source",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "customer_source",
		.columns = source_columns,
		.uses = source_uses,
		.note = CC_N("Each import makes one, named by its time."),
};

static const struct cc_column type_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON | CC_COLUMN_SORT),
		CC_COLUMN("name", CC_N("Customer type"), NULL, TEXT,
				FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.unique = "customer_type_name", .link = "/crm/types/"),
		CC_COLUMN("digit", CC_N("Key"), NULL, TEXT, FORM, .max = 1, .unique = "customer_type_digit",
				.check = check_digit,
				.help = CC_N("The digit that marks a customer on the phone.")),
		CC_COLUMN("position", CC_N("Position"), NULL, INT, FORM | CC_COLUMN_SORT, .max = 100000,
				.initial = "0"),
		TIMES,
		{.name = NULL},
};

static const struct cc_use type_uses[] = {
		{CC_NC("use", "Customers"),
				"SELECT name FROM customer WHERE tenant_id = {tenant} AND type_id = ?"},
		{NULL, NULL},
};

static int type_check(struct cc_change *c)
{
	if (cc_change_new(c, "digit") && !*cc_change_new(c, "digit"))
		cc_change_set(c, "digit", NULL);
	return 0;
}

const struct cc_resource crm_types = {
		.name = "types",
		.title = CC_N("Customer types"),
		.thing = CC_N("Customer type"),
		.path = "/crm/types",
		.permission = "crm.type",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "customer_type",
		.columns = type_columns,
		.uses = type_uses,
		.check = type_check,
};

static const struct cc_column tag_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON | CC_COLUMN_SORT),
		CC_COLUMN("name", CC_N("Tag"), NULL, TEXT,
				FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 50,
				.unique = "customer_tag_name", .link = "/crm/tags/"),
		COLOUR,
		TIMES,
		{.name = NULL},
};

static int tag_deleting(struct cc_change *c)
{
	return cc_db_exec(c->rq->db,
			"DELETE FROM customer_tagged WHERE tenant_id = {tenant} AND tag_id = ?", c->id);
}

const struct cc_resource crm_tags = {
		.name = "tags",
		.title = CC_N("Customer tags"),
		.thing = CC_N("Customer tag"),
		.path = "/crm/tags",
		.permission = "crm.tag",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "customer_tag",
		.columns = tag_columns,
		.deleting = tag_deleting,
};
