# SPDX-License-Identifier: GPL-2.0-or-later

$(call program,test-web-seed,tests/web/seed.c,$(CC_WEB_INC),auth,-lsodium)
$(call program,test-web-sample,tests/web/sample.c apps/framework/start/main.c,$(CC_WEB_INC),$(CC_WEB_LIBS),$(CC_WEB_SYS))
