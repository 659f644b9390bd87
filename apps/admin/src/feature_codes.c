/* SPDX-License-Identifier: GPL-2.0-or-later
 * CODE-01, CODE-04: which keys of agents' phones do what, a form made of the list in
 * contract/codes.def. */
#include <string.h>
#include "admin.h"
#include "cc/feature_code.h"
#include "cc/input.h"

struct form
{
	struct cc_request *rq;
	struct cc_code_table codes;
	/* as typed, and what is wrong with it; NULL: as it was, nothing */
	const char *typed[CC_CODES][CC_CODE_COLUMNS], *why[CC_CODES][CC_CODE_COLUMNS];
	bool faults;
};

static const char *field_name(struct cc_request *rq, int code, int column)
{
	return cc_sprintf(rq->arena, "%s%s", cc_codes[code].name, column ? "_gateway" : "");
}

/* ---- the page ---- */

static void add_field(struct form *f, int code, int column, bool first, struct cc_value *list)
{
	static const char *const sections[] = {
			[CC_CODE_DIALLED] = CC_N("Codes that are dialled"),
			[CC_CODE_TALK] = CC_N("Codes that are pressed in a talk with a customer"),
	};
	struct cc_request *rq = f->rq;
	const struct cc_code_info *info = &cc_codes[code];
	const char *label = cc_tc(rq, "code", info->label), *typed = f->typed[code][column];
	cc_input_add(rq, list,
			&(struct cc_input){
					.kind = CC_INPUT_LINE,
					.name = field_name(rq, code, column),
					.label = column ? cc_sprintf(rq->arena, "%s (%s)", label,
											  cc_t(rq, "EIA and EIX gateways"))
									: label,
					.help = !column && *info->help ? cc_tc(rq, "code", info->help) : NULL,
					.section = first ? cc_t(rq, sections[info->when]) : NULL,
					.why = f->why[code][column],
					.value = typed ? typed : f->codes.text[code][column],
					.max = CC_CODE_TEXT - 1,
			});
}

static int show(struct form *f)
{
	struct cc_request *rq = f->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Feature codes"));
	cc_value_str(a, page, "action", "/admin/feature-codes");
	cc_value_str(a, page, "note",
			cc_t(rq, "Digits, * and #; D stands for a digit and N for a number. Empty: the code is "
					 "switched off. The codes of gateways work where the preferences say so."));
	cc_value_bool(a, page, "saved", cc_query(rq, "saved") && !f->faults);
	cc_value_bool(a, page, "faults", f->faults);
	cc_value_bool(a, page, "may_edit", cc_can(rq, "admin.feature_code.edit"));
	struct cc_value *list = cc_value_add(a, page, "fields", CC_VALUE_LIST);
	for (int when = CC_CODE_DIALLED; when <= CC_CODE_TALK; when++) {
		bool first = true;
		for (int i = 0; i < CC_CODES * CC_CODE_COLUMNS; i++) {
			int code = i / CC_CODE_COLUMNS;
			if ((int)cc_codes[code].when != when)
				continue;
			add_field(f, code, i % CC_CODE_COLUMNS, first, list);
			first = false;
		}
	}
	return cc_page_send(rq, "admin/single", page);
}

int admin_feature_codes_form(struct cc_request *rq)
{
	struct form f = {.rq = rq};
	int err = cc_feature_codes(rq, &f.codes);
	return err ? err : show(&f);
}

/* ---- checks ---- */

static void refuse(struct form *f, int code, int column, const char *why)
{
	if (f->why[code][column])
		return;
	f->why[code][column] = why;
	f->faults = true;
}

static void check_text(struct form *f, int code, int column)
{
	static const char *const faults[] = {
			[CC_CODE_LETTERS] = CC_N("Two to fifteen digits, * and #."),
			[CC_CODE_SHORT] = CC_N("A code of digits only has five or more: shorter ones are "
								   "telephone numbers."),
	};
	struct cc_request *rq = f->rq;
	const struct cc_code_info *info = &cc_codes[code];
	const char *text = f->codes.text[code][column];
	enum cc_code_fault fault = *text ? cc_code_check((enum cc_code)code, text) : CC_CODE_GOOD;
	const char *why = NULL;
	if (fault == CC_CODE_WITHOUT)
		why = info->with == CC_CODE_DIGIT    ? cc_t(rq, "This code needs one D, for the digit.")
			  : info->with == CC_CODE_NUMBER ? cc_t(rq, "This code needs one N, for the number.")
											 : cc_t(rq, "This code has no D and no N.");
	else if (fault == CC_CODE_NO_SIGN)
		why = info->with == CC_CODE_NUMBER
					  ? cc_t(rq, "It begins with * or #, and one of them stands behind N.")
					  : cc_t(rq, "It begins with * or #: other keys are the customer's.");
	else if (fault != CC_CODE_GOOD)
		why = cc_t(rq, faults[fault]);
	if (why)
		refuse(f, code, column, why);
}

/* What both could be would only ever be the first of them. */
static void check_clashes(struct form *f, int code, int column)
{
	struct cc_request *rq = f->rq;
	for (int i = 0; i < CC_CODES * CC_CODE_COLUMNS; i++) {
		int other = i / CC_CODE_COLUMNS;
		const char *text = f->codes.text[other][i % CC_CODE_COLUMNS];
		if (other != code && !f->why[other][i % CC_CODE_COLUMNS] &&
				cc_code_clash(
						(enum cc_code)code, f->codes.text[code][column], (enum cc_code)other, text))
			refuse(f, code, column,
					cc_sprintf(rq->arena, "%s %s (%s)", cc_t(rq, "The same keys are the code of:"),
							cc_tc(rq, "code", cc_codes[other].label), text));
	}
}

/* Numbers of the tenant's own are called, whatever a code says. */
static int check_numbers(struct form *f, int code, int column)
{
	struct cc_request *rq = f->rq;
	const char *text = f->codes.text[code][column], *d = strchr(text, 'D');
	struct cc_rows rows;
	if (!*text || strpbrk(text, "*#") || f->why[code][column])
		return 0;
	const char *pattern = d ? cc_sprintf(rq->arena, "^%.*s[0-9]%s$", (int)(d - text), text, d + 1)
							: cc_sprintf(rq->arena, "^%s$", text);
	int err = cc_db_query(rq->db, &rows,
			"SELECT number FROM agent WHERE tenant_id = {tenant} AND live = 1 AND number REGEXP ? "
			"UNION SELECT number FROM agent_group WHERE tenant_id = {tenant} AND live = 1 AND "
			"number REGEXP ? UNION SELECT number FROM ivr WHERE tenant_id = {tenant} AND number "
			"REGEXP ? LIMIT 1",
			pattern, pattern, pattern);
	if (!err && rows.count)
		refuse(f, code, column,
				cc_sprintf(rq->arena, "%s %s",
						cc_t(rq, "An agent, a group or a menu has this number:"),
						cc_row_str(&rows.row[0], 0)));
	return err;
}

static int check(struct form *f, const struct cc_code_table *before)
{
	int err = 0;
	for (int i = 0; i < CC_CODES * CC_CODE_COLUMNS; i++)
		check_text(f, i / CC_CODE_COLUMNS, i % CC_CODE_COLUMNS);
	/* beside what was changed, which is what is wrong */
	for (int changed = 1; changed >= 0; changed--)
		for (int i = 0; i < CC_CODES * CC_CODE_COLUMNS; i++) {
			int code = i / CC_CODE_COLUMNS, column = i % CC_CODE_COLUMNS;
			if (changed == (strcmp(f->codes.text[code][column], before->text[code][column]) != 0))
				check_clashes(f, code, column);
		}
	for (int i = 0; i < CC_CODES * CC_CODE_COLUMNS && !err; i++)
		err = check_numbers(f, i / CC_CODE_COLUMNS, i % CC_CODE_COLUMNS);
	return err;
}

/* ---- saving ---- */

struct audit
{
	const struct cc_code_table *before, *after;
};

static void audit_write(struct cc_jsonw *w, void *ctx)
{
	const struct audit *a = ctx;
	cc_jsonw_object(w, NULL);
	for (int code = 0; code < CC_CODES; code++) {
		const char(*was)[CC_CODE_TEXT] = a->before->text[code];
		const char(*is)[CC_CODE_TEXT] = a->after->text[code];
		if (!strcmp(was[0], is[0]) && !strcmp(was[1], is[1]))
			continue;
		cc_jsonw_array(w, cc_codes[code].name);
		for (int i = 0; i < 2 * CC_CODE_COLUMNS; i++)
			cc_jsonw_str(w, NULL, i < CC_CODE_COLUMNS ? was[i] : is[i - CC_CODE_COLUMNS]);
		cc_jsonw_close_array(w);
	}
	cc_jsonw_close_object(w);
}

/* Rows are what differs from the defaults. */
static int store(struct cc_request *rq, int code, const char (*text)[CC_CODE_TEXT])
{
	const struct cc_code_info *info = &cc_codes[code];
	if (!strcmp(text[0], info->initial[0]) && !strcmp(text[1], info->initial[1]))
		return cc_db_exec(rq->db,
				"DELETE FROM feature_code WHERE tenant_id = {tenant} AND name = ?", info->name);
	return cc_db_exec(rq->db,
			"REPLACE INTO feature_code (tenant_id, name, code, gateway) VALUES ({tenant}, ?, ?, ?)",
			info->name, text[0], text[1]);
}

static int save(struct cc_request *rq, const struct audit *a)
{
	int err = 0;
	if (memcmp(a->before, a->after, sizeof *a->before) != 0) {
		for (int code = 0; code < CC_CODES && !err; code++)
			if (memcmp(a->before->text[code], a->after->text[code], sizeof a->after->text[code]) !=
					0)
				err = store(rq, code, a->after->text[code]);
		if (!err)
			err = admin_changed(rq);
		if (err)
			return err;
		cc_audit(rq, "admin.feature_code.edit", "feature codes",
				cc_json_text(rq->arena, audit_write, (void *)(uintptr_t)a));
		cc_defer(rq, admin_reload, NULL, false);
	}
	cc_redirect(rq, "/admin/feature-codes?saved=1");
	return 0;
}

int admin_feature_codes(struct cc_request *rq)
{
	struct form f = {.rq = rq};
	struct cc_code_table before;
	int err = cc_feature_codes(rq, &before);
	if (err)
		return err;
	f.codes = before;
	for (int i = 0; i < CC_CODES * CC_CODE_COLUMNS; i++) {
		int code = i / CC_CODE_COLUMNS, column = i % CC_CODE_COLUMNS;
		const char *typed = cc_form_last(rq, field_name(rq, code, column));
		char *text = f.codes.text[code][column];
		if (!typed)
			continue;
		f.typed[code][column] = typed;
		memset(text, 0, CC_CODE_TEXT); /* tables are compared as memory */
		if (strlen(typed) < CC_CODE_TEXT)
			strcpy(text, typed);
		else
			refuse(&f, code, column, cc_t(rq, "Two to fifteen digits, * and #."));
	}
	err = check(&f, &before);
	if (err)
		return err;
	if (f.faults) {
		cc_status(rq, 400);
		return show(&f);
	}
	return save(rq, &(struct audit){&before, &f.codes});
}
