/* SPDX-License-Identifier: GPL-2.0-or-later
 * Reports: calls and their recordings. */
#include "reports.h"

static const struct cc_permission permissions[] = {
		{"reports.calls.view", CC_NC("permission", "Details of a call")},
		{"reports.recordings.play", CC_NC("permission", "Play recordings")},
		{NULL, NULL},
};

static int home(struct cc_request *rq)
{
	cc_redirect(rq, reports_calls.path);
	return 0;
}

static const struct cc_route routes[] = {
		{"GET", "/reports/", CC_SIGNED_IN, home, NULL},
		{"GET", "/reports/calls/{id}", "reports.calls.view", reports_call, NULL},
		{"GET", "/reports/recordings/{file}", "reports.recordings.play", reports_recording, NULL},
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_resource *const resources[] = {&reports_calls, NULL};

static const struct cc_menu menu[] = {
		{"/reports/calls", CC_NC("menu", "Calls"), "reports.calls.list", 20},
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
};
