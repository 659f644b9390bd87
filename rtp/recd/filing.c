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

struct filed
{
	uint8_t sha[crypto_hash_sha256_BYTES];
	int64_t bytes;
};

static int write_row(struct cc_recd *r, const struct cc_spool_item *item,
		const struct cc_recording *rec, const char *target, const struct filed *wav,
		const struct filed *mp3)
{
	int64_t started = rec->started_us ? rec->started_us / 1000 : cc_ulid_time(&item->call);
	struct cc_bytes call = {item->call.b, sizeof item->call.b},
					leg = {item->leg.b, sizeof item->leg.b};
	struct cc_bytes wav_sha = {wav->sha, sizeof wav->sha}, mp3_sha = {mp3->sha, sizeof mp3->sha};

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
			call, item->segment, leg, started, rec->duration_ms, target, wav->bytes, mp3->bytes,
			wav_sha, mp3_sha, rec->packets[0], rec->packets[1], rec->lost[0], rec->lost[1],
			cc_recording_state_name(rec->state), cc_clock_utc_ms());
}

int cc_filing_take(struct cc_recd *r, const struct cc_spool_item *item, char words[256])
{
	struct cc_recording rec = {0};
	struct filed wav, mp3;
	char target[128], pcap[PATH_MAX], name[PATH_MAX], wav_part[PATH_MAX + 16],
			mp3_part[PATH_MAX + 16], wav_path[PATH_MAX + 8], mp3_path[PATH_MAX + 8];
	int err;

	cc_spool_target(item, target);
	if (snprintf(name, sizeof name, "%s/%s", r->recordings, target) >= (int)sizeof name ||
			snprintf(pcap, sizeof pcap, "%s/pcaps/%s", r->spool, item->pcap) >= (int)sizeof pcap) {
		snprintf(words, 256, "path too long");
		return CC_E_INVAL;
	}
	snprintf(wav_path, sizeof wav_path, "%s.wav", name);
	snprintf(mp3_path, sizeof mp3_path, "%s.mp3", name);
	/* the same names at every attempt: what a killed process left is overwritten */
	snprintf(wav_part, sizeof wav_part, "%s.part", wav_path);
	snprintf(mp3_part, sizeof mp3_part, "%s.part", mp3_path);
	err = make_folders(name, strlen(r->recordings));
	if (!err)
		err = cc_convert(
				&rec, pcap, item->port_first, item->port_last, wav_part, mp3_part, &r->stop);
	if (!err)
		err = digest(wav_part, wav.sha, &wav.bytes);
	if (!err)
		err = digest(mp3_part, mp3.sha, &mp3.bytes);
	if (!err && (rename(wav_part, wav_path) != 0 || rename(mp3_part, mp3_path) != 0))
		err = CC_E_IO;
	if (!err)
		err = sync_folder(name);
	if (err) {
		snprintf(words, 256, "%s", err == CC_E_IO ? strerror(errno) : cc_err_name(err));
		unlink(wav_part);
		unlink(mp3_part);
		return err == CC_E_NOENT ? CC_E_INVAL : err;
	}
	err = write_row(r, item, &rec, target, &wav, &mp3);
	if (err) {
		snprintf(words, 256, "database: %s", cc_db_error(r->db));
		return err;
	}
	err = rec.state == CC_RECORDING_DAMAGED ? cc_spool_aside(item, r->spool, "damaged")
											: cc_spool_remove(item, r->spool);
	if (err)
		snprintf(words, 256, "spool: %s", strerror(errno));
	return err;
}
