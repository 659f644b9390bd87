/* SPDX-License-Identifier: GPL-2.0-or-later
 * The tenant's feature codes (cc/code.h) for pages. */
#ifndef CC_FEATURE_CODE_H
#define CC_FEATURE_CODE_H

#include "cc/code.h"
#include "cc/web.h"

/* Reads them: the defaults, and what the tenant has chosen instead. */
int cc_feature_codes(struct cc_request *rq, struct cc_code_table *codes);

#endif
