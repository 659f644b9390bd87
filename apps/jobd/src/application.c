/* SPDX-License-Identifier: GPL-2.0-or-later
 * Jobs that pages ask for: "<component>.<name>" is done by the program of the application
 * (cc/jobs.h), which knows its lists and forms. It gets a part of the machine only. */
#include "job.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cc/err.h"

#define MEMORY ((rlim_t)1024 * 1024 * 1024)
#define FILE_SIZE ((rlim_t)2 * 1024 * 1024 * 1024)
#define NICE 10

/* The application admin is cc-admin-web, because cc-admin is the command line. */
static int program_path(const struct cc_job *job, char *path, size_t cap)
{
	static const char *const suffixes[] = {"-web", ""};
	size_t component = strcspn(job->kind, ".");

	if (!component || strspn(job->kind, "abcdefghijklmnopqrstuvwxyz") != component)
		return CC_E_NOENT;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		int len =
				snprintf(path, cap, "%s/bin/cc-%.*s%s", cc_settings_str(job->settings, "CC_PREFIX"),
						(int)component, job->kind, suffixes[i]);

		if (len > 0 && (size_t)len < cap && access(path, X_OK) == 0)
			return 0;
	}
	return CC_E_NOENT;
}

bool application_has(const struct cc_job *job)
{
	char path[512];

	return program_path(job, path, sizeof(path)) == 0;
}

static void limit(int what, rlim_t max)
{
	struct rlimit r = {max, max};

	setrlimit(what, &r);
}

__attribute__((noreturn)) static void execute(
		const struct cc_job *job, const char *program, int out)
{
	char settings[512], id[24];

	/* whoever ends this job's process ends its program too */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDOUT_FILENO);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, FILE_SIZE);
	limit(RLIMIT_CPU, APPLICATION_LIMIT_S);
#ifndef __SANITIZE_ADDRESS__ /* which needs terabytes of addresses */
	limit(RLIMIT_AS, MEMORY);
#endif
	if (nice(NICE) == -1) {
		/* it is as well without */
	}
	snprintf(id, sizeof(id), "%lld", (long long)job->id);
	if (cc_settings_path(job->settings, "etc/tandem.conf", settings, sizeof(settings)) >= 0)
		execl(program, program, "-c", settings, "-j", id, (char *)NULL);
	_exit(127);
}

int application_run(struct cc_job *job)
{
	char program[512], *text = job->result;
	size_t len = 0;
	ssize_t n;
	int fd[2], status = 0;
	pid_t child;

	if (program_path(job, program, sizeof(program)))
		return CC_E_NOENT;
	if (pipe(fd) != 0)
		return CC_E_IO;
	child = fork();
	if (child == 0) {
		close(fd[0]);
		execute(job, program, fd[1]);
	}
	close(fd[1]);
	while (child > 0 && len < CC_JOB_TEXT - 1 &&
			(n = read(fd[0], text + len, CC_JOB_TEXT - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fd[0]);
	if (child < 0)
		return CC_E_IO;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (len)
		memcpy(job->error, job->result, CC_JOB_TEXT);
	else if (WIFSIGNALED(status))
		snprintf(job->error, CC_JOB_TEXT, "its program ended (signal %d)", WTERMSIG(status));
	else
		snprintf(job->error, CC_JOB_TEXT, "its program ended (exit code %d)", WEXITSTATUS(status));
	job->result[0] = '\0';
	return CC_E_STATE;
}
