# SPDX-License-Identifier: GPL-2.0-or-later

$(call unit,test-auth,tests/unit/framework/test_auth.c,$(CC_WEB_INC),auth,-lsodium)
$(call unit,test-template,tests/unit/framework/test_template.c,$(CC_WEB_INC),$(CC_WEB_LIBS),$(CC_WEB_SYS))
$(call unit,test-text,tests/unit/framework/test_text.c,$(CC_WEB_INC),$(CC_WEB_LIBS),$(CC_WEB_SYS))
$(call unit,test-web,tests/unit/framework/test_web.c,$(CC_WEB_INC) -Iapps/framework/src,$(CC_WEB_LIBS),$(CC_WEB_SYS))
