/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMPORTS_H
#define IMPORTS_H

#include "cc/web.h"

extern const struct cc_resource crm_imports;

/* The batch runs from now on, in the background. */
int imports_start(struct cc_request *rq, const char *batch);

/* import_page.c */
int import_page(struct cc_request *rq);
int import_page_post(struct cc_request *rq);
/* template.c */
int import_template(struct cc_request *rq);

#endif
