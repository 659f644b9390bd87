/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin.h"

struct secret
{
	struct secret *next;
	const char *who, *what, *text;
};

struct admin_issued
{
	struct cc_request *rq;
	const char *title, *back, *note;
	struct secret *first, **end;
};

static int show(struct cc_request *rq, void *ctx)
{
	const struct admin_issued *issued = ctx;
	struct cc_arena *a = rq->arena;
	struct cc_value *page = cc_page(rq, issued->title);
	struct cc_value *list = cc_value_add(a, page, "secrets", CC_VALUE_LIST);
	cc_value_str(a, page, "back", issued->back);
	cc_value_str(a, page, "note", issued->note);
	cc_value_bool(a, page, "any", issued->first);
	cc_value_str(a, page, "problem", admin_engine_problem(rq));
	for (const struct secret *s = issued->first; s; s = s->next) {
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "who", s->who);
		cc_value_str(a, item, "what", s->what);
		cc_value_str(a, item, "text", s->text);
	}
	cc_status(rq, 200);
	return cc_page_send(rq, "admin/issued", page);
}

static void write_json(struct cc_jsonw *w, void *ctx)
{
	const struct admin_issued *issued = ctx;
	cc_jsonw_object(w, NULL);
	cc_jsonw_array(w, "issued");
	for (const struct secret *s = issued->first; s; s = s->next) {
		cc_jsonw_object(w, NULL);
		cc_jsonw_str(w, "who", s->who);
		cc_jsonw_str(w, "what", s->what);
		cc_jsonw_str(w, "secret", s->text);
		cc_jsonw_close_object(w);
	}
	cc_jsonw_close_array(w);
	cc_jsonw_close_object(w);
}

static int show_json(struct cc_request *rq, void *ctx)
{
	*cc_body(rq) = cc_buf_new(rq->arena);
	cc_send_json(rq, write_json, ctx);
	return 0;
}

/* Behind everything that the change has put off, so that it can say what became of it. */
static int last(struct cc_request *rq, void *ctx)
{
	cc_defer(rq, rq->json ? show_json : show, ctx, false);
	return 0;
}

struct admin_issued *admin_issued_new(struct cc_request *rq, const char *title, const char *back)
{
	struct admin_issued *issued = cc_alloc(rq->arena, sizeof *issued);
	issued->rq = rq;
	issued->title = title;
	issued->back = back;
	issued->end = &issued->first;
	cc_defer(rq, last, issued, false);
	return issued;
}

void admin_issued_note(struct admin_issued *issued, const char *text)
{
	issued->note = text;
}

void admin_issued_add(
		struct admin_issued *issued, const char *who, const char *what, const char *secret)
{
	struct secret *s = cc_alloc(issued->rq->arena, sizeof *s);
	*s = (struct secret){NULL, who, what, secret};
	*issued->end = s;
	issued->end = &s->next;
}
