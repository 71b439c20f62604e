/* SPDX-License-Identifier: Apache-2.0 */
/* For a driver that was copied by hand (design §2): what init answers, and nothing else. */
#include <errno.h>
#include <fcntl.h>

#include "installer/bundle.h"
#include "installer/desired.h"
#include "installer/tree.h"
#include "installer/versions.h"

static int said(const char *config_path, struct config_capabilities *ret, struct error *error)
{
	_cleanup_config_ struct config config = {.path = ""};
	_cleanup_free_ char *text = NULL;
	int r = *config_path ? config_read_text(config_path, &text, error) : 0;

	if (r >= 0)
		r = config_load_text(config_path, text ? text : "{}", &config, error);
	*ret = config.capabilities;
	return r;
}

int installer_here(const struct installer *installer, const char *config_path, struct error *error)
{
	struct config_capabilities now, wanted;
	char directory[PATH_MAX], text[256];
	_cleanup_close_ int fd = -1;
	int r = bundle_directory(directory, error);

	if (r >= 0)
		r = said(config_path, &wanted, error);
	if (r < 0)
		return r;
	config_capabilities_load(&now);
	wanted.attach = installer->mode == INSTALLER_UNSAID ? now.attach
							    : installer->mode == INSTALLER_ATTACH;
	if (wanted.attach != now.attach)
		r = volumes_refuse("change the mode", error);
	if (r < 0)
		return r;
	desired_init(&wanted, text);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fd < 0 ? -errno : small_holds(fd, STATE_INIT, text, 0644);
	if (r == 0)
		r = small_put(fd, STATE_INIT, text, 0644);
	if (r < 0)
		return error_errno(error, r, "write %s/" STATE_INIT, directory);
	installer_say(installer,
		      "%s/" STATE_INIT " says %s mode; the kubelet asks when the driver's file "
		      "changes (touch it) or when it starts",
		      directory, wanted.attach ? "attach" : "mount");
	return 0;
}
