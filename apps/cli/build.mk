# SPDX-License-Identifier: GPL-2.0-or-later
# cc-admin, the command line.
$(call host,cc-admin,$(wildcard apps/cli/src/*.c),-Iapps/cli/src $(CC_WEB_INC) -I/usr/include/mariadb)
