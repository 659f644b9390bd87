/* SPDX-License-Identifier: GPL-2.0-or-later
 * Files that come with a form: streamed to a temporary file, known by their content, kept in
 * data/files/<tenant>/<id> with a row of the table file. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cc/multipart.h"
#include "cc/ulid.h"
#include "things.h"

#define BODY_MB 128
#define HEAD 512 /* bytes that tell the type */
#define PIECE 65536

/* One body being read. */
struct reading
{
	struct cc_request *rq;
	struct cc_upload *upload; /* the file at hand */
	int fd;
	char head[HEAD];
	size_t head_len;
};

static int folder_make(struct cc_request *rq, const char *below, char *path, size_t cap)
{
	int len = cc_settings_path(rq->settings, below, path, cap);
	if (len < 0)
		return len;
	return mkdir(path, 0750) && errno != EEXIST ? CC_E_IO : 0;
}

static int on_field(void *ctx, const char *name, const char *value, size_t len)
{
	struct reading *r = ctx;
	return cc_field_add(r->rq->arena, &r->rq->state->form, name, value, len);
}

static int on_begin(void *ctx, const char *name, const char *filename)
{
	struct reading *r = ctx;
	struct cc_web_state *st = r->rq->state;
	struct cc_arena *a = r->rq->arena;
	char folder[256], text[CC_ULID_TEXT + 1];
	struct cc_ulid id = cc_ulid_new();
	if (!*filename)
		return 0;
	int err = folder_make(r->rq, "data/upload", folder, sizeof folder);
	if (err)
		return err;
	struct cc_upload *u = cc_alloc(a, sizeof *u);
	u->name = cc_strdup(a, name);
	u->filename = cc_strdup(a, filename);
	u->path = cc_sprintf(a, "%s/%s", folder, cc_ulid_format(&id, text));
	r->fd = open(u->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (r->fd < 0)
		return CC_E_IO;
	u->next = st->uploads;
	st->uploads = r->upload = u;
	r->head_len = 0;
	return 0;
}

static int on_data(void *ctx, const char *data, size_t len)
{
	struct reading *r = ctx;
	size_t more = len < HEAD - r->head_len ? len : HEAD - r->head_len;
	memcpy(r->head + r->head_len, data, more);
	r->head_len += more;
	r->upload->size += (int64_t)len;
	while (len) {
		ssize_t n = write(r->fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return CC_E_IO;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int on_end(void *ctx)
{
	struct reading *r = ctx;
	int fd = r->fd;
	r->fd = -1;
	r->upload->type = cc_file_type(r->head, r->head_len);
	return close(fd) ? CC_E_IO : 0;
}

int cc_upload_read(struct cc_request *rq, const char *content_type, size_t want)
{
	struct cc_web_state *st = rq->state;
	struct reading r = {.rq = rq, .fd = -1};
	const struct cc_multipart_sink sink = {&r, on_field, on_begin, on_data, on_end};
	struct cc_multipart *m;
	if (want > (size_t)BODY_MB * 1024 * 1024) {
		cc_error(rq, 413, cc_fill(rq, cc_t(rq, "Files may have {n} MB at most."), "{n}", BODY_MB));
		return 1;
	}
	int err = cc_multipart_new(&m, rq->arena, content_type, &sink);
	char *piece = err ? NULL : cc_alloc(rq->arena, PIECE);
	while (!err && want) {
		long n = st->io->read(st->io->ctx, piece, want < PIECE ? want : PIECE);
		if (n <= 0)
			err = CC_E_INVAL;
		else
			err = cc_multipart_feed(m, piece, (size_t)n);
		want -= n > 0 ? (size_t)n : 0;
	}
	if (!err)
		err = cc_multipart_end(m);
	if (r.fd >= 0)
		close(r.fd);
	return err;
}

void cc_upload_forget(struct cc_request *rq)
{
	for (struct cc_upload *u = rq->state->uploads; u; u = u->next)
		if (!u->kept)
			unlink(u->path);
}

const struct cc_upload *cc_uploaded(const struct cc_request *rq, const char *name)
{
	for (const struct cc_upload *u = rq->state->uploads; u; u = u->next)
		if (!strcmp(u->name, name))
			return u;
	return NULL;
}

bool cc_resource_has_file(const struct cc_resource *r)
{
	if (r->vary) /* it may get one */
		return true;
	for (const struct cc_column *c = r->columns; c->name; c++)
		if (c->type == CC_COLUMN_FILE && (c->flags & CC_COLUMN_FORM))
			return true;
	return false;
}

/* ---- kept files ---- */

static int file_path(struct cc_request *rq, const char *id, char *path, size_t cap)
{
	char below[80];
	int err = folder_make(rq, "data/files", path, cap);
	snprintf(below, sizeof below, "data/files/%" PRId64, rq->user->tenant);
	if (!err)
		err = folder_make(rq, below, path, cap);
	snprintf(below, sizeof below, "data/files/%" PRId64 "/%" PRId64, rq->user->tenant,
			(int64_t)strtoll(id, NULL, 10));
	if (!err && cc_settings_path(rq->settings, below, path, cap) < 0)
		err = CC_E_RANGE;
	return err;
}

int cc_upload_keep(struct cc_request *rq, const struct cc_upload *upload, const char **id)
{
	struct cc_upload *u = (struct cc_upload *)upload;
	char path[512];
	int err = cc_db_exec(rq->db,
			"INSERT INTO file (tenant_id, name, type, size, created_by, created_at) "
			"VALUES ({tenant}, ?, ?, ?, ?, ?)",
			u->filename, u->type, u->size, rq->user->api ? (int64_t)0 : rq->user->id, rq->now_ms);
	if (err)
		return err;
	*id = cc_sprintf(rq->arena, "%" PRId64, cc_db_insert_id(rq->db));
	err = file_path(rq, *id, path, sizeof path);
	if (!err && rename(u->path, path))
		err = CC_E_IO;
	u->kept = !err;
	return err;
}

static int file_unlink(struct cc_request *rq, void *ctx)
{
	char path[512];
	if (!file_path(rq, ctx, path, sizeof path))
		unlink(path);
	return 0;
}

int cc_file_drop(struct cc_request *rq, const char *id)
{
	int err = cc_db_exec(rq->db, "DELETE FROM file WHERE tenant_id = {tenant} AND id = ?", id);
	if (!err) /* after the commit: an error would bring the row back, but not the file */
		cc_defer(rq, file_unlink, (void *)id, false);
	return err;
}

/* ---- download ---- */

/* The name in ASCII for those who know no other, and as it is (RFC 6266). */
static const char *disposition(struct cc_request *rq, bool inline_, const char *name)
{
	struct cc_buf b = cc_buf_new(rq->arena);
	cc_buf_str(&b, inline_ ? "inline; filename=\"" : "attachment; filename=\"");
	for (const char *p = name; *p; p++)
		cc_buf_add(&b,
				(unsigned char)*p < 0x20 || (unsigned char)*p > 0x7E || strchr("\"\\", *p) ? "_"
																						   : p,
				1);
	cc_buf_str(&b, "\"; filename*=UTF-8''");
	cc_buf_url(&b, name, strlen(name));
	return cc_buf_text(&b);
}

/* GET P/{id}/file/{column} */
int cc_resource_file(struct cc_request *rq)
{
	const struct cc_resource *r = rq->route->resource;
	int i = cc_column_find(r, cc_param(rq, "column"));
	struct cc_change *c = cc_change_begin(rq, r, CC_EDIT, cc_param(rq, "id"));
	struct cc_rows rows;
	if (i < 0 || r->columns[i].type != CC_COLUMN_FILE || !cc_column_seen(rq, r, &r->columns[i]))
		return CC_E_NOENT;
	int err = cc_change_load(c, false);
	if (!err && !c->values->before[i])
		err = CC_E_NOENT;
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT id, name, type FROM file WHERE tenant_id = {tenant} AND id = ?",
				c->values->before[i]);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (err)
		return err;
	/* only what a browser cannot run is shown in it, whatever its name says */
	const char *type = cc_row_str(&rows.row[0], 2);
	bool shown = !strncmp(type, "image/", 6) || !strncmp(type, "audio/", 6);
	cc_set_header(rq, "Content-Disposition", disposition(rq, shown, cc_row_str(&rows.row[0], 1)));
	cc_send_file(rq,
			cc_sprintf(rq->arena, "/_file/%" PRId64 "/%s", rq->user->tenant,
					cc_row_str(&rows.row[0], 0)),
			shown ? type : "application/octet-stream");
	return 0;
}
