/* SPDX-License-Identifier: GPL-2.0-or-later
 * Commands to the call engine over sock/cc.sock. */
#include "cli.h"
#include "probe.h"

#include <stdio.h>
#include <string.h>
#include <json-c/json.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/jsonw.h"
#include "cc/ulid.h"

#define TIMEOUT_MS 5000
#define REPLY_MAX (16 * 1024 * 1024)
#define REQUEST_MAX (64 * 1024)

int cli_engine_call(struct cli *cli, const char *method, const char *params, const char **result,
		const char **error)
{
	char *request = cc_alloc(cli->arena, REQUEST_MAX);
	const char *reply;
	struct json_object *root, *node, *message;
	struct cc_jsonw w;
	int len, err;

	cc_jsonw_init(&w, request, REQUEST_MAX - 1);
	cc_jsonw_object(&w, NULL);
	cc_jsonw_str(&w, "jsonrpc", "2.0");
	cc_jsonw_int(&w, "id", 1);
	cc_jsonw_str(&w, "method", method);
	cc_jsonw_raw(&w, "params", params, strlen(params));
	cc_jsonw_close_object(&w);
	len = cc_jsonw_end(&w);
	if (len < 0) {
		*error = "the request is longer than 64 KiB";
		return CLI_FAILED;
	}
	request[len] = '\n';
	err = probe(cli->arena,
			&(struct probe){.path = cli_path(cli, "sock/cc.sock"),
					.type = SOCK_STREAM,
					.request = request,
					.len = (size_t)len + 1,
					.until_line = true,
					.max = REPLY_MAX,
					.timeout_ms = TIMEOUT_MS},
			&reply);
	if (err) {
		*error = cc_sprintf(cli->arena, "the call engine does not answer: %s", probe_error(err));
		return CLI_FAILED;
	}
	root = json_tokener_parse(reply);
	if (root && json_object_object_get_ex(root, "error", &node)) {
		*error = json_object_object_get_ex(node, "message", &message)
						 ? cc_strdup(cli->arena, json_object_get_string(message))
						 : "refused";
		if (json_object_object_get_ex(node, "data", &message))
			*error = cc_sprintf(cli->arena, "%s %s", *error,
					json_object_to_json_string_ext(message, JSON_C_TO_STRING_PLAIN));
		err = CLI_FAILED;
	} else if (root && json_object_object_get_ex(root, "result", &node)) {
		*result = cc_strdup(cli->arena, json_object_to_json_string_ext(node,
												JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
														JSON_C_TO_STRING_NOSLASHESCAPE));
	} else {
		*error = "the call engine's answer is no JSON-RPC";
		err = CLI_FAILED;
	}
	json_object_put(root);
	return err;
}

static int call_and_print(struct cli *cli, const char *method, const char *params)
{
	const char *result, *error;

	if (cli_engine_call(cli, method, params, &result, &error))
		return cli_fail("%s: %s", method, error);
	puts(result);
	return CLI_OK;
}

int cmd_rpc(struct cli *cli, int argc, char **argv)
{
	const char *text = argc > 1 ? argv[1] : "{}", *params;
	struct json_object *root = json_tokener_parse(text);

	if (!json_object_is_type(root, json_type_object)) {
		json_object_put(root);
		return cli_fail("the parameters are no JSON object: %s", text);
	}
	params = cc_strdup(cli->arena, json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN));
	json_object_put(root);
	return call_and_print(cli, argv[0], params);
}

int cmd_mixd(struct cli *cli, int argc, char **argv)
{
	const char *request = cc_sprintf(cli->arena, "{\"seq\":1,\"cmds\":%s}", argv[0]), *reply;
	int err = probe(cli->arena,
			&(struct probe){.path = cli_path(cli, "sock/mixd.sock"),
					.type = SOCK_SEQPACKET,
					.request = request,
					.len = strlen(request),
					.max = REQUEST_MAX,
					.timeout_ms = TIMEOUT_MS},
			&reply);

	if (err)
		return cli_fail("the mixer does not answer: %s", probe_error(err));
	puts(reply);
	return CLI_OK;
}

int cmd_reload(struct cli *cli, int argc, char **argv)
{
	char params[160];
	struct cc_jsonw w;
	char request[CC_ULID_TEXT + 1];
	struct cc_ulid id = cc_ulid_new();

	cc_jsonw_init(&w, params, sizeof(params));
	cc_jsonw_object(&w, NULL);
	cc_jsonw_int(&w, "tenant", 1);
	cc_jsonw_str(&w, "actor", "system");
	cc_jsonw_str(&w, "request", cc_ulid_format(&id, request));
	cc_jsonw_close_object(&w);
	cc_jsonw_end(&w);
	return call_and_print(cli, "cc.reload", params);
}
