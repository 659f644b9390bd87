/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "codec.h"
#include <spandsp/private/g722.h>

#define G722_BITS 64000
#define AUDIBLE 256 /* -42 dB of full scale */

bool cc_codec_known(uint8_t pt)
{
	return pt == CC_PT_PCMU || pt == CC_PT_PCMA || pt == CC_PT_G722;
}

bool cc_decode(struct cc_decoder *d, uint8_t pt, const uint8_t *data, unsigned n, int16_t *pcm)
{
	switch (pt) {
	case CC_PT_PCMU:
		for (unsigned i = 0; i < n; i++)
			pcm[i] = ulaw_to_linear(data[i]);
		return true;
	case CC_PT_PCMA:
		for (unsigned i = 0; i < n; i++)
			pcm[i] = alaw_to_linear(data[i]);
		return true;
	case CC_PT_G722:
		if (!d->g722)
			d->g722 = g722_decode_init(NULL, G722_BITS, G722_SAMPLE_RATE_8000);
		return d->g722 && g722_decode(d->g722, pcm, data, (int)n) == (int)n;
	default:
		return false;
	}
}

bool cc_encode(struct cc_encoder *e, uint8_t pt, const int16_t *pcm, unsigned n, uint8_t *data)
{
	switch (pt) {
	case CC_PT_PCMU:
		for (unsigned i = 0; i < n; i++)
			data[i] = linear_to_ulaw(pcm[i]);
		return true;
	case CC_PT_PCMA:
		for (unsigned i = 0; i < n; i++)
			data[i] = linear_to_alaw(pcm[i]);
		return true;
	case CC_PT_G722:
		if (!e->g722)
			e->g722 = g722_encode_init(NULL, G722_BITS, G722_SAMPLE_RATE_8000);
		return e->g722 && g722_encode(e->g722, data, pcm, (int)n) == (int)n;
	default:
		return false;
	}
}

bool cc_encode_silence(uint8_t pt, unsigned n, uint8_t *data)
{
	if (pt != CC_PT_PCMU && pt != CC_PT_PCMA)
		return false;
	memset(data, pt == CC_PT_PCMA ? 0xD5 : 0xFF, n);
	return true;
}

void cc_encoder_follow(struct cc_encoder *e, const struct cc_decoder *d)
{
	if (!d->g722)
		return;
	if (!e->g722)
		e->g722 = g722_encode_init(NULL, G722_BITS, G722_SAMPLE_RATE_8000);
	/* both ends of the codec predict from the same numbers, of which there is one set a band */
	if (e->g722)
		e->g722->band[0] = d->g722->band[0];
}

void cc_decoder_close(struct cc_decoder *d)
{
	if (d->g722)
		g722_decode_free(d->g722);
	d->g722 = NULL;
}

void cc_encoder_close(struct cc_encoder *e)
{
	if (e->g722)
		g722_encode_free(e->g722);
	e->g722 = NULL;
}

bool cc_audible(const int16_t *pcm, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (abs(pcm[i]) >= AUDIBLE)
			return true;
	return false;
}
