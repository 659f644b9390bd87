# SPDX-License-Identifier: GPL-2.0-or-later
# What cc-mixd and cc-recd share: RTP and its codecs.
$(call library,ccrtp,$(wildcard rtp/common/*.c),-Irtp/common)
