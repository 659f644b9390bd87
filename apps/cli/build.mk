# SPDX-License-Identifier: GPL-2.0-or-later
# cc-admin, the command line.
$(call program,cc-admin,$(wildcard apps/cli/src/*.c),-Iapps/cli/src $(CC_WEB_INC) -I/usr/include/mariadb,$(CC_WEB_LIBS),$(CC_WEB_SYS))
