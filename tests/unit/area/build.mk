# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-area,tests/unit/area/area.c plugins/area/src/lookup.c,-Itests/unit -Iplugins/area/src $(BASE_FLAGS),ccbase)
$(B)/bin/unit-area: | $(B)/plugins/area/area.bin
