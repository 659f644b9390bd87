/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-16: province, city and operator of Chinese numbers. */
#include "area.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cc/err.h"
#include "cc/number.h"

struct area_file *area_file;

static int start(
		const struct cc_settings *settings, const char *folder, char *error, size_t error_cap)
{
	char path[600];
	snprintf(path, sizeof path, "%s/area.bin", folder);
	int err = area_open(&area_file, path);
	if (err)
		snprintf(error, error_cap, "%s: %s", path,
				err == CC_E_IO ? strerror(errno) : cc_err_name(err));
	return err;
}

static void stop(void)
{
	area_close(area_file);
	area_file = NULL;
}

int area_of(struct cc_db *db, const char *number, struct area *found)
{
	struct cc_rows rows;
	char e164[CC_NUMBER_E164 + 1];
	int err = cc_db_query(db, &rows, "SELECT country, area_code FROM tenant WHERE id = {tenant}");
	if (err)
		return err;
	if (!rows.count || cc_number_e164(e164, number, cc_row_str(&rows.row[0], 0),
							   cc_row_str(&rows.row[0], 1)) < 0)
		return CC_E_NOENT;
	return area_find(area_file, e164, found);
}

static const char *const hosts[] = {"reports", "crm", "eventd", "jobd", NULL};
static const char *const needs[] = {"reports", NULL};

static const struct cc_permission permissions[] = {
		{"area.number.view", CC_NC("permission", "Area of a number")},
		{"area.report.view", CC_NC("permission", "Calls by province")},
		{NULL, NULL},
};

static const struct cc_route routes[] = {
		{"GET", "/reports/area/number", "area.number.view", area_number, NULL},
		{"GET", "/reports/area/provinces", "area.report.view", area_by_province, NULL},
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_menu menu[] = {
		{"/reports/area/provinces", CC_NC("menu", "Calls by province"), "area.report.view", 25},
		{NULL, NULL, NULL, 0},
};

static const struct cc_option options[] = {
		{.name = "fill_days",
				.kind = CC_OPTION_INT,
				.label = CC_NC("setting", "Days whose calls get their area afterwards"),
				.help = CC_NC("setting", "Every night; 0: only new calls get one"),
				.initial = "30",
				.max = 3650},
		{.name = NULL},
};

static const struct cc_tab tabs[] = {
		{"call", "/reports/area/number", CC_NC("tab", "Area"), "area.number.view", 10},
		{NULL, NULL, NULL, NULL, 0},
};

static const struct cc_report reports[] = {
		{"/reports/area/provinces", CC_NC("report", "Calls by province"), "area.report.view", 50},
		{NULL, NULL, NULL, 0},
};

static const struct cc_event_handler events[] = {
		{"call.new", area_call_new},
		{NULL, NULL},
};

static const struct cc_job_kind jobs[] = {
		{"area.fill", area_fill, 19 * 60 + 20, 3600},
		{NULL, NULL, 0, 0},
};

const struct cc_plugin area = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof area,
		.name = "area",
		.version = "1.1",
		.title = CC_NC("plugin", "Areas of numbers"),
		.summary = CC_NC("plugin", "Province, city and operator of Chinese numbers in the lists of "
								   "calls and customers "
								   "and beside a call, with filters and a report."),
		.hosts = hosts,
		.needs = needs,
		.schema = 1,
		.permissions = permissions,
		.routes = routes,
		.menu = menu,
		.options = options,
		.tabs = tabs,
		.reports = reports,
		.extensions = area_extensions,
		.events = events,
		.jobs = jobs,
		.start = start,
		.stop = stop,
};

CC_PLUGIN(area)
