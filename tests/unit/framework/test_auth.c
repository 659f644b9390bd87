/* SPDX-License-Identifier: GPL-2.0-or-later
 * AUTH-01: secrets, tokens, passwords. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cc/auth.h"
#include "unit.h"

static char path[64];

static void write_text(const char *text)
{
	FILE *f = fopen(path, "w");
	if (!f)
		abort();
	fputs(text, f);
	fclose(f);
}

static void test_secret_file(void)
{
	struct cc_secret a, b;
	struct stat st;
	unlink(path);
	CU_ASSERT_EQUAL(cc_secret_load(&a, path), CC_E_IO);
	CU_ASSERT_EQUAL(cc_secret_create(path), 0);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0640);
	CU_ASSERT_EQUAL(cc_secret_create(path), CC_E_EXIST);
	CU_ASSERT_EQUAL(cc_secret_load(&a, path), 0);
	CU_ASSERT_EQUAL(cc_secret_load(&b, path), 0);
	CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof a), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(a.session, a.api_key, 32), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(a.session, a.csrf, 32), 0);

	static const char good[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	write_text(good);
	CU_ASSERT_EQUAL(cc_secret_load(&b, path), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(&a, &b, sizeof a), 0);
	write_text("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e\n");
	CU_ASSERT_EQUAL(cc_secret_load(&b, path), CC_E_CORRUPT);
	write_text("xx0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
	CU_ASSERT_EQUAL(cc_secret_load(&b, path), CC_E_CORRUPT);
	write_text("");
	CU_ASSERT_EQUAL(cc_secret_load(&b, path), CC_E_CORRUPT);
	write_text("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00\n");
	CU_ASSERT_EQUAL(cc_secret_load(&b, path), CC_E_CORRUPT);
	unlink(path);
}

static void test_hashes(void)
{
	struct cc_secret s;
	uint8_t a[CC_AUTH_HASH], b[CC_AUTH_HASH], salt[CC_AUTH_SALT] = {1};
	char t1[CC_AUTH_TOKEN + 1], t2[CC_AUTH_TOKEN + 1], c1[65], c2[65];
	unlink(path);
	CU_ASSERT_EQUAL_FATAL(cc_secret_create(path), 0);
	CU_ASSERT_EQUAL_FATAL(cc_secret_load(&s, path), 0);
	cc_auth_token_new(t1);
	cc_auth_token_new(t2);
	CU_ASSERT_EQUAL(strlen(t1), CC_AUTH_TOKEN);
	CU_ASSERT_EQUAL(strspn(t1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
			CC_AUTH_TOKEN);
	CU_ASSERT_STRING_NOT_EQUAL(t1, t2);
	cc_auth_session_hash(&s, t1, strlen(t1), a);
	cc_auth_session_hash(&s, t1, strlen(t1), b);
	CU_ASSERT_EQUAL(memcmp(a, b, sizeof a), 0);
	cc_auth_api_key_hash(&s, t1, strlen(t1), b);
	CU_ASSERT_NOT_EQUAL(memcmp(a, b, sizeof a), 0);
	cc_auth_csrf(&s, a, salt, c1);
	cc_auth_csrf(&s, a, salt, c2);
	CU_ASSERT_STRING_EQUAL(c1, c2);
	salt[0] = 2;
	cc_auth_csrf(&s, a, salt, c2);
	CU_ASSERT_STRING_NOT_EQUAL(c1, c2);
	CU_ASSERT(cc_auth_equal("abc", "abc"));
	CU_ASSERT_FALSE(cc_auth_equal("abc", "abd"));
	CU_ASSERT_FALSE(cc_auth_equal("abc", "ab"));
	CU_ASSERT_FALSE(cc_auth_equal("", "ab"));
	unlink(path);
}

static void test_passwords(void)
{
	char h[CC_AUTH_PASSWORD], h2[CC_AUTH_PASSWORD], longest[CC_AUTH_PASSWORD_MAX + 2];
	CU_ASSERT_EQUAL(cc_auth_password_hash("demo-801", h), 0);
	CU_ASSERT_EQUAL(cc_auth_password_hash("demo-801", h2), 0);
	CU_ASSERT_EQUAL(strncmp(h, "$argon2id$", 10), 0);
	CU_ASSERT_STRING_NOT_EQUAL(h, h2);
	CU_ASSERT(cc_auth_password_verify("demo-801", h));
	CU_ASSERT_FALSE(cc_auth_password_verify("demo-802", h));
	CU_ASSERT_FALSE(cc_auth_password_verify("", h));
	CU_ASSERT_FALSE(cc_auth_password_verify("demo-801", NULL));
	CU_ASSERT_FALSE(cc_auth_password_verify("demo-801", ""));
	CU_ASSERT_FALSE(cc_auth_password_verify("demo-801", "$argon2id$nonsense"));
	CU_ASSERT_EQUAL(cc_auth_password_hash("", h), CC_E_RANGE);
	memset(longest, 'x', sizeof longest);
	longest[CC_AUTH_PASSWORD_MAX + 1] = 0;
	CU_ASSERT_EQUAL(cc_auth_password_hash(longest, h), CC_E_RANGE);
	CU_ASSERT_FALSE(cc_auth_password_verify(longest, h));
	longest[CC_AUTH_PASSWORD_MAX] = 0;
	CU_ASSERT_EQUAL(cc_auth_password_hash(longest, h), 0);
	CU_ASSERT(cc_auth_password_verify(longest, h));
}

int main(void)
{
	snprintf(path, sizeof path, "/tmp/cc-unit-secret-%d", (int)getpid());
	static CU_TestInfo tests[] = {
			{"secret file", test_secret_file},
			{"hashes", test_hashes},
			{"passwords", test_passwords},
			CU_TEST_INFO_NULL,
	};
	return unit_run("auth", tests);
}
