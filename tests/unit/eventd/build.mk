# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-eventd,tests/unit/eventd/parts.c,-Itests/unit -Iapps/eventd/src $(EVENTD_INC),$(EVENTD_LIBS),$(EVENTD_SYS))
