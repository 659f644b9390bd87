# SPDX-License-Identifier: GPL-2.0-or-later
# Signing in and the live board.

$(call application,cc-desk,$(wildcard apps/desk/src/*.c),,,-lgd)
