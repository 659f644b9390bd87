/* SPDX-License-Identifier: GPL-2.0-or-later
 * The administration. */
#include "plugins.h"

static const struct cc_permission permissions[] = {
		ADMIN_PLUGINS_PERMISSIONS,
		{NULL, NULL},
};

static const struct cc_route routes[] = {
		ADMIN_PLUGINS_ROUTES,
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_menu menu[] = {
		ADMIN_PLUGINS_MENU,
		{NULL, NULL, NULL, 0},
};

static const struct cc_plugin admin = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof admin,
		.name = "admin",
		.version = "0.1",
		.permissions = permissions,
		.routes = routes,
		.menu = menu,
};

int main(int argc, char **argv)
{
	return cc_web_main(argc, argv, &admin);
}
