/* SPDX-License-Identifier: GPL-2.0-or-later
 * The tenant's rule for new passwords, in words. */
#include <string.h>
#include "cc/auth.h"
#include "cc/preference.h"
#include "priv.h"

const char *cc_password_refusal(struct cc_request *rq, const char *password, const char *username)
{
	int length = (int)cc_preference_int(rq, "password_length");
	int kinds = (int)cc_preference_int(rq, "password_kinds");
	switch (cc_auth_password_fault(password, username, length, kinds)) {
	case CC_PASSWORD_GOOD:
		return NULL;
	case CC_PASSWORD_LONG:
		return cc_t(rq, "The password is too long.");
	case CC_PASSWORD_NAME:
		return cc_t(rq, "The password is too much like the user name.");
	case CC_PASSWORD_COMMON:
		return cc_t(rq, "The password is too easy to guess.");
	case CC_PASSWORD_SHORT:
	case CC_PASSWORD_KINDS:
		break;
	}
	return cc_password_rule(rq);
}

const char *cc_password_rule(struct cc_request *rq)
{
	static const char *const texts[] = {
			CC_N("At least {n} characters."),
			CC_N("At least {n} characters, of two of these kinds: lower case, upper case, digits, "
				 "others."),
			CC_N("At least {n} characters, of three of these kinds: lower case, upper case, "
				 "digits, others."),
			CC_N("At least {n} characters: lower case, upper case, digits and others."),
	};
	int64_t kinds = cc_preference_int(rq, "password_kinds");
	const char *text = cc_t(rq, texts[kinds < 1 || kinds > 4 ? 0 : kinds - 1]);
	const char *at = strstr(text, "{n}");
	if (!at)
		return text;
	return cc_sprintf(rq->arena, "%.*s%s%s", (int)(at - text), text,
			cc_preference(rq, "password_length"), at + 3);
}
