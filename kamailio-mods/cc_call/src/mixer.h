/* SPDX-License-Identifier: GPL-2.0-or-later
 * Client of cc-mixd (docs/contracts.md). Commands are collected in the process and sent as one
 * message by cc_mixer_flush, which waits for the reply, one second at most. One connection per
 * process, renewed by itself. */
#ifndef CC_CALL_MIXER_H
#define CC_CALL_MIXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cc/call.h"
#include "sdp.h"

#define CC_MIXER_TIMEOUT_MS 1000
#define CC_MIXER_MESSAGE_MAX 65536

/* Before the fork; path of sock/mixd.sock, copied. */
int cc_mixer_init(const char *path);

/* lport: cc-mixd's own port; far: where rtpengine wants the audio. */
void cc_mixer_leg(const char *leg, uint32_t gen, uint16_t lport, const struct cc_sdp_audio *far);
void cc_mixer_drop(const char *leg, uint32_t gen);
/* count legs; count 0 ends the conference. gain[listener][speaker], 256 = 1.0. kept: the leg whose
 * keys are not passed on to the others, NULL none. */
void cc_mixer_conf(const char *conf, const char *const *legs, int count,
		uint16_t gain[CC_MIX_LEGS][CC_MIX_LEGS], const char *kept);
/* The leg's far end gets these keys. */
void cc_mixer_keys(const char *leg, uint32_t gen, const char *keys);
/* items separated by '\n': a prompt name, "silence:<ms>" or "tone:<name>" */
void cc_mixer_play(const char *leg, uint32_t gen, uint32_t token, enum cc_layer layer,
		const char *items, size_t len, int repeat);
void cc_mixer_stop(const char *leg, uint32_t gen, enum cc_layer layer);
/* What is to be reported of the leg: no packets for so long; nothing that can be heard, once. 0:
 * not any more. */
void cc_mixer_watch(const char *leg, uint32_t gen, int silence_ms);
void cc_mixer_quiet(const char *leg, uint32_t gen, int quiet_ms);
/* CC_OK (also with nothing collected), CC_E_TIMEOUT, CC_E_IO: cc-mixd is away, CC_E_INVAL: a
 * command was refused, cc_mixer_error says why, CC_E_FULL: more was collected than fits a message.
 * The collection is empty afterwards. */
int cc_mixer_flush(void);
/* A number among the results of the last flush, -1: it is not there. */
int64_t cc_mixer_result(const char *key);
const char *cc_mixer_error(void);
/* Drops every leg of cc-mixd that is not to be kept. */
int cc_mixer_prune(bool (*keep)(const char *leg));

enum cc_mixer_event_kind
{
	CC_MIXER_HELLO,
	CC_MIXER_DTMF,
	CC_MIXER_DONE,
	CC_MIXER_SILENCE,
	CC_MIXER_SOUND,
	CC_MIXER_QUIET
};
struct cc_mixer_event
{
	enum cc_mixer_event_kind kind;
	int64_t start_ms; /* hello */
	char leg[CC_ULID_TEXT + 1];
	uint32_t gen, token;
	enum cc_layer layer;
	char digit;
	bool inband, missing;
	int64_t ms;
};
/* Event connection: its own descriptor, subscribed. CC_E_IO when cc-mixd is away. */
int cc_mixer_subscribe(void);
/* 1: an event; 0: nothing within timeout_ms or a message that is no event we know; CC_E_IO: the
 * connection is gone. */
int cc_mixer_event_read(int fd, struct cc_mixer_event *ev, int timeout_ms);

#endif
