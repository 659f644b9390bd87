/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listed.h"
#include <string.h>

int listed_check(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	struct package *p;
	int err = package_load(rq->db, rq->arena, 0, &p);
	if (err)
		return err;
	const char *phone = cc_change_new(c, "phone"), *e164 = package_e164(rq->arena, p, phone);
	if (!*e164)
		return cc_change_refuse(c, "phone", cc_t(rq, "This is not a telephone number."));
	cc_change_set(c, "e164", e164);
	if (c->action == CC_CREATE)
		cc_change_set(c, "created_by", rq->user->name);
	if (cc_resource_can(rq, c->r, "approve"))
		return 0;
	if (c->action == CC_CREATE)
		cc_change_set(c, "state", "pending");
	else if (cc_change_differs(c, "state"))
		return cc_change_refuse(c, "state", cc_t(rq, "You may not approve this."));
	else if (cc_change_differs(c, "phone")) /* another number was never approved */
		cc_change_set(c, "state", "pending");
	return 0;
}

int listed_more(
		struct cc_change *c, int (*add)(struct cc_change *c, const char *phone, const char *e164))
{
	struct cc_request *rq = c->rq;
	const char *text = c->action == CC_CREATE ? cc_change_new(c, "more") : NULL;
	struct package *p;
	int err = text && *text ? package_load(rq->db, rq->arena, 0, &p) : 0;
	for (; !err && text && *text;) {
		size_t len = strcspn(text, ",\r\n");
		const char *phone = cc_strndup(rq->arena, text, len);
		text += len + (text[len] != '\0');
		while (*phone == ' ')
			phone++;
		if (!*phone)
			continue;
		const char *e164 = package_e164(rq->arena, p, phone);
		if (!*e164 || strlen(phone) > 32)
			return cc_change_refuse(c, "more",
					cc_sprintf(rq->arena, "%.40s: %s", phone,
							cc_t(rq, "This is not a telephone number.")));
		err = add(c, phone, e164);
	}
	return err;
}
