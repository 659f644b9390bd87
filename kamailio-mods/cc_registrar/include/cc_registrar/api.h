/* SPDX-License-Identifier: GPL-2.0-or-later
 * What cc_registrar offers to the other modules. */
#ifndef CC_REGISTRAR_API_H
#define CC_REGISTRAR_API_H

#include "core/sr_module.h"

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

typedef int (*cc_registrar_bind_f)(struct cc_registrar_api *api);

static inline int cc_registrar_bind(struct cc_registrar_api *api)
{
	cc_registrar_bind_f bind = (cc_registrar_bind_f)find_export("cc_registrar_bind", NO_SCRIPT, 0);

	return bind ? bind(api) : -1;
}

#endif
