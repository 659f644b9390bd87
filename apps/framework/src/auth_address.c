/* SPDX-License-Identifier: GPL-2.0-or-later
 * Lists of IP addresses and networks. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "cc/auth.h"

#define SEPARATORS " \t\r\n,;"
#define ENTRY_MAX 50 /* characters of an address with its prefix length */

/* An address as 16 bytes; IPv4 stands behind ::ffff:. */
struct network
{
	uint8_t address[16];
	int prefix;
	bool v4;
};

static int parse(struct network *n, const char *text, size_t len, bool prefix)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
	char copy[ENTRY_MAX + 1];
	if (!len || len > ENTRY_MAX)
		return CC_E_INVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	char *slash = strchr(copy, '/');
	if (slash && !prefix)
		return CC_E_INVAL;
	if (slash)
		*slash++ = '\0';
	memcpy(n->address, mapped, sizeof mapped);
	n->v4 = inet_pton(AF_INET, copy, n->address + 12) == 1;
	if (!n->v4 && inet_pton(AF_INET6, copy, n->address) != 1)
		return CC_E_INVAL;
	n->prefix = 128;
	if (slash) {
		int bits = 0, max = n->v4 ? 32 : 128;
		size_t digits = strspn(slash, "0123456789");
		if (!digits || digits > 3 || slash[digits])
			return CC_E_INVAL;
		for (const char *p = slash; *p; p++)
			bits = bits * 10 + (*p - '0');
		if (bits > max)
			return CC_E_INVAL;
		n->prefix = bits + 128 - max;
	}
	for (int i = 0; i < 16; i++) {
		int bits = n->prefix - 8 * i;
		if (bits < 8)
			n->address[i] &= bits <= 0 ? 0 : (uint8_t)(0xFF << (8 - bits));
	}
	return 0;
}

static bool contains(const struct network *n, const uint8_t address[16])
{
	int whole = n->prefix / 8, rest = n->prefix % 8;
	if (memcmp(n->address, address, (size_t)whole))
		return false;
	return !rest || !((n->address[whole] ^ address[whole]) >> (8 - rest));
}

static int format(const struct network *n, char *out, size_t cap)
{
	char text[INET6_ADDRSTRLEN];
	int max = n->v4 ? 32 : 128, bits = n->prefix - 128 + max;
	if (!inet_ntop(n->v4 ? AF_INET : AF_INET6, n->v4 ? n->address + 12 : n->address, text,
				sizeof text))
		return CC_E_INVAL;
	int len = bits == max ? snprintf(out, cap, "%s\n", text)
						  : snprintf(out, cap, "%s/%d\n", text, bits);
	return len < 0 || (size_t)len >= cap ? CC_E_RANGE : len;
}

int cc_auth_addresses(const char *text, char *out, size_t cap)
{
	size_t len = 0;
	if (!cap)
		return CC_E_RANGE;
	*out = '\0';
	for (const char *p = text + strspn(text, SEPARATORS); *p; p += strspn(p, SEPARATORS)) {
		struct network n;
		size_t word = strcspn(p, SEPARATORS);
		if (parse(&n, p, word, true))
			return CC_E_INVAL;
		int added = format(&n, out + len, cap - len);
		if (added < 0)
			return added;
		len += (size_t)added;
		p += word;
	}
	return 0;
}

bool cc_auth_address_allowed(const char *list, const char *address)
{
	struct network a, n;
	const char *p = list + strspn(list, SEPARATORS);
	if (!*p)
		return true;
	if (parse(&a, address, strlen(address), false))
		return false;
	for (; *p; p += strspn(p, SEPARATORS)) {
		size_t word = strcspn(p, SEPARATORS);
		if (!parse(&n, p, word, true) && contains(&n, a.address))
			return true;
		p += word;
	}
	return false;
}
