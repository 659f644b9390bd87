# SPDX-License-Identifier: GPL-2.0-or-later
$(call plugin,plugins/orders,$(wildcard plugins/orders/src/*.c),,-ljson-c)

$(B)/web/orders.js: plugins/orders/web/orders.js
	@mkdir -p $(@D)
	cp $< $@
GENERATED += $(B)/web/orders.js
