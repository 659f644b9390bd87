/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/preference.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cc/auth.h"
#include "priv.h"

const struct cc_preference cc_preferences[] = {
#define CC_PREFERENCE(name, kind, initial, range, section, label, help)                            \
	{#name, CC_PREFERENCE_##kind, initial, range, section, label, help},
#include "preferences.def"
#undef CC_PREFERENCE
		{0},
};

const char *cc_preference(struct cc_request *rq, const char *name)
{
	struct cc_web_state *st = rq->state;
	static const struct cc_rows none;
	if (!st->preferences && (!rq->user || cc_known(rq, KNOWN_PREFERENCES, 0, "", &st->preferences)))
		st->preferences = &none;
	for (size_t i = 0; i < st->preferences->count; i++)
		if (!strcmp(cc_row_str(&st->preferences->row[i], 0), name))
			return cc_row_str(&st->preferences->row[i], 1);
	const struct cc_preference *p = cc_preferences;
	while (p->name && strcmp(p->name, name))
		p++;
	return p->name ? p->initial : "";
}

int64_t cc_preference_int(struct cc_request *rq, const char *name)
{
	return strtoll(cc_preference(rq, name), NULL, 10);
}

/* ---- checks ---- */

/* The word is one of those of the list, which has blanks between them. */
static bool is_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	for (const char *p = list; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		if (n == len && !memcmp(p, word, n))
			return true;
		p += n;
	}
	return false;
}

static size_t characters(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static bool is_number(const char *range, const char *text)
{
	char *end;
	long low = strtol(range, &end, 10), high = strtol(end, NULL, 10);
	if (!*text || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
		return false;
	long n = strtol(text, NULL, 10);
	return n >= low && n <= high;
}

static bool is_digits(const char *range, const char *text)
{
	size_t len = strlen(text);
	return len <= (size_t)strtol(range, NULL, 10) && strspn(text, "0123456789") == len;
}

static bool is_zone(const char *name)
{
	struct cc_tz *tz;
	if (!*name || strlen(name) > 64 || cc_tz_load(&tz, name))
		return false;
	cc_tz_free(tz);
	return true;
}

/* A language is there when its folder of prompts is. */
static bool has_prompts(struct cc_request *rq, const char *language)
{
	struct stat st;
	const char *folder = cc_settings_str(rq->settings, "CC_PROMPTS");
	if (strlen(language) != 2 || strspn(language, "abcdefghijklmnopqrstuvwxyz") != 2)
		return false;
	const char *path = *folder ? cc_sprintf(rq->arena, "%s/%s", folder, language)
							   : cc_sprintf(rq->arena, "%s/prompts/%s",
										 cc_settings_str(rq->settings, "CC_PREFIX"), language);
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

const char *cc_preference_check(
		struct cc_request *rq, const struct cc_preference *p, const char **value)
{
	const char *text = *value;
	bool good = false;
	switch (p->kind) {
	case CC_PREFERENCE_CHOICE:
	case CC_PREFERENCE_FORMAT:
		good = is_word(p->range, text);
		break;
	case CC_PREFERENCE_BOOL:
		good = !strcmp(text, "0") || !strcmp(text, "1");
		break;
	case CC_PREFERENCE_INT:
		good = is_number(p->range, text);
		break;
	case CC_PREFERENCE_TEXT:
		good = characters(text) <= (size_t)strtol(p->range, NULL, 10) && !strpbrk(text, "\r\n\t");
		break;
	case CC_PREFERENCE_DIGITS:
	case CC_PREFERENCE_TENANT_DIGITS:
		good = is_digits(p->range, text) && (p->kind == CC_PREFERENCE_DIGITS || *text);
		break;
	case CC_PREFERENCE_NUMBER:
		good = is_digits(p->range, text + (*text == '+'));
		break;
	case CC_PREFERENCE_PROMPT:
		good = strlen(text) <= (size_t)strtol(p->range, NULL, 10) && *text != '/' &&
			   !text[strspn(
					   text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-/")];
		break;
	case CC_PREFERENCE_PACKAGE: /* the page knows which there are */
		good = is_digits("18", text);
		break;
	case CC_PREFERENCE_TENANT_ZONE:
		good = is_zone(text);
		break;
	case CC_PREFERENCE_TENANT_PROMPTS:
		good = has_prompts(rq, text);
		break;
	case CC_PREFERENCE_ADDRESSES: {
		size_t cap = strlen(text) + 2;
		char *list = cc_alloc(rq->arena, cap);
		if (cc_auth_addresses(text, list, cap))
			return cc_t(rq, "Not a list of addresses such as 192.0.2.7 or 192.0.2.0/24.");
		*value = list;
		return NULL;
	}
	}
	return good ? NULL : cc_t(rq, "this value is not valid.");
}
