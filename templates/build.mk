# SPDX-License-Identifier: GPL-2.0-or-later
# Templates and catalogues go to the build folder as programs expect them under CC_PREFIX.

TEMPLATES := $(shell find templates -name '*.mustache' -o -name '*.md')
CATALOGUES := $(wildcard templates/locale/*.po)
GENERATED += $(TEMPLATES:%=$(B)/%) $(CATALOGUES:templates/locale/%.po=$(B)/locale/%.mo)

$(filter $(B)/templates/%,$(TEMPLATES:%=$(B)/%)): $(B)/%: %
	@mkdir -p $(@D)
	cp $< $@

$(B)/locale/%.mo: templates/locale/%.po
	@mkdir -p $(@D)
	msgfmt --check-format --check-domain -o $@ $<
