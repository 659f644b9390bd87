/* SPDX-License-Identifier: GPL-2.0-or-later
 * The manifest. */
#include "webphone.h"

static const char *const hosts[] = {"desk", "crm", NULL};
static const char *const needs[] = {"desk", "reports", "crm", NULL};

static const struct cc_permission permissions[] = {
		{WEBPHONE_PERMISSION, CC_NC("permission", "Web phone")},
		{NULL, NULL},
};

static const struct cc_route routes[] = {
		{"GET", "/desk/webphone/phone", WEBPHONE_PERMISSION, webphone_box, NULL},
		{"POST", "/desk/webphone/credential", WEBPHONE_PERMISSION, webphone_credential, NULL},
		{"POST", "/desk/webphone/terminal", WEBPHONE_PERMISSION, webphone_terminal, NULL},
		{"GET", "/crm/webphone/recent", WEBPHONE_PERMISSION, webphone_recent, NULL},
		{"POST", "/crm/webphone/recent/{call}", WEBPHONE_PERMISSION, webphone_recent_call, NULL},
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_tab tabs[] = {
		{"page", "/desk/webphone/phone", CC_NC("tab", "Web phone"), WEBPHONE_PERMISSION, 50},
		{NULL, NULL, NULL, NULL, 0},
};

static const struct cc_plugin webphone = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof webphone,
		.name = "webphone",
		.version = "1.0",
		.title = CC_NC("plugin", "Web phone"),
		.summary = CC_NC("plugin", "A telephone in the page: agents take and make calls in the "
								   "browser, with a headset."),
		.flags = CC_PLUGIN_PAID | CC_PLUGIN_OF_TENANTS,
		.hosts = hosts,
		.needs = needs,
		.permissions = permissions,
		.routes = routes,
		.tabs = tabs,
};

CC_PLUGIN(webphone)
