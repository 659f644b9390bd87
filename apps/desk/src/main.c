/* SPDX-License-Identifier: GPL-2.0-or-later
 * The desk: signing in, the start page, the live board, agents' states, announcements, guides. */
#include "desk.h"

#include "cc/dial.h"
#include "cc/jobs.h"

static const struct cc_permission permissions[] = {
		{"desk.board.view", CC_NC("permission", "Live board")},
		{"desk.agent.own", CC_NC("permission", "Own agent state")},
		{"desk.agent.manage", CC_NC("permission", "State of other agents")},
		{CC_DIAL_PERMISSION, CC_NC("permission", "Call from pages")},
		{"desk.announcements.manage", CC_NC("permission", "Announcements")},
		{"desk.system.view", CC_NC("permission", "System status")},
		{NULL, NULL},
};

static const struct cc_route routes[] = {
		{"GET", "/", CC_PUBLIC, desk_home, NULL},
		{"GET", "/desk/", CC_SIGNED_IN, desk_home, NULL},
		{"GET", "/desk/sign-in", CC_PUBLIC, desk_sign_in_form, NULL},
		{"POST", "/desk/sign-in", CC_PUBLIC, desk_sign_in, NULL},
		{"POST", "/desk/sign-out", CC_SIGNED_IN, desk_sign_out, NULL},
		{"GET", "/desk/captcha/{token}", CC_PUBLIC, desk_captcha, NULL},
		{"GET", "/desk/captcha/{token}/sound", CC_PUBLIC, desk_captcha_sound, NULL},
		{"GET", "/desk/password", CC_SIGNED_IN, desk_password_form, NULL},
		{"POST", "/desk/password", CC_SIGNED_IN, desk_password, NULL},
		{"POST", "/desk/return", CC_SIGNED_IN, desk_return, NULL},
		{"POST", "/desk/language", CC_PUBLIC, desk_language, NULL},
		{"POST", "/desk/theme", CC_SIGNED_IN, desk_theme, NULL},
		{"GET", "/desk/board", "desk.board.view", desk_board, NULL},
		{"GET", "/desk/wall", "desk.board.view", desk_wall, NULL},
		{"GET", "/desk/me", "desk.agent.own", desk_me, NULL},
		{"POST", "/desk/me/terminal", "desk.agent.own", desk_terminal, NULL},
		{"POST", "/desk/me/{action}", "desk.agent.own", desk_agent_own, NULL},
		{"POST", "/desk/dial", CC_DIAL_PERMISSION, desk_dial, NULL},
		{"POST", "/desk/agents/{agent}/{action}", "desk.agent.manage", desk_agent_other, NULL},
		{"GET", "/desk/announcements", "desk.announcements.manage", desk_announcements, NULL},
		{"GET", "/desk/announcements/mine", CC_SIGNED_IN, desk_announcements_mine, NULL},
		{"GET", "/desk/announcements/new", "desk.announcements.manage", desk_announcement_new,
				NULL},
		{"GET", "/desk/announcements/{id}", CC_SIGNED_IN, desk_announcement_view, NULL},
		{"POST", "/desk/announcements/{id}/read", CC_SIGNED_IN, desk_announcement_read, NULL},
		{"GET", "/desk/announcements/{id}/edit", "desk.announcements.manage",
				desk_announcement_edit, NULL},
		{"POST", "/desk/announcements", "desk.announcements.manage", desk_announcement_save, NULL},
		{"POST", "/desk/announcements/{id}", "desk.announcements.manage", desk_announcement_save,
				NULL},
		{"POST", "/desk/announcements/{id}/delete", "desk.announcements.manage",
				desk_announcement_delete, NULL},
		{"GET", "/desk/system", "desk.system.view", desk_system, NULL},
		{"GET", "/desk/codes", CC_SIGNED_IN, desk_codes, NULL},
		{"GET", "/desk/help", CC_SIGNED_IN, desk_help, NULL},
		{"GET", "/desk/help/{guide}", CC_SIGNED_IN, desk_help_guide, NULL},
		{"GET", "/desk/jobs/file/{id}", "desk.jobs.list", desk_job_file, NULL},
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_resource *const resources[] = {&desk_jobs, &desk_account, NULL};

static const struct cc_menu menu[] = {
		{"/desk/", CC_NC("menu", "Start page"), CC_SIGNED_IN, 5},
		{"/desk/board", CC_NC("menu", "Live board"), "desk.board.view", 10},
		{"/desk/announcements", CC_NC("menu", "Announcements"), "desk.announcements.manage", 30},
		{"/desk/system", CC_NC("menu", "System status"), "desk.system.view", 80},
		{"/desk/codes", CC_NC("menu", "Codes of the telephone"), CC_SIGNED_IN, 85},
		{"/desk/help", CC_NC("menu", "Guides"), CC_SIGNED_IN, 90},
		{CC_JOBS_PAGE, CC_NC("menu", "Background tasks"), "desk.jobs.list", 90},
		{NULL, NULL, NULL, 0},
};

const struct cc_plugin cc_application = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof cc_application,
		.name = "desk",
		.version = "0.1",
		.permissions = permissions,
		.routes = routes,
		.resources = resources,
		.menu = menu,
};
