/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "fs/probe.h"
#include "kubelet/json.h"

int main(int argc, char **argv)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "%s", argc > 1 ? argv[1] : "");
	printf("%s %s\n", line, json_version());
	return str_empty(line) || probe_known(line);
}
