# SPDX-License-Identifier: GPL-2.0-or-later

$(call unit,test-auth,tests/unit/framework/test_auth.c,$(CC_FRAMEWORK_INC),auth,-lsodium)
