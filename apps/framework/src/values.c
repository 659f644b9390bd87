/* SPDX-License-Identifier: GPL-2.0-or-later
 * Values of a form: from what people typed to what the database has, checked by type. */
#include "things.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/money.h"

#define FILE_MAX (2 * 1024 * 1024) /* bytes of a file whose column says nothing */

const char *cc_change_input(struct cc_change *c, size_t column, const char *value)
{
	const struct cc_column *d = &c->r->columns[column];
	char *end;
	if (!value)
		return "";
	if (d->type == CC_COLUMN_TIME) {
		long long ms = strtoll(value, &end, 10);
		return *end || !ms ? "" : cc_time_input(c->rq, ms);
	}
	if (d->type == CC_COLUMN_AMOUNT) {
		const struct cc_money m = cc_money(c->rq);
		return *value ? cc_money_input(c->rq->arena, &m, strtoll(value, NULL, 10)) : "";
	}
	if (d->flags & CC_COLUMN_NUMBERED)
		return cc_date_text(c->rq->arena, value);
	enum cc_hide hide = cc_row_masked(c->rq, c->r, d, c->values->before);
	if (hide)
		return cc_mask_number(c->rq->arena, value, hide);
	if (d->type == CC_COLUMN_PASSWORD)
		return "";
	return d->type == CC_COLUMN_TEXT ? cc_column_word(c->rq, d, value) : value;
}

/* All fields of the name, with commas between them; NULL: none was sent. */
static const char *field_joined(struct cc_request *rq, const char *name)
{
	struct cc_buf b = cc_buf_new(rq->arena);
	bool sent = false;
	for (const struct cc_field *f = rq->state->form.first; f; f = f->next) {
		if (strcmp(f->name, name))
			continue;
		sent = true;
		if (*f->value)
			cc_buf_printf(&b, "%s%s", b.len ? "," : "", f->value);
	}
	return sent ? cc_buf_text(&b) : NULL;
}

static const char *trimmed(struct cc_arena *arena, const char *text)
{
	size_t len;
	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	return cc_strndup(arena, text, len);
}

static int64_t characters(const char *text)
{
	int64_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static const char *check_length(struct cc_request *rq, const struct cc_column *d, const char *text)
{
	static const int64_t standard[] = {[CC_COLUMN_NOTE] = 1000, [CC_COLUMN_TAGS] = 200};
	int64_t n = characters(text), max = d->max;
	if (!max && (size_t)d->type < sizeof standard / sizeof *standard)
		max = standard[d->type];
	if (!max)
		max = 100;
	if (n > max)
		return cc_fill(rq, cc_t(rq, "At most {n} characters."), "{n}", max);
	if (n < d->min)
		return cc_fill(rq, cc_t(rq, "At least {n} characters."), "{n}", d->min);
	return NULL;
}

static const char *check_int(struct cc_request *rq, const struct cc_column *d, const char **value)
{
	char *end;
	errno = 0;
	long long n = strtoll(*value, &end, 10);
	if (*end || errno || end == *value)
		return cc_t(rq, "This is not a whole number.");
	bool limited = d->min || d->max;
	if (!limited && n < 0)
		return cc_t(rq, "This must not be negative.");
	if (limited && (n < d->min || n > d->max))
		return cc_fill(rq, cc_fill(rq, cc_t(rq, "From {min} to {max}."), "{min}", d->min), "{max}",
				d->max);
	*value = cc_sprintf(rq->arena, "%lld", n);
	return NULL;
}

static const char *check_amount(
		struct cc_request *rq, const struct cc_column *d, const char **value)
{
	const struct cc_money m = cc_money(rq);
	bool limited = d->min || d->max;
	int64_t n;
	int err = cc_money_parse(&m, *value, &n);
	if (err == CC_E_INVAL)
		return cc_sprintf(rq->arena, "%s %s %s", cc_t(rq, cc_money_wrong(err)),
				cc_t(rq, "For example:"),
				cc_money_input(rq->arena, &m, 1234 * (int64_t)CC_MONEY_UNIT));
	if (err)
		return cc_t(rq, cc_money_wrong(err));
	if (!limited && n < 0)
		return cc_t(rq, "This must not be negative.");
	if (limited && (n < d->min || n > d->max))
		return cc_sprintf(rq->arena, "%s %s … %s", cc_t(rq, "The amount must lie within these:"),
				cc_money_input(rq->arena, &m, d->min), cc_money_input(rq->arena, &m, d->max));
	*value = cc_sprintf(rq->arena, "%" PRId64, n);
	return NULL;
}

static const char *check_tags(struct cc_request *rq, const struct cc_column *d, const char **value)
{
	struct cc_buf b = cc_buf_new(rq->arena);
	for (const char *p = *value; *p;) {
		/* people type Chinese commas as well */
		size_t len = 0, skip = 0;
		while (p[len] && !skip) {
			skip = p[len] == ','                                              ? 1
				   : !strncmp(p + len, "，", 3) || !strncmp(p + len, "、", 3) ? 3
																			  : 0;
			len += !skip;
		}
		const char *word = trimmed(rq->arena, cc_strndup(rq->arena, p, len));
		if (*word)
			cc_buf_printf(&b, "%s%s", b.len ? "," : "", word);
		p += len + skip;
	}
	*value = cc_buf_text(&b);
	return check_length(rq, d, *value);
}

static bool has_option(const struct cc_rows *rows, const char *key, size_t len)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->row[i].len[0] == len && !memcmp(rows->row[i].v[0], key, len))
			return true;
	return false;
}

/* Only what the list of options has: rows of another tenant are not in it. */
static int check_options(struct cc_change *c, size_t i, const char *value, const char **why)
{
	struct cc_rows *rows;
	int err = cc_change_options(c, i, &rows);
	bool several = c->r->columns[i].type == CC_COLUMN_OPTIONS;
	for (const char *p = value; !err && *p && !*why;) {
		size_t len = several ? strcspn(p, ",") : strlen(p);
		if (!has_option(rows, p, len))
			*why = cc_t(c->rq, "There is no such choice.");
		p += len + (p[len] == ',');
	}
	if (!err && !*value && !has_option(rows, "", 0))
		*why = cc_t(c->rq, "This must be filled in.");
	return err;
}

static const char *check_code(struct cc_request *rq, const struct cc_column *d, const char *value)
{
	for (const char *const *code = d->codes; *code; code++)
		if (!strcmp(*code, value))
			return NULL;
	return cc_t(rq, "There is no such choice.");
}

static const char *check_phone(struct cc_request *rq, const struct cc_column *d, const char *value)
{
	size_t digits = 0;
	for (const char *p = value; *p; p++)
		digits += *p >= '0' && *p <= '9';
	if (value[strspn(value, "0123456789+-() ")] || digits < 2 || digits > 20)
		return cc_t(rq, "This is not a telephone number.");
	return check_length(rq, d, value);
}

bool cc_is_web_address(const char *text)
{
	size_t scheme = !strncmp(text, "https://", 8) ? 8 : !strncmp(text, "http://", 7) ? 7 : 0;
	return scheme && text[scheme] && !strpbrk(text, " \t\r\n\"<>\\");
}

static const char *check_email(struct cc_request *rq, const struct cc_column *d, const char *value)
{
	const char *at = strchr(value, '@');
	const char *dot = at ? strchr(at + 1, '.') : NULL;
	if (!at || at == value || strchr(at + 1, '@') || !dot || dot == at + 1 || !dot[1] ||
			strpbrk(value, " \t\r\n,;<>()\"\\"))
		return cc_t(rq, "This is not an e-mail address.");
	return check_length(rq, d, value);
}

/* Turns a text that is not empty into the database's value. */
static int check_value(struct cc_change *c, size_t i, const char **value, const char **why)
{
	struct cc_request *rq = c->rq;
	const struct cc_column *d = &c->r->columns[i];
	int64_t ms, step;
	switch (d->type) {
	case CC_COLUMN_INT:
	case CC_COLUMN_DURATION:
		*why = check_int(rq, d, value);
		return 0;
	case CC_COLUMN_AMOUNT:
		*why = check_amount(rq, d, value);
		return 0;
	case CC_COLUMN_BOOL:
		if (strcmp(*value, "0") && strcmp(*value, "1"))
			*why = cc_t(rq, "There is no such choice.");
		return 0;
	case CC_COLUMN_TIME:
		if (cc_time_parse(rq, *value, &ms, &step))
			*why = cc_t(rq, "This is not a time.");
		else
			*value = cc_sprintf(rq->arena, "%" PRId64, ms);
		return 0;
	case CC_COLUMN_DATE:
		if (cc_time_parse(rq, *value, &ms, &step) || strlen(*value) != 10 ||
				strncmp(cc_time_input(rq, ms), *value, 10))
			*why = cc_t(rq, "This is not a date.");
		else if (d->flags & CC_COLUMN_NUMBERED)
			*value = cc_sprintf(rq->arena, "%lld", (long long)cc_date_number(*value));
		return 0;
	case CC_COLUMN_CODE:
		*why = check_code(rq, d, *value);
		return 0;
	case CC_COLUMN_OPTION:
	case CC_COLUMN_OPTIONS:
	case CC_COLUMN_CHOICE:
		return check_options(c, i, *value, why);
	case CC_COLUMN_TAGS:
		*why = check_tags(rq, d, value);
		return 0;
	case CC_COLUMN_PHONE:
		*why = check_phone(rq, d, *value);
		return 0;
	case CC_COLUMN_EMAIL:
		*why = check_email(rq, d, *value);
		return 0;
	case CC_COLUMN_LINK:
		*why = cc_is_web_address(*value) ? check_length(rq, d, *value)
										 : cc_t(rq, "A link begins with http:// or https://.");
		return 0;
	case CC_COLUMN_TEXT:
		if (strpbrk(*value, "\r\n"))
			*why = cc_t(rq, "One line only.");
		else
			*why = check_length(rq, d, *value);
		*value = cc_column_unword(rq, d, *value);
		return 0;
	default:
		*why = check_length(rq, d, *value);
		return 0;
	}
}

/* Empty text and NULL are one thing for people, not for the database. */
static bool empty_is_null(enum cc_column_type type)
{
	return type == CC_COLUMN_INT || type == CC_COLUMN_TIME || type == CC_COLUMN_DATE ||
		   type == CC_COLUMN_DURATION || type == CC_COLUMN_OPTION || type == CC_COLUMN_FILE ||
		   type == CC_COLUMN_AMOUNT;
}

static int take(struct cc_change *c, size_t i, const char *typed)
{
	struct cc_change_values *v = c->values;
	const struct cc_column *d = &c->r->columns[i];
	const char *value = d->type == CC_COLUMN_PASSWORD ? typed : trimmed(c->rq->arena, typed);
	int err = 0;
	v->typed[i] = typed;
	v->given[i] = true;
	if (c->action == CC_EDIT && !strcmp(value, cc_change_input(c, i, v->before[i])))
		return 0; /* untouched: seconds that the input does not show, masked digits, passwords */
	if (!cc_column_changed(c->rq, c->r, d) ||
			(c->action == CC_EDIT && (d->flags & CC_COLUMN_FIXED))) {
		v->why[i] = cc_t(c->rq, "This cannot be changed.");
		return 0;
	}
	if (*value || d->type == CC_COLUMN_CHOICE)
		err = check_value(c, i, &value, &v->why[i]);
	else if (d->flags & CC_COLUMN_REQUIRED)
		v->why[i] = cc_t(c->rq, "This must be filled in.");
	if (!err && !v->why[i] && d->check)
		v->why[i] = d->check(c->rq, &value);
	v->after[i] = !*value && empty_is_null(d->type) ? NULL : value;
	return err;
}

/* By what it is, not by what it is called. */
static void take_file(struct cc_change *c, size_t i)
{
	struct cc_request *rq = c->rq;
	struct cc_change_values *v = c->values;
	const struct cc_column *d = &c->r->columns[i];
	const struct cc_upload *u = cc_uploaded(rq, d->name);
	int64_t max = d->max ? d->max : FILE_MAX;
	const char *const *type = d->codes;
	bool clear = cc_form(rq, cc_sprintf(rq->arena, "clear_%s", d->name));
	if (!u && !clear) {
		if (c->action == CC_CREATE && (d->flags & CC_COLUMN_REQUIRED))
			v->why[i] = cc_t(rq, "This must be filled in.");
		return;
	}
	v->given[i] = true;
	if (!cc_column_changed(rq, c->r, d) || (c->action == CC_EDIT && (d->flags & CC_COLUMN_FIXED))) {
		v->why[i] = cc_t(rq, "This cannot be changed.");
		return;
	}
	if (!u) {
		v->after[i] = NULL;
		return;
	}
	while (*type && strcmp(*type, u->type))
		type++;
	if (u->size > max)
		v->why[i] = cc_fill(rq, cc_t(rq, "At most {n} KB."), "{n}", max / 1024);
	else if (!u->size)
		v->why[i] = cc_t(rq, "The file is empty.");
	else if (!*type)
		v->why[i] = cc_t(rq, "Files of this type are not possible here.");
	v->upload[i] = u;
	v->after[i] = u->filename; /* until it is kept */
}

int cc_change_read(struct cc_change *c)
{
	int err = 0;
	for (size_t i = 0; i < c->values->count && !err; i++) {
		const struct cc_column *d = &c->r->columns[i];
		if (!(d->flags & CC_COLUMN_FORM) || (d->flags & CC_COLUMN_SHOWN))
			continue;
		if (!cc_column_seen(c->rq, c->r, d)) {
			if (cc_form(c->rq, d->name)) /* no form of ours has it */
				cc_change_refuse(c, NULL, cc_t(c->rq, "You have no permission for this."));
			continue;
		}
		if (c->values->batch &&
				(!(d->flags & CC_COLUMN_BATCH) ||
						!cc_form(c->rq, cc_sprintf(c->rq->arena, "set_%s", d->name))))
			continue;
		if (d->type == CC_COLUMN_FILE) {
			take_file(c, i);
			continue;
		}
		const char *typed = d->type == CC_COLUMN_OPTIONS ? field_joined(c->rq, d->name)
														 : cc_form_last(c->rq, d->name);
		if (typed)
			err = take(c, i, typed);
		else if (c->action == CC_CREATE && (d->flags & CC_COLUMN_REQUIRED) && !d->initial)
			c->values->why[i] = cc_t(c->rq, "This must be filled in.");
		else if (c->action == CC_CREATE && d->initial && *d->initial)
			c->values->after[i] = d->initial;
	}
	return err;
}
