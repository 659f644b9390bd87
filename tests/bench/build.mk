# SPDX-License-Identifier: GPL-2.0-or-later
# bench-legs drives the real daemon, which must be there.
$(call program,bench-sound,tests/bench/sound.c tests/unit/mixd/network.c tests/unit/tone.c,\
	-Itests/unit -Itests/unit/mixd $(MIXER_FLAGS),ccmix ccrtp ccbase,-lspandsp -lm)
$(call program,bench-legs,tests/bench/legs.c,$(MIXER_FLAGS),ccrtp ccbase,-lspandsp -lsndfile -ljson-c -lm)
$(B)/bin/bench-legs: | $(B)/bin/cc-mixd
$(call program,bench-phones,tests/bench/phones.c,$(MIXER_FLAGS),ccrtp ccbase,-lspandsp -lm)
$(call program,bench-captures,tests/bench/captures.c tests/unit/recd/capture.c tests/unit/tone.c,\
	-Itests/unit -Itests/unit/recd $(RECD_FLAGS),ccrecd ccrtp ccbase,$(RECD_SYS))
