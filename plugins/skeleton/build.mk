# SPDX-License-Identifier: GPL-2.0-or-later
$(call plugin,plugins/skeleton,$(wildcard plugins/skeleton/src/*.c),,)
