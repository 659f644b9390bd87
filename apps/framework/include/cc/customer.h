/* SPDX-License-Identifier: GPL-2.0-or-later
 * Whose something is: numbers, calls and the customers of CRM, as far as the user sees them. For
 * what is made for customers (tickets, orders) and shown beside their calls. */
#ifndef CC_CUSTOMER_H
#define CC_CUSTOMER_H

#include "cc/dial.h"
#include "cc/ulid.h"
#include "cc/web.h"

struct cc_customer
{
	int64_t id;
	const char *name, *phone; /* "" none */
};
/* The customer with the id, or (0) the newest with the number in E.164, whom the user sees in
 * CRM. CC_E_NOENT. */
int cc_customer_find(
		struct cc_request *rq, const char *e164, int64_t id, struct cc_customer *customer);
/* Digits in E.164 of a number as the tenant dials it, NULL for what is none. */
int cc_customer_e164(struct cc_request *rq, const char *number, const char **e164);

/* As CRM's lists: how much a call task hides of its customers, for the row t with customer_id. */
#define CC_CUSTOMER_HIDES                                                                          \
	"(SELECT hk.hide FROM call_task_customer hx JOIN call_task hk ON hk.tenant_id = hx.tenant_id " \
	"AND hk.id = hx.task_id WHERE hx.tenant_id = {tenant} AND hx.customer_id = t.customer_id)"

/* For the hook check of a resource with the columns phone, phone_e164, customer_id, customer_name
 * and, in the form of a new thing, call (text of a ULID): a call tells its number, also to who does
 * not see it; a customer that is named must be seen, and tells what was not given; a number tells
 * whose it is. Returns as the hook does. */
int cc_customer_fill(struct cc_change *c);
/* In the hook saved of the same: the call in the column call_id of the table. UPDATE is a literal
 * with two binds, the call and the row. */
#define CC_CUSTOMER_STORE_CALL(c, UPDATE)                                                          \
	(cc_customer_call(c) ? cc_db_exec((c)->rq->db, UPDATE,                                         \
								   ((struct cc_bytes){cc_customer_call(c), 16}), (c)->id)          \
						 : 0)
/* The bytes of the call that a new thing names, NULL: none. */
const unsigned char *cc_customer_call(const struct cc_change *c);

/* The hook dialing of a resource with customer_id and customer_name: who is called, and whether he
 * is to be called at all. */
int cc_customer_dialing(
		struct cc_request *rq, const struct cc_resource *r, const char *key, struct cc_dial *dial);

/* What a tab is asked for: ?call=&number=&customer=. */
struct cc_whose
{
	const char *call, *number; /* "" not known */
	const char *e164;          /* of the number or the call; NULL: not known */
	int64_t customer;          /* as asked for, 0: not known */
	struct cc_ulid id;         /* of the call */
	bool has_call;
	struct cc_customer found; /* whom the user sees; id 0: nobody */
};
/* CC_E_INVAL: no call, or no number. */
int cc_whose_read(struct cc_request *rq, struct cc_whose *whose);
/* Appends what the form of a new thing begins with: phone, customer_name, customer_id, call. */
void cc_whose_url(struct cc_buf *url, struct cc_request *rq, const struct cc_whose *whose);
/* Appends ?name=value or &name=value, nothing for NULL and "". */
void cc_url_field(struct cc_buf *url, const char *name, const char *value);

#endif
