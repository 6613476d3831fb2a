/*
 * preview: what would be subscribed, for --plan.
 */
#ifndef GCP_PREVIEW_H
#define GCP_PREVIEW_H

struct endpoints;
struct fail;
struct intake;
struct plan;
struct settings;

/*
 * All users are given: prints what a run would do with them.  -1 where it could
 * not be done: nobody to watch, or more than fit.
 */
int preview_print(const struct settings *settings,
    const struct endpoints *endpoints, struct intake *intake, struct plan *plan,
    struct fail *why);

#endif
