/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers send to rbd-rest, as far as the parser sees it. Input: a byte that chooses the
 * route, then the query, the Content-Type and the body, parted by newlines. test/fuzz/run builds it
 * for libFuzzer; test_rest_corpus replays the corpus as a unit test.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rest/auth.h"
#include "rest/routes.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What the handlers rely on. */
static void check(const struct route *route, const struct rest_request *request)
{
	for (int i = 0; i < NAMES; i++)
		if (!request->values[i] || (route->required & 1U << i && !*request->values[i]))
			abort();
	if (request->limit < 1 || request->limit > 1000)
		abort();
	if (route->required & 1U << NAME_SIZE && (request->size < 4 << 20 || request->size % 512))
		abort();
	for (const char *c = request->values[NAME_IMAGE]; *c; c++)
		if (strchr("/@ ,%\n", *c))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text, *rest, *body;
	struct rest_request request;
	struct credentials credentials;
	struct error error;
	struct sent sent = {0};
	const struct route *route;

	if (!size)
		return 0;
	route = &routes[bytes[0] % route_count];
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, bytes + 1, size - 1);
	text[size - 1] = '\0';
	rest = text;
	sent.query = strsep(&rest, "\n");
	sent.content_type = rest ? strsep(&rest, "\n") : NULL;
	/* by its length alone: one byte too many read of it is seen */
	sent.body_length = rest ? (size_t)(text + size - 1 - rest) : 0;
	body = malloc(sent.body_length ? sent.body_length : 1);
	if (sent.body_length && body)
		memcpy(body, rest, sent.body_length);
	sent.body = body;
	if (rest_request_parse(route, &sent, &request, &error) >= 0)
		check(route, &request);
	rest_request_done(&request);
	(void)auth_parse_basic(sent.query, &credentials);
	free(body);
	free(text);
	return 0;
}
