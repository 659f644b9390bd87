/* SPDX-License-Identifier: GPL-2.0-or-later
 * Lists of prompts for what is said. Names are "<language>/<name>"; the texts are in
 * etc/prompts/<language>.txt. */
#ifndef CC_CORE_PROMPTS_H
#define CC_CORE_PROMPTS_H

#include <stddef.h>
#include <stdint.h>

struct cc_prompts
{
	const char *language; /* "zh", "ja" or "en"; another one is spoken as "en" */
	char *list;           /* names, separated by '\n' */
	size_t cap, len;
	int full;
};

void cc_prompts_init(struct cc_prompts *p, const char *language, char *list, size_t cap);
void cc_prompts_add(struct cc_prompts *p, const char *name);
/* Something else of a list: "tone:beep". */
void cc_prompts_other(struct cc_prompts *p, const char *item);
/* Each digit by itself; other characters are left out. */
void cc_prompts_digits(struct cc_prompts *p, const char *digits);
/* A cardinal number, 0 … 9999; others are left out. */
void cc_prompts_number(struct cc_prompts *p, int32_t n);

#endif
