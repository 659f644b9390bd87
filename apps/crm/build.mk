# SPDX-License-Identifier: GPL-2.0-or-later
# Customers. Everything but main is a library, which the tests link too.
$(call library,crm,$(filter-out %/main.c,$(wildcard apps/crm/src/*.c)),-Iapps/crm/src $(CC_WEB_INC))
$(call host,cc-crm,apps/crm/src/main.c,-Iapps/crm/src $(CC_WEB_INC),crm sheet,-lcsv -lzip -lexpat)
