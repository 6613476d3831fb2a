#include "config.h"

#include <sys/stat.h>

#include <json-c/json.h>

#include "audit.h"
#include "stats.h"
#include "test.h"
#include "until.h"

static struct {
	struct loop *loop;
	struct audit *audit;
	struct stats stats;
	bool troubled;
	struct fail why;
} scene;

static int
make_scene(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	(void)unlink(test_path("audit"));
	scene.loop = new_loop();
	return 0;
}

static int
free_scene(void **state)
{
	(void)state;
	audit_free(scene.audit);
	loop_free(scene.loop);
	return 0;
}

static void
on_trouble(void *arg)
{
	assert_ptr_equal(arg, &scene);
	scene.troubled = true;
}

static void
open_audit(const char *file)
{
	scene.audit = audit_new(
	    scene.loop, file, &scene.stats, on_trouble, &scene, &scene.why);
	if (scene.audit == NULL)
		fail_msg("%s", scene.why.text);
}

static bool
is_idle(void *arg)
{
	(void)arg;
	return audit_is_idle(scene.audit);
}

static bool
has_failed(void *arg)
{
	(void)arg;
	return audit_failed(scene.audit, &scene.why);
}

static const char *
content(void)
{
	const char *text;
	int file;

	file = open(test_path("audit"), O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(file, -1);
	text = test_content(file);
	(void)close(file);
	return text;
}

static void
audit_line_is_an_object_of_the_contracts_four_members(void **state)
{
	static const char *const keys[] = { "action", "timestamp", "payload",
		"metrics_snapshot" };
	struct json_object_iter member;
	struct json_object *line, *payload, *metrics;
	size_t i = 0;

	(void)state;
	open_audit(test_path("audit"));
	scene.stats.received[PRESENCE_STREAM] = 4;
	scene.stats.changes[PRESENCE_STREAM] = 3;
	stats_latency(&scene.stats, 41);
	stats_latency(&scene.stats, 42);
	audit_start(scene.audit, "PRESENCE_DELTA_TRIGGERED");
	audit_text(scene.audit, "userId", SPAN("a\"b\n\x1b\xff"));
	audit_text(scene.audit, "previousState", NO_SPAN);
	audit_number(scene.audit, "users", -5);
	audit_time(scene.audit, "timestamp", 1767258000042);
	audit_json(scene.audit, "userIds", SPAN("[\"x\",\"y\"]"));
	audit_members(scene.audit, SPAN("{\"type\":\"z\",\"n\":1}"));
	audit_finish(scene.audit);
	run_until(scene.loop, is_idle, NULL);
	assert_ptr_equal(
	    strchr(content(), '\n'), content() + strlen(content()) - 1);
	assert_null(strchr(content(), '\x1b'));
	line = json_tokener_parse(content());
	assert_non_null(line);
	json_object_object_foreachC(line, member)
	{
		assert_true(i < COUNT(keys));
		assert_string_equal(member.key, keys[i++]);
	}
	assert_int_equal(i, COUNT(keys));
	assert_string_equal(
	    json_object_get_string(json_object_object_get(line, "action")),
	    "PRESENCE_DELTA_TRIGGERED");
	payload = json_object_object_get(line, "payload");
	assert_string_equal(
	    json_object_to_json_string_ext(payload, JSON_C_TO_STRING_PLAIN),
	    "{\"userId\":\"a\\\"b\\n\\u001b\xef\xbf\xbd\","
	    "\"previousState\":null,\"users\":-5,"
	    "\"timestamp\":\"2026-01-01T09:00:00.042Z\","
	    "\"userIds\":[\"x\",\"y\"],\"type\":\"z\",\"n\":1}");
	metrics = json_object_object_get(line, "metrics_snapshot");
	assert_true(json_object_get_double(json_object_object_get(
			metrics, "latency_avg_ms")) == 41.5);
	assert_true(json_object_get_double(json_object_object_get(
			metrics, "accuracy_rate")) == 0.75);
	json_object_put(line);
}

static void
audit_payload_may_be_empty(void **state)
{
	(void)state;
	open_audit(test_path("audit"));
	audit_start(scene.audit, "CHANNEL_CLOSED");
	audit_finish(scene.audit);
	run_until(scene.loop, is_idle, NULL);
	assert_non_null(strstr(content(), ",\"payload\":{},"));
}

static void
audit_is_appended_to_a_file_that_only_we_can_read(void **state)
{
	struct stat status;

	(void)state;
	open_audit(test_path("audit"));
	audit_start(scene.audit, "ONE");
	audit_finish(scene.audit);
	run_until(scene.loop, is_idle, NULL);
	assert_int_equal(stat(test_path("audit"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	audit_free(scene.audit);
	loop_free(scene.loop);
	scene.loop = new_loop();
	open_audit(test_path("audit"));
	audit_start(scene.audit, "TWO");
	audit_finish(scene.audit);
	audit_start(scene.audit, "THREE");
	audit_finish(scene.audit);
	run_until(scene.loop, is_idle, NULL);
	assert_ptr_equal(strstr(content(), "{\"action\":\"ONE\""), content());
	assert_true(strstr(content(), "TWO") < strstr(content(), "THREE"));
	assert_int_equal(audit_dropped(scene.audit), 0);
}

static void
audit_that_cannot_be_opened_says_why(void **state)
{
	struct fail why = { 0 };

	(void)state;
	assert_null(audit_new(scene.loop, test_path("no/such/folder"),
	    &scene.stats, on_trouble, &scene, &why));
	assert_fail(&why, FAIL_OUTPUT, "cannot open audit log '");
	assert_fail(&why, FAIL_OUTPUT, "No such file or directory");
}

static void
audit_that_cannot_be_written_tells_its_owner(void **state)
{
	(void)state;
	open_audit("/dev/full");
	audit_start(scene.audit, "ONE");
	audit_finish(scene.audit);
	audit_flush(scene.audit);
	run_until(scene.loop, has_failed, NULL);
	assert_true(scene.troubled);
	assert_fail(&scene.why, FAIL_OUTPUT,
	    "cannot write to audit log '/dev/full': No space left on device");
}

static void
audit_that_is_none_takes_everything(void **state)
{
	struct fail why;

	(void)state;
	audit_start(NULL, "ONE");
	audit_text(NULL, "a", SPAN("b"));
	audit_number(NULL, "a", 1);
	audit_time(NULL, "a", 1);
	audit_json(NULL, "a", SPAN("[]"));
	audit_members(NULL, SPAN("{\"a\":1}"));
	audit_finish(NULL);
	assert_true(audit_is_idle(NULL));
	assert_false(audit_failed(NULL, &why));
	assert_int_equal(audit_dropped(NULL), 0);
	audit_free(NULL);
}

#define audit_test(name) \
	cmocka_unit_test_setup_teardown(name, make_scene, free_scene)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		audit_test(
		    audit_line_is_an_object_of_the_contracts_four_members),
		audit_test(audit_payload_may_be_empty),
		audit_test(audit_is_appended_to_a_file_that_only_we_can_read),
		audit_test(audit_that_cannot_be_opened_says_why),
		audit_test(audit_that_cannot_be_written_tells_its_owner),
		audit_test(audit_that_is_none_takes_everything),
	};

	return TEST_RUN_WITH_FILES(tests);
}
