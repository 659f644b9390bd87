/* SPDX-License-Identifier: GPL-2.0-or-later
 * The manifest. */
#include "mobile.h"

static const char *const hosts[] = {"desk", NULL};
static const char *const needs[] = {"desk", NULL};

static const struct cc_permission permissions[] = {
		{MOBILE_APP, CC_NC("permission", "Mobile app, calls to the own mobile phone")},
		{MOBILE_NUMBER, CC_NC("permission", "Change the own mobile number")},
		{NULL, NULL},
};

static const struct cc_route routes[] = {
		{"GET", "/desk/mobile/", MOBILE_APP, mobile_app, NULL},
		{"GET", "/desk/mobile/manifest", MOBILE_APP, mobile_manifest, NULL},
		{"POST", "/desk/mobile/number", MOBILE_NUMBER, mobile_number, NULL},
		{"POST", "/desk/mobile/calls/{call}/hang-up", MOBILE_APP, mobile_hang_up, NULL},
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_menu menu[] = {
		{"/desk/mobile/", CC_NC("menu", "Mobile app"), MOBILE_APP, 12},
		{NULL, NULL, NULL, 0},
};

static const struct cc_plugin mobile = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof mobile,
		.name = "mobile",
		.version = "1.0",
		.title = CC_NC("plugin", "Mobile app"),
		.summary = CC_NC("plugin", "Agents work with their mobile phone: it rings instead of the "
								   "telephone on the desk, and shows calls, state and customers."),
		.flags = CC_PLUGIN_PAID | CC_PLUGIN_OF_TENANTS,
		.hosts = hosts,
		.needs = needs,
		.permissions = permissions,
		.routes = routes,
		.menu = menu,
};

CC_PLUGIN(mobile)
