/* SPDX-License-Identifier: GPL-2.0-or-later
 * The desk: signing in, the live board, agents' states. */
#include "desk.h"

#include "cc/jobs.h"

static const struct cc_permission permissions[] = {
		{"desk.board.view", CC_NC("permission", "Live board")},
		{"desk.agent.own", CC_NC("permission", "Own agent state")},
		{"desk.agent.manage", CC_NC("permission", "State of other agents")},
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
		{"GET", "/desk/board", "desk.board.view", desk_board, NULL},
		{"POST", "/desk/me/{action}", "desk.agent.own", desk_agent_own, NULL},
		{"POST", "/desk/agents/{agent}/{action}", "desk.agent.manage", desk_agent_other, NULL},
		{"GET", "/desk/jobs/file/{id}", "desk.jobs.list", desk_job_file, NULL},
		{NULL, NULL, NULL, NULL, NULL},
};

static const struct cc_resource *const resources[] = {&desk_jobs, NULL};

static const struct cc_menu menu[] = {
		{"/desk/board", CC_NC("menu", "Live board"), "desk.board.view", 10},
		{CC_JOBS_PAGE, CC_NC("menu", "Background tasks"), "desk.jobs.list", 90},
		{NULL, NULL, NULL, 0},
};

static const struct cc_plugin desk = {
		.abi = CC_PLUGIN_ABI,
		.size = sizeof desk,
		.name = "desk",
		.version = "0.1",
		.permissions = permissions,
		.routes = routes,
		.resources = resources,
		.menu = menu,
};

int main(int argc, char **argv)
{
	return cc_web_main(argc, argv, &desk);
}
