/* SPDX-License-Identifier: GPL-2.0-or-later
 * The codecs: PCMU, PCMA and G.722, by their static payload types. All three carry one byte per
 * tick of an RTP clock of 8000 Hz, and here one byte is one sample: of G.722 the lower of its two
 * bands is coded, at half the cost. The upper band (4 to 7 kHz) lives where bytes are passed on
 * unopened. */
#ifndef CC_CODEC_H
#define CC_CODEC_H

#include <stdbool.h>
#include <stdint.h>
#include <spandsp.h>

#define CC_PT_PCMU 0
#define CC_PT_PCMA 8
#define CC_PT_G722 9
#define CC_PT_CN 13 /* comfort noise, RFC 3389: no codec */

/* Both start as zeros. G.722 has a memory, which is made when it is needed. */
struct cc_decoder
{
	g722_decode_state_t *g722;
};

struct cc_encoder
{
	g722_encode_state_t *g722;
};

bool cc_codec_known(uint8_t pt);
/* n bytes to n samples. False: an unknown codec, or no memory. */
bool cc_decode(struct cc_decoder *d, uint8_t pt, const uint8_t *data, unsigned n, int16_t *pcm);
bool cc_encode(struct cc_encoder *e, uint8_t pt, const int16_t *pcm, unsigned n, uint8_t *data);
/* n bytes that are silence, for the codecs that have no memory; false: encode zeros instead. */
bool cc_encode_silence(uint8_t pt, unsigned n, uint8_t *data);
/* The far end has heard what d has decoded: e goes on from there without a click. */
void cc_encoder_follow(struct cc_encoder *e, const struct cc_decoder *d);
void cc_decoder_close(struct cc_decoder *d);
void cc_encoder_close(struct cc_encoder *e);
/* Whether something can be heard in the samples. */
bool cc_audible(const int16_t *pcm, unsigned n);

#endif
