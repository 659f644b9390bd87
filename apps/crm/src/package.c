/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "package.h"
#include <ctype.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/i18n.h"
#include "cc/number.h"
#include "cc/utf8.h"

/* The base fields (001 §3.3.3); labels are keys of the catalogues. */
static const struct
{
	const char *name, *label;
	bool number;
	int longest; /* characters */
} base[] = {
		{"name", CC_N("Customer name"), false, 100},
		{"phone", CC_N("Telephone number"), false, 32},
		{"email", CC_N("E-mail"), false, 255},
		{"sex", CC_N("Sex"), false, 8},
		{"age", CC_N("Age"), true, 3},
		{"city", CC_N("Residence"), false, 100},
		{"area", CC_N("Region"), false, 100},
		{"note", CC_N("Note"), false, 1000},
};

#define BASE (sizeof(base) / sizeof(*base))

const char *package_base(size_t n, const char **name)
{
	if (n >= BASE)
		return NULL;
	*name = base[n].name;
	return base[n].label;
}

static const char *const kinds[] = {"text", "phone", "lines", "email", "date", "link", "file",
		"address", "choice", "linked", "number", "sex", "amount", NULL};

static enum field_kind kind_of(const char *name)
{
	for (int i = 0; kinds[i]; i++)
		if (strcmp(kinds[i], name) == 0)
			return (enum field_kind)i;
	return FIELD_TEXT;
}

static size_t add_choices(
		struct cc_arena *arena, const char **choices, size_t n, struct json_object *list)
{
	size_t len = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < len; i++)
		choices[n++] = cc_strdup(arena, json_object_get_string(json_object_array_get_idx(list, i)));
	return n;
}

static int by_value(const void *a, const void *b)
{
	const struct field_link *x = a, *y = b;
	int order = strcmp(x->value, y->value);

	return order ? order : strcmp(x->decided, y->decided);
}

/* A list, or {"广东": ["广州"]}, which gives all the towns, and which of them belongs where. */
static void read_choices(struct cc_arena *arena, struct field *f, const char *text)
{
	struct json_object *o = *text ? json_tokener_parse(text) : NULL;
	/* no choice is shorter than ,"" */
	const char **choices = o ? cc_alloc(arena, (strlen(text) / 3 + 2) * sizeof(*choices)) : NULL;

	f->choices = choices;
	if (json_object_is_type(o, json_type_object)) {
		struct json_object_iterator at = json_object_iter_begin(o), end = json_object_iter_end(o);
		struct field_link *belongs = cc_alloc(arena, (strlen(text) / 3 + 2) * sizeof(*belongs));
		size_t n = 0;

		for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
			const char *decided = cc_strdup(arena, json_object_iter_peek_name(&at));

			n = add_choices(arena, choices, n, json_object_iter_peek_value(&at));
			for (; f->belongs_count < n; f->belongs_count++)
				belongs[f->belongs_count] = (struct field_link){decided, choices[f->belongs_count]};
		}
		qsort(belongs, n, sizeof(*belongs), by_value);
		f->belongs = belongs;
	} else if (o) {
		add_choices(arena, choices, 0, o);
	}
	json_object_put(o);
}

static void add_field(struct package *p, struct cc_arena *arena, const struct cc_row *row)
{
	struct field *f = &p->fields[p->count++];
	const char *column = cc_row_str(row, 3);

	*f = (struct field){
			.id = cc_row_int(row, 0, 0),
			.name = cc_row_str(row, 1),
			.label = row->v[2],
			.column = column,
			.kind = kind_of(cc_row_str(row, 4)),
			.links = cc_row_str(row, 5),
			.several = cc_row_int(row, 6, 0),
			.free = cc_row_int(row, 7, 0),
			.required = cc_row_int(row, 8, 0),
			.unique = cc_row_int(row, 9, 0),
			.in_import = cc_row_int(row, 10, 0),
			.in_export = cc_row_int(row, 11, 0),
			.min_length = (int)cc_row_int(row, 12, 0),
			.max_length = (int)cc_row_int(row, 13, 0),
			.no_punctuation = cc_row_int(row, 14, 0),
			.required_on_success = cc_row_int(row, 15, 0),
			.in_list = cc_row_int(row, 16, 0),
			.in_pop = cc_row_int(row, 17, 0),
			.in_record = cc_row_int(row, 18, 0),
			.pop_match = cc_row_int(row, 19, 0),
			.zone = *cc_row_str(row, 20),
			.width = (int)cc_row_int(row, 21, 0),
			.parent = cc_row_int(row, 22, 0),
	};
	read_choices(arena, f, f->links);
	for (size_t i = 0; i < BASE; i++)
		if (strcmp(column, base[i].name) == 0) {
			f->base = true;
			f->number = base[i].number;
			f->translated = !f->label;
			f->label = f->label ? f->label : base[i].label;
		}
	if (!f->base) {
		f->number = column[0] == 'n';
		f->searched = column[0] != 't';
		f->label = f->label ? f->label : f->name;
	}
}

static void read_together(struct package *p, struct cc_arena *arena, const char *names)
{
	char *rest = cc_strdup(arena, names), *name;

	while ((name = strsep(&rest, ",")) && p->together_count < PACKAGE_TOGETHER) {
		const struct field *f = package_field(p, name);

		if (f)
			p->together[p->together_count++] = f;
	}
}

int package_load(struct cc_db *db, struct cc_arena *arena, int64_t id, struct package **package)
{
	struct cc_rows rows = {0}, fields = {0};
	struct package *p;
	int err = cc_db_query(db, &rows,
			"SELECT p.id, p.code, p.name, p.state, p.unique_phone, p.unique_fields, t.country, "
			"t.area_code, p.standard FROM customer_package p JOIN tenant t ON t.id = p.tenant_id "
			"WHERE p.tenant_id = {tenant} AND (p.id = ? OR (? = 0 AND p.standard = 1))",
			id, id);

	if (err || rows.count == 0)
		return err ? err : CC_E_NOENT;
	p = cc_alloc(arena, sizeof(*p));
	p->id = cc_row_int(&rows.row[0], 0, 0);
	p->code = cc_row_str(&rows.row[0], 1);
	p->name = cc_row_str(&rows.row[0], 2);
	p->open = strcmp(cc_row_str(&rows.row[0], 3), "open") == 0;
	p->unique_phone = cc_row_int(&rows.row[0], 4, 1);
	p->country = cc_row_str(&rows.row[0], 6);
	p->area = cc_row_str(&rows.row[0], 7);
	p->standard = cc_row_int(&rows.row[0], 8, 0);
	err = cc_db_query(db, &fields,
			"SELECT id, name, label, slot, kind, choices, several, free, required, is_unique, "
			"in_import, in_export, min_length, max_length, no_punctuation, required_on_success, "
			"in_list, in_pop, in_record, pop_match, zone, width, parent_id FROM customer_field "
			"WHERE tenant_id = {tenant} AND package_id = ? ORDER BY position, id",
			p->id);
	if (err)
		return err;
	for (size_t i = 0; i < fields.count && p->count < PACKAGE_FIELDS; i++)
		add_field(p, arena, &fields.row[i]);
	p->named = package_field(p, "name");
	p->phone = package_field(p, "phone");
	if (!p->named || !p->phone)
		return CC_E_CORRUPT;
	read_together(p, arena, cc_row_str(&rows.row[0], 5));
	*package = p;
	return 0;
}

const struct field *package_field(const struct package *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->fields[i].name, name) == 0 || strcmp(p->fields[i].label, name) == 0 ||
				strcmp(p->fields[i].column, name) == 0)
			return &p->fields[i];
	return NULL;
}

int package_values(struct cc_db *db, struct cc_arena *arena, const struct package *p,
		int64_t customer, const char *values[PACKAGE_FIELDS])
{
	struct cc_buf sql = cc_buf_new(arena);
	const struct cc_bind binds[] = {cc_bind_int(customer), cc_bind_int(p->id)};
	struct cc_rows rows = {0};
	int err;

	cc_buf_str(&sql, "SELECT 1");
	for (size_t i = 0; i < p->count; i++)
		cc_buf_printf(&sql, ", %s", p->fields[i].column);
	cc_buf_str(&sql, " FROM customer WHERE tenant_id = {tenant} AND id = ? AND package_id = ?");
	err = cc_db_query_text(db, &rows, cc_buf_text(&sql), binds, 2);
	for (size_t i = 0; i < p->count && !err && rows.count; i++)
		values[i] = rows.row[0].v[1 + i];
	return err ? err : rows.count ? 0 : CC_E_NOENT;
}

/* ---- values ---- */

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += (*s & 0xC0) != 0x80;
	return n;
}

bool field_belongs(const struct field *f, const char *decided, const char *value)
{
	const struct field_link wanted = {"", value};
	size_t low = 0, high = f->belongs_count;

	if (!*decided || !*value)
		return true;
	while (low < high) { /* the first one of this value */
		size_t mid = low + (high - low) / 2;

		if (by_value(&f->belongs[mid], &wanted) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	bool elsewhere = low < f->belongs_count && strcmp(f->belongs[low].value, value) == 0;

	for (; low < f->belongs_count && strcmp(f->belongs[low].value, value) == 0; low++)
		if (strcmp(f->belongs[low].decided, decided) == 0)
			return true;
	return !elsewhere;
}

const struct field *field_above(const struct package *p, const struct field *f)
{
	for (size_t i = 0; f->parent && i < p->count; i++)
		if (p->fields[i].id == f->parent)
			return &p->fields[i];
	return NULL;
}

/* ASCII punctuation, and the usual Chinese one: U+3000 to U+303F and U+FF00 to U+FF65. */
static bool has_punctuation(const char *s)
{
	for (const unsigned char *c = (const unsigned char *)s; *c; c++)
		if (ispunct(*c) || (c[0] == 0xE3 && c[1] == 0x80) || (c[0] == 0xEF && c[1] == 0xBC) ||
				(c[0] == 0xEF && c[1] == 0xBD && c[2] <= 0xA5))
			return true;
	return false;
}

static bool choice_of(const struct field *f, const char *value, size_t len)
{
	for (size_t i = 0; f->choices && f->choices[i]; i++)
		if (strlen(f->choices[i]) == len && memcmp(f->choices[i], value, len) == 0)
			return true;
	return f->free;
}

static const char *check_choice(const struct field *f, const char *value)
{
	while (*value) {
		size_t len = f->several ? strcspn(value, ",") : strlen(value);

		if (!choice_of(f, value, len))
			return CC_N("There is no such choice.");
		value += len + (value[len] == ',');
	}
	return NULL;
}

static const char *check_phone(struct cc_arena *arena, const char *value, const char **stored)
{
	char *digits = cc_alloc(arena, strlen(value) + 1);
	size_t n = 0;

	for (const char *c = value; *c; c++) {
		if (isdigit((unsigned char)*c) || (*c == '+' && n == 0))
			digits[n++] = *c;
		else if (!strchr(" -().", *c))
			return CC_N("This is not a telephone number.");
	}
	if (n < 2 || n > 16 || (digits[0] != '+' && n > 15))
		return CC_N("A telephone number has 2 to 15 digits.");
	*stored = digits;
	return NULL;
}

/* yyyy-mm-dd, yyyy/m/d or yyyymmdd, with or without a time behind it, which is dropped. */
static const char *check_date(
		struct cc_arena *arena, const struct field *f, const char *value, const char **stored)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int y = 0, m = 0, d = 0, end = 0;

	if (sscanf(value, "%4d-%2d-%2d%n", &y, &m, &d, &end) != 3 &&
			sscanf(value, "%4d/%2d/%2d%n", &y, &m, &d, &end) != 3 &&
			(strlen(value) != 8 || sscanf(value, "%4d%2d%2d%n", &y, &m, &d, &end) != 3))
		return CC_N("This is not a date.");
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	if (y < 1000 || m < 1 || m > 12 || d < 1 || d > days[m - 1] || (m == 2 && d == 29 && !leap) ||
			(value[end] && value[end] != ' ' && value[end] != 'T'))
		return CC_N("This is not a date.");
	*stored = f->number ? cc_sprintf(arena, "%04d%02d%02d", y, m, d)
						: cc_sprintf(arena, "%04d-%02d-%02d", y, m, d);
	return NULL;
}

static const char *check_number(const char *value, const char **stored)
{
	char *end;

	if (strlen(value) > 18)
		return CC_N("The number is too large.");
	strtoll(value, &end, 10);
	if (end == value || *end)
		return CC_N("This is not a whole number.");
	*stored = value;
	return NULL;
}

static const char *check_amount(struct cc_arena *arena, const struct cc_money *money,
		const char *value, const char **stored)
{
	int64_t n;
	int err = cc_money_parse(money, value, &n);

	if (err)
		return cc_money_wrong(err);
	*stored = cc_sprintf(arena, "%" PRId64, n);
	return NULL;
}

static const char *check_sex(const char *value, const char **stored)
{
	static const struct
	{
		const char *said, *stored;
	} words[] = {{"男", "male"}, {"女", "female"}, {"male", "male"}, {"female", "female"},
			{"m", "male"}, {"f", "female"}, {"未知", ""}, {"unknown", ""}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(words[i].said, value) == 0) {
			*stored = words[i].stored;
			return NULL;
		}
	return CC_N("There is no such choice.");
}

static bool is_email(const char *value)
{
	const char *at = strchr(value, '@'), *dot = at ? strrchr(at, '.') : NULL;

	return at && at > value && dot && dot > at + 1 && dot[1] && !strchr(at + 1, '@') &&
		   !strpbrk(value, " \t\r\n<>,;\"");
}

static const char *check_link(const char *value)
{
	return strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0
				   ? NULL
				   : CC_N("A link begins with http:// or https://.");
}

/* Characters that the column holds and the field allows. */
static int longest(const struct field *f)
{
	int most = f->column[0] == 't' ? 2000 : 190;

	for (size_t i = 0; i < BASE; i++)
		if (f->base && strcmp(f->column, base[i].name) == 0)
			most = base[i].longest;
	return f->max_length && f->max_length < most ? f->max_length : most;
}

const char *field_check(struct cc_arena *arena, const struct field *f, const struct cc_money *money,
		const char *value, const char **stored)
{
	size_t begin = strspn(value, " \t\r\n"), len = strlen(value);
	const char *wrong = NULL;

	while (len > begin && strchr(" \t\r\n", value[len - 1]))
		len--;
	*stored = value = cc_strndup(arena, value + begin, len - begin);
	if (!*value)
		return NULL;
	if (f->kind != FIELD_LINES && strpbrk(value, "\r\n"))
		return CC_N("One line only.");
	switch (f->kind) {
	case FIELD_PHONE:
		wrong = check_phone(arena, value, stored);
		break;
	case FIELD_EMAIL:
		wrong = is_email(value) ? NULL : CC_N("This is not an e-mail address.");
		break;
	case FIELD_DATE:
		wrong = check_date(arena, f, value, stored);
		break;
	case FIELD_NUMBER:
		wrong = check_number(value, stored);
		break;
	case FIELD_AMOUNT:
		wrong = check_amount(arena, money, value, stored);
		break;
	case FIELD_LINK:
		wrong = check_link(value);
		break;
	case FIELD_CHOICE:
	case FIELD_LINKED:
		wrong = check_choice(f, value);
		break;
	case FIELD_SEX:
		wrong = check_sex(value, stored);
		break;
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_ADDRESS:
	case FIELD_FILE:
		break;
	}
	if (wrong)
		return wrong;

	int most = longest(f);
	size_t n = characters(*stored);

	if (n > (size_t)most)
		return CC_N("The text is too long.");
	if (f->min_length && n < (size_t)f->min_length)
		return CC_N("The text is too short.");
	if (f->no_punctuation && has_punctuation(*stored))
		return CC_N("Punctuation is not allowed here.");
	return NULL;
}

const char *package_e164(struct cc_arena *arena, const struct package *p, const char *number)
{
	char e164[CC_NUMBER_E164 + 1];

	return number && *number && cc_number_e164(e164, number, p->country, p->area) > 0
				   ? cc_strdup(arena, e164)
				   : "";
}
