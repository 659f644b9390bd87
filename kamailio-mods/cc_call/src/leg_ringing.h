/* SPDX-License-Identifier: GPL-2.0-or-later
 * Phones that ring, in data/kamailio/rings.map: tm's transactions die with the engine, but the next
 * engine can still send the CANCEL that the phone is owed, because it knows the INVITE's branch. A
 * phone whose connection broke with the engine gets it when it has made another one. */
#ifndef CC_CALL_LEG_RINGING_H
#define CC_CALL_LEG_RINGING_H

#include "leg.h"

/* Maps the file; one of another layout is set aside. */
int cc_leg_ringing_open(const char *path, int32_t legs);
void cc_leg_ringing_close(void);
/* The leg's INVITE is out. */
void cc_leg_ringing_save(struct cc_leg *leg);
/* The phone rings no more, or tm sees to it. lock held */
void cc_leg_ringing_clear(struct cc_leg *leg);
/* Phones that rang for the engine before this one, before the fork. */
void cc_leg_ringing_restore(void);
/* In the engine's timer: sends them their CANCELs. */
void cc_leg_ringing_tick(int64_t now_ms);

#endif
