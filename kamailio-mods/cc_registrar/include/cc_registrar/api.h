/* SPDX-License-Identifier: GPL-2.0-or-later
 * What cc_registrar offers to the other modules. */
#ifndef CC_REGISTRAR_API_H
#define CC_REGISTRAR_API_H

#include "cc_call/bind.h"

struct sip_msg;

/* Who sent a request, proven by cc_authenticate() for this very message. */
struct cc_identity
{
	char number[16], domain[40];
};

struct cc_registrar_api
{
	/* 0, or CC_E_DENIED: the message was not authenticated. */
	int (*identity)(const struct sip_msg *msg, struct cc_identity *id);
};

CC_BIND(cc_registrar)

#endif
