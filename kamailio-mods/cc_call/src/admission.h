/* SPDX-License-Identifier: GPL-2.0-or-later
 * Whether a new call can be taken. What is in progress comes first: a call that is refused at once
 * with 503 is better than many that nobody serves. */
#ifndef CC_CALL_ADMISSION_H
#define CC_CALL_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

struct cc_settings;
struct sip_msg;
struct json_object;
struct cc_conf;

/* The limits; before the fork, after cc_engine_init. CC_E_NOMEM */
int cc_admission_init(const struct cc_settings *settings);
/* Measures how long a request waited for this process, and says whether one that begins a call can
 * be looked at. */
bool cc_admission_request(struct sip_msg *msg);
/* Whether the tenant may have one more call. */
bool cc_admission(const struct cc_conf *conf);
/* The same for a call that a page asks for, which the platform has to have room for too. */
bool cc_admission_command(const struct cc_conf *conf);
/* A call that had been let in and found no place. */
void cc_admission_refused(const char *reason);
/* In the engine's timer: measures its own delay, and tells of what has changed. */
void cc_admission_tick(int64_t now_ms);
/* Adds the gauges for cc.stats. */
void cc_admission_stats(struct json_object *o);

#endif
