/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <lame/lame.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "cc/err.h"
#include "output.h"

#define BLOCK 4096 /* samples written at once */
#define MP3_KBIT 24

struct cc_output
{
	int fd;
	SNDFILE *wav;
	FILE *mp3;
	lame_t lame;
	unsigned char bits[BLOCK * 5 / 4 + 7200];
};

static void no_words(const char *fmt, va_list ap)
{
}

static int lame_start(struct cc_output *o)
{
	o->lame = lame_init();
	if (!o->lame)
		return CC_E_NOMEM;
	lame_set_errorf(o->lame, no_words);
	lame_set_msgf(o->lame, no_words);
	lame_set_debugf(o->lame, no_words);
	lame_set_in_samplerate(o->lame, CC_OUTPUT_RATE);
	lame_set_out_samplerate(o->lame, CC_OUTPUT_RATE);
	lame_set_num_channels(o->lame, 2);
	lame_set_mode(o->lame, STEREO); /* never joint: the sides are different people */
	lame_set_brate(o->lame, MP3_KBIT);
	lame_set_quality(o->lame, 7);
	lame_set_bWriteVbrTag(o->lame, 0);
	return lame_init_params(o->lame) < 0 ? CC_E_NOMEM : 0;
}

int cc_output_open(struct cc_output **out, const char *wav, const char *mp3)
{
	SF_INFO info = {.samplerate = CC_OUTPUT_RATE,
			.channels = 2,
			.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
	struct cc_output *o = calloc(1, sizeof *o);
	int err = CC_E_IO;

	if (!o)
		return CC_E_NOMEM;
	o->fd = open(wav, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (o->fd < 0)
		goto out;
	o->wav = sf_open_fd(o->fd, SFM_WRITE, &info, SF_FALSE);
	o->mp3 = fopen(mp3, "wbe");
	if (!o->wav || !o->mp3)
		goto out;
	err = lame_start(o);
	if (err)
		goto out;
	*out = o;
out:
	if (err)
		cc_output_close(o);
	return err;
}

int cc_output_write(struct cc_output *o, const int16_t (*pcm)[2], int64_t n)
{
	static const int16_t silence[BLOCK][2];

	while (n > 0) {
		const int16_t *block = pcm ? pcm[0] : silence[0];
		int k = n < BLOCK ? (int)n : BLOCK;
		int bytes = lame_encode_buffer_interleaved(
				o->lame, (short *)(uintptr_t)block, k, o->bits, sizeof o->bits);
		if (sf_writef_short(o->wav, block, k) != k || bytes < 0 ||
				fwrite(o->bits, 1, (size_t)bytes, o->mp3) != (size_t)bytes)
			return CC_E_IO;
		pcm += pcm ? k : 0;
		n -= k;
	}
	return 0;
}

int cc_output_finish(struct cc_output *o)
{
	int bytes = lame_encode_flush(o->lame, o->bits, sizeof o->bits);

	if (bytes < 0 || fwrite(o->bits, 1, (size_t)bytes, o->mp3) != (size_t)bytes ||
			fflush(o->mp3) != 0)
		return CC_E_IO;
	if (sf_close(o->wav) != 0) {
		o->wav = NULL;
		return CC_E_IO;
	}
	o->wav = NULL;
	return fsync(o->fd) == 0 && fsync(fileno(o->mp3)) == 0 ? 0 : CC_E_IO;
}

void cc_output_close(struct cc_output *o)
{
	if (!o)
		return;
	if (o->lame)
		lame_close(o->lame);
	if (o->wav)
		sf_close(o->wav);
	if (o->mp3)
		fclose(o->mp3);
	if (o->fd >= 0)
		close(o->fd);
	free(o);
}
