# SPDX-License-Identifier: GPL-2.0-or-later
# Kamailio modules, built against the headers of the installed Kamailio (kamailio-headers fetches them once).
VERSION ?= 0.1
KAMAILIO := build/kamailio
KAMAILIO_INCLUDES := -Ikamailio-mods/core/include -Ikamailio-mods/core/base/include -Ikamailio-mods/contract \
	$(addprefix -Ikamailio-mods/,$(addsuffix /include,cc_call cc_queue cc_registrar)) -isystem $(KAMAILIO)/src

$(KAMAILIO)/stamp: kamailio-mods/kamailio-headers
	$< $(KAMAILIO)
	@touch $@

# Kamailio's functions and logging take constant text as char *, and modules find each other by one function type.
KAMAILIO_WARN := -Wno-write-strings -Wno-cast-function-type

# $(call kamailio_module,name,sources,cflags,own libraries,system libraries) -> $(B)/modules/<name>.so
define kamailio_module_
$(call compile_,$(1),$(2),@$(KAMAILIO)/defs -DMOD_NAME='"$(1)"' -DCC_VERSION='"$(VERSION)"' $(KAMAILIO_WARN) $(KAMAILIO_INCLUDES) $(3))
$(call objs,$(1),$(2)): | $(KAMAILIO)/stamp
$(B)/modules/$(1).so: $(call objs,$(1),$(2)) $(foreach l,$(4),$(B)/lib/lib$(l).a)
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS_ALL) -shared -Wl,--exclude-libs,ALL -o $$@ $(call objs,$(1),$(2)) -Wl,--start-group $(foreach l,$(4),$(B)/lib/lib$(l).a) -Wl,--end-group $(5)
MODULES += $(B)/modules/$(1).so
endef
kamailio_module = $(eval $(call kamailio_module_,$(strip $(1)),$(2),$(3),$(4),$(5)))

$(call kamailio_module,cc_call,$(wildcard kamailio-mods/cc_call/src/*.c),,cccore ccbase,-ljson-c -lmariadb)
$(call kamailio_module,cc_queue,$(wildcard kamailio-mods/cc_queue/src/*.c),,cccore ccbase,-ljson-c)
$(call kamailio_module,cc_registrar,$(wildcard kamailio-mods/cc_registrar/src/*.c),,cccore ccbase,-lsqlite3 -ljson-c)
$(call kamailio_module,cc_route,$(wildcard kamailio-mods/cc_route/src/*.c),,cccore ccbase,)
