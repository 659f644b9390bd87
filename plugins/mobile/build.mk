# SPDX-License-Identifier: GPL-2.0-or-later
$(call plugin,plugins/mobile,$(wildcard plugins/mobile/src/*.c),,-ljson-c)

$(B)/web/mobile%: plugins/mobile/web/mobile%
	@mkdir -p $(@D)
	cp $< $@
GENERATED += $(patsubst plugins/mobile/%,$(B)/%,$(wildcard plugins/mobile/web/*))
