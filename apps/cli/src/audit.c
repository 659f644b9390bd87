/* SPDX-License-Identifier: GPL-2.0-or-later
 * Commands about what was recorded of calls. */
#include <stdio.h>
#include "cc/err.h"
#include "cli.h"
#include "ledger.h"

int cmd_ledger(struct cli *cli, int argc, char **argv)
{
	int err = cli_db(cli, "eventd"), found;

	if (err)
		return err;
	found = ledger_check(cli->db, cli_path(cli, "data/journal"),
			(uint32_t)cc_settings_int(cli->settings, "CC_NODE"), stdout);
	if (found < 0)
		return cli_fail(
				"ledger: %s", *cc_db_error(cli->db) ? cc_db_error(cli->db) : cc_err_name(found));
	return found > 0 ? CLI_FAILED : CLI_OK;
}

int cmd_rebuild_rollups(struct cli *cli, int argc, char **argv)
{
	int err = cli_db(cli, "eventd");

	return err ? err : cli_db_check(cli, ledger_rebuild_rollups(cli->db), "roll-ups");
}
