# SPDX-License-Identifier: GPL-2.0-or-later
# Signing in and the live board.

$(call host,cc-desk,$(wildcard apps/desk/src/*.c),$(CC_WEB_INC),,-lgd)
