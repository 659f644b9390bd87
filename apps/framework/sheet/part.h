/* SPDX-License-Identifier: GPL-2.0-or-later
 * One XML part of a workbook: inflated and parsed piece by piece, with its limits. */
#ifndef PART_H
#define PART_H

#include <expat.h>
#include <zip.h>
#include "sheet.h"

struct part
{
	struct sheet *sheet;
	XML_Parser parser;
	/* local names, without the namespace's prefix; attributes in pairs, ended by NULL */
	void (*start)(struct part *part, const char *name, const char **attributes);
	void (*end)(struct part *part, const char *name);
	void *user;
	char *text; /* gathered while keep is set */
	size_t len, cap;
	bool keep;
	size_t depth;
};

/* Parses the part called name. CC_E_NOENT: the archive has none; else as cc_sheet_read. */
int part_read(struct part *part, zip_t *zip, const char *name);
/* Nothing more of this part is wanted. */
void part_stop(struct part *part);
/* Value of an attribute by local name, or NULL. */
const char *part_attribute(const char **attributes, const char *name);

#endif
