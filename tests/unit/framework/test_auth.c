/* SPDX-License-Identifier: GPL-2.0-or-later
 * AUTH-01, AUTH-03, AUTH-04: secrets, tokens, passwords, addresses. */
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

static void test_addresses(void)
{
	char list[256];
	CU_ASSERT_EQUAL(cc_auth_addresses("", list, sizeof list), 0);
	CU_ASSERT_STRING_EQUAL(list, "");
	CU_ASSERT_EQUAL(
			cc_auth_addresses(" 192.0.2.7 ,10.1.2.3/8\r\n2001:DB8:0:0::1/32;", list, sizeof list),
			0);
	CU_ASSERT_STRING_EQUAL(list, "192.0.2.7\n10.0.0.0/8\n2001:db8::/32\n");
	static const char *const wrong[] = {"localhost", "1.2.3", "1.2.3.4.5", "1.2.3.4/33", "1.2.3.4/",
			"1.2.3.4/a", "1.2.3.4/-1", "1.2.3.4/08888", "::1/129", "/8", "1.2.3.4 x", "256.1.1.1",
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		CU_ASSERT_EQUAL(cc_auth_addresses(wrong[i], list, sizeof list), CC_E_INVAL);
	CU_ASSERT_EQUAL(cc_auth_addresses("192.0.2.7 192.0.2.8", list, 12), CC_E_RANGE);
	static const struct
	{
		const char *list, *address;
		bool allowed;
	} cases[] = {
			{"", "192.0.2.7", true},
			{" \n", "::1", true},
			{"192.0.2.7", "192.0.2.7", true},
			{"192.0.2.7", "192.0.2.8", false},
			{"192.0.2.7", "::ffff:192.0.2.7", true},
			{"10.0.0.0/8\n192.0.2.0/25", "192.0.2.127", true},
			{"10.0.0.0/8\n192.0.2.0/25", "192.0.2.128", false},
			{"192.0.2.128/31", "192.0.2.129", true},
			{"192.0.2.128/31", "192.0.2.130", false},
			{"0.0.0.0/0", "203.0.113.9", true},
			{"0.0.0.0/0", "2001:db8::1", false},
			{"::/0", "2001:db8::1", true},
			{"2001:db8::/33", "2001:db8:7fff::1", true},
			{"2001:db8::/33", "2001:db8:8000::1", false},
			{"192.0.2.7", "", false},
			{"192.0.2.7", "unix:", false},
			{"192.0.2.0/24", "192.0.2.0/24", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CU_ASSERT_EQUAL(cc_auth_address_allowed(cases[i].list, cases[i].address), cases[i].allowed);
}

static void test_policy(void)
{
	static const struct
	{
		const char *password;
		int length, kinds;
		enum cc_password_fault fault;
	} cases[] = {
			{"Tr0ub4dor", 8, 3, CC_PASSWORD_GOOD},
			{"Tr0ub4d", 8, 3, CC_PASSWORD_SHORT},
			{"troubador", 8, 2, CC_PASSWORD_KINDS},
			{"troubad0r", 8, 2, CC_PASSWORD_GOOD},
			{"密码密码密码密1", 8, 2, CC_PASSWORD_GOOD},
			{"密码密码1", 8, 2, CC_PASSWORD_SHORT},
			{"zhang-801", 8, 2, CC_PASSWORD_GOOD},
			{"x801x", 4, 2, CC_PASSWORD_GOOD},
			{"801-1", 4, 2, CC_PASSWORD_GOOD},
			{"a801", 4, 2, CC_PASSWORD_NAME},
			{"Password1", 8, 2, CC_PASSWORD_COMMON},
			{"12345678", 8, 1, CC_PASSWORD_COMMON},
			{"hgfedcba", 8, 1, CC_PASSWORD_COMMON},
			{"aaaaaaaa", 8, 1, CC_PASSWORD_COMMON},
			{"qwerty123", 8, 2, CC_PASSWORD_COMMON},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CU_ASSERT_EQUAL(
				cc_auth_password_fault(cases[i].password, "801", cases[i].length, cases[i].kinds),
				cases[i].fault);
	char longest[CC_AUTH_PASSWORD_MAX + 2];
	memset(longest, 'x', sizeof longest);
	longest[CC_AUTH_PASSWORD_MAX + 1] = 0;
	CU_ASSERT_EQUAL(cc_auth_password_fault(longest, "801", 8, 1), CC_PASSWORD_LONG);
	char a[CC_AUTH_ISSUED + 1], b[CC_AUTH_ISSUED + 1];
	for (int i = 0; i < 100; i++) {
		cc_auth_password_new(a);
		cc_auth_password_new(b);
		CU_ASSERT_STRING_NOT_EQUAL(a, b);
		CU_ASSERT_EQUAL(cc_auth_password_fault(a, "801", CC_AUTH_ISSUED, 3), CC_PASSWORD_GOOD);
	}
}

int main(void)
{
	snprintf(path, sizeof path, "/tmp/cc-unit-secret-%d", (int)getpid());
	static CU_TestInfo tests[] = {
			{"secret file", test_secret_file},
			{"hashes", test_hashes},
			{"passwords", test_passwords},
			{"addresses", test_addresses},
			{"password policy", test_policy},
			CU_TEST_INFO_NULL,
	};
	return unit_run("auth", tests);
}
