/* SPDX-License-Identifier: GPL-2.0-or-later
 * Values of rows for people (pages, files) and for machines (JSON). Whatever leaves a resource
 * comes through here: this is where numbers are masked and hidden columns are empty. */
#include "cc/number.h"
#include "things.h"

#include <stdio.h>
#include <string.h>
#include "cc/money.h"
#include "cc/preference.h"

const char *cc_date_text(struct cc_arena *arena, const char *number)
{
	return strlen(number) == 8 ? cc_sprintf(arena, "%.4s-%.2s-%s", number, number + 4, number + 6)
							   : number;
}

int64_t cc_date_number(const char *text)
{
	int year = 0, month = 0, day = 0;
	return sscanf(text, "%4d-%2d-%2d", &year, &month, &day) == 3 ? year * 10000 + month * 100 + day
																 : 0;
}

#define NUMBER_DIGITS 7 /* as in cc_number_mask */
#define NUMBER_CHARACTERS "0123456789+-./()* "

/* Telephone numbers anywhere in a text. */
static const char *without_numbers(struct cc_arena *arena, const char *text)
{
	struct cc_buf b = cc_buf_new(arena);
	while (*text) {
		size_t len = strspn(text, NUMBER_CHARACTERS), digits = 0;
		for (size_t i = 0; i < len; i++)
			digits += (text[i] >= '0' && text[i] <= '9') || text[i] == '*';
		if (digits >= NUMBER_DIGITS)
			cc_buf_str(&b, *text == ' ' ? " *****" : "*****");
		else
			cc_buf_add(&b, text, len);
		text += len;
		len = strcspn(text, NUMBER_CHARACTERS);
		cc_buf_add(&b, text, len);
		text += len;
	}
	return cc_buf_text(&b);
}

const char *cc_mask_number(struct cc_arena *arena, const char *number, enum cc_hide hide)
{
	if (hide == CC_HIDE_NONE || !*number)
		return number;
	if (hide == CC_HIDE_ALL)
		return number[strspn(number, NUMBER_CHARACTERS)] ? without_numbers(arena, number) : "*****";
	char *text = cc_strdup(arena, number);
	cc_number_mask(text);
	return text;
}

/* Texts that are numbers are extensions too, which nobody hides. */
static const char *mask_text(struct cc_arena *arena, const char *text, enum cc_hide hide)
{
	return strlen(text) > CC_NUMBER_EXTENSION ? cc_mask_number(arena, text, hide) : text;
}

/* "138 0000 1234", if the tenant wants it so. */
static const char *group_number(struct cc_request *rq, const char *number)
{
	size_t len = strlen(number);
	if (len != 11 || *number != '1' || strspn(number, "0123456789*") != len ||
			strcmp(cc_preference(rq, "number_format"), "grouped"))
		return number;
	return cc_sprintf(rq->arena, "%.3s %.4s %s", number, number + 3, number + 7);
}

static const char *id_text(struct cc_request *rq, const struct cc_row *row, size_t i)
{
	struct cc_ulid id;
	char text[CC_ULID_TEXT + 1];
	if (row->len[i] != sizeof id.b)
		return "";
	memcpy(id.b, row->v[i], sizeof id.b);
	return cc_strdup(rq->arena, cc_ulid_format(&id, text));
}

const char *cc_cell_text(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, const struct cc_row *row, size_t i)
{
	return cc_cell_text_as(rq, r, c, row, i, cc_column_masked(rq, r, c));
}

const char *cc_cell_text_as(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, const struct cc_row *row, size_t i, enum cc_hide masked)
{
	if (c->type == CC_COLUMN_CUSTOM) {
		const char *before = cc_work_enter(c->plugin ? c->plugin : rq->state->owner);
		const char *text = c->text(rq, row->v[i]);
		cc_work_enter(before);
		return text;
	}
	if (!row->v[i])
		return "";
	switch (c->type) {
	case CC_COLUMN_ID:
		return id_text(rq, row, i);
	case CC_COLUMN_TIME:
		return cc_time_text(rq, cc_row_int(row, i, 0));
	case CC_COLUMN_DURATION:
		return cc_duration_text(rq, cc_row_int(row, i, 0));
	case CC_COLUMN_DATE:
		return c->flags & CC_COLUMN_NUMBERED ? cc_date_text(rq->arena, row->v[i]) : row->v[i];
	case CC_COLUMN_CODE:
		return *row->v[i] ? cc_column_code(rq, c, row->v[i]) : "";
	case CC_COLUMN_BOOL:
		return cc_row_int(row, i, 0) ? cc_t(rq, "Yes") : cc_t(rq, "No");
	case CC_COLUMN_SOUND:
		return cc_row_int(row, i, 0) ? cc_t(rq, "Play") : "";
	case CC_COLUMN_PHONE:
		masked = cc_row_hides(r, c, row->v, masked);
		return group_number(rq, cc_mask_number(rq->arena, row->v[i], masked));
	case CC_COLUMN_TEXT:
		masked = cc_row_hides(r, c, row->v, masked);
		if (c->call) /* a telephone number */
			return group_number(rq, mask_text(rq->arena, row->v[i], masked));
		return masked ? mask_text(rq->arena, row->v[i], masked) : cc_column_word(rq, c, row->v[i]);
	case CC_COLUMN_PROGRESS:
		return cc_sprintf(rq->arena, "%d %%", (int)(cc_row_int(row, i, 0) / 10));
	case CC_COLUMN_PASSWORD:
		return "";
	case CC_COLUMN_AMOUNT: {
		const struct cc_money m = cc_money(rq);
		return cc_money_text(rq->arena, &m, cc_row_int(row, i, 0));
	}
	default:
		return row->v[i];
	}
}

const char *cc_cell_file(struct cc_request *rq, const struct cc_resource *r,
		const struct cc_column *c, const struct cc_row *row, size_t i, enum cc_hide masked)
{
	if (c->type != CC_COLUMN_AMOUNT || !row->v[i])
		return cc_cell_text_as(rq, r, c, row, i, masked);
	const struct cc_money m = cc_money(rq);
	return cc_money_cell(rq->arena, &m, cc_row_int(row, i, 0));
}

void cc_cell_json(struct cc_request *rq, struct cc_jsonw *w, const struct cc_resource *r,
		const struct cc_column *c, const struct cc_row *row, size_t i, enum cc_hide masked)
{
	if (c->type == CC_COLUMN_CUSTOM) {
		const char *before = cc_work_enter(c->plugin ? c->plugin : rq->state->owner);
		c->json(rq, w, c->name, row, i);
		cc_work_enter(before);
		return;
	}
	if (!row->v[i]) {
		cc_jsonw_str(w, c->name, NULL);
		return;
	}
	switch (c->type) {
	case CC_COLUMN_ID:
		cc_jsonw_str(w, c->name, id_text(rq, row, i));
		break;
	case CC_COLUMN_TIME:
		cc_jsonw_str(w, c->name, cc_time_iso(rq, cc_row_int(row, i, 0)));
		break;
	case CC_COLUMN_INT:
	case CC_COLUMN_DURATION:
	case CC_COLUMN_PROGRESS:
		cc_jsonw_int(w, c->name, cc_row_int(row, i, 0));
		break;
	case CC_COLUMN_AMOUNT: {
		const char *text = cc_money_cell(rq->arena, &cc_money_plain, cc_row_int(row, i, 0));
		cc_jsonw_raw(w, c->name, text, strlen(text));
		break;
	}
	case CC_COLUMN_BOOL:
	case CC_COLUMN_SOUND:
		cc_jsonw_bool(w, c->name, cc_row_int(row, i, 0));
		break;
	case CC_COLUMN_CODE: /* the code itself: it does not change with the language */
		cc_jsonw_str(w, c->name, row->v[i]);
		break;
	case CC_COLUMN_TEXT:
		cc_jsonw_str(
				w, c->name, mask_text(rq->arena, row->v[i], cc_row_hides(r, c, row->v, masked)));
		break;
	default:
		cc_jsonw_str(w, c->name, cc_cell_text_as(rq, r, c, row, i, masked));
	}
}
