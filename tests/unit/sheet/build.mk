# SPDX-License-Identifier: GPL-2.0-or-later
$(call unit,unit-sheet,$(wildcard tests/unit/sheet/*.c),-Itests/unit $(CC_WEB_INC),sheet ccbase,-lcsv -lzip -lexpat -ljson-c)
