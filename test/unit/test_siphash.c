/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/siphash.h"

/* The vectors of the reference (Aumasson, Bernstein: SipHash, appendix A; vectors.h): the key is
 * 00 01 .. 0f, the input 00 01 .. (n - 1). */
static uint64_t of_length(size_t length)
{
	unsigned char key[16], input[64];

	for (unsigned int i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)i;
	for (unsigned int i = 0; i < sizeof(input); i++)
		input[i] = (unsigned char)i;
	return siphash(key, input, length);
}

static void the_reference_vectors_come_out(void **state)
{
	(void)state;
	assert_true(of_length(0) == UINT64_C(0x726fdb47dd0e0e31));
	assert_true(of_length(1) == UINT64_C(0x74f839c593dc67fd));
	assert_true(of_length(15) == UINT64_C(0xa129ca6149be45e5));
}

static void another_key_gives_another_hash(void **state)
{
	const unsigned char one[16] = {1}, two[16] = {2};

	(void)state;
	assert_true(siphash(one, "secret", 6) != siphash(two, "secret", 6));
	assert_true(siphash(one, "secret", 6) != siphash(one, "secreT", 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reference_vectors_come_out),
		cmocka_unit_test(another_key_gives_another_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
