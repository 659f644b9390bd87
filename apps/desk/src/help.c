/* SPDX-License-Identifier: GPL-2.0-or-later
 * DESK-07: guides for agents, leaders and administrators, written in a little Markdown in
 * templates/help/<language>/<guide>.md: "# title", "## heading", paragraphs, "- items", **strong**
 * and `code`. The text as it is can be downloaded. */
#include "desk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "cc/utf8.h"

#define GUIDE_MAX (256 * 1024)

static const struct
{
	const char *name, *permission; /* who is led to it first */
} guides[] = {
		{"agent", "desk.agent.own"},
		{"leader", "desk.agent.manage"},
		{"admin", "desk.system.view"},
};

/* for the catalogues: CC_NC("guide", "agent") CC_NC("guide", "leader") CC_NC("guide", "admin") */
#define GUIDES (sizeof guides / sizeof *guides)

static int read_guide(struct cc_request *rq, const char *name, char **text)
{
	const char *path = cc_sprintf(rq->arena, "%s/templates/help/%s/%s.md",
			cc_settings_str(rq->settings, "CC_PREFIX"), rq->language, name);
	FILE *f = fopen(path, "re");
	if (!f)
		return CC_E_IO;
	char *buf = cc_alloc(rq->arena, GUIDE_MAX);
	size_t len = fread(buf, 1, GUIDE_MAX - 1, f);
	bool broken = ferror(f) || len == GUIDE_MAX - 1 || !cc_utf8_valid(buf, len);
	fclose(f);
	if (broken)
		return CC_E_CORRUPT;
	*text = buf;
	return 0;
}

/* ---- a little Markdown ---- */

static void add_span(
		struct cc_arena *a, struct cc_value *spans, const char *kind, const char *text, size_t len)
{
	if (!len)
		return;
	struct cc_value *v = cc_value_add(a, spans, NULL, CC_VALUE_MAP);
	cc_value_bool(a, v, "strong", !strcmp(kind, "strong"));
	cc_value_bool(a, v, "code", !strcmp(kind, "code"));
	cc_value_bool(a, v, "plain", !strcmp(kind, "plain"));
	cc_value_str(a, v, "text", cc_strndup(a, text, len));
}

/* Text with **strong** and `code` as spans. */
static void add_spans(struct cc_arena *a, struct cc_value *block, const char *text)
{
	struct cc_value *spans = cc_value_add(a, block, "spans", CC_VALUE_LIST);
	const char *plain = text;
	while (*text) {
		const char *mark = *text == '`' ? "`" : !strncmp(text, "**", 2) ? "**" : NULL;
		size_t len = mark ? strlen(mark) : 0;
		const char *end = mark ? strstr(text + len, mark) : NULL;
		if (!end) {
			text++;
			continue;
		}
		add_span(a, spans, "plain", plain, (size_t)(text - plain));
		add_span(a, spans, len == 2 ? "strong" : "code", text + len, (size_t)(end - text) - len);
		text = plain = end + len;
	}
	add_span(a, spans, "plain", plain, (size_t)(text - plain));
}

static struct cc_value *add_block(struct cc_arena *a, struct cc_value *blocks, const char *kind)
{
	static const char *const kinds[] = {"heading", "paragraph", "list"};
	struct cc_value *v = cc_value_add(a, blocks, NULL, CC_VALUE_MAP);
	for (size_t i = 0; i < 3; i++)
		cc_value_bool(a, v, kinds[i], !strcmp(kinds[i], kind));
	return v;
}

/* Lines of a paragraph or item are joined: with a space, but not between Chinese characters. */
static void join(struct cc_buf *text, const char *line)
{
	bool wide = text->len && ((unsigned char)text->p[text->len - 1] & 0x80) &&
				((unsigned char)*line & 0x80);
	if (text->len && !wide)
		cc_buf_add(text, " ", 1);
	cc_buf_str(text, line);
}

static void flush(struct cc_arena *a, struct cc_buf *text, struct cc_value *parent, bool item)
{
	if (!text->len)
		return;
	struct cc_value *v =
			item ? cc_value_add(a, parent, NULL, CC_VALUE_MAP) : add_block(a, parent, "paragraph");
	add_spans(a, v, cc_buf_text(text));
	*text = cc_buf_new(a);
}

/* Blocks and headings of the text, which is cut into lines; its title. */
static const char *parse(struct cc_arena *a, char *text, struct cc_value *page)
{
	struct cc_value *blocks = cc_value_add(a, page, "blocks", CC_VALUE_LIST);
	struct cc_value *headings = cc_value_add(a, page, "headings", CC_VALUE_LIST);
	struct cc_value *items = NULL; /* of the list at work */
	struct cc_buf pending = cc_buf_new(a);
	const char *title = "";
	int number = 0;
	for (char *line = text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		bool heading = !strncmp(line, "## ", 3), item = !strncmp(line, "- ", 2);
		if (heading || item || !*line || *line == '#') {
			flush(a, &pending, items ? items : blocks, items);
			if (!item)
				items = NULL;
		}
		if (heading) {
			const char *id = cc_sprintf(a, "part-%d", ++number);
			struct cc_value *both[] = {
					add_block(a, blocks, "heading"), cc_value_add(a, headings, NULL, CC_VALUE_MAP)};
			for (size_t i = 0; i < 2; i++) {
				cc_value_str(a, both[i], "id", id);
				cc_value_str(a, both[i], "text", line + 3);
			}
		} else if (!strncmp(line, "# ", 2)) {
			title = line + 2;
		} else if (item) {
			if (!items)
				items = cc_value_add(a, add_block(a, blocks, "list"), "items", CC_VALUE_LIST);
			join(&pending, line + 2);
		} else if (*line) {
			join(&pending, line + strspn(line, " "));
		}
	}
	flush(a, &pending, items ? items : blocks, items);
	return title;
}

/* ---- pages ---- */

/* To the guide of one's role. */
int desk_help(struct cc_request *rq)
{
	size_t i = GUIDES - 1;
	if (rq->user->scope != CC_SCOPE_ALL || !cc_can(rq, guides[i].permission))
		i = cc_can(rq, guides[1].permission) ? 1 : 0;
	cc_redirect(rq, cc_sprintf(rq->arena, "/desk/help/%s", guides[i].name));
	return 0;
}

int desk_help_guide(struct cc_request *rq)
{
	struct cc_arena *a = rq->arena;
	const char *name = cc_param(rq, "guide"), *format = cc_query(rq, "format");
	size_t known = 0;
	char *text;
	while (known < GUIDES && strcmp(guides[known].name, name))
		known++;
	if (known == GUIDES)
		return CC_E_NOENT;
	int err = read_guide(rq, guides[known].name, &text);
	if (err)
		return err;
	if (format && !strcmp(format, "text")) {
		cc_type(rq, "text/plain; charset=utf-8");
		cc_set_header(rq, "Content-Disposition",
				cc_sprintf(a, "attachment; filename=\"tandem-%s-%s.md\"", guides[known].name,
						rq->language));
		cc_buf_str(cc_body(rq), text);
		return 0;
	}
	struct cc_value *page = cc_page(rq, cc_tc(rq, "guide", guides[known].name));
	struct cc_value *list = cc_value_add(a, page, "guides", CC_VALUE_LIST);
	for (size_t i = 0; i < GUIDES; i++) {
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "path", cc_sprintf(a, "/desk/help/%s", guides[i].name));
		cc_value_str(a, v, "label", cc_tc(rq, "guide", guides[i].name));
		cc_value_bool(a, v, "current", i == known);
	}
	cc_value_str(a, page, "headline", parse(a, text, page));
	cc_value_str(a, page, "download", cc_sprintf(a, "/desk/help/%s?format=text", name));
	return cc_page_send(rq, "desk/help", page);
}
