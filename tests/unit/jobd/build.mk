# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-jobd,tests/unit/jobd/jobd.c tests/unit/stack.c,-Itests/unit -Iapps/jobd/src $(CC_WEB_INC) -I/usr/include/mariadb,jobd $(CC_WEB_LIBS),$(CC_WEB_SYS))
