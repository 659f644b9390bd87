/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/err.h"

const char *cc_err_name(int err)
{
	switch (err) {
	case CC_OK:
		return "ok";
	case CC_E_INVAL:
		return "inval";
	case CC_E_NOMEM:
		return "no_memory";
	case CC_E_NOENT:
		return "not_found";
	case CC_E_EXIST:
		return "exists";
	case CC_E_STATE:
		return "state";
	case CC_E_FULL:
		return "full";
	case CC_E_RANGE:
		return "range";
	case CC_E_IO:
		return "io";
	case CC_E_TIMEOUT:
		return "timeout";
	case CC_E_CORRUPT:
		return "corrupt";
	case CC_E_DENIED:
		return "denied";
	case CC_E_STALE:
		return "stale";
	case CC_E_PASSWORD:
		return "password";
	}
	return "unknown";
}
