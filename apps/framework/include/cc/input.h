/* SPDX-License-Identifier: GPL-2.0-or-later
 * Fields of forms, for the template framework/fields: resources make theirs from their columns,
 * other pages add them one by one to the list "fields" of the page. */
#ifndef CC_INPUT_H
#define CC_INPUT_H

#include "cc/web.h"

enum cc_input_kind
{
	CC_INPUT_LINE, /* <input>, of the type */
	CC_INPUT_NOTE,
	CC_INPUT_BOOL,
	CC_INPUT_SELECT,
	CC_INPUT_MULTIPLE, /* boxes to tick */
	CC_INPUT_READ,     /* shown, not changed */
};

/* What is left out is NULL, 0 or false. Texts are translated. */
struct cc_input
{
	enum cc_input_kind kind;
	const char *name, *label, *help, *section;
	const char *why;   /* what is wrong with it */
	const char *value; /* as typed or stored; READ: its text */
	const char *type;  /* LINE: "number", "date", "file" …; NULL: "text" */
	const char *link;  /* READ: where it is changed */
	const char *file;  /* LINE of a file: address of the present one */
	const char *call;  /* a number: where the button beside it that calls it leads */
	const char *set;   /* name of the box that says "this is changed" */
	const char *look;  /* a class of it; NULL: none */
	int width;         /* pixels; 0: as it comes */
	/* Choices that follow another field of the form: its name, and JSON {"its value": ["choice"]}.
	 * What stands below no value may always be chosen. NULL: they do not. */
	const char *follows, *links;
	bool suggests; /* LINE: its choices are suggested, others may be typed */
	bool required;
	bool empty;       /* SELECT: one may choose nothing */
	int64_t min, max; /* of a number (both 0: at least 0); max characters otherwise (0: 100) */
};

/* Returns the list for its choices. */
struct cc_value *cc_input_add(
		struct cc_request *rq, struct cc_value *fields, const struct cc_input *in);
void cc_input_choice(struct cc_request *rq, struct cc_value *choices, const char *value,
		const char *text, bool chosen);
/* The same below a heading that stands above this choice and those behind it (NULL: as the one
 * before), the text in a language of its own (NULL: the page's). */
void cc_input_choice_below(struct cc_request *rq, struct cc_value *choices, const char *value,
		const char *text, bool chosen, const char *heading, const char *language);
/* All of what choices adds with cc_choice_add, and what is chosen, if that is none of them: *known
 * says whether it is one. list NULL: only asks that. */
int cc_input_choices(struct cc_request *rq, struct cc_value *list,
		int (*choices)(struct cc_request *rq, struct cc_choices *list), const char *chosen,
		bool *known);

/* Choices as people write them, one a line; linked: "广东: 广州, 深圳", what may be chosen below a
 * value of another field. As JSON, ["…"] or {"广东": ["广州", …]} (what a column's links is); NULL:
 * a line of linked ones has no colon. *codes, unless NULL: all that may be chosen, each once, ends
 * with NULL. */
const char *cc_choice_lines(
		struct cc_arena *arena, const char *lines, bool linked, const char *const **codes);

#endif
