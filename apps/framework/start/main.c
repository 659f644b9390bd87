/* SPDX-License-Identifier: GPL-2.0-or-later
 * The start of every web application: its manifest is all that differs. */
#include "cc/web.h"

int main(int argc, char **argv)
{
	return cc_web_main(argc, argv, &cc_application);
}
