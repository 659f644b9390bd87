/* SPDX-License-Identifier: GPL-2.0-or-later
 * Trunks: the carriers that calls from and to outside use. Those of the platform are shared: the
 * page of a tenant says which of them it may use. */
#include <arpa/inet.h>
#include <string.h>
#include "admin.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM

static const char *const transports[] = {
		CC_NC("transport", "udp"), CC_NC("transport", "tcp"), CC_NC("transport", "tls"), NULL};

/* As inet_ntop writes it: the engine compares texts. */
static const char *check_address(struct cc_request *rq, const char **value)
{
	unsigned char address[16];
	char *text = cc_alloc(rq->arena, INET6_ADDRSTRLEN);
	int family = strchr(*value, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, *value, address) != 1 ||
			!inet_ntop(family, address, text, INET6_ADDRSTRLEN))
		return cc_t(rq, "This is not an IP address.");
	*value = text;
	return NULL;
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Trunk"), "t.name", TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SORT | CC_COLUMN_QUICK, .max = 64,
				.unique = "trunk_name", .link = "/admin/trunks/"),
		CC_COLUMN("address", CC_N("IP address of the carrier"), "t.address", TEXT,
				LIST | FORM | CC_COLUMN_REQUIRED, .max = 45, .check = check_address,
				.help = CC_N("Calls from this address are calls from outside.")),
		CC_COLUMN("port", CC_N("Port"), "t.port", INT, LIST | FORM | CC_COLUMN_REQUIRED, .min = 1,
				.max = 65535, .initial = "5060"),
		CC_COLUMN("transport", CC_N("Transport"), "t.transport", CODE,
				LIST | FORM | CC_COLUMN_REQUIRED, .context = "transport", .codes = transports,
				.initial = "udp"),
		CC_COLUMN("max_channels", CC_N("Concurrent calls"), "t.max_channels", INT,
				LIST | FORM | CC_COLUMN_BATCH, .min = 0, .max = 1000000, .initial = "0",
				.help = CC_N("0: no limit.")),
		CC_COLUMN("state", CC_N("State"), "t.state", CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "state", .codes = admin_states, .initial = "enabled"),
		{.name = NULL},
};

/* Calls are told apart by where they come from, whosever trunk it is. */
static int check_source(struct cc_change *c)
{
	struct cc_rows rows;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT 1 FROM trunk {any} WHERE address = ? AND port = ? AND transport = ? AND id <> "
			"?",
			cc_change_new(c, "address"), cc_change_new_int(c, "port", 0),
			cc_change_new(c, "transport"), c->id);
	if (!err && rows.count)
		return cc_change_refuse(c, "address",
				cc_t(c->rq, "There is a trunk with this address, port and transport already."));
	return err;
}

static int check(struct cc_change *c)
{
	bool fits = true;
	int err = check_source(c);
	if (!err && c->action == CC_CREATE)
		err = admin_limit_fits(c->rq, ADMIN_LIMIT_TRUNKS, 1, &fits);
	if (!err && !fits)
		return cc_change_refuse(c, NULL,
				cc_sprintf(c->rq->arena, "%s %s", cc_t(c->rq, "No more are allowed."),
						admin_limit_text(c->rq, ADMIN_LIMIT_TRUNKS)));
	return err;
}

/* A tenant may use its own trunks. */
static int saved(struct cc_change *c)
{
	int err = 0;
	if (c->action == CC_CREATE && c->rq->user->tenant != CC_PLATFORM)
		err = cc_db_exec(c->rq->db,
				"INSERT INTO trunk_grant (tenant_id, trunk_id) VALUES ({tenant}, ?)", c->id);
	return err ? err : admin_changed(c->rq);
}

static int deleting(struct cc_change *c)
{
	int err = cc_db_exec(c->rq->db, "DELETE FROM trunk_grant {any} WHERE trunk_id = ?", c->id);
	if (!err) /* of tenants that it was shared with */
		err = cc_db_exec(
				c->rq->db, "DELETE FROM outbound_route_trunk {any} WHERE trunk_id = ?", c->id);
	return err ? err : admin_changed(c->rq);
}

static const struct cc_use uses[] = {
		{CC_NC("use", "Outbound routes"),
				"SELECT CONCAT(p.name, ': ', r.name) FROM outbound_route_trunk k JOIN "
				"outbound_route r ON r.tenant_id = k.tenant_id AND r.id = k.route_id JOIN "
				"outbound_profile p ON p.tenant_id = r.tenant_id AND p.id = r.profile_id WHERE "
				"k.tenant_id = {tenant} AND k.trunk_id = ?"},
		{NULL, NULL},
};

static const char *summary(struct cc_request *rq)
{
	return admin_limit_text(rq, ADMIN_LIMIT_TRUNKS);
}

const struct cc_resource admin_trunks = {
		.name = "trunks",
		.title = CC_N("Trunks"),
		.thing = CC_N("Trunk"),
		.path = "/admin/trunks",
		.permission = "admin.trunk",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "trunk",
		.columns = columns,
		.uses = uses,
		.summary = summary,
		.check = check,
		.saved = saved,
		.deleting = deleting,
		.committed = admin_reload,
};
