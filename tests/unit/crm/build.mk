# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-crm,tests/unit/crm/import.c tests/unit/stack.c,-Itests/unit -Iapps/crm/src $(CC_WEB_INC) -I/usr/include/mariadb,\
	crm sheet framework auth ccbase,$(CC_WEB_SYS))
$(call unit,unit-schedule,tests/unit/crm/schedule.c,-Itests/unit -Iapps/crm/src $(CC_WEB_INC),crm framework auth ccbase sheet,\
	$(CC_WEB_SYS))
