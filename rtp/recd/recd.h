/* SPDX-License-Identifier: GPL-2.0-or-later
 * The pieces of the daemon (docs/contracts.md, Recordings).
 *
 *   main.c     settings, and when to look into the spool     spool.c   what rtpengine leaves there
 *   filing.c   one recording from spool to row               convert.c track.c packet.c   a capture
 *   join.c     segments to the whole                         output.c  WAV and MP3 */
#ifndef CC_RECD_H
#define CC_RECD_H

#include <limits.h>
#include <signal.h>
#include "cc/arena.h"
#include "cc/db.h"
#include "convert.h"
#include "spool.h"

struct cc_recd
{
	char spool[1024], recordings[1024]; /* folders */
	uint16_t mix_min, mix_max;          /* ports of cc-mixd */
	struct cc_db_options database;
	struct cc_db *db;
	struct cc_arena *arena;
	volatile sig_atomic_t stop;
};

/* Is the database there? */
bool cc_filing_ready(struct cc_recd *r);
/* Finds out which call and segment an orphan is. CC_E_NOENT: the journal's rows do not know, or not
 * yet. */
int cc_filing_identify(struct cc_recd *r, struct cc_spool_item *item);
/* Files one recording; doing it twice gives the same. CC_E_INVAL: never possible; CC_E_STATE: told
 * to stop; other errors may go away. words (256) says what went wrong. */
int cc_filing_take(struct cc_recd *r, const struct cc_spool_item *item, char words[256]);

#endif
