# SPDX-License-Identifier: GPL-2.0-or-later
# cc-jobd: work in the background. Everything but main is a library, which the tests link too.
$(call library,jobd,$(filter-out %/main.c,$(wildcard apps/jobd/src/*.c)),-Iapps/jobd/src $(CC_WEB_INC))
$(call host,cc-jobd,apps/jobd/src/main.c,-Iapps/jobd/src $(CC_WEB_INC),jobd)
