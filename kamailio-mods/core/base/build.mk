# SPDX-License-Identifier: GPL-2.0-or-later
# Pieces that every part may use: ids, JSON text, journal, settings, time, numbers. libc only. Visible, because
# applications export them to plugins (apps/framework/plugin.syms).
BASE := kamailio-mods/core/base
BASE_FLAGS := -I$(BASE)/include -Ikamailio-mods/contract

$(call library,ccbase,$(wildcard $(BASE)/src/*.c),$(BASE_FLAGS) -fvisibility=default)
