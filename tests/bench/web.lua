-- SPDX-License-Identifier: GPL-2.0-or-later
-- wrk prints its latencies in a form that a program can read.
done = function(summary, latency, requests)
	io.write(string.format("latencies %.3f %.3f %.3f\n", latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
