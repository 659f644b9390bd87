/* SPDX-License-Identifier: GPL-2.0-or-later
 * A capture of rtpengine into a stereo WAV and MP3: left what the phone sent, right what cc-mixd
 * sent to it. Memory does not grow with the length. */
#ifndef CC_CONVERT_H
#define CC_CONVERT_H

#include <signal.h>
#include <stdint.h>

enum cc_recording_state
{
	CC_RECORDING_OK,
	CC_RECORDING_ONE_WAY, /* one side sent nothing, next to nothing, or no sound at all */
	CC_RECORDING_SILENT,  /* nothing can be heard */
	CC_RECORDING_DAMAGED, /* the capture is broken; what could be read is there */
};

struct cc_recording
{
	int64_t started_us; /* UTC of the first packet; 0 if there is none */
	int64_t duration_ms;
	uint32_t packets[2], lost[2]; /* left, right */
	enum cc_recording_state state;
};

/* As in the table `recording`. */
const char *cc_recording_state_name(enum cc_recording_state state);

/* Creates or overwrites wav and mp3 and brings them to the disk. mixer_port: cc-mixd's port of the
 * leg. Ends early with CC_E_STATE when *stop becomes true. CC_E_NOENT: no capture; CC_E_IO,
 * CC_E_NOMEM: try again later. A broken capture is no error. */
int cc_convert(struct cc_recording *r, const char *pcap, uint16_t first, uint16_t last,
		const char *wav, const char *mp3, const volatile sig_atomic_t *stop);

#endif
