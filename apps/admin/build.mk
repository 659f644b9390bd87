# SPDX-License-Identifier: GPL-2.0-or-later
# People and their organisation, preferences, logs, plugins.

$(call application,cc-admin-web,$(wildcard apps/admin/src/*.c))
