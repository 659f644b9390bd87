# SPDX-License-Identifier: GPL-2.0-or-later
# The decisions of the call engine. No Kamailio header; json-c only where the configuration is read.
CORE := kamailio-mods/core
CORE_FLAGS := -I$(CORE)/include -I$(CORE)/base/include -Ikamailio-mods/contract

$(call library,cccore,$(wildcard $(CORE)/src/*.c),$(CORE_FLAGS))
