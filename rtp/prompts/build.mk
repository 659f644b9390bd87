# SPDX-License-Identifier: GPL-2.0-or-later
# Prompts: etc/prompts/<language>.txt has lines "name<TAB>text"; each becomes build/prompts/<language>/<name>.wav (pages show the texts). The
# texts are first taken apart into one file each, written only when it changes: only changed prompts are spoken again.
PROMPT_LANGUAGES := $(patsubst etc/prompts/%.txt,%,$(wildcard etc/prompts/*.txt))
PROMPT_TEXTS := build/obj/prompts
PROMPT_SOUNDS := $(addprefix build/prompts/,music/hold.wav tone/beep.wav tone/ringback.wav tone/busy.wav tone/congestion.wav)

define prompts_
PROMPTS_$(1) := $$(shell sed -n 's/^\([a-z0-9_]\{1,\}\)\t..*/\1/p' etc/prompts/$(1).txt)
$(PROMPT_TEXTS)/$(1).split: etc/prompts/$(1).txt
	@mkdir -p $(PROMPT_TEXTS)/$(1) build/prompts/$(1)
	@awk -F '\t' '!/^[a-z0-9_]+\t.+$$$$/ || seen[$$$$1]++ { print FILENAME ":" FNR ": not name<TAB>text, or a name used twice"; bad = 1 } \
		END { exit bad }' $$< >&2
	@while IFS=$$$$'\t' read -r name text; do \
		f=$(PROMPT_TEXTS)/$(1)/$$$$name.txt; \
		[ -e $$$$f ] && [ "$$$$(cat $$$$f)" = "$$$$text" ] || printf '%s\n' "$$$$text" >$$$$f; \
	done <$$<
	@touch $$@
$$(PROMPTS_$(1):%=$(PROMPT_TEXTS)/$(1)/%.txt): $(PROMPT_TEXTS)/$(1).split ;
$$(PROMPTS_$(1):%=build/prompts/$(1)/%.wav): build/prompts/$(1)/%.wav: $(PROMPT_TEXTS)/$(1)/%.txt rtp/prompts/speak
	@rtp/prompts/speak $(1) $$< $$@
build/prompts/$(1).txt: etc/prompts/$(1).txt
	@mkdir -p $$(@D)
	@cp $$< $$@
GENERATED += $$(PROMPTS_$(1):%=build/prompts/$(1)/%.wav) build/prompts/$(1).txt
endef
$(foreach l,$(PROMPT_LANGUAGES),$(eval $(call prompts_,$(l))))

$(call program,sounds,rtp/prompts/sounds.c,,,-lsndfile -lm)

$(PROMPT_SOUNDS) &: $(B)/bin/sounds
	@mkdir -p build/prompts/music build/prompts/tone
	$< build/prompts
GENERATED += $(PROMPT_SOUNDS)
