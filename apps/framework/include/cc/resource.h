/* SPDX-License-Identifier: GPL-2.0-or-later
 * A list of things in one constant table: from it come the page with filters, sorting and paging,
 * CSV and the JSON API, with permissions, tenant and data scope.
 *
 * URL parameters: one per filter (the time range has from and to), sort=<column> or sort=-<column>,
 * page=1…, size=10|25|50|100|200, format=csv|json, and after=<key>: only what comes behind that row
 * in the default order. */
#ifndef CC_RESOURCE_H
#define CC_RESOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include "cc/jsonw.h"
#include "cc/ulid.h"
#include "cc/web.h"

enum cc_column_type
{
	CC_COLUMN_TEXT,
	CC_COLUMN_INT,
	CC_COLUMN_ID,       /* BINARY(16), shown as ULID text */
	CC_COLUMN_TIME,     /* UTC ms */
	CC_COLUMN_DURATION, /* ms; minutes and seconds on the page and in CSV, ms in JSON */
	CC_COLUMN_CODE, /* a stable code, translated on the page and in CSV with the column's context */
	CC_COLUMN_CUSTOM, /* render and json do it */
};

enum
{
	CC_COLUMN_SORT = 1, /* may be sorted by */
	CC_COLUMN_PAGE = 2, /* a column of the page */
	CC_COLUMN_CSV = 4,
	CC_COLUMN_JSON = 8,
	CC_COLUMN_DETAIL = 16, /* on the page of one thing */
	CC_COLUMN_ALL = CC_COLUMN_PAGE | CC_COLUMN_CSV | CC_COLUMN_JSON | CC_COLUMN_DETAIL,
};

struct cc_column
{
	const char *name;  /* in JSON and in sort=, never renamed */
	const char *label; /* CC_N() */
	const char *sql;   /* expression of the SELECT */
	enum cc_column_type type;
	unsigned flags;
	const char *context; /* CODE: translation context */
	const char *link;    /* on the page the cell is a link to link + key; NULL: none */
	/* CUSTOM: the text of page and CSV */
	const char *(*text)(struct cc_request *rq, const char *value);
	void (*json)(struct cc_request *rq, struct cc_jsonw *w, const char *name,
			const struct cc_row *row, size_t column);
	const char *plugin; /* set by the framework in columns that a plugin adds */
};

enum cc_filter_type
{
	CC_FILTER_EQUAL,    /* exactly this text */
	CC_FILTER_CONTAINS, /* this text in it */
	CC_FILTER_CODE,     /* one of codes */
	CC_FILTER_TIME,     /* from and to, over a ULID column: it prunes partitions */
};

struct cc_filter
{
	const char *name, *label;
	const char *sql; /* column */
	enum cc_filter_type type;
	const char *const *codes; /* CODE: ends with NULL */
	const char *context;      /* CODE: translation context */
	int days;                 /* TIME: the default is this many days up to now */
};

struct cc_resource
{
	const char *name;       /* "calls": file name of the CSV */
	const char *title;      /* CC_N() */
	const char *path;       /* "/reports/calls" */
	const char *permission; /* of the list; export_permission of CSV */
	const char *export_permission;
	const char *from;  /* FROM part, with {tenant} in where */
	const char *where; /* "c.tenant_id = {tenant}" */
	/* further conditions of roles with a narrower data scope, {agent} in them; NULL: such roles see
	 * nothing */
	const char *own, *group;
	const char *key; /* unique, BINARY(16), the default order is by it, newest first */
	const struct cc_column *columns; /* the first is the key */
	const struct cc_filter *filters;
	const char *page; /* template, NULL: framework/list */
};

/* One row by its key, if the user may see it: CC_E_NOENT otherwise. Columns as in the table. */
int cc_resource_get(struct cc_request *rq, const struct cc_resource *r, const struct cc_ulid *id,
		struct cc_row *row);
/* Its DETAIL columns as label and text, under key of a page. */
void cc_resource_facts(struct cc_request *rq, const struct cc_resource *r, const struct cc_row *row,
		struct cc_value *page, const char *key);
/* Its JSON columns as members of the object that is open in w. */
void cc_resource_json(struct cc_request *rq, const struct cc_resource *r, const struct cc_row *row,
		struct cc_jsonw *w);

#endif
