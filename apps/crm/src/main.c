/* SPDX-License-Identifier: GPL-2.0-or-later
 * Customers: packages with fields of their own, import, export. */
#include "crm.h"
#include "appointment.h"
#include "backup.h"
#include "call_task.h"
#include "cc/jobs.h"
#include "customer.h"
#include "fields.h"
#include "imports.h"
#include "merge.h"
#include "plan.h"
#include "repair.h"

/* Labels of buttons with a permission of their own: CC_NC("permission", "Undo import") */

static const struct cc_permission permissions[] = {
		CUSTOMER_PERMISSIONS,
		CALL_TASK_PERMISSIONS,
		{"crm.backup.create", CC_NC("permission", "Back up all customers")},
		{NULL, NULL},
};

static const struct cc_route routes[] = {
		CUSTOMER_ROUTES,
		CALL_TASK_ROUTES,
		{"GET", "/crm/", CC_SIGNED_IN, cc_application_home, NULL},
		{"GET", "/crm/recent", CC_SIGNED_IN, crm_recent, NULL},
		{"POST", "/crm/recent/{call}", CC_SIGNED_IN, crm_recent_call, NULL},
		{"GET", "/crm/import/{id}", "crm.import.list", import_page, &crm_imports},
		{"POST", "/crm/import/{id}", "crm.import.create", import_page_post, &crm_imports},
		{"GET", "/crm/backup", "crm.backup.create", backup_page, NULL},
		{"POST", "/crm/backup", "crm.backup.create", backup_post, NULL},
		{"GET", "/crm/import-template", "crm.import.create", import_template, NULL},
		{"GET", "/crm/merge", "crm.customers.merge", crm_merge_page, &crm_merges},
		{"POST", "/crm/merge", "crm.customers.merge", crm_merge_post, &crm_merges},
		{"GET", "/crm/duplicates", "crm.customers.merge", crm_duplicates_page, &crm_merges},
		{"POST", "/crm/duplicates", "crm.customers.merge", crm_duplicates_post, &crm_merges},
		{"GET", "/crm/merged/{id}", "crm.merges.list", crm_merged_card, NULL},
		{"GET", "/crm/calendar", "crm.appointments.list", crm_calendar, NULL},
		{"GET", "/crm/occurrence/{id}", "crm.appointments.list", crm_occurrence, NULL},
		{"POST", "/crm/occurrence/{id}", "crm.appointments.edit", crm_occurrence_post, NULL},
		{"GET", "/crm/appointments/card/{id}", "crm.card.view", crm_appointment_card, NULL},
		{"GET", "/crm/reminders", "crm.appointments.list", crm_reminders, NULL},
		{"GET", "/crm/reminders/box", "crm.appointments.list", crm_reminder_box, NULL},
		{"POST", "/crm/reminders/{id}", "crm.appointments.list", crm_reminder_post, NULL},
		{"GET", "/crm/field-order/{id}", "crm.field.list", field_order, NULL},
		{"POST", "/crm/field-order/{id}", "crm.field.edit", field_order_post, NULL},
		{"GET", "/crm/field-rights/{id}", "crm.field.list", field_rights, NULL},
		{"POST", "/crm/field-rights/{id}", "crm.field.edit", field_rights_post, NULL},
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_resource *const resources[] = {CUSTOMER_RESOURCES, CALL_TASK_RESOURCES,
		&crm_packages, &crm_fields, &crm_sources, &crm_tags, &crm_dictionaries, &crm_imports,
		&crm_merges, &crm_callbacks, NULL};

static const struct cc_menu menu[] = {
		CUSTOMER_MENU,
		CALL_TASK_MENU,
		{"/crm/imports", CC_NC("menu", "Imports"), "crm.import.list", 150},
		{"/crm/duplicates", CC_NC("menu", "Duplicates"), "crm.customers.merge", 155},
		{"/crm/merges", CC_NC("menu", "Merged customers"), "crm.merges.list", 156},
		{"/crm/packages", CC_NC("menu", "Customer packages"), "crm.package.list", 190},
		{"/crm/fields", CC_NC("menu", "Custom fields"), "crm.field.list", 191},
		{"/crm/tags", CC_NC("menu", "Customer tags"), "crm.tag.list", 171},
		{"/crm/sources", CC_NC("menu", "Customer sources"), "crm.source.list", 172},
		{"/crm/dictionaries", CC_NC("menu", "Dictionaries"), "crm.dictionary.list", 173},
		{"/crm/backup", CC_NC("menu", "Backup of customers"), "crm.backup.create", 195},
		{NULL, NULL, NULL, 0},
};

static const struct cc_tab tabs[] = {
		{"page", "/crm/reminders/box", CC_NC("tab", "Reminders"), "crm.appointments.list", 10},
		{NULL, NULL, NULL, NULL, 0},
};

static const struct cc_task tasks[] = {
		{"import", import_task},
		{"undo", import_undo_task},
		{"clean", import_clean_task},
		{"repair", repair_run},
		{"backup", backup_task},
		{"recordings", mark_recordings_task},
		{"merge", crm_merge_task},
		{NULL, NULL},
};

static const struct cc_plugin crm = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof crm,
		.name = "crm",
		.version = "0.1",
		.flags = CC_PLUGIN_OF_TENANTS,
		.permissions = permissions,
		.routes = routes,
		.resources = resources,
		.menu = menu,
		.tabs = tabs,
		.tasks = tasks,
};

int main(int argc, char **argv)
{
	return cc_web_main(argc, argv, &crm);
}
