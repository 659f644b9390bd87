/* SPDX-License-Identifier: GPL-2.0-or-later
 * Handlers of the desk. */
#ifndef DESK_H
#define DESK_H

#include "cc/web.h"

/* sign_in.c */
int desk_home(struct cc_request *rq);
int desk_sign_in_form(struct cc_request *rq);
int desk_sign_in(struct cc_request *rq);
int desk_sign_out(struct cc_request *rq);
int desk_return(struct cc_request *rq);
int desk_language(struct cc_request *rq);

/* captcha.c */
int desk_captcha(struct cc_request *rq);
int desk_captcha_sound(struct cc_request *rq);

/* password.c */
int desk_password_form(struct cc_request *rq);
int desk_password(struct cc_request *rq);

/* board.c */
int desk_board(struct cc_request *rq);

/* agent.c */
/* Words of busy reasons, ends with NULL; translation context "reason". */
extern const char *const desk_reasons[];
int desk_agent_own(struct cc_request *rq);
int desk_agent_other(struct cc_request *rq);

/* jobs.c */
extern const struct cc_resource desk_jobs;
int desk_job_file(struct cc_request *rq);

#endif
