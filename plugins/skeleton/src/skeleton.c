/* SPDX-License-Identifier: GPL-2.0-or-later
 * The manifest: everything that a plugin can have, each once. To begin a plugin of your own, copy
 * this folder, rename "skeleton" everywhere, and throw away what you do not need. */
#include "skeleton.h"

/* Where it runs: pages in the desk, columns and buttons in a list of the customers' application,
 * events in cc-eventd, jobs in cc-jobd. */
static const char *const hosts[] = {"desk", "crm", "eventd", "jobd", NULL};

/* What must be enabled before it, with the lowest version that will do. */
static const char *const needs[] = {"desk 0.1", NULL};

/* Those of resources (skeleton.notes.list, .create …) are made by the framework. */
static const struct cc_permission permissions[] = {
		{"skeleton.tab.view", CC_NC("permission", "Notes beside a call")},
		{"skeleton.days.view", CC_NC("permission", "Calls per day")},
		{NULL, NULL},
};

static const struct cc_resource *const resources[] = {&skeleton_notes, NULL};

static const struct cc_route routes[] = {
		{"GET", "/desk/skeleton/tab", "skeleton.tab.view", skeleton_tab, NULL},
		{"GET", "/desk/skeleton/days", "skeleton.days.view", skeleton_days, NULL},
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_menu menu[] = {
		{"/desk/skeleton/notes", CC_NC("menu", "Notes"), "skeleton.notes.list", 900},
		{NULL, NULL, NULL, 0},
};

/* Each tenant has its own values; the page of settings is made of this table. */
static const char *const orders[] = {CC_NC("setting", "newest"), CC_NC("setting", "oldest"), NULL};
static const struct cc_option options[] = {
		{.name = "greeting",
				.kind = CC_OPTION_TEXT,
				.label = CC_NC("setting", "Sentence above the notes of a call"),
				.initial = "",
				.max = 100},
		{.name = "keep_days",
				.kind = CC_OPTION_INT,
				.label = CC_NC("setting", "Days that notes are kept"),
				.help = CC_NC("setting", "0: for ever"),
				.initial = "0",
				.max = 3650},
		{.name = "count_calls",
				.kind = CC_OPTION_BOOL,
				.label = CC_NC("setting", "Count ended calls"),
				.initial = "1"},
		{.name = "first",
				.kind = CC_OPTION_CHOICE,
				.label = CC_NC("setting", "First of the notes of a call"),
				.initial = "newest",
				.choices = orders},
		{.name = NULL},
};

static const struct cc_tab tabs[] = {
		{"call", "/desk/skeleton/tab", CC_NC("tab", "Notes"), "skeleton.tab.view", 90},
		{NULL, NULL, NULL, NULL, 0},
};

static const struct cc_report reports[] = {
		{"/desk/skeleton/days", CC_NC("report", "Calls per day"), "skeleton.days.view", 90},
		{NULL, NULL, NULL, 0},
};

/* In the list of service records: how many notes there are about the number, and a button to the
 * form of a new one that begins with number and text of the record. */
static const struct cc_column columns[] = {
		CC_COLUMN("skeleton_notes", CC_N("Notes"),
				"(SELECT COUNT(*) FROM skeleton_note sn WHERE sn.tenant_id = t.tenant_id AND "
				"sn.number = t.phone)",
				INT, CC_COLUMN_ALL | CC_COLUMN_FILTER),
		{.name = NULL},
};
static const struct cc_with with[] = {
		{"number", "phone", NULL}, {"text", "note", NULL}, {NULL, NULL, NULL}};
static const struct cc_action buttons[] = {
		{.name = "skeleton_note",
				.label = CC_NC("action", "Note"),
				.permission = "skeleton.notes.create",
				.shown = "t.phone <> ''",
				.page = "/desk/skeleton/notes/new",
				.with = with},
		{.name = NULL},
};
static const struct cc_extension extensions[] = {
		{.resource = "/crm/services", .columns = columns, .buttons = buttons},
		{.resource = NULL},
};

static const struct cc_event_handler events[] = {
		{"call.end", skeleton_call_ended},
		{NULL, NULL},
};

static const struct cc_job_kind jobs[] = {
		{"skeleton.clean", skeleton_clean, 19 * 60, 600}, /* three at night in China */
		{NULL, NULL, 0, 0},
};

const struct cc_plugin skeleton = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof skeleton,
		.name = "skeleton",
		.version = "1.0",
		.title = CC_NC("plugin", "Notes"),
		.summary = CC_NC("plugin",
				"Short notes about callers. It is the documented start for plugins of your own."),
		.hosts = hosts,
		.needs = needs,
		.schema = 1,
		.permissions = permissions,
		.routes = routes,
		.resources = resources,
		.menu = menu,
		.options = options,
		.tabs = tabs,
		.reports = reports,
		.extensions = extensions,
		.events = events,
		.jobs = jobs,
};

CC_PLUGIN(skeleton)
