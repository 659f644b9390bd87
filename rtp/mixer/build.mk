# SPDX-License-Identifier: GPL-2.0-or-later
# The mixer's sound: no socket, no file, no clock. cc-mixd and the unit test link it.
MIXER_FLAGS := -Irtp/mixer -Irtp/common $(BASE_FLAGS)

$(call library,ccmix,$(wildcard rtp/mixer/*.c),$(MIXER_FLAGS))
