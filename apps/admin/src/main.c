/* SPDX-License-Identifier: GPL-2.0-or-later
 * The administration: people and their organisation, preferences, logs,
 * plugins. */
#include "admin.h"
#include "cc/plugin.h"
#include "plugins.h"

/* Labels of buttons with a permission of their own: CC_NC("permission", "Log in as")
 * CC_NC("permission", "Log in as administrator") */

static const struct cc_permission permissions[] = {
		{"admin.preference.view", CC_NC("permission", "Preferences")},
		{"admin.preference.edit", CC_NC("permission", "Change preferences")},
		{"admin.feature_code.view", CC_NC("permission", "Feature codes")},
		{"admin.feature_code.edit", CC_NC("permission", "Change feature codes")},
		{"admin.company.view", CC_NC("permission", "Company information")},
		{"admin.company.edit", CC_NC("permission", "Change company information")},
		{"admin.limit.view", CC_NC("permission", "Limits of the tenant")},
		ADMIN_PLUGINS_PERMISSIONS,
		{NULL, NULL},
};

static const struct cc_route routes[] = {
		{"GET", "/admin/", CC_SIGNED_IN, cc_application_home, NULL},
		{"GET", "/admin/agent-batch", "admin.agent.create", admin_batch_form, &admin_agents},
		{"POST", "/admin/agent-batch", "admin.agent.create", admin_batch, &admin_agents},
		{"GET", "/admin/role-permissions/{id}", "admin.role.list", admin_role_permissions_form,
				&admin_roles},
		{"POST", "/admin/role-permissions/{id}", "admin.role.edit", admin_role_permissions,
				&admin_roles},
		{"GET", "/admin/department-tree", "admin.department.list", admin_department_tree,
				&admin_departments},
		{"GET", "/admin/audit/{id}", "admin.audit.list", admin_audit_entry, &admin_audit},
		{"GET", "/admin/limits", "admin.limit.view", admin_limits, NULL},
		{"GET", "/admin/preferences", "admin.preference.view", admin_preferences_form, NULL},
		{"POST", "/admin/preferences", "admin.preference.edit", admin_preferences, NULL},
		{"GET", "/admin/feature-codes", "admin.feature_code.view", admin_feature_codes_form, NULL},
		{"POST", "/admin/feature-codes", "admin.feature_code.edit", admin_feature_codes, NULL},
		{"GET", "/admin/company", "admin.company.view", admin_company_form, NULL},
		{"POST", "/admin/company", "admin.company.edit", admin_company, NULL},
		{"GET", "/admin/ivr-picture", "admin.ivr.list", admin_ivr_picture, NULL},
		{"GET", "/admin/phone-preview/{id}", "admin.agent.list", admin_phone_preview,
				&admin_agents},
		ADMIN_PLUGINS_ROUTES,
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_resource *const resources[] = {&admin_users, &admin_agents, &admin_groups,
		&admin_roles, &admin_departments, &admin_tenants, &admin_audit, &admin_agent_events,
		&admin_members, &admin_queue_keys, &admin_skills, &admin_agent_skills, &admin_queue_skills,
		&admin_vips, &admin_holidays, &admin_dids, &admin_trunks, &admin_phone_templates,
		&admin_pause_reasons, &admin_outbound_profiles, &admin_outbound_routes, &admin_caller_ids,
		&admin_tenant_caller_ids, &admin_ivrs, &admin_voice_announcements, &admin_ivr_keys, NULL};

static const struct cc_menu menu[] = {
		{"/admin/agents", CC_NC("menu", "Agents"), "admin.agent.list", 500},
		{"/admin/groups", CC_NC("menu", "Agent groups"), "admin.group.list", 510},
		{"/admin/skills", CC_NC("menu", "Skills"), "admin.skill.list", 511},
		{"/admin/vips", CC_NC("menu", "VIP customers"), "admin.vip.list", 512},
		{"/admin/holidays", CC_NC("menu", "Holidays"), "admin.holiday.list", 513},
		{"/admin/pause-reasons", CC_NC("menu", "Pause reasons"), "admin.pause_reason.list", 517},
		{"/admin/dids", CC_NC("menu", "Access numbers"), "admin.did.list", 514},
		{"/admin/ivrs", CC_NC("menu", "IVR menus"), "admin.ivr.list", 514},
		{"/admin/trunks", CC_NC("menu", "Trunks"), "admin.trunk.list", 515},
		{"/admin/phone-templates", CC_NC("menu", "Phone templates"), "admin.phone_template.list",
				516},
		{"/admin/outbound-profiles", CC_NC("menu", "Outbound profiles"),
				"admin.outbound_profile.list", 518},
		{"/admin/caller-ids", CC_NC("menu", "Caller ids"), "admin.caller_id.list", 519},
		{"/admin/users", CC_NC("menu", "Accounts"), "admin.user.list", 520},
		{"/admin/roles", CC_NC("menu", "Roles"), "admin.role.list", 530},
		{"/admin/departments", CC_NC("menu", "Departments"), "admin.department.list", 540},
		{"/admin/tenants", CC_NC("menu", "Tenants"), "admin.tenant.list", 550},
		{"/admin/tenant-caller-ids", CC_NC("menu", "Caller ids of tenants"),
				"admin.tenant.caller_id.list", 551},
		{"/admin/limits", CC_NC("menu", "Limits"), "admin.limit.view", 560},
		{"/admin/agent-events", CC_NC("menu", "Agent events"), "admin.agent_event.list", 600},
		{"/admin/audit", CC_NC("menu", "Audit log"), "admin.audit.list", 610},
		{"/admin/preferences", CC_NC("menu", "Preferences"), "admin.preference.view", 620},
		{"/admin/feature-codes", CC_NC("menu", "Feature codes"), "admin.feature_code.view", 625},
		{"/admin/company", CC_NC("menu", "Company information"), "admin.company.view", 630},
		ADMIN_PLUGINS_MENU,
		{NULL, NULL, NULL, 0},
};

const struct cc_plugin cc_application = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof cc_application,
		.name = "admin",
		.version = "0.1",
		.permissions = permissions,
		.routes = routes,
		.resources = resources,
		.menu = menu,
};
