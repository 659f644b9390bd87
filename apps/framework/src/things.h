/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of resources share: resource.c (tables, routes, permissions), query.c (SQL),
 * cell.c (values for people and machines), list.c, form.c's neighbours change.c and edit.c,
 * batch.c, export.c. SQL is put together in query.c and change.c only, of the tables' constant
 * pieces and '?'. */
#ifndef CC_THINGS_H
#define CC_THINGS_H

#include "cc/resource.h"
#include "priv.h"

#define COUNT_MAX 10000    /* beyond it an export or batch is a job */
#define COUNT_FAST 500     /* a page counts so far, and says "500+" of what is more */
#define COUNT_ASKED 100000 /* who asks for the total has it counted so far */
#define BINDS_MAX 100
#define KEYS_MAX 5000 /* of a selection */

/* ---- resource.c ---- */

size_t cc_columns_count(const struct cc_resource *r);
size_t cc_buttons_count(const struct cc_action *buttons);
/* -1 if there is none */
int cc_column_find(const struct cc_resource *r, const char *name);
const char *cc_column_field(const struct cc_column *c);
/* Expression of the list, NULL for columns of forms only. */
const char *cc_column_sql(struct cc_arena *arena, const struct cc_column *c);
const char *cc_resource_from(struct cc_arena *arena, const struct cc_resource *r);
const char *cc_resource_where(const struct cc_resource *r);
const char *cc_resource_key(const struct cc_resource *r);
/* Label, help and codes in the request's language, or as people wrote them. A code stands by
 * itself: it begins with a capital. */
const char *cc_column_label(struct cc_request *rq, const struct cc_column *c);
const char *cc_column_help(struct cc_request *rq, const struct cc_column *c);
const char *cc_column_code(struct cc_request *rq, const struct cc_column *c, const char *code);
/* A TEXT that may be one of the column's words, as people read it, and what they typed as it is
 * kept. */
const char *cc_column_word(struct cc_request *rq, const struct cc_column *c, const char *text);
const char *cc_column_unword(struct cc_request *rq, const struct cc_column *c, const char *text);
/* Whether the user may see a column, change it, and sees its numbers as a whole. */
bool cc_column_seen(struct cc_request *rq, const struct cc_resource *r, const struct cc_column *c);
bool cc_column_changed(
		struct cc_request *rq, const struct cc_resource *r, const struct cc_column *c);
enum cc_hide cc_column_masked(
		struct cc_request *rq, const struct cc_resource *r, const struct cc_column *c);
/* The same in a row, which may hide more than what its column does. values: of all columns. */
enum cc_hide cc_row_hides(const struct cc_resource *r, const struct cc_column *c,
		const char *const *values, enum cc_hide hide);
enum cc_hide cc_row_masked(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, const char *const *values);
bool cc_button_permitted(
		struct cc_request *rq, const struct cc_resource *r, const struct cc_action *b);
/* The button of a row as values of the page: a form that does it, or a link to its page. */
void cc_button_add(struct cc_request *rq, const struct cc_resource *r, const struct cc_action *b,
		const char *key, const struct cc_row *row, struct cc_value *list);
/* Key of a URL as a bind. CC_E_NOENT: it cannot be one. */
int cc_key_bind(
		struct cc_request *rq, const struct cc_resource *r, const char *text, struct cc_bind *bind);
/* Key of a row (its first column) as in URLs. */
const char *cc_key_text(
		struct cc_request *rq, const struct cc_resource *r, const struct cc_row *row);
const char *cc_resource_thing(struct cc_request *rq, const struct cc_resource *r);
/* http:// or https:// and more, without what ends an address. */
bool cc_is_web_address(const char *text);

/* ---- cell.c: the one place where values become text, numbers masked ---- */

const char *cc_cell_text(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, const struct cc_row *row, size_t i);
/* The same for many rows: masked is cc_column_masked of the column, which asks for permissions. */
const char *cc_cell_text_as(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, const struct cc_row *row, size_t i, enum cc_hide masked);
void cc_cell_json(struct cc_request *rq, struct cc_jsonw *w, const struct cc_resource *r,
		const struct cc_column *c, const struct cc_row *row, size_t i, enum cc_hide masked);

/* DATE columns that are NUMBERED: 20261121 and "2026-11-21". */
/* The same for files: a number stays one where spreadsheets read it. */
const char *cc_cell_file(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, const struct cc_row *row, size_t i, enum cc_hide masked);
const char *cc_date_text(struct cc_arena *arena, const char *number);
int64_t cc_date_number(const char *text);

/* ---- query.c: parameters of a list, and its SQL ---- */

#define CONDITIONS 10 /* field1 op1 value1 until1 … */

/* "x IN (?, ?)" of the conditions that all rows fulfil: text and binds can be replaced by "x = ?"
 * and one of them. */
struct cc_split
{
	size_t at, len;      /* in where; len 0: there is none */
	const char *single;  /* "x = ?" */
	size_t first, count; /* of the binds */
};

/* One request for rows. */
struct cc_list
{
	struct cc_request *rq;
	const struct cc_resource *r;
	const struct cc_fields *query; /* parameters: the URL's, or those of a remembered search */
	struct cc_buf where;           /* " AND …" of scope and search */
	struct cc_buf having;          /* the same of groups; its binds follow those of where */
	struct cc_bind bind[BINDS_MAX];
	size_t binds;
	struct cc_split split;
	bool picked[CC_COLUMNS_MAX]; /* columns that are read; the others come as NULL */
	bool with_buttons; /* behind the columns follow the row's class, the conditions of the buttons
						  and those of the columns that can be called */
	const struct cc_column *sort; /* NULL: by key, newest first */
	bool descending;
	int64_t page, size;
	const char *after, *before; /* only what comes behind or in front of this key */
	struct cc_buf position;     /* that as " AND …"; its binds are the last ones */
	size_t position_binds;
	bool many;              /* cc_list_many */
	bool keys_only;         /* cc_names_fill puts texts in the place of keys */
	const char *from, *key; /* cc_list_source; NULL: the resource's */
	const char *fault;      /* what is wrong with the parameters */
};

/* names.c: reads the texts of the keys of the picked columns that have `names`; the list's SQL
 * gives the keys of these columns from then on. They live in the request's arena. */
struct cc_names;
int cc_names_load(struct cc_list *l, struct cc_names **names);
/* Puts texts in the place of keys. */
void cc_names_fill(const struct cc_names *names, const struct cc_list *l, const struct cc_row *row);

/* How a column can be compared; ends with NULL. */
const char *const *cc_operators(
		struct cc_request *rq, const struct cc_resource *r, const struct cc_column *c);
/* Whether the user may search by the column: seen, and flagged so. */
bool cc_column_searched(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, unsigned flag);
/* Reads filters and conditions of the query; faults are in l->fault. */
void cc_list_begin(struct cc_list *l, struct cc_request *rq, const struct cc_resource *r,
		const struct cc_fields *query);
/* Remembers the first fault. */
void cc_list_fault(struct cc_list *l, const char *label);
/* condition.c: what the query asks for, as " AND …" */
void cc_list_conditions(struct cc_list *l);
struct cc_view;
/* search.c: what the page offers to search with */
int cc_list_search_page(struct cc_list *l, const struct cc_view *view, struct cc_value *page);
/* The list's address with a parameter changed. */
const char *cc_list_url(struct cc_list *l, const char *name, const char *value);
/* Sorting too. */
void cc_list_order(struct cc_list *l);
/* Sorting and paging too. standard: rows of a page. */
void cc_list_paging(struct cc_list *l, int64_t standard);
const char *cc_list_given(const struct cc_list *l, const char *name);
/* Only rows of these keys, separated by commas. CC_E_INVAL, CC_E_FULL. */
int cc_list_keys(struct cc_list *l, const char *keys);
/* Picks columns with the flag that the user may see. */
void cc_list_pick(struct cc_list *l, unsigned flag);
/* The SELECT of the picked columns, without LIMIT; its binds are those of l. */
const char *cc_list_sql(struct cc_list *l);
int cc_list_fetch(struct cc_list *l, struct cc_rows *rows, int64_t limit, int64_t offset);
/* Of the whole search for a page: at most COUNT_FAST + 1, which is remembered for some seconds. */
int cc_list_total(struct cc_list *l, int64_t *total);
/* Of the whole search, wherever the page lies; at most max + 1. */
int cc_list_count(struct cc_list *l, int64_t max, int64_t *total);
/* The totals of picked columns, over all rows found, each in its column's place. */
int cc_list_sums(struct cc_list *l, struct cc_row *sums);
int cc_resource_send_one(struct cc_request *rq, const struct cc_resource *r, const char *key);
extern const int cc_list_sizes[5];

/* ---- selection.c: which rows an export or a batch is about ---- */

struct cc_selection
{
	const char *scope; /* "selected", "found" or "all" */
	const char *keys;  /* selected: with commas between them */
	const char *query; /* found: query of the list's address */
};

/* From fields scope, keys or key, query. */
void cc_selection_read(struct cc_request *rq, struct cc_selection *s);
/* CC_E_INVAL: it cannot be understood. */
int cc_selection_list(const struct cc_selection *s, struct cc_request *rq,
		const struct cc_resource *r, struct cc_list *l);

/* ---- change.c: one row read, checked and written ---- */

struct cc_change_values
{
	size_t count;
	const char **before, **after; /* as in the database */
	const char **typed;           /* as sent, to be shown again */
	const char **why;             /* what is wrong */
	bool *given;
	const char *general;     /* what is wrong with all of it */
	struct cc_rows *options; /* of OPTION columns, read once */
	bool *options_read;
	const struct cc_upload **upload; /* files that were sent */
	bool asked; /* what an action for many asks for: who may do that may fill it in */
	bool batch; /* only columns with BATCH whose "set_<name>" was sent are taken */
	char version[33];
};

struct cc_change *cc_change_begin(
		struct cc_request *rq, const struct cc_resource *r, unsigned action, const char *key);
/* Reads the row, for a change with a lock. CC_E_NOENT: there is none that the user may see. */
int cc_change_load(struct cc_change *c, bool lock);
/* Takes the fields of the form that the user may change. */
int cc_change_read(struct cc_change *c);
bool cc_change_is_refused(const struct cc_change *c);
/* What is wrong with the row, as one text. */
const char *cc_change_why(struct cc_change *c);
/* What people call the row as it was: what the quick search finds it by; else its first text, or
 * what it belongs to. */
const char *cc_change_name(struct cc_change *c);
/* Checks by the hook, writes row and audit. CC_E_RANGE: refused; CC_E_STALE: the form is older than
 * the row. */
int cc_change_store(struct cc_change *c);
/* Names of what uses the row, "" if nothing does. */
int cc_change_uses(struct cc_change *c, const char **text);
/* CC_E_RANGE: in use, or a hook refused. */
int cc_change_delete(struct cc_change *c);
/* Rows of value, text, heading, language. */
int cc_choices_read(struct cc_request *rq,
		int (*choices)(struct cc_request *rq, struct cc_choices *list), struct cc_rows *rows);
/* What may be chosen, in one column: value, text and (CHOICE) heading; none of other types. Read
 * once. */
int cc_change_options(struct cc_change *c, size_t column, struct cc_rows **rows);
/* What an input shows for a value of the database. */
const char *cc_change_input(struct cc_change *c, size_t column, const char *value);
bool cc_column_in_form(const struct cc_column *c);

/* ---- view.c: which columns a user sees, and how many rows ---- */

struct cc_view
{
	size_t count;
	size_t column[CC_COLUMNS_MAX]; /* those that are shown, in their order */
	int64_t size;                  /* 0: not chosen */
	const char *filters; /* names of those that are always shown; NULL: the first of the table */
	bool temporary;      /* chosen in the address, for this time */
};

/* From the address (columns=a,b), else as saved, else those of the table. */
int cc_view_read(struct cc_list *l, struct cc_view *view);
/* The list for the dialogue: every column with whether it is shown, in order. */
void cc_view_choices(struct cc_list *l, const struct cc_view *view, struct cc_value *page);
int cc_resource_columns(struct cc_request *rq);

/* ---- upload.c ---- */

/* NULL: no file was chosen. */
const struct cc_upload *cc_uploaded(const struct cc_request *rq, const char *name);
/* Makes it a row of the table file, in the transaction; id as text. */
int cc_upload_keep(struct cc_request *rq, const struct cc_upload *upload, const char **id);
/* Removes a kept file, after the commit. */
int cc_file_drop(struct cc_request *rq, const char *id);
int cc_resource_file(struct cc_request *rq);

/* ---- handlers ---- */

int cc_resource_list(struct cc_request *rq);
int cc_resource_export_now(struct cc_list *l, const char *format);
int cc_resource_export(struct cc_request *rq);
int cc_resource_batch(struct cc_request *rq);
/* The answer to an order: the page of jobs, or {"job":id}. */
int cc_resource_job_sent(struct cc_request *rq, int64_t id);
int cc_resource_import_form(struct cc_request *rq);
int cc_resource_import(struct cc_request *rq);
int cc_resource_form(struct cc_request *rq);
int cc_resource_create(struct cc_request *rq);
int cc_resource_edit(struct cc_request *rq);
int cc_resource_delete_ask(struct cc_request *rq);
int cc_resource_delete(struct cc_request *rq);
int cc_resource_do(struct cc_request *rq);

/* dial.c */
int cc_resource_call(struct cc_request *rq);
/* Where the button beside a number leads. */
const char *cc_call_path(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, const char *key);

/* Where the list was (next of form or query, if it is a place of this list), with a parameter set
 * (value "": without it). */
const char *cc_list_back_with(
		struct cc_request *rq, const struct cc_resource *r, const char *name, const char *value);
const char *cc_list_back(struct cc_request *rq, const struct cc_resource *r);

/* Fields of the form as a list for the template. */
int cc_form_fields(struct cc_change *c, struct cc_value *page, unsigned flag);

#endif
