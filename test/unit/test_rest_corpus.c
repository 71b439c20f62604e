/* SPDX-License-Identifier: Apache-2.0 */
/* The fuzz target of the request parser on its corpus, whole and cut off at every byte. */
#include "unit.h"

#include <dirent.h>

#include "base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define CORPUS FIXTURES "/../../fuzz/corpus/rest"

static void the_corpus_breaks_nothing(void **state)
{
	_cleanup_closedir_ DIR *directory = opendir(CORPUS);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		uint8_t bytes[4096];
		char path[600];
		_cleanup_fclose_ FILE *stream = NULL;
		size_t size;

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), CORPUS "/%s", entry->d_name);
		stream = fopen(path, "re");
		assert_non_null(stream);
		size = fread(bytes, 1, sizeof(bytes), stream);
		assert_true(size > 0);
		for (size_t end = 0; end <= size; end++)
			assert_int_equal(LLVMFuzzerTestOneInput(bytes, end), 0);
		count++;
	}
	assert_true(count >= 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("the corpus of the request parser breaks nothing, nor does any start of it",
		     the_corpus_breaks_nothing),
	};

	return cmocka_run_group_tests_name("rest corpus", tests, NULL, NULL);
}
