# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-call,$(wildcard tests/unit/core/call*.c),-Itests/unit -Ikamailio-mods/core/src $(CORE_FLAGS),cccore ccbase,-ljson-c -lm)
$(call unit,unit-conf,tests/unit/core/conf.c,-Itests/unit $(CORE_FLAGS),cccore ccbase,-ljson-c)
$(call unit,unit-acd,$(wildcard tests/unit/core/acd*.c),-Itests/unit $(CORE_FLAGS),cccore ccbase,-ljson-c)
