/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a password must be like. */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "cc/auth.h"

static size_t characters(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static int kinds(const char *text)
{
	bool lower = false, upper = false, digit = false, other = false;
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= 'a' && c <= 'z')
			lower = true;
		else if (c >= 'A' && c <= 'Z')
			upper = true;
		else if (c >= '0' && c <= '9')
			digit = true;
		else
			other = true;
	}
	return lower + upper + digit + other;
}

/* "aaaaaaaa", "12345678", "hgfedcba": every step from a character to the next is the same. */
static bool is_row(const char *text)
{
	if (strlen(text) < 3)
		return true;
	int step = text[1] - text[0];
	if (step < -1 || step > 1)
		return false;
	for (const char *p = text + 1; p[1]; p++)
		if (p[1] - p[0] != step)
			return false;
	return true;
}

/* The first ones that are tried. */
static bool is_common(const char *text)
{
	static const char *const words[] = {"password", "passw0rd", "qwertyui", "qwerty", "admin",
			"administrator", "letmein", "welcome", "iloveyou", "abc123", "111222", "123123",
			"1qaz2wsx", "1q2w3e4r", "a1b2c3d4", "woaini", "5201314", "asdfghjk", "zxcvbnm"};
	size_t len = strlen(text);
	while (len && strchr("0123456789!@#.", text[len - 1]))
		len--;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcasecmp(words[i], text) ||
				(strlen(words[i]) == len && !strncasecmp(words[i], text, len)))
			return true;
	return false;
}

enum cc_password_fault cc_auth_password_fault(
		const char *password, const char *username, int min_characters, int min_kinds)
{
	if (strlen(password) > CC_AUTH_PASSWORD_MAX)
		return CC_PASSWORD_LONG;
	if (characters(password) < (size_t)min_characters)
		return CC_PASSWORD_SHORT;
	if (kinds(password) < min_kinds)
		return CC_PASSWORD_KINDS;
	if (*username && strcasestr(password, username) &&
			strlen(password) < strlen(username) + (size_t)min_characters / 2)
		return CC_PASSWORD_NAME;
	if (is_row(password) || is_common(password))
		return CC_PASSWORD_COMMON;
	return CC_PASSWORD_GOOD;
}

void cc_auth_password_new(char password[CC_AUTH_ISSUED + 1])
{
	/* without characters that look alike; a digit and a letter of each case stand in it */
	static const char all[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	uint8_t random[CC_AUTH_ISSUED];
	do {
		cc_auth_random(random, sizeof random);
		for (size_t i = 0; i < sizeof random; i++)
			password[i] = all[random[i] % (sizeof all - 1)];
		password[CC_AUTH_ISSUED] = '\0';
	} while (kinds(password) < 3);
}
