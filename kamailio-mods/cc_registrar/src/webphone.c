/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/crypto/md5utils.h"
#include "core/mem/shm_mem.h"
#include "core/parser/contact/parse_contact.h"
#include "core/parser/msg_parser.h"

#include "cc/clock.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "location.h"
#include "webphone.h"

#define CREDENTIALS_MAX 8192
#define SESSION_MAX 64
#define EXPIRY_MS 1000 /* so often it is looked for credentials that have ended */
#define TTL_MIN_S 60
#define TTL_MAX_S 86400

struct credential
{
	int64_t expires_ms; /* UTC; 0: free */
	uint32_t tenant;
	uint32_t gen; /* so that a user name is never used again */
	char session[SESSION_MAX];
	struct cc_identity identity;
	char user[40], ha1[33];
	char contact[256]; /* that it registered last, "" none */
};

/* In shared memory. */
struct table
{
	gen_lock_t lock;
	struct credential of[CREDENTIALS_MAX];
};

static const struct cc_call_api *call_api;
static struct table *table;

static bool alive(const struct credential *c, int64_t now)
{
	return c->expires_ms > now;
}

/* The credential of a user name "web<slot>-<random>"; lock held. */
static struct credential *by_user(const char *user, size_t len)
{
	char text[sizeof(table->of[0].user)];
	unsigned slot;

	if (len == 0 || len >= sizeof(text))
		return NULL;
	memcpy(text, user, len);
	text[len] = '\0';
	if (sscanf(text, "web%x-", &slot) != 1 || slot >= CREDENTIALS_MAX ||
			!alive(&table->of[slot], cc_clock_utc_ms()) || strcmp(table->of[slot].user, text) != 0)
		return NULL;
	return &table->of[slot];
}

int cc_webphone_secret(
		const struct cc_identity *id, const char *user, size_t user_len, char ha1[33])
{
	struct credential *c;
	int rc = CC_E_DENIED;

	lock_get(&table->lock);
	c = by_user(user, user_len);
	if (c && strcmp(c->identity.number, id->number) == 0 &&
			strcmp(c->identity.domain, id->domain) == 0) {
		memcpy(ha1, c->ha1, sizeof(c->ha1));
		rc = CC_OK;
	}
	lock_release(&table->lock);
	return rc;
}

void cc_webphone_registers(struct sip_msg *msg, const char *user, size_t user_len)
{
	struct credential *c;
	contact_t *contact;

	if (!user_len || parse_headers(msg, HDR_CONTACT_F, 0) < 0 || !msg->contact ||
			parse_contact(msg->contact) < 0)
		return;
	contact = ((contact_body_t *)msg->contact->parsed)->contacts;
	if (!contact)
		return;
	lock_get(&table->lock);
	c = by_user(user, user_len);
	if (c)
		snprintf(c->contact, sizeof(c->contact), "%.*s", contact->uri.len, contact->uri.s);
	lock_release(&table->lock);
}

/* ---- commands ---- */

static int random_hex(char *text, size_t bytes)
{
	unsigned char raw[32];

	if (getrandom(raw, bytes, 0) != (ssize_t)bytes)
		return CC_E_IO;
	for (size_t i = 0; i < bytes; i++)
		snprintf(text + 2 * i, 3, "%02x", raw[i]);
	return CC_OK;
}

static const char *text_field(struct json_object *params, const char *key)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(params, key, &v) && json_object_is_type(v, json_type_string)
				   ? json_object_get_string(v)
				   : NULL;
}

static int64_t int_field(struct json_object *params, const char *key, int64_t otherwise)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(params, key, &v) ? json_object_get_int64(v) : otherwise;
}

static bool session_usable(const char *session)
{
	size_t len = session ? strlen(session) : 0;

	return len > 0 && len < SESSION_MAX;
}

/* The agent that may have a web phone. CC_E_NOENT, CC_E_DENIED, CC_E_STATE: the tenant has no
 * contract for them */
static int owner(struct cc_identity *id, uint32_t tenant, const char *number)
{
	struct cc_confs *confs = call_api->confs_get();
	const struct cc_conf *conf = cc_conf_by_id(confs->set, tenant);
	int32_t agent = conf && number ? cc_conf_agent_find(conf, number) : CC_E_NOENT;
	int rc = CC_E_NOENT;

	if (agent >= 0) {
		rc = !conf->web_phone                                         ? CC_E_STATE
			 : conf->active && cc_conf_agent_at(conf, agent)->enabled ? CC_OK
																	  : CC_E_DENIED;
		snprintf(id->number, sizeof(id->number), "%s", cc_conf_agent_at(conf, agent)->number);
		snprintf(id->domain, sizeof(id->domain), "%s", conf->code);
	}
	call_api->confs_put(confs);
	return rc;
}

/* The session's credential, else a free one; NULL: all are in use. lock held */
static struct credential *place(uint32_t tenant, const char *session, int64_t now)
{
	struct credential *empty = NULL;

	for (int i = 0; i < CREDENTIALS_MAX; i++) {
		struct credential *c = &table->of[i];

		if (!alive(c, now))
			empty = empty ? empty : c;
		else if (c->tenant == tenant && strcmp(c->session, session) == 0)
			return c;
	}
	return empty;
}

static void ha1_make(char ha1[33], const char *user, const char *realm, const char *password)
{
	char text[160];
	str s = {text, 0};

	s.len = snprintf(text, sizeof(text), "%s:%s:%s", user, realm, password);
	MD5StringArray(ha1, &s, 1);
	ha1[32] = '\0';
}

static void command_credential(struct json_object *params, struct cc_command_reply *reply)
{
	uint32_t tenant = (uint32_t)int_field(params, "tenant", 0);
	const char *session = text_field(params, "session");
	int64_t now = cc_clock_utc_ms(), ttl = int_field(params, "ttl_s", 3600);
	char random[25], password[33], user[sizeof(table->of[0].user)] = "";
	char contact[sizeof(table->of[0].contact)];
	struct cc_identity id;
	struct credential *c;
	struct json_object *o;
	int rc;

	if (!session_usable(session) || ttl < TTL_MIN_S || ttl > TTL_MAX_S) {
		call_api->fail(reply, CC_E_INVAL, session_usable(session) ? "bad_ttl" : "bad_session");
		return;
	}
	rc = owner(&id, tenant, text_field(params, "agent"));
	if (rc < 0) {
		call_api->fail(reply, rc,
				rc == CC_E_NOENT   ? "no_such_agent"
				: rc == CC_E_STATE ? "not_in_contract"
								   : "agent_disabled");
		return;
	}
	if (random_hex(random, 12) < 0 || random_hex(password, 16) < 0) {
		call_api->fail(reply, CC_E_IO, NULL);
		return;
	}
	lock_get(&table->lock);
	c = place(tenant, session, now);
	if (c) {
		snprintf(contact, sizeof(contact), "%s", alive(c, now) ? c->contact : "");
		memset(c, 0, sizeof(*c));
		/* the phone that is there stays until it registers with this one, or this one ends */
		memcpy(c->contact, contact, sizeof(contact));
		c->expires_ms = now + ttl * 1000;
		c->tenant = tenant;
		snprintf(c->session, sizeof(c->session), "%s", session);
		c->identity = id;
		snprintf(c->user, sizeof(c->user), "web%x-%s", (unsigned)(c - table->of), random);
		ha1_make(c->ha1, c->user, id.domain, password);
		memcpy(user, c->user, sizeof(user));
	}
	lock_release(&table->lock);
	if (!c) {
		call_api->fail(reply, CC_E_FULL, NULL);
		return;
	}
	o = reply->result = json_object_new_object();
	json_object_object_add(o, "user", json_object_new_string(user));
	json_object_object_add(o, "password", json_object_new_string(password));
	json_object_object_add(o, "realm", json_object_new_string(id.domain));
	json_object_object_add(o, "number", json_object_new_string(id.number));
	json_object_object_add(o, "expires", json_object_new_int64(now + ttl * 1000));
}

static void command_revoke(struct json_object *params, struct cc_command_reply *reply)
{
	uint32_t tenant = (uint32_t)int_field(params, "tenant", 0);
	const char *session = text_field(params, "session");
	struct credential found = {0};

	if (!session_usable(session)) {
		call_api->fail(reply, CC_E_INVAL, "bad_session");
		return;
	}
	lock_get(&table->lock);
	for (int i = 0; i < CREDENTIALS_MAX; i++) {
		struct credential *c = &table->of[i];

		if (alive(c, cc_clock_utc_ms()) && c->tenant == tenant &&
				strcmp(c->session, session) == 0) {
			found = *c;
			memset(c, 0, sizeof(*c));
		}
	}
	lock_release(&table->lock);
	if (found.contact[0])
		cc_location_remove(found.identity.number, found.identity.domain, found.contact);
	reply->result = json_object_new_object();
	json_object_object_add(
			reply->result, "revoked", json_object_new_boolean(found.expires_ms != 0));
}

void cc_webphone_tick(int64_t now_ms)
{
	static int64_t due;
	struct cc_identity owner;
	char contact[sizeof(table->of[0].contact)];

	if (now_ms < due)
		return;
	due = now_ms + EXPIRY_MS;
	for (int i = 0; i < CREDENTIALS_MAX; i++) {
		struct credential *c = &table->of[i];

		if (!c->expires_ms || alive(c, cc_clock_utc_ms()))
			continue;
		lock_get(&table->lock);
		contact[0] = '\0';
		if (c->expires_ms && !alive(c, cc_clock_utc_ms())) {
			owner = c->identity;
			memcpy(contact, c->contact, sizeof(contact));
			memset(c, 0, sizeof(*c));
		}
		lock_release(&table->lock);
		if (contact[0])
			cc_location_remove(owner.number, owner.domain, contact);
	}
}

int cc_webphone_init(const struct cc_call_api *api)
{
	call_api = api;
	table = shm_malloc(sizeof(*table));
	if (!table)
		return CC_E_NOMEM;
	memset(table, 0, sizeof(*table));
	lock_init(&table->lock);
	api->provide_command("cc.webphone.credential", command_credential);
	api->provide_command("cc.webphone.revoke", command_revoke);
	return CC_OK;
}
