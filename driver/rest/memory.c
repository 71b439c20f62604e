/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/memory.h"

#include <stdlib.h> /* defines __GLIBC__ */

#ifdef __GLIBC__
#include <malloc.h>

/* Two are as fast as 8 for each processor here: the cluster is what is waited for. */
#define ARENAS 2

void memory_settle(void)
{
	(void)mallopt(M_ARENA_MAX, ARENAS);
}

void memory_give_back(void)
{
	(void)malloc_trim(0);
}
#else
void memory_settle(void)
{
}

void memory_give_back(void)
{
}
#endif
