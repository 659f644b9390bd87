# SPDX-License-Identifier: GPL-2.0-or-later
# What browsers load, served as /static/: scripts and pictures as they are, the style sheets of css/ as one. Nothing of
# it comes from a package.

WEB_FILES := $(wildcard web/*.js web/*.css web/*.svg web/*.html)
GENERATED += $(WEB_FILES:%=$(B)/%) $(B)/web/app.css

$(B)/web/app.css: $(sort $(wildcard web/css/*.css))
	@mkdir -p $(@D)
	cat $^ >$@

$(B)/web/%: web/%
	@mkdir -p $(@D)
	cp $< $@
