/* SPDX-License-Identifier: GPL-2.0-or-later
 * CALL-06: which of the agent's telephones ring, chosen by the agent in the bar of every page.
 * Those in pages and the mobile phone are there with a contract for them; what is stored outlives
 * the contract, and the bound telephones ring meanwhile. */
#include "desk.h"

#include <string.h>

#define ALL 1
#define MOBILE 3

/* Values of agent.terminal, in the order of the choice; who may have what is not for everybody. */
static const struct
{
	const char *code, *plugin, *permission;
} terminals[] = {
		{CC_NC("terminal", "phone"), NULL, NULL},
		[ALL] = {CC_NC("terminal", "all"), "webphone", "webphone.phone.use"},
		{CC_NC("terminal", "web"), "webphone", "webphone.phone.use"},
		[MOBILE] = {CC_NC("terminal", "mobile"), "mobile", "mobile.app.use"},
};
#define COUNT (sizeof terminals / sizeof *terminals)

static int load(struct cc_request *rq, const char **chosen, const char **mobile)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT terminal, mobile FROM agent WHERE tenant_id = {tenant} AND number = {agent} "
			"AND live = 1");
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (err)
		return err;
	*chosen = cc_row_str(&rows.row[0], 0);
	*mobile = cc_row_str(&rows.row[0], 1);
	return 0;
}

static bool offered(const struct cc_request *rq, size_t i, const char *mobile)
{
	return !terminals[i].plugin ||
		   (cc_enabled(rq, terminals[i].plugin) && cc_can(rq, terminals[i].permission) &&
				   (i != MOBILE || *mobile));
}

/* The choice that is in force: the stored one, else the first. */
static size_t in_force(const struct cc_request *rq, const char *chosen, const char *mobile)
{
	for (size_t i = 0; i < COUNT; i++)
		if (!strcmp(chosen, terminals[i].code) && offered(rq, i, mobile))
			return i;
	return offered(rq, ALL, mobile) ? ALL : 0;
}

int desk_terminal_choices(struct cc_request *rq, struct cc_value *page)
{
	struct cc_arena *a = rq->arena;
	const char *chosen, *mobile;
	int err = load(rq, &chosen, &mobile);
	if (err)
		return err;
	size_t now = in_force(rq, chosen, mobile), count = 0;
	struct cc_value *list = cc_value_add(a, page, "terminals", CC_VALUE_LIST);
	for (size_t i = 0; i < COUNT; i++) {
		if (!offered(rq, i, mobile))
			continue;
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "code", terminals[i].code);
		cc_value_str(a, item, "label", cc_tc(rq, "terminal", terminals[i].code));
		cc_value_str(a, item, "number", i == MOBILE ? mobile : NULL);
		cc_value_str(a, item, "pressed", i == now ? "true" : "false");
		count++;
	}
	/* "all" of who has no others are the bound ones */
	bool lost = strcmp(chosen, terminals[now].code) && strcmp(chosen, terminals[ALL].code);
	bool writes = cc_can(rq, "mobile.number.update");
	cc_value_bool(a, page, "terminal_choice", count > 1 || lost || writes);
	cc_value_str(a, page, "terminal_now", cc_tc(rq, "terminal", terminals[now].code));
	cc_value_str(a, page, "terminal_lost", lost ? cc_tc(rq, "terminal", chosen) : NULL);
	cc_value_bool(a, page, "mobile_writes", writes);
	cc_value_str(a, page, "mobile", mobile);
	return 0;
}

/* The engine reads its configuration anew when the generation is another one. */
int desk_terminal(struct cc_request *rq)
{
	const char *wanted = cc_form(rq, "terminal"), *chosen, *mobile;
	size_t i = 0;
	if (!*rq->user->agent)
		return CC_E_DENIED;
	while (i < COUNT && (!wanted || strcmp(wanted, terminals[i].code)))
		i++;
	if (i == COUNT)
		return CC_E_INVAL;
	int err = load(rq, &chosen, &mobile);
	if (err)
		return err;
	if (!offered(rq, i, mobile))
		return cc_error(rq, 409, cc_t(rq, "This telephone is not there any more."));
	err = cc_db_exec(rq->db,
			"UPDATE agent SET terminal = ? WHERE tenant_id = {tenant} AND number = {agent} AND "
			"live = 1",
			terminals[i].code);
	if (!err)
		err = cc_db_exec(rq->db, "UPDATE configuration_generation {any} SET generation = "
								 "generation + 1 WHERE id = 1");
	if (!err)
		err = cc_audit_write(rq, "desk.agent.terminal", rq->user->agent,
				cc_sprintf(rq->arena, "{\"terminal\":[\"%s\",\"%s\"]}", chosen, terminals[i].code));
	if (err)
		return err;
	cc_changed(rq, "terminal", rq->user->agent);
	if (rq->json)
		return desk_json_send(rq, desk_json(rq));
	cc_redirect(rq, "/desk/");
	return 0;
}
