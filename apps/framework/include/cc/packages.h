/* SPDX-License-Identifier: GPL-2.0-or-later
 * Customer packages (CRM-12) in lists of whatever application, as SQL: a closed package hides the
 * pages that its form says: "customers", "fields", "calls", "contacts" (marks and follow-ups too),
 * "tasks" or "funnels". Nothing is deleted: what is hidden comes back when the package is opened.
 */
#ifndef CC_PACKAGES_H
#define CC_PACKAGES_H

/* Condition: the row's package (an expression, NULL: of none) is not hidden on the page. */
#define CC_PACKAGE_SHOWN(page, package)                                                            \
	"COALESCE(" package ", 0) NOT IN (SELECT hp.id FROM customer_package hp WHERE hp.tenant_id = " \
	"{tenant} AND hp.state = 'closed' AND FIND_IN_SET('" page "', hp.hides))"
/* Packages to choose from in its filters and forms. */
#define CC_PACKAGE_OPTIONS(page)                                                                   \
	"SELECT id, name FROM customer_package WHERE tenant_id = {tenant} AND (state = 'open' OR NOT " \
	"FIND_IN_SET('" page "', hides)) ORDER BY standard DESC, id"
/* Those that are open. */
#define CC_PACKAGE_OPEN                                                                            \
	"SELECT id, name FROM customer_package WHERE tenant_id = {tenant} AND state = 'open' ORDER "   \
	"BY standard DESC, id"
#define CC_PACKAGE_NAME(package)                                                                   \
	"(SELECT np.name FROM customer_package np WHERE np.tenant_id = {tenant} AND np.id = " package  \
	")"

#endif
