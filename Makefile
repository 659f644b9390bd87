# SPDX-License-Identifier: GPL-2.0-or-later
# Tandem. `make help` lists the targets. Every folder declares what it builds in its own build.mk with the three
# macros below; there is one dependency graph and all products go to build/.

.DEFAULT_GOAL := all
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules

B := build$(if $(SAN),/san-$(SAN),)
CC := gcc
OPT := -O2 -g
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wwrite-strings \
	-Wpointer-arith -Wno-unused-parameter -fno-common
HARD := -D_FORTIFY_SOURCE=2 -fstack-protector-strong
ifdef SAN
HARD := -fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all
endif
ifdef WERROR
WARN += -Werror
endif
CFLAGS_ALL := -std=gnu11 $(OPT) $(WARN) $(HARD) -fvisibility=hidden -fPIC -pthread -D_GNU_SOURCE
PROGRAMS :=
LIBRARIES :=
MODULES :=
UNITS :=
CHECKS :=
GENERATED :=

objs = $(patsubst %.c,$(B)/obj/$(1)/%.o,$(2))

# $(call compile,unit name,sources,cflags): objects of one unit, with the include folders it may see and no others
define compile_
$(call objs,$(1),$(2)): $(B)/obj/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS_ALL) $(3) -MMD -MP -c -o $$@ $$<
-include $(patsubst %.o,%.d,$(call objs,$(1),$(2)))
endef

# $(call library,name,sources,cflags) -> $(B)/lib/lib<name>.a
define library_
$(call compile_,$(1),$(2),$(3))
$(B)/lib/lib$(1).a: $(call objs,$(1),$(2))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
LIBRARIES += $(B)/lib/lib$(1).a
endef
library = $(eval $(call library_,$(strip $(1)),$(2),$(3)))

# $(call program,name,sources,cflags,own libraries,system libraries) -> $(B)/bin/<name>
define program_
$(call compile_,$(1),$(2),$(3))
$(B)/bin/$(1): $(call objs,$(1),$(2)) $(foreach l,$(4),$(B)/lib/lib$(l).a)
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS_ALL) -o $$@ $(call objs,$(1),$(2)) -Wl,--start-group $(foreach l,$(4),$(B)/lib/lib$(l).a) -Wl,--end-group $(5)
PROGRAMS += $(B)/bin/$(1)
endef
program = $(eval $(call program_,$(strip $(1)),$(2),$(3),$(4),$(5)))

# $(call unit,name,sources,cflags,own libraries,system libraries): a CUnit program that `make unit` runs
define unit_
$(call program_,$(1),$(2),$(3),$(4),-lcunit $(5))
UNITS += $(B)/bin/$(1)
endef
unit = $(eval $(call unit_,$(strip $(1)),$(2),$(3),$(4),$(5)))

include $(sort $(wildcard build.mk */build.mk */*/build.mk */*/*/build.mk))

.PHONY: all programs clean unit
all: $(GENERATED) $(LIBRARIES) $(PROGRAMS) $(MODULES)

unit: $(UNITS)
	@for u in $(UNITS); do $$u; done

clean:
	rm -rf build
