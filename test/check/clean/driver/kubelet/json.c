/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/json.h"

#include <cjson/cJSON.h>

const char *json_version(void)
{
	return cJSON_Version();
}
