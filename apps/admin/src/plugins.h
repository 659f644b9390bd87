/* SPDX-License-Identifier: GPL-2.0-or-later
 * Pages of plugins: the operator's switches and each tenant's settings. */
#ifndef ADMIN_PLUGINS_H
#define ADMIN_PLUGINS_H

#include "cc/plugin.h"

/* Rows of the application's tables. */
#define ADMIN_PLUGINS_PERMISSIONS                                                                  \
	{"admin.plugin.view", CC_NC("permission", "Plugins")},                                         \
			{"admin.plugin.switch", CC_NC("permission", "Switch plugins on and off")},             \
	{                                                                                              \
		"admin.plugin.settings", CC_NC("permission", "Settings of plugins")                        \
	}
#define ADMIN_PLUGINS_ROUTES                                                                       \
	{"GET", "/admin/plugins", "admin.plugin.view", admin_plugins, NULL},                           \
			{"POST", "/admin/plugins", "admin.plugin.switch", admin_plugins_scan, NULL},           \
			{"GET", "/admin/plugins/{name}", "admin.plugin.view", admin_plugin, NULL},             \
			{"POST", "/admin/plugins/{name}", "admin.plugin.settings", admin_plugin_save, NULL},   \
			{"POST", "/admin/plugins/{name}/{action}", "admin.plugin.switch", admin_plugin_switch, \
					NULL},                                                                         \
			{"POST", "/admin/plugins/{name}/{action}/{tenant}", "admin.plugin.switch",             \
					admin_plugin_switch_tenant, NULL},                                             \
			{"GET", "/admin/contract/{tenant}", "admin.tenant.list", admin_contract_form, NULL},   \
	{                                                                                              \
		"POST", "/admin/contract/{tenant}", "admin.plugin.switch", admin_contract, NULL            \
	}
#define ADMIN_PLUGINS_MENU                                                                         \
	{                                                                                              \
		"/admin/plugins", CC_NC("menu", "Plugins"), "admin.plugin.view", 640                       \
	}

int admin_plugins(struct cc_request *rq);
int admin_plugins_scan(struct cc_request *rq);
int admin_plugin(struct cc_request *rq);
int admin_plugin_save(struct cc_request *rq);
int admin_plugin_switch(struct cc_request *rq);
int admin_plugin_switch_tenant(struct cc_request *rq);
/* contract.c: what one tenant has. */
int admin_contract_form(struct cc_request *rq);
int admin_contract(struct cc_request *rq);

/* True for the operator: who says what is in the contracts of tenants. */
bool admin_plugins_may_grant(const struct cc_request *rq);
/* Puts it into the contract or takes it out, and writes that down. As cc_registry_grant. */
int admin_plugin_grant(
		struct cc_request *rq, const char *name, int64_t tenant, const char *code, bool on);

/* plugin_settings.c: fields for the template framework/fields, under "fields" of the page. typed:
 * show what the form has and what is wrong with it. *count: how many, *faults: wrong ones. */
int admin_plugin_fields(struct cc_request *rq, const char *plugin, bool typed,
		struct cc_value *page, size_t *count, size_t *faults);
/* Stores the form, which has no faults. */
int admin_plugin_store(struct cc_request *rq, const char *plugin);

#endif
