/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "join.h"
#include "recd.h"

bool cc_filing_ready(struct cc_recd *r)
{
	struct cc_rows rows;

	cc_arena_reset(r->arena);
	return cc_db_query(r->db, &rows, "SELECT 1{any}") == 0;
}

int cc_filing_identify(struct cc_recd *r, struct cc_spool_item *item)
{
	struct cc_bytes leg = {item->leg.b, sizeof item->leg.b}, call;
	char text[CC_ULID_TEXT + 1];
	struct cc_rows rows;
	int64_t tenant, segment;
	int err;

	cc_arena_reset(r->arena);
	/* through the tenants, for legs have no key without one */
	err = cc_db_query(r->db, &rows,
			"SELECT l.tenant_id, l.call_id FROM tenant t JOIN call_leg l ON l.tenant_id = t.id AND "
			"l.id = ?{any}",
			leg);
	if (err || rows.count != 1 || rows.row[0].len[1] != sizeof item->call.b)
		return err ? err : CC_E_NOENT;
	tenant = cc_row_int(&rows.row[0], 0, 0);
	call = (struct cc_bytes){rows.row[0].v[1], sizeof item->call.b};
	/* the last one that began before the capture ended */
	err = cc_db_query(r->db, &rows,
			"SELECT JSON_VALUE(fields, '$.segment') FROM event WHERE call_id = ? AND type = ? AND "
			"at <= ? AND "
			"JSON_VALUE(fields, '$.leg') = ? ORDER BY at DESC LIMIT 1{any}",
			call, CC_EV_REC_START, item->changed_ms,
			(const char *)cc_ulid_format(&item->leg, text));
	segment = !err && rows.count ? cc_row_int(&rows.row[0], 0, -1) : -1;
	if (err || segment < 0)
		return err ? err : CC_E_NOENT;
	err = cc_db_query(r->db, &rows,
			"SELECT COUNT(*), COALESCE(MAX(segment), 0) FROM recording WHERE tenant_id = ? AND "
			"call_id = ? AND segment >= "
			"?{any}",
			tenant, call, segment);
	if (err)
		return err;
	/* if its number was given to another recording since, it comes behind */
	if (cc_row_int(&rows.row[0], 0, 0) > 0)
		segment = cc_row_int(&rows.row[0], 1, 0) + 1;
	item->tenant = tenant;
	memcpy(item->call.b, call.p, sizeof item->call.b);
	item->segment = (int)segment;
	item->port_first = r->mix_min;
	item->port_last = r->mix_max;
	return 0;
}

/* Makes the folders above path. */
static int make_folders(char *path, size_t root)
{
	for (char *p = path + root + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = 0;
		if (mkdir(path, 0750) != 0 && errno != EEXIST) {
			*p = '/';
			return CC_E_IO;
		}
	}
	return 0;
}

static int digest(const char *path, uint8_t sha[crypto_hash_sha256_BYTES], int64_t *bytes)
{
	crypto_hash_sha256_state s;
	uint8_t block[65536];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return CC_E_IO;
	*bytes = 0;
	crypto_hash_sha256_init(&s);
	while ((n = read(fd, block, sizeof block)) > 0) {
		crypto_hash_sha256_update(&s, block, (size_t)n);
		*bytes += n;
	}
	crypto_hash_sha256_final(&s, sha);
	close(fd);
	return n == 0 ? 0 : CC_E_IO;
}

/* The names must be on the disk before the row says that they are. */
static int sync_folder(const char *file)
{
	char path[PATH_MAX];
	int fd, err;

	snprintf(path, sizeof path, "%s", file);
	*strrchr(path, '/') = 0;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return CC_E_IO;
	err = fsync(fd) == 0 ? 0 : CC_E_IO;
	close(fd);
	return err;
}

/* One recording on its way: names, and what is known of the files. */
struct filed
{
	char target[128];                            /* below the recordings, without extension */
	char name[PATH_MAX];                         /* with the folder */
	char wav[PATH_MAX + 16], mp3[PATH_MAX + 16]; /* while they are being written */
	uint8_t sha[2][crypto_hash_sha256_BYTES];
	int64_t bytes[2];
};

static int write_row(struct cc_recd *r, const struct cc_spool_item *item,
		const struct cc_recording *rec, const struct filed *f)
{
	int64_t started = rec->started_us ? rec->started_us / 1000 : cc_ulid_time(&item->call);
	struct cc_bytes call = {item->call.b, sizeof item->call.b},
					leg = {item->leg.b, sizeof item->leg.b};
	struct cc_bytes wav_sha = {f->sha[0], sizeof f->sha[0]},
					mp3_sha = {f->sha[1], sizeof f->sha[1]};

	cc_arena_reset(r->arena);
	cc_db_use(r->db, r->arena, &(struct cc_scope){.tenant = item->tenant, .agent = ""});
	return cc_db_exec(r->db,
			"INSERT INTO recording (tenant_id, call_id, segment, leg_id, started_at, duration_ms, "
			"volume, path, "
			"wav_bytes, mp3_bytes, wav_sha256, mp3_sha256, packets_left, packets_right, lost_left, "
			"lost_right, state, "
			"created_at) VALUES ({tenant}, ?, ?, ?, ?, ?, 'main', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
			"ON DUPLICATE KEY UPDATE leg_id = VALUES(leg_id), started_at = VALUES(started_at), "
			"duration_ms = VALUES(duration_ms), path = VALUES(path), wav_bytes = "
			"VALUES(wav_bytes), "
			"mp3_bytes = VALUES(mp3_bytes), wav_sha256 = VALUES(wav_sha256), mp3_sha256 = "
			"VALUES(mp3_sha256), "
			"packets_left = VALUES(packets_left), packets_right = VALUES(packets_right), "
			"lost_left = VALUES(lost_left), lost_right = VALUES(lost_right), state = VALUES(state)",
			call, item->segment, leg, started, rec->duration_ms, f->target, f->bytes[0],
			f->bytes[1], wav_sha, mp3_sha, rec->packets[0], rec->packets[1], rec->lost[0],
			rec->lost[1], cc_recording_state_name(rec->state), cc_clock_utc_ms());
}

static int filed_begin(struct filed *f, const struct cc_recd *r, const struct cc_spool_item *item)
{
	cc_spool_target(item, f->target);
	if (snprintf(f->name, sizeof f->name, "%s/%s", r->recordings, f->target) >= (int)sizeof f->name)
		return CC_E_INVAL;
	/* the same names at every attempt: what a killed process left is overwritten */
	snprintf(f->wav, sizeof f->wav, "%s.wav.part", f->name);
	snprintf(f->mp3, sizeof f->mp3, "%s.mp3.part", f->name);
	return make_folders(f->name, strlen(r->recordings));
}

/* Gives the finished files their names, for good. */
static int filed_end(struct filed *f)
{
	char wav[PATH_MAX + 8], mp3[PATH_MAX + 8];
	int err = digest(f->wav, f->sha[0], &f->bytes[0]);

	snprintf(wav, sizeof wav, "%s.wav", f->name);
	snprintf(mp3, sizeof mp3, "%s.mp3", f->name);
	if (!err)
		err = digest(f->mp3, f->sha[1], &f->bytes[1]);
	if (!err && (rename(f->wav, wav) != 0 || rename(f->mp3, mp3) != 0))
		err = CC_E_IO;
	return err ? err : sync_folder(f->name);
}

static void filed_drop(const struct filed *f)
{
	unlink(f->wav);
	unlink(f->mp3);
}

static enum cc_recording_state state_of(const char *name)
{
	enum cc_recording_state s = CC_RECORDING_OK;

	while (s < CC_RECORDING_DAMAGED && strcmp(cc_recording_state_name(s), name) != 0)
		s++;
	return s;
}

/* A call with more than one segment has the whole as number 0, made anew with each of them. */
static int join(struct cc_recd *r, const struct cc_spool_item *item)
{
	struct cc_spool_item whole = *item;
	struct cc_recording rec = {0};
	struct cc_join_part *part;
	struct cc_rows rows;
	struct filed f;
	int err;

	whole.segment = 0;
	cc_arena_reset(r->arena);
	cc_db_use(r->db, r->arena, &(struct cc_scope){.tenant = item->tenant, .agent = ""});
	err = cc_db_query(r->db, &rows,
			"SELECT path, started_at, state, packets_left, packets_right, lost_left, lost_right "
			"FROM recording WHERE tenant_id = {tenant} AND call_id = ? AND segment > 0 "
			"ORDER BY segment",
			((struct cc_bytes){item->call.b, sizeof item->call.b}));
	if (err || rows.count < 2)
		return err;
	part = cc_alloc(r->arena, rows.count * sizeof *part);
	for (size_t i = 0; i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		part[i] = (struct cc_join_part){
				.wav = cc_sprintf(r->arena, "%s/%s.wav", r->recordings, cc_row_str(row, 0)),
				.started_ms = cc_row_int(row, 1, 0),
				.state = state_of(cc_row_str(row, 2))};
		for (int side = 0; side < 2; side++) {
			rec.packets[side] += (uint32_t)cc_row_int(row, 3 + (size_t)side, 0);
			rec.lost[side] += (uint32_t)cc_row_int(row, 5 + (size_t)side, 0);
		}
	}
	err = filed_begin(&f, r, &whole);
	if (!err)
		err = cc_join(&rec, part, (unsigned)rows.count, f.wav, f.mp3, &r->stop);
	if (!err)
		err = filed_end(&f);
	if (err)
		filed_drop(&f);
	return err ? err : write_row(r, &whole, &rec, &f);
}

static bool too_short(const struct cc_spool_item *item, const struct cc_recording *rec)
{
	return item->message && rec->state != CC_RECORDING_DAMAGED && rec->duration_ms < item->least_ms;
}

static int removed(struct cc_recd *r, const struct cc_spool_item *item, char words[256])
{
	int err = cc_spool_remove(item, r->spool);

	if (err)
		snprintf(words, 256, "spool: %s", strerror(errno));
	return err;
}

int cc_filing_take(struct cc_recd *r, const struct cc_spool_item *item, char words[256])
{
	struct cc_recording rec = {0};
	char pcap[PATH_MAX];
	struct filed f;
	int err;

	if (snprintf(pcap, sizeof pcap, "%s/pcaps/%s", r->spool, item->pcap) >= (int)sizeof pcap) {
		snprintf(words, 256, "path too long");
		return CC_E_INVAL;
	}
	err = filed_begin(&f, r, item);
	if (!err)
		err = cc_convert(&rec, pcap, item->port_first, item->port_last, f.wav, f.mp3, &r->stop);
	if (!err && too_short(item, &rec)) {
		filed_drop(&f);
		return removed(r, item, words);
	}
	if (item->message && rec.state == CC_RECORDING_ONE_WAY && rec.packets[0])
		rec.state = CC_RECORDING_OK; /* nobody talks to who leaves one */
	if (!err)
		err = filed_end(&f);
	if (err) {
		snprintf(words, 256, "%s", err == CC_E_IO ? strerror(errno) : cc_err_name(err));
		filed_drop(&f);
		return err == CC_E_NOENT ? CC_E_INVAL : err;
	}
	err = write_row(r, item, &rec, &f);
	if (err) {
		snprintf(words, 256, "database: %s", cc_db_error(r->db));
		return err;
	}
	err = join(r, item);
	/* a segment that is away or too long is no reason to keep this one waiting */
	if (err == CC_E_CORRUPT || err == CC_E_RANGE) {
		snprintf(words, 256, "not joined: %s", cc_err_name(err));
		err = 0;
	}
	if (err) {
		snprintf(words, 256, "joining: %s", cc_err_name(err));
		return err;
	}
	if (rec.state != CC_RECORDING_DAMAGED)
		return removed(r, item, words);
	err = cc_spool_aside(item, r->spool, "damaged");
	if (err)
		snprintf(words, 256, "spool: %s", strerror(errno));
	return err;
}
