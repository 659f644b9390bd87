/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sndfile.h>
#include <stdbool.h>
#include "cc/err.h"
#include "join.h"
#include "output.h"

#define BLOCK 4096

/* Damage and a missing side anywhere concern the whole; silence does if there is nothing else. */
static enum cc_recording_state judge(const struct cc_join_part *part, unsigned n)
{
	bool any[CC_RECORDING_DAMAGED + 1] = {false};

	for (unsigned i = 0; i < n; i++)
		any[part[i].state] = true;
	return any[CC_RECORDING_DAMAGED]   ? CC_RECORDING_DAMAGED
		   : any[CC_RECORDING_ONE_WAY] ? CC_RECORDING_ONE_WAY
		   : any[CC_RECORDING_OK]      ? CC_RECORDING_OK
									   : CC_RECORDING_SILENT;
}

static int append(
		struct cc_output *o, const char *wav, int64_t *length, const volatile sig_atomic_t *stop)
{
	SF_INFO info = {0};
	SNDFILE *f = sf_open(wav, SFM_READ, &info);
	int16_t pcm[BLOCK][2];
	sf_count_t n;
	int err = 0;

	if (!f || info.channels != 2 || info.samplerate != CC_OUTPUT_RATE)
		err = CC_E_CORRUPT;
	while (!err && (n = sf_readf_short(f, pcm[0], BLOCK)) > 0) {
		*length += n;
		err = *stop                         ? CC_E_STATE
			  : *length > CC_OUTPUT_LONGEST ? CC_E_RANGE
											: cc_output_write(o, (const int16_t(*)[2])pcm, n);
	}
	if (f)
		sf_close(f);
	return err;
}

int cc_join(struct cc_recording *r, const struct cc_join_part *part, unsigned n, const char *wav,
		const char *mp3, const volatile sig_atomic_t *stop)
{
	struct cc_output *o = NULL;
	int64_t length = 0;
	int err = cc_output_open(&o, wav, mp3);

	for (unsigned i = 0; !err && i < n; i++) {
		int64_t place = (part[i].started_ms - part[0].started_ms) * CC_OUTPUT_RATE / 1000;
		if (place > CC_OUTPUT_LONGEST) {
			err = CC_E_RANGE;
			break;
		}
		/* clocks are not that exact: a part that begins too early begins when it can */
		if (place > length) {
			err = cc_output_write(o, NULL, place - length);
			length = place;
		}
		if (!err)
			err = append(o, part[i].wav, &length, stop);
	}
	if (!err)
		err = cc_output_finish(o);
	if (!err) {
		r->started_us = part[0].started_ms * 1000;
		r->duration_ms = length * 1000 / CC_OUTPUT_RATE;
		r->state = judge(part, n);
	}
	cc_output_close(o);
	return err;
}
