# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-tickets,tests/unit/tickets/rules.c plugins/tickets/src/rules.c,-Itests/unit -Iplugins/tickets/src)
