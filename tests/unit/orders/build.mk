# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-orders,tests/unit/orders/rules.c plugins/orders/src/rules.c,-Itests/unit -Iplugins/orders/src)
