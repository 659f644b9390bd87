/* SPDX-License-Identifier: GPL-2.0-or-later
 * Configuration: the document, what is refused and how, blocks, sets. */
#include "cc/conf.h"
#include "cc/err.h"
#include "unit.h"

#define HASH "\"0123456789abcdef0123456789abcdef\""

static int allocated, allocations_left;

static void *memory_alloc(size_t bytes)
{
	if (allocations_left-- <= 0)
		return NULL;
	allocated++;
	return malloc(bytes);
}

static void memory_free(void *p)
{
	if (p)
		allocated--;
	free(p);
}

static const struct cc_conf_memory memory = {memory_alloc, memory_free};

static const char document[] =
		"{\"version\":1,\"generation\":7,\"tenants\":["
		"{\"id\":2,\"code\":\"demo\",\"name\":\"企业测试\",\"state\":\"active\",\"country\":\"86\","
		"\"area_code\":\"010\",\"timezone\":\"Asia/Shanghai\",\"prompt_language\":\"zh\","
		"\"queues\":["
		"{\"number\":\"601\",\"name\":\"客服\",\"strategy\":\"ring_all\",\"ring_timeout_s\":30,"
		"\"max_wait_s\":180,\"max_waiting\":5,\"retry_delay_s\":2,\"wrapup\":\"ringing\","
		"\"wrapup_s\":0,\"join_empty\":false,\"auto_pause\":1,\"music\":\"\","
		"\"entry_prompt\":\"queue_welcome\",\"announce_position\":true,\"announce_period_s\":20,"
		"\"record\":true,\"state\":\"disabled\"},"
		"{\"number\":\"600\",\"name\":\"销售\",\"strategy\":\"linear\",\"ring_timeout_s\":20,"
		"\"max_wait_s\":0,\"max_waiting\":0,\"retry_delay_s\":1,\"wrapup\":\"answered\","
		"\"wrapup_s\":10,\"join_empty\":true,\"auto_pause\":false,\"music\":\"music/hold\","
		"\"entry_prompt\":\"\",\"announce_position\":false,\"announce_period_s\":0,"
		"\"record\":false,\"state\":\"enabled\"}],"
		"\"agents\":["
		"{\"number\":\"802\",\"name\":\"B\",\"ha1\":" HASH ",\"pin_hash\":" HASH
		",\"state\":\"enabled\"},"
		"{\"number\":\"801\",\"name\":\"A\",\"ha1\":" HASH ",\"pin_hash\":" HASH
		",\"state\":\"enabled\"},"
		"{\"number\":\"803\",\"name\":\"C\",\"ha1\":" HASH ",\"pin_hash\":" HASH
		",\"state\":\"disabled\"}],"
		"\"members\":["
		"{\"queue\":\"601\",\"agent\":\"801\",\"position\":1,\"priority\":1,\"static\":false},"
		"{\"queue\":\"600\",\"agent\":\"803\",\"position\":2,\"priority\":1,\"static\":true},"
		"{\"queue\":\"600\",\"agent\":\"802\",\"position\":2,\"priority\":3,\"static\":false},"
		"{\"queue\":\"600\",\"agent\":\"801\",\"position\":9,\"priority\":1,\"static\":false}],"
		"\"dids\":["
		"{\"number\":\"4008001\",\"name\":\"\",\"target_kind\":\"queue\",\"target\":\"600\","
		"\"state\":\"enabled\"},"
		"{\"number\":\"4008002\",\"name\":\"\",\"target_kind\":\"hangup\",\"target\":\"\","
		"\"state\":\"disabled\"},"
		"{\"number\":\"4008000\",\"name\":\"\",\"target_kind\":\"agent\",\"target\":\"802\","
		"\"state\":\"enabled\"}],"
		"\"trunks\":[{\"name\":\"carrier\",\"address\":\"127.0.0.2\",\"port\":5060,"
		"\"transport\":\"udp\",\"max_channels\":30,\"tenants\":[1,99]}]},"
		"{\"id\":1,\"code\":\"platform\",\"name\":\"平台\",\"state\":\"suspended\","
		"\"country\":\"1\",\"area_code\":\"\",\"timezone\":\"America/New_York\","
		"\"prompt_language\":\"en\",\"queues\":[],\"agents\":["
		"{\"number\":\"801\",\"name\":\"\",\"ha1\":" HASH ",\"pin_hash\":" HASH
		",\"state\":\"enabled\"}],\"members\":[],"
		"\"dids\":[{\"number\":\"4009000\",\"name\":\"\",\"target_kind\":\"agent\","
		"\"target\":\"801\",\"state\":\"enabled\"}],"
		"\"trunks\":[{\"name\":\"six\",\"address\":\"0:0::1\",\"port\":5061,"
		"\"transport\":\"tls\",\"max_channels\":0,\"tenants\":[]}]}]}";

/* A copy of text with the first from replaced; the caller frees it. */
static char *with(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char *copy = malloc(strlen(text) + strlen(to) + 1);

	if (!at) {
		CU_FAIL("the document has no such text");
		return strcpy(copy, text);
	}
	memcpy(copy, text, (size_t)(at - text));
	strcpy(copy + (at - text), to);
	strcat(copy, at + strlen(from));
	return copy;
}

static char error[300];

static struct cc_conf_set *build(const char *json, const struct cc_conf_set *previous)
{
	struct cc_conf_set *set = NULL;

	strcpy(error, "");
	allocations_left = 1000;
	if (cc_conf_build(&set, json, strlen(json), previous, &memory, error, sizeof(error)) < 0)
		return NULL;
	return set;
}

static void everything_is_read(void)
{
	struct cc_conf_set *set = build(document, NULL);
	const struct cc_conf *c;
	const struct cc_conf_queue *q;
	int32_t did = -1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	CU_ASSERT_EQUAL(cc_conf_generation(set), 7);
	CU_ASSERT_EQUAL(cc_conf_tenant_count(set), 2);
	CU_ASSERT_EQUAL(cc_conf_tenant_at(set, 0)->tenant, 1);
	c = cc_conf_by_code(set, "demo");
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	CU_ASSERT_PTR_EQUAL(c, cc_conf_by_id(set, 2));
	CU_ASSERT_PTR_NULL(cc_conf_by_id(set, 3));
	CU_ASSERT_PTR_NULL(cc_conf_by_code(set, "Demo"));
	CU_ASSERT_STRING_EQUAL(c->name, "企业测试");
	CU_ASSERT_STRING_EQUAL(c->timezone, "Asia/Shanghai");
	CU_ASSERT(c->active && !cc_conf_by_code(set, "platform")->active);

	CU_ASSERT_EQUAL(cc_conf_queue_find(c, "600"), 0);
	CU_ASSERT_EQUAL(cc_conf_queue_find(c, "601"), 1);
	CU_ASSERT_EQUAL(cc_conf_queue_find(c, "60"), CC_E_NOENT);
	q = cc_conf_queue_at(c, 1);
	CU_ASSERT_EQUAL(q->strategy, CC_STRATEGY_RING_ALL);
	CU_ASSERT_EQUAL(q->wrapup, CC_WRAPUP_RINGING);
	CU_ASSERT_EQUAL(q->ring_timeout_ms, 30000);
	CU_ASSERT_EQUAL(q->max_wait_ms, 180000);
	CU_ASSERT_EQUAL(q->max_waiting, 5);
	CU_ASSERT_EQUAL(q->retry_delay_ms, 2000);
	CU_ASSERT_EQUAL(q->wrapup_ms, 0);
	CU_ASSERT_EQUAL(q->announce_period_ms, 20000);
	CU_ASSERT(!q->join_empty && q->auto_pause && q->announce_position && q->record && !q->enabled);
	CU_ASSERT_STRING_EQUAL(q->entry_prompt, "queue_welcome");
	CU_ASSERT(cc_conf_queue_at(c, 0)->enabled);

	/* members: queue by queue, position, then number */
	CU_ASSERT_EQUAL(cc_conf_queue_at(c, 0)->member_count, 3);
	CU_ASSERT_EQUAL(cc_conf_member_at(c, 0)->agent, 1);
	CU_ASSERT_EQUAL(cc_conf_member_at(c, 0)->priority, 3);
	CU_ASSERT_EQUAL(cc_conf_member_at(c, 1)->agent, 2);
	CU_ASSERT(cc_conf_member_at(c, 1)->fixed);
	CU_ASSERT_EQUAL(cc_conf_member_at(c, 2)->agent, 0);
	CU_ASSERT_EQUAL(cc_conf_agent_at(c, 0)->membership_count, 2);
	CU_ASSERT_EQUAL(cc_conf_membership(c, 0, 0), 2);
	CU_ASSERT_EQUAL(cc_conf_membership(c, 0, 1), 3);
	CU_ASSERT_EQUAL(cc_conf_queue_at(c, 1)->member_first, 3);
	CU_ASSERT_EQUAL(cc_conf_agent_find(c, "803"), 2);
	CU_ASSERT(!cc_conf_agent_at(c, 2)->enabled);
	CU_ASSERT_STRING_EQUAL(cc_conf_agent_at(c, 0)->ha1, "0123456789abcdef0123456789abcdef");

	CU_ASSERT_PTR_EQUAL(cc_conf_by_did(set, "4008001", &did), c);
	CU_ASSERT_EQUAL(did, cc_conf_did_find(c, "4008001"));
	CU_ASSERT_EQUAL(cc_conf_did_at(c, did)->to.index, 0);
	CU_ASSERT_PTR_EQUAL(cc_conf_by_did(set, "4008000", &did), c);
	CU_ASSERT_EQUAL(cc_conf_did_at(c, did)->to.index, 1);
	CU_ASSERT_PTR_EQUAL(cc_conf_by_did(set, "4009000", &did), cc_conf_by_id(set, 1));
	CU_ASSERT_EQUAL(cc_conf_did_at(cc_conf_by_id(set, 1), did)->to.index, 0);
	CU_ASSERT_PTR_NULL(cc_conf_by_did(set, "400", &did));
	cc_conf_set_free(set, &memory);
	CU_ASSERT_EQUAL(allocated, 0);
}

static void trunks_are_found_by_source(void)
{
	struct cc_conf_set *set = build(document, NULL);
	const struct cc_conf_trunk *t;

	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	t = cc_conf_trunk_find(set, "127.0.0.2", 5060, CC_TRANSPORT_UDP);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_STRING_EQUAL(t->name, "carrier");
	CU_ASSERT_EQUAL(t->max_channels, 30);
	CU_ASSERT(cc_conf_trunk_granted(set, t, 2)); /* the owner */
	CU_ASSERT(cc_conf_trunk_granted(set, t, 1));
	CU_ASSERT(!cc_conf_trunk_granted(set, t, 3));
	CU_ASSERT_PTR_NULL(cc_conf_trunk_find(set, "127.0.0.2", 5061, CC_TRANSPORT_UDP));
	CU_ASSERT_PTR_NULL(cc_conf_trunk_find(set, "127.0.0.2", 5060, CC_TRANSPORT_TCP));
	CU_ASSERT_PTR_NULL(cc_conf_trunk_find(set, "127.0.0.2", 5060, CC_TRANSPORT_WS));
	/* addresses are compared in the form of inet_ntop */
	t = cc_conf_trunk_find(set, "::1", 5061, CC_TRANSPORT_TLS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_STRING_EQUAL(t->name, "six");
	CU_ASSERT(cc_conf_trunk_granted(set, t, 1) && !cc_conf_trunk_granted(set, t, 2));
	cc_conf_set_free(set, &memory);
}

static void mistakes_are_named(void)
{
	static const struct
	{
		const char *from, *to, *error;
	} cases[] = {
			{"\"ring_timeout_s\":20", "\"ring_timeout_s\":0",
					"tenant demo, queue 600: ring_timeout_s must be 1…3600"},
			{"\"ring_timeout_s\":20", "\"ring_timeout_s\":3601",
					"tenant demo, queue 600: ring_timeout_s must be 1…3600"},
			{"\"ring_timeout_s\":20", "\"ring_timeout_s\":\"20\"",
					"tenant demo, queue 600: ring_timeout_s must be 1…3600"},
			{"\"ring_timeout_s\":20", "\"ring_timeout_s\":1e400",
					"tenant demo, queue 600: ring_timeout_s must be 1…3600"},
			{"\"ring_timeout_s\":20,", "", "tenant demo, queue 600: ring_timeout_s is missing"},
			{"\"ring_timeout_s\":20", "\"ring_timeout_s\":20,\"ring_time\":1",
					"tenant demo, queue 600: unknown field ring_time"},
			{"\"number\":\"601\"", "\"number\":\"6O1\"",
					"tenant demo, queue 6O1: number must be 1 to 8 digits"},
			{"\"number\":\"601\",", "", "tenant demo, queue #1: number is missing"},
			{"\"number\":\"601\"", "\"number\":\"600\"", "tenant demo, queue 600: is there twice"},
			{"\"strategy\":\"linear\"", "\"strategy\":\"best\"",
					"tenant demo, queue 600: strategy must be one of longest_idle, fewest_calls, "
					"linear, round_robin, random, ring_all"},
			{"\"join_empty\":false", "\"join_empty\":2",
					"tenant demo, queue 601: join_empty must be true or false"},
			{"\"music\":\"music/hold\"", "\"music\":\"../etc/passwd\"",
					"tenant demo, queue 600: music must be the name of a prompt or empty"},
			{"\"name\":\"客服\"", "\"name\":\"a\\u0000b\"",
					"tenant demo, queue 601: name must be a text"},
			{"\"name\":\"客服\"", "\"name\":null", "tenant demo, queue 601: name must be a text"},
			{"\"number\":\"802\"", "\"number\":\"0802\"",
					"tenant demo, agent 0802: number must be 2 to 6 digits, the first not 0"},
			{"\"number\":\"802\"", "\"number\":\"801\"", "tenant demo, agent 801: is there twice"},
			{"\"ha1\":\"0", "\"ha1\":\"X",
					"tenant demo, agent 802: ha1 must be 32 lower case hexadecimal digits"},
			{"\"queue\":\"601\"", "\"queue\":\"699\"",
					"tenant demo, member 801: there is no queue 699"},
			{"\"queue\":\"601\"", "\"queue\":\"600\"",
					"tenant demo, queue 600: member 801: is there twice"},
			{"\"agent\":\"803\"", "\"agent\":\"804\"",
					"tenant demo, queue 600: its member 804 is no agent"},
			{"\"priority\":3", "\"priority\":0",
					"tenant demo, member 802: priority must be 1…1000"},
			{"\"position\":9", "\"position\":-1",
					"tenant demo, member 801: position must be 0…2147483647"},
			{"\"target\":\"600\"", "\"target\":\"699\"",
					"tenant demo, DID 4008001: there is no queue 699"},
			{"\"target\":\"802\"", "\"target\":\"600\"",
					"tenant demo, DID 4008000: there is no agent 600"},
			{"\"number\":\"4008002\"", "\"number\":\"4008001\"",
					"tenant demo, DID 4008001: is there twice"},
			{"\"number\":\"4009000\"", "\"number\":\"4008001\"",
					"tenant demo, DID 4008001: tenant platform has it too"},
			{"\"number\":\"4009000\"", "\"number\":\"sip:4009000\"",
					"tenant platform, DID sip:4009000: number must be 1 to 32 digits"},
			{"\"address\":\"127.0.0.2\"", "\"address\":\"carrier.example\"",
					"tenant demo, trunk carrier: address must be an IP address"},
			{"\"port\":5060", "\"port\":65536", "tenant demo, trunk carrier: port must be 1…65535"},
			{"\"transport\":\"udp\"", "\"transport\":\"ws\"",
					"tenant demo, trunk carrier: transport must be one of udp, tcp, tls"},
			{"\"address\":\"0:0::1\",\"port\":5061,\"transport\":\"tls\"",
					"\"address\":\"127.0.0.2\",\"port\":5060,\"transport\":\"udp\"",
					"has the same source"},
			{"\"tenants\":[1,99]", "\"tenants\":[1,\"2\"]",
					"tenant demo, trunk carrier: each of tenants must be 1…4294967295"},
			{"\"id\":1", "\"id\":2", "id 2: tenant"},
			{"\"id\":1", "\"id\":0", "tenant platform: id must be 1…4294967295"},
			{"\"code\":\"platform\"", "\"code\":\"demo\"",
					"tenant demo, code: tenants 1 and 2 have it"},
			{"\"code\":\"platform\"", "\"code\":\"a b\"", "tenant a b: code must be"},
			{"\"timezone\":\"Asia/Shanghai\"", "\"timezone\":\"Asia/Atlantis\"",
					"tenant demo: timezone must be the name of a time zone"},
			{"\"timezone\":\"Asia/Shanghai\"", "\"timezone\":\"../../etc/passwd\"",
					"tenant demo: timezone must be the name of a time zone"},
			{"\"queues\":[]", "\"queues\":{}", "tenant platform: queues must be a list"},
			{"\"queues\":[]", "\"queues\":[3]", "tenant platform, queue #1: must be an object"},
			{"\"version\":1", "\"version\":2", "version must be 1…1"},
			{"\"generation\":7", "\"generation\":-7", "generation must be 0…9223372036854775807"},
			{"\"generation\":7,", "", "generation is missing"},
			{"{\"version\"", "[{\"version\"", "byte "},
			{"\"queues\":[]", "\"queues\":[],", "byte "},
			{"企业测试", "\xC3(", "byte "},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = with(document, cases[i].from, cases[i].to);
		struct cc_conf_set *set = build(text, NULL);

		if (set || !strstr(error, cases[i].error))
			printf("\n  %s: \"%s\"\n", cases[i].to, error);
		CU_ASSERT_PTR_NULL(set);
		CU_ASSERT_PTR_NOT_NULL(strstr(error, cases[i].error));
		cc_conf_set_free(set, &memory);
		free(text);
	}
	CU_ASSERT_EQUAL(allocated, 0);
}

static void cut_documents_are_refused(void)
{
	for (size_t len = 0; len < sizeof(document) - 1; len++) {
		struct cc_conf_set *set = NULL;
		char small[8];

		allocations_left = 1000;
		CU_ASSERT_EQUAL(cc_conf_build(&set, document, len, NULL, &memory, small, sizeof(small)),
				CC_E_INVAL);
		CU_ASSERT(strlen(small) < sizeof(small));
	}
}

static void unchanged_tenants_keep_their_block(void)
{
	struct cc_conf_set *first = build(document, NULL), *second, *third;
	char *text = with(document, "\"wrapup_s\":10", "\"wrapup_s\":11");
	const struct cc_conf *old;

	CU_ASSERT_PTR_NOT_NULL_FATAL(first);
	second = build(text, first);
	CU_ASSERT_PTR_NOT_NULL_FATAL(second);
	CU_ASSERT_PTR_EQUAL(cc_conf_by_id(first, 1), cc_conf_by_id(second, 1));
	CU_ASSERT_PTR_NOT_EQUAL(cc_conf_by_id(first, 2), cc_conf_by_id(second, 2));
	CU_ASSERT_NOT_EQUAL(cc_conf_by_id(first, 2)->hash, cc_conf_by_id(second, 2)->hash);
	third = build(text, second);
	CU_ASSERT_PTR_NOT_NULL_FATAL(third);
	CU_ASSERT_PTR_EQUAL(cc_conf_by_id(second, 2), cc_conf_by_id(third, 2));

	/* a call keeps its tenant's block */
	old = cc_conf_by_id(first, 2);
	cc_conf_ref(old);
	cc_conf_set_free(first, &memory);
	CU_ASSERT_EQUAL(cc_conf_queue_at(old, 0)->wrapup_ms, 10000);
	cc_conf_put(old, &memory);
	cc_conf_set_free(second, &memory);
	CU_ASSERT_EQUAL(cc_conf_queue_at(cc_conf_by_id(third, 2), 0)->wrapup_ms, 11000);
	cc_conf_set_free(third, &memory);
	CU_ASSERT_EQUAL(allocated, 0);
	free(text);
}

static void no_memory(void)
{
	for (int n = 0;; n++) {
		struct cc_conf_set *set = NULL;
		int err;

		allocations_left = n;
		err = cc_conf_build(&set, document, strlen(document), NULL, &memory, error, sizeof(error));
		if (err == CC_OK) {
			CU_ASSERT_EQUAL(n, 3); /* the set and two tenants */
			cc_conf_set_free(set, &memory);
			break;
		}
		CU_ASSERT_EQUAL(err, CC_E_NOMEM);
		CU_ASSERT_STRING_EQUAL(error, "no memory");
		CU_ASSERT_EQUAL(allocated, 0);
		CU_ASSERT_FATAL(n < 10);
	}
}

static void long_names_are_cut(void)
{
	char name[400] = "", *text;
	struct cc_conf_set *set;

	for (int i = 0; i < 100; i++)
		strcat(name, "销");
	text = with(document, "销售", name);
	set = build(text, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	CU_ASSERT_EQUAL(strlen(cc_conf_queue_at(cc_conf_by_id(set, 2), 0)->name), 102); /* 34 × 3 */
	cc_conf_set_free(set, &memory);
	free(text);
}

/* The document with the optional lists of its first tenant. */
static char *with_lists(const char *lists)
{
	char text[2000];

	snprintf(text, sizeof(text), "%s,\"trunks\":[{\"name\":\"carrier\"", lists);
	return with(document, "\"trunks\":[{\"name\":\"carrier\"", text + 1);
}

/* What the tenant has chosen, and what it has when it has chosen nothing (PLAT-12 CALL-11). */
static void choices_are_read(void)
{
	char *choices = with_lists(",\"max_calls\":7,\"extension_timeout_s\":20,"
							   "\"transfer_timeout_s\":25,\"transfer_callback\":false,"
							   "\"transfer_callback_prefix\":\"回: \",\"hold_music\":\"music/b\","
							   "\"code_password\":true");
	char *wrong = with_lists(",\"transfer_timeout_s\":4");
	struct cc_conf_set *set = build(document, NULL);
	const struct cc_conf *c;

	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	c = cc_conf_by_id(set, 2);
	CU_ASSERT(c->max_calls == 0 && c->extension_ring_ms == 30000 && c->transfer_ring_ms == 30000);
	CU_ASSERT(!c->code_password);
	CU_ASSERT(c->transfer_callback && c->transfer_callback_prefix[0] == '\0');
	CU_ASSERT_STRING_EQUAL(c->hold_music, "music/hold");
	cc_conf_set_free(set, &memory);
	set = build(choices, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	c = cc_conf_by_id(set, 2);
	CU_ASSERT(c->max_calls == 7 && c->extension_ring_ms == 20000 && c->transfer_ring_ms == 25000);
	CU_ASSERT(!c->transfer_callback);
	CU_ASSERT(c->code_password);
	CU_ASSERT_STRING_EQUAL(c->transfer_callback_prefix, "回: ");
	CU_ASSERT_STRING_EQUAL(c->hold_music, "music/b");
	cc_conf_set_free(set, &memory);
	CU_ASSERT_PTR_NULL(build(wrong, NULL));
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "transfer_timeout_s must be"));
	free(choices);
	free(wrong);
}

static void options_are_read(void)
{
	char *options = with(document, "\"record\":false,\"state\":\"enabled\"",
			"\"record\":false,\"state\":\"enabled\",\"hold_music\":\"music/other\","
			"\"leave_empty\":true,\"no_agent_overflow\":1,\"overflow_kind\":\"did\","
			"\"overflow_target\":\"4008000\",\"prefix_name\":\"销售\",\"prefix_number\":\"9*\","
			"\"auto_answer\":true,\"relax_s\":20,\"menu_repeat\":3,\"periodic_s\":7,"
			"\"announce_wait\":true,\"auto_answer_predictive\":true");
	struct cc_conf_set *set = build(options, NULL);
	const struct cc_conf_queue *q;

	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	q = cc_conf_queue_at(cc_conf_by_id(set, 2), 0);
	CU_ASSERT(q->leave_empty && q->no_agent_overflow && q->auto_answer && q->announce_wait);
	CU_ASSERT(q->auto_answer_predictive && !q->auto_answer_click);
	CU_ASSERT_STRING_EQUAL(q->hold_music, "music/other");
	CU_ASSERT_STRING_EQUAL(q->prefix_name, "销售");
	CU_ASSERT_STRING_EQUAL(q->prefix_number, "9*");
	CU_ASSERT_EQUAL(q->overflow.kind, CC_TARGET_DID);
	CU_ASSERT_EQUAL(q->overflow.index, cc_conf_did_find(cc_conf_by_id(set, 2), q->overflow.name));
	CU_ASSERT_EQUAL(q->relax_ms, 20000);
	CU_ASSERT_EQUAL(q->menu_repeat, 3);
	CU_ASSERT_EQUAL(q->periodic_ms, 7000);
	/* what is not said is off */
	q = cc_conf_queue_at(cc_conf_by_id(set, 2), 1);
	CU_ASSERT(!q->leave_empty && !q->auto_answer && !q->menu_prompt[0] && !q->relax_ms);
	CU_ASSERT_EQUAL(q->overflow.kind, CC_TARGET_HANGUP);
	cc_conf_set_free(set, &memory);
	free(options);
}

static void lists_are_read(void)
{
	char *text = with_lists(
			",\"keys\":[{\"queue\":\"600\",\"digit\":\"#\",\"target_kind\":\"queue\","
			"\"target\":\"601\"},{\"queue\":\"600\",\"digit\":\"1\",\"target_kind\":\"prompt\","
			"\"target\":\"a/b\"}],\"needs\":[{\"queue\":\"600\",\"skill\":\"7\",\"level\":5},"
			"{\"queue\":\"600\",\"skill\":\"8\",\"level\":2}],\"skills\":[{\"agent\":\"802\","
			"\"skill\":\"7\",\"level\":9},{\"agent\":\"802\",\"skill\":\"8\",\"level\":1},"
			"{\"agent\":\"803\",\"skill\":\"8\",\"level\":2}],\"vips\":[{\"queue\":\"600\","
			"\"number\":\"8613800000001\",\"level\":\"noble\"},{\"queue\":\"600\","
			"\"number\":\"861088886666\",\"level\":\"normal\"}],"
			"\"holidays\":[{\"day\":\"2026-10-02\"},{\"day\":\"2026-10-01\"}]");
	struct cc_conf_set *set = build(text, NULL);
	const struct cc_conf *c;
	const struct cc_conf_target *to;

	CU_ASSERT_STRING_EQUAL(error, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	c = cc_conf_by_id(set, 2);
	to = cc_conf_key(c, 0, '#');
	CU_ASSERT_PTR_NOT_NULL_FATAL(to);
	CU_ASSERT(to->kind == CC_TARGET_QUEUE && to->index == 1);
	CU_ASSERT_STRING_EQUAL(cc_conf_key(c, 0, '1')->name, "a/b");
	CU_ASSERT_PTR_NULL(cc_conf_key(c, 0, '2'));
	CU_ASSERT_PTR_NULL(cc_conf_key(c, 1, '1'));
	/* 802 lacks one level of 8, 803 five of 7, 801 has nothing; 601 needs nothing */
	CU_ASSERT_EQUAL(cc_conf_member_at(c, 0)->gap, 1);
	CU_ASSERT_EQUAL(cc_conf_member_at(c, 1)->gap, 5);
	CU_ASSERT_EQUAL(cc_conf_member_at(c, 2)->gap, 5);
	CU_ASSERT_EQUAL(cc_conf_member_at(c, 3)->gap, 0);
	CU_ASSERT_EQUAL(cc_conf_vip_level(c, 0, "13800000001"), 3);
	CU_ASSERT_EQUAL(cc_conf_vip_level(c, 0, "+86 138 0000 0001"), 3);
	CU_ASSERT_EQUAL(cc_conf_vip_level(c, 0, "88886666"), 1); /* of the area */
	CU_ASSERT_EQUAL(cc_conf_vip_level(c, 1, "13800000001"), 0);
	CU_ASSERT_EQUAL(cc_conf_vip_level(c, 0, "801"), 0);
	CU_ASSERT_EQUAL(cc_conf_vip_level(c, 0, "anonymous"), 0);
	/* 2026-10-01 and 02 in Shanghai: from 16:00 UTC of the day before */
	CU_ASSERT_FALSE(cc_conf_is_holiday(c, 1790783999999));
	CU_ASSERT_TRUE(cc_conf_is_holiday(c, 1790784000000));
	CU_ASSERT_TRUE(cc_conf_is_holiday(c, 1790956799999));
	CU_ASSERT_FALSE(cc_conf_is_holiday(c, 1790956800000));
	CU_ASSERT_FALSE(cc_conf_is_holiday(cc_conf_by_id(set, 1), 1790784000000));
	cc_conf_set_free(set, &memory);
	free(text);
}

#define IVR(number, dial, max, target)                                                             \
	"{\"number\":\"" number "\",\"name\":\"M\",\"kind\":\"menu\",\"skip\":false,\"start_s\":2,"    \
	"\"repeat\":1,\"timeout_s\":5,\"key_timeout_s\":3,\"max_keys\":" max ",\"dial_agents\":" dial  \
	",\"tries\":2,\"timeout_prompt\":\"\",\"timeout_kind\":\"ivr\",\"timeout_target\":\"" target   \
	"\",\"no_match_prompt\":\"\",\"no_match_kind\":\"hangup\",\"no_match_target\":\"\","           \
	"\"prefix_name\":\"\",\"prefix_number\":\"\"}"
#define IVR_KEY(ivr, keys, target)                                                                 \
	"{\"ivr\":\"" ivr "\",\"keys\":\"" keys "\",\"target_kind\":\"queue\",\"target\":\"" target    \
	"\"}"
#define IVR_PROMPT(ivr, position)                                                                  \
	"{\"ivr\":\"" ivr "\",\"position\":" position ",\"prompt\":\"p" position "\",\"gap_s\":1}"

static void menus_are_read(void)
{
	char *text = with_lists(",\"ivrs\":[" IVR("7100", "false", "0", "7000") "," IVR("7000", "true",
			"2",
			"7100") "],"
					"\"ivr_prompts\":[" IVR_PROMPT("7100", "2") "," IVR_PROMPT("7100",
							"1") "],"
								 "\"ivr_keys\":[" IVR_KEY("7100", "12", "601") "," IVR_KEY(
										 "7100", "1", "600") "," IVR_KEY("7000", "#", "600") "]");
	struct cc_conf_set *set = build(text, NULL);
	const struct cc_conf *c;
	struct cc_conf_target agent;
	int32_t sub;

	CU_ASSERT_STRING_EQUAL(error, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	c = cc_conf_by_id(set, 2);
	sub = cc_conf_ivr_find(c, "7100");
	CU_ASSERT_EQUAL(sub, 1);
	CU_ASSERT_EQUAL(cc_conf_ivr_find(c, "7200"), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_conf_ivr_at(c, sub)->timeout.index, 0);
	CU_ASSERT_EQUAL(cc_conf_ivr_at(c, sub)->prompt_count, 2);
	CU_ASSERT_STRING_EQUAL(cc_conf_ivr_prompt_at(c, sub, 0)->prompt, "p1");
	CU_ASSERT_EQUAL(cc_conf_ivr_prompt_at(c, sub, 1)->gap_ms, 1000);
	CU_ASSERT_EQUAL(cc_conf_ivr_input(c, sub, "12", &agent)->index, 1);
	CU_ASSERT_TRUE(cc_conf_ivr_goes_on(c, sub, "1"));
	CU_ASSERT_FALSE(cc_conf_ivr_goes_on(c, sub, "12"));
	CU_ASSERT_PTR_NULL(cc_conf_ivr_input(c, sub, "801", &agent)); /* may not */
	CU_ASSERT_FALSE(cc_conf_ivr_goes_on(c, sub, "8"));
	CU_ASSERT_PTR_EQUAL(cc_conf_ivr_input(c, 0, "801", &agent), &agent);
	CU_ASSERT_FALSE(cc_conf_ivr_goes_on(c, 0, "8")); /* agents' numbers are too long */
	CU_ASSERT_EQUAL(cc_conf_ivr_input(c, 0, "#", &agent)->index, 0);
	cc_conf_set_free(set, &memory);
	free(text);
}

static void mistakes_in_lists_are_named(void)
{
	static const struct
	{
		const char *lists, *error;
	} cases[] = {
			{",\"keys\":[{\"queue\":\"699\",\"digit\":\"1\",\"target_kind\":\"hangup\","
			 "\"target\":\"\"}]",
					"tenant demo, queue 699, key 1: there is no such queue"},
			{",\"keys\":[{\"queue\":\"600\",\"digit\":\"1\",\"target_kind\":\"agent\","
			 "\"target\":\"899\"}]",
					"tenant demo, queue 600, key 1: there is no agent 899"},
			{",\"keys\":[{\"queue\":\"600\",\"digit\":\"12\",\"target_kind\":\"hangup\","
			 "\"target\":\"\"}]",
					"tenant demo, key 12: digit must be a digit, * or #"},
			{",\"keys\":[{\"queue\":\"600\",\"digit\":\"1\",\"target_kind\":\"hangup\","
			 "\"target\":\"\"},{\"queue\":\"600\",\"digit\":\"1\",\"target_kind\":\"callback\","
			 "\"target\":\"\"}]",
					"tenant demo, queue 600, key 1: is there twice"},
			{",\"needs\":[{\"queue\":\"600\",\"skill\":\"1\",\"level\":11}]",
					"tenant demo, skill of queue 600: level must be 1…10"},
			{",\"vips\":[{\"queue\":\"699\",\"number\":\"861\",\"level\":\"normal\"}]",
					"tenant demo, VIP 861: there is no queue 699"},
			{",\"vips\":[{\"queue\":\"600\",\"number\":\"861\",\"level\":\"gold\"}]",
					"tenant demo, VIP 861: level must be one of normal, important, noble"},
			{",\"blacklist\":[{\"number\":\"+86139\"}]",
					"tenant demo, number of the blacklist +86139: number must be 1 to 15 digits"},
			{",\"blacklist\":[\"1\",\"x\"]",
					"tenant demo, number of the blacklist x: number must be 1 to 15 digits"},
			{",\"blacklist\":[\"1\",2]",
					"tenant demo, number of the blacklist #2: number must be a text"},
			{",\"blacklist_action\":\"shout\"", "tenant demo: blacklist_action must be one of "
												"hangup, ring, announcement, music"},
			{",\"ivrs\":[" IVR("7000", "true", "2", "7100") "]",
					"tenant demo, menu 7000, time-out: there is no menu 7100"},
			{",\"ivrs\":[" IVR("7000", "true", "2", "7000") "," IVR(
					 "7000", "true", "2", "7000") "]",
					"tenant demo, menu 7000: is there twice"},
			{",\"ivr_keys\":[" IVR_KEY("7000", "1", "600") "]",
					"tenant demo, menu 7000, keys 1: there is no such menu"},
			{",\"ivrs\":[" IVR("7000", "true", "2", "7000") "],\"ivr_keys\":[" IVR_KEY(
					 "7000", "1", "600") "," IVR_KEY("7000", "1", "601") "]",
					"tenant demo, menu 7000, keys 1: are there twice"},
			{",\"ivr_keys\":[" IVR_KEY("7000", "1a", "600") "]",
					"tenant demo, key of menu 7000: keys must be 1 to 8 digits, * or #"},
			{",\"ivr_prompts\":[" IVR_PROMPT("7000", "1") "]",
					"tenant demo, prompt p1: there is no menu 7000"},
			{",\"holidays\":[{\"day\":\"1.10.2026\"}]",
					"tenant demo, holiday 1.10.2026: day must be a day such as 2026-10-01"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = with_lists(cases[i].lists);

		CU_ASSERT_PTR_NULL(build(text, NULL));
		CU_ASSERT_STRING_EQUAL(error, cases[i].error);
		CU_ASSERT_EQUAL(allocated, 0);
		free(text);
	}
}

static void blacklist(void)
{
	char *text = with(document, "\"prompt_language\":\"zh\"",
			"\"prompt_language\":\"zh\",\"blacklist_action\":\"music\",\"blacklist\":["
			"\"8613900000009\",{\"number\":\"999999999999999\"},\"442079460000\"]");
	struct cc_conf_set *set = build(text, NULL);
	const struct cc_conf *c = cc_conf_by_id(set, 2), *platform = cc_conf_by_id(set, 1);

	CU_ASSERT_EQUAL(c->blacklist_action, CC_BLACKLIST_MUSIC);
	CU_ASSERT_EQUAL(platform->blacklist_action, CC_BLACKLIST_HANGUP);
	CU_ASSERT_TRUE(cc_conf_blacklisted(c, "8613900000009"));
	CU_ASSERT_TRUE(cc_conf_blacklisted(c, "442079460000"));
	CU_ASSERT_TRUE(cc_conf_blacklisted(c, "999999999999999"));
	CU_ASSERT_FALSE(cc_conf_blacklisted(c, "8613900000008"));
	CU_ASSERT_FALSE(cc_conf_blacklisted(c, "13900000009"));
	CU_ASSERT_FALSE(cc_conf_blacklisted(platform, "8613900000009")); /* another tenant's */
	CU_ASSERT_FALSE(cc_conf_no_call(c, "8613900000009", 0));         /* another list */
	cc_conf_set_free(set, &memory);
	free(text);
	CU_ASSERT_EQUAL(allocated, 0);
}

static void calls_to_outside(void)
{
	char *ids = with(document, "\"number\":\"801\",\"name\":\"A\"",
			"\"number\":\"801\",\"name\":\"A\",\"caller_id\":\"4007\"");
	char *text = with(ids, "\"prompt_language\":\"zh\"",
			"\"prompt_language\":\"zh\",\"external_timeout_s\":45,\"no_calls\":["
			"{\"number\":\"8613900000009\",\"package\":4},"
			"{\"number\":\"8613900000001\",\"package\":3},"
			"{\"number\":\"8613900000009\",\"package\":2}]");
	struct cc_conf_set *set = build(text, NULL);
	const struct cc_conf *c = cc_conf_by_id(set, 2), *platform = cc_conf_by_id(set, 1);

	CU_ASSERT_EQUAL(c->external_ring_ms, 45000);
	CU_ASSERT_EQUAL(platform->external_ring_ms, 60000);
	CU_ASSERT_TRUE(cc_conf_no_call(c, "8613900000009", 0));
	CU_ASSERT_TRUE(cc_conf_no_call(c, "8613900000001", 0));
	CU_ASSERT_FALSE(cc_conf_no_call(c, "8613900000005", 0));
	CU_ASSERT_TRUE(cc_conf_no_call(c, "8613900000009", 2));
	CU_ASSERT_TRUE(cc_conf_no_call(c, "8613900000009", 4));
	CU_ASSERT_FALSE(cc_conf_no_call(c, "8613900000009", 3)); /* another package's list */
	CU_ASSERT_FALSE(cc_conf_no_call(platform, "8613900000009", 0));
	/* that of 801 is nobody's: the first DID that is enabled */
	CU_ASSERT_STRING_EQUAL(cc_conf_caller_id(c, cc_conf_agent_find(c, "801"), "", 0, 0), "4008000");
	CU_ASSERT_STRING_EQUAL(cc_conf_trunk_nth(set, 2, 0)->name, "carrier");
	CU_ASSERT_PTR_NULL(cc_conf_trunk_nth(set, 2, 1));
	CU_ASSERT_STRING_EQUAL(cc_conf_trunk_nth(set, 1, 0)->name, "carrier"); /* granted */
	CU_ASSERT_STRING_EQUAL(cc_conf_trunk_nth(set, 1, 1)->name, "six");
	CU_ASSERT_PTR_NULL(cc_conf_trunk_nth(set, 1, 2));
	CU_ASSERT_NOT_EQUAL(cc_conf_trunk_id(cc_conf_trunk_nth(set, 1, 0)),
			cc_conf_trunk_id(cc_conf_trunk_nth(set, 1, 1)));
	cc_conf_set_free(set, &memory);
	free(ids);
	free(text);
	CU_ASSERT_EQUAL(allocated, 0);
}

#define AT(time) cc_conf_caller_id(c, agent, "", 0, 1700000000000 + (time))

static void caller_ids(void)
{
	char *agents = with(document, "\"number\":\"801\",\"name\":\"A\"",
			"\"number\":\"801\",\"name\":\"A\",\"caller_id\":\"4008002\"");
	char *pool = with(agents, "\"prompt_language\":\"zh\"",
			"\"prompt_language\":\"zh\",\"caller_id_rotation_days\":0,\"caller_ids\":["
			"{\"number\":\"4007\"},{\"number\":\"02155556666\"}]");
	char *days = with(pool, "days\":0", "days\":2");
	char *every = with(pool, "days\":0", "days\":1");
	char *summer = with(every, "Asia/Shanghai", "America/New_York");
	char *chosen = with(pool, "days\":0", "days\":0,\"caller_id\":\"+862155556666\"");
	struct cc_conf_set *set = build(pool, NULL);
	const struct cc_conf *c = cc_conf_by_id(set, 2);
	int32_t own = cc_conf_agent_find(c, "801"), agent = cc_conf_agent_find(c, "802");

	CU_ASSERT_STRING_EQUAL(cc_conf_caller_id(c, own, "4007", 0, 0), "4008002");
	CU_ASSERT_STRING_EQUAL(cc_conf_caller_id(c, agent, "4008001", 0, 0), "4008001");
	CU_ASSERT_STRING_EQUAL(cc_conf_caller_id(c, agent, "", 6, 0), "4007");
	CU_ASSERT_STRING_EQUAL(cc_conf_caller_id(c, agent, "", 7, 0), "02155556666");
	CU_ASSERT_STRING_EQUAL(cc_conf_caller_id(c, -1, "", 7, 0), "02155556666");
	CU_ASSERT_TRUE(cc_conf_owns(c, "8621 5555 6666") && cc_conf_owns(c, "4008002"));
	CU_ASSERT_TRUE(cc_conf_may_show(c, "862155556666") && cc_conf_may_show(c, "+862155556666"));
	CU_ASSERT_FALSE(cc_conf_may_show(c, "8621 5555 6666") || cc_conf_may_show(c, "4007\r\nX: y"));
	CU_ASSERT_FALSE(cc_conf_owns(c, "") || cc_conf_owns(c, "4007;x") ||
					cc_conf_owns(c, "4009000") || cc_conf_owns(c, "x"));
	cc_conf_set_free(set, &memory);

	set = build(days, NULL); /* 1700000000 is 06:13:20 of the 19676th day in Shanghai */
	c = cc_conf_by_id(set, 2);
	CU_ASSERT_STRING_EQUAL(AT(0), "4007");
	CU_ASSERT_STRING_EQUAL(AT(41 * 3600000), "4007"); /* the evening of the next one */
	CU_ASSERT_STRING_EQUAL(AT(42 * 3600000), "02155556666");
	cc_conf_set_free(set, &memory);

	/* days begin by the rules of the time zone: 00:30 of 3 July 2024 in New York, the 19907th */
	set = build(summer, NULL);
	c = cc_conf_by_id(set, 2);
	CU_ASSERT_STRING_EQUAL(cc_conf_caller_id(c, agent, "", 0, 1719981000000 - 3600000), "4007");
	CU_ASSERT_STRING_EQUAL(cc_conf_caller_id(c, agent, "", 0, 1719981000000), "02155556666");
	cc_conf_set_free(set, &memory);

	set = build(chosen, NULL);
	c = cc_conf_by_id(set, 2);
	CU_ASSERT_STRING_EQUAL(cc_conf_caller_id(c, agent, "", 0, 0), "+862155556666");
	CU_ASSERT_STRING_EQUAL(cc_conf_caller_id(c, agent, "4007", 0, 0), "4007");
	cc_conf_set_free(set, &memory);
	free(agents);
	free(pool);
	free(days);
	free(every);
	free(summer);
	free(chosen);
	CU_ASSERT_EQUAL(allocated, 0);
}

static void profiles_are_read(void)
{
	static const struct
	{
		const char *from, *to, *error;
	} bad[] = {{"\"profile\":4", "\"profile\":5",
					   "tenant demo, outbound route X.: there is no outbound profile 5"},
			{"file\":4,\"pro", "file\":6,\"pro",
					"tenant demo, outbound_profile: there is no outbound profile 6"},
			{"\"X.\"", "\"X.X\"",
					"tenant demo, outbound route X.X: pattern must be a pattern such as 1XX."},
			{"\"add\":\"\"", "\"add\":\"sip:\"",
					"tenant demo, outbound route X.: add must be up to 16 digits, a '+' before "
					"them"}};
	char *text = with(document, "\"prompt_language\":\"zh\"",
			"\"outbound_profile\":4,\"prompt_language\":\"zh\",\"profiles\":[{\"id\":4,\"name\":"
			"\"A\"},{\"id\":9,\"name\":\"B\"}],\"routes\":[{\"id\":1,\"profile\":4,\"position\":1,"
			"\"strip\":\"0\",\"pattern\":\"X.\",\"add\":\"\"}],\"route_trunks\":[{\"route\":1,"
			"\"position\":1,\"trunk\":3}]");
	char *own = with(text, "\"number\":\"801\",\"name\":\"A\"",
			"\"number\":\"801\",\"name\":\"A\",\"profile\":9");
	char *ids = with(own, "{\"name\":\"carrier\"", "{\"id\":3,\"name\":\"carrier\"");
	struct cc_conf_set *set = build(ids, NULL);
	const struct cc_conf *c = cc_conf_by_id(set, 2);

	CU_ASSERT_EQUAL(cc_conf_profile_at(c, cc_conf_profile(c, cc_conf_agent_find(c, "801")))->id, 9);
	CU_ASSERT_EQUAL(cc_conf_profile_at(c, cc_conf_profile(c, cc_conf_agent_find(c, "802")))->id, 4);
	CU_ASSERT_EQUAL(cc_conf_profile_at(c, cc_conf_profile(c, -1))->route_count, 1);
	CU_ASSERT_EQUAL(cc_conf_profile(cc_conf_by_id(set, 1), -1), -1);
	CU_ASSERT_EQUAL(cc_conf_profile_find(c, 5), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_conf_out_at(c, 0)->trunks[0], 3);
	CU_ASSERT_STRING_EQUAL(cc_conf_trunk_by_id(set, 2, 3)->name, "carrier");
	CU_ASSERT_PTR_NOT_NULL(cc_conf_trunk_by_id(set, 1, 3)); /* granted */
	CU_ASSERT_PTR_NULL(cc_conf_trunk_by_id(set, 7, 3));
	CU_ASSERT_PTR_NULL(cc_conf_trunk_by_id(set, 2, 4));
	cc_conf_set_free(set, &memory);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *wrong = with(ids, bad[i].from, bad[i].to);

		CU_ASSERT_PTR_NULL(build(wrong, NULL));
		CU_ASSERT_STRING_EQUAL(error, bad[i].error);
		free(wrong);
	}
	free(text);
	free(own);
	free(ids);
	CU_ASSERT_EQUAL(allocated, 0);
}

int main(void)
{
	CU_TestInfo tests[] = {
			{"everything is read", everything_is_read},
			{"trunks are found by source (TEL-01)", trunks_are_found_by_source},
			{"mistakes are named", mistakes_are_named},
			{"cut documents are refused", cut_documents_are_refused},
			{"unchanged tenants keep their block (TEL-26)", unchanged_tenants_keep_their_block},
			{"no memory", no_memory},
			{"long names are cut", long_names_are_cut},
			{"choices of a tenant are read (PLAT-12 CALL-11)", choices_are_read},
			{"options of a queue are read (TEL-07)", options_are_read},
			{"menus are read (TEL-14)", menus_are_read},
			{"keys, skills, VIPs, holidays are read (TEL-05 PLAT-14)", lists_are_read},
			{"mistakes in these are named", mistakes_in_lists_are_named},
			{"calls to outside (CALL-01 TEL-20)", calls_to_outside},
			{"blacklist (TEL-19)", blacklist},
			{"caller ids (TEL-13)", caller_ids},
			{"outbound profiles (TEL-11 TEL-12)", profiles_are_read},
			CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {{"configuration", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

	return unit_run(suites);
}
