# SPDX-License-Identifier: GPL-2.0-or-later
# What an application may include and links. (This file comes before those of the folders.)

CC_WEB_INC := -Iapps/framework/include -Ikamailio-mods/core/base/include -Ikamailio-mods/contract
CC_WEB_LIBS := framework auth ccbase sheet
CC_WEB_SYS := -lfcgi -lmariadb -ljson-c -lsodium -lxlsxwriter -lcsv -lzip -lexpat

# $(call host,name,sources,cflags,own libraries): a program that loads plugins. It holds the whole of the libraries that
# plugins may call, whether it calls them itself or not, and exports their public functions.
CC_HOST_LIBS := $(patsubst %,$(B)/lib/lib%.a,$(filter-out sheet,$(CC_WEB_LIBS)))
define host_
$(call compile_,$(1),$(2),$(3))
$(B)/bin/$(1): $(call objs,$(1),$(2)) $(foreach l,$(4),$(B)/lib/lib$(l).a) $(CC_HOST_LIBS) $(B)/lib/libsheet.a apps/framework/plugin.syms
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS_ALL) -o $$@ $(call objs,$(1),$(2)) $(foreach l,$(4),$(B)/lib/lib$(l).a) -Wl,--whole-archive $(CC_HOST_LIBS) \
		-Wl,--no-whole-archive $(B)/lib/libsheet.a -Wl,--dynamic-list=apps/framework/plugin.syms $(CC_WEB_SYS) $(5)
PROGRAMS += $(B)/bin/$(1)
endef
host = $(eval $(call host_,$(strip $(1)),$(2),$(3),$(4),$(5)))

# $(call application,name,sources,cflags,own libraries,system libraries): a web application. Its sources have the manifest
# cc_application; all else of a program is the framework's.
application = $(call host,$(1),$(2) apps/framework/start/main.c,$(CC_WEB_INC) $(3),$(4),$(5))

# $(call plugin,folder,sources,cflags,system libraries): folder is plugins/<name> -> $(B)/plugins/<name>/ with <name>.so,
# db/, templates/, locale/<language>.mo and demo.sql, where it has them.
define plugin_
$(call compile_,plugin-$(notdir $(1)),$(2),$(CC_WEB_INC) $(3))
$(B)/$(1)/$(notdir $(1)).so: $(call objs,plugin-$(notdir $(1)),$(2))
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS_ALL) -shared -o $$@ $$^ $(4)
$(B)/$(1)/db/%.sql: $(1)/db/%.sql
	@mkdir -p $$(@D)
	cp $$< $$@
$(B)/$(1)/demo.sql: $(1)/demo.sql
	@mkdir -p $$(@D)
	cp $$< $$@
$(B)/$(1)/templates/%.mustache: $(1)/templates/%.mustache
	@mkdir -p $$(@D)
	cp $$< $$@
$(B)/$(1)/locale/%.mo: $(1)/locale/%.po
	@mkdir -p $$(@D)
	msgfmt --check-format --check-domain -o $$@ $$<
GENERATED += $(B)/$(1)/$(notdir $(1)).so $(addprefix $(B)/,$(wildcard $(1)/demo.sql $(1)/db/*.sql $(1)/templates/*.mustache) \
	$(patsubst %.po,%.mo,$(wildcard $(1)/locale/*.po)))
endef
plugin = $(eval $(call plugin_,$(strip $(1)),$(2),$(3),$(4)))
