# SPDX-License-Identifier: GPL-2.0-or-later
# Plugins for tests: $(B)/tests/plugins/<name>/<name>.so, the same source with differences.
# $(call fixture,name,differences)
fixture = $(call plugin,tests/plugins/$(1),tests/plugins/fixture.c,-DFIXTURE=$(1) $(2),-ljson-c)

$(call fixture,crash)
$(call fixture,newer,-DNEEDS='"crash 1.0"')
$(call fixture,wants,-DNEEDS='"crash 2.0"')
$(call fixture,abi,-DABI=7)
$(call fixture,short,-DSIZE='offsetof(struct cc_plugin$(comma) modules)')
$(call fixture,tiny,-DSIZE=8)
$(call fixture,symbol,-DNO_SYMBOL)
$(call fixture,starts,-DSTART='"segv"')
$(call fixture,refuses,-DSTART='""')
$(call fixture,elsewhere,-DROUTE='"/reports/calls"')
$(call fixture,leads,-DPAGE='"/reports/calls"')
$(call fixture,lonely,-DHOSTS=NULL)
