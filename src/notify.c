#include "config.h"

#include "notify.h"

#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>
#endif

void
notify_ready(void)
{
#ifdef HAVE_LIBSYSTEMD
	(void)sd_notify(0, "READY=1");
#endif
}

void
notify_stopping(void)
{
#ifdef HAVE_LIBSYSTEMD
	(void)sd_notify(0, "STOPPING=1");
#endif
}

void
notify_status(const char *text)
{
#ifdef HAVE_LIBSYSTEMD
	(void)sd_notifyf(0, "STATUS=%s", text);
#else
	(void)text;
#endif
}

int64_t
notify_watchdog_ms(void)
{
#ifdef HAVE_LIBSYSTEMD
	uint64_t limit_us;

	if (sd_watchdog_enabled(0, &limit_us) > 0 && limit_us < INT64_MAX)
		return (int64_t)(limit_us / 1000);
#endif
	return 0;
}

void
notify_alive(void)
{
#ifdef HAVE_LIBSYSTEMD
	(void)sd_notify(0, "WATCHDOG=1");
#endif
}
