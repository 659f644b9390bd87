/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the engine reads of SIP by itself: descriptions and header values of any bytes. */
#include <stdlib.h>
#include <string.h>

#include "header.h"
#include "sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_text value = {(const char *)data, size}, rest = value, one, method;
	enum cc_refresher refresher;
	struct cc_replaces replaces;
	struct cc_sdp_audio audio;
	uint32_t rseq, cseq;
	int32_t seconds;
	char own[512], key, *copy = malloc(size + 1);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	copy[size] = 1;
	for (int pt = -1; pt < 10; pt++)
		cc_sdp_prefer(copy, size, pt);
	if (copy[size] != 1)
		abort();
	free(copy);
	if (cc_sdp_parse(&audio, value.s, value.len) == 0) {
		if (memchr(audio.addr, '\0', sizeof(audio.addr)) == NULL || audio.pt > 127)
			abort();
		if (cc_sdp_mixer(own, sizeof(own), 1, 1, audio.port, audio.pt, false, audio.dtmf_pt,
					cc_sdp_answer(audio.direction)) > (int)sizeof(own))
			abort();
	}
	while (cc_list_next(&rest, &one))
		if (one.len == 0 || one.s < value.s || one.s + one.len > value.s + value.len)
			abort();
	if (cc_session_parse(&seconds, &refresher, value) == 0 && seconds < 0)
		abort();
	cc_rack_parse(&rseq, &cseq, &method, value);
	if (cc_replaces_parse(&replaces, value) == 0 &&
			(!replaces.call_id[0] || !replaces.to_tag[0] || !replaces.from_tag[0]))
		abort();
	if (cc_cancel_of(own, sizeof(own), value) > (int)sizeof(own))
		abort();
	key = cc_dtmf_key(value);
	if (key && !strchr("0123456789*#ABCD", key))
		abort();
	return 0;
}
