#include "config.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include "loop.h"
#include "now.h"
#include "test.h"
#include "until.h"

/* What a test's callbacks share. */
static struct {
	struct loop *loop;
	struct loop_timer *timers[4];
	char order[32];
	size_t used;
	int64_t fired_ms;
	int turns;
	int ticks; /* of run_until() */
	int count;
} scene;

static int
make_loop(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	scene.loop = new_loop();
	return 0;
}

static int
free_loop(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(scene.timers); i++)
		loop_timer_free(scene.timers[i]);
	loop_free(scene.loop);
	return 0;
}

static void
run(loop_turn_fn *turn)
{
	struct fail why = { 0 };

	if (loop_run(scene.loop, turn, NULL, &why) == -1)
		fail_msg("%s", why.text);
}

static void
note(char what)
{
	scene.order[scene.used++] = what;
	assert_true(scene.used < sizeof(scene.order));
}

static void
note_timer(void *arg)
{
	note(*(const char *)arg);
	scene.fired_ms = now_ms();
}

static void
stop(void *arg)
{
	(void)arg;
	note('.');
	loop_stop(scene.loop);
}

static void
timers_fire_in_the_order_of_their_times(void **state)
{
	(void)state;
	scene.timers[0] = loop_timer_new(scene.loop, note_timer, (void *)"a");
	scene.timers[1] = loop_timer_new(scene.loop, note_timer, (void *)"b");
	scene.timers[2] = loop_timer_new(scene.loop, note_timer, (void *)"c");
	scene.timers[3] = loop_timer_new(scene.loop, stop, NULL);
	loop_timer_set(scene.timers[3], 40);
	loop_timer_set(scene.timers[2], 1);
	loop_timer_set(scene.timers[0], 30);
	loop_timer_set(scene.timers[1], 15);
	run(NULL);
	assert_string_equal(scene.order, "cba.");
}

static void
timer_fires_no_sooner_than_it_was_set_for(void **state)
{
	int64_t start_ms = now_ms();

	(void)state;
	scene.timers[0] = loop_timer_new(scene.loop, note_timer, (void *)"a");
	scene.timers[1] = loop_timer_new(scene.loop, stop, NULL);
	loop_timer_set(scene.timers[0], 30);
	loop_timer_set(scene.timers[1], 31);
	run(NULL);
	/* The clocks may round differently. */
	assert_true(scene.fired_ms - start_ms >= 29);
}

static void
timer_of_no_time_or_less_fires_at_once(void **state)
{
	(void)state;
	scene.timers[0] = loop_timer_new(scene.loop, note_timer, (void *)"a");
	scene.timers[1] = loop_timer_new(scene.loop, note_timer, (void *)"b");
	scene.timers[2] = loop_timer_new(scene.loop, stop, NULL);
	loop_timer_set(scene.timers[2], 20);
	loop_timer_set(scene.timers[0], 0);
	loop_timer_set(scene.timers[1], -5000);
	run(NULL);
	assert_int_equal(scene.used, 3);
	assert_int_equal(scene.order[2], '.');
}

static void
timer_fires_once_for_each_time_that_it_is_set(void **state)
{
	(void)state;
	scene.timers[0] = loop_timer_new(scene.loop, note_timer, (void *)"a");
	scene.timers[1] = loop_timer_new(scene.loop, stop, NULL);
	assert_false(loop_timer_is_set(scene.timers[0]));
	loop_timer_set(scene.timers[0], 1000000);
	assert_true(loop_timer_is_set(scene.timers[0]));
	/* The last time counts. */
	loop_timer_set(scene.timers[0], 1);
	loop_timer_set(scene.timers[1], 20);
	run(NULL);
	assert_string_equal(scene.order, "a.");
	assert_false(loop_timer_is_set(scene.timers[0]));
}

static void
timer_that_is_stopped_does_not_fire(void **state)
{
	(void)state;
	scene.timers[0] = loop_timer_new(scene.loop, note_timer, (void *)"a");
	scene.timers[1] = loop_timer_new(scene.loop, stop, NULL);
	loop_timer_set(scene.timers[0], 1);
	loop_timer_stop(scene.timers[0]);
	assert_false(loop_timer_is_set(scene.timers[0]));
	loop_timer_stop(scene.timers[0]);
	loop_timer_set(scene.timers[1], 10);
	run(NULL);
	assert_string_equal(scene.order, ".");
}

static void
again_until_three(void *arg)
{
	note('a');
	assert_false(loop_timer_is_set(scene.timers[0]));
	if (scene.used < 3)
		loop_timer_set(scene.timers[0], 1);
	else
		stop(arg);
}

static void
timer_may_be_set_again_where_it_fires(void **state)
{
	(void)state;
	scene.timers[0] = loop_timer_new(scene.loop, again_until_three, NULL);
	loop_timer_set(scene.timers[0], 1);
	run(NULL);
	assert_string_equal(scene.order, "aaa.");
}

static void
free_itself(void *arg)
{
	note('a');
	loop_timer_free(scene.timers[0]);
	scene.timers[0] = NULL;
	(void)arg;
}

static void
timer_may_be_freed_where_it_fires(void **state)
{
	(void)state;
	scene.timers[0] = loop_timer_new(scene.loop, free_itself, NULL);
	scene.timers[1] = loop_timer_new(scene.loop, stop, NULL);
	loop_timer_set(scene.timers[0], 0);
	loop_timer_set(scene.timers[1], 5);
	run(NULL);
	assert_string_equal(scene.order, "a.");
}

static void
timer_may_be_freed_while_it_is_set(void **state)
{
	(void)state;
	scene.timers[0] = loop_timer_new(scene.loop, note_timer, (void *)"a");
	loop_timer_set(scene.timers[0], 1);
	loop_timer_free(scene.timers[0]);
	scene.timers[0] = NULL;
	loop_timer_free(NULL);
	scene.timers[1] = loop_timer_new(scene.loop, stop, NULL);
	loop_timer_set(scene.timers[1], 10);
	run(NULL);
	assert_string_equal(scene.order, ".");
}

static void
count_turn(void *arg)
{
	(void)arg;
	scene.turns++;
	if (scene.used > 0)
		loop_stop(scene.loop);
}

static void
turn_comes_after_a_timer(void **state)
{
	(void)state;
	scene.timers[0] = loop_timer_new(scene.loop, note_timer, (void *)"a");
	loop_timer_set(scene.timers[0], 5);
	run(count_turn);
	assert_string_equal(scene.order, "a");
	assert_true(scene.turns > 0);
}

static void
hasten_five_times(void *arg)
{
	(void)arg;
	if (scene.used > 0 && ++scene.turns > 5)
		loop_stop(scene.loop);
	else if (scene.used > 0)
		loop_hasten(scene.loop);
}

static void
turn_that_hastens_is_followed_by_one_that_waits_for_nothing(void **state)
{
	char letter[] = "a";

	(void)state;
	scene.timers[0] = loop_timer_new(scene.loop, note_timer, letter);
	loop_timer_set(scene.timers[0], 1);
	run(hasten_five_times);
	assert_string_equal(scene.order, "a");
	assert_int_equal(scene.turns, 6);
}

static void
ask_twice(void *arg)
{
	int64_t first = loop_now_ms(scene.loop);
	int64_t wall_ms = loop_wall_ms(scene.loop);

	(void)arg;
	assert_true(first >= scene.fired_ms);
	while (now_ms() < first + 3)
		continue;
	assert_true(loop_now_ms(scene.loop) == first);
	assert_true(loop_wall_ms(scene.loop) == wall_ms);
	scene.fired_ms = first + 3;
	note('a');
	if (scene.used == 2)
		loop_stop(scene.loop);
	else
		loop_timer_set(scene.timers[0], 0);
}

static void
clocks_stand_still_for_a_round_and_go_on_in_the_next(void **state)
{
	(void)state;
	scene.timers[0] = loop_timer_new(scene.loop, ask_twice, NULL);
	loop_timer_set(scene.timers[0], 0);
	run(NULL);
	assert_string_equal(scene.order, "aa");
}

static void
loop_that_is_stopped_before_does_not_run(void **state)
{
	(void)state;
	loop_stop(scene.loop);
	run(NULL);
	assert_int_equal(scene.used, 0);
}

static void
on_wake(void *arg)
{
	note(*(const char *)arg);
	loop_stop(scene.loop);
}

static void *
wake_from_elsewhere(void *arg)
{
	loop_wake(arg);
	return NULL;
}

static void
wake_from_another_thread_calls_all_wakers(void **state)
{
	struct loop_waker *one, *other;
	pthread_t thread;

	(void)state;
	one = loop_waker_new(scene.loop, on_wake, (void *)"a");
	other = loop_waker_new(scene.loop, on_wake, (void *)"b");
	assert_int_equal(
	    pthread_create(&thread, NULL, wake_from_elsewhere, scene.loop), 0);
	run(NULL);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_non_null(strchr(scene.order, 'a'));
	assert_non_null(strchr(scene.order, 'b'));
	loop_waker_free(one);
	loop_waker_free(other);
	loop_waker_free(NULL);
}

static void
waker_that_is_freed_is_not_called(void **state)
{
	struct loop_waker *wakers[3];

	(void)state;
	wakers[0] = loop_waker_new(scene.loop, on_wake, (void *)"a");
	wakers[1] = loop_waker_new(scene.loop, on_wake, (void *)"b");
	wakers[2] = loop_waker_new(scene.loop, on_wake, (void *)"c");
	loop_waker_free(wakers[1]);
	loop_wake(scene.loop);
	run(NULL);
	assert_null(strchr(scene.order, 'b'));
	assert_non_null(strchr(scene.order, 'a'));
	assert_non_null(strchr(scene.order, 'c'));
	loop_waker_free(wakers[0]);
	loop_waker_free(wakers[2]);
}

static struct loop_waker *own;

static void
free_own_waker(void *arg)
{
	(void)arg;
	note('a');
	loop_waker_free(own);
	own = NULL;
}

static void
waker_may_be_freed_where_it_is_called(void **state)
{
	struct loop_waker *last;

	(void)state;
	last = loop_waker_new(scene.loop, on_wake, (void *)"b");
	own = loop_waker_new(scene.loop, free_own_waker, NULL);
	loop_wake(scene.loop);
	run(NULL);
	assert_string_equal(scene.order, "ab");
	loop_waker_free(last);
}

/* A pipe whose ends are watched. */
static struct {
	int ends[2];
	struct loop_fd *watched;
	int readable, writable;
	char got[64];
	size_t len;
	bool ended;
	bool free_it;
} ends;

static void
on_readable(void *arg, bool readable, bool writable)
{
	ssize_t got;

	(void)arg;
	ends.readable += readable;
	ends.writable += writable;
	got = read(
	    ends.ends[0], ends.got + ends.len, sizeof(ends.got) - ends.len);
	if (got > 0)
		ends.len += (size_t)got;
	if (got == 0)
		ends.ended = true;
	if (ends.free_it) {
		loop_fd_free(ends.watched);
		ends.watched = NULL;
	}
}

static void
on_writable(void *arg, bool readable, bool writable)
{
	(void)arg;
	ends.readable += readable;
	ends.writable += writable;
	if (ends.free_it) {
		loop_fd_free(ends.watched);
		ends.watched = NULL;
	}
}

static int
make_pipe(void **state)
{
	memset(&ends, 0, sizeof(ends));
	if (make_loop(state) == -1)
		return -1;
	return pipe2(ends.ends, O_CLOEXEC | O_NONBLOCK);
}

static int
free_pipe(void **state)
{
	loop_fd_free(ends.watched);
	if (ends.ends[0] != -1)
		(void)close(ends.ends[0]);
	if (ends.ends[1] != -1)
		(void)close(ends.ends[1]);
	return free_loop(state);
}

static void
watch(int end, loop_ready_fn *fn)
{
	ends.watched = loop_fd_new(scene.loop, ends.ends[end], fn, NULL);
	assert_non_null(ends.watched);
}

static bool
three_texts_are_read(void *arg)
{
	static const char *const texts[] = { "one", "two", "three" };

	(void)arg;
	/* The next one is written when the last one is there. */
	if (scene.count < 3 && ends.len == strlen(ends.got) &&
	    (scene.count == 0 ||
		strstr(ends.got, texts[scene.count - 1]) != NULL)) {
		assert_true(write(ends.ends[1], texts[scene.count],
				strlen(texts[scene.count])) > 0);
		scene.count++;
	}
	return strcmp(ends.got, "onetwothree") == 0;
}

static void
fd_tells_each_time_that_it_is_readable(void **state)
{
	(void)state;
	watch(0, on_readable);
	loop_fd_want(ends.watched, true, false);
	run_until(scene.loop, three_texts_are_read, NULL);
	assert_true(ends.readable >= 3);
	assert_int_equal(ends.writable, 0);
}

static bool
some_time_has_passed(void *arg)
{
	(void)arg;
	return ++scene.ticks > 20;
}

static void
fd_tells_nothing_before_it_is_wanted(void **state)
{
	(void)state;
	watch(0, on_readable);
	assert_int_equal(write(ends.ends[1], "x", 1), 1);
	run_until(scene.loop, some_time_has_passed, NULL);
	assert_int_equal(ends.readable, 0);
	assert_int_equal(ends.len, 0);
}

static bool
something_is_read(void *arg)
{
	(void)arg;
	if (++scene.ticks == 10)
		loop_fd_want(ends.watched, true, false);
	assert_true(scene.ticks >= 10 || ends.len == 0);
	return ends.len > 0;
}

static void
fd_tells_what_came_before_it_was_wanted(void **state)
{
	(void)state;
	watch(0, on_readable);
	loop_fd_want(ends.watched, true, false);
	loop_fd_want(ends.watched, false, false);
	assert_int_equal(write(ends.ends[1], "x", 1), 1);
	run_until(scene.loop, something_is_read, NULL);
	assert_string_equal(ends.got, "x");
}

static bool
writable_was_told_three_times(void *arg)
{
	(void)arg;
	scene.ticks++;
	/* Every tenth tick it is wanted once more. */
	if (scene.ticks % 10 == 0 && scene.ticks <= 30)
		loop_fd_want(ends.watched, false, true);
	assert_true(ends.writable <= scene.ticks / 10);
	return scene.ticks == 50;
}

static void
fd_tells_once_for_each_time_that_writable_is_wanted(void **state)
{
	(void)state;
	watch(1, on_writable);
	run_until(scene.loop, writable_was_told_three_times, NULL);
	assert_int_equal(ends.writable, 3);
	assert_int_equal(ends.readable, 0);
}

static void
want_again(void *arg, bool readable, bool writable)
{
	on_writable(arg, readable, writable);
	if (ends.writable < 5)
		loop_fd_want(ends.watched, false, true);
}

static bool
five_times_told(void *arg)
{
	(void)arg;
	return ends.writable >= 5 && some_time_has_passed(arg);
}

static void
fd_may_be_wanted_again_where_it_is_told(void **state)
{
	(void)state;
	watch(1, want_again);
	loop_fd_want(ends.watched, false, true);
	run_until(scene.loop, five_times_told, NULL);
	assert_int_equal(ends.writable, 5);
}

static bool
writer_has_gone(void *arg)
{
	(void)arg;
	if (++scene.ticks == 5) {
		(void)close(ends.ends[1]);
		ends.ends[1] = -1;
	}
	return ends.ended;
}

static void
fd_tells_of_a_hang_up(void **state)
{
	(void)state;
	watch(0, on_readable);
	loop_fd_want(ends.watched, true, false);
	run_until(scene.loop, writer_has_gone, NULL);
	assert_true(ends.readable > 0);
}

static bool
reader_has_gone(void *arg)
{
	(void)arg;
	if (++scene.ticks == 5) {
		(void)close(ends.ends[0]);
		ends.ends[0] = -1;
	}
	return ends.readable > 0 && ends.writable > 0;
}

static void
fd_tells_the_writer_of_a_hang_up_as_both(void **state)
{
	(void)state;
	watch(1, on_writable);
	loop_fd_want(ends.watched, true, false);
	run_until(scene.loop, reader_has_gone, NULL);
}

static bool
watch_is_over(void *arg)
{
	(void)arg;
	return ends.watched == NULL && some_time_has_passed(arg);
}

static void
fd_may_be_freed_where_it_is_told(void **state)
{
	(void)state;
	ends.free_it = true;
	watch(0, on_readable);
	loop_fd_want(ends.watched, true, false);
	assert_int_equal(write(ends.ends[1], "x", 1), 1);
	run_until(scene.loop, watch_is_over, NULL);
	assert_int_equal(ends.readable, 1);
}

static void
fd_of_a_hang_up_may_be_freed_where_it_is_told(void **state)
{
	(void)state;
	ends.free_it = true;
	watch(1, on_writable);
	loop_fd_want(ends.watched, true, false);
	(void)close(ends.ends[0]);
	ends.ends[0] = -1;
	run_until(scene.loop, watch_is_over, NULL);
	assert_int_equal(ends.writable, 1);
}

static void
fd_stays_its_owners(void **state)
{
	(void)state;
	watch(0, on_readable);
	loop_fd_want(ends.watched, true, false);
	loop_fd_free(ends.watched);
	ends.watched = NULL;
	run_until(scene.loop, some_time_has_passed, NULL);
	assert_int_not_equal(fcntl(ends.ends[0], F_GETFD), -1);
	assert_int_equal(write(ends.ends[1], "x", 1), 1);
	assert_int_equal(read(ends.ends[0], ends.got, 1), 1);
	assert_int_equal(ends.readable, 0);
	loop_fd_free(NULL);
}

static void
fd_is_refused_where_there_are_too_many(void **state)
{
	struct loop_fd *watched[2 * UNTIL_FDS];
	struct rlimit limit;
	size_t count = 0;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(limit.rlim_cur <= UNTIL_FDS);
	while (count < COUNT(watched)) {
		watched[count] =
		    loop_fd_new(scene.loop, ends.ends[0], on_readable, NULL);
		if (watched[count] == NULL)
			break;
		count++;
	}
	assert_in_range(count, 10, UNTIL_FDS);
	loop_fd_free(watched[0]);
	while (count > 1)
		loop_fd_free(watched[--count]);
	/* There is room again when the loop has turned. */
	run_until(scene.loop, some_time_has_passed, NULL);
	watch(0, on_readable);
}

static void
on_signal(void *arg, int signal_number)
{
	assert_ptr_equal(arg, &scene);
	note(signal_number == SIGUSR1      ? '1'
		: signal_number == SIGUSR2 ? '2'
					   : '?');
}

static bool
signals_have_come(void *arg)
{
	(void)arg;
	if (scene.ticks++ == 3) {
		assert_int_equal(raise(SIGUSR1), 0);
		assert_int_equal(raise(SIGUSR2), 0);
		assert_int_equal(raise(SIGUSR1), 0);
	}
	return scene.used == 3;
}

static void
signals_are_told_by_the_loop_in_order(void **state)
{
	static const int signals[] = { SIGUSR1, SIGUSR2, 0 };
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(
	    loop_catch_signals(scene.loop, signals, on_signal, &scene, &why),
	    0);
	run_until(scene.loop, signals_have_come, NULL);
	assert_string_equal(scene.order, "121");
}

static void
loop_free_takes_null(void **state)
{
	(void)state;
	loop_free(NULL);
}

#define timer_test(name) \
	cmocka_unit_test_setup_teardown(name, make_loop, free_loop)
#define fd_test(name) \
	cmocka_unit_test_setup_teardown(name, make_pipe, free_pipe)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		timer_test(timers_fire_in_the_order_of_their_times),
		timer_test(timer_fires_no_sooner_than_it_was_set_for),
		timer_test(timer_of_no_time_or_less_fires_at_once),
		timer_test(timer_fires_once_for_each_time_that_it_is_set),
		timer_test(timer_that_is_stopped_does_not_fire),
		timer_test(timer_may_be_set_again_where_it_fires),
		timer_test(timer_may_be_freed_where_it_fires),
		timer_test(timer_may_be_freed_while_it_is_set),
		timer_test(turn_comes_after_a_timer),
		timer_test(
		    turn_that_hastens_is_followed_by_one_that_waits_for_nothing),
		timer_test(
		    clocks_stand_still_for_a_round_and_go_on_in_the_next),
		timer_test(loop_that_is_stopped_before_does_not_run),
		timer_test(wake_from_another_thread_calls_all_wakers),
		timer_test(waker_that_is_freed_is_not_called),
		timer_test(waker_may_be_freed_where_it_is_called),
		fd_test(fd_tells_each_time_that_it_is_readable),
		fd_test(fd_tells_nothing_before_it_is_wanted),
		fd_test(fd_tells_what_came_before_it_was_wanted),
		fd_test(fd_tells_once_for_each_time_that_writable_is_wanted),
		fd_test(fd_may_be_wanted_again_where_it_is_told),
		fd_test(fd_tells_of_a_hang_up),
		fd_test(fd_tells_the_writer_of_a_hang_up_as_both),
		fd_test(fd_may_be_freed_where_it_is_told),
		fd_test(fd_of_a_hang_up_may_be_freed_where_it_is_told),
		fd_test(fd_stays_its_owners),
		fd_test(fd_is_refused_where_there_are_too_many),
		timer_test(signals_are_told_by_the_loop_in_order),
		cmocka_unit_test(loop_free_takes_null),
	};

	return TEST_RUN(tests);
}
