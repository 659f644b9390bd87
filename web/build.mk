# SPDX-License-Identifier: GPL-2.0-or-later
# What browsers load, served as /static/. No package is needed for it so far.

WEB_FILES := $(wildcard web/*.css web/*.js web/*.svg)
GENERATED += $(WEB_FILES:%=$(B)/%)

$(B)/web/%: web/%
	@mkdir -p $(@D)
	cp $< $@
