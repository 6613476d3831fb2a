/*
 * script: directives with a time.
 *
 * A file of lines such as "at 2.5s drop"; the time runs from the first
 * WebSocket connection.  Lines without a time are done at the start.
 */
#ifndef GCP_SIM_SCRIPT_H
#define GCP_SIM_SCRIPT_H

struct fail;
struct script;
struct sim;

/* path may be NULL.  FAIL_FILE, or FAIL_CONFIG with file and line. */
struct script *script_new(struct sim *sim, const char *path, struct fail *why);
void script_free(struct script *script);

/* Does the lines that have no time. */
void script_prepare(struct script *script);

/* The first connection is there; later calls do nothing. */
void script_begin(struct script *script);

#endif
