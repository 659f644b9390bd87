/* SPDX-License-Identifier: GPL-2.0-or-later
 * Which rows an export or a batch is about: the selected ones, the search result, or all. */
#include "things.h"

#include <string.h>

void cc_selection_read(struct cc_request *rq, struct cc_selection *s)
{
	struct cc_buf keys = cc_buf_new(rq->arena);
	const char *scope = cc_form(rq, "scope"), *joined = cc_form(rq, "keys"),
			   *query = cc_form(rq, "query");
	/* check boxes without a script, and one field with it */
	if (joined)
		cc_buf_str(&keys, joined);
	for (const struct cc_field *f = rq->state->form.first; f; f = f->next)
		if (!strcmp(f->name, "key") && *f->value)
			cc_buf_printf(&keys, "%s%s", keys.len ? "," : "", f->value);
	*s = (struct cc_selection){
			.scope = scope && *scope ? scope : "selected",
			.keys = keys.len ? cc_buf_text(&keys) : "",
			.query = query ? query : "",
	};
}

int cc_selection_list(const struct cc_selection *s, struct cc_request *rq,
		const struct cc_resource *r, struct cc_list *l)
{
	struct cc_fields *query = cc_alloc(rq->arena, sizeof *query);
	bool found = !strcmp(s->scope, "found"), selected = !strcmp(s->scope, "selected");
	const char *text = found ? s->query : r->range ? "from=1970-01-01" : "";
	int err = found || selected || !strcmp(s->scope, "all") ? 0 : CC_E_INVAL;
	if (!err)
		err = cc_form_parse(rq->arena, query, text + (*text == '?'), strlen(text) - (*text == '?'));
	if (err)
		return err;
	cc_list_begin(l, rq, r, query);
	if (selected && (!*s->keys || cc_list_keys(l, s->keys)))
		return CC_E_INVAL;
	cc_list_order(l);
	return l->fault ? CC_E_INVAL : 0;
}
