# SPDX-License-Identifier: GPL-2.0-or-later

$(call program,test-web-seed,tests/web/seed.c,$(CC_WEB_INC),auth,-lsodium)
