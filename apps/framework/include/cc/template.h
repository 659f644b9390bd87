/* SPDX-License-Identifier: GPL-2.0-or-later
 * Mustache templates (https://github.com/mustache/spec, with inheritance and dynamic names) in one
 * folder, parsed once and again when a file changes. {{x}} escapes for HTML; {{{x}}} does not and
 * is not used in our pages. */
#ifndef CC_TEMPLATE_H
#define CC_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include "cc/arena.h"
#include "cc/err.h"
#include "cc/value.h"

struct cc_templates;

/* Where the text of a template comes from. */
struct cc_template_source
{
	void *ctx;
	/* malloc'ed text for name; stamp: anything that changes when the text does. CC_E_NOENT: there
	 * is none. known is the stamp of the last text, CC_E_EXIST says that it still holds. */
	int (*load)(
			void *ctx, const char *name, int64_t known, int64_t *stamp, char **text, size_t *len);
};

/* Templates <folder>/<name>.mustache. strict: an unknown variable, partial or parent is an error.
 */
int cc_templates_new(struct cc_templates **templates, const char *folder, bool strict);
int cc_templates_new_from(
		struct cc_templates **templates, const struct cc_template_source *source, bool strict);
/* From here on templates called "<prefix>/…" are those of folder. Only after cc_templates_new. */
int cc_templates_add(struct cc_templates *templates, const char *prefix, const char *folder);
void cc_templates_free(struct cc_templates *templates);

/* Appends the rendered text. CC_E_NOENT: no such template; CC_E_INVAL: it is malformed or, if
 * strict, wants what is not there. error (may be NULL): one line in arena that names template and
 * line. */
int cc_template_render(struct cc_templates *templates, const char *name,
		const struct cc_value *data, struct cc_buf *out, const char **error);

#endif
