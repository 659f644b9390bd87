# SPDX-License-Identifier: GPL-2.0-or-later
# The parts of the modules that need no Kamailio.
$(call unit,unit-mods,tests/unit/mods/test_mods.c kamailio-mods/cc_call/src/sdp.c kamailio-mods/cc_call/src/bencode.c \
	kamailio-mods/cc_call/src/lease.c,-Ikamailio-mods/cc_call/src -Ikamailio-mods/core/base/include -Itests/unit,ccbase,)
