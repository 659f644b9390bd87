# SPDX-License-Identifier: GPL-2.0-or-later
# Signing in and the live board.

$(call program,cc-desk,$(wildcard apps/desk/src/*.c),$(CC_WEB_INC),$(CC_WEB_LIBS),$(CC_WEB_SYS) -lgd)
