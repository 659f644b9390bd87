/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-13: a dictionary fills in empty fields of imported rows: it says which values of one field
 * bring which values of others. */
#ifndef DICTIONARY_H
#define DICTIONARY_H

#include "package.h"

struct dictionary;

/* Reads it whole into the arena. CC_E_NOENT: there is none, or its field is gone. */
int dictionary_load(struct cc_db *db, struct cc_arena *arena, const struct package *p, int64_t id,
		const struct dictionary **dictionary);
/* Values where there are none, as they are stored; they live as long as arena. */
void dictionary_fill(const struct dictionary *d, struct cc_arena *arena, const struct package *p,
		const char *values[]);

#endif
