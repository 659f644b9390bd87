/* SPDX-License-Identifier: GPL-2.0-or-later
 * Sound over bad networks as a table: what docs/benchmarks.md shows. Deterministic. */
#include <stdio.h>
#include "network.h"

int main(void)
{
	static const struct
	{
		const char *name;
		struct network n;
	} row[] = {
			{"good", {.pt = CC_PT_PCMA, .hz = 1004}},
			{"5 % loss", {.pt = CC_PT_PCMA, .hz = 1004, .loss = 0.05}},
			{"20 ms jitter", {.pt = CC_PT_PCMA, .hz = 1004, .jitter_ms = 20}},
			{"60 ms jitter", {.pt = CC_PT_PCMA, .hz = 1004, .jitter_ms = 60}},
			{"200 ppm slow", {.pt = CC_PT_PCMA, .hz = 1004, .ppm = 200}},
			{"200 ppm fast", {.pt = CC_PT_PCMA, .hz = 1004, .ppm = -200}},
			{"all three",
					{.pt = CC_PT_PCMA, .hz = 1004, .loss = 0.05, .jitter_ms = 60, .ppm = 200}},
			{"all three, 440 Hz",
					{.pt = CC_PT_PCMA, .hz = 440, .loss = 0.05, .jitter_ms = 60, .ppm = 200}},
			{"all three, G.722",
					{.pt = CC_PT_G722, .hz = 1004, .loss = 0.05, .jitter_ms = 60, .ppm = 200}},
			{"10 % loss, 100 ms jitter",
					{.pt = CC_PT_PCMA, .hz = 1004, .loss = 0.1, .jitter_ms = 100, .ppm = 200}},
	};

	puts("| network | SNR dB | worst 1 % dB | gaps ms/min | delay ms | p99 | at the end | lost % | "
		 "late % | made up % | passed on % |");
	puts("|---|---|---|---|---|---|---|---|---|---|---|");
	for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
		struct network n = row[i].n;
		struct network_report r;
		n.seconds = 1800;
		n.seed = 1 + i;
		network_run(&n, &r);
		printf("| %s | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.2f | %.2f | %.2f | %.1f |\n",
				row[i].name, r.snr_db, r.snr_worst_db, r.gap_ms / (r.gap_ms + r.heard_ms) * 60000,
				r.delay_ms, r.delay_p99_ms, r.delay_end_ms, r.lost * 100, r.late * 100,
				r.concealed * 100, r.whole * 100);
	}
	return 0;
}
