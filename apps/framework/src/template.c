/* SPDX-License-Identifier: GPL-2.0-or-later
 * Three steps: the text becomes tokens, lines that hold only tags lose their white space
 * (standalone tags), and the tokens become a tree of nodes. Rendering walks the tree with a stack
 * of contexts. */
#include "cc/template.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 64 /* nested sections, partials and parents */

enum kind
{
	TEXT,     /* a piece of one line */
	VARIABLE, /* {{x}} */
	RAW,      /* {{{x}}} {{&x}} */
	SECTION,  /* {{#x}} */
	INVERTED, /* {{^x}} */
	PARTIAL,  /* {{>x}} {{>*x}} */
	PARENT,   /* {{<x}} */
	BLOCK,    /* {{$x}} */
	CLOSE,    /* {{/x}}; only a token */
	SILENT,   /* comment, set delimiters; only a token */
};

struct token
{
	enum kind kind;
	const char *s; /* TEXT: the text; tags: the name */
	size_t len;
	const char *start, *end; /* in the source */
	int line;
	bool bol;           /* TEXT: begins a line */
	bool eol;           /* TEXT: ends with the line's end */
	bool dynamic;       /* PARTIAL, PARENT: the name is a variable's value */
	bool alone;         /* the tag stands on a line of its own */
	const char *indent; /* white space before it, if it stands alone */
	size_t indent_len;
};

struct node
{
	enum kind kind;
	char *name; /* of tags */
	const char *s;
	size_t len; /* TEXT; SECTION: the source inside, for a lambda */
	int line;
	bool bol, dynamic;
	const char *indent;
	size_t indent_len;
	struct node *first, *last, *next;
};

struct tmpl
{
	struct tmpl *next;
	char *name;
	int64_t stamp;
	uint64_t checked; /* the rendering that last looked for a change */
	struct cc_arena *arena;
	struct node root;
	const char *error;
};

struct folder
{
	struct folder *next;
	char *prefix, *path; /* prefix "": of every name */
};

struct cc_templates
{
	struct cc_template_source source;
	bool strict;
	struct folder *folders; /* the one without prefix is the last */
	struct tmpl *list;
	uint64_t renderings;
};

/* ---- tokens ---- */

struct lexer
{
	struct cc_arena *arena;
	const char *p, *end;
	const char *open, *close;
	size_t open_len, close_len;
	int line;
	bool bol;
	struct token *token;
	size_t count, cap;
	const char *error;
};

static struct token *token_add(struct lexer *lx, enum kind kind)
{
	if (lx->count == lx->cap) {
		size_t cap = lx->cap ? lx->cap * 2 : 64;
		struct token *t = cc_alloc(lx->arena, cap * sizeof *t);
		if (lx->count)
			memcpy(t, lx->token, lx->count * sizeof *t);
		lx->token = t;
		lx->cap = cap;
	}
	struct token *t = &lx->token[lx->count++];
	*t = (struct token){.kind = kind, .line = lx->line};
	return t;
}

static const char *find(const char *p, const char *end, const char *what, size_t len)
{
	return memmem(p, (size_t)(end - p), what, len);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(const char **s, size_t *len)
{
	while (*len && is_space(**s)) {
		(*s)++;
		(*len)--;
	}
	while (*len && is_space((*s)[*len - 1]))
		(*len)--;
}

/* One token for each line's piece of text, its line end included. */
static void lex_text(struct lexer *lx, const char *to)
{
	while (lx->p < to) {
		const char *nl = memchr(lx->p, '\n', (size_t)(to - lx->p));
		const char *stop = nl ? nl + 1 : to;
		struct token *t = token_add(lx, TEXT);
		t->s = lx->p;
		t->len = (size_t)(stop - lx->p);
		t->bol = lx->bol;
		t->eol = nl != NULL;
		lx->bol = nl != NULL;
		lx->line += nl != NULL;
		lx->p = stop;
	}
}

static bool lex_delimiters(struct lexer *lx, const char *s, size_t len)
{
	if (len < 2 || s[len - 1] != '=')
		return false;
	len--;
	trim(&s, &len);
	size_t open = 0, close = len;
	while (open < len && !is_space(s[open]))
		open++;
	while (close > open && !is_space(s[close - 1]))
		close--;
	if (!open || close == open || close == len)
		return false;
	lx->open = s;
	lx->open_len = open;
	lx->close = s + close;
	lx->close_len = len - close;
	return true;
}

static bool lex_tag(struct lexer *lx)
{
	const char *start = lx->p;
	const char *s = start + lx->open_len;
	bool triple = s < lx->end && *s == '{';
	const char *stop;
	if (triple) {
		char close[64] = "}";
		if (lx->close_len >= sizeof close - 1)
			return false;
		memcpy(close + 1, lx->close, lx->close_len);
		stop = find(s, lx->end, close, lx->close_len + 1);
	} else {
		stop = find(s, lx->end, lx->close, lx->close_len);
	}
	if (!stop)
		return false;
	const char *after = stop + lx->close_len + triple;
	static const struct
	{
		char sigil;
		enum kind kind;
	} sigils[] = {
			{'{', RAW},
			{'&', RAW},
			{'#', SECTION},
			{'^', INVERTED},
			{'>', PARTIAL},
			{'<', PARENT},
			{'$', BLOCK},
			{'/', CLOSE},
			{'!', SILENT},
			{'=', SILENT},
	};
	size_t len = (size_t)(stop - s);
	trim(&s, &len);
	char sigil = len ? *s : '\0';
	enum kind kind = VARIABLE;
	for (size_t i = 0; i < sizeof sigils / sizeof *sigils; i++)
		if (sigil && sigils[i].sigil == sigil)
			kind = sigils[i].kind;
	if (kind != VARIABLE) {
		s++;
		len--;
		trim(&s, &len);
	}
	struct token *t = token_add(lx, kind);
	t->start = start;
	t->end = after;
	if ((kind == PARTIAL || kind == PARENT) && len && *s == '*') {
		t->dynamic = true;
		s++;
		len--;
		trim(&s, &len);
	}
	t->s = s;
	t->len = len;
	if (kind != SILENT && !len)
		return false;
	for (const char *p = start; p < after; p++)
		lx->line += *p == '\n';
	lx->p = after;
	lx->bol = false;
	return sigil != '=' || lex_delimiters(lx, s, len);
}

static int lex(struct lexer *lx)
{
	lx->bol = true;
	lx->line = 1;
	lx->open = "{{";
	lx->close = "}}";
	lx->open_len = lx->close_len = 2;
	while (lx->p < lx->end) {
		const char *tag = find(lx->p, lx->end, lx->open, lx->open_len);
		lex_text(lx, tag ? tag : lx->end);
		int line = lx->line;
		if (tag && !lex_tag(lx)) {
			lx->line = line;
			lx->error = "malformed tag";
			return CC_E_INVAL;
		}
	}
	return 0;
}

/* ---- standalone lines ---- */

static bool is_blank(const struct token *t)
{
	size_t len = t->len;
	const char *s = t->s;
	trim(&s, &len);
	return t->kind == TEXT && !len;
}

static bool is_inheritance(const struct token *t)
{
	return t->kind == PARENT || t->kind == BLOCK || t->kind == CLOSE;
}

/* A line of blanks and either one tag that produces no text by itself, or several tags of
 * inheritance. */
static void line_strip(struct token *t, size_t count)
{
	struct token *before = NULL, *after = NULL, *first = NULL;
	size_t tags = 0, inheritance = 0;
	for (size_t i = 0; i < count; i++) {
		if (t[i].kind == TEXT) {
			if (!is_blank(&t[i]))
				return;
			if (!first)
				before = &t[i];
			else
				after = &t[i];
			continue;
		}
		if (t[i].kind == VARIABLE || t[i].kind == RAW)
			return;
		if (!first)
			first = &t[i];
		tags++;
		inheritance += is_inheritance(&t[i]);
	}
	if (!first || (tags > 1 && inheritance != tags))
		return;
	if (before && first) {
		first->indent = before->s;
		first->indent_len = before->len;
		before->len = 0;
	}
	for (size_t i = 0; i < count; i++)
		t[i].alone = true;
	/* an empty block on one line is filled in place, so its line end stays */
	bool in_place = tags == 2 && first->kind == BLOCK;
	if (after && !in_place)
		after->len = 0;
}

static void lines_strip(struct lexer *lx)
{
	for (size_t from = 0, i = 0; i < lx->count; i++) {
		bool last = i + 1 == lx->count;
		if ((lx->token[i].kind == TEXT && lx->token[i].eol) || last) {
			line_strip(lx->token + from, i + 1 - from);
			from = i + 1;
		}
	}
}

/* ---- tree ---- */

static struct node *node_add(struct cc_arena *arena, struct node *parent, const struct token *t)
{
	struct node *n = cc_alloc(arena, sizeof *n);
	n->kind = t->kind;
	n->line = t->line;
	n->bol = t->bol;
	n->dynamic = t->dynamic;
	n->indent = t->indent;
	n->indent_len = t->indent_len;
	if (t->kind == TEXT) {
		n->s = t->s;
		n->len = t->len;
	} else {
		n->name = cc_strndup(arena, t->s, t->len);
	}
	if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	return n;
}

static void strip_prefix(const char **s, size_t *len, const char *prefix, size_t prefix_len)
{
	size_t n = 0;
	while (n < *len && n < prefix_len && (*s)[n] == prefix[n])
		n++;
	*s += n;
	*len -= n;
}

static void nodes_outdent(struct node *n, const char *prefix, size_t len)
{
	for (; n; n = n->next) {
		if (n->kind == TEXT && n->bol)
			strip_prefix(&n->s, &n->len, prefix, len);
		else if (n->indent)
			strip_prefix(&n->indent, &n->indent_len, prefix, len);
		if (n->kind == SECTION || n->kind == INVERTED)
			nodes_outdent(n->first, prefix, len);
	}
}

/* The indentation of a block's first line belongs to the place, not to the text: it is taken off
 * the block's lines and put before the lines of whatever is shown there. */
static void block_indent(struct node *block)
{
	const struct node *n = block->first;
	while (n && n->kind == TEXT && !n->len)
		n = n->next;
	if (!n)
		return;
	const char *s = n->kind == TEXT ? n->s : n->indent;
	size_t max = n->kind == TEXT ? n->len : n->indent_len, len = 0;
	if (n->kind == TEXT && !n->bol)
		return;
	while (len < max && (s[len] == ' ' || s[len] == '\t'))
		len++;
	nodes_outdent(block->first, s, len);
	block->indent = s;
	block->indent_len = len;
}

static int build(struct lexer *lx, struct node *root)
{
	struct
	{
		struct node *node;
		const struct token *token;
	} stack[DEPTH_MAX] = {{root, NULL}};
	size_t depth = 0;
	for (size_t i = 0; i < lx->count; i++) {
		const struct token *t = &lx->token[i];
		lx->line = t->line;
		if (t->kind == SILENT || (t->kind == TEXT && !t->len))
			continue;
		if (t->kind == CLOSE) {
			struct node *n = stack[depth].node;
			if (!depth || strlen(n->name) != t->len || memcmp(n->name, t->s, t->len)) {
				lx->error = "closing tag without its opening tag";
				return CC_E_INVAL;
			}
			n->s = stack[depth].token->end;
			n->len = (size_t)(t->start - n->s);
			if (n->kind == BLOCK && stack[depth].token->alone)
				block_indent(n);
			depth--;
			continue;
		}
		struct node *n = node_add(lx->arena, stack[depth].node, t);
		if (t->kind == SECTION || t->kind == INVERTED || t->kind == PARENT || t->kind == BLOCK) {
			if (++depth == DEPTH_MAX) {
				lx->error = "too many nested sections";
				return CC_E_INVAL;
			}
			stack[depth].node = n;
			stack[depth].token = t;
		}
	}
	if (depth) {
		lx->line = stack[depth].token->line;
		lx->error = "section is not closed";
		return CC_E_INVAL;
	}
	return 0;
}

static int parse(struct cc_arena *arena, const char *text, size_t len, struct node *root, int *line,
		const char **error)
{
	struct lexer lx = {.arena = arena, .p = text, .end = text + len};
	int err = lex(&lx);
	if (!err) {
		lines_strip(&lx);
		err = build(&lx, root);
	}
	if (err) {
		*line = lx.line;
		*error = lx.error;
	}
	return err;
}

/* ---- sources and cache ---- */

static bool name_is_safe(const char *name)
{
	if (!*name || *name == '/' || strstr(name, ".."))
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/.") ==
		   strlen(name);
}

static const struct folder *folder_of(const struct cc_templates *t, const char **name)
{
	for (const struct folder *f = t->folders; f; f = f->next) {
		size_t len = strlen(f->prefix);
		if (!len)
			return f;
		if (!strncmp(*name, f->prefix, len) && (*name)[len] == '/') {
			*name += len + 1;
			return f;
		}
	}
	return NULL;
}

static int file_load(
		void *ctx, const char *name, int64_t known, int64_t *stamp, char **text, size_t *len)
{
	char path[512];
	struct stat st;
	if (!name_is_safe(name))
		return CC_E_NOENT;
	const struct folder *folder = folder_of(ctx, &name);
	if (!folder ||
			snprintf(path, sizeof path, "%s/%s.mustache", folder->path, name) >= (int)sizeof path)
		return CC_E_NOENT;
	if (stat(path, &st))
		return CC_E_NOENT;
	int64_t now = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec + st.st_size;
	if (now == known)
		return CC_E_EXIST;
	FILE *f = fopen(path, "r");
	if (!f)
		return CC_E_NOENT;
	char *buf = malloc((size_t)st.st_size + 1);
	if (!buf)
		abort();
	*len = fread(buf, 1, (size_t)st.st_size, f);
	fclose(f);
	*text = buf;
	*stamp = now;
	return 0;
}

int cc_templates_new_from(
		struct cc_templates **templates, const struct cc_template_source *source, bool strict)
{
	struct cc_templates *t = calloc(1, sizeof *t);
	if (!t)
		return CC_E_NOMEM;
	t->source = *source;
	t->strict = strict;
	*templates = t;
	return 0;
}

int cc_templates_add(struct cc_templates *templates, const char *prefix, const char *folder)
{
	struct folder *f = calloc(1, sizeof *f);
	if (!f)
		return CC_E_NOMEM;
	f->prefix = strdup(prefix);
	f->path = strdup(folder);
	f->next = templates->folders;
	templates->folders = f;
	return f->prefix && f->path ? 0 : CC_E_NOMEM;
}

int cc_templates_new(struct cc_templates **templates, const char *folder, bool strict)
{
	struct cc_template_source source = {NULL, file_load};
	struct cc_templates *t;
	int err = cc_templates_new_from(&t, &source, strict);
	if (err)
		return err;
	t->source.ctx = t;
	err = cc_templates_add(t, "", folder);
	if (err) {
		cc_templates_free(t);
		return err;
	}
	*templates = t;
	return 0;
}

void cc_templates_free(struct cc_templates *templates)
{
	if (!templates)
		return;
	while (templates->list) {
		struct tmpl *t = templates->list;
		templates->list = t->next;
		cc_arena_free(t->arena);
		free(t->name);
		free(t);
	}
	while (templates->folders) {
		struct folder *f = templates->folders;
		templates->folders = f->next;
		free(f->prefix);
		free(f->path);
		free(f);
	}
	free(templates);
}

static int template_get(struct cc_templates *set, const char *name, struct tmpl **out)
{
	struct tmpl *t;
	for (t = set->list; t && strcmp(t->name, name); t = t->next)
		;
	/* once a rendering: its tree may be in use further up */
	if (t && t->checked == set->renderings) {
		*out = t;
		return 0;
	}
	char *text;
	size_t len;
	int64_t stamp;
	int err =
			set->source.load(set->source.ctx, name, t ? t->stamp : INT64_MIN, &stamp, &text, &len);
	if (err && err != CC_E_EXIST)
		return err;
	if (!t) {
		t = calloc(1, sizeof *t);
		if (!t || !(t->name = strdup(name)))
			abort();
		t->next = set->list;
		set->list = t;
	}
	if (!err) {
		cc_arena_free(t->arena);
		t->arena = cc_arena_new();
		t->root = (struct node){0};
		t->stamp = stamp;
		t->error = NULL;
		char *copy = cc_strndup(t->arena, text, len);
		free(text);
		int line;
		const char *error;
		if (parse(t->arena, copy, len, &t->root, &line, &error))
			t->error = cc_sprintf(t->arena, "%s:%d: %s", name, line, error);
	}
	t->checked = set->renderings;
	*out = t;
	return 0;
}

/* ---- rendering ---- */

/* What a {{<parent}} gives for the blocks of its parent; outer: given by who included that. */
struct frame
{
	const struct node *parent;
	const struct frame *outer;
	const char *name; /* of the template that the blocks are written in */
};

struct render
{
	struct cc_templates *set;
	struct cc_buf *out;
	const struct cc_value *stack[DEPTH_MAX];
	size_t depth;
	int nesting;
	struct cc_buf indent;
	bool bol;
	const char *name; /* of the template at work */
	const char *error;
};

static int render_nodes(struct render *r, const struct node *n, const struct frame *frame);

static int fail(struct render *r, int line, const char *what, const char *name)
{
	if (!r->error)
		r->error = cc_sprintf(r->out->arena, "%s:%d: %s \"%s\"", r->name, line, what, name);
	return CC_E_INVAL;
}

static const struct cc_value *lookup(const struct render *r, const char *name)
{
	if (!strcmp(name, "."))
		return r->depth ? r->stack[r->depth - 1] : NULL;
	char part[128];
	const char *first = name;
	size_t len = strcspn(name, ".");
	if (name[len]) {
		if (len >= sizeof part)
			return NULL;
		memcpy(part, name, len);
		part[len] = '\0';
		first = part;
	}
	const struct cc_value *v = NULL;
	for (size_t i = r->depth; i-- > 0 && !v;)
		v = cc_value_get(r->stack[i], first);
	while (v && name[len] == '.') {
		name += len + 1;
		len = strcspn(name, ".");
		if (!len || len >= sizeof part)
			return NULL;
		memcpy(part, name, len);
		part[len] = '\0';
		v = cc_value_get(v, part);
	}
	return v;
}

static bool is_true(const struct cc_value *v)
{
	if (!v)
		return false;
	switch (v->kind) {
	case CC_VALUE_NULL:
		return false;
	case CC_VALUE_BOOL:
	case CC_VALUE_STR:
		return v->truth;
	case CC_VALUE_LIST:
		return v->first;
	case CC_VALUE_MAP:
	case CC_VALUE_LAMBDA:
		return true;
	}
	return false;
}

static void begin_line(struct render *r)
{
	if (r->bol)
		cc_buf_add(r->out, r->indent.p, r->indent.len);
	r->bol = false;
}

static int render_lambda(
		struct render *r, const struct node *n, const struct cc_value *v, const struct frame *frame)
{
	struct cc_arena *arena = r->out->arena;
	const char *s = n->s;
	size_t len = n->len;
	trim(&s, &len);
	const char *text = v->lambda(v->ctx, arena, cc_strndup(arena, s, len));
	begin_line(r);
	if (!strstr(text, "{{")) {
		cc_buf_html(r->out, text, strlen(text));
		return 0;
	}
	struct node root = {0};
	int line;
	const char *error;
	if (parse(arena, text, strlen(text), &root, &line, &error))
		return fail(r, n->line, error, text);
	return render_nodes(r, root.first, frame);
}

static int push(struct render *r, const struct node *n, const struct cc_value *v)
{
	if (r->depth == DEPTH_MAX)
		return fail(r, n->line, "too many nested sections at", n->name);
	r->stack[r->depth++] = v;
	return 0;
}

static int render_section(struct render *r, const struct node *n, const struct frame *frame)
{
	const struct cc_value *v = lookup(r, n->name);
	if (!v && r->set->strict)
		return fail(r, n->line, "unknown section", n->name);
	if (n->kind == INVERTED)
		return is_true(v) ? 0 : render_nodes(r, n->first, frame);
	if (!is_true(v))
		return 0;
	if (v->kind == CC_VALUE_LAMBDA)
		return render_lambda(r, n, v, frame);
	int err = 0;
	for (const struct cc_value *item = v->kind == CC_VALUE_LIST ? v->first : v; item && !err;
			item = v->kind == CC_VALUE_LIST ? item->next : NULL) {
		err = push(r, n, item);
		if (err)
			break;
		err = render_nodes(r, n->first, frame);
		r->depth--;
	}
	return err;
}

static int render_template(struct render *r, const struct node *n, const struct frame *frame)
{
	const char *name = n->name;
	if (n->dynamic) {
		const struct cc_value *v = lookup(r, name);
		if (!v && r->set->strict)
			return fail(r, n->line, "unknown variable", name);
		if (!v || v->kind != CC_VALUE_STR)
			return 0;
		name = v->str;
	}
	struct tmpl *t;
	int err = template_get(r->set, name, &t);
	if (err == CC_E_NOENT)
		return r->set->strict ? fail(r, n->line, "unknown template", name) : 0;
	if (err)
		return err;
	if (t->error) {
		r->error = cc_strdup(r->out->arena, t->error);
		return CC_E_INVAL;
	}
	if (++r->nesting > DEPTH_MAX)
		return fail(r, n->line, "too many nested templates at", name);
	const char *outer = r->name;
	size_t indent = r->indent.len;
	cc_buf_add(&r->indent, n->indent, n->indent_len);
	r->name = t->name;
	err = render_nodes(r, t->root.first, frame);
	r->name = outer;
	r->indent.len = indent;
	r->nesting--;
	return err;
}

/* The outermost template that gives the block wins; its text may have blocks that those around it
 * give. */
static int render_block(struct render *r, const struct node *n, const struct frame *frame)
{
	const struct node *content = n;
	const struct frame *inside = frame, *from = NULL;
	for (const struct frame *f = frame; f; f = f->outer)
		for (const struct node *b = f->parent->first; b; b = b->next)
			if (b->kind == BLOCK && !strcmp(b->name, n->name)) {
				content = b;
				inside = f->outer;
				from = f;
				break;
			}
	if (++r->nesting > DEPTH_MAX)
		return fail(r, n->line, "too many nested blocks at", n->name);
	const char *outer = r->name;
	size_t indent = r->indent.len;
	cc_buf_add(&r->indent, n->indent, n->indent_len);
	if (from)
		r->name = from->name;
	int err = render_nodes(r, content->first, inside);
	r->name = outer;
	r->indent.len = indent;
	r->nesting--;
	return err;
}

static int render_variable(struct render *r, const struct node *n)
{
	const struct cc_value *v = lookup(r, n->name);
	if (!v && r->set->strict)
		return fail(r, n->line, "unknown variable", n->name);
	begin_line(r);
	if (!v || v->kind != CC_VALUE_STR)
		return 0;
	if (n->kind == RAW)
		cc_buf_str(r->out, v->str);
	else
		cc_buf_html(r->out, v->str, strlen(v->str));
	return 0;
}

static int render_nodes(struct render *r, const struct node *n, const struct frame *frame)
{
	int err = 0;
	for (; n && !err; n = n->next) {
		switch (n->kind) {
		case TEXT:
			if (!n->len)
				break;
			begin_line(r);
			cc_buf_add(r->out, n->s, n->len);
			r->bol = n->s[n->len - 1] == '\n';
			break;
		case VARIABLE:
		case RAW:
			err = render_variable(r, n);
			break;
		case SECTION:
		case INVERTED:
			err = render_section(r, n, frame);
			break;
		case PARTIAL:
			err = render_template(r, n, NULL);
			break;
		case PARENT: {
			struct frame inner = {n, frame, r->name};
			err = render_template(r, n, &inner);
			break;
		}
		case BLOCK:
			err = render_block(r, n, frame);
			break;
		case CLOSE:
		case SILENT:
			break;
		}
	}
	return err;
}

int cc_template_render(struct cc_templates *templates, const char *name,
		const struct cc_value *data, struct cc_buf *out, const char **error)
{
	struct render r = {
			.set = templates,
			.out = out,
			.indent = cc_buf_new(out->arena),
			.bol = true,
			.name = name,
	};
	struct tmpl *t;
	templates->renderings++;
	int err = template_get(templates, name, &t);
	if (err) {
		r.error = cc_sprintf(out->arena, "%s: no such template", name);
	} else if (t->error) {
		r.error = cc_strdup(out->arena, t->error);
		err = CC_E_INVAL;
	} else {
		r.stack[r.depth++] = data;
		err = render_nodes(&r, t->root.first, NULL);
	}
	if (err && error)
		*error = r.error;
	return err;
}
