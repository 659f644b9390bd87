/* SPDX-License-Identifier: GPL-2.0-or-later
 * Switches plugins for the page of plugins, which may not make tables: by cc-admin, which may.
 * Parameters: {"action":"enable"|"disable"|"scan","plugin":name}. */
#include "job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <json-c/json.h>
#include "cc/err.h"
#include "cc/plugins.h"

static const char *member(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;
	return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : "";
}

/* What it says goes to text. */
static int run_admin(
		struct cc_job *job, const char *action, const char *name, char *text, size_t cap)
{
	char program[512], settings[512];
	size_t len = 0;
	ssize_t n;
	int fd[2], status = 0;
	pid_t child;

	snprintf(program, sizeof(program), "%s/bin/cc-admin",
			cc_settings_str(job->settings, "CC_PREFIX"));
	if (cc_settings_path(job->settings, "etc/tandem.conf", settings, sizeof(settings)) < 0)
		return CC_E_RANGE;
	if (pipe(fd) != 0)
		return CC_E_IO;
	child = fork();
	if (child == 0) {
		dup2(fd[1], STDOUT_FILENO);
		dup2(fd[1], STDERR_FILENO);
		close(fd[0]);
		execl(program, "cc-admin", "-c", settings, "plugin", action, *name ? name : NULL,
				(char *)NULL);
		_exit(127);
	}
	close(fd[1]);
	while (child > 0 && len < cap - 1 && (n = read(fd[0], text + len, cap - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fd[0]);
	if (child < 0)
		return CC_E_IO;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : CC_E_STATE;
}

static const char *last_line(char *text)
{
	char *end = text + strlen(text);

	while (end > text && end[-1] == '\n')
		*--end = '\0';
	return strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text;
}

int plugin_run(struct cc_job *job)
{
	struct json_object *o = json_tokener_parse(job->parameters);
	const char *action = o ? member(o, "action") : "", *name = o ? member(o, "plugin") : "";
	bool scan = strcmp(action, "scan") == 0;
	char text[CC_JOB_TEXT] = "";
	int err = CC_E_INVAL;

	if (job->tenant == CC_PLATFORM && (scan || cc_plugin_name_is_valid(name)) &&
			(scan || strcmp(action, "enable") == 0 || strcmp(action, "disable") == 0))
		err = run_admin(job, action, scan ? "" : name, text, sizeof(text));
	snprintf(err ? job->error : job->result, CC_JOB_TEXT, "%s", last_line(text));
	json_object_put(o);
	return err;
}
