/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>

#include "base/error.h"

static void returns_its_code(void **state)
{
	struct error error = {0};

	assert_int_equal(error_set(&error, -ENOENT, "open %s", "image"), -ENOENT);
	assert_int_equal(error.code, -ENOENT);
	assert_string_equal(error.text, "open image");
	assert_string_equal(error.advice, "");
}

static void adds_the_systems_words(void **state)
{
	struct error error = {0};

	assert_int_equal(error_errno(&error, -EACCES, "map %s", "kube/db"), -EACCES);
	assert_string_equal(error.text, "map kube/db: Permission denied");
	assert_int_equal(error_errno(&error, -99999, "map"), -99999);
	assert_string_equal(error.text, "map: unknown error");
}

static void context_goes_in_front(void **state)
{
	struct error error = {0};

	error_set(&error, -EIO, "write");
	assert_int_equal(error_prefix(&error, "map image %s", "kube/db"), -EIO);
	assert_string_equal(error.text, "map image kube/db: write");
}

static void more_goes_behind(void **state)
{
	struct error error = {0};

	error_set(&error, -EIO, "write");
	assert_int_equal(error_append(&error, "; %d times", 2), -EIO);
	assert_string_equal(error.text, "write; 2 times");
}

static void the_first_advice_stays(void **state)
{
	struct error error = {0};

	error_set(&error, -EIO, "write");
	assert_int_equal(error_advise(&error, "look at %s", "the cable"), -EIO);
	assert_int_equal(error_advise(&error, "ask somebody"), -EIO);
	assert_string_equal(error.advice, "look at the cable");
	assert_string_equal(error.text, "write");
}

static void a_new_failure_forgets_the_old(void **state)
{
	struct error error = {0};

	error_set(&error, -EIO, "a long sentence about something else");
	error_advise(&error, "an advice");
	error_set(&error, -ENOENT, "short");
	assert_string_equal(error.text, "short");
	assert_string_equal(error.advice, "");
	error_advise(&error, "an advice");
	error_errno(&error, -ENOENT, "short");
	assert_string_equal(error.text, "short: No such file or directory");
	assert_string_equal(error.advice, "");
}

/* Sentences of every length around the limit, of two-byte characters, behind any alignment. */
static void what_is_too_long_is_cut_and_marked(void **state)
{
	char words[4096];
	struct error error = {0};

	for (size_t shift = 0; shift < 2; shift++) {
		memset(words, 'x', shift);
		for (size_t i = shift; i + 2 < sizeof(words); i += 2)
			memcpy(words + i, "ü", 3);
		error_set(&error, -EIO, "%s", words);
		assert_true(strlen(error.text) < sizeof(error.text));
		assert_string_equal(error.text + strlen(error.text) - 3, "...");
		/* whole characters before the mark */
		assert_int_equal((strlen(error.text) - 3 - shift) % 2, 0);
		assert_memory_equal(error.text, words, strlen(error.text) - 3);

		error_advise(&error, "%s", words);
		assert_true(strlen(error.advice) < sizeof(error.advice));
		assert_string_equal(error.advice + strlen(error.advice) - 3, "...");
	}
}

static void the_limit_holds_for_all_that_is_added(void **state)
{
	char words[sizeof(((struct error *)0)->text)];
	struct error error = {0};

	memset(words, 'x', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	error_set(&error, -EIO, "%s", words);
	assert_string_equal(error.text, words); /* it just fits */
	error_append(&error, "!");
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
	assert_string_equal(error.text + strlen(error.text) - 3, "...");
	error_prefix(&error, "map");
	assert_memory_equal(error.text, "map: xxx", 8);
	assert_string_equal(error.text + strlen(error.text) - 3, "...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("error_set says the sentence and returns the code", returns_its_code),
		UNIT("error_errno adds the system's words", adds_the_systems_words),
		UNIT("error_prefix puts the context in front", context_goes_in_front),
		UNIT("error_append puts more behind", more_goes_behind),
		UNIT("error_advise does not replace an advice", the_first_advice_stays),
		UNIT("a new failure forgets the sentence and advice of the old one",
		     a_new_failure_forgets_the_old),
		UNIT("a sentence that is too long is cut between characters and marked",
		     what_is_too_long_is_cut_and_marked),
		UNIT("what is added to a full sentence is cut as well",
		     the_limit_holds_for_all_that_is_added),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
