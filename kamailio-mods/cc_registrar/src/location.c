/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/socket_info.h"
#include "modules/usrloc/usrloc.h"
#include "modules/usrloc/ucontact.h"
#include "modules/usrloc/ul_callback.h"

#include "cc/conf.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "cc/jsonw.h"
#include "cc_queue/api.h"
#include "location.h"

#define SCHEMA_FOLDER "/usr/share/kamailio/db_sqlite"
#define CHANGED_MAX 512 /* addresses of record between two ticks; beyond that all are looked at */
#define SWEEP_MS                                                                                   \
	5000 /* all agents are looked at that often: a change cannot be missed for longer */
#define AOR_MAX 64

/* Addresses whose contacts have changed since the last tick, in shared memory. usrloc's callbacks
 * run under its lock: they only take notes. */
struct changed
{
	gen_lock_t lock;
	int count;
	struct change
	{
		char aor[AOR_MAX];
		bool lost; /* a web phone's connection broke */
	} list[CHANGED_MAX];
};

static const struct cc_call_api *call_api;
static struct cc_queue_api queue_api;
static usrloc_api_t usrloc;
static udomain_t *domain;
static struct changed *changed;

/* ---- the file ---- */

static char *text_read(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t cap = 0;
	ssize_t n;

	if (!f)
		return NULL;
	n = getdelim(&text, &cap, '\0', f);
	fclose(f);
	if (n < 0) {
		free(text);
		return NULL;
	}
	return text;
}

static int script_run(sqlite3 *db, const char *name)
{
	char path[128], *sql, *error = NULL;
	int rc = CC_E_IO;

	snprintf(path, sizeof(path), SCHEMA_FOLDER "/%s", name);
	sql = text_read(path);
	if (!sql) {
		LM_ERR("%s cannot be read\n", path);
		return CC_E_IO;
	}
	if (sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK)
		rc = CC_OK;
	else
		LM_ERR("%s: %s\n", path, error);
	sqlite3_free(error);
	free(sql);
	return rc;
}

/* A row of the statement below. */
static int on_stale(void *arg, int count, char **value, char **name)
{
	const struct cc_confs *confs = arg;
	const struct cc_conf *conf = cc_conf_by_code(confs->set, value[1] ? value[1] : "");
	char buf[1024];
	struct cc_jsonw w;

	if (!conf)
		return 0;
	cc_jsonw_init(&w, buf, sizeof(buf));
	cc_jsonw_object(&w, NULL);
	cc_jsonw_str(&w, "agent", value[0] ? value[0] : "");
	cc_jsonw_str(&w, "contact", value[2] ? value[2] : "");
	cc_jsonw_str(&w, "why", "restart");
	cc_jsonw_close_object(&w);
	if (cc_jsonw_end(&w) > 0)
		call_api->journal(conf->tenant, NULL, CC_EV_PHONE_UNREGISTERED, w.buf, w.len, NULL);
	return 0;
}

/* A browser, or a phone that uses TCP or TLS, is reached over the connection that it has made, and
 * every one has ended with the engine before: few listen at the address that they name. It
 * registers again when it has noticed. */
static int stale_remove(sqlite3 *db)
{
	static const char sql[] = "DELETE FROM location WHERE socket LIKE 't%:%' OR socket LIKE 'ws%:%'"
							  " OR contact LIKE '%transport=t%' OR contact LIKE '%transport=ws%'"
							  " OR received LIKE '%transport=t%' OR received LIKE '%transport=ws%'"
							  " RETURNING username, domain, contact";
	struct cc_confs *confs = call_api->confs_get();
	int rc = sqlite3_exec(db, sql, on_stale, confs, NULL) == SQLITE_OK ? CC_OK : CC_E_IO;

	call_api->confs_put(confs);
	return rc;
}

int cc_location_open(const char *path, const struct cc_call_api *api)
{
	static const char begin[] = "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE";
	sqlite3 *db = NULL;
	int rc = CC_E_IO;

	call_api = api;
	if (sqlite3_open(path, &db) != SQLITE_OK) {
		LM_ERR("%s: %s\n", path, sqlite3_errmsg(db));
		goto out;
	}
	sqlite3_busy_timeout(db, 1000);
	if (sqlite3_exec(db, "SELECT count(*) FROM location", NULL, NULL, NULL) == SQLITE_OK) {
		rc = stale_remove(db);
		goto out;
	}
	if (sqlite3_exec(db, begin, NULL, NULL, NULL) == SQLITE_OK &&
			script_run(db, "standard-create.sql") == CC_OK &&
			script_run(db, "usrloc-create.sql") == CC_OK &&
			sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
		rc = CC_OK;
out:
	sqlite3_close(db);
	return rc;
}

/* ---- look-up ---- */

static int aor_make(char aor[AOR_MAX], const char *number, const char *code, str *s)
{
	s->s = aor;
	s->len = snprintf(aor, AOR_MAX, "%s@%s", number, code);
	return s->len >= AOR_MAX ? CC_E_RANGE : CC_OK;
}

static void copy(char *to, size_t cap, const str *from)
{
	snprintf(to, cap, "%.*s", from->len, from->s ? from->s : "");
}

static bool fits(const str *s, size_t cap)
{
	return s->len < (int)cap;
}

static bool over_websocket(const struct ucontact *c)
{
	return (c->sock && (c->sock->proto == PROTO_WS || c->sock->proto == PROTO_WSS)) ||
		   (c->received.s && memmem(c->received.s, (size_t)c->received.len, "transport=ws", 12)) ||
		   memmem(c->c.s, (size_t)c->c.len, "transport=ws", 12);
}

/* Which of the agent's telephones ring, if any do; without a contract for web phones there is
 * nothing to choose. */
static enum cc_terminal terminal_of(const char *number, const char *code)
{
	struct cc_confs *confs = call_api->confs_get();
	const struct cc_conf *conf = cc_conf_by_code(confs->set, code);
	int32_t agent = conf && conf->web_phone ? cc_conf_agent_find(conf, number) : CC_E_NOENT;
	enum cc_terminal terminal =
			agent < 0 ? CC_TERMINAL_ALL : cc_conf_agent_at(conf, agent)->terminal;

	call_api->confs_put(confs);
	return terminal == CC_TERMINAL_MOBILE ? CC_TERMINAL_ALL : terminal;
}

static bool rings(const struct ucontact *c, enum cc_terminal terminal)
{
	return terminal == CC_TERMINAL_ALL || (terminal == CC_TERMINAL_WEB) == over_websocket(c);
}

/* contacts NULL: only counts them */
static int contacts_of(const char *number, const char *code, struct cc_contact *contacts, int max)
{
	enum cc_terminal terminal = terminal_of(number, code);
	time_t now = time(NULL);
	char aor[AOR_MAX];
	struct urecord *record;
	int count = 0;
	str s;

	if (aor_make(aor, number, code, &s) < 0)
		return 0;
	usrloc.lock_udomain(domain, &s);
	if (usrloc.get_urecord(domain, &s, &record) == 0) {
		for (struct ucontact *c = record->contacts; c && count < max; c = c->next) {
			struct cc_contact *to;

			if (!VALID_CONTACT(c, now) || !rings(c, terminal) || !fits(&c->c, sizeof(to->uri)) ||
					!fits(&c->received, sizeof(to->received)))
				continue;
			if (contacts) {
				to = &contacts[count];
				copy(to->uri, sizeof(to->uri), &c->c);
				copy(to->received, sizeof(to->received), &c->received);
				to->sock = c->sock;
				to->webrtc = over_websocket(c);
			}
			count++;
		}
		usrloc.release_urecord(record);
	}
	usrloc.unlock_udomain(domain, &s);
	return count;
}

int cc_location_contacts(const char *number, const char *code, struct cc_contact *contacts, int max)
{
	return contacts_of(number, code, contacts, max);
}

/* Removes the contacts of an agent's that are to go. */
static void remove_where(const char *number, const char *code,
		bool (*goes)(const struct ucontact *c, const char *arg), const char *arg)
{
	char aor[AOR_MAX];
	struct urecord *record;
	str s;

	if (aor_make(aor, number, code, &s) < 0)
		return;
	usrloc.lock_udomain(domain, &s);
	if (usrloc.get_urecord(domain, &s, &record) == 0) {
		struct ucontact *c, *after;

		for (c = record->contacts; c; c = after) {
			after = c->next;
			if (goes(c, arg))
				usrloc.delete_ucontact(record, c);
		}
		usrloc.release_urecord(record);
	}
	usrloc.unlock_udomain(domain, &s);
}

static bool is_named(const struct ucontact *c, const char *contact)
{
	return !contact ||
		   (c->c.len == (int)strlen(contact) && memcmp(c->c.s, contact, (size_t)c->c.len) == 0);
}

static bool is_page(const struct ucontact *c, const char *unused)
{
	return over_websocket(c);
}

void cc_location_remove(const char *number, const char *code, const char *contact)
{
	remove_where(number, code, is_named, contact);
}

/* ---- changes ---- */

/* Tenant of "number@code", with the number cut off; NULL if it is none of ours. */
static const struct cc_conf *aor_split(
		const struct cc_confs *confs, const str *aor, char number[AOR_MAX])
{
	char *at;

	if (!fits(aor, AOR_MAX))
		return NULL;
	copy(number, AOR_MAX, aor);
	at = strchr(number, '@');
	if (!at)
		return NULL;
	*at = '\0';
	return cc_conf_by_code(confs->set, at + 1);
}

static void journal_change(const struct ucontact *c, int type)
{
	struct cc_confs *confs = call_api->confs_get();
	char number[AOR_MAX], buf[1024];
	const struct cc_conf *conf = aor_split(confs, c->aor, number);
	bool here = type == UL_CONTACT_INSERT;
	struct cc_jsonw w;

	if (!conf)
		goto out;
	cc_jsonw_init(&w, buf, sizeof(buf));
	cc_jsonw_object(&w, NULL);
	cc_jsonw_str(&w, "agent", number);
	cc_jsonw_strn(&w, "contact", c->c.s, (size_t)c->c.len);
	if (here) {
		cc_jsonw_strn(&w, "user_agent", c->user_agent.s, (size_t)c->user_agent.len);
		cc_jsonw_str(&w, "transport",
				over_websocket(c) ? "ws"
				: c->sock         ? get_valid_proto_name(c->sock->proto)
								  : "");
		cc_jsonw_int(&w, "expires", (int64_t)(c->expires - time(NULL)));
	} else {
		cc_jsonw_str(&w, "why", type == UL_CONTACT_EXPIRE ? "expired" : "removed");
	}
	cc_jsonw_close_object(&w);
	if (cc_jsonw_end(&w) > 0)
		call_api->journal(conf->tenant, NULL,
				here ? CC_EV_PHONE_REGISTERED : CC_EV_PHONE_UNREGISTERED, w.buf, w.len, NULL);
out:
	call_api->confs_put(confs);
}

static void on_contact(struct ucontact *c, int type, void *param)
{
	if (type != UL_CONTACT_UPDATE)
		journal_change(c, type);
	if (!fits(c->aor, AOR_MAX))
		return;
	lock_get(&changed->lock);
	if (changed->count < CHANGED_MAX) {
		copy(changed->list[changed->count].aor, AOR_MAX, c->aor);
		/* usrloc's way to say so (handle_lost_tcp) */
		changed->list[changed->count].lost =
				type == UL_CONTACT_EXPIRE && c->expires == UL_EXPIRED_TIME && over_websocket(c);
	}
	changed->count++;
	lock_release(&changed->lock);
}

/* What rings for an agent: a number outside needs no registration, but a way there. */
static int reached_by(const struct cc_conf *conf, const char *number)
{
	int32_t agent = cc_conf_agent_find(conf, number);
	struct cc_route route;

	if (agent < 0 || !cc_conf_mobile(conf, agent))
		return contacts_of(number, conf->code, NULL, INT32_MAX);
	cc_route_mobile(&route, conf, agent);
	return route.kind == CC_ROUTE_OUT;
}

static void tell(const struct cc_conf *conf, const char *number, bool lost)
{
	queue_api.registered(conf->tenant, number, reached_by(conf, number), lost);
}

static void sweep(const struct cc_confs *confs)
{
	for (int32_t i = 0; i < cc_conf_tenant_count(confs->set); i++) {
		const struct cc_conf *conf = cc_conf_tenant_at(confs->set, i);

		for (int32_t a = 0; a < conf->agent_count; a++) {
			const struct cc_conf_agent *agent = cc_conf_agent_at(conf, a);

			/* a phone that may not register any more does not stay registered either */
			if (!conf->active || !agent->enabled)
				cc_location_remove(agent->number, conf->code, NULL);
			else if (!conf->web_phone)
				remove_where(agent->number, conf->code, is_page, NULL);
			tell(conf, agent->number, false);
		}
	}
}

/* Nor does the phone of an agent who is not there any more. */
static void remove_gone(const struct cc_confs *before, const struct cc_confs *confs)
{
	for (int32_t i = 0; i < cc_conf_tenant_count(before->set); i++) {
		const struct cc_conf *old = cc_conf_tenant_at(before->set, i);
		const struct cc_conf *conf = cc_conf_by_code(confs->set, old->code);

		for (int32_t a = 0; a < old->agent_count; a++) {
			const struct cc_conf_agent *agent = cc_conf_agent_at(old, a);

			if (!conf || cc_conf_agent_find(conf, agent->number) < 0)
				cc_location_remove(agent->number, old->code, NULL);
		}
	}
}

void cc_location_tick(int64_t now_ms)
{
	static struct change list[CHANGED_MAX]; /* of the timer's process, as what follows */
	static struct cc_confs *confs;          /* the one that the contacts were last held against */
	static int64_t sweep_due;
	struct cc_confs *latest = call_api->confs_get();
	int count;

	if (confs && cc_conf_generation(confs->set) == cc_conf_generation(latest->set)) {
		call_api->confs_put(latest);
	} else {
		if (confs) {
			remove_gone(confs, latest);
			call_api->confs_put(confs);
		}
		confs = latest;
		sweep_due = now_ms;
	}

	lock_get(&changed->lock);
	count = changed->count;
	if (count <= CHANGED_MAX)
		memcpy(list, changed->list, (size_t)count * sizeof(list[0]));
	changed->count = 0;
	lock_release(&changed->lock);
	for (int i = 0; i < count && count <= CHANGED_MAX; i++) {
		str aor = {list[i].aor, (int)strlen(list[i].aor)};
		char number[AOR_MAX];
		const struct cc_conf *conf = aor_split(confs, &aor, number);

		if (conf)
			tell(conf, number, list[i].lost);
	}
	if (count > CHANGED_MAX || now_ms >= sweep_due) {
		sweep(confs);
		sweep_due = now_ms + SWEEP_MS;
	}
}

int cc_location_bind(void)
{
	bind_usrloc_t bind = (bind_usrloc_t)find_export("ul_bind_usrloc", 1, 0);

	changed = shm_malloc(sizeof(*changed));
	if (!changed)
		return CC_E_NOMEM;
	lock_init(&changed->lock);
	changed->count = 0;
	if (!bind || bind(&usrloc) < 0 || cc_queue_bind(&queue_api) < 0)
		return CC_E_NOENT;
	if (usrloc.register_udomain("location", &domain) < 0 ||
			usrloc.register_ulcb(ULCB_MAX, on_contact, NULL) < 0)
		return CC_E_STATE;
	return CC_OK;
}
