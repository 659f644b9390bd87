/* SPDX-License-Identifier: GPL-2.0-or-later
 * Reports: calls and their recordings. */
#include "reports.h"

static const struct cc_permission permissions[] = {
		{"reports.calls.view", CC_NC("permission", "Details of a call")},
		{"reports.recordings.play", CC_NC("permission", "Play recordings")},
		{"reports.voicemail.play", CC_NC("permission", "Play messages")},
		{NULL, NULL},
};

/* What there is to read, of every application and plugin. */
static int home(struct cc_request *rq)
{
	struct cc_value *page = cc_page(rq, cc_t(rq, "Reports"));
	int err = cc_reports(rq, cc_value_add(rq->arena, page, "reports", CC_VALUE_LIST));
	return err ? err : cc_page_send(rq, "reports/home", page);
}

static const struct cc_route routes[] = {
		{"GET", "/reports/", CC_SIGNED_IN, home, NULL},
		{"GET", "/reports/calls/{id}", "reports.calls.view", reports_call, NULL},
		{"GET", "/reports/recordings/{file}", "reports.recordings.play", reports_recording, NULL},
		{"GET", "/reports/voicemail/play/{id}", "reports.voicemail.play", reports_voicemail_play,
				NULL},
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_resource *const resources[] = {
		&reports_calls, &reports_voicemail, &reports_pauses, &reports_blacklist, NULL};

static const struct cc_report reports[] = {
		{"/reports/calls", CC_NC("report", "Calls"), "reports.calls.list", 10},
		{"/reports/voicemail", CC_NC("report", "Voicemail"), "reports.voicemail.list", 15},
		{"/reports/pauses", CC_NC("report", "Pauses of agents"), "reports.pauses.list", 20},
		{"/reports/blacklist", CC_NC("report", "Calls from the blacklist"),
				"reports.blacklist.list", 30},
		{NULL, NULL, NULL, 0},
};

static const struct cc_menu menu[] = {
		{"/reports/calls", CC_NC("menu", "Calls"), "reports.calls.list", 20},
		{"/reports/voicemail", CC_NC("menu", "Voicemail"), "reports.voicemail.list", 22},
		{"/reports/pauses", CC_NC("menu", "Pauses of agents"), "reports.pauses.list", 25},
		{"/reports/blacklist", CC_NC("menu", "Calls from the blacklist"), "reports.blacklist.list",
				27},
		{"/reports/", CC_NC("menu", "All reports"), "reports.calls.list", 99},
		{NULL, NULL, NULL, 0},
};

const struct cc_plugin cc_application = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof cc_application,
		.name = "reports",
		.version = "0.1",
		.permissions = permissions,
		.routes = routes,
		.resources = resources,
		.menu = menu,
		.reports = reports,
};
