/* SPDX-License-Identifier: Apache-2.0 */
/* What both readers of superblocks need: numbers in either order, a uuid as text, a checksum. */
#pragma once

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t le16_at(const uint8_t *bytes, size_t at)
{
	uint16_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return le16toh(value);
}

static inline uint32_t le32_at(const uint8_t *bytes, size_t at)
{
	uint32_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return le32toh(value);
}

static inline uint16_t be16_at(const uint8_t *bytes, size_t at)
{
	uint16_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return be16toh(value);
}

static inline uint32_t be32_at(const uint8_t *bytes, size_t at)
{
	uint32_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return be32toh(value);
}

static inline uint64_t be64_at(const uint8_t *bytes, size_t at)
{
	uint64_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return be64toh(value);
}

void bytes_uuid(const uint8_t *uuid, char ret[40]);

/* Castagnoli's; as the kernel's crc32c() it inverts neither the start nor the end. */
uint32_t bytes_crc32c(uint32_t crc, const uint8_t *bytes, size_t length);
