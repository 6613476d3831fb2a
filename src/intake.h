/*
 * intake: who is to be watched, from wherever it is said.
 *
 * Operands, the YAML file and standard input all end in the roster, and so in
 * the plan and the delta cache.  Users that come close together are told of
 * once.  The file can be read again: who has left it is watched no more.
 */
#ifndef GCP_INTAKE_H
#define GCP_INTAKE_H

#include <stdbool.h>
#include <stddef.h>

struct delta;
struct fail;
struct intake;
struct loop;
struct plan;
struct setting_values;
struct shard;

struct intake_handler {
	/* Users have come or gone, or standard input has ended. */
	void (*on_users)(void *arg);
	/* FAIL_DATA for --strict, FAIL_FILE for standard input. */
	void (*on_failed)(void *arg, const struct fail *why);
};

/* values: of struct settings, borrowed. */
struct intake *intake_new(struct setting_values *values);
void intake_free(struct intake *intake);

/* First: the file of the settings, which may hold settings too. */
int intake_read_file(struct intake *intake, struct fail *why);

/*
 * Then the operands, NULL behind the last.  Whether standard input is to be
 * read; ret_asked: because "-" says so.
 */
bool intake_read_operands(
    struct intake *intake, char *const *operands, bool *ret_asked);

/*
 * Then, with all settings known: enrols those users, and starts to read
 * standard input.  Borrows everything.
 */
int intake_start(struct intake *intake, struct loop *loop, struct plan *plan,
    struct delta *delta, const struct shard *shard, bool read_input,
    const struct intake_handler *handler, void *arg, struct fail *why);

/* See roster_decide() and roster_limit(). */
int intake_decide(struct intake *intake, bool only_uuids, struct fail *why);
void intake_limit(struct intake *intake, size_t capacity);

/*
 * Users that are good, bad lines, users of other shards, and whether standard
 * input is open.
 */
size_t intake_count(const struct intake *intake);
size_t intake_bad(const struct intake *intake);
size_t intake_elsewhere(const struct intake *intake);
bool intake_is_open(const struct intake *intake);

/*
 * Reads the file again, for its users; its settings must be good, but those of
 * the start stay.  -1 where that is not possible, and all stays as it was; or,
 * with --strict, where there is no room for all of the users.
 */
int intake_reload(struct intake *intake, struct fail *why);

#endif
