/* SPDX-License-Identifier: GPL-2.0-or-later
 * CALL-06, PLAT-18: the agent's mobile phone as a telephone and as a page (README.md). */
#ifndef MOBILE_H
#define MOBILE_H

#include "cc/plugin.h"

#define MOBILE_APP "mobile.app.use"
#define MOBILE_NUMBER "mobile.number.update"

/* app.c */
int mobile_app(struct cc_request *rq);
int mobile_manifest(struct cc_request *rq);
int mobile_hang_up(struct cc_request *rq);
/* The response to a form that did what it should: for a script {}, for a browser the page. */
int mobile_done(struct cc_request *rq, const char *back);

/* number.c */
int mobile_number(struct cc_request *rq);

#endif
