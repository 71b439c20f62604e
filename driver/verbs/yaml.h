/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree of cJSON as YAML in block style. What is written reads the same in YAML 1.1 (what kubectl
 * has) and 1.2: a string that is more than a plain word, or that one of them could take for
 * something else (yes, on, null, 1e3, 0o17), is quoted, with JSON's escapes.
 */
#pragma once

#include <cjson/cJSON.h>

#include "base/str.h"

/* One document, an object that is not empty, preceded by "---" where `text` has one already. */
void yaml_add_document(struct text *text, const cJSON *document);
