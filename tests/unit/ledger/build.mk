# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-ledger,tests/unit/ledger/ledger.c tests/unit/stack.c apps/cli/src/ledger.c,-Itests/unit -Iapps/cli/src $(EVENTD_INC) -I/usr/include/mariadb,framework auth ccbase,-lmariadb -lsodium)
$(B)/bin/unit-ledger: | $(B)/bin/cc-eventd $(B)/bin/cc-admin
