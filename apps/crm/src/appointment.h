/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-18: appointments that remind whoever made them, once or again and again, and call-backs that
 * customers were promised: the same rows in another list. */
#ifndef APPOINTMENT_H
#define APPOINTMENT_H

#include "customer.h"
#include "schedule.h"

extern const struct cc_resource crm_callbacks;

struct appointment
{
	int64_t id, user, customer, next_at;
	const char *title, *phone, *text, *customer_name, *user_name;
	bool callback;
	struct schedule schedule;
};

/* One that the user may see, with its exceptions; locked: until the end of the transaction.
 * CC_E_NOENT. */
int appointment_load(
		struct cc_request *rq, const char *id, bool locked, struct appointment *appointment);
/* What it is called on pages. */
const char *appointment_title(struct cc_request *rq, const struct appointment *a);
/* Its next reminder is the first occurrence at or after from, as the rule has it; none: it is over.
 */
int appointment_remind(struct cc_request *rq, const struct appointment *a, int64_t from);
/* Tells the browsers of whom it reminds. */
void appointment_changed(struct cc_request *rq, int64_t user);

/* pages */
int crm_calendar(struct cc_request *rq);
int crm_occurrence(struct cc_request *rq);
int crm_occurrence_post(struct cc_request *rq);
int crm_appointment_card(struct cc_request *rq);
int crm_reminders(struct cc_request *rq);
int crm_reminder_box(struct cc_request *rq);
int crm_reminder_post(struct cc_request *rq);

#endif
