/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The DaemonSet's pod: installs and stays. It goes by what is there, not by what an event says:
 * watch, look, install if something is not as it is to be, watch anew; else wait for an event.
 */
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/deadline.h"
#include "installer/check.h"
#include "installer/watch.h"

#define PAUSE_FIRST 1000
#define PAUSE_MAX   60000
#define QUIET       60000            /* after so long a change is a new story */
#define LOOK_AGAIN  (10 * 60 * 1000) /* also where no event came */
#define LOOK_BLIND  30000            /* where none can come */

/* Whatever is half done, the next install makes good (that is what it is built for). As process 1
 * of a container there is no default action either. */
static void end_now(int signal)
{
	(void)signal;
	_exit(0);
}

static void say_error(const struct installer *installer, const char *what,
		      const struct error *error)
{
	installer_say(installer, "%s: %s%s%s", what, error->text, *error->advice ? "; " : "",
		      error->advice);
}

static void wait_for_change(int watch, int64_t milliseconds)
{
	struct pollfd waiting = {.fd = watch, .events = POLLIN};

	(void)poll(&waiting, 1, (int)milliseconds);
}

/* The pause before the next attempt: it grows while changes follow each other, be it that the
 * install fails, or that somebody else installs something else again and again. */
static int64_t next_pause(int64_t pause, int64_t last)
{
	if (deadline_now() - last > QUIET + pause || !pause)
		return PAUSE_FIRST;
	return pause < PAUSE_MAX / 2 ? pause * 2 : PAUSE_MAX;
}

int installer_wait(const struct installer *installer, struct error *error)
{
	int64_t pause = 0, last = 0;
	int r;

	(void)signal(SIGTERM, end_now);
	(void)signal(SIGINT, end_now);
	r = installer_install(installer, error);
	if (r < 0)
		return r;
	installer_say(installer, "installed; waiting for changes");
	for (;;) {
		_cleanup_close_ int watch = watch_open(installer);

		if (check_installed(installer, true, error) >= 0) {
			wait_for_change(watch, watch < 0 ? LOOK_BLIND : LOOK_AGAIN);
			continue;
		}
		say_error(installer, "installing again", error);
		pause = next_pause(pause, last);
		if (last && deadline_now() - last < pause)
			deadline_pause(pause - (deadline_now() - last), deadline_in(pause));
		r = installer_install(installer, error);
		last = deadline_now();
		if (r < 0)
			say_error(installer, "failed, to be tried again", error);
		else
			installer_say(installer, "installed again");
	}
}
