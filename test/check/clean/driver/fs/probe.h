/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

int probe_known(const char *name);
