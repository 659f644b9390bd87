# SPDX-License-Identifier: GPL-2.0-or-later
# What every web application is made of. libauth is apart: cc-eventd and cc-admin link it too.

CC_BASE_INC := -Ikamailio-mods/core/base/include -Ikamailio-mods/contract
CC_WEB_INC := -Iapps/framework/include $(CC_BASE_INC)
CC_WEB_LIBS := framework auth ccbase
CC_WEB_SYS := -lfcgi -lmariadb -ljson-c -lsodium

$(call library,auth,apps/framework/src/auth.c,$(CC_WEB_INC))
$(call library,framework,$(filter-out %/auth.c,$(wildcard apps/framework/src/*.c)),$(CC_WEB_INC) -I/usr/include/mariadb)
