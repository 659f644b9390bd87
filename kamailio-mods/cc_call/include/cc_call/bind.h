/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a module of ours is to Kamailio, and how it gets another one's functions. */
#ifndef CC_CALL_BIND_H
#define CC_CALL_BIND_H

#include "core/sr_module.h"

/* Defines int NAME_bind(struct NAME_api *api), for mod_init or later: 0, or -1: module NAME, which
 * exports NAME_bind, is not loaded. */
#define CC_BIND(name)                                                                              \
	static inline int name##_bind(struct name##_api *api)                                          \
	{                                                                                              \
		int (*bind)(struct name##_api *) =                                                         \
				(int (*)(struct name##_api *))find_export(#name "_bind", NO_SCRIPT, 0);            \
                                                                                                   \
		return bind ? bind(api) : -1;                                                              \
	}

/* The exports of a module: members of struct module_exports behind its name; what is left out is
 * NULL. Without a semicolon behind it. */
#define CC_MODULE(module, ...)                                                                     \
	_Pragma("GCC visibility push(default)") MODULE_VERSION struct module_exports exports = {       \
			.name = module, .dlflags = DEFAULT_DLFLAGS, __VA_ARGS__};                              \
	_Pragma("GCC visibility pop")

#endif
