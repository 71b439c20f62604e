/* SPDX-License-Identifier: Apache-2.0 */
/* What the log says of a call. The Secret is nowhere in it: the options' members that hold it are
 * not looked at. */
#include "base/log.h"
#include "verbs/verbs.h"

void story_begin(const struct call *call)
{
	const struct config *config = call->config;

	log_configure(config->log_target == CONFIG_LOG_FILE ? LOG_TARGET_FILE : LOG_TARGET_JOURNAL,
		      config->log_level);
	log_about(LOG_VERB, "%s", call->request->verb);
	if (call->config_error->code < 0)
		log_say(LOG_LEVEL_ERROR, "%s", call->config_error->text);
}

void story_about(const struct request *request)
{
	const struct options *options = &request->options;
	char image[IMAGE_TEXT_MAX];

	log_about(LOG_VOLUME, "%s", request->volume);
	log_about(LOG_DIRECTORY, "%s", request->directory);
	if (*options->image.image)
		log_about(LOG_IMAGE, "%s", image_name_text(&options->image, image));
	if (*options->pod_name)
		log_about(LOG_POD, "%s/%s", options->pod_namespace, options->pod_name);
}

void story_end(const struct result *result)
{
	static const char *const STATUS[] = {
		[RESULT_FAILURE] = "Failure",
		[RESULT_SUCCESS] = "Success",
		[RESULT_NOT_SUPPORTED] = "Not supported",
	};

	if (*result->device)
		log_about(LOG_DEVICE, "%s", result->device);
	log_call(result->status == RESULT_FAILURE ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
		 STATUS[result->status], result->message);
}
