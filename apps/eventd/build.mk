# SPDX-License-Identifier: GPL-2.0-or-later
# cc-eventd: journal to database and to browsers. Everything but main is a library, which the tests link too.
EVENTD_INC := -Iapps/framework/include -Ikamailio-mods/core/base/include -Ikamailio-mods/contract
EVENTD_LIBS := eventd framework auth ccbase sheet
EVENTD_SYS := $(CC_WEB_SYS)

$(call library,eventd,$(filter-out %/main.c,$(wildcard apps/eventd/src/*.c)),$(EVENTD_INC))
$(call host,cc-eventd,apps/eventd/src/main.c,$(EVENTD_INC) -I/usr/include/mariadb,eventd)
