#include "config.h"

#include <ctype.h>
#include <sys/stat.h>

#include "buf.h"
#include "metrics.h"
#include "now.h"
#include "stats.h"
#include "test.h"

static struct stats stats;
static struct metrics_gauges gauges;
static struct buf text;

static int
make_figures(void **state)
{
	(void)state;
	memset(&stats, 0, sizeof(stats));
	memset(&gauges, 0, sizeof(gauges));
	gauges.token_ends_ms = NOW_NONE;
	buf_init(&text, SIZE_MAX);
	return 0;
}

static int
drop_figures(void **state)
{
	(void)state;
	buf_done(&text);
	return 0;
}

/* Whether that very line is there. */
static bool
has_line(const char *line)
{
	const char *at = buf_string(&text);
	size_t len = strlen(line);

	for (; (at = strstr(at, line)) != NULL; at++)
		if ((at == text.bytes || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

static void
assert_line(const char *line)
{
	if (!has_line(line))
		fail_msg("'%s' is missing in\n%s", line, buf_string(&text));
}

static void
metrics_show_what_was_counted(void **state)
{
	(void)state;
	stats.received[PRESENCE_STREAM] = 10;
	stats.received[PRESENCE_SNAPSHOT] = 11;
	stats.changes[PRESENCE_REPLAY] = 12;
	stats.printed = 13;
	stats.coalesced = 14;
	stats.dropped[STATS_STALE] = 15;
	stats.gaps = 2;
	stats.gap_ms = 3500;
	stats.ended[STATS_SILENT] = 4;
	stats.tokens = 5;
	stats.throttled = 6;
	stats_request(&stats, "token", 200);
	stats_request(&stats, "token", 0);
	gauges.users = 100;
	gauges.queue_bytes = 4096;
	gauges.token_ends_ms = 1767258000042;
	gauges.log_dropped = 7;
	metrics_put(&text, &stats, &gauges);
	assert_line("gcpresence_info{version=\"" PACKAGE_VERSION "\"} 1");
	assert_line("gcpresence_events_total{source=\"stream\"} 10");
	assert_line("gcpresence_events_total{source=\"snapshot\"} 11");
	assert_line("gcpresence_events_total{source=\"replay\"} 0");
	assert_line("gcpresence_changes_total{source=\"replay\"} 12");
	assert_line("gcpresence_printed_total 13");
	assert_line("gcpresence_coalesced_total 14");
	assert_line("gcpresence_dropped_total{reason=\"stale\"} 15");
	assert_line("gcpresence_dropped_total{reason=\"malformed\"} 0");
	assert_line("gcpresence_gaps_total 2");
	assert_line("gcpresence_gap_seconds_total 3.500");
	assert_line("gcpresence_reconnects_total{cause=\"silent\"} 4");
	assert_line("gcpresence_http_requests_total{endpoint=\"token\","
		    "code=\"200\"} 1");
	assert_line("gcpresence_http_requests_total{endpoint=\"token\","
		    "code=\"0\"} 1");
	assert_line("gcpresence_users 100");
	assert_line("gcpresence_queue_bytes 4096");
	assert_line("gcpresence_token_expiry_timestamp_seconds 1767258000");
	assert_line("gcpresence_log_dropped_total 7");
}

static void
metrics_latency_is_a_cumulative_histogram_in_seconds(void **state)
{
	(void)state;
	stats_latency(&stats, 3);
	stats_latency(&stats, 42);
	stats_latency(&stats, 42);
	stats_latency(&stats, 100000);
	metrics_put(&text, &stats, &gauges);
	assert_line("gcpresence_latency_seconds_bucket{le=\"0.005\"} 1");
	assert_line("gcpresence_latency_seconds_bucket{le=\"0.025\"} 1");
	assert_line("gcpresence_latency_seconds_bucket{le=\"0.05\"} 3");
	assert_line("gcpresence_latency_seconds_bucket{le=\"60\"} 3");
	assert_line("gcpresence_latency_seconds_bucket{le=\"+Inf\"} 4");
	assert_line("gcpresence_latency_seconds_sum 100.087");
	assert_line("gcpresence_latency_seconds_count 4");
}

static void
metrics_say_nothing_of_a_token_that_is_not_there(void **state)
{
	(void)state;
	metrics_put(&text, &stats, &gauges);
	assert_null(strstr(buf_string(&text), "token_expiry"));
}

/* The name at the start of a sample or comment; "" where there is none. */
static const char *
name_of(const char *line, char room[128])
{
	size_t len = 0;

	while (isalnum((unsigned char)line[len]) || line[len] == '_')
		len++;
	assert_true(len > 0 && len < 128);
	memcpy(room, line, len);
	room[len] = '\0';
	return room;
}

static void
metrics_are_in_the_text_format_of_prometheus(void **state)
{
	char name[128], metric[128] = "", word[160], type[16] = "";
	struct buf seen;
	const char *line, *value;
	char *end;

	(void)state;
	buf_init(&seen, SIZE_MAX);
	stats_request(&stats, "token", 200);
	gauges.token_ends_ms = 0;
	metrics_put(&text, &stats, &gauges);
	for (line = buf_string(&text); *line != '\0';
	     line = strchr(line, '\n') + 1) {
		assert_non_null(strchr(line, '\n'));
		if (strncmp(line, "# HELP ", 7) == 0) {
			/* All samples of a metric stand together. */
			(void)name_of(line + 7, metric);
			(void)snprintf(word, sizeof(word), " %s ", metric);
			assert_null(strstr(buf_string(&seen), word));
			buf_text(&seen, word);
			continue;
		}
		if (strncmp(line, "# TYPE ", 7) == 0) {
			assert_string_equal(name_of(line + 7, name), metric);
			assert_int_equal(
			    sscanf(line + 7 + strlen(name), " %15s", type), 1);
			assert_int_equal(strcmp(type, "counter") == 0,
			    strlen(name) > 6 &&
				strcmp(name + strlen(name) - 6, "_total") == 0);
			continue;
		}
		(void)name_of(line, name);
		assert_ptr_equal(strstr(name, metric), name);
		value = line + strlen(name);
		if (*value == '{') {
			value = strchr(value, '}');
			assert_non_null(value);
			value++;
		}
		assert_int_equal(*value, ' ');
		(void)strtod(value + 1, &end);
		assert_true(end > value + 1 && *end == '\n');
	}
	buf_done(&seen);
}

static void
metrics_file_is_replaced_as_a_whole(void **state)
{
	const char *path = test_file("metrics", SPAN("old\n"));
	struct fail why = { 0 };
	struct stat before, after;
	int old;

	(void)state;
	old = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(fstat(old, &before), 0);
	if (metrics_write(path, &stats, &gauges, &why) == -1)
		fail_msg("%s", why.text);
	/* Who reads the old one reads it to its end. */
	assert_string_equal(test_content(old), "old\n");
	(void)close(old);
	assert_int_equal(stat(path, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	metrics_put(&text, &stats, &gauges);
	assert_int_equal(after.st_size, text.len);
	assert_int_equal(access(test_path("metrics.tmp"), F_OK), -1);
}

static void
metrics_file_never_writes_into_what_lies_in_its_way(void **state)
{
	struct fail why = { 0 };
	struct stat theirs;

	(void)state;
	/* Truncated, the other name would lose its content. */
	(void)test_file("theirs", SPAN("content\n"));
	assert_int_equal(
	    link(test_path("theirs"), test_path("metrics.tmp")), 0);
	assert_int_equal(
	    metrics_write(test_path("metrics"), &stats, &gauges, &why), 0);
	assert_int_equal(stat(test_path("theirs"), &theirs), 0);
	assert_int_equal(theirs.st_size, 8);
}

static void
metrics_file_that_cannot_be_written_says_why(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(
	    metrics_write(test_path("no/such"), &stats, &gauges, &why), -1);
	assert_fail(&why, FAIL_OUTPUT, "No such file or directory");
	assert_int_equal(mkdir(test_path("folder"), 0700), 0);
	assert_int_equal(
	    metrics_write(test_path("folder"), &stats, &gauges, &why), -1);
	assert_fail(&why, FAIL_OUTPUT, "is not a regular file");
	assert_int_equal(access(test_path("folder.tmp"), F_OK), -1);
	assert_int_equal(metrics_write("/dev/null", &stats, &gauges, &why), -1);
	assert_fail(&why, FAIL_OUTPUT, "is not a regular file");
	assert_int_equal(rmdir(test_path("folder")), 0);
}

#define metrics_test(name) \
	cmocka_unit_test_setup_teardown(name, make_figures, drop_figures)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		metrics_test(metrics_show_what_was_counted),
		metrics_test(
		    metrics_latency_is_a_cumulative_histogram_in_seconds),
		metrics_test(metrics_say_nothing_of_a_token_that_is_not_there),
		metrics_test(metrics_are_in_the_text_format_of_prometheus),
		metrics_test(metrics_file_is_replaced_as_a_whole),
		metrics_test(
		    metrics_file_never_writes_into_what_lies_in_its_way),
		metrics_test(metrics_file_that_cannot_be_written_says_why),
	};

	return TEST_RUN_WITH_FILES(tests);
}
