/* SPDX-License-Identifier: Apache-2.0 */
#include "base/phase.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/deadline.h"
#include "base/str.h"

#define PHASES_MAX 24

struct phases {
	size_t count;
	size_t current;
	int64_t since; /* `current` has run since then */
	struct {
		const char *name; /* the same address in the worker */
		int64_t milliseconds;
	} list[PHASES_MAX];
};

static struct phases own;
static struct phases *phases = &own;

void phase_share(void)
{
	struct phases *shared;

	if (phases != &own)
		return;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return; /* what the worker begins is not seen then */
	*shared = own;
	phases = shared;
}

/* A worker that was given up may still write while its caller does: no index is taken on trust. */
static void settle_current(int64_t now)
{
	const size_t current = phases->current;

	if (current < PHASES_MAX && current < phases->count)
		phases->list[current].milliseconds += now - phases->since;
	phases->since = now;
}

void phase_begin(const char *name)
{
	const int64_t now = deadline_now();
	size_t at = 0, count;

	settle_current(now);
	count = phases->count < PHASES_MAX ? phases->count : PHASES_MAX;
	while (at < count && !str_eq(phases->list[at].name, name))
		at++;
	if (at == PHASES_MAX)
		return; /* it counts to the one before */
	if (at == count) {
		phases->list[at].name = name;
		phases->list[at].milliseconds = 0;
		phases->count = count + 1;
	}
	phases->current = at;
}

int64_t phase_text(char *to, size_t size)
{
	int64_t all = 0;
	size_t length = 0;

	to[0] = '\0';
	settle_current(deadline_now());
	for (size_t i = 0; i < phases->count && i < PHASES_MAX; i++) {
		const int64_t milliseconds = phases->list[i].milliseconds;
		int added;

		all += milliseconds;
		if (length >= size)
			continue;
		added = snprintf(to + length, size - length, "%s%s:%" PRId64, i ? "," : "",
				 phases->list[i].name, milliseconds);
		length += added > 0 ? (size_t)added : 0;
	}
	return all;
}
