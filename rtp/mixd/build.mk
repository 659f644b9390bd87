# SPDX-License-Identifier: GPL-2.0-or-later
MIXD_FLAGS := -Irtp/mixd -Irtp/mixer -Irtp/common $(BASE_FLAGS) \
	-isystem /usr/include/re -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6

$(call program,cc-mixd,$(wildcard rtp/mixd/*.c),$(MIXD_FLAGS),ccmix ccrtp ccbase,-lre -lspandsp -lsndfile -ljson-c -lm)
