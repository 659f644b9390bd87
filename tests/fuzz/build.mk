# SPDX-License-Identifier: GPL-2.0-or-later
# libFuzzer programs: `make fuzz` runs each for FUZZ_SECONDS; build/fuzz/<name> keeps its corpus in build/fuzz/corpus-<name> and
# begins with what is in tests/fuzz/seeds/<name>, if there is something.
FUZZ_SECONDS := 30
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_SOURCES := $(wildcard kamailio-mods/core/src/*.c kamailio-mods/core/base/src/*.c) \
	kamailio-mods/cc_call/src/header.c kamailio-mods/cc_call/src/sdp.c

build/fuzz/%: tests/fuzz/%.c $(FUZZ_SOURCES)
	@mkdir -p $(@D)
	clang -std=gnu11 -O1 -g -D_GNU_SOURCE -pthread -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		$(CORE_FLAGS) -Ikamailio-mods/cc_call/src -o $@ $^ -ljson-c -lm

.PHONY: fuzz
fuzz: $(addprefix build/fuzz/,$(FUZZ))
	for f in $(FUZZ); do mkdir -p build/fuzz/corpus-$$f; \
		build/fuzz/$$f -max_total_time=$(FUZZ_SECONDS) -max_len=4096 build/fuzz/corpus-$$f \
			$$([ -d tests/fuzz/seeds/$$f ] && echo tests/fuzz/seeds/$$f || true); done
