/* SPDX-License-Identifier: GPL-2.0-or-later
 * The manifest of the tickets: TIC-01 to TIC-05. */
#include "tickets.h"

static const char *const hosts[] = {"crm", "reports", "jobd", NULL};
static const char *const needs[] = {"crm", "reports", NULL};

static const struct cc_permission permissions[] = {
		{"tickets.home.view", CC_NC("permission", "Open tickets on the start page")},
		{"tickets.tab.view", CC_NC("permission", "Tickets beside a call and on the card")},
		{NULL, NULL},
};

static const struct cc_resource *const resources[] = {&tickets_list, &tickets_states,
		&tickets_categories, &tickets_results, &tickets_fields, &tickets_flows, &tickets_flow_steps,
		&tickets_steps, &tickets_figures, NULL};

static const struct cc_route routes[] = {
		{"GET", TICKETS_LIST "/{id}/view", "tickets.ticket.list", tickets_page, NULL},
		{"POST", TICKETS_LIST "/{id}/view", "tickets.step.create", tickets_page_post,
				&tickets_steps},
		{"GET", TICKETS "/ticket/{id}", "tickets.ticket.list", tickets_open, NULL},
		{"GET", TICKETS "/step/{id}", "tickets.step.list", tickets_open_step, NULL},
		{"GET", TICKETS "/category-fields/{id}", "tickets.field.list", tickets_open_fields, NULL},
		{"GET", TICKETS "/find", "tickets.ticket.list", tickets_find, NULL},
		{"GET", TICKETS "/tree", "tickets.category.list", tickets_tree, NULL},
		{"GET", TICKETS "/tab", "tickets.tab.view", tickets_tab, NULL},
		{"GET", TICKETS "/home", "tickets.home.view", tickets_home, NULL},
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_menu menu[] = {
		{TICKETS_LIST, CC_NC("menu", "Tickets"), "tickets.ticket.list", 122},
		{TICKETS "/categories", CC_NC("menu", "Ticket categories"), "tickets.category.list", 186},
		{TICKETS "/states", CC_NC("menu", "Ticket states"), "tickets.state.list", 187},
		{TICKETS "/results", CC_NC("menu", "Ticket results"), "tickets.result.list", 188},
		{TICKETS "/flows", CC_NC("menu", "Ticket flows"), "tickets.flow.list", 189},
		{NULL, NULL, NULL, 0},
};

static const struct cc_tab tabs[] = {
		{"call", TICKETS "/tab", CC_NC("tab", "Tickets"), "tickets.tab.view", 60},
		{"home", TICKETS "/home", CC_NC("tab", "Open tickets"), "tickets.home.view", 10},
		{NULL, NULL, NULL, NULL, 0},
};

static const struct cc_report reports[] = {
		{TICKETS "/figures/category", CC_NC("report", "Tickets by category, state and agent"),
				"tickets.figures.list", 60},
		{NULL, NULL, NULL, 0},
};

const struct cc_plugin tickets = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof tickets,
		.name = "tickets",
		.version = "1.0",
		.title = CC_NC("plugin", "Tickets"),
		.summary = CC_NC("plugin", "What is to be done for customers: tickets with categories, "
								   "states, own fields, flows, routing to groups and agents, "
								   "reminders and a history."),
		.hosts = hosts,
		.needs = needs,
		.schema = 1,
		.permissions = permissions,
		.routes = routes,
		.resources = resources,
		.menu = menu,
		.tabs = tabs,
		.reports = reports,
		.extensions = tickets_extensions,
};

CC_PLUGIN(tickets)
