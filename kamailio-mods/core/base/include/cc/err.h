/* SPDX-License-Identifier: GPL-2.0-or-later
 * The one error idiom: functions return 0 or a negative enum cc_err and leave out-parameters
 * untouched on failure. Includes libc only, as everything in core/base. */
#ifndef CC_ERR_H
#define CC_ERR_H

enum cc_err
{
	CC_OK = 0,
	CC_E_INVAL = -1,     /* malformed input */
	CC_E_NOMEM = -2,     /* no memory */
	CC_E_NOENT = -3,     /* no such thing */
	CC_E_EXIST = -4,     /* already there */
	CC_E_STATE = -5,     /* not possible in the present state */
	CC_E_FULL = -6,      /* a limit is reached */
	CC_E_RANGE = -7,     /* number or text out of range */
	CC_E_IO = -8,        /* operating system error, errno says which */
	CC_E_TIMEOUT = -9,   /* a peer did not answer in time */
	CC_E_CORRUPT = -10,  /* checksum or structure of stored data is wrong */
	CC_E_DENIED = -11,   /* not permitted */
	CC_E_STALE = -12,    /* generation or epoch is older than the known one */
	CC_E_PASSWORD = -13, /* missing or wrong */
};

/* snake_case name of a code, a constant ("inval", "no_memory", …); "unknown" for others. Stable:
 * part of the API. */
const char *cc_err_name(int err);

#endif
