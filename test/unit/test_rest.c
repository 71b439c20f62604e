/* SPDX-License-Identifier: Apache-2.0 */
/* What rbd-rest does without a cluster: parameters, routes, problems, users, command line. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/str.h"
#include "base/utf8.h"
#include "kubelet/json.h"
#include "rest/access_log.h"
#include "rest/arguments.h"
#include "rest/auth.h"
#include "rest/auth_file.h"
#include "rest/cursor.h"
#include "rest/exchange.h"
#include "rest/image_turn.h"
#include "rest/metrics.h"
#include "rest/names.h"
#include "rest/openapi.h"
#include "rest/passwd.h"
#include "rest/problem.h"
#include "rest/routes.h"
#include "rest/settings.h"
#include "volume/connect.h"

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

static struct rest_request request;
static struct error error;

static int parse(const char *method, const char *path, const char *query, const char *type,
		 const char *body)
{
	char allow[64];
	const struct route *route = route_find(method, path, allow);
	const struct sent sent = {.query = query,
				  .content_type = type,
				  .body = body,
				  .body_length = body ? strlen(body) : 0};

	assert_non_null(route);
	rest_request_done(&request);
	return rest_request_parse(route, &sent, &request, &error);
}

static void query_is(int expected, const char *query)
{
	int r = parse("POST", "/v1/image", query, NULL, NULL);

	if (r != expected)
		fail_msg("%s: %d and not %d (%s)", query, r, expected, r < 0 ? error.text : "");
}

static int done(void **state)
{
	rest_request_done(&request);
	return 0;
}

static void parameters_come_from_the_query(void **state)
{
	query_is(0, "poolName=rbd&imageName=ceph-rbd&size=1073741824");
	assert_string_equal(request.values[NAME_POOL], "rbd");
	assert_string_equal(request.values[NAME_IMAGE], "ceph-rbd");
	assert_true(request.size == 1073741824);
	assert_string_equal(request.values[NAME_NAMESPACE], "");
	query_is(0, "&poolName=%72bd&&image%4eame=a&size=1Gi&");
	assert_string_equal(request.values[NAME_POOL], "rbd");
}

static void parameters_come_from_a_form_beside_an_empty_query(void **state)
{
	assert_int_equal(parse("POST", "/v1/image", "", FORM,
			       "poolName=rbd&imageName=ceph-rbd&size=1073741824"),
			 0);
	assert_string_equal(request.values[NAME_IMAGE], "ceph-rbd");
	assert_int_equal(parse("POST", "/v1/image", "size=4Mi", FORM "; charset=UTF-8",
			       "poolName=rbd&imageName=a"),
			 0);
	assert_true(request.size == 4194304);
}

static void parameters_come_from_a_json_object(void **state)
{
	assert_int_equal(parse("POST", "/v1/image", NULL, JSON,
			       "{\"poolName\":\"rbd\",\"imageName\":\"a\",\"size\":1073741824}"),
			 0);
	assert_true(request.size == 1073741824);
	assert_int_equal(parse("GET", "/v1/image", "poolName=rbd", JSON, "{\"details\":true}"), 0);
	assert_true(request.details);
}

static void twice_is_refused_whatever_the_values_and_places(void **state)
{
	query_is(-EINVAL, "poolName=rbd&imageName=a&size=1Gi&poolName=rbd");
	assert_contains(error.text, "\"poolName\" is given twice");
	assert_int_equal(
		parse("POST", "/v1/image", "poolName=a&imageName=a&size=1Gi", FORM, "poolName=b"),
		-EINVAL);
	assert_int_equal(parse("POST", "/v1/pool", NULL, JSON, "{\"name\":\"a\",\"name\":\"b\"}"),
			 -EINVAL);
	assert_int_equal(parse("POST", "/v1/pool", "name=a", JSON, "{\"name\":\"a\"}"), -EINVAL);
}

static void an_unknown_name_is_refused_with_the_nearest_of_the_route(void **state)
{
	query_is(-EINVAL, "poolname=rbd&imageName=a&size=1Gi");
	assert_contains(error.text, "no parameter \"poolname\"; the nearest known one is "
				    "\"poolName\"");
	/* known elsewhere, but not here */
	query_is(-EINVAL, "poolName=rbd&imageName=a&size=1Gi&details=true");
	assert_int_equal(parse("GET", "/healthz", "a=b", NULL, NULL), -EINVAL);
	assert_contains(error.text, "takes none");
}

static void what_is_missing_is_named(void **state)
{
	query_is(-EINVAL, "poolName=rbd&size=1Gi");
	assert_contains(error.text, "needs the parameter \"imageName\"");
}

static void what_is_outside_its_grammar_is_unprocessable(void **state)
{
	query_is(-EDOM, "poolName=a/b&imageName=a&size=1Gi");
	query_is(-EDOM, "poolName=rbd&imageName=&size=1Gi");
	query_is(-EDOM, "poolName=rbd&imageName=a@b&size=1Gi");
	query_is(-EDOM, "poolName=rbd&imageName=a&size=1024");
	assert_contains(error.text, "1024Mi or 1Gi");
	query_is(-EDOM, "poolName=rbd&imageName=a&size=-1");
	query_is(-EDOM, "poolName=rbd&imageName=a&size=99999999999999999999");
	assert_int_equal(parse("GET", "/v1/image", "poolName=a&limit=0", NULL, NULL), -EDOM);
	assert_int_equal(parse("GET", "/v1/image", "poolName=a&limit=1001", NULL, NULL), -EDOM);
	assert_int_equal(parse("GET", "/v1/image", "poolName=a&details=yes", NULL, NULL), -EDOM);
	assert_int_equal(problem_status(-EDOM), 422);
}

static void what_is_not_well_formed_is_refused(void **state)
{
	query_is(-EINVAL, "poolName=%zz");
	query_is(-EINVAL, "poolName=a%00b");
	query_is(-EINVAL, "poolName=%f");
	query_is(-EINVAL, "poolName=%ff");
	query_is(-EINVAL, "=a");
	assert_int_equal(parse("POST", "/v1/pool", NULL, JSON, "{\"name\":"), -EINVAL);
	assert_int_equal(parse("POST", "/v1/pool", NULL, JSON, "[\"name\"]"), -EINVAL);
	assert_int_equal(parse("POST", "/v1/pool", NULL, JSON, "{\"name\":[\"a\",\"b\"]}"),
			 -EINVAL);
	assert_int_equal(parse("POST", "/v1/pool", NULL, JSON, "{\"name\":null}"), -EINVAL);
	assert_int_equal(parse("POST", "/v1/pool", NULL, JSON, "{\"name\":1.5}"), -EINVAL);
}

static void a_body_of_another_kind_is_refused(void **state)
{
	assert_int_equal(parse("POST", "/v1/pool", NULL, "text/plain", "name=a"), -EPROTONOSUPPORT);
	assert_int_equal(parse("POST", "/v1/pool", NULL, NULL, "name=a"), -EPROTONOSUPPORT);
	assert_int_equal(parse("POST", "/v1/pool", NULL, FORM "x", "name=a"), -EPROTONOSUPPORT);
	/* no body has no kind */
	assert_int_equal(parse("POST", "/v1/pool", "name=a", "text/plain", NULL), 0);
}

static void no_message_repeats_what_could_be_a_secret(void **state)
{
	query_is(-EINVAL, "password=hunter2");
	assert_null(strstr(error.text, "hunter2"));
	query_is(-EINVAL, "a=hunter2&a=hunter2");
	assert_null(strstr(error.text, "hunter2"));
}

static void the_router_knows_paths_and_their_methods(void **state)
{
	char allow[64];

	assert_non_null(route_find("GET", "/v1/pool", allow));
	assert_null(route_find("PATCH", "/v1/image", allow));
	assert_string_equal(allow, "GET, POST, PUT, DELETE");
	assert_null(route_find("get", "/v1/pool", allow));
	assert_string_equal(allow, "GET, POST, DELETE");
	assert_null(route_find("GET", "/v1/pool/", allow));
	assert_string_equal(allow, "");
	assert_null(route_find("GET", "", allow));
}

static void every_route_can_be_told_apart_and_documented(void **state)
{
	for (size_t i = 0; i < route_count; i++) {
		assert_non_null(routes[i].handler);
		assert_int_equal(routes[i].required & routes[i].optional, 0);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(routes[i].operation, routes[j].operation);
			assert_false(str_eq(routes[i].path, routes[j].path) &&
				     str_eq(routes[i].method, routes[j].method));
		}
		for (size_t j = 0; routes[i].statuses[j]; j++)
			assert_string_not_equal(problem_title(routes[i].statuses[j]), "Error");
	}
}

static void the_document_has_every_route_and_parameter(void **state)
{
	cJSON *json = openapi_make();
	const cJSON *paths = cJSON_GetObjectItem(json, "paths");
	const cJSON *components = cJSON_GetObjectItem(json, "components");

	for (size_t i = 0; i < route_count; i++)
		assert_non_null(cJSON_GetObjectItemCaseSensitive(paths, routes[i].path));
	/* a schema that is no JSON would be missing */
	assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(components, "schemas")) >= 9);
	for (int i = 0; i < NAMES; i++) {
		cJSON *schema = cJSON_Parse(names[i].schema);

		assert_non_null(schema);
		cJSON_Delete(schema);
	}
	cJSON_Delete(json);
}

/* What may stand in the body is not required in the query: clients made from the document refuse
 * the one without the other. */
static void only_operations_without_a_body_require_parameters(void **state)
{
	cJSON *json = openapi_make();
	const cJSON *paths = cJSON_GetObjectItem(json, "paths"), *path, *operation, *parameter;
	unsigned int bodies = 0, required = 0;

	cJSON_ArrayForEach(path, paths) {
		cJSON_ArrayForEach(operation, path) {
			const bool body = cJSON_GetObjectItem(operation, "requestBody");

			bodies += body;
			cJSON_ArrayForEach(parameter,
					   cJSON_GetObjectItem(operation, "parameters")) {
				const bool must =
					cJSON_IsTrue(cJSON_GetObjectItem(parameter, "required"));

				assert_false(body && must);
				required += must;
			}
		}
	}
	assert_int_equal(bodies, 3);
	/* a pool to delete, one to list; pool and image to delete, to measure, to look at */
	assert_int_equal(required, 1 + 1 + 2 + 2 + 2);
	cJSON_Delete(json);
}

static void a_problem_says_what_and_where(void **state)
{
	_cleanup_response_ struct response response = {0};
	cJSON *json;

	query_is(0, "poolName=rbd&imageName=a&size=1Gi");
	error_set(&error, -ENOENT, "there is none \"of that name\"");
	error_advise(&error, "make it");
	problem_of(&response, &request, &error);
	assert_int_equal(response.status, 404);
	assert_string_equal(response.content_type, "application/problem+json");
	json = cJSON_Parse(response.body.data);
	assert_string_equal(cJSON_GetObjectItem(json, "title")->valuestring, "Not Found");
	assert_string_equal(cJSON_GetObjectItem(json, "detail")->valuestring,
			    "there is none \"of that name\"; make it");
	assert_string_equal(cJSON_GetObjectItem(json, "poolName")->valuestring, "rbd");
	assert_string_equal(cJSON_GetObjectItem(json, "imageName")->valuestring, "a");
	cJSON_Delete(json);
}

/* The strict parser is our own: it refuses what is no UTF-8. */
static void is_json(const struct response *response)
{
	cJSON *json = NULL;

	if (json_parse(response->body.data, 8, &json, &error) < 0)
		fail_msg("%s: %s", error.text, response->body.data);
	json_done(json);
}

static void a_value_that_is_cut_within_a_character_leaves_the_answer_valid(void **state)
{
	static const char *const ROUTES[][2] = {
		{"GET", "/v1/image?poolName=rbd&details="},
		{"GET", "/v1/image?poolName=rbd&limit="},
		{"GET", "/v1/image?poolName="},
		{"POST", "/v1/image?poolName=rbd&imageName=a&size="},
		{"DELETE", "/v1/pool?name="},
	};

	for (size_t i = 0; i < ARRAY_SIZE(ROUTES); i++) {
		_cleanup_response_ struct response response = {0};
		char path[32], query[400];
		const char *mark = strchr(ROUTES[i][1], '?');

		(void)snprintf(path, sizeof(path), "%.*s", (int)(mark - ROUTES[i][1]),
			       ROUTES[i][1]);
		(void)snprintf(query, sizeof(query), "%s%0119d%s", mark + 1, 0, "%C3%A4");
		assert_int_equal(parse(ROUTES[i][0], path, query, NULL, NULL), -EDOM);
		problem_of(&response, &request, &error);
		is_json(&response);
	}
}

static void names_of_any_bytes_leave_the_answer_valid(void **state)
{
	_cleanup_response_ struct response response = {0};
	cJSON *json = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(json, "images");
	cJSON *image = cJSON_CreateObject();

	cJSON_AddStringToObject(image, "imageName", "vol\xff\xe2\x82");
	cJSON_AddItemToArray(list, image);
	cJSON_AddStringToObject(json, "k\xff", "v");
	response_json(&response, 200, CONTENT_JSON, json);
	is_json(&response);
	assert_string_equal(response.body.data,
			    "{\"images\":[{\"imageName\":\"vol???\"}],\"k?\":\"v\"}\n");
}

static void each_name_can_be_gone_on_after(void **state)
{
	static const char *const NAMES_OF_ANY[] = {
		"db",
		"b\xc3\xa4r",
		"\xff\xfe\x80",
		"a\xe2\x82",
		"\xee\xbe\x80" /* U+EF80 */,
		"\xee\xbf\xbf\xff\xee",
		"\xee\xbd\xbf" /* U+EF7F */,
	};

	for (size_t i = 0; i < ARRAY_SIZE(NAMES_OF_ANY); i++) {
		_cleanup_text_ struct text text = {0};
		char name[64];

		cursor_of_name(NAMES_OF_ANY[i], &text);
		for (const char *c = text.data; *c; c += utf8_character(c))
			assert_true(utf8_character(c) > 0);
		assert_int_equal(cursor_to_name(text.data, name, sizeof(name)), 0);
		assert_string_equal(name, NAMES_OF_ANY[i]);
	}
}

static void after_takes_the_longest_name(void **state)
{
	_cleanup_text_ struct text query = {0};
	char name[300];

	for (int length = 255; length <= 256; length++) {
		(void)snprintf(name, sizeof(name), "poolName=rbd&after=%0*d", length, 0);
		assert_int_equal(parse("GET", "/v1/image", name, NULL, NULL),
				 length == 255 ? 0 : -EDOM);
	}
	/* three bytes each as they are sent, but one of the name */
	text_printf(&query, "poolName=rbd&after=");
	for (int i = 0; i < 255; i++)
		cursor_of_name("\xff", &query);
	assert_int_equal(parse("GET", "/v1/image", query.data, NULL, NULL), 0);
	cursor_of_name("\xff", &query);
	assert_int_equal(parse("GET", "/v1/image", query.data, NULL, NULL), -EDOM);
	assert_int_equal(parse("GET", "/v1/image", "poolName=rbd&after=", NULL, NULL), -EDOM);
}

static void large_numbers_are_exact(void **state)
{
	cJSON *json = cJSON_CreateObject();
	char *text;

	response_add_u64(json, "size", UINT64_C(9223372036854775807));
	text = cJSON_PrintUnformatted(json);
	assert_string_equal(text, "{\"size\":9223372036854775807}");
	cJSON_free(text);
	cJSON_Delete(json);
}

static void basic_credentials_are_read(void **state)
{
	struct credentials credentials;

	assert_true(auth_parse_basic("Basic cm9vdDpyb290", &credentials));
	assert_string_equal(credentials.user, "root");
	assert_string_equal(credentials.password, "root");
	assert_true(auth_parse_basic("basic  cm9vdDphOmI=", &credentials)); /* root:a:b */
	assert_string_equal(credentials.password, "a:b");
	assert_false(auth_parse_basic(NULL, &credentials));
	assert_false(auth_parse_basic("Bearer cm9vdDpyb290", &credentials));
	assert_false(auth_parse_basic("Basic cm9vdA==", &credentials)); /* no colon */
	assert_false(auth_parse_basic("Basic ???", &credentials));
	assert_false(auth_parse_basic("Basic cm9vdABhOmI=", &credentials)); /* a zero byte */
}

static char *directory, *users;

static int make_directory(void **state)
{
	directory = scratch_make();
	return asprintf(&users, "%s/users", directory) < 0;
}

static int remove_directory(void **state)
{
	free(users);
	scratch_remove(directory);
	return 0;
}

static void put(const char *text)
{
	FILE *stream = fopen(users, "we");

	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fchmod(fileno(stream), 0600), 0);
	fclose(stream);
}

static enum auth_verdict judge(struct auth *auth, const char *user, const char *password)
{
	struct credentials credentials;

	(void)str_copy(credentials.user, sizeof(credentials.user), user);
	(void)str_copy(credentials.password, sizeof(credentials.password), password);
	return auth_verify(auth, &credentials);
}

/* bcrypt, cost 5, as `htpasswd -nbB root secret` prints it. */
#define BCRYPT "$2y$05$KBtjn5gAsoBvvUr7V7Sko.OL/.RKIQrD0axHUPJZpzWZtfr0cvdc6"

static void put_by_passwd(const char *user, const char *password, bool read_only)
{
	struct arguments arguments = {.auth = users, .user = user, .read_only = read_only};
	int fds[2], before = dup(0);

	assert_int_equal(pipe(fds), 0);
	assert_true(write(fds[1], password, strlen(password)) >= 0);
	close(fds[1]);
	dup2(fds[0], 0);
	assert_int_equal(passwd_run(&arguments, &error), 0);
	dup2(before, 0);
	close(before);
	close(fds[0]);
}

static void passwd_makes_what_the_server_reads(void **state)
{
	struct auth *auth = NULL;
	struct credentials credentials = {.user = "writer", .password = "one"};
	struct stat status;

	put_by_passwd("writer", "one\n", false);
	put_by_passwd("reader", "two", true);
	assert_int_equal(stat(users, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(auth_open(users, &auth, &error), 0);
	assert_int_equal(auth_users(auth), 2);
	assert_int_equal(auth_recall(auth, &credentials), AUTH_UNKNOWN);
	assert_int_equal(judge(auth, "writer", "one"), AUTH_WRITER);
	assert_int_equal(auth_recall(auth, &credentials), AUTH_WRITER);
	assert_int_equal(judge(auth, "reader", "two"), AUTH_READER);
	assert_int_equal(judge(auth, "writer", "two"), AUTH_WRONG);
	assert_int_equal(judge(auth, "nobody", "one"), AUTH_WRONG);
	assert_int_equal(judge(auth, "writer", ""), AUTH_WRONG);
	/* another password, in the place of the old one; what was remembered is not */
	put_by_passwd("writer", "three", false);
	assert_int_equal(auth_refresh(auth, &error), 1);
	assert_int_equal(auth_users(auth), 2);
	assert_int_equal(auth_recall(auth, &credentials), AUTH_UNKNOWN);
	assert_int_equal(judge(auth, "writer", "one"), AUTH_WRONG);
	assert_int_equal(judge(auth, "writer", "three"), AUTH_WRITER);
	assert_int_equal(auth_refresh(auth, &error), 0);
	/* a file that became wrong changes nothing */
	put("nonsense\n");
	assert_int_equal(auth_refresh(auth, &error), -EINVAL);
	assert_int_equal(judge(auth, "writer", "three"), AUTH_WRITER);
	auth_close(auth);
}

static void a_file_of_users_is_refused_where_it_is_wrong(void **state)
{
	static const char *const WRONG[] = {
		"root\n",       "root:\n",    "root:secret\n", "root:rl5Ti0wSFC6Lw\n",
		"ro ot:$y$a\n", ":$y$j9T$\n",
	};
	struct auth_file file;

	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) {
		put(WRONG[i]);
		if (auth_file_read(users, &file, &error) != -EINVAL)
			fail_msg("not refused: %s", WRONG[i]);
		auth_file_done(&file);
		assert_null(strstr(error.text, "secret"));
	}
	put("# users\n\nroot:" BCRYPT "\nroot:" BCRYPT ":read-only\n");
	assert_int_equal(auth_file_read(users, &file, &error), -EINVAL);
	assert_contains(error.text, "line 4");
	auth_file_done(&file);
	put("root:" BCRYPT ":readonly\n");
	assert_int_equal(auth_file_read(users, &file, &error), -EINVAL);
	auth_file_done(&file);
	put("root:" BCRYPT "\n");
	assert_int_equal(chmod(users, 0622), 0);
	assert_int_equal(auth_file_read(users, &file, &error), -EPERM);
	auth_file_done(&file);
}

static int command(struct arguments *ret, const char *line)
{
	static char copy[200];
	char *argv[16] = {(char *)"rbd-rest"}, *rest = copy;
	int argc = 1;

	(void)str_copy(copy, sizeof(copy), line);
	while ((argv[argc] = strsep(&rest, " ")))
		argc++;
	return command_line_parse(argc, argv, ret, &error);
}

/* What access_log() writes of it to stdout. */
static cJSON *logged(const struct access_line *line)
{
	static char text[8192];
	int ends[2], out = dup(STDOUT_FILENO), r;
	cJSON *json = NULL;
	ssize_t length;

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	fflush(stdout);
	assert_true(dup2(ends[1], STDOUT_FILENO) >= 0);
	r = access_log(line);
	assert_true(dup2(out, STDOUT_FILENO) >= 0);
	length = read(ends[0], text, sizeof(text) - 1);
	close(out);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(r, 0);
	assert_true(length > 0 && text[length - 1] == '\n');
	text[length - 1] = '\0';
	if (json_parse(text, 1, &json, &error) < 0)
		fail_msg("%s: %s", error.text, text);
	return json;
}

static void no_name_is_too_long_for_the_access_log(void **state)
{
	static char of_two[6001], of_one[6001], quotes[201];
	struct access_line line = {
		.method = "GET", .path = quotes, .pool = of_one, .image = of_two};
	const char *image;
	cJSON *json;

	memset(of_one, 1, sizeof(of_one) - 1); /* six bytes each in JSON */
	memset(quotes, '"', sizeof(quotes) - 1);
	for (size_t i = 0; i + 1 < sizeof(of_two); i++)
		of_two[i] = (char)(i % 2 ? 0xa4 : 0xc3);
	json = logged(&line);
	assert_int_equal(strlen(cJSON_GetObjectItem(json, "pool")->valuestring), 200);
	json_done(json);
	line.image = of_two + 1; /* a broken byte, then characters: the last one would be cut */
	json = logged(&line);
	image = cJSON_GetObjectItem(json, "image")->valuestring;
	assert_int_equal(*image, '?');
	assert_int_equal(strlen(image), 199);
	json_done(json);
	line = (struct access_line){.method = "GET", .path = "/"};
	json = logged(&line);
	assert_null(cJSON_GetObjectItem(json, "pool"));
	json_done(json);
}

static void the_command_line_is_read_strictly(void **state)
{
	struct arguments arguments;

	assert_int_equal(command(&arguments, "--listen [::1]:80 --auth=/a --id kube"), 0);
	assert_string_equal(arguments.listen, "[::1]:80");
	assert_string_equal(arguments.auth, "/a");
	assert_int_equal(command(&arguments, "passwd --auth /a root --read-only"), 0);
	assert_true(arguments.read_only);
	assert_string_equal(arguments.user, "root");
	assert_int_equal(command(&arguments, "passwd root"), -EINVAL);
	assert_int_equal(command(&arguments, "passwd --auth /a"), -EINVAL);
	assert_int_equal(command(&arguments, "passwd --auth /a a b"), -EINVAL);
	assert_int_equal(command(&arguments, "--read-only"), -EINVAL);
	assert_int_equal(command(&arguments, "--lisen a"), -EINVAL);
	assert_contains(error.text, "--listen");
	assert_int_equal(command(&arguments, "--listen"), -EINVAL);
	assert_int_equal(command(&arguments, "--id a --id b"), -EINVAL);
	assert_int_equal(command(&arguments, "--tls-cert a"), -EINVAL);
	assert_int_equal(command(&arguments, "serve"), -EINVAL);
}

static void addresses_are_told_loopback_or_not(void **state)
{
	static const struct {
		const char *text;
		bool loopback;
	} GOOD[] = {
		{"127.0.0.1:8080", true}, {"127.3.2.1:80", true},  {"localhost:8080", true},
		{"[::1]:8080", true},     {"0.0.0.0:8080", false}, {"[::]:8080", false},
		{"*:8080", false},        {"10.0.0.1:80", false},
	};
	static const char *const WRONG[] = {
		"8080",    "127.0.0.1",     "127.0.0.1:",   "127.0.0.1:0", "::1:8080",
		"host:80", "1.2.3.4:65536", "[1.2.3.4]:80", ":80"};
	struct address address;

	for (size_t i = 0; i < ARRAY_SIZE(GOOD); i++) {
		if (settings_address(GOOD[i].text, &address, &error) < 0)
			fail_msg("%s", error.text);
		assert_int_equal(address.loopback, GOOD[i].loopback);
	}
	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++)
		if (settings_address(WRONG[i], &address, &error) != -EINVAL)
			fail_msg("taken: %s", WRONG[i]);
}

static int settings_of(const char *json, const struct arguments *arguments, struct settings *ret)
{
	cJSON *rest = cJSON_Parse(json);
	struct config config = {.path = "c.json", .rest = rest};
	int r = settings_take(arguments, &config, ret, &error);

	assert_non_null(rest);
	cJSON_Delete(rest);
	return r;
}

static void the_configuration_is_read_strictly_and_the_command_line_wins(void **state)
{
	const struct arguments none = {0}, some = {.listen = "[::1]:1", .auth = "/b"};
	struct settings settings;

	assert_int_equal(settings_of("{}", &none, &settings), 0);
	assert_string_equal(settings.listen, "127.0.0.1:8080");
	assert_null(settings.auth);
	assert_false(settings.allow_pool_delete);
	assert_int_equal(settings_of("{\"listen\":\"a\",\"auth\":\"/a\",\"allowPoolDelete\":true}",
				     &some, &settings),
			 0);
	assert_string_equal(settings.listen, "[::1]:1");
	assert_string_equal(settings.auth, "/b");
	assert_true(settings.allow_pool_delete);
	assert_int_equal(settings_of("{\"allowPoolDeletes\":true}", &none, &settings), -EINVAL);
	assert_contains(error.text, "\"allowPoolDelete\"");
	assert_int_equal(settings_of("{\"allowPoolDelete\":\"true\"}", &none, &settings), -EINVAL);
	assert_int_equal(settings_of("{\"listen\":8080}", &none, &settings), -EINVAL);
}

static void keyring_is(const char *expected, const struct connect_wish *wish)
{
	const struct config_cluster entry = {.name = "default",
					     .fsid = "",
					     .monitors = "10.0.0.1",
					     .user = "kube",
					     .keyring = "/etc/kube.keyring"};
	const struct config config = {.clusters = &entry, .cluster_count = 1};
	char path[PATH_MAX];

	assert_int_equal(connect_find_keyring(&config, wish, path, &error), 0);
	assert_string_equal(path, expected);
}

static void the_keyring_is_the_one_of_the_user_that_asks(void **state)
{
	keyring_is("/etc/kube.keyring", &(struct connect_wish){0});
	keyring_is("/etc/kube.keyring", &(struct connect_wish){.user = "kube"});
	keyring_is("/etc/ceph/ceph.client.rest.keyring", &(struct connect_wish){.user = "rest"});
	keyring_is("/etc/ceph/other.client.admin.keyring",
		   &(struct connect_wish){.conf = "/etc/ceph/other.conf"});
	keyring_is("/etc/ceph/other.client.rest.keyring",
		   &(struct connect_wish){.conf = "/etc/ceph/other.conf", .user = "rest"});
	keyring_is("/my", &(struct connect_wish){.keyring = "/my", .user = "rest"});
}

static struct rest_request changing(const char *image, int64_t milliseconds)
{
	struct rest_request wanted = {.deadline = deadline_in(milliseconds)};

	for (size_t i = 0; i < NAMES; i++)
		wanted.values[i] = "";
	wanted.values[NAME_POOL] = "kube";
	wanted.values[NAME_IMAGE] = image;
	return wanted;
}

static void who_changes_an_image_waits_for_who_does_until_his_deadline(void **state)
{
	const struct rest_request first = changing("a", 1000), second = changing("a", 50);
	struct image_turn turn, other;

	assert_int_equal(image_turn_take(&first, &turn, &error), 0);
	assert_int_equal(image_turn_take(&second, &other, &error), -ETIMEDOUT);
	assert_contains(error.text, "another request");
	image_turn_done(&other);
	image_turn_done(&turn);
	assert_int_equal(image_turn_take(&second, &other, &error), 0);
	image_turn_done(&other);
}

static void images_of_other_names_do_not_wait(void **state)
{
	const struct rest_request a = changing("a", 50), b = changing("b", 50);
	struct image_turn turn, other;

	assert_int_equal(image_turn_take(&a, &turn, &error), 0);
	assert_int_equal(image_turn_take(&b, &other, &error), 0);
	image_turn_done(&other);
	image_turn_done(&turn);
}

/* libmicrohttpd aborts where a connection is suspended when it is stopped. */
static void nothing_is_suspended_once_the_server_has_ended(void **state)
{
	static struct exchanges all;
	static struct service service;
	struct exchange *exchange;

	service.metrics = metrics_new();
	assert_int_equal(exchanges_init(&all, &service), 0);
	exchanges_expire(&all, true);
	exchange = exchange_new(&all, "/v1/pool");
	assert_non_null(exchange);
	exchange_begin(exchange, NULL, "GET");
	exchange_dispatch(exchange);
	assert_true(exchange_answered(exchange));
	assert_int_equal(exchange->response.status, 503);
	assert_false(exchange->suspended);
	assert_int_equal(exchange->owners, 1);
	exchange_release(exchange);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("parameters come from the query", parameters_come_from_the_query),
		UNIT("parameters come from a form, beside an empty query too",
		     parameters_come_from_a_form_beside_an_empty_query),
		UNIT("parameters come from a JSON object", parameters_come_from_a_json_object),
		UNIT("a name twice is refused, whatever the values and places",
		     twice_is_refused_whatever_the_values_and_places),
		UNIT("an unknown name is refused with the nearest of the route",
		     an_unknown_name_is_refused_with_the_nearest_of_the_route),
		UNIT("what is missing is named", what_is_missing_is_named),
		UNIT("what is outside its grammar is unprocessable",
		     what_is_outside_its_grammar_is_unprocessable),
		UNIT("what is not well-formed is refused", what_is_not_well_formed_is_refused),
		UNIT("a body of another kind is refused", a_body_of_another_kind_is_refused),
		UNIT("no message repeats what could be a secret",
		     no_message_repeats_what_could_be_a_secret),
		UNIT("the router knows paths and their methods",
		     the_router_knows_paths_and_their_methods),
		UNIT("every route can be told apart and documented",
		     every_route_can_be_told_apart_and_documented),
		UNIT("the OpenAPI document has every route and parameter",
		     the_document_has_every_route_and_parameter),
		UNIT("only operations without a body require parameters",
		     only_operations_without_a_body_require_parameters),
		UNIT("a problem says what and where", a_problem_says_what_and_where),
		UNIT("a value that is cut within a character leaves the answer valid",
		     a_value_that_is_cut_within_a_character_leaves_the_answer_valid),
		UNIT("names of any bytes leave the answer valid",
		     names_of_any_bytes_leave_the_answer_valid),
		UNIT("each name can be gone on after, and is UTF-8 then",
		     each_name_can_be_gone_on_after),
		UNIT("after takes the longest name that an image can have",
		     after_takes_the_longest_name),
		UNIT("large numbers are exact", large_numbers_are_exact),
		UNIT("basic credentials are read", basic_credentials_are_read),
		cmocka_unit_test_setup_teardown(passwd_makes_what_the_server_reads, make_directory,
						remove_directory),
		cmocka_unit_test_setup_teardown(a_file_of_users_is_refused_where_it_is_wrong,
						make_directory, remove_directory),
		UNIT("no name is too long for the access log",
		     no_name_is_too_long_for_the_access_log),
		UNIT("the command line is read strictly", the_command_line_is_read_strictly),
		UNIT("addresses are told loopback or not", addresses_are_told_loopback_or_not),
		UNIT("the configuration is read strictly, and the command line wins",
		     the_configuration_is_read_strictly_and_the_command_line_wins),
		UNIT("the keyring is the one of the user that asks",
		     the_keyring_is_the_one_of_the_user_that_asks),
		UNIT("who changes an image waits for who does, until his deadline",
		     who_changes_an_image_waits_for_who_does_until_his_deadline),
		UNIT("images of other names do not wait", images_of_other_names_do_not_wait),
		UNIT("nothing is suspended once the server has ended",
		     nothing_is_suspended_once_the_server_has_ended),
	};

	return cmocka_run_group_tests_name("rest", tests, NULL, done);
}
