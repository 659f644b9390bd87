/* SPDX-License-Identifier: GPL-2.0-or-later
 * Translations: gettext catalogues (.mo), read into a table of our own because the machine may have
 * no such locale. The key is the English text with an optional context; a text that the catalogue
 * lacks is shown in English. */
#ifndef CC_I18N_H
#define CC_I18N_H

#include <stddef.h>
#include "cc/err.h"

struct cc_catalogue;

/* Reads a .mo file. CC_E_IO (errno), CC_E_CORRUPT, CC_E_NOMEM. */
int cc_catalogue_load(struct cc_catalogue **catalogue, const char *path);
void cc_catalogue_free(struct cc_catalogue *catalogue);

/* Texts that the catalogue lacks are looked for in more, which it owns from here on. */
void cc_catalogue_add(struct cc_catalogue *catalogue, struct cc_catalogue *more);

/* The translation of text, or text itself. context NULL: none. catalogue NULL: English. Lives as
 * long as both. */
const char *cc_translate(
		const struct cc_catalogue *catalogue, const char *context, const char *text);

/* Marks a text in a constant table for the extractor, without a context and with one. */
#define CC_N(text) text
#define CC_NC(context, text) text

#endif
