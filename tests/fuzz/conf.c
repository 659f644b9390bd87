/* SPDX-License-Identifier: GPL-2.0-or-later
 * Any text as configuration document: a set or an error that says what is wrong. */
#include <stdlib.h>
#include <string.h>

#include "cc/conf.h"

static const struct cc_conf_memory memory = {malloc, free};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[256] = "";
	struct cc_conf_set *set = NULL;
	int32_t did;

	if (cc_conf_build(&set, (const char *)data, size, NULL, &memory, error, sizeof(error)) < 0) {
		if (!error[0] || set)
			abort();
		return 0;
	}
	cc_conf_by_did(set, "4008001", &did);
	cc_conf_set_free(set, &memory);
	return 0;
}
