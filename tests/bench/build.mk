# SPDX-License-Identifier: GPL-2.0-or-later
$(call program,bench-sound,tests/bench/sound.c tests/unit/mixd/network.c tests/unit/tone.c,\
	-Itests/unit -Itests/unit/mixd $(MIXER_FLAGS),ccmix ccrtp ccbase,-lspandsp -lm)
