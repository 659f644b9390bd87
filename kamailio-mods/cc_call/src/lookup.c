/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"

#include "cc/clock.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "cc/number.h"
#include "conf_db.h"
#include "lookup.h"
#include "procs.h"

#define AWAY_MS 1000 /* a database that failed is left alone for so long */
#define POLL_MS 1000

struct question
{
	struct cc_call_ref ref;
	uint32_t tenant;
	int32_t strictest;
	int64_t asked_ms; /* monotonic */
	char e164[CC_NUMBER_E164 + 1];
};
_Static_assert(sizeof(struct question) <= PIPE_BUF, "it is written in one piece");

static int questions[2] = {-1, -1};

int cc_lookup_init(void)
{
	if (pipe2(questions, O_CLOEXEC) < 0)
		return CC_E_IO;
	return fcntl(questions[1], F_SETFL, O_NONBLOCK) < 0 ? CC_E_IO : CC_OK;
}

static void answer(struct cc_call_ref ref, int32_t hide)
{
	struct cc_call_input in = {.kind = CC_IN_LOOKED_UP, .code = hide};

	cc_engine_post(ref, -1, 0, &in); /* the call may be gone meanwhile */
}

void cc_lookup_ask(struct cc_call_ref ref, const struct cc_call *call)
{
	struct question q = {.ref = ref,
			.tenant = call->tenant,
			.strictest = call->conf->hides,
			.asked_ms = cc_clock_mono_ms()};

	if (cc_number_e164(q.e164, cc_call_customer(call), call->conf->country, call->conf->area_code) <
			0)
		answer(ref, 0); /* no customer has that */
	else if (write(questions[1], &q, sizeof(q)) != (ssize_t)sizeof(q))
		answer(ref, q.strictest);
}

void cc_lookup_loop(const struct cc_settings *settings)
{
	struct cc_conf_db *db = cc_conf_db_new(settings, 1);
	int64_t away_until = 0;

	if (!db)
		_exit(1);
	for (;;) {
		struct pollfd ready = {.fd = questions[0], .events = POLLIN};
		struct question q;
		int32_t hide;
		int64_t now;

		cfg_update();
		if (poll(&ready, 1, POLL_MS) <= 0)
			continue;
		if (read(questions[0], &q, sizeof(q)) != (ssize_t)sizeof(q)) {
			if (errno == EINTR)
				continue;
			_exit(1); /* all of the engine's processes begin anew */
		}
		now = cc_clock_mono_ms();
		if (now - q.asked_ms >= CC_CALL_LOOKUP_MS)
			continue; /* the call did not wait */
		hide = q.strictest;
		if (now >= away_until && cc_conf_db_hide(db, q.tenant, q.e164, &hide) < 0)
			away_until = cc_clock_mono_ms() + AWAY_MS;
		cc_engine_enter();
		answer(q.ref, hide);
		cc_engine_leave();
	}
}
