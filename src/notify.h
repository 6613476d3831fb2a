/*
 * notify: tells systemd how the service is, where there is one.
 *
 * sd_notify(3), where libsystemd was there at configure time; else nothing.
 */
#ifndef GCP_NOTIFY_H
#define GCP_NOTIFY_H

/* The start is complete. */
void notify_ready(void);

/* The end has begun. */
void notify_stopping(void);

/* A line for "systemctl status". */
void notify_status(const char *text);

/* The loop still turns: at least every half of WatchdogSec=. */
void notify_alive(void);

#endif
