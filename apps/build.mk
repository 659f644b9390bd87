# SPDX-License-Identifier: GPL-2.0-or-later
# What an application may include and links. (This file comes before those of the folders.)

CC_WEB_INC := -Iapps/framework/include -Ikamailio-mods/core/base/include -Ikamailio-mods/contract
CC_WEB_LIBS := framework auth ccbase
CC_WEB_SYS := -lfcgi -lmariadb -ljson-c -lsodium -lxlsxwriter
