/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cc/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sodium.h>

/* Cost of a password: 2 passes over 19 MiB, the lower bound that OWASP recommends for argon2id. */
#define PASSWORD_OPS 2
#define PASSWORD_BYTES (19 * 1024 * 1024)

#define SECRET_BYTES 32
#define SECRET_TEXT (2 * SECRET_BYTES)

_Static_assert(CC_AUTH_PASSWORD == crypto_pwhash_STRBYTES, "password_hash column");

static int read_file(const char *path, char *buf, size_t cap, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return CC_E_IO;
	ssize_t n = read(fd, buf, cap);
	int saved = errno;
	close(fd);
	errno = saved;
	if (n < 0)
		return CC_E_IO;
	*len = (size_t)n;
	return 0;
}

static void derive(const uint8_t *key, const char *purpose, uint8_t out[32])
{
	crypto_generichash(out, 32, (const uint8_t *)purpose, strlen(purpose), key, SECRET_BYTES);
}

int cc_secret_load(struct cc_secret *secret, const char *path)
{
	if (sodium_init() < 0)
		return CC_E_IO;
	char text[SECRET_TEXT + 2];
	size_t len, bin = 0;
	int err = read_file(path, text, sizeof text, &len);
	if (err)
		return err;
	if (len == SECRET_TEXT + 1 && text[SECRET_TEXT] == '\n')
		len--;
	uint8_t key[SECRET_BYTES];
	if (len != SECRET_TEXT || sodium_hex2bin(key, sizeof key, text, len, NULL, &bin, NULL) ||
			bin != sizeof key)
		err = CC_E_CORRUPT;
	if (!err) {
		derive(key, "tandem session", secret->session);
		derive(key, "tandem api key", secret->api_key);
		derive(key, "tandem csrf", secret->csrf);
		derive(key, "tandem captcha", secret->captcha);
	}
	sodium_memzero(key, sizeof key);
	sodium_memzero(text, sizeof text);
	return err;
}

int cc_secret_create(const char *path)
{
	if (sodium_init() < 0)
		return CC_E_IO;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return errno == EEXIST ? CC_E_EXIST : CC_E_IO;
	uint8_t key[SECRET_BYTES];
	char text[SECRET_TEXT + 1];
	randombytes_buf(key, sizeof key);
	sodium_bin2hex(text, sizeof text, key, sizeof key);
	text[SECRET_TEXT] = '\n';
	int err = 0;
	if (write(fd, text, sizeof text) != sizeof text || fsync(fd) || fchmod(fd, 0640))
		err = CC_E_IO;
	int saved = errno;
	close(fd);
	if (err)
		unlink(path);
	sodium_memzero(key, sizeof key);
	sodium_memzero(text, sizeof text);
	errno = saved;
	return err;
}

void cc_auth_token_new(char token[CC_AUTH_TOKEN + 1])
{
	uint8_t raw[32];
	randombytes_buf(raw, sizeof raw);
	sodium_bin2base64(
			token, CC_AUTH_TOKEN + 1, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(raw, sizeof raw);
}

void cc_auth_salt_new(uint8_t salt[CC_AUTH_SALT])
{
	randombytes_buf(salt, CC_AUTH_SALT);
}

void cc_auth_random(uint8_t *bytes, size_t count)
{
	randombytes_buf(bytes, count);
}

void cc_auth_session_hash(
		const struct cc_secret *secret, const char *token, size_t len, uint8_t hash[CC_AUTH_HASH])
{
	crypto_generichash(hash, CC_AUTH_HASH, (const uint8_t *)token, len, secret->session,
			sizeof secret->session);
}

void cc_auth_api_key_hash(
		const struct cc_secret *secret, const char *key, size_t len, uint8_t hash[CC_AUTH_HASH])
{
	crypto_generichash(
			hash, CC_AUTH_HASH, (const uint8_t *)key, len, secret->api_key, sizeof secret->api_key);
}

void cc_auth_captcha_hash(
		const struct cc_secret *secret, const char *token, size_t len, uint8_t hash[CC_AUTH_HASH])
{
	crypto_generichash(hash, CC_AUTH_HASH, (const uint8_t *)token, len, secret->captcha,
			sizeof secret->captcha);
}

void cc_auth_csrf(const struct cc_secret *secret, const uint8_t session_hash[CC_AUTH_HASH],
		const uint8_t salt[CC_AUTH_SALT], char csrf[2 * CC_AUTH_HASH + 1])
{
	uint8_t in[CC_AUTH_HASH + CC_AUTH_SALT], out[CC_AUTH_HASH];
	memcpy(in, session_hash, CC_AUTH_HASH);
	memcpy(in + CC_AUTH_HASH, salt, CC_AUTH_SALT);
	crypto_generichash(out, sizeof out, in, sizeof in, secret->csrf, sizeof secret->csrf);
	sodium_bin2hex(csrf, 2 * CC_AUTH_HASH + 1, out, sizeof out);
}

bool cc_auth_equal(const char *a, const char *b)
{
	size_t len = strlen(b);
	return strlen(a) == len && sodium_memcmp(a, b, len) == 0;
}

int cc_auth_password_hash(const char *password, char hash[CC_AUTH_PASSWORD])
{
	size_t len = strlen(password);
	if (!len || len > CC_AUTH_PASSWORD_MAX)
		return CC_E_RANGE;
	if (sodium_init() < 0)
		return CC_E_IO;
	char text[CC_AUTH_PASSWORD];
	if (crypto_pwhash_str_alg(
				text, password, len, PASSWORD_OPS, PASSWORD_BYTES, crypto_pwhash_ALG_ARGON2ID13))
		return CC_E_NOMEM;
	memcpy(hash, text, sizeof text);
	return 0;
}

bool cc_auth_password_verify(const char *password, const char *hash)
{
	size_t len = strlen(password);
	if (sodium_init() < 0)
		return false;
	if (!hash || !len || len > CC_AUTH_PASSWORD_MAX) {
		uint8_t out[32], salt[crypto_pwhash_SALTBYTES] = {0};
		if (crypto_pwhash(out, sizeof out, password, len > CC_AUTH_PASSWORD_MAX ? 0 : len, salt,
					PASSWORD_OPS, PASSWORD_BYTES, crypto_pwhash_ALG_ARGON2ID13))
			return false;
		return false;
	}
	/* libsodium reads the whole fixed-size text */
	char text[CC_AUTH_PASSWORD] = {0};
	size_t hlen = strlen(hash);
	if (hlen >= sizeof text)
		return false;
	memcpy(text, hash, hlen);
	return crypto_pwhash_str_verify(text, password, len) == 0;
}
