/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cc/err.h"
#include "extension.h"

static const char *const ours[] = {"100rel", "timer", "replaces"};

static struct cc_text text_of(const str *s)
{
	return (struct cc_text){s->s, s->len > 0 ? (size_t)s->len : 0};
}

static bool named(const struct hdr_field *h, const char *name)
{
	return h->name.len == (int)strlen(name) && strncasecmp(h->name.s, name, strlen(name)) == 0;
}

bool cc_extension_header(struct sip_msg *msg, const char *name, struct cc_text *value)
{
	if (parse_headers(msg, HDR_EOH_F, 0) < 0)
		return false;
	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (named(h, name)) {
			*value = text_of(&h->body);
			return true;
		}
	return false;
}

static bool known(struct cc_text option)
{
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (cc_list_has(option, ours[i]))
			return true;
	return false;
}

static void require(struct cc_extensions *x, struct cc_text list)
{
	struct cc_text one;

	x->reliable = x->reliable || cc_list_has(list, "100rel");
	while (cc_list_next(&list, &one)) {
		size_t len = strlen(x->unsupported);

		if (!known(one) && len + one.len + 3 < sizeof(x->unsupported))
			snprintf(x->unsupported + len, sizeof(x->unsupported) - len, "%s%.*s", len ? ", " : "",
					(int)one.len, one.s);
	}
}

int cc_extensions_read(struct cc_extensions *x, struct sip_msg *msg)
{
	enum cc_refresher ignored;
	int rc = CC_OK;

	memset(x, 0, sizeof(*x));
	if (parse_headers(msg, HDR_EOH_F, 0) < 0)
		return CC_E_INVAL;
	for (struct hdr_field *h = msg->headers; h && rc == CC_OK; h = h->next) {
		struct cc_text value = text_of(&h->body);

		if (named(h, "Supported") || named(h, "k")) {
			x->timer = x->timer || cc_list_has(value, "timer");
		} else if (named(h, "Require")) {
			x->timer = x->timer || cc_list_has(value, "timer");
			require(x, value);
		} else if (named(h, "Allow")) {
			x->update = x->update || cc_list_has(value, "UPDATE");
		} else if (named(h, "Info-Package")) {
			x->info_package = true;
		} else if (named(h, "Session-Expires") || named(h, "x")) {
			rc = cc_session_parse(&x->session_s, &x->refresher, value);
		} else if (named(h, "Min-SE")) {
			rc = cc_session_parse(&x->session_min_s, &ignored, value);
		} else if (named(h, "RSeq")) {
			rc = cc_header_number(&x->rseq, value);
		}
	}
	return rc;
}
