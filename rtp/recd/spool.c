/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cc/err.h"
#include "spool.h"

#define META_MAX 65536

/* A number of digits only, up to the mark, which is passed. */
static bool number(const char **s, char mark, int64_t max, int64_t *value)
{
	int64_t v = 0;
	const char *p = *s;

	while (*p >= '0' && *p <= '9' && v <= max)
		v = v * 10 + (*p++ - '0');
	if (p == *s || v > max || *p != mark)
		return false;
	*s = p + (mark != 0);
	*value = v;
	return true;
}

static bool ulid(const char **s, struct cc_ulid *id)
{
	const char *end = strchr(*s, '|');

	if (!end || end - *s != CC_ULID_TEXT || cc_ulid_parse(id, *s, CC_ULID_TEXT) != 0)
		return false;
	*s = end + 1;
	return true;
}

/* v1|<tenant id>|<call id>|<leg id>|<segment>|<cc-mixd port>, and of a message |<least ms> */
static bool ours(struct cc_spool_item *item, const char *s)
{
	int64_t segment, port;

	if (strncmp(s, "v1|", 3) != 0)
		return false;
	s += 3;
	if (!number(&s, '|', INT64_MAX / 20, &item->tenant) || !ulid(&s, &item->call) ||
			!ulid(&s, &item->leg) || !number(&s, '|', 1000000, &segment) ||
			!(number(&s, 0, 65535, &port) || number(&s, '|', 65535, &port)) || item->tenant == 0 ||
			port == 0)
		return false;
	item->message = s[-1] == '|';
	if (item->message && !number(&s, 0, 3600000, &item->least_ms))
		return false;
	item->segment = (int)segment;
	item->port_first = item->port_last = (uint16_t)port;
	return true;
}

int cc_spool_parse(struct cc_spool_item *item, const char *text)
{
	struct cc_spool_item it = {.pcap = ""};
	bool found = false;
	char line[1024];

	for (unsigned n = 0; *text; n++) {
		size_t len = strcspn(text, "\r\n");
		if (len < sizeof line) {
			memcpy(line, text, len);
			line[len] = 0;
			if (n == 0) {
				const char *slash = strrchr(line, '/'), *name = slash ? slash + 1 : line;
				size_t k = strlen(name);
				if (k > 5 && k < sizeof it.pcap && name[0] != '.' &&
						strcmp(name + k - 5, ".pcap") == 0)
					memcpy(it.pcap, name, k + 1);
			} else if (!found) {
				found = ours(&it, line);
			}
		}
		text += len;
		text += *text != 0;
	}
	if (!found || !it.pcap[0])
		return CC_E_INVAL;
	memcpy(it.meta, item->meta, sizeof it.meta);
	*item = it;
	return 0;
}

int cc_spool_read(struct cc_spool_item *item, const char *spool, const char *meta)
{
	char path[PATH_MAX], *text;
	int fd, err = CC_E_IO;
	ssize_t n;

	snprintf(path, sizeof path, "%s/metadata/%s", spool, meta);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? CC_E_NOENT : CC_E_IO;
	text = malloc(META_MAX);
	if (!text) {
		err = CC_E_NOMEM;
		goto out;
	}
	n = read(fd, text, META_MAX - 1);
	if (n < 0)
		goto out;
	text[n] = 0;
	snprintf(item->meta, sizeof item->meta, "%s", meta);
	item->pcap[0] = 0;
	err = cc_spool_parse(item, text);
out:
	free(text);
	close(fd);
	return err;
}

int cc_spool_orphan(struct cc_spool_item *item, const char *pcap)
{
	struct cc_spool_item it = {.orphan = true};
	size_t n = strlen(pcap);

	if (n < CC_ULID_TEXT + 6 || n >= sizeof it.pcap || pcap[CC_ULID_TEXT] != '-' ||
			strcmp(pcap + n - 5, ".pcap") != 0 || cc_ulid_parse(&it.leg, pcap, CC_ULID_TEXT) != 0)
		return CC_E_INVAL;
	memcpy(it.pcap, pcap, n + 1);
	snprintf(it.meta, sizeof it.meta, "rtpengine-meta-%.*s.tmp", (int)(n - 5 < 200 ? n - 5 : 200),
			pcap);
	*item = it;
	return 0;
}

void cc_spool_target(const struct cc_spool_item *item, char path[128])
{
	time_t t = (time_t)(cc_ulid_time(&item->call) / 1000);
	char call[CC_ULID_TEXT + 1];
	struct tm d;

	gmtime_r(&t, &d);
	snprintf(path, 128, "%lld/%04d/%02d/%02d/%s-%d", (long long)item->tenant, d.tm_year + 1900,
			d.tm_mon + 1, d.tm_mday, cc_ulid_format(&item->call, call), item->segment);
}

static const char *meta_folder(const struct cc_spool_item *item)
{
	return item->orphan ? "tmp" : "metadata";
}

int cc_spool_remove(const struct cc_spool_item *item, const char *spool)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/pcaps/%s", spool, item->pcap);
	if (unlink(path) != 0 && errno != ENOENT)
		return CC_E_IO;
	snprintf(path, sizeof path, "%s/%s/%s", spool, meta_folder(item), item->meta);
	return unlink(path) == 0 || errno == ENOENT ? 0 : CC_E_IO;
}

static bool move(const char *spool, const char *from, const char *folder, const char *name)
{
	char a[PATH_MAX], b[PATH_MAX];

	snprintf(a, sizeof a, "%s/%s/%s", spool, from, name);
	snprintf(b, sizeof b, "%s/%s/%s", spool, folder, name);
	return rename(a, b) == 0 || errno == ENOENT;
}

int cc_spool_aside(const struct cc_spool_item *item, const char *spool, const char *folder)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", spool, folder);
	mkdir(path, 0750);
	if (item->pcap[0] && !move(spool, "pcaps", folder, item->pcap))
		return CC_E_IO;
	if (!item->meta[0])
		return 0;
	return move(spool, meta_folder(item), folder, item->meta) ? 0 : CC_E_IO;
}
