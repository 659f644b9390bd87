/* SPDX-License-Identifier: GPL-2.0-or-later
 * CODE-01: the feature codes that work, for who has a telephone. */
#include "cc/feature_code.h"
#include "cc/preference.h"
#include "desk.h"

int desk_codes(struct cc_request *rq)
{
	static const char *const whens[] = {
			[CC_CODE_DIALLED] = CC_N("dialled"),
			[CC_CODE_TALK] = CC_N("pressed in a talk with a customer"),
	};
	struct cc_arena *a = rq->arena;
	struct cc_code_table codes;
	bool gateways = cc_preference_int(rq, "gateway_codes");
	int err = cc_feature_codes(rq, &codes);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Feature codes"));
	struct cc_value *list = cc_value_add(a, page, "codes", CC_VALUE_LIST);
	cc_value_bool(a, page, "gateways", gateways);
	cc_value_bool(a, page, "may_edit", cc_can(rq, "admin.feature_code.edit"));
	for (int i = 0; i < CC_CODES; i++) {
		const char *code = codes.text[i][0], *gateway = gateways ? codes.text[i][1] : "";
		if (!*code && !*gateway)
			continue;
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "label", cc_tc(rq, "code", cc_codes[i].label));
		cc_value_str(
				a, item, "help", *cc_codes[i].help ? cc_tc(rq, "code", cc_codes[i].help) : NULL);
		cc_value_str(a, item, "when", cc_t(rq, whens[cc_codes[i].when]));
		cc_value_str(a, item, "code", code);
		cc_value_str(a, item, "gateway", gateway);
	}
	return cc_page_send(rq, "desk/codes", page);
}
