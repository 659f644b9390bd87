/* SPDX-License-Identifier: GPL-2.0-or-later
 * SYS-07: what is loaded as a plugin and what is refused, and with which words. */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>
#include "cc/err.h"
#include "cc/plugins.h"
#include "cc/resource.h"

static char prefix[300], error[CC_PLUGIN_FAULT];
static struct cc_settings *settings;

/* The plugins of tests/plugins lie beside the program's folder. */
static int begin(void)
{
	char text[256];
	ssize_t n = readlink("/proc/self/exe", prefix, sizeof prefix - 20);
	if (n < 0)
		return 1;
	prefix[n] = '\0';
	strcpy(strstr(prefix, "/bin/"), "/tests");
	return cc_settings_load(&settings, NULL, NULL, text, sizeof text);
}

static int end(void)
{
	cc_settings_free(settings);
	return 0;
}

static int open_in(const char *folder, const char *name)
{
	struct cc_plugin_file *file = NULL;
	error[0] = '\0';
	int err = cc_plugin_open(&file, folder, name, error, sizeof error);
	CU_ASSERT((err == 0) == (file != NULL));
	cc_plugin_close(file);
	return err;
}

static void refused(const char *name, int err, const char *words)
{
	int got = open_in(prefix, name);
	if (got != err || !strstr(error, words))
		fprintf(stderr, "\n%s: %s: %s\n", name, cc_err_name(got), error);
	CU_ASSERT_EQUAL(got, err);
	CU_ASSERT(strstr(error, words) != NULL);
}

static void good(void)
{
	struct cc_plugin_file *file;
	CU_ASSERT_EQUAL_FATAL(cc_plugin_open(&file, prefix, "crash", error, sizeof error), 0);
	CU_ASSERT_STRING_EQUAL(file->plugin.name, "crash");
	CU_ASSERT(cc_plugin_is_for(&file->plugin, "eventd"));
	CU_ASSERT(!cc_plugin_is_for(&file->plugin, "desk"));
	CU_ASSERT(!file->started);
	CU_ASSERT_EQUAL(cc_plugin_start(file, settings, error, sizeof error), 0);
	CU_ASSERT(file->started);
	cc_plugin_close(file);
	CU_ASSERT_EQUAL(cc_plugin_try(prefix, "crash", settings, error, sizeof error), 0);
}

/* A plugin that was built when the manifest ended earlier. */
static void shorter(void)
{
	struct cc_plugin_file *file;
	CU_ASSERT_EQUAL_FATAL(cc_plugin_open(&file, prefix, "short", error, sizeof error), 0);
	CU_ASSERT_PTR_NOT_NULL(file->plugin.routes);
	CU_ASSERT_PTR_NULL(file->plugin.extensions);
	CU_ASSERT_PTR_NULL(file->plugin.events);
	CU_ASSERT(file->plugin.start == NULL);
	CU_ASSERT_EQUAL(cc_plugin_start(file, settings, error, sizeof error), 0);
	cc_plugin_close(file);
}

static void bad(void)
{
	refused("nothing", CC_E_NOENT, "No such file");
	refused("../x", CC_E_INVAL, "no name");
	refused("abi", CC_E_INVAL, "is of ABI 00000007");
	refused("tiny", CC_E_INVAL, "too short");
	refused("symbol", CC_E_INVAL, CC_PLUGIN_SYMBOL);
	refused("elsewhere", CC_E_INVAL, "a route that is not below /<host>/<name>");
	refused("leads", CC_E_INVAL,
			"a button for another list that does not lead to a page of its own");
	refused("lonely", CC_E_INVAL, "not below");
}

static void start(void)
{
	struct cc_plugin_file *file;
	CU_ASSERT_EQUAL_FATAL(cc_plugin_open(&file, prefix, "refuses", error, sizeof error), 0);
	CU_ASSERT_EQUAL(cc_plugin_start(file, settings, error, sizeof error), CC_E_INVAL);
	CU_ASSERT_STRING_EQUAL(error, "no licence");
	cc_plugin_close(file);
	/* a crash in there reaches nobody but the process of the trial */
	CU_ASSERT_EQUAL(cc_plugin_try(prefix, "starts", settings, error, sizeof error), CC_E_INVAL);
	CU_ASSERT(strstr(error, "crashes when it is loaded (Segmentation fault") != NULL);
}

/* Who could write the file could run code as the platform. */
static void trust(void)
{
	char folder[64], command[700], path[200];
	CU_ASSERT_PTR_NOT_NULL_FATAL(unit_folder(folder));
	snprintf(command, sizeof command, "mkdir %s/plugins && cp -r %s/plugins/crash %s/plugins",
			folder, prefix, folder);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	snprintf(path, sizeof path, "%s/plugins/crash/crash.so", folder);
	CU_ASSERT_EQUAL(open_in(folder, "crash"), 0);
	chmod(path, 0775);
	CU_ASSERT_EQUAL(open_in(folder, "crash"), CC_E_DENIED);
	CU_ASSERT(strstr(error, "can be written by others (mode 775)") != NULL);
	chmod(path, 0755);
	if (!geteuid()) {
		CU_ASSERT_EQUAL(chown(path, 65534, 0), 0);
		CU_ASSERT_EQUAL(open_in(folder, "crash"), CC_E_DENIED);
		CU_ASSERT(strstr(error, "does not belong to root") != NULL);
		CU_ASSERT_EQUAL(chown(path, 0, 0), 0);
	}
	path[strlen(path) - strlen("/crash.so")] = '\0';
	chmod(path, 0757);
	CU_ASSERT_EQUAL(open_in(folder, "crash"), CC_E_DENIED);
	chmod(path, 0755);
	snprintf(command, sizeof command,
			"cd %s/plugins && mv crash/crash.so real.so && ln -s ../real.so crash/crash.so",
			folder);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	CU_ASSERT_EQUAL(open_in(folder, "crash"), CC_E_DENIED);
	CU_ASSERT(strstr(error, "no plain file") != NULL);
	/* not a library at all */
	snprintf(command, sizeof command, "cd %s/plugins/crash && rm crash.so && echo x >crash.so",
			folder);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	CU_ASSERT_EQUAL(open_in(folder, "crash"), CC_E_INVAL);
	CU_ASSERT(strstr(error, "cannot be loaded") != NULL);
	unit_remove(folder);
}

static void versions(void)
{
	CU_ASSERT_EQUAL(cc_version_compare("1.10", "1.9"), 1);
	CU_ASSERT_EQUAL(cc_version_compare("1.0", "1"), 0);
	CU_ASSERT_EQUAL(cc_version_compare("0.1", "1.0"), -1);
	CU_ASSERT_EQUAL(cc_version_compare("2", ""), 1);
	CU_ASSERT(cc_plugin_name_is_valid("area_2"));
	CU_ASSERT(!cc_plugin_name_is_valid(""));
	CU_ASSERT(!cc_plugin_name_is_valid("2area"));
	CU_ASSERT(!cc_plugin_name_is_valid("Area"));
	CU_ASSERT(!cc_plugin_name_is_valid("a23456789012345678901234567890123"));
}

static void options(void)
{
	static const char *const choices[] = {"a", "b", NULL};
	CU_ASSERT_PTR_NULL(cc_option_refuses(CC_OPTION_TEXT, 0, 3, NULL, "好好好"));
	CU_ASSERT_PTR_NOT_NULL(cc_option_refuses(CC_OPTION_TEXT, 0, 3, NULL, "好好好好"));
	CU_ASSERT_PTR_NOT_NULL(cc_option_refuses(CC_OPTION_TEXT, 1, 3, NULL, ""));
	CU_ASSERT_PTR_NOT_NULL(cc_option_refuses(CC_OPTION_TEXT, 0, 9, NULL, "\xff"));
	CU_ASSERT_PTR_NULL(cc_option_refuses(CC_OPTION_INT, -5, 5, NULL, "-5"));
	CU_ASSERT_PTR_NOT_NULL(cc_option_refuses(CC_OPTION_INT, -5, 5, NULL, "6"));
	CU_ASSERT_PTR_NOT_NULL(cc_option_refuses(CC_OPTION_INT, 0, 5, NULL, ""));
	CU_ASSERT_PTR_NOT_NULL(cc_option_refuses(CC_OPTION_INT, 0, 5, NULL, " 1"));
	CU_ASSERT_PTR_NOT_NULL(
			cc_option_refuses(CC_OPTION_INT, 0, INT64_MAX, NULL, "99999999999999999999"));
	CU_ASSERT_PTR_NULL(cc_option_refuses(CC_OPTION_BOOL, 0, 0, NULL, "1"));
	CU_ASSERT_PTR_NOT_NULL(cc_option_refuses(CC_OPTION_BOOL, 0, 0, NULL, "yes"));
	CU_ASSERT_PTR_NULL(cc_option_refuses(CC_OPTION_CHOICE, 0, 0, choices, "b"));
	CU_ASSERT_PTR_NOT_NULL(cc_option_refuses(CC_OPTION_CHOICE, 0, 0, choices, "c"));
}

static void at_work(void)
{
	struct cc_work work = {.plugin = "x"};
	cc_work_use(&work);
	cc_work_on("GET /a");
	const char *before = cc_work_enter("area");
	CU_ASSERT_PTR_NULL(before);
	CU_ASSERT_STRING_EQUAL(work.plugin, "area");
	const char *outer = cc_work_enter("skeleton");
	CU_ASSERT_STRING_EQUAL(work.plugin, "skeleton");
	cc_work_enter(outer);
	CU_ASSERT_STRING_EQUAL(work.plugin, "area");
	CU_ASSERT(alarm(CC_WORK_SECONDS) > 0); /* it was set: a plugin does not work for ever */
	cc_work_enter(before);
	CU_ASSERT_STRING_EQUAL(work.plugin, "");
	CU_ASSERT_STRING_EQUAL(work.what, "GET /a");
	CU_ASSERT_EQUAL(alarm(0), 0);
}

int main(void)
{
	static CU_TestInfo tests[] = {{"a good plugin", good}, {"a shorter manifest", shorter},
			{"bad plugins are named", bad}, {"start", start}, {"owner and permissions", trust},
			{"versions and names", versions}, {"options", options}, {"note of work", at_work},
			CU_TEST_INFO_NULL};
	static CU_SuiteInfo suites[] = {{"plugin", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
	return unit_run(suites);
}
