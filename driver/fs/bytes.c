/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/bytes.h"

#include <stdio.h>

void bytes_uuid(const uint8_t *uuid, char ret[40])
{
	char *to = ret;

	for (int i = 0; i < 16; i++)
		to += snprintf(to, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			       uuid[i]);
}

/* The polynomial reflected, four bits at a time. */
uint32_t bytes_crc32c(uint32_t crc, const uint8_t *bytes, size_t length)
{
	static uint32_t table[16];

	for (uint32_t i = 0; !table[15] && i < 16; i++) {
		uint32_t value = i;

		for (int bit = 0; bit < 4; bit++)
			value = value & 1 ? value >> 1 ^ 0x82f63b78U : value >> 1;
		table[i] = value;
	}
	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}
