/*
 * notify: tells systemd how the service is, where there is one.
 *
 * sd_notify(3), where libsystemd was there at configure time; else nothing.
 */
#ifndef GCP_NOTIFY_H
#define GCP_NOTIFY_H

#include <stdint.h>

/* The start is complete. */
void notify_ready(void);

/* The end has begun. */
void notify_stopping(void);

/* A line for "systemctl status". */
void notify_status(const char *text);

/* How long after a sign of life systemd wants the next one; 0: it wants none.
 */
int64_t notify_watchdog_ms(void);

/* The loop still turns. */
void notify_alive(void);

#endif
