# SPDX-License-Identifier: GPL-2.0-or-later
# What every web application is made of. libauth is apart: cc-eventd and cc-admin link it too. Visible, because
# applications export the public functions to plugins (plugin.syms).

$(call library,auth,$(wildcard apps/framework/src/auth*.c),$(CC_WEB_INC) -fvisibility=default)
$(call library,framework,$(filter-out $(wildcard apps/framework/src/auth*.c),$(wildcard apps/framework/src/*.c)),$(CC_WEB_INC) -I/usr/include/mariadb -fvisibility=default)
$(call library,sheet,$(wildcard apps/framework/sheet/*.c),$(CC_WEB_INC))
