/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/err.h"
#include "cc/settings.h"
#include "suites.h"

static char file[96], error[256];

static int load(struct cc_settings **s, const char *text, char *const *env)
{
	FILE *f;

	snprintf(file, sizeof(file), "%s/test.conf", folder);
	f = fopen(file, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
	return cc_settings_load(s, file, env, error, sizeof(error));
}

static void defaults(void)
{
	struct cc_settings *s = NULL;
	char path[128], cwd[4096];

	CU_ASSERT_EQUAL_FATAL(cc_settings_load(&s, NULL, NULL, error, sizeof(error)), 0);
	CU_ASSERT_EQUAL(cc_settings_int(s, "CC_WEB_PORT"), 8080);
	CU_ASSERT_STRING_EQUAL(cc_settings_str(s, "CC_ADVERTISE"), "127.0.0.1");
	CU_ASSERT_EQUAL(cc_settings_int(s, "CC_MIX_MIN"), 16666);
	CU_ASSERT_EQUAL(cc_settings_int(s, "CC_RTPENGINE_MAX"), 16665);
	CU_ASSERT(cc_settings_bool(s, "CC_DEMO"));
	CU_ASSERT_PTR_NULL(cc_settings_str(s, "CC_NO_SUCH"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(cwd, sizeof(cwd)));
	strcat(cwd, "/run");
	CU_ASSERT_STRING_EQUAL(cc_settings_str(s, "CC_RUN"), cwd);
	CU_ASSERT_EQUAL(cc_settings_path(s, "sock/x", path, 5), CC_E_RANGE);
	for (size_t i = 0; cc_setting_at(i); i++)
		CU_ASSERT_PTR_NOT_NULL(cc_settings_str(s, cc_setting_at(i)->name));
	cc_settings_free(s);
}

static void port_base(void)
{
	char *const env[] = {
			(char *)"HOME=/", (char *)"CC_PORT_BASE=21000", (char *)"CC_SIP_PORT=5999", NULL};
	struct cc_settings *s = NULL;

	CU_ASSERT_EQUAL_FATAL(load(&s, "CC_WEB_PORT = 8081\nCC_SIP_PORT=5070\n", env), 0);
	CU_ASSERT_EQUAL(cc_settings_int(s, "CC_WEB_PORT"), 8081);      /* given in the file */
	CU_ASSERT_EQUAL(cc_settings_int(s, "CC_SIP_PORT"), 5999);      /* the environment wins */
	CU_ASSERT_EQUAL(cc_settings_int(s, "CC_WEB_TLS_PORT"), 21043); /* moved */
	CU_ASSERT_EQUAL(cc_settings_int(s, "CC_RTP_MIN"), 21200);
	CU_ASSERT_EQUAL(cc_settings_int(s, "CC_RTP_MAX"), 24999);
	CU_ASSERT_EQUAL(cc_settings_int(s, "CC_MIX_MIN") % 2, 0);
	CU_ASSERT_EQUAL(cc_settings_int(s, "CC_MIX_MIN"), 23734);
	cc_settings_free(s);
}

static void forms(void)
{
	struct cc_settings *s = NULL;
	char path[128];

	CU_ASSERT_EQUAL_FATAL(
			load(&s, "# comment\n\n  CC_RUN =  /srv/x y  \r\nCC_DEMO=Off\nCC_LISTEN=::1", NULL), 0);
	CU_ASSERT_STRING_EQUAL(cc_settings_str(s, "CC_RUN"), "/srv/x y");
	CU_ASSERT_STRING_EQUAL(cc_settings_str(s, "CC_DEMO"), "no");
	CU_ASSERT_STRING_EQUAL(cc_settings_str(s, "CC_ADVERTISE"), "::1");
	CU_ASSERT_EQUAL(cc_settings_path(s, "sock/live.sock", path, sizeof(path)), 23);
	CU_ASSERT_STRING_EQUAL(path, "/srv/x y/sock/live.sock");
	cc_settings_free(s);
}

/* What is written out resolved reads back the same, whatever the environment said. */
static void resolved(void)
{
	char *const env[] = {(char *)"CC_PORT_BASE=21000", (char *)"CC_RUN=elsewhere", NULL};
	struct cc_settings *a = NULL, *b = NULL;
	char text[4096] = "";

	CU_ASSERT_EQUAL_FATAL(load(&a, "", env), 0);
	for (size_t i = 0; cc_setting_at(i); i++) {
		const char *name = cc_setting_at(i)->name;

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s = %s\n", name,
				cc_settings_str(a, name));
	}
	CU_ASSERT_EQUAL_FATAL(load(&b, text, NULL), 0);
	for (size_t i = 0; cc_setting_at(i); i++)
		CU_ASSERT_STRING_EQUAL(cc_settings_str(a, cc_setting_at(i)->name),
				cc_settings_str(b, cc_setting_at(i)->name));
	cc_settings_free(a);
	cc_settings_free(b);
}

static void refused(void)
{
	static const struct
	{
		const char *text, *says;
	} bad[] = {
			{"CC_DEMO=yes\nCC_WEBPORT=1\n", "test.conf:2: unknown setting CC_WEBPORT"},
			{"CC_WEB_PORT 8080", "test.conf:1: no '='"},
			{"\nCC_WEB_PORT=http\n",
					"test.conf:2: CC_WEB_PORT must be a port (1 to 65535), not \"http\""},
			{"CC_WEB_PORT=0", "must be a port"},
			{"CC_WEB_PORT=65536", "must be a port"},
			{"CC_WEB_PORT=80 ;", "must be a port"},
			{"CC_WEB_PORT=", "must be a port"},
			{"CC_NODE=99999999999999999999", "must be a whole number"},
			{"CC_NODE=0", "CC_NODE must be 1 to 4095"},
			{"CC_LISTEN=localhost", "must be an IP address"},
			{"CC_DEMO=maybe", "must be yes or no"},
			{"CC_RUN=\xFF", "not UTF-8"},
			{"CC_RUN=a\tb", "control character"},
			{"CC_RUN=", "CC_RUN must not be empty"},
			{"CC_DEMO=yes\nCC_DEMO=no", "test.conf:2: CC_DEMO is set twice"},
			{"CC_RTP_MIN=20000\nCC_RTP_MAX=20010", "fewer than 60 media ports"},
			{"CC_RTP_MIN=65530\nCC_RTP_MAX=10", "fewer than 60 media ports"},
			{"CC_MIX_MIN=10001", "do not split"},
			{"CC_PORT_BASE=65000", "CC_PORT_BASE: CC_RTP_MAX must be a port"},
			{"CC_PORT_BASE=-5", "not a port"},
			{"=5", "unknown setting"},
	};
	struct cc_settings *s = NULL;
	static char line[9000];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(load(&s, bad[i].text, NULL), CC_E_INVAL);
		if (!strstr(error, bad[i].says))
			fprintf(stderr, "\n%s: %s\n", bad[i].text, error);
		CU_ASSERT_PTR_NOT_NULL(strstr(error, bad[i].says));
	}
	memset(line, 'x', sizeof(line) - 1);
	CU_ASSERT_EQUAL(load(&s, line, NULL), CC_E_INVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "too long"));
	CU_ASSERT_EQUAL(load(&s, "", (char *const[]){(char *)"CC_DEMO=what", NULL}), CC_E_INVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "environment: CC_DEMO"));
	CU_ASSERT_EQUAL(cc_settings_load(&s, "/no/such/file", NULL, error, sizeof(error)), CC_E_IO);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "/no/such/file: No such file"));
	CU_ASSERT_PTR_NULL(s);
}

CU_TestInfo settings_tests[] = {
		{"defaults", defaults},
		{"CC_PORT_BASE moves ports", port_base},
		{"forms of values", forms},
		{"a resolved file reads the same", resolved},
		{"bad settings name file and line", refused},
		CU_TEST_INFO_NULL,
};
