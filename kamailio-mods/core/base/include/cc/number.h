/* SPDX-License-Identifier: GPL-2.0-or-later
 * Telephone numbers: the one place that decides what a dialled or received number is in E.164
 * digits. */
#ifndef CC_NUMBER_H
#define CC_NUMBER_H

#include <stdbool.h>

#define CC_NUMBER_E164 15 /* most digits of an E.164 number */
#define CC_NUMBER_EXTENSION                                                                        \
	6 /* numbers up to this length are extensions or short service codes                           \
	   */

/* Digits of raw in E.164 without '+', from the view of country (calling code, "86") and area ("010"
 * or "10", may be empty). Spaces, dots, dashes, slashes and brackets in raw are ignored; a leading
 * '+' or "00" means international. Length, or CC_E_NOENT: an extension or short code, which is
 * never normalised; CC_E_INVAL: not a number. */
int cc_number_e164(
		char out[CC_NUMBER_E164 + 1], const char *raw, const char *country, const char *area);

/* Hides the middle four digits of every number of seven digits or more in a text, in place:
 * 170****2225; blanks and punctuation as in numbers do not end one. Shorter ones stay. Everything
 * that shows numbers to who may not see them whole comes through here, names too. */
void cc_number_mask(char *text);
/* Hides a caller's number, or a name, which may be one too, in place: hide 0 nothing, 1 the middle
 * digits, 2 all of it ("*****"; a name only if a number is in it). What is as short as an extension
 * stays. */
void cc_number_hide(char *text, bool name, int hide);

#endif
