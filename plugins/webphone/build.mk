# SPDX-License-Identifier: GPL-2.0-or-later
$(call plugin,plugins/webphone,$(wildcard plugins/webphone/src/*.c),,-ljson-c)

# What browsers load is one script, made of web/ and of the SIP stack, which comes from the npm registry (README.md).
build/webphone/stamp: plugins/webphone/package.json plugins/webphone/package-lock.json
	@mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(B)/web/webphone.js: $(wildcard plugins/webphone/web/*.js) build/webphone/stamp
	@mkdir -p $(@D)
	NODE_PATH=build/webphone/node_modules build/webphone/node_modules/.bin/esbuild plugins/webphone/web/main.js --bundle --minify \
		--format=iife --target=es2022 --legal-comments=eof --log-level=warning --outfile=$@

$(B)/web/webphone.css: plugins/webphone/web/phone.css
	@mkdir -p $(@D)
	cp $< $@
GENERATED += $(B)/web/webphone.js $(B)/web/webphone.css
