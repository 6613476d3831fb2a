/*
 * conf: the YAML file of users and settings.
 *
 * Reads the whole file, then walks libyaml's events.  Settings go through
 * setting_set() like options; each user is handed on.  Aliases, tags, second
 * documents and repeated keys are errors: nothing in such a file needs them.
 */
#ifndef GCP_CONF_H
#define GCP_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

struct fail;
struct setting_values;

/*
 * One user.  The ID is not checked yet; line and column, from 1, are where it
 * stands.
 */
typedef void conf_user_fn(
    void *arg, struct span id, struct span name, size_t line, size_t column);

/*
 * ret_has_users: whether the file lists users at all.  -1 with FAIL_FILE where
 * the file cannot be read, with FAIL_CONFIG and "file:line:column: " where it
 * makes no sense.  Whatever was handed on before a failure is to be dropped.
 */
int conf_read(const char *file, struct setting_values *values,
    conf_user_fn *on_user, void *arg, bool *ret_has_users, struct fail *why);

#endif
