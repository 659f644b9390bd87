/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "numbered.h"

#include <string.h>

#include "cc/err.h"

int32_t cc_numbered_find(const void *records, size_t size, int32_t count, const char *number)
{
	int32_t lo = 0, hi = count;

	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2;
		int order = strcmp((const char *)records + (size_t)mid * size, number);

		if (order == 0)
			return mid;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return CC_E_NOENT;
}
