/* SPDX-License-Identifier: GPL-2.0-or-later
 * Sorted arrays of records that begin with their number: char number[16]. */
#ifndef CC_CORE_NUMBERED_H
#define CC_CORE_NUMBERED_H

#include <stddef.h>
#include <stdint.h>

/* Index of the record of that number, or CC_E_NOENT. size: of one record, bytes. */
int32_t cc_numbered_find(const void *records, size_t size, int32_t count, const char *number);

#endif
