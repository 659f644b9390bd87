/* SPDX-License-Identifier: GPL-2.0-or-later
 * Whom people with a narrower data scope see, as SQL: SELECTs of one column for IN ( ), in
 * conditions of resources and in other statements. Each page and cc-eventd use these, so that all
 * of them mean the same people. {tenant}, {agent} and {user} are who asks; what: "id" or
 * "number" of agents. */
#ifndef CC_PEOPLE_H
#define CC_PEOPLE_H

#define CC_PEOPLE_ME                                                                               \
	"agent_group_member l JOIN agent me ON me.tenant_id = l.tenant_id AND me.id = l.agent_id AND " \
	"me.live = 1 AND me.number = {agent}"
#define CC_PEOPLE_WITH_ME(what)                                                                    \
	"SELECT a." what " FROM " CC_PEOPLE_ME " JOIN agent_group_member m ON m.tenant_id = "          \
	"l.tenant_id AND m.group_id = l.group_id JOIN agent a ON a.tenant_id = m.tenant_id AND a.id "  \
	"= m.agent_id WHERE l.tenant_id = {tenant}"

/* Ids of the groups that one belongs to, as member or leader; of those that one leads. */
#define CC_OWN_GROUPS "SELECT l.group_id FROM " CC_PEOPLE_ME " WHERE l.tenant_id = {tenant}"
#define CC_LED_GROUPS CC_OWN_GROUPS " AND l.leader = 1"

/* Agents of those groups. */
#define CC_COLLEAGUES(what) CC_PEOPLE_WITH_ME(what)
#define CC_LED_AGENTS(what) CC_PEOPLE_WITH_ME(what) " AND l.leader = 1"

/* Departments that one manages, with those below them; agents in them. */
#define CC_MANAGED_DEPARTMENTS                                                                     \
	"SELECT q.department_id FROM department_manager p JOIN department_tree q ON q.tenant_id = "    \
	"p.tenant_id AND q.ancestor_id = p.department_id WHERE p.tenant_id = {tenant} AND p.user_id "  \
	"= {user}"
#define CC_MANAGED_AGENTS(what)                                                                    \
	"SELECT a." what " FROM department_manager p JOIN department_tree q ON q.tenant_id = "         \
	"p.tenant_id AND q.ancestor_id = p.department_id JOIN agent a ON a.tenant_id = q.tenant_id "   \
	"AND a.department_id = q.department_id WHERE p.tenant_id = {tenant} AND p.user_id = {user}"

#endif
