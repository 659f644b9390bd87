/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <re.h>
#include <sndfile.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/utf8.h"
#include "clips.h"

#define FRESH_MS 5000                /* a file is looked at again when it is asked for after this */
#define WARN_MS 60000                /* one warning per file in this time */
#define FILE_MAX (64 * 60 * CC_RATE) /* samples of one file, about an hour */

struct file
{
	struct cc_clip clip; /* first: a clip is its file */
	struct le le;        /* by name, while it is what the name stands for */
	struct le all;
	char name[CC_CLIP_NAME];
	int16_t *pcm;
	struct timespec mtime;
	off_t size;
	int64_t used_ms, checked_ms;
	bool loading;
};

struct job
{
	struct job *next;
	struct file *file; /* not touched by the thread */
	char name[CC_CLIP_NAME];
	struct timespec mtime; /* of the version that is known */
	off_t size;
	bool known;

	int err; /* result; CC_E_EXIST: unchanged */
	const char *why;
	int16_t *pcm;
	uint32_t samples;
};

struct cc_clips
{
	char *folder;
	size_t limit, bytes;
	struct hash *names;
	struct list all;
	struct mqueue *done;
	cc_clips_warn_h *warnh;
	void *arg;
	char warned[CC_CLIP_NAME];
	int64_t warned_ms;

	pthread_t thread;
	bool started;
	pthread_mutex_t lock; /* held for a few instructions only */
	pthread_cond_t wake;
	struct job *first, **last;
	bool stop;
};

bool cc_clip_name_valid(const char *name)
{
	char before = '/';
	size_t n = 0;

	for (; name[n]; n++) {
		char c = name[n];
		if (n >= CC_CLIP_NAME - 1)
			return false;
		if (c == '/' ? before == '/'
					 : !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
		before = c;
	}
	return before != '/';
}

/* ---- the reading thread ---- */

static void read_sound(struct job *j, const char *path)
{
	SF_INFO info = {0};
	SNDFILE *f = sf_open(path, SFM_READ, &info);
	sf_count_t n;

	j->err = CC_E_INVAL;
	if (!f) {
		j->why = "is no sound file";
		return;
	}
	if (info.channels != 1 || info.samplerate != CC_RATE) {
		j->why = "is not mono with 8000 samples a second";
	} else if (info.frames < 0 || info.frames > FILE_MAX) {
		j->why = "is too long";
	} else if (!(j->pcm = malloc((size_t)info.frames * sizeof *j->pcm + 1))) {
		j->err = CC_E_NOMEM;
		j->why = "does not fit into memory";
	} else if ((n = sf_readf_short(f, j->pcm, info.frames)) <= 0) {
		free(j->pcm);
		j->pcm = NULL;
		j->why = "is empty";
	} else {
		j->samples = (uint32_t)n;
		j->err = 0;
	}
	sf_close(f);
}

static void read_file(const struct cc_clips *c, struct job *j)
{
	char path[4096];
	struct stat st;

	if (snprintf(path, sizeof path, "%s/%s.wav", c->folder, j->name) >= (int)sizeof path) {
		j->err = CC_E_RANGE;
		j->why = "has too long a path";
	} else if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
		j->err = CC_E_NOENT;
		j->why = "is not there";
	} else if (j->known && st.st_size == j->size && st.st_mtim.tv_sec == j->mtime.tv_sec &&
			   st.st_mtim.tv_nsec == j->mtime.tv_nsec) {
		j->err = CC_E_EXIST;
	} else {
		j->size = st.st_size;
		j->mtime = st.st_mtim;
		read_sound(j, path);
	}
}

static void *reader(void *arg)
{
	struct cc_clips *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		struct job *j = c->first;
		if (!j) {
			pthread_cond_wait(&c->wake, &c->lock);
			continue;
		}
		c->first = j->next;
		if (!c->first)
			c->last = &c->first;
		pthread_mutex_unlock(&c->lock);
		read_file(c, j);
		if (mqueue_push(c->done, 0, j) != 0) {
			free(j->pcm);
			free(j);
		}
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* ---- the media thread ---- */

static void file_free(struct cc_clips *c, struct file *f)
{
	hash_unlink(&f->le);
	list_unlink(&f->all);
	c->bytes -= f->clip.samples * sizeof *f->pcm;
	free(f->pcm);
	free(f);
}

/* Lets go what no name stands for, then the least used, until the limit holds. */
static void evict(struct cc_clips *c)
{
	for (;;) {
		struct file *oldest = NULL;
		for (struct le *le = c->all.head, *next; le; le = next) {
			struct file *f = le->data;
			next = le->next;
			if (f->clip.refs || f->loading)
				continue;
			if (!f->le.list)
				file_free(c, f);
			else if (!oldest || f->used_ms < oldest->used_ms)
				oldest = f;
		}
		if (c->bytes <= c->limit || !oldest)
			return;
		file_free(c, oldest);
	}
}

static bool by_name(struct le *le, void *arg)
{
	const struct file *f = le->data;

	return strcmp(f->name, arg) == 0;
}

static struct file *file_new(struct cc_clips *c, const char *name)
{
	struct file *f = calloc(1, sizeof *f);

	if (!f)
		return NULL;
	cc_utf8_copy(f->name, sizeof f->name, name);
	hash_append(c->names, hash_joaat_str(name), &f->le, f);
	list_append(&c->all, &f->all, f);
	return f;
}

static int load(struct cc_clips *c, struct file *f)
{
	struct job *j = calloc(1, sizeof *j);

	if (!j)
		return CC_E_NOMEM;
	j->file = f;
	cc_utf8_copy(j->name, sizeof j->name, f->name);
	j->known = f->clip.state == CC_CLIP_READY;
	j->mtime = f->mtime;
	j->size = f->size;
	f->loading = true;
	pthread_mutex_lock(&c->lock);
	*c->last = j;
	c->last = &j->next;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	return 0;
}

static void failed(struct cc_clips *c, const struct job *j)
{
	int64_t now = cc_clock_mono_ms();

	if (strcmp(c->warned, j->name) == 0 && now - c->warned_ms < WARN_MS)
		return;
	cc_utf8_copy(c->warned, sizeof c->warned, j->name);
	c->warned_ms = now;
	c->warnh(j->name, j->why, c->arg);
}

static void on_loaded(int id, void *data, void *arg)
{
	struct cc_clips *c = arg;
	struct job *j = data;
	struct file *f = j->file;

	f->loading = false;
	f->checked_ms = cc_clock_mono_ms();
	if (j->err == 0 && f->clip.state == CC_CLIP_READY) {
		/* a new version: what plays keeps the old one */
		struct file *fresh = file_new(c, f->name);
		if (!fresh) {
			free(j->pcm);
			goto out;
		}
		hash_unlink(&f->le);
		fresh->used_ms = f->used_ms;
		fresh->checked_ms = f->checked_ms;
		f = fresh;
	}
	if (j->err == 0) {
		f->pcm = j->pcm;
		f->clip.pcm = j->pcm;
		f->clip.samples = j->samples;
		f->clip.state = CC_CLIP_READY;
		f->mtime = j->mtime;
		f->size = j->size;
		c->bytes += j->samples * sizeof *f->pcm;
	} else if (j->err != CC_E_EXIST) {
		failed(c, j);
		if (f->clip.state == CC_CLIP_WAITING)
			f->clip.state = CC_CLIP_FAILED;
		hash_unlink(&f->le); /* the next one who asks tries again */
	}
out:
	free(j);
	evict(c);
}

int cc_clips_get(struct cc_clips *c, const char *name, struct cc_clip **clip)
{
	struct file *f;
	struct le *le;
	int64_t now = cc_clock_mono_ms();

	if (!cc_clip_name_valid(name))
		return CC_E_INVAL;
	le = hash_lookup(c->names, hash_joaat_str(name), by_name, (void *)name);
	f = le ? le->data : file_new(c, name);
	if (!f)
		return CC_E_NOMEM;
	if (!f->loading && (f->clip.state == CC_CLIP_WAITING || now - f->checked_ms > FRESH_MS) &&
			load(c, f) != 0 && f->clip.state == CC_CLIP_WAITING) {
		file_free(c, f);
		return CC_E_NOMEM;
	}
	f->used_ms = now;
	f->clip.refs++;
	*clip = &f->clip;
	return 0;
}

void cc_clips_usage(const struct cc_clips *c, size_t *bytes, unsigned *files)
{
	*bytes = c->bytes;
	*files = list_count(&c->all);
}

int cc_clips_new(
		struct cc_clips **out, const char *folder, size_t limit, cc_clips_warn_h *warnh, void *arg)
{
	struct cc_clips *c = calloc(1, sizeof *c);
	sigset_t all, old;
	int err = CC_E_NOMEM;

	if (!c)
		return CC_E_NOMEM;
	c->limit = limit;
	c->warnh = warnh;
	c->arg = arg;
	c->last = &c->first;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	c->folder = strdup(folder);
	if (!c->folder || hash_alloc(&c->names, 256) != 0 || mqueue_alloc(&c->done, on_loaded, c) != 0)
		goto out;
	/* signals are for the loop's thread */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	c->started = pthread_create(&c->thread, NULL, reader, c) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!c->started)
		goto out;
	*out = c;
	err = 0;
out:
	if (err)
		cc_clips_free(c);
	return err;
}

void cc_clips_free(struct cc_clips *c)
{
	if (!c)
		return;
	if (c->started) {
		pthread_mutex_lock(&c->lock);
		c->stop = true;
		pthread_cond_signal(&c->wake);
		pthread_mutex_unlock(&c->lock);
		pthread_join(c->thread, NULL);
	}
	for (struct job *j = c->first, *next; j; j = next) {
		next = j->next;
		free(j);
	}
	mem_deref(c->done);
	for (struct le *le = c->all.head, *next; le; le = next) {
		next = le->next;
		file_free(c, le->data);
	}
	mem_deref(c->names);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c->folder);
	free(c);
}
