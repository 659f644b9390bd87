# SPDX-License-Identifier: GPL-2.0-or-later
# Lists of what happened: calls and recordings.

$(call program,cc-reports,$(wildcard apps/reports/src/*.c),$(CC_WEB_INC),$(CC_WEB_LIBS),$(CC_WEB_SYS))
