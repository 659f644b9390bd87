# SPDX-License-Identifier: GPL-2.0-or-later
# drives the real daemon, which must be there
$(call unit,unit-mixd,$(wildcard tests/unit/mixd/*.c) tests/unit/tone.c,-Itests/unit $(MIXER_FLAGS),ccmix ccrtp ccbase,-lspandsp -lsndfile -ljson-c -lm)
$(B)/bin/unit-mixd: | $(B)/bin/cc-mixd
