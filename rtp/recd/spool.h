/* SPDX-License-Identifier: GPL-2.0-or-later
 * The spool that rtpengine 10.5 writes (recording-method=pcap): metadata/rtpengine-meta-*.txt
 * appears by rename when a recording is finished; its first line is the path of the capture in
 * pcaps/, and one line is the text that was given with "start recording". */
#ifndef CC_SPOOL_H
#define CC_SPOOL_H

#include <stdbool.h>
#include <stdint.h>
#include <limits.h>
#include "cc/ulid.h"

#define CC_SPOOL_NAME (NAME_MAX + 1)

struct cc_spool_item
{
	char meta[CC_SPOOL_NAME]; /* file in metadata/, of an orphan in tmp/ */
	char pcap[CC_SPOOL_NAME]; /* file in pcaps/ */
	int64_t tenant;
	struct cc_ulid call, leg;
	int segment;
	uint16_t port_first, port_last; /* cc-mixd's port is one of these */
	bool orphan;
	bool message;       /* only what the left side says counts */
	int64_t least_ms;   /* what is shorter is not kept */
	int64_t changed_ms; /* orphan: UTC of the last packet, about */
};

/* Reads the text of a metadata file; meta is not touched. CC_E_INVAL: not ours, or broken. */
int cc_spool_parse(struct cc_spool_item *item, const char *text);
/* The same from <spool>/metadata/<meta>. CC_E_NOENT: gone. */
int cc_spool_read(struct cc_spool_item *item, const char *spool, const char *meta);
/* The item of an orphan as far as its name tells: pcap, meta, leg. CC_E_INVAL: not a name of ours.
 */
int cc_spool_orphan(struct cc_spool_item *item, const char *pcap);
/* "<tenant>/<yyyy>/<mm>/<dd>/<call>-<segment>" */
void cc_spool_target(const struct cc_spool_item *item, char path[128]);
/* Capture first, then the metadata: a killed process finds the rest again. */
int cc_spool_remove(const struct cc_spool_item *item, const char *spool);
/* Moves both files to <spool>/<folder>, where nobody looks at them again but a person. item->pcap
 * may be "". */
int cc_spool_aside(const struct cc_spool_item *item, const char *spool, const char *folder);

#endif
