/* SPDX-License-Identifier: GPL-2.0-or-later
 * Every kind of job. */
#include "job.h"

const struct job_kind job_kinds[] = {
		{"core.housekeeping", housekeeping_run, 18 * 60 + 30,
				3600}, /* half past two at night in China */
		{0},
};
