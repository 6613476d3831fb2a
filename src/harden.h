/*
 * harden: what the process gives up for good.
 *
 * It holds secrets and reads what others send, so nobody is to find the one in
 * a core or by looking into it, nor to do with the other what the program never
 * does.  Nothing here can fail the start: what the kernel lacks is left out.
 * Builds with sanitizers and --disable-hardening keep all of it, since leak
 * checkers and debuggers need it.
 */
#ifndef GCP_HARDEN_H
#define GCP_HARDEN_H

/* No core, no look into memory.  First of all, before there is a secret. */
void harden_memory(void);

/*
 * No new privileges; and, with libseccomp, EPERM for the system calls of which
 * the program has no need: other programs, other processes, the machine.
 * Before the first thread, since the others would keep what they have; after
 * log_setup(), so that what is missing can be said.
 */
void harden_calls(void);

#endif
