# SPDX-License-Identifier: GPL-2.0-or-later
# What every web application is made of. libauth is apart: cc-eventd and cc-admin link it too.

CC_BASE_INC := -Ikamailio-mods/core/base/include -Ikamailio-mods/contract
CC_FRAMEWORK_INC := -Iapps/framework/include $(CC_BASE_INC)

$(call library,auth,apps/framework/src/auth.c,$(CC_FRAMEWORK_INC))
