# SPDX-License-Identifier: GPL-2.0-or-later
# The simulator of calls and agents: build/bin/cc-sim for long runs, and a quick one among the unit tests.
SIM := tests/sim/world.c tests/sim/engine.c tests/sim/phones.c tests/sim/check.c tests/sim/office.c
$(call program,cc-sim,$(SIM) tests/sim/main.c,$(CORE_FLAGS),cccore ccbase,-ljson-c -lm)
$(call unit,unit-sim,$(SIM) tests/sim/unit.c,-Itests/unit $(CORE_FLAGS),cccore ccbase,-ljson-c -lm)
