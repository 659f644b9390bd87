/* SPDX-License-Identifier: GPL-2.0-or-later
 * Makes the secret of a test stack and prints SQL with what needs it: users' passwords and API
 * keys. test-web-seed SECRET-FILE  <  lines "user TENANT-ID USER-ID PASSWORD" and "key TENANT-ID
 * KEY-ID KEY" */
#include <stdio.h>
#include <string.h>
#include "cc/auth.h"

int main(int argc, char **argv)
{
	struct cc_secret secret;
	char kind[8], text[200], hash[CC_AUTH_PASSWORD];
	uint8_t key[CC_AUTH_HASH];
	long tenant, id;
	if (argc != 2)
		return 2;
	int err = cc_secret_create(argv[1]);
	if ((err && err != CC_E_EXIST) || cc_secret_load(&secret, argv[1]))
		return 1;
	while (scanf("%7s %ld %ld %199s", kind, &tenant, &id, text) == 4) {
		if (!strcmp(kind, "user")) {
			if (cc_auth_password_hash(text, hash))
				return 1;
			printf("UPDATE user SET password_hash = '%s' WHERE tenant_id = %ld AND id = %ld;\n",
					hash, tenant, id);
			continue;
		}
		cc_auth_api_key_hash(&secret, text, strlen(text), key);
		printf("UPDATE api_key SET key_hash = X'");
		for (size_t i = 0; i < sizeof key; i++)
			printf("%02X", key[i]);
		printf("' WHERE tenant_id = %ld AND id = %ld;\n", tenant, id);
	}
	return 0;
}
