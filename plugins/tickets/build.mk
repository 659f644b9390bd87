# SPDX-License-Identifier: GPL-2.0-or-later
$(call plugin,plugins/tickets,$(wildcard plugins/tickets/src/*.c),,-ljson-c)
