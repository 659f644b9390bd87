/* SPDX-License-Identifier: GPL-2.0-or-later
 * Things in one constant table: from it come the list (search, conditions, sorting, paging, chosen
 * columns, selection), the form, deletion, batch changes, CSV, XLSX and the JSON API, with
 * permissions, tenant, data scope, masking and audit. docs/pages.md shows how to write one.
 *
 * Routes of a resource with path P (those of the actions it has):
 *	GET  P                list; ?format=json|csv|xlsx|count
 *	GET  P/new            empty form;      POST P/new creates
 *	GET  P/{id}           form of one;     POST P/{id} changes
 *	GET  P/{id}/delete    asks;            POST P/{id}/delete deletes
 *	POST P/batch          changes or deletes many (first asks)
 *	POST P/export         file of the selected, of the search result or of all
 *	POST P/columns        saves which columns the user sees
 *	GET  P/{id}/file/{column}, POST P/{id}/do/{action}, POST P/{id}/call/{column}
 * P may have parts in braces ("/crm/customers/{package}"); the hook vary puts the address of the
 * request in their place and adds the columns that are known only then.
 * Permissions of a resource with permission p: p.list, p.create, p.edit, p.delete, p.export and of
 * its GUARDED columns p.<column>.view, p.<column>.edit. They need not be declared. */
#ifndef CC_RESOURCE_H
#define CC_RESOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include "cc/jsonw.h"
#include "cc/ulid.h"
#include "cc/web.h"

#define CC_COLUMNS_MAX 96 /* of a resource, those of plugins and of vary included */
#define CC_BUTTONS_MAX 16 /* the same of its buttons */

enum cc_column_type
{
	CC_COLUMN_TEXT,     /* one line; min…max characters (max 0: 100) */
	CC_COLUMN_INT,      /* min…max (both 0: not negative) */
	CC_COLUMN_ID,       /* BINARY(16), shown as ULID text */
	CC_COLUMN_TIME,     /* UTC ms */
	CC_COLUMN_DURATION, /* ms; minutes and seconds on the page and in files, ms in JSON */
	CC_COLUMN_CODE,     /* one of codes, translated with context */
	CC_COLUMN_CUSTOM,   /* text and json do it */
	CC_COLUMN_NOTE,     /* lines; max characters (0: 1000) */
	CC_COLUMN_BOOL,     /* 0 or 1 */
	CC_COLUMN_DATE,     /* DATE */
	CC_COLUMN_OPTION,   /* a row of another table, chosen from options */
	CC_COLUMN_OPTIONS,  /* several: their keys with commas between them */
	CC_COLUMN_TAGS,     /* words with commas between them; max characters in all (0: 200) */
	CC_COLUMN_PHONE,    /* digits and + - ( ) space; masked for who may not see numbers */
	CC_COLUMN_EMAIL,
	CC_COLUMN_PASSWORD, /* in forms only: never shown, empty leaves it; hooks store it */
	CC_COLUMN_FILE,     /* key of an uploaded file; max bytes (0: 2 MiB), codes: allowed types */
	CC_COLUMN_PROGRESS, /* per mille, a bar on the page; NULL: not known */
	CC_COLUMN_LINK,     /* address of another site, http:// or https:// */
	CC_COLUMN_CHOICE,   /* a text that choices has, "" included if it has that */
	CC_COLUMN_COLOUR,   /* #rrggbb, which check makes sure of; shown as it looks */
	CC_COLUMN_SOUND,    /* 0 or 1: link + key is a sound, which the page plays */
	/* none, middle or all (NULL: none): how much of the row's numbers everybody does not see. Its
	 * flags are 0: it is always read and never shown */
	CC_COLUMN_HIDES,
	/* Money (cc/money.h) in 1/10000 of the currency's unit, as min…max are too (both 0: not
	 * negative). Written and read as the tenant's preferences say, a number in JSON */
	CC_COLUMN_AMOUNT,
};

enum
{
	CC_COLUMN_SORT = 1 << 0, /* may be sorted by: has an index */
	CC_COLUMN_PAGE = 1 << 1, /* a column of the page */
	CC_COLUMN_CSV = 1 << 2,  /* of files */
	CC_COLUMN_JSON = 1 << 3,
	CC_COLUMN_DETAIL = 1 << 4, /* on the page of one thing */
	CC_COLUMN_HIDDEN = 1 << 5, /* with PAGE: only for users who chose it */
	CC_COLUMN_FILTER = 1 << 6, /* has a field above the list: equal, for texts contained */
	CC_COLUMN_EXACT = 1 << 7,  /* with FILTER: equal for texts too */
	CC_COLUMN_QUICK =
			1
			<< 8, /* the quick search looks for texts that begin so (or contain: QUICK_ANYWHERE) */
	CC_COLUMN_QUICK_ANYWHERE = 1 << 9,
	CC_COLUMN_SEARCH = 1 << 10, /* may stand in conditions */
	CC_COLUMN_FORM = 1 << 11,   /* in the form */
	CC_COLUMN_FIXED = 1 << 12,  /* with FORM: chosen at creation, not changed later */
	CC_COLUMN_REQUIRED = 1 << 13,
	CC_COLUMN_BATCH = 1 << 14,  /* with FORM: in batch changes too */
	CC_COLUMN_STORED = 1 << 15, /* written without being in the form: hooks set it */
	CC_COLUMN_VIRTUAL =
			1 << 16, /* in the form without being a column of the table: hooks store it */
	CC_COLUMN_CREATED = 1 << 17,   /* the time of creation, stored by itself */
	CC_COLUMN_UPDATED = 1 << 18,   /* the time of the last change, stored by itself */
	CC_COLUMN_GUARDED = 1 << 19,   /* seen and changed with permissions of its own only */
	CC_COLUMN_SHOWN = 1 << 20,     /* with FORM: only shown there, of a thing that is; link leads to
									* where   it is changed */
	CC_COLUMN_OWN_WORDS = 1 << 21, /* label, help and codes are people's own: not translated */
	CC_COLUMN_READ_ONLY = 1 << 22, /* with FORM: shown there, not to be changed by this user */
	CC_COLUMN_NUMBERED = 1 << 23,  /* DATE that is stored as the number yyyymmdd */
	CC_COLUMN_SHORT = 1 << 25,     /* with FORM: in cc_form_page too */
	CC_COLUMN_INDEXED = 1 << 24,   /* an index of scope, column and key serves it: rows of one of
									* several values are looked for value by value */
	CC_COLUMN_NUMBERS = 1 << 26,   /* TEXT that may hold numbers: they are masked like those that
									* can be called */
	CC_COLUMN_ALL =
			CC_COLUMN_PAGE | CC_COLUMN_CSV | CC_COLUMN_JSON | CC_COLUMN_DETAIL | CC_COLUMN_SEARCH,
};

struct cc_list;
/* What may be chosen. Texts are translated, or in language (NULL: the page's); heading: above it
 * and those behind it with the same one, NULL: none (those come first). */
struct cc_choices;
void cc_choice_add(struct cc_choices *list, const char *value, const char *text,
		const char *heading, const char *language);

/* A row of cc_resource.columns. What is left out is NULL or 0. */
struct cc_column
{
	const char *name;  /* in URLs, forms, JSON and permissions, never renamed */
	const char *label; /* CC_N() */
	const char *sql;   /* expression of the list; NULL: t.<field> */
	enum cc_column_type type;
	unsigned flags;
	/* CODE: translation context. TEXT: codes are words of it, which are shown translated and kept
	 * as they are; any other text may be typed too */
	const char *context;
	const char *const *codes; /* CODE, FILE, OPTIONS; TEXT: what is suggested. Ends with NULL */
	const char *link; /* on the page the cell is a link to link + key; NULL: the page of the thing
					   * for the first column, none for others */
	/* CUSTOM: the text of page and files */
	const char *(*text)(struct cc_request *rq, const char *value);
	void (*json)(struct cc_request *rq, struct cc_jsonw *w, const char *name,
			const struct cc_row *row, size_t column);
	/* the form */
	const char *field; /* column of the table; NULL: name */
	const char *value; /* expression of the form's value; NULL: t.<field> (VIRTUAL: none) */
	const char
			*options; /* OPTION(S): literal SQL "SELECT key, text …" with {tenant}; at most 1000 */
	/* OPTION with sql that only looks up the key's text: literal SQL "SELECT key, text …" with
	 * {tenant} of all keys, which files of many rows read once. NULL: sql is asked for each row */
	const char *names;
	/* CHOICE: adds what there is with cc_choice_add */
	int (*choices)(struct cc_request *rq, struct cc_choices *list);
	int64_t min, max;
	const char *initial; /* of a new thing, unless the form's address names a value (?name=) */
	const char *help;    /* CC_N(), below the field */
	const char *section; /* CC_N(): a heading before this field */
	const char *unique;  /* name of the unique index that refuses a second one of the same value */
	/* Further check of a value that is valid for its type; *value may be replaced. The reason,
	 * translated, or NULL. */
	const char *(*check)(struct cc_request *rq, const char **value);
	/* A comparison of its own in filters and conditions: adds one to sql, with cc_list_bind for
	 * what it binds. False: the value is not valid. True without anything added: it is compared as
	 * its type is. op is one of the column's type. */
	bool (*compare)(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql);
	const char *look; /* class of the field in forms; NULL: none */
	int width;        /* of the field in forms, in pixels; 0: as it comes */
	/* CODE, OPTIONS, TEXT: the choices follow what this column has, which has its field in the same
	 * form; JSON {"its value": ["choice", …]}. NULL: they do not */
	const char *follows, *links;
	/* PHONE, TEXT: a number with a button beside it that calls it (cc/dial.h), on rows that fulfil
	 * this SQL condition; "TRUE": on all. A TEXT is masked for accounts that see no numbers */
	const char *call;
	/* An aggregate over all rows found ("SUM(t.amount)"), in a last line of the page below this
	 * column; of a report the column's own expression does. NULL: none. Of more rows than a page
	 * counts it is left to who asks for the count. */
	const char *total;
	const char *as;     /* its permissions are those of the column of this name; NULL: its own */
	const char *plugin; /* set by the framework in columns that a plugin adds */
};

/* CC_COLUMN("name", CC_N("Name"), NULL, TEXT, CC_COLUMN_ALL | CC_COLUMN_FORM, .max = 50) */
#define CC_COLUMN(name_, label_, sql_, type_, ...)                                                 \
	CC_COLUMN_(name_, label_, sql_, CC_COLUMN_##type_, __VA_ARGS__)
#define CC_COLUMN_(name_, label_, sql_, type_, ...)                                                \
	{                                                                                              \
		.name = (name_), .label = (label_), .sql = (sql_), .type = (type_), .flags = __VA_ARGS__   \
	}

/* What a thing can do, apart from being listed. */
enum
{
	CC_CREATE = 1,
	CC_EDIT = 2,
	CC_DELETE = 4,
	CC_EXPORT = 8,
	CC_IMPORT = 16, /* with CREATE: from CSV and XLSX files, each row as if typed into the form */
};

/* Where a thing is used: it cannot be deleted then, and these names say why. */
struct cc_use
{
	const char *label; /* CC_NC("use", "Groups") */
	const char *sql;   /* literal "SELECT name FROM … WHERE tenant_id = {tenant} AND x_id = ?" */
};

/* A value of the row in the address of a button's page: ?<parameter>=<before><text of the column>.
 */
struct cc_with
{
	const char *parameter, *column;
	const char *before; /* NULL: nothing */
};

/* A button of one thing, in its row and on its page: POST P/{id}/do/<name>. */
struct cc_action
{
	const char *name, *label; /* label: CC_NC("action", …) */
	const char *permission; /* p.<this>: "edit" (NULL), "delete", or one of its own, which need not
							 * be declared; its label is then also CC_NC("permission", …) */
	const char *shown;      /* SQL condition on the row; NULL: always */
	const char *confirm;    /* CC_N(): question before it; NULL: none */
	/* In a transaction. Prepares a response, or returns 0 without one: back to the list. */
	int (*run)(struct cc_request *rq, const struct cc_resource *r, const char *key);
	/* In place of run: a link to this page, the form of a new thing say, which begins with values
	 * of the row. permission is then the page's, its whole name. */
	const char *page;
	/* Ends with a NULL parameter. What the user does not see whole (numbers, too) is left out, of
	 * long texts the address has the first CC_WITH_MAX bytes. */
	const struct cc_with *with;
};
#define CC_WITH_MAX 600

struct cc_change;

/* One part of the rows that an action for many is about; at most CC_MANY rows. */
#define CC_MANY 1000
#define CC_MANY_PAGE 100
struct cc_many_run
{
	struct cc_request *rq;
	const struct cc_resource *r;
	const char *keys; /* JSON array of numbers: "t.id IN (" CC_MANY_KEYS ")" takes it as a bind */
	size_t count;
	const struct cc_change *form; /* what was filled in: cc_change_new */
	int64_t done;                 /* run says how many it was done to */
};
/* The keys as a table: an UPDATE joins it, and so does a DELETE, because for "x IN (SELECT …)" the
 * server goes through the whole table in these two. */
#define CC_MANY_TABLE "JSON_TABLE(?, '$[*]' COLUMNS (k BIGINT PATH '$')) j"
#define CC_MANY_KEYS "SELECT j.k FROM " CC_MANY_TABLE

/* Something done to the selected rows, the search result or all, at once or (more than CC_MANY) as
 * a job: POST P/batch with its name as action. */
struct cc_many
{
	const char *name, *label;        /* label: CC_NC("action", …) */
	const char *permission;          /* p.<this>; as in struct cc_action */
	const char *question;            /* CC_N("{n} customers will be assigned.") */
	const struct cc_column *columns; /* what is asked for, as FORM columns; NULL: nothing */
	int (*check)(
			struct cc_change *form); /* may refuse what was filled in; NULL: nothing to check */
	/* In a transaction. */
	int (*run)(struct cc_many_run *run);
	/* In place of question and run: this page asks and does it, GET page?keys=1,2,3 with at most
	 * CC_MANY_PAGE keys. */
	const char *page;
};

struct cc_dial;

struct cc_resource
{
	const char *name;       /* "calls": names of files, key of saved columns */
	const char *title;      /* CC_N() */
	const char *thing;      /* CC_N(), one of them: "Trunk"; NULL: title */
	const char *path;       /* "/reports/calls" */
	const char *permission; /* "reports.calls" */
	unsigned actions;       /* CC_CREATE … */
	const char *table;      /* that forms write; its key is (tenant_id, id) */
	const char *from;       /* FROM part; NULL: "<table> t" */
	const char *where;      /* NULL: "t.tenant_id = {tenant}" */
	const char *key;        /* NULL: "t.id". The default order is by it, newest first */
	/* A report: each row is a group of rows, by these expressions. The other columns are
	 * aggregates, the key too ("MIN(t.id)"), and are neither filters nor searched. NULL: rows are
	 * rows */
	const char *group_by;
	/* column of the table that is 1; deleting sets it to NULL and keeps the row, because history
	 * mentions it (where must ask for 1). NULL: the row is deleted */
	const char *live;
	/* further conditions of roles with a narrower data scope, {agent} and {user} in them; NULL:
	 * such roles see nothing (department NULL: as group) */
	const char *own, *group, *department;
	const struct cc_column *columns; /* the first is the key: CC_COLUMN_ID or CC_COLUMN_INT */
	/* The list shows a time range: a TIME column, or a ULID column (which prunes partitions) */
	const char *range;      /* its expression; NULL: none */
	const char *range_name; /* CC_N(), "Time" if NULL */
	bool range_of_id;       /* ULID */
	int days;               /* the default is this many days up to now; 0: no limit */
	const char *initial;    /* query of the page when the address has none: "active=1" */
	const struct cc_use *uses;
	const struct cc_action *buttons;
	const struct cc_many *many; /* ends with a NULL name */
	/* r is a copy of this table for one request, with what plugins add: sets what is known now
	 * only, as path, where and columns. What it sets lives as long as the request. */
	int (*vary)(struct cc_request *rq, struct cc_resource *r);
	const void *varied; /* for vary's own use */
	/* The quick search in a way of its own: adds a condition to sql, with cc_list_bind for what it
	 * binds. NULL: the QUICK columns are looked through. */
	int (*quick)(struct cc_list *l, const char *words, struct cc_buf *sql);
	const char *quick_label; /* with quick: CC_N(), what it looks through */
	/* An expression that gives rows of the page a class, "" none; NULL: no row has one. */
	const char *row_class;
	/* More values for the template of the page. */
	int (*fill)(struct cc_request *rq, const struct cc_resource *r, struct cc_value *page);
	const char *page;            /* template of the list, NULL: framework/list */
	const char *form;            /* template of the form, NULL: framework/form */
	const char *total_label;     /* CC_N(), of the line of totals; NULL: "Total" */
	const char *note;            /* CC_N(): a sentence below the title */
	const struct cc_menu *tools; /* links beside the list's buttons (labels in context "menu") */
	/* A line below the title that is made for each page, translated; may return NULL. */
	const char *(*summary)(struct cc_request *rq);
	int refresh_s;          /* the page renews its rows; 0: not */
	const char *renewed_by; /* with refresh_s: at once too when this live event comes; NULL: none */
	/* Hooks of changes, in this order, each in the transaction of the request. They return 0,
	 * CC_E_RANGE after cc_change_refuse, or another error.
	 * check: the values are valid one by one. saved: the row is written; it may redirect elsewhere
	 * than to the list. deleting: nothing uses the
	 * row, it is deleted next. */
	int (*check)(struct cc_change *c);
	int (*saved)(struct cc_change *c);
	int (*deleting)(struct cc_change *c);
	/* A number of the row is about to be called: says whose it is, or refuses. */
	int (*dialing)(struct cc_request *rq, const struct cc_resource *r, const char *key,
			struct cc_dial *dial);
	/* After the commit of any change, once a request: to tell other programs. Not undone by errors.
	 */
	int (*committed)(struct cc_request *rq, void *none);
};

/* ---- for hooks ---- */

/* One row being created, changed or deleted. */
struct cc_change
{
	struct cc_request *rq;
	const struct cc_resource *r;
	unsigned action;                 /* CC_CREATE, CC_EDIT or CC_DELETE */
	const char *key;                 /* as in URLs; in saved of a creation: the new one */
	int64_t id;                      /* the same as a number */
	struct cc_change_values *values; /* private */
};

/* The value of a column after the change and before it, as the database has it (times as ms), NULL
 * for SQL NULL and for columns that are neither in the form nor STORED. */
const char *cc_change_new(const struct cc_change *c, const char *column);
const char *cc_change_old(const struct cc_change *c, const char *column);
int64_t cc_change_new_int(const struct cc_change *c, const char *column, int64_t otherwise);
bool cc_change_differs(const struct cc_change *c, const char *column);
/* Sets what is stored; for columns of the form and STORED ones. */
void cc_change_set(struct cc_change *c, const char *column, const char *value);
/* Says beside the column (NULL: above the form) what is wrong; the text is translated by the
 * caller. Returns CC_E_RANGE. */
int cc_change_refuse(struct cc_change *c, const char *column, const char *text);

/* What a hook of a list knows, and what it binds, in the order of the '?' in its SQL. */
struct cc_request *cc_list_request(struct cc_list *l);
const struct cc_resource *cc_list_resource(struct cc_list *l);
void cc_list_bind(struct cc_list *l, struct cc_bind b);
/* Says what is wrong with the search, translated; nothing is found then. */
void cc_list_refuse(struct cc_list *l, const char *text);
/* True if the user sees only a part of the digits in the column. */
bool cc_list_masked(struct cc_list *l, const char *column);
/* The condition that a row hides nothing, for searches that would tell hidden digits one by one;
 * NULL: no row of the list hides any. */
const char *cc_list_unhidden(struct cc_list *l);
/* Only rows with these keys: the condition, with its bind. */
void cc_list_among(struct cc_list *l, const int64_t *keys, size_t count, struct cc_buf *sql);
/* Reads from elsewhere, an index to begin with say: FROM part with the same aliases and more, and
 * the key in it. */
void cc_list_source(struct cc_list *l, const char *from, const char *key);
/* There are more rows than a page counts: they are counted when somebody asks. */
void cc_list_many(struct cc_list *l);

/* ---- for pages of an application's own ---- */

/* The resource as it is for the tenant of the request, parts of the path taken from the route. Only
 * needed outside of its own routes. */
int cc_resource_vary(
		struct cc_request *rq, const struct cc_resource *base, const struct cc_resource **r);
/* The resource of a list's path in this program, as it is for the tenant; NULL if there is none. */
const struct cc_resource *cc_resource_find(struct cc_request *rq, const char *path);

/* One row by its key, if the user may see it: CC_E_NOENT otherwise. Columns as in the table; what
 * the user may not see is NULL. */
int cc_resource_get(
		struct cc_request *rq, const struct cc_resource *r, const char *key, struct cc_row *row);
/* Its DETAIL columns as label and text, under key of a page. */
void cc_resource_facts(struct cc_request *rq, const struct cc_resource *r, const struct cc_row *row,
		struct cc_value *page, const char *key);
/* Its JSON columns as members of the object that is open in w. */
void cc_resource_json(struct cc_request *rq, const struct cc_resource *r, const struct cc_row *row,
		struct cc_jsonw *w);
/* A form as a part of another page: fields with SHORT of a thing, or of a new one (key NULL), in
 * page under "fields", with "version". CC_E_NOENT. */
int cc_form_page(
		struct cc_request *rq, const struct cc_resource *r, const char *key, struct cc_value *page);
/* Stores what was sent of it, with all that a change is checked and followed by; *id is the
 * thing's. CC_E_RANGE: refused, with the reasons in page (fields, "general") and status 400, and
 * cc_undo was called; CC_E_STALE: somebody else was faster. */
int cc_form_store(struct cc_request *rq, const struct cc_resource *r, const char *key,
		struct cc_value *page, int64_t *id);
/* Puts the database back to where the request began: nothing of it will be committed. */
void cc_undo(struct cc_request *rq);
/* How much of the numbers of the column the user does not see, whatever the row. */
enum cc_hide cc_resource_masks(
		struct cc_request *rq, const struct cc_resource *r, const char *column);
/* What a HIDES column says. */
enum cc_hide cc_hide_parse(const char *text);
/* The condition of the user's data scope, NULL: none. */
const char *cc_resource_scope(const struct cc_request *rq, const struct cc_resource *r);
/* Rows of the resource's table, called t, within that scope: what is SELECT … FROM … WHERE …, rest
 * what comes behind the conditions; both constant. */
int cc_resource_read(struct cc_request *rq, const struct cc_resource *r, struct cc_rows *rows,
		const char *what, const char *rest, const struct cc_bind *binds, size_t n);
/* Whether the row of the key, within the scope, fulfils a condition of the table. */
bool cc_row_fits(
		struct cc_request *rq, const struct cc_resource *r, const char *key, const char *sql);
/* p.<action> of the signed-in user. */
bool cc_resource_can(struct cc_request *rq, const struct cc_resource *r, const char *action);

/* The number as who sees so much of it reads it. */
const char *cc_mask_number(struct cc_arena *arena, const char *number, enum cc_hide hide);

#endif
