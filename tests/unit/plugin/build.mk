# SPDX-License-Identifier: GPL-2.0-or-later
# Loads plugins itself, so it is a host.
$(call host,unit-plugin,tests/unit/plugin/plugin.c,-Itests/unit $(CC_WEB_INC),,-lcunit)
UNITS += $(B)/bin/unit-plugin
$(B)/bin/unit-plugin: | $(filter $(B)/tests/plugins/%,$(GENERATED))
$(call unit,unit-plugin-events,tests/unit/plugin/events.c tests/unit/stack.c,-Itests/unit $(EVENTD_INC) -I/usr/include/mariadb,ccbase,-lmariadb)
$(B)/bin/unit-plugin-events: | $(B)/bin/cc-eventd $(B)/bin/cc-jobd $(B)/bin/cc-admin $(filter $(B)/tests/plugins/% $(B)/plugins/%,$(GENERATED))
