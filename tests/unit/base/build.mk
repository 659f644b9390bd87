# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-base,$(wildcard tests/unit/base/*.c),-Itests/unit $(BASE_FLAGS),ccbase)
