# SPDX-License-Identifier: GPL-2.0-or-later
# What cc-mixd and cc-recd share.
$(call library,ccrtp,rtp/common/seq.c,-Irtp/common)
