/* SPDX-License-Identifier: GPL-2.0-or-later
 * The processes of the engine besides Kamailio's own: timer, media (cc-mixd and
 * rtpengine), commands, journal, configuration, looking up callers. */
#ifndef CC_CALL_PROCS_H
#define CC_CALL_PROCS_H

#include <stdint.h>

#include "cc/settings.h"

/* Announces the processes to Kamailio; in mod_init. */
int cc_procs_register(const struct cc_settings *settings);
/* Forks them; in child_init of the main process. */
int cc_procs_start(void);
/* In every child: it ends with the main process, and in order. rank: Kamailio's. */
void cc_procs_child(int rank);
/* Calls tick every interval ms in the engine's timer; before the fork. */
void cc_procs_every(int interval_ms, void (*tick)(int64_t now_ms));

/* A loop calls this each time it comes round; procs_stalled: how long the slowest one has not.
 * Those that wait for a database or a client are not counted. */
void cc_procs_beat(void);
int64_t cc_procs_stalled_ms(void);

/* The loops; none returns. */
void cc_media_mixer_loop(const struct cc_settings *settings);
void cc_media_rtpengine_loop(const struct cc_settings *settings);
void cc_journal_loop(const struct cc_settings *settings);
void cc_command_loop(const struct cc_settings *settings);
void cc_conf_store_loop(const struct cc_settings *settings);
void cc_lookup_loop(const struct cc_settings *settings);

#endif
