# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-eventd,tests/unit/eventd/parts.c,-Itests/unit -Iapps/eventd/src $(EVENTD_INC),$(EVENTD_LIBS),$(EVENTD_SYS))
$(call unit,unit-eventd-run,tests/unit/eventd/run.c tests/unit/stack.c,-Itests/unit -Iapps/eventd/src $(EVENTD_INC) -I/usr/include/mariadb,$(EVENTD_LIBS),$(EVENTD_SYS))
$(B)/bin/unit-eventd-run: | $(B)/bin/cc-eventd
