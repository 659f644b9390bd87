/* SPDX-License-Identifier: GPL-2.0-or-later
 * Answers of captchas: kept here, never in the page, and asked for once. */
#include "priv.h"

#include <string.h>
#include <strings.h>

#define LIFE_MS (10 * 60 * 1000LL)

struct captcha
{
	uint8_t id[CC_AUTH_HASH];
	const char *answer;
};

static struct cc_bytes id_of(struct cc_request *rq, const char *token, uint8_t id[CC_AUTH_HASH])
{
	cc_auth_captcha_hash(&rq->state->web->secret, token, strlen(token), id);
	return (struct cc_bytes){id, CC_AUTH_HASH};
}

int cc_captcha_check(struct cc_request *rq, const char *token, const char *typed, bool *right)
{
	uint8_t id[CC_AUTH_HASH];
	struct cc_rows rows;
	struct cc_bytes key = id_of(rq, token, id);
	int err = cc_db_query(rq->db, &rows,
			"SELECT answer FROM captcha {any} WHERE id = ? AND expires_at > ? FOR UPDATE", key,
			rq->now_ms);
	if (!err)
		err = cc_db_exec(rq->db, "DELETE FROM captcha {any} WHERE id = ?", key);
	if (!err)
		*right = rows.count && *typed && !strcasecmp(cc_row_str(&rows.row[0], 0), typed);
	return err;
}

static int write_answer(struct cc_request *rq, void *ctx)
{
	const struct captcha *c = ctx;
	int err = cc_db_exec(rq->db, "DELETE FROM captcha {any} WHERE expires_at <= ?", rq->now_ms);
	if (!err)
		err = cc_db_exec(rq->db,
				"REPLACE INTO captcha {any} (id, answer, expires_at) VALUES (?, ?, ?)",
				((struct cc_bytes){c->id, sizeof c->id}), c->answer, rq->now_ms + LIFE_MS);
	return err;
}

void cc_captcha_set(struct cc_request *rq, const char *token, const char *answer)
{
	struct captcha *c = cc_alloc(rq->arena, sizeof *c);
	id_of(rq, token, c->id);
	c->answer = cc_strdup(rq->arena, answer);
	cc_defer(rq, write_answer, c, true);
}
