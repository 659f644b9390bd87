/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "actions.h"
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "cc/jsonw.h"
#include "command.h"
#include "conf_db.h"
#include "conf_store.h"
#include "engine.h"
#include "procs.h"

#define CHECK_MS 2000 /* how often the generation in the database is looked at */
#define COMMAND_WAIT_MS 1000
#define POLL_MS 20
#define TIMEOUT_S 5 /* reloads have a process of their own: nobody else waits */
#define FILE_MAX (256 * 1024 * 1024)
#define ERROR_MAX 256

static const char empty_set[] = "{\"version\":1,\"generation\":0,\"tenants\":[]}";

/* In shared memory. */
struct store
{
	gen_lock_t lock;
	struct cc_confs *current;
	/* cc.reload: asked counts the requests, done the last one that was carried out */
	volatile uint32_t asked, done;
	volatile int result;
	volatile int64_t generation;
	char error[ERROR_MAX]; /* valid when done has been raised */
};

static struct store *store;
static char file_path[256];

static void *memory_alloc(size_t bytes)
{
	return shm_malloc(bytes);
}

static void memory_free(void *p)
{
	shm_free(p);
}

static const struct cc_conf_memory memory = {memory_alloc, memory_free};

struct cc_confs *cc_conf_store_get(void)
{
	struct cc_confs *c;

	lock_get(&store->lock);
	c = store->current;
	c->refs++;
	lock_release(&store->lock);
	return c;
}

void cc_conf_store_put(struct cc_confs *c)
{
	bool last;

	lock_get(&store->lock);
	last = --c->refs == 0;
	lock_release(&store->lock);
	if (last) {
		cc_conf_set_free(c->set, &memory);
		shm_free(c);
	}
}

void cc_conf_store_hold(const struct cc_conf *conf)
{
	cc_conf_ref(conf);
}

void cc_conf_store_drop(const struct cc_conf *conf)
{
	cc_conf_put(conf, &memory);
}

/* Builds the next set from the text and puts it in force. */
static int apply(const char *json, size_t len, char error[ERROR_MAX])
{
	struct cc_confs *next = shm_malloc(sizeof(*next)), *previous;
	int rc;

	if (!next)
		return CC_E_NOMEM;
	/* only the configuration process changes the set after the start: it cannot go away */
	previous = store->current;
	rc = cc_conf_build(
			&next->set, json, len, previous ? previous->set : NULL, &memory, error, ERROR_MAX);
	if (rc < 0) {
		shm_free(next);
		return rc;
	}
	next->refs = 1;
	lock_get(&store->lock);
	store->current = next;
	lock_release(&store->lock);
	store->generation = cc_conf_generation(next->set);
	if (previous)
		cc_conf_store_put(previous);
	return CC_OK;
}

static void tell_queues(void)
{
	const struct cc_queue_provider *queue = cc_actions_queue();
	struct cc_confs *c = cc_conf_store_get();

	if (queue)
		for (int32_t i = 0; i < cc_conf_tenant_count(c->set); i++)
			queue->configured(cc_conf_tenant_at(c->set, i));
	cc_conf_store_put(c);
}

/* ---- the local file ---- */

/* The whole file, which the caller frees; CC_E_NOENT. */
static int file_read(const char *path, char **text, size_t *len)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *t = NULL;
	int rc = CC_E_IO;

	if (!f)
		return errno == ENOENT ? CC_E_NOENT : CC_E_IO;
	if (fstat(fileno(f), &st) < 0)
		goto out;
	rc = CC_E_RANGE;
	if (st.st_size > FILE_MAX)
		goto out;
	rc = CC_E_NOMEM;
	t = malloc((size_t)st.st_size + 1);
	if (!t)
		goto out;
	rc = CC_E_IO;
	if (fread(t, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
		goto out;
	*text = t;
	*len = (size_t)st.st_size;
	t = NULL;
	rc = CC_OK;
out:
	free(t);
	fclose(f);
	return rc;
}

/* A reader sees the old file or the new one, also after a power failure. */
static int file_write(const char *path, const char *text, size_t len)
{
	char temporary[sizeof(file_path) + 8];
	FILE *f;
	int fd, rc = CC_E_IO;

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640); /* it has HA1s */
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return CC_E_IO;
	if (fwrite(text, 1, len, f) == len && fflush(f) == 0 && fsync(fileno(f)) == 0)
		rc = CC_OK;
	if (fclose(f) != 0 || (rc == CC_OK && rename(temporary, path) < 0))
		rc = CC_E_IO;
	if (rc < 0)
		unlink(temporary);
	return rc;
}

int cc_conf_store_init(const char *path)
{
	char error[ERROR_MAX] = "", *text = NULL;
	size_t len;
	int rc;

	if (snprintf(file_path, sizeof(file_path), "%s", path) >= (int)sizeof(file_path))
		return CC_E_RANGE;
	store = shm_malloc(sizeof(*store));
	if (!store)
		return CC_E_NOMEM;
	memset(store, 0, sizeof(*store));
	lock_init(&store->lock);
	rc = file_read(path, &text, &len);
	if (rc == CC_OK)
		rc = apply(text, len, error);
	free(text);
	if (rc < 0 && rc != CC_E_NOENT)
		LM_ERR("%s: %s %s\n", path, cc_err_name(rc), error);
	/* another version's, perhaps, or damaged: the database has a good one, calls wait for it */
	if (rc == CC_E_NOENT || rc == CC_E_INVAL || rc == CC_E_CORRUPT)
		rc = apply(empty_set, sizeof(empty_set) - 1, error);
	return rc;
}

void cc_conf_store_destroy(void)
{
	if (!store)
		return;
	if (store->current)
		cc_conf_store_put(store->current);
	shm_free(store);
	store = NULL;
}

/* ---- the process ---- */

static void journal_reload(int64_t generation, const char *error)
{
	char buf[512];
	struct cc_jsonw w;

	cc_jsonw_init(&w, buf, sizeof(buf));
	cc_jsonw_object(&w, NULL);
	cc_jsonw_int(&w, "generation", generation);
	cc_jsonw_str(&w, "error", error);
	cc_jsonw_close_object(&w);
	if (cc_jsonw_end(&w) > 0)
		cc_engine_journal(0, NULL, CC_EV_CONFIG_RELOAD, w.buf, w.len, NULL);
}

/* Reads the database and puts what it says in force, or keeps what there is. */
static int reload(struct cc_conf_db *db, int64_t *tried, char error[ERROR_MAX])
{
	int64_t generation;
	char *text;
	size_t len;
	int rc;

	rc = cc_conf_db_read(db, &text, &len, &generation, error, ERROR_MAX);
	if (rc < 0)
		return rc; /* no database: nothing was said, nothing is wrong */
	*tried = generation;
	rc = apply(text, len, error);
	if (rc == CC_OK) {
		tell_queues();
		cc_engine_reconfigure();
		if (file_write(file_path, text, len) < 0)
			LM_ERR("%s cannot be written: %s\n", file_path, strerror(errno));
		LM_NOTICE("configuration of generation %lld is in force\n", (long long)generation);
	} else {
		LM_ERR("configuration of generation %lld is refused: %s\n", (long long)generation, error);
	}
	journal_reload(generation, rc == CC_OK ? NULL : error);
	free(text);
	return rc;
}

void cc_conf_store_loop(const struct cc_settings *settings)
{
	struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	struct cc_conf_db *db = cc_conf_db_new(settings, TIMEOUT_S);
	int64_t check_due = 0, generation, tried = store->generation;
	char error[ERROR_MAX];

	if (!db)
		_exit(1);
	cc_engine_enter();
	tell_queues();
	cc_engine_leave();
	for (;;) {
		int64_t now = cc_clock_mono_ms();
		uint32_t asked = store->asked;
		bool command = asked != store->done, changed = false;

		cfg_update();
		if (!command && now >= check_due) {
			check_due = now + CHECK_MS;
			changed = cc_conf_db_generation(db, &generation) == CC_OK && generation != tried;
		}
		if (command || changed) {
			int rc;

			error[0] = '\0';
			cc_engine_enter();
			rc = reload(db, &tried, error);
			cc_engine_leave();
			if (command) {
				store->result = rc;
				memcpy(store->error, error, sizeof(error));
				__sync_synchronize();
				store->done = asked;
			}
		}
		nanosleep(&pause, NULL);
	}
}

void cc_conf_store_command(struct json_object *params, struct cc_command_reply *reply)
{
	struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	int64_t deadline = cc_clock_mono_ms() + COMMAND_WAIT_MS;
	uint32_t mine = __sync_add_and_fetch(&store->asked, 1);

	while ((int32_t)(store->done - mine) < 0) {
		if (cc_clock_mono_ms() >= deadline) {
			cc_command_fail(reply, CC_E_TIMEOUT, "reload_pending");
			return;
		}
		nanosleep(&pause, NULL);
	}
	if (store->result < 0) {
		cc_command_fail(reply, store->result,
				store->result == CC_E_INVAL ? "invalid_configuration" : "no_database");
		return;
	}
	reply->result = json_object_new_object();
	json_object_object_add(reply->result, "generation", json_object_new_int64(store->generation));
}
