/* SPDX-License-Identifier: GPL-2.0-or-later
 * Bencode as the ng protocol needs it: a writer into a caller's buffer and a look-up in a received
 * dictionary. No allocation, no Kamailio header. */
#ifndef CC_CALL_BENCODE_H
#define CC_CALL_BENCODE_H

#include <stdbool.h>
#include <stddef.h>

struct cc_benc
{
	char *buf;
	size_t cap, len;
	bool full; /* something did not fit */
};

void cc_benc_init(struct cc_benc *b, char *buf, size_t cap);
/* key NULL: an element of a list, or the whole text */
void cc_benc_open_dict(struct cc_benc *b, const char *key);
void cc_benc_open_list(struct cc_benc *b, const char *key);
void cc_benc_close(struct cc_benc *b);
void cc_benc_str(struct cc_benc *b, const char *key, const char *value);
void cc_benc_strn(struct cc_benc *b, const char *key, const char *value, size_t len);
void cc_benc_int(struct cc_benc *b, const char *key, long long value);

/* The string under key of the dictionary at the beginning of the text, pointing into it: CC_OK,
 * CC_E_NOENT, or CC_E_INVAL when the text is no well-formed dictionary up to there. */
int cc_benc_get(
		const char *text, size_t len, const char *key, const char **value, size_t *value_len);
/* The same for a value of any kind, as it stands there. */
int cc_benc_find(
		const char *text, size_t len, const char *key, const char **value, size_t *value_len);
/* The next string of a list; *at begins at the list's text. CC_E_NOENT: that was the last one;
 * CC_E_INVAL: what follows is no string. */
int cc_benc_next(const char **at, const char *end, const char **value, size_t *value_len);

#endif
