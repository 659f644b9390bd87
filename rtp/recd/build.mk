# SPDX-License-Identifier: GPL-2.0-or-later
# Recordings. ccrecd is everything without the daemon: the unit test links it alone.
RECD := rtp/recd
RECD_FLAGS := -I$(RECD) -Irtp/common -Iapps/framework/include $(BASE_FLAGS)
RECD_CORE := $(addprefix $(RECD)/,packet.c track.c output.c convert.c join.c spool.c)
RECD_SYS := -lpcap -lsndfile -lmp3lame -lspandsp -lm

$(call library,ccrecd,$(RECD_CORE),$(RECD_FLAGS))
$(call program,cc-recd,$(filter-out $(RECD_CORE),$(wildcard $(RECD)/*.c)),$(RECD_FLAGS) -I/usr/include/mariadb,\
	ccrecd ccrtp framework auth ccbase,$(RECD_SYS) -lmariadb -ljson-c -lsodium)
