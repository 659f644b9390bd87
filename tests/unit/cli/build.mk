# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-cli,tests/unit/cli/cli.c tests/unit/stack.c apps/cli/src/sql.c,-Itests/unit -Iapps/cli/src $(CC_WEB_INC) -I/usr/include/mariadb,ccbase,-lmariadb)
$(B)/bin/unit-cli: | $(B)/bin/cc-admin
