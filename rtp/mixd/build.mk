# SPDX-License-Identifier: GPL-2.0-or-later
# The mixer. ccmix is its sound without sockets, which the unit test links alone.
MIXD := rtp/mixd
MIX_CORE := $(addprefix $(MIXD)/,jitter.c player.c mixer.c dtmf.c)
MIXD_FLAGS := -I$(MIXD) -Irtp/common $(BASE_FLAGS)
RE_FLAGS := -isystem /usr/include/re -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6

$(call library,ccmix,$(MIX_CORE),$(MIXD_FLAGS))
$(call program,cc-mixd,$(filter-out $(MIX_CORE),$(wildcard $(MIXD)/*.c)),$(MIXD_FLAGS) $(RE_FLAGS),ccmix ccrtp ccbase,\
	-lre -lspandsp -lsndfile -ljson-c -lm)
