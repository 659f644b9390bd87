# SPDX-License-Identifier: GPL-2.0-or-later
# The administration.

$(call host,cc-admin-web,$(wildcard apps/admin/src/*.c),$(CC_WEB_INC))
