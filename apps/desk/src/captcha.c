/* SPDX-License-Identifier: GPL-2.0-or-later
 * AUTH-02: a picture of letters, or for those who cannot see it spoken digits. Each of the two
 * asked for replaces the answer that stands behind the form's token. */
#include "desk.h"

#include <fcntl.h>
#include <gd.h>
#include <gdfontg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cc/auth.h"

#define LETTERS 5
#define DIGITS 5
#define WIDTH 170
#define HEIGHT 56
#define GLYPH_W 9 /* of gdFontGiant */
#define GLYPH_H 15
#define SCALE 3

#define RATE 8000
#define WAV_HEAD 44
#define CLIP_MAX (3 * RATE * 2) /* bytes of a spoken digit */
#define PAUSE (RATE / 4 * 2)    /* bytes of silence between two */

/* ---- the picture ---- */

/* 0 … below-1 */
static int chance(int below)
{
	uint8_t r[2];
	cc_auth_random(r, sizeof r);
	return (r[0] << 8 | r[1]) % below;
}

static void draw_letter(gdImagePtr image, char letter, int x)
{
	gdImagePtr small = gdImageCreateTrueColor(GLYPH_W, GLYPH_H);
	gdImagePtr big = gdImageCreateTrueColor(GLYPH_W * SCALE, GLYPH_H * SCALE);
	if (small && big) {
		int paper = gdTrueColor(255, 255, 255);
		int ink = gdTrueColor(chance(110), chance(110), chance(150));
		gdImageFilledRectangle(small, 0, 0, GLYPH_W, GLYPH_H, paper);
		gdImageChar(small, gdFontGetGiant(), 0, 0, (unsigned char)letter, ink);
		gdImageCopyResized(
				big, small, 0, 0, 0, 0, GLYPH_W * SCALE, GLYPH_H * SCALE, GLYPH_W, GLYPH_H);
		gdImageColorTransparent(big, paper);
		gdImageCopyRotated(image, big, x, HEIGHT / 2.0 + chance(9) - 4, 0, 0, GLYPH_W * SCALE,
				GLYPH_H * SCALE, chance(51) - 25);
	}
	if (small)
		gdImageDestroy(small);
	if (big)
		gdImageDestroy(big);
}

/* Columns and rows shifted a little, each a bit differently from its neighbour. */
static void bend(gdImagePtr image)
{
	static const int wave[] = {
			0, 1, 1, 2, 2, 3, 3, 3, 2, 2, 1, 1, 0, -1, -1, -2, -2, -3, -3, -3, -2, -2, -1, -1};
	const int steps = sizeof wave / sizeof *wave;
	int phase = chance(steps), column[HEIGHT];
	for (int x = 0; x < WIDTH; x++) {
		int shift = wave[(x / 2 + phase) % steps];
		for (int y = 0; y < HEIGHT; y++)
			column[y] = gdImageGetPixel(image, x, (y + shift + HEIGHT) % HEIGHT);
		for (int y = 0; y < HEIGHT; y++)
			gdImageSetPixel(image, x, y, column[y]);
	}
}

static int draw(struct cc_request *rq, const char *text)
{
	gdImagePtr image = gdImageCreateTrueColor(WIDTH, HEIGHT);
	if (!image)
		return CC_E_NOMEM;
	gdImageFilledRectangle(image, 0, 0, WIDTH, HEIGHT, gdTrueColor(255, 255, 255));
	for (int i = 0; i < 150; i++)
		gdImageSetPixel(image, chance(WIDTH), chance(HEIGHT),
				gdTrueColor(90 + chance(120), 90 + chance(120), 90 + chance(120)));
	for (int i = 0; text[i]; i++)
		draw_letter(image, text[i], 24 + i * 30 + chance(7) - 3);
	bend(image);
	gdImageSetThickness(image, 2);
	for (int i = 0; i < 2; i++)
		gdImageLine(image, chance(20), chance(HEIGHT), WIDTH - chance(20), chance(HEIGHT),
				gdTrueColor(chance(160), chance(160), chance(160)));
	int size;
	void *png = gdImagePngPtr(image, &size);
	gdImageDestroy(image);
	if (!png)
		return CC_E_NOMEM;
	cc_type(rq, "image/png");
	cc_buf_add(cc_body(rq), png, (size_t)size);
	gdFree(png);
	return 0;
}

static bool is_token(const char *text)
{
	return strlen(text) == CC_AUTH_TOKEN &&
		   strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
				   CC_AUTH_TOKEN;
}

int desk_captcha(struct cc_request *rq)
{
	/* without those that look alike in the two cases or in this font */
	static const char letters[] = "abdefghkmnprtyABDEFGHKMNPRTY";
	char text[LETTERS + 1] = "";
	if (!is_token(cc_param(rq, "token")))
		return CC_E_NOENT;
	for (int i = 0; i < LETTERS; i++)
		text[i] = letters[chance(sizeof letters - 1)];
	cc_captcha_set(rq, cc_param(rq, "token"), text);
	return draw(rq, text);
}

/* ---- the sound ---- */

/* Samples of a prompt: what stands behind the header of our own WAV files. */
static int add_clip(struct cc_request *rq, struct cc_buf *pcm, int digit)
{
	const char *folder = cc_settings_str(rq->settings, "CC_PROMPTS");
	const char *language = strcmp(rq->language, "en") ? "zh" : "en";
	const char *path =
			*folder ? cc_sprintf(rq->arena, "%s/%s/number_%d.wav", folder, language, digit)
					: cc_sprintf(rq->arena, "%s/prompts/%s/number_%d.wav",
							  cc_settings_str(rq->settings, "CC_PREFIX"), language, digit);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return CC_E_IO;
	char *data = cc_alloc(rq->arena, CLIP_MAX);
	ssize_t n = read(fd, data, CLIP_MAX);
	close(fd);
	if (n <= WAV_HEAD)
		return CC_E_CORRUPT;
	cc_buf_add(pcm, data + WAV_HEAD, ((size_t)n - WAV_HEAD) & ~(size_t)1);
	cc_buf_add(pcm, cc_alloc(rq->arena, PAUSE), PAUSE);
	return 0;
}

static void add_number(struct cc_buf *b, uint32_t number, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		char byte = (char)(number >> 8 * i);
		cc_buf_add(b, &byte, 1);
	}
}

int desk_captcha_sound(struct cc_request *rq)
{
	char text[DIGITS + 1] = "";
	struct cc_buf pcm = cc_buf_new(rq->arena), *body = cc_body(rq);
	int err = 0;
	if (!is_token(cc_param(rq, "token")))
		return CC_E_NOENT;
	for (int i = 0; i < DIGITS && !err; i++) {
		int digit = chance(10);
		text[i] = (char)('0' + digit);
		err = add_clip(rq, &pcm, digit);
	}
	if (err)
		return err;
	cc_captcha_set(rq, cc_param(rq, "token"), text);
	cc_buf_str(body, "RIFF");
	add_number(body, (uint32_t)(WAV_HEAD - 8 + pcm.len), 4);
	cc_buf_str(body, "WAVEfmt ");
	add_number(body, 16, 4);
	add_number(body, 1, 2); /* PCM, mono */
	add_number(body, 1, 2);
	add_number(body, RATE, 4);
	add_number(body, RATE * 2, 4);
	add_number(body, 2, 2);
	add_number(body, 16, 2);
	cc_buf_str(body, "data");
	add_number(body, (uint32_t)pcm.len, 4);
	cc_buf_add(body, pcm.p, pcm.len);
	cc_type(rq, "audio/wav");
	return 0;
}
