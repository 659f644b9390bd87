/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/dprint.h"

#include "cc/clock.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "conf_store.h"
#include "engine.h"
#include "mixer.h"
#include "ng.h"
#include "saved.h"

#define MAGIC 0x314C4143434343ULL /* "CCCCAL1" */
#define PAGE 4096

struct header
{
	uint64_t magic;
	uint32_t record_bytes, count;
};

static int map(struct cc_saved **saved, const char *path, int32_t count)
{
	size_t bytes = PAGE + (size_t)count * sizeof(struct cc_saved);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640), rc = CC_E_IO;
	struct header *header;
	struct stat st;
	void *p;

	if (fd < 0)
		return CC_E_IO;
	if (fstat(fd, &st) < 0)
		goto out;
	rc = CC_E_CORRUPT;
	if (st.st_size != 0 && (size_t)st.st_size != bytes)
		goto out;
	rc = CC_E_IO;
	if (ftruncate(fd, (off_t)bytes) < 0)
		goto out;
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		goto out;
	header = p;
	if (st.st_size == 0)
		*header = (struct header){MAGIC, sizeof(struct cc_saved), (uint32_t)count};
	rc = header->magic == MAGIC && header->record_bytes == sizeof(struct cc_saved) &&
						 header->count == (uint32_t)count
				 ? CC_OK
				 : CC_E_CORRUPT;
	if (rc == CC_OK)
		*saved = (struct cc_saved *)((char *)p + PAGE);
	else
		munmap(p, bytes);
out:
	close(fd);
	return rc;
}

int cc_saved_open(struct cc_saved **saved, const char *path, int32_t count)
{
	char aside[300];
	int rc = map(saved, path, count);

	if (rc != CC_E_CORRUPT)
		return rc;
	snprintf(aside, sizeof(aside), "%s.%lld", path, (long long)cc_clock_utc_ms());
	LM_WARN("%s has another layout; it is kept as %s\n", path, aside);
	return rename(path, aside) < 0 ? CC_E_IO : map(saved, path, count);
}

static void journal(struct cc_saved *s, const struct cc_call_actions *actions)
{
	for (int i = 0; i < actions->count; i++) {
		const struct cc_call_action *a = &actions->a[i];
		struct cc_record r = {.time_ms = cc_clock_utc_ms(),
				.type = a->event,
				.version = 1,
				.tenant = s->core.tenant,
				.call = s->core.id,
				.call_seq = ++s->journal_seq,
				.fields = actions->text + a->text_off,
				.fields_len = (uint32_t)a->text_len};

		if (a->kind == CC_ACT_JOURNAL && cc_ring_put(cc_engine_ring, &r) < 0)
			LM_ERR("the end of a lost call could not be written\n");
		else if (a->kind != CC_ACT_JOURNAL)
			s->journal_seq--;
	}
}

/* rtpengine and cc-mixd still have the legs: their ports are free for new calls before the first
 * one comes. The phones hear nothing any more; their BYE is answered with 481. */
static void media_end(const struct cc_call *c)
{
	char id[CC_ULID_TEXT + 1];

	for (int i = 0; i < CC_CALL_LEGS; i++) {
		if (c->legs[i].state == CC_LEG_FREE)
			continue;
		cc_ulid_format(&c->legs[i].id, id);
		cc_mixer_drop(id, UINT32_MAX);
		if (cc_ng_delete(id) < 0)
			LM_WARN("leg %s: rtpengine keeps the media of a lost call\n", id);
	}
	if (cc_mixer_flush() < 0)
		LM_WARN("cc-mixd keeps the media of a lost call: %s\n", cc_mixer_error());
}

void cc_saved_finish(struct cc_saved *saved, int32_t count)
{
	static struct cc_call_actions actions;
	struct cc_confs *confs = cc_conf_store_get();
	struct cc_call_input in = {
			.kind = CC_IN_HANGUP, .now_ms = cc_clock_utc_ms(), .text = "restart"};
	int lost = 0, unknown = 0;

	for (int32_t i = 0; i < count; i++) {
		struct cc_saved *s = &saved[i];
		const struct cc_conf *conf;

		if (!s->used)
			continue;
		s->used = false; /* before anything is done with it: a broken one is met once */
		media_end(&s->core);
		conf = cc_conf_by_id(confs->set, s->core.tenant);
		if (!conf || conf->hash != s->conf_hash) {
			unknown++;
			continue;
		}
		s->core.conf = conf;
		cc_call_step(&s->core, &in, &actions);
		journal(s, &actions);
		lost++;
	}
	cc_conf_store_put(confs);
	if (lost || unknown)
		LM_WARN("%d calls were lost with the engine before; of %d more the configuration is gone\n",
				lost, unknown);
}
