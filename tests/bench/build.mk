# SPDX-License-Identifier: GPL-2.0-or-later
# Sound over bad networks; the cost of a leg (drives the real daemon, which must be there).
$(call program,bench-sound,tests/bench/sound.c tests/unit/mixd/network.c tests/unit/tone.c,\
	-Itests/unit -Itests/unit/mixd $(MIXER_FLAGS),ccmix ccrtp ccbase,-lspandsp -lm)
$(call program,bench-legs,tests/bench/legs.c,$(MIXER_FLAGS),ccrtp ccbase,-lspandsp -lsndfile -ljson-c -lm)
$(B)/bin/bench-legs: | $(B)/bin/cc-mixd
