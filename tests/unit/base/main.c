/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suites.h"

char folder[64];

static void folder_new(void)
{
	unit_folder(folder);
}

static void folder_free(void)
{
	unit_remove(folder);
}

int main(void)
{
	CU_SuiteInfo suites[] = {
			{"ids and text", NULL, NULL, NULL, NULL, text_tests},
			{"time zones", NULL, NULL, NULL, NULL, tz_tests},
			{"settings", NULL, NULL, folder_new, folder_free, settings_tests},
			{"journal records and segments", NULL, NULL, folder_new, folder_free, journal_tests},
			{"journal ring", NULL, NULL, folder_new, folder_free, ring_tests},
			{"what the journal has of calls", NULL, NULL, folder_new, folder_free, journaled_tests},
			{"records that survive", NULL, NULL, folder_new, folder_free, records_tests},
			CU_SUITE_INFO_NULL,
	};

	return unit_run(suites);
}
