/* SPDX-License-Identifier: GPL-2.0-or-later
 * The call engine learns of a change at once: the generation is raised with the change, a reload is
 * asked for after the commit. Should that fail, the engine finds the new generation by itself. */
#include <stdio.h>
#include <string.h>
#include "admin.h"

/* A worker serves one request at a time. */
static struct
{
	char request[65], text[300];
} problem;

/* What cc.reload says when it refuses, for the catalogues:
 * CC_NC("refusal", "invalid_configuration") CC_NC("refusal", "no_database")
 * CC_NC("refusal", "reload_pending") */

int admin_changed(struct cc_request *rq)
{
	return cc_db_exec(rq->db,
			"UPDATE configuration_generation {any} SET generation = generation + 1 WHERE id = 1");
}

const char *admin_engine_problem(const struct cc_request *rq)
{
	return strcmp(problem.request, rq->id) ? NULL : problem.text;
}

int admin_reload(struct cc_request *rq, void *none)
{
	struct json_object *result;
	const char *reason = "";
	int err = cc_engine_call(rq, "cc.reload", true, "", &result, &reason);
	if (!err)
		return 0;
	snprintf(problem.request, sizeof problem.request, "%s", rq->id);
	if (err == CC_E_STATE)
		snprintf(problem.text, sizeof problem.text, "%s %s",
				cc_t(rq, "It was saved, but the call engine does not accept it and goes on as "
						 "before:"),
				cc_tc(rq, "refusal", reason));
	else
		snprintf(problem.text, sizeof problem.text, "%s",
				cc_t(rq, "It was saved, but the call engine cannot be reached. It will take it "
						 "over by itself when it is back."));
	return cc_error(rq, 503, cc_strdup(rq->arena, problem.text));
}
