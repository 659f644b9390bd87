/* SPDX-License-Identifier: GPL-2.0-or-later
 * Every kind of job. */
#include "job.h"

const struct cc_job_kind job_kinds[] = {
		{"core.housekeeping", housekeeping_run, 18 * 60 + 30,
				3600}, /* half past two at night in China */
		{"core.plugin", plugin_run, -1, 600},
		{0},
};
