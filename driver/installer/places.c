/* SPDX-License-Identifier: Apache-2.0 */
/* Where kubelets look for FlexVolume drivers (krbd-and-peers.md §1). */
#include <stdarg.h>
#include <stdio.h>

#include "base/path.h"
#include "installer/target.h"

static const struct installer_place PLACES[] = {
	{"/home/kubernetes/flexvolume", "GKE"},
	{"/etc/kubernetes/volumeplugins", "AKS"},
	{"/etc/kubernetes/kubelet-plugins/volume/exec", "OpenShift 4"},
	{"/var/lib/kubelet/volumeplugins", "RKE, RKE2, Flatcar and other read-only systems"},
	{"/var/lib/kubelet/volume-plugins", "kubespray"},
	{"/opt/libexec/kubernetes/kubelet-plugins/volume/exec", "kubeadm on Flatcar"},
	{"/usr/libexec/k0s/kubelet-plugins/volume/exec", "k0s"},
	{"/usr/libexec/kubernetes/kubelet-plugins/volume/exec",
	 "the kubelet's default: kubeadm, k3s"},
};

const struct installer_place *installer_places(size_t *ret_count)
{
	*ret_count = ARRAY_SIZE(PLACES);
	return PLACES;
}

int places_choose(const char *wanted, char ret[PATH_MAX], struct error *error)
{
	_cleanup_text_ struct text list = {0};

	if (wanted && str_copy(ret, PATH_MAX, wanted) < 0)
		return error_errno(error, -ENAMETOOLONG, "plug-in directory %.200s", wanted);
	if (wanted)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(PLACES); i++) {
		if (path_exists("%s", PLACES[i].directory))
			return path_format(ret, "%s", PLACES[i].directory);
		text_printf(&list, "%s%s (%s)", i ? ", " : "", PLACES[i].directory, PLACES[i].who);
	}
	error_set(error, -ENOENT, "no plug-in directory of a kubelet is here: there is none of %s",
		  list.data ? list.data : "");
	return error_advise(error, "name it by --plugin-dir: the kubelet's --volume-plugin-dir or "
				   "volumePluginDir; the kubelet makes it when it starts");
}

void installer_say(const struct installer *installer, const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	str_one_line(line);
	if (installer->say)
		installer->say(line, installer->context);
}
