/* SPDX-License-Identifier: Apache-2.0 */
/* pool ls, create, rm. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "admin/admin.h"
#include "admin/table.h"
#include "ceph/manage_pool.h"
#include "kubelet/grammar.h"

static cJSON *pool_json(const struct pool_entry *pool)
{
	char names[POOL_APPLICATIONS_MAX], *name, *rest = names;
	cJSON *object = cJSON_CreateObject(), *list;

	cJSON_AddStringToObject(object, "name", pool->name);
	json_add_number(object, "id", (uint64_t)pool->id);
	list = cJSON_AddArrayToObject(object, "applications");
	(void)str_copy(names, sizeof(names), pool->applications);
	while ((name = strsep(&rest, ",")))
		if (*name)
			cJSON_AddItemToArray(list, cJSON_CreateString(name));
	return object;
}

int admin_pool_list(struct admin *admin, struct error *error)
{
	static const char *const HEADS[] = {"POOL", ">ID", "APPLICATIONS", NULL};
	_cleanup_free_ struct pool_entry *pools = NULL;
	cJSON *json, *list;
	struct table table;
	size_t count = 0;
	int result = admin_connect(admin, error);

	if (result == 0)
		result = pool_list(admin->cluster, &pools, &count, error);
	if (result < 0)
		return result;
	if (admin->json) {
		json = cJSON_CreateObject();
		list = cJSON_AddArrayToObject(json, "pools");
		for (size_t i = 0; i < count; i++)
			cJSON_AddItemToArray(list, pool_json(&pools[i]));
		return json_print(admin, json, error);
	}
	table_begin(&table, HEADS);
	for (size_t i = 0; i < count; i++) {
		table_cell(&table, "%s", pools[i].name);
		table_cell(&table, "%" PRId64, pools[i].id);
		table_cell(&table, "%s", *pools[i].applications ? pools[i].applications : "-");
	}
	table_end(&table, admin->output);
	return 0;
}

static int open_pool(struct admin *admin, const char **ret, struct error *error)
{
	*ret = admin->arguments.operands[0];
	if (grammar_check(grammar_image, "pool", *ret, error) < 0)
		return ADMIN_WRONG_USE;
	return admin_connect(admin, error);
}

int admin_pool_create(struct admin *admin, struct error *error)
{
	struct pool_entry pool = {0};
	const char *name;
	int result = open_pool(admin, &name, error);

	if (result == 0)
		result = pool_create(admin->cluster, name, &pool, error);
	if (result < 0 || result == ADMIN_WRONG_USE)
		return result;
	admin_say(admin, "pool %s: %s, with the id %" PRId64, name,
		  result ? "created" : "it was there", pool.id);
	return admin->json ? json_print(admin, pool_json(&pool), error) : 0;
}

/* The same word as for rbd-rest: who runs the cluster has said it once. */
static int refuse_removal(const struct admin *admin, const char *name, struct error *error)
{
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(admin->config->rest, "allowPoolDelete")))
		return 0;
	error_set(error, -EPERM, "remove pool %s: this node's configuration does not allow it",
		  name);
	return error_advise(error, "set \"rest\": {\"allowPoolDelete\": true} in it");
}

int admin_pool_remove(struct admin *admin, struct error *error)
{
	char question[MANAGE_NAME_MAX + 64];
	struct pool_entry pool;
	const char *name;
	int result = open_pool(admin, &name, error);

	/* no question about one that is not there */
	if (result == 0)
		result = pool_find(admin->cluster, name, &pool, error);
	if (result)
		return result;
	if (refuse_removal(admin, name, error) < 0)
		return error->code;
	(void)snprintf(question, sizeof(question), "remove pool %s for good?", name);
	result = admin_confirm(admin, question, error);
	if (result == 0)
		result = pool_remove(admin->cluster, name, NULL, error);
	if (result)
		return result;
	admin_say(admin, "pool %s: removed", name);
	return admin->json ? json_print(admin, pool_json(&pool), error) : 0;
}
