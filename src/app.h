/*
 * app: builds everything, joins the stages, decides to stop.
 */
#ifndef GCP_APP_H
#define GCP_APP_H

struct app;
struct fail;
struct setting_values;
struct settings;

/*
 * operands: user IDs from the command line, NULL behind the last; borrowed, as
 * values and their target, a struct settings, are.  Nothing is sent to anyone
 * before app_run().
 */
struct app *app_new(
    struct setting_values *values, char *const *operands, struct fail *why);
void app_free(struct app *app);

/* Runs until something ends it; -1 where that is a failure. */
int app_run(struct app *app, struct fail *why);

/* The signal that ended it and that the process is to die of, or 0. */
int app_signal(const struct app *app);

#endif
