#include "config.h"

#include "intake.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "caps.h"
#include "conf.h"
#include "delta.h"
#include "fail.h"
#include "input.h"
#include "log.h"
#include "loop.h"
#include "map.h"
#include "now.h"
#include "plan.h"
#include "roster.h"
#include "setting.h"
#include "settings.h"
#include "userid.h"
#include "xalloc.h"

/* Users that come within this time of each other are told of once. */
#define GATHER_MS 20
/* But none waits longer than this. */
#define GATHER_MAX_MS 200
/* In place of a round: the user was given elsewhere than in the file. */
#define STAYS UINT_MAX

/* A user as the command line or the file gives it. */
struct given {
	char *id;
	char *name;
	char *where;
	bool from_file;
};

struct intake {
	struct setting_values *values;
	struct settings *settings;
	const struct intake_handler *handler;
	void *arg;
	struct given *given;
	size_t given_count;
	bool file_has_users;
	struct map *rounds; /* by ID: in which the file had it, or STAYS */
	unsigned int round; /* readings of the file so far */

	struct plan *plan;
	struct delta *delta;
	struct roster *roster;
	struct input *input;
	bool open;
	bool
	    failed; /* the end is told: what is left of the input is not read */
	bool came;  /* users, in this block of input */
	struct loop_timer *gather;
	int64_t since_ms; /* monotonic: gathering since; 0: it is not */
};

struct intake *
intake_new(struct setting_values *values)
{
	struct intake *intake;

	intake = xcalloc(1, sizeof(*intake));
	intake->values = values;
	intake->settings = values->target;
	intake->rounds = map_new(sizeof(unsigned int));
	return intake;
}

static void
drop_given(struct intake *intake)
{
	size_t i;

	for (i = 0; i < intake->given_count; i++) {
		free(intake->given[i].id);
		free(intake->given[i].name);
		free(intake->given[i].where);
	}
	free(intake->given);
	intake->given = NULL;
	intake->given_count = 0;
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	input_free(intake->input);
	drop_given(intake);
	roster_free(intake->roster);
	map_free(intake->rounds);
	loop_timer_free(intake->gather);
	free(intake);
}

static void
give(struct intake *intake, struct span id, struct span name, const char *where,
    bool from_file)
{
	struct given *given;

	intake->given = xreallocarray(
	    intake->given, intake->given_count + 1, sizeof(*intake->given));
	given = &intake->given[intake->given_count++];
	given->id = xstrndup(id.len > 0 ? id.at : "", id.len);
	given->name = xstrndup(name.len > 0 ? name.at : "", name.len);
	given->where = xstrdup(where);
	given->from_file = from_file;
}

static void
on_file_user(
    void *arg, struct span id, struct span name, size_t line, size_t column)
{
	struct intake *intake = arg;
	struct buf where;

	buf_init(&where, SIZE_MAX);
	buf_printf(&where, "%s:%zu:%zu", intake->settings->file, line, column);
	give(intake, id, name, buf_string(&where), true);
	buf_done(&where);
}

int
intake_read_file(struct intake *intake, struct fail *why)
{
	if (intake->settings->file == NULL)
		return 0;
	return conf_read(intake->settings->file, intake->values, on_file_user,
	    intake, &intake->file_has_users, why);
}

/* The users alone: the settings in it must be good, but are a run's for good.
 */
static int
read_file_again(struct intake *intake, struct fail *why)
{
	const char *file = intake->settings->file;
	struct settings settings = { 0 };
	struct setting_values values = { 0 };
	struct stat status;
	int rc;

	/* What a pipe had was read, and open() would wait for a writer. */
	if (stat(file, &status) == 0 && S_ISFIFO(status.st_mode))
		return fail_set(why, FAIL_FILE,
		    "'%s' is a pipe, which cannot be read a second time", file);
	setting_init(&values, intake->values->table, &settings);
	rc = conf_read(
	    file, &values, on_file_user, intake, &intake->file_has_users, why);
	setting_done(&values);
	return rc;
}

bool
intake_read_operands(
    struct intake *intake, char *const *operands, bool *ret_asked)
{
	struct span nobody = { NULL, 0 };
	struct buf where;
	size_t users = 0;

	*ret_asked = false;
	buf_init(&where, SIZE_MAX);
	for (; *operands != NULL; operands++) {
		if (strcmp(*operands, "-") == 0) {
			*ret_asked = true;
			continue;
		}
		buf_reset(&where);
		buf_printf(&where, "operand %zu", ++users);
		give(intake, span_of(*operands), nobody, buf_string(&where),
		    false);
	}
	buf_done(&where);
	return *ret_asked || (users == 0 && !intake->file_has_users);
}

/* Notes where a user comes from; whom another place gave the file cannot drop.
 */
static void
note_origin(struct intake *intake, struct span id, bool from_file)
{
	char room[CAP_USER_ID];
	unsigned int *round;

	if (id.len > CAP_USER_ID || intake->settings->file == NULL)
		return;
	round = map_put(intake->rounds, userid_key(id, room), NULL);
	if (*round != STAYS)
		*round = from_file ? intake->round : STAYS;
}

static void
note_origins(struct intake *intake)
{
	const struct given *given;
	size_t i;

	intake->round++;
	for (i = 0; i < intake->given_count; i++) {
		given = &intake->given[i];
		note_origin(intake, span_of(given->id), given->from_file);
	}
}

/* Hands the users that were given over to the roster. */
static int
enrol(struct intake *intake, struct fail *why)
{
	struct given *given;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < intake->given_count; i++) {
		given = &intake->given[i];
		rc = roster_add(intake->roster, span_of(given->id),
		    span_of(given->name), given->where, why);
	}
	drop_given(intake);
	return rc;
}

static void
on_gather(void *arg)
{
	struct intake *intake = arg;

	intake->since_ms = 0;
	intake->handler->on_users(intake->arg);
}

/* Users have come: more may be on their way. */
static void
gather(struct intake *intake)
{
	int64_t now = now_ms(), left_ms;

	if (intake->since_ms == 0)
		intake->since_ms = now;
	left_ms = intake->since_ms + GATHER_MAX_MS - now;
	loop_timer_set(
	    intake->gather, left_ms < GATHER_MS ? left_ms : GATHER_MS);
}

static int
take_line(
    struct intake *intake, struct span line, size_t number, struct fail *why)
{
	struct span id, name;
	struct fail bad;
	char where[64];

	(void)snprintf(where, sizeof(where), "standard input:%zu", number);
	if (line.len > CAP_ID_LINE) {
		(void)fail_set(
		    &bad, FAIL_DATA, "longer than %d bytes", CAP_ID_LINE);
		return roster_refuse(intake->roster, where, &bad, why);
	}
	switch (userid_read_line(line, &id, &name, &bad)) {
	case USERID_FOUND:
		note_origin(intake, id, false);
		return roster_add(intake->roster, id, name, where, why);
	case USERID_BAD:
		return roster_refuse(intake->roster, where, &bad, why);
	case USERID_NOTHING:
		break;
	}
	return 0;
}

static bool
is_utf16(struct span line)
{
	return line.len >= 2 &&
	    (memcmp(line.at, "\xff\xfe", 2) == 0 ||
		memcmp(line.at, "\xfe\xff", 2) == 0);
}

static void
on_line(void *arg, struct span line, size_t number)
{
	struct intake *intake = arg;
	struct fail why;

	if (intake->failed)
		return;
	if (number == 1 && is_utf16(line)) {
		(void)fail_set(&why, FAIL_DATA,
		    "standard input is UTF-16: convert it, as with iconv -f "
		    "UTF-16 -t UTF-8");
		intake->failed = true;
	} else if (take_line(intake, line, number, &why) == -1) {
		intake->failed = true;
	}
	if (intake->failed)
		intake->handler->on_failed(intake->arg, &why);
	else
		intake->came = true;
}

static void
on_block(void *arg)
{
	struct intake *intake = arg;

	if (intake->came)
		gather(intake);
	intake->came = false;
}

static void
on_line_end(void *arg, const struct fail *why)
{
	struct intake *intake = arg;

	intake->open = false;
	if (why != NULL)
		intake->handler->on_failed(intake->arg, why);
	else
		loop_timer_set(intake->gather, 0);
}

static const struct input_handler on_input = {
	.on_line = on_line,
	.on_block = on_block,
	.on_end = on_line_end,
};

int
intake_start(struct intake *intake, struct loop *loop, struct plan *plan,
    struct delta *delta, const struct shard *shard, bool read_input,
    const struct intake_handler *handler, void *arg, struct fail *why)
{
	intake->handler = handler;
	intake->arg = arg;
	intake->plan = plan;
	intake->delta = delta;
	intake->gather = loop_timer_new(loop, on_gather, intake);
	intake->roster =
	    roster_new(plan, delta, intake->settings->strict > 0, shard);
	note_origins(intake);
	if (enrol(intake, why) == -1)
		return -1;
	if (!read_input) {
		loop_timer_set(intake->gather, 0);
		return 0;
	}
	intake->input = input_new(loop, STDIN_FILENO, "standard input",
	    CAP_ID_LINE, &on_input, intake, why);
	if (intake->input == NULL)
		return -1;
	intake->open = true;
	return 0;
}

int
intake_decide(struct intake *intake, bool only_uuids, struct fail *why)
{
	return roster_decide(intake->roster, only_uuids, why);
}

void
intake_limit(struct intake *intake, size_t capacity)
{
	roster_limit(intake->roster, capacity);
}

size_t
intake_count(const struct intake *intake)
{
	return roster_count(intake->roster);
}

size_t
intake_bad(const struct intake *intake)
{
	return roster_bad(intake->roster);
}

size_t
intake_elsewhere(const struct intake *intake)
{
	return roster_elsewhere(intake->roster);
}

bool
intake_is_open(const struct intake *intake)
{
	return intake->open;
}

/* Drops who was in the file once, but is not in this round. */
static size_t
drop_leavers(struct intake *intake)
{
	unsigned int *round;
	size_t cursor = 0, left = 0;
	struct span id;

	while ((round = map_next(intake->rounds, &cursor, &id)) != NULL) {
		if (*round == intake->round || *round == STAYS)
			continue;
		left += roster_drop(intake->roster, id);
		(void)map_remove(intake->rounds, id);
	}
	return left;
}

/* With --strict one bad ID refuses the whole file. */
static int
check_given(struct intake *intake, struct fail *why)
{
	const struct given *given;
	size_t i;

	for (i = 0; i < intake->given_count; i++) {
		given = &intake->given[i];
		if (roster_check(intake->roster, span_of(given->id),
			given->where, why) == -1)
			return -1;
	}
	return 0;
}

int
intake_reload(struct intake *intake, struct fail *why)
{
	size_t before, left;
	int rc;

	if (intake->settings->file == NULL)
		return fail_set(
		    why, FAIL_CONFIG, "there is no file to read again");
	if (read_file_again(intake, why) == -1) {
		drop_given(intake);
		return -1;
	}
	if (check_given(intake, why) == -1) {
		drop_given(intake);
		return -1;
	}
	note_origins(intake);
	/* First: they make room. */
	left = drop_leavers(intake);
	before = intake_count(intake);
	rc = enrol(intake, why);
	log_notice(NULL, "%s was read again: %zu users more, %zu less",
	    intake->settings->file, intake_count(intake) - before, left);
	/* At once: who comes back by the next signal is new then. */
	loop_timer_stop(intake->gather);
	on_gather(intake);
	return rc;
}
