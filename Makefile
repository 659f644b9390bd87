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

comma := ,

objs = $(patsubst %.c,$(B)/obj/$(1)/%.o,$(2))

# The file that is being read: objects are made anew when what it says of them may have changed.
said_in = $(lastword $(filter Makefile %/build.mk,$(MAKEFILE_LIST)))

# $(call compile,unit name,sources,cflags): objects of one unit, with the include folders it may see and no others
define compile_
$(call objs,$(1),$(2)): $(B)/obj/$(1)/%.o: %.c $(said_in)
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

# These must work on a machine that has no compiler yet: they do not look at what is to be built.
STACK_GOALS := run stop status logs help
ifneq ($(filter-out $(STACK_GOALS),$(or $(MAKECMDGOALS),all)),)
include $(sort $(wildcard build.mk */build.mk)) $(sort $(wildcard */*/build.mk */*/*/build.mk))
endif

.PHONY: all clean unit check lint web sip ops bench bench-web bench-crm soak format asan tsan $(STACK_GOALS) install install-tree list
all: $(GENERATED) $(LIBRARIES) $(PROGRAMS) $(MODULES) ## build everything

unit: $(UNITS) ## run the unit tests
	@for u in $(UNITS); do $$u; done

clean: ## remove what was built
	rm -rf build

# ---- a stack on this machine (CC_RUN, CC_PORT_BASE and every other setting come from the environment) ----

export B MAKE
run: ## install, build, start and check a whole call centre with demo data; repeat it to bring in changes
	@etc/stack/start
stop: ## end it
	@etc/stack/stop
status: ## what runs, since when, and is it healthy
	@etc/stack/status
logs: ## follow the logs; PART=kamailio for one
	@etc/stack/logs $(PART)

demo-calls: ## simulated customers and agents on the running stack, until Ctrl-C
	@node tests/demo/calls.mjs

# ---- tests ----

$(B)/node_modules.stamp: tests/package.json tests/package-lock.json
	@mkdir -p $(@D)
	cd tests && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

test: ## everything: installs what it needs, builds, and proves all of it on the real parts
	@etc/stack/packages run build test
	@$(MAKE) --no-print-directory -j$$(nproc) WERROR=1 all
	@$(MAKE) --no-print-directory WERROR=1 unit lint web sip ops

check: unit lint ## the quick part: unit tests and lint

lint: $(B)/node_modules.stamp $(GENERATED) ## rules that a compiler does not know
	@node tests/lint/lint.mjs

web: all $(B)/node_modules.stamp ## pages and requests against a private database
	@node tests/run.mjs --no-stack tests/harness/*.test.mjs tests/web/*.test.mjs

# cases that need the machine for themselves: they load it, or measure sound
SIP_ALONE := $(patsubst %,tests/e2e/%.test.mjs,call deaths restart robust sip-hostile sound sound-network)
SIP_SIDE := $(patsubst %,tests/e2e/%.test.mjs,agent lease outbound queue_options sip-session web webphone)
SIP_REST := $(filter-out $(SIP_ALONE) $(SIP_SIDE),$(wildcard tests/e2e/*.test.mjs))
sip: all $(B)/node_modules.stamp ## calls through whole private stacks
	@node tests/beside.mjs $(SIP_REST) + $(SIP_SIDE)
	@node tests/run.mjs $(SIP_ALONE)

ops: all $(B)/node_modules.stamp ## starting, damaging and stopping a stack
	@node tests/run.mjs --no-stack tests/ops/*.test.mjs

bench: all $(B)/node_modules.stamp ## measure sound, costs, held and waiting calls, calls per second: docs/benchmarks.md
	@node tests/bench/bench.mjs

soak: all $(B)/node_modules.stamp ## a call centre at work for HOURS (1), watched for ghosts and differences, see docs/benchmarks.md
	@HOURS=$(or $(HOURS),1) node tests/bench/soak.mjs

bench-web: all $(B)/node_modules.stamp ## a list over 500,000 calls, beside PHP-FPM doing the same page (needs wrk, php8.2-fpm, php8.2-mysql)
	@node tests/bench/web.mjs

bench-crm: all $(B)/node_modules.stamp ## import and export of 500,000 customers, beside Python (needs python3-mysqldb)
	@node tests/bench/crm.mjs

format: ## clang-format on every C file
	@git ls-files '*.c' '*.h' | xargs clang-format -i

asan: ## unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory SAN=address,undefined unit

tsan: ## unit tests under ThreadSanitizer
	@$(MAKE) --no-print-directory SAN=thread unit

# ---- installation ----

PREFIX := /usr
DESTDIR :=
UNIT_DIR := $(PREFIX)/lib/systemd/system

# $(call put,folder,files): copies into a folder of the tree
put = $(if $(strip $(2)),install -d $(1) && cp -RP --preserve=mode --preserve=timestamps $(2) $(1))

# Everything that a running stack needs, in one folder (TREE).
install-tree: all
	@test -n "$(TREE)"
	rm -rf "$(TREE)"
	$(call put,"$(TREE)/bin",$(filter $(B)/bin/cc-%,$(PROGRAMS)))
	$(call put,"$(TREE)/modules",$(MODULES))
	$(call put,"$(TREE)",$(wildcard $(addprefix $(B)/,web locale prompts templates plugins) db))
	$(call put,"$(TREE)",etc)
	git describe --always --dirty --tags 2>/dev/null >"$(TREE)/VERSION" || echo unknown >"$(TREE)/VERSION"

install: ## copy everything to DESTDIR and PREFIX (/usr), see INSTALL
	$(MAKE) --no-print-directory install-tree TREE="$(DESTDIR)$(PREFIX)/lib/tandem"
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(UNIT_DIR)" "$(DESTDIR)/etc"
	ln -sf ../lib/tandem/bin/cc-admin "$(DESTDIR)$(PREFIX)/bin/cc-admin"
	for unit in etc/systemd/*; do \
		sed 's|/usr/lib/tandem|$(PREFIX)/lib/tandem|' $$unit >"$(DESTDIR)$(UNIT_DIR)/$${unit##*/}"; done
	for part in $$(grep -l '^# nice: ' etc/parts/*); do \
		more="$(DESTDIR)$(UNIT_DIR)/tandem@$${part##*/}.service.d"; install -d "$$more"; \
		sed -n 's/^# nice: /[Service]\nNice=/p' "$$part" >"$$more/nice.conf"; done
	$(call put,"$(DESTDIR)$(PREFIX)/share/doc/tandem",README.md INSTALL LICENSE docs)
	test -e "$(DESTDIR)/etc/tandem.conf" || install -m 644 etc/tandem.conf "$(DESTDIR)/etc/tandem.conf"

list: ## what is built, with its parts
	@printf 'program  %s\n' $(filter $(B)/bin/cc-%,$(PROGRAMS))
	@printf 'library  %s\n' $(LIBRARIES)
	@printf 'module   %s\n' $(MODULES)
	@printf 'test     %s\n' $(UNITS)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'
