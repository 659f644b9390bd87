/* SPDX-License-Identifier: GPL-2.0-or-later
 * As much SDP as the engine needs: the audio stream that rtpengine offers to cc-mixd, the phone's
 * direction attribute, and cc-mixd's own answer or offer. Codecs, ICE and encryption are
 * rtpengine's business. No Kamailio header. */
#ifndef CC_CALL_SDP_H
#define CC_CALL_SDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CC_SDP_MAX 8192 /* longest session description that is accepted */

enum cc_sdp_direction
{
	CC_SDP_SENDRECV,
	CC_SDP_SENDONLY,
	CC_SDP_RECVONLY,
	CC_SDP_INACTIVE
};

struct cc_sdp_audio
{
	char addr[46];   /* numeric address */
	uint16_t port;   /* 0: the stream is refused */
	int8_t pt;       /* first of PCMU (0), PCMA (8) and G.722 (9), -1: none of them */
	uint8_t dtmf_pt; /* payload type of telephone-event/8000, 0: none */
	bool secure;     /* an SAVP profile, as browsers use */
	enum cc_sdp_direction direction;
};

/* The first audio stream of a description. CC_E_INVAL: malformed; CC_E_NOENT: no audio in it. */
int cc_sdp_parse(struct cc_sdp_audio *audio, const char *sdp, size_t len);

/* cc-mixd's side on 127.0.0.1:port, with this codec; offer: and the others behind it (pt -1: PCMA,
 * PCMU, G.722), which is how an offer saves cc-mixd and the sound a conversion. version must rise
 * with every change of one session. Length, or CC_E_FULL. */
int cc_sdp_mixer(char *buf, size_t cap, uint64_t session, uint32_t version, uint16_t port, int pt,
		bool offer, int dtmf_pt, enum cc_sdp_direction direction);

/* Puts this codec before the others of the first audio stream, if it is among them; -1: leaves it
 * as it is. The length stays. */
void cc_sdp_prefer(char *sdp, size_t len, int pt);

/* Whether a peer that says this holds the session. */
static inline bool cc_sdp_holds(enum cc_sdp_direction direction)
{
	return direction == CC_SDP_SENDONLY || direction == CC_SDP_INACTIVE;
}

/* What we say to a peer that said direction (RFC 3264, 6.1), seen from a side that would send and
 * receive. */
enum cc_sdp_direction cc_sdp_answer(enum cc_sdp_direction direction);

#endif
