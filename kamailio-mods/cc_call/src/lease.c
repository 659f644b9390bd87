/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lease.h"

bool cc_lease_over(const struct cc_lease *lease, int code)
{
	if (code == 481)
		return true; /* it says so itself */
	if (code != CC_LEASE_NO_ANSWER && code != 408)
		return false;
	/* Silence proves nothing where none was owed; after a restart a trunk owes a sign of life too,
	 * because its BYE may have met nobody. */
	return !lease->expected && (!lease->trunk || lease->restored);
}
