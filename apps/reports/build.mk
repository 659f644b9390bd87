# SPDX-License-Identifier: GPL-2.0-or-later
# Lists of what happened: calls and recordings.

$(call application,cc-reports,$(wildcard apps/reports/src/*.c))
