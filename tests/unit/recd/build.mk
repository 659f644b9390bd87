# SPDX-License-Identifier: GPL-2.0-or-later
RECD_TEST := tests/unit/recd/capture.c tests/unit/tone.c
$(call unit,unit-recd,tests/unit/recd/core.c $(RECD_TEST),-Itests/unit $(RECD_FLAGS),ccrecd ccrtp ccbase,$(RECD_SYS))
