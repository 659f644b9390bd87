# SPDX-License-Identifier: GPL-2.0-or-later
# People and their organisation, preferences, logs.

$(call program,cc-admin-web,$(wildcard apps/admin/src/*.c),$(CC_WEB_INC),$(CC_WEB_LIBS),$(CC_WEB_SYS))
