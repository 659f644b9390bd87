# SPDX-License-Identifier: GPL-2.0-or-later
RECD_TEST := tests/unit/recd/capture.c tests/unit/tone.c
$(call unit,unit-recd,tests/unit/recd/core.c $(RECD_TEST),-Itests/unit $(RECD_FLAGS),ccrecd ccrtp ccbase,$(RECD_SYS))
$(call unit,unit-recd-run,tests/unit/recd/run.c tests/unit/stack.c $(RECD_TEST),-Itests/unit $(RECD_FLAGS) -I/usr/include/mariadb,\
	ccrtp ccbase,-lmariadb -lsndfile -lspandsp -lm)
$(B)/bin/unit-recd-run: | $(B)/bin/cc-recd
