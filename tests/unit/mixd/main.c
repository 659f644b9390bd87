/* SPDX-License-Identifier: GPL-2.0-or-later
 * The mixer: its sound alone, then the daemon that lies beside this program. */
#include <libgen.h>
#include <limits.h>
#include "suites.h"

const char *daemon_program;

int main(int argc, char **argv)
{
	static char path[PATH_MAX];
	CU_SuiteInfo suites[] = {
			{"jitter buffer", NULL, NULL, NULL, NULL, jitter_tests},
			{"bad networks", NULL, NULL, NULL, NULL, quality_tests},
			{"player", NULL, NULL, NULL, NULL, player_tests},
			{"mixer", NULL, NULL, NULL, NULL, mixer_tests},
			{"digits", NULL, NULL, NULL, NULL, dtmf_tests},
			{"daemon", daemon_start, daemon_stop, daemon_launch, daemon_finish, daemon_tests},
			CU_SUITE_INFO_NULL,
	};

	snprintf(path, sizeof path, "%s/cc-mixd", dirname(argv[0]));
	daemon_program = path;
	return unit_run(suites);
}
