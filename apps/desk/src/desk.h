/* SPDX-License-Identifier: GPL-2.0-or-later
 * Handlers of the desk. */
#ifndef DESK_H
#define DESK_H

#include "cc/web.h"

/* sign_in.c */
int desk_sign_in_form(struct cc_request *rq);
int desk_sign_in(struct cc_request *rq);
int desk_sign_out(struct cc_request *rq);
int desk_return(struct cc_request *rq);
int desk_language(struct cc_request *rq);

/* home.c */
int desk_home(struct cc_request *rq);

/* captcha.c */
int desk_captcha(struct cc_request *rq);
int desk_captcha_sound(struct cc_request *rq);

/* password.c */
int desk_password_form(struct cc_request *rq);
int desk_password(struct cc_request *rq);

/* board.c */
int desk_board(struct cc_request *rq);
int desk_wall(struct cc_request *rq);

/* me.c */
int desk_me(struct cc_request *rq);
int desk_dial(struct cc_request *rq);
int desk_theme(struct cc_request *rq);

/* terminal.c */
int desk_terminal(struct cc_request *rq);
/* The list "terminals" of a page and what the template desk/terminal says of it. */
int desk_terminal_choices(struct cc_request *rq, struct cc_value *page);

/* agent.c */
int desk_agent_own(struct cc_request *rq);
int desk_agent_other(struct cc_request *rq);

/* announce.c */
int desk_announcements(struct cc_request *rq);
int desk_announcements_mine(struct cc_request *rq);
int desk_announcement_new(struct cc_request *rq);
int desk_announcement_edit(struct cc_request *rq);
int desk_announcement_save(struct cc_request *rq);
int desk_announcement_delete(struct cc_request *rq);
int desk_announcement_view(struct cc_request *rq);
int desk_announcement_read(struct cc_request *rq);
/* Those for the signed-in user that have not expired, newest first, as rows of
 * id title body popup big_screen author created_at read_at. */
int desk_announcements_query(struct cc_request *rq, struct cc_rows *rows);
/* They as the list "announcements" of a page, at most max. */
void desk_announcements_list(
		struct cc_request *rq, const struct cc_rows *rows, size_t max, struct cc_value *page);

/* system.c */
int desk_system(struct cc_request *rq);

/* codes.c */
int desk_codes(struct cc_request *rq);

/* tenants.c */
/* "tenants" (are there any that one may see?) and their list "tenant_rows" of a page. */
int desk_tenants(struct cc_request *rq, struct cc_value *page);

/* help.c */
int desk_help(struct cc_request *rq);
int desk_help_guide(struct cc_request *rq);

/* words.c */
/* A JSON object that lives as long as the request. */
struct json_object *desk_json(struct cc_request *rq);
void desk_json_str(struct json_object *o, const char *key, const char *value);
void desk_json_int(struct json_object *o, const char *key, int64_t value);
const char *desk_json_text(struct json_object *o);
/* It is the response. */
int desk_json_send(struct cc_request *rq, struct json_object *o);
/* Words of states as JSON. */
const char *desk_words(struct cc_request *rq);
/* The tenant's pause reasons as the list "reasons" of a page, and has_reasons. */
int desk_reason_options(struct cc_request *rq, struct cc_value *page);
/* jobs.c */
extern const struct cc_resource desk_jobs, desk_account;
int desk_job_file(struct cc_request *rq);

#endif
