/* SPDX-License-Identifier: GPL-2.0-or-later
 * Everything that is made from the installation's one secret, and passwords. Used by the web
 * applications, cc-eventd (live events check the same session) and cc-admin (users, API keys).
 * Needs libsodium (-lsodium) only.
 *
 * The secret is a file of 64 hexadecimal digits, mode 0640. Sessions and API keys are stored as
 * keyed BLAKE2b, so that a copy of the database opens no session; each kind has its own key,
 * derived from the secret. */
#ifndef CC_AUTH_H
#define CC_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cc/err.h"

#define CC_AUTH_HASH 32          /* bytes of a hash in the database */
#define CC_AUTH_SALT 16          /* bytes of session.csrf_salt */
#define CC_AUTH_TOKEN 43         /* characters of a token: 32 random bytes, base64url */
#define CC_AUTH_PASSWORD 128     /* bytes of a password hash, NUL included */
#define CC_AUTH_PASSWORD_MAX 256 /* bytes of a password */
#define CC_AUTH_ISSUED 16        /* characters of a password that is made here */

/* The cookie that carries a web session's token. */
#define CC_AUTH_COOKIE "cc_session"

struct cc_secret
{
	uint8_t session[32], api_key[32], csrf[32], captcha[32];
};

/* Reads the secret's file. CC_E_IO (errno), CC_E_CORRUPT: not 64 hexadecimal digits. */
int cc_secret_load(struct cc_secret *secret, const char *path);
/* Makes the file with a fresh secret. CC_E_EXIST: there is one, which is left alone; CC_E_IO. */
int cc_secret_create(const char *path);

/* A fresh random token or key. */
void cc_auth_token_new(char token[CC_AUTH_TOKEN + 1]);
void cc_auth_salt_new(uint8_t salt[CC_AUTH_SALT]);
void cc_auth_random(uint8_t *bytes, size_t count);
/* session.token_hash of a cookie's value; any text is a legal value. */
void cc_auth_session_hash(
		const struct cc_secret *secret, const char *token, size_t len, uint8_t hash[CC_AUTH_HASH]);
/* api_key.key_hash of the text behind "Authorization: Bearer ". */
void cc_auth_api_key_hash(
		const struct cc_secret *secret, const char *key, size_t len, uint8_t hash[CC_AUTH_HASH]);
/* captcha.id of what a form carries. */
void cc_auth_captcha_hash(
		const struct cc_secret *secret, const char *token, size_t len, uint8_t hash[CC_AUTH_HASH]);
/* The form token of a session: a keyed hash of it, as hexadecimal text. */
void cc_auth_csrf(const struct cc_secret *secret, const uint8_t session_hash[CC_AUTH_HASH],
		const uint8_t salt[CC_AUTH_SALT], char csrf[2 * CC_AUTH_HASH + 1]);
/* Compares two texts in a time that depends on b's length only. */
bool cc_auth_equal(const char *a, const char *b);

/* argon2id text for user.password_hash. CC_E_RANGE: empty or longer than CC_AUTH_PASSWORD_MAX;
 * CC_E_NOMEM. */
int cc_auth_password_hash(const char *password, char hash[CC_AUTH_PASSWORD]);
/* True if the password is the hash's; about 16 ms and 19 MB. hash NULL: does the same work for
 * nothing, so that an unknown name takes as long as a wrong password. */
bool cc_auth_password_verify(const char *password, const char *hash);

enum cc_password_fault
{
	CC_PASSWORD_GOOD,
	CC_PASSWORD_SHORT,  /* fewer than min_characters */
	CC_PASSWORD_LONG,   /* over CC_AUTH_PASSWORD_MAX */
	CC_PASSWORD_KINDS,  /* fewer than min_kinds of lower case, upper case, digits, others */
	CC_PASSWORD_NAME,   /* little more than the user's name */
	CC_PASSWORD_COMMON, /* a row of characters or one of the first to be tried */
};
/* What is wrong with a new password. */
enum cc_password_fault cc_auth_password_fault(
		const char *password, const char *username, int min_characters, int min_kinds);
/* One to be given out, of letters and digits that cannot be mistaken. */
void cc_auth_password_new(char password[CC_AUTH_ISSUED + 1]);

/* Reads a list of IP addresses and networks ("192.0.2.0/24 2001:db8::/32") and writes it to out,
 * one a line, in their one form. CC_E_INVAL: something else stands in it; CC_E_RANGE: out is too
 * small. */
int cc_auth_addresses(const char *text, char *out, size_t cap);
/* True if the address is in the list, or the list is empty. */
bool cc_auth_address_allowed(const char *list, const char *address);

#endif
