# SPDX-License-Identifier: GPL-2.0-or-later
# Loads plugins itself, so it is a host.
$(call host,unit-plugin,tests/unit/plugin/plugin.c,-Itests/unit $(CC_WEB_INC),,-lcunit)
UNITS += $(B)/bin/unit-plugin
$(B)/bin/unit-plugin: | $(filter $(B)/tests/plugins/%,$(GENERATED))
