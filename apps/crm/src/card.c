/* SPDX-License-Identifier: GPL-2.0-or-later
 * The customer card: whom a number belongs to, with warnings, the fields of the pop, a mark to be
 * left, and what there was before in tabs. A page of its own, and a fragment for pages of others
 * (which send X-Requested-With). Saving leaves a mark; closing does nothing.
 *
 *	GET /crm/card?number=…|call=…|customer=…[&package=code]
 * A call says whose number it is without telling it to the browser of somebody who does not see
 * whole numbers, and which package it belongs to: customers are looked for there, and a new one
 *goes into it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "call_task.h"
#include "cc/dial.h"

#define MATCHES 10
#define MERGES 100 /* one after the other */

struct card
{
	struct cc_request *rq;
	const char *number;        /* "" if only the customer is known */
	const char *call;          /* ULID, "" if none */
	bool number_given;         /* it came from the browser, so it may go back there */
	int64_t customer, package; /* customer 0: a new one */
	const struct cc_resource *r;
	enum cc_hide hide; /* of the number */
	struct customer_found found[MATCHES];
	size_t count;
};

/* ---- who is it ---- */

/* The other side's number of a call, unless the browser has said one, and its package. */
static int read_call(struct card *card)
{
	struct cc_rows rows;
	struct cc_ulid id;
	if (cc_ulid_parse(&id, card->call, (int)strlen(card->call)))
		return CC_E_INVAL;
	int err = cc_db_query(card->rq->db, &rows,
			"SELECT IF(k.direction = 'out', k.callee, k.caller), p.id FROM calls k LEFT JOIN "
			"customer_package p ON p.tenant_id = k.tenant_id AND p.id = k.package_id AND p.state = "
			"'open' WHERE k.tenant_id = {tenant} AND k.id = ?",
			((struct cc_bytes){id.b, sizeof id.b}));
	if (err || !rows.count)
		return err;
	if (!card->number_given)
		card->number = cc_row_str(&rows.row[0], 0);
	card->package = cc_row_int(&rows.row[0], 1, 0);
	return 0;
}

/* Of one that was merged into another it is the other, whether it is still there or was removed
 * since. */
static int package_of_customer(struct card *card)
{
	struct cc_rows rows;
	int64_t into = card->customer;
	int err = 0;
	for (int i = 0; i < MERGES && into && !err; i++) {
		card->customer = into;
		err = cc_db_query(card->rq->db, &rows,
				"SELECT package_id, merged_into FROM customer WHERE tenant_id = {tenant} AND id = "
				"? UNION ALL SELECT NULL, g.customer_id FROM customer_merged x JOIN customer_merge "
				"g ON g.tenant_id = x.tenant_id AND g.id = x.merge_id AND g.state = 'final' WHERE "
				"x.tenant_id = {tenant} AND x.customer_id = ? LIMIT 1",
				card->customer, card->customer);
		if (!err && !rows.count)
			return CC_E_NOENT;
		into = err ? 0 : cc_row_int(&rows.row[0], 1, 0);
	}
	if (!err)
		card->package = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

static int package_of_code(struct card *card)
{
	const char *code = card_given(card->rq, "package");
	struct cc_rows rows;
	if (!*code)
		return 0;
	int err = cc_db_query(card->rq->db, &rows,
			"SELECT id FROM customer_package WHERE tenant_id = {tenant} AND code = ? AND state = "
			"'open'",
			code);
	if (!err && !rows.count)
		return CC_E_NOENT;
	if (!err)
		card->package = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

static int find(struct card *card)
{
	const char *customer = card_given(card->rq, "customer");
	struct cc_row row;
	card->number = card_given(card->rq, "number");
	card->call = card_given(card->rq, "call");
	card->number_given = *card->number;
	card->customer = strtoll(customer, NULL, 10);
	if (strlen(card->number) > 32 || card->customer < 0)
		return CC_E_INVAL;
	int err = *card->call ? read_call(card) : 0;
	if (!err)
		err = package_of_code(card);
	if (!err && *card->number)
		err = customer_by_number(
				card->rq, card->package, card->number, card->found, MATCHES, &card->count);
	/* a form says itself who it is about: customer=0 is a new one */
	if (!err && !*customer && card->count)
		card->customer = card->found[0].id;
	if (!err)
		err = card->customer ? package_of_customer(card) : 0;
	if (!err)
		err = customer_table(card->rq, card->package, &card->r);
	if (!err && card->customer)
		err = cc_resource_get(
				card->rq, card->r, cc_sprintf(card->rq->arena, "%" PRId64, card->customer), &row);
	if (!err)
		card->hide = cc_resource_masks(card->rq, card->r, "phone");
	if (!err && card->customer)
		err = customer_hides(card->rq, card->customer, &card->hide);
	if (!err && !card->customer && *card->number)
		customer_begin_with(card->rq, card->r, card->number);
	return err;
}

/* The page is called as the customer. */
static const char *title_of(struct card *card)
{
	struct cc_rows rows;
	int err = cc_db_query(card->rq->db, &rows,
			"SELECT name FROM customer WHERE tenant_id = {tenant} AND id = ?", card->customer);
	bool named = !err && rows.count && *cc_row_str(&rows.row[0], 0);
	return named ? cc_row_str(&rows.row[0], 0) : cc_t(card->rq, "Customer card");
}

static const char *key_of(struct card *card)
{
	return card->customer ? cc_sprintf(card->rq->arena, "%" PRId64, card->customer) : NULL;
}

/* ---- the page ---- */

/* Warnings of the number and of all numbers of the customer, and whether it is not to be called. */
static int add_warnings(struct card *card, struct cc_value *page)
{
	struct cc_request *rq = card->rq;
	struct cc_rows rows;
	const struct package *p = customer_package(card->r);
	const char *e164 = package_e164(rq->arena, p, card->number);
	int err = cc_db_query(rq->db, &rows,
			"SELECT DISTINCT w.text FROM pop_warning w WHERE w.tenant_id = {tenant} AND w.state = "
			"'enabled' AND (w.package_id IS NULL OR w.package_id = ?) AND (w.e164 = ? OR w.e164 IN "
			"(SELECT i.value FROM customer_index i WHERE i.tenant_id = {tenant} AND i.package_id = "
			"? AND i.slot = 1 AND i.customer_id = ? AND i.value IN (SELECT v.e164 FROM pop_warning "
			"v WHERE v.tenant_id = {tenant}))) LIMIT 20",
			p->id, e164, p->id, card->customer);
	struct cc_value *list = cc_value_add(rq->arena, page, "warnings", CC_VALUE_LIST);
	for (size_t i = 0; !err && i < rows.count; i++) {
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "text", cc_row_str(&rows.row[i], 0));
	}
	const char *no_call = NULL;
	if (!err)
		err = customer_no_call(rq, card->customer, NULL, &no_call);
	cc_value_str(rq->arena, page, "no_call", no_call);
	return err;
}

/* Others with the same number. */
static int add_matches(struct card *card, struct cc_value *page)
{
	struct cc_request *rq = card->rq;
	struct cc_value *list = cc_value_add(rq->arena, page, "matches", CC_VALUE_LIST);
	cc_value_bool(rq->arena, page, "has_matches", card->count > 1);
	for (size_t i = 0; card->count > 1 && i < card->count; i++) {
		struct cc_rows rows;
		int err = cc_db_query(rq->db, &rows,
				"SELECT c.name, p.name FROM customer c JOIN customer_package p ON p.tenant_id = "
				"c.tenant_id AND p.id = c.package_id WHERE c.tenant_id = {tenant} AND c.id = ?",
				card->found[i].id);
		if (err)
			return err;
		if (!rows.count)
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "name",
				cc_sprintf(rq->arena, "%s (%s)", cc_row_str(&rows.row[0], 0),
						cc_row_str(&rows.row[0], 1)));
		struct cc_buf url = cc_buf_new(rq->arena);
		cc_buf_printf(
				&url, "/crm/card?customer=%" PRId64 "&call=%s", card->found[i].id, card->call);
		if (card->number_given) {
			cc_buf_str(&url, "&number=");
			cc_buf_url(&url, card->number, strlen(card->number));
		}
		cc_value_str(rq->arena, item, "url", cc_buf_text(&url));
		cc_value_bool(rq->arena, item, "selected", card->found[i].id == card->customer);
	}
	return 0;
}

static int add_tabs(struct card *card, struct cc_value *page)
{
	struct cc_request *rq = card->rq;
	const struct
	{
		const char *path, *label, *permission;
	} own[] = {
			{"follow-ups", CC_NC("tab", "Follow-ups"), NULL},
			{cc_sprintf(rq->arena, "services?call=%s", card->call), CC_NC("tab", "Service records"),
					"crm.services.list"},
			{"contacts", CC_NC("tab", "Contact records"), NULL},
			{"calls", CC_NC("tab", "Calls"), NULL},
			{"inbound", CC_NC("tab", "Inbound calls"), NULL},
	};
	struct cc_value *list = cc_value_add(rq->arena, page, "tabs", CC_VALUE_LIST);
	for (size_t i = 0; card->customer && i < sizeof own / sizeof *own; i++) {
		if (own[i].permission && !cc_can(rq, own[i].permission))
			continue;
		struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		cc_value_str(rq->arena, item, "path",
				cc_sprintf(rq->arena, "/crm/card/%" PRId64 "/%s", card->customer, own[i].path));
		cc_value_str(rq->arena, item, "label", cc_tc(rq, "tab", own[i].label));
	}
	bool told = card->number_given || !card->hide;
	const char *number = told ? card->number : "";
	return cc_tabs_of_card(rq, card->call, number, card->customer, list);
}

/* What the form has beside the customer's fields. */
/* What can be done with the customer's number: the list of customers asks and does it. */
static void add_deeds(struct card *card, struct cc_value *page)
{
	static const struct
	{
		const char *action, *label, *permission;
	} deeds[] = {
			{"no_call", "Do not call", "crm.customers.no_call"},
			{"blacklist", "To the blacklist", "crm.customers.blacklist"},
	};
	struct cc_arena *a = card->rq->arena;
	struct cc_value *list = cc_value_add(a, page, "deeds", CC_VALUE_LIST);
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds && card->customer; i++) {
		if (!cc_can(card->rq, deeds[i].permission))
			continue;
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "action", deeds[i].action);
		cc_value_str(a, item, "label", cc_tc(card->rq, "action", deeds[i].label));
	}
}

/* refused: what is wrong with all of it, NULL: nothing. */
static void add_rest(struct card *card, struct cc_value *page, const char *refused)
{
	struct cc_request *rq = card->rq;
	struct cc_arena *a = rq->arena;
	const struct package *p = customer_package(card->r);
	add_deeds(card, page);
	cc_value_str(a, page, "customer", cc_sprintf(a, "%" PRId64, card->customer));
	cc_value_str(a, page, "list",
			card->customer ? cc_sprintf(a, "%s/%" PRId64, card->r->path, card->customer) : NULL);
	cc_value_str(a, page, "package", p->code);
	cc_value_str(a, page, "package_name", p->name);
	cc_value_str(a, page, "refused", refused);
	cc_value_str(a, page, "call", card->call);
	cc_value_str(a, page, "number", card->number_given ? card->number : "");
	cc_value_str(a, page, "number_text",
			card->number_given ? card->number : cc_mask_number(a, card->number, card->hide));
	cc_value_str(a, page, "text", card_given(rq, "text"));
	cc_value_bool(a, page, "may_save", cc_can(rq, "crm.card.edit"));
	cc_value_bool(a, page, "is_new", !card->customer);
	cc_value_bool(a, page, "calls", card->customer && cc_may_dial(rq));
	const char *done = cc_query(rq, "done");
	cc_value_str(a, page, "done",
			!done                      ? NULL
			: !strcmp(done, "service") ? cc_t(rq, "The service record was saved.")
									   : cc_t(rq, "Saved. A mark was left."));
}

/* page may have fields already: those that were refused. */
static int send(struct card *card, struct cc_value *page, bool fields, const char *refused)
{
	struct cc_request *rq = card->rq;
	int err = fields ? 0 : cc_form_page(rq, card->r, key_of(card), page);
	if (!err)
		err = add_warnings(card, page);
	if (!err)
		err = add_matches(card, page);
	if (!err)
		err = card_choices(rq, customer_package(card->r), card->customer, card->call, page);
	if (!err)
		err = add_tabs(card, page);
	if (err)
		return err;
	add_rest(card, page, refused);
	bool fragment = cc_header(rq, "HTTP_X_REQUESTED_WITH");
	return cc_page_send(rq, fragment ? "crm/card-body" : "crm/card", page);
}

static void card_write(struct cc_jsonw *w, void *ctx)
{
	const struct card *card = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "customer", card->customer);
	cc_jsonw_str(w, "package", customer_package(card->r)->code);
	cc_jsonw_array(w, "matches");
	for (size_t i = 0; i < card->count; i++)
		cc_jsonw_int(w, NULL, card->found[i].id);
	cc_jsonw_close_array(w);
	cc_jsonw_close_object(w);
}

int crm_card(struct cc_request *rq)
{
	struct card card = {.rq = rq};
	int err = find(&card);
	if (err == CC_E_NOENT && card.customer)
		return cc_error(rq, 404,
				cc_t(rq, "This customer is not there any more, or belongs to somebody else."));
	if (err)
		return err;
	if (rq->json) {
		cc_send_json(rq, card_write, &card);
		return 0;
	}
	return send(&card, cc_page(rq, title_of(&card)), false, NULL);
}

/* ---- saving ---- */

static int refuse(struct card *card, struct cc_value *page, int64_t known, const char *text)
{
	cc_undo(card->rq);
	if (card->rq->json)
		return cc_error(card->rq, 400, text);
	cc_status(card->rq, 400);
	card->customer = known;
	int err = cc_form_page(card->rq, card->r, key_of(card), page);
	return err ? err : send(card, page, true, text);
}

static void saved_write(struct cc_jsonw *w, void *ctx)
{
	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "id", *(const int64_t *)ctx);
	cc_jsonw_close_object(w);
}

static int answer(struct card *card)
{
	struct cc_request *rq = card->rq;
	if (rq->json) {
		cc_send_json(rq, saved_write, &card->customer);
		return 0;
	}
	struct cc_buf url = cc_buf_new(rq->arena);
	cc_buf_printf(
			&url, "/crm/card?customer=%" PRId64 "&call=%s&done=saved", card->customer, card->call);
	if (card->number_given) {
		cc_buf_str(&url, "&number=");
		cc_buf_url(&url, card->number, strlen(card->number));
	}
	cc_redirect(rq, cc_buf_text(&url));
	return 0;
}

int crm_card_save(struct cc_request *rq)
{
	struct card card = {.rq = rq};
	const char *text = card_given(rq, "text"), *missing = NULL;
	int err = find(&card);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, title_of(&card));
	int64_t known = card.customer;
	const struct mark mark = {.type = strtoll(card_given(rq, "type_id"), NULL, 10),
			.state = strtoll(card_given(rq, "state_id"), NULL, 10),
			.text = text,
			.call = card.call};
	const struct contact contact = {.result = strtoll(card_given(rq, "result_id"), NULL, 10),
			.funnel = strtoll(card_given(rq, "funnel_id"), NULL, 10),
			.note = text,
			.call = card.call};
	if (strlen(text) > 3000)
		return CC_E_FULL;
	err = card_check_choices(rq, &mark, &contact);
	if (err == CC_E_INVAL)
		return refuse(&card, page, known, cc_t(rq, "There is no such choice."));
	/* who may not change customers still leaves marks */
	if (!err && (!known || cc_resource_can(rq, card.r, "edit")))
		err = cc_form_store(rq, card.r, key_of(&card), page, &card.customer);
	if (err == CC_E_RANGE) {
		card.customer = known;
		return rq->json ? cc_error(rq, 400, NULL) : send(&card, page, true, NULL);
	}
	if (err == CC_E_STALE)
		return refuse(&card, page, known,
				cc_t(rq, "Somebody else has changed the customer meanwhile. Look at it and save "
						 "again."));
	if (!err && contact.funnel)
		err = card_check_success(
				rq, customer_package(card.r), card.customer, contact.funnel, &missing);
	if (err == CC_E_RANGE && missing)
		return refuse(&card, page, known,
				cc_sprintf(rq->arena, "%s %s", cc_t(rq, "A success needs this field filled in:"),
						missing));
	if (!err)
		err = mark_write(rq, card.customer, &mark);
	if (!err && (contact.result || contact.funnel))
		err = contact_write(rq, card.customer, &contact);
	if (!err)
		err = call_task_marked(rq, card.customer, contact.result, contact.funnel);
	return err ? err : answer(&card);
}
