/*
 * loop: the one event loop, over libwebsockets' own poll().
 *
 * Everything but loop_wake() is for the thread that runs the loop.  Callbacks
 * run on that thread, one at a time; each may free the object that it was
 * called for.  The loop owns the libwebsockets context; the modules that speak
 * WebSocket borrow it.
 */
#ifndef GCP_LOOP_H
#define GCP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fail;
struct loop;
struct loop_fd;
struct loop_timer;
struct loop_waker;
struct lws_context;

typedef void loop_turn_fn(void *arg);
typedef void loop_timer_fn(void *arg);
typedef void loop_wake_fn(void *arg);
typedef void loop_signal_fn(void *arg, int signal_number);
typedef void loop_ready_fn(void *arg, bool readable, bool writable);

/*
 * max_fds: the process's limit of descriptors is lowered to this, since
 * libwebsockets allocates tables for as many as are allowed.
 */
struct loop *loop_new(unsigned int max_fds, struct fail *why);
void loop_free(struct loop *loop);

/*
 * Runs until loop_stop().  turn is called after each round of callbacks, and
 * may be NULL.  0, or -1 where the loop itself broke.
 */
int loop_run(
    struct loop *loop, loop_turn_fn *turn, void *arg, struct fail *why);
void loop_stop(struct loop *loop);
/* From a turn: the next round takes what is ready, and does not wait. */
void loop_hasten(struct loop *loop);

/*
 * The monotonic clock and the wall clock, as they were at the first question
 * in this round: all that one round reads has come at the same time.
 */
int64_t loop_now_ms(struct loop *loop);
int64_t loop_wall_ms(struct loop *loop);

/* For any thread: makes the loop call its wakers soon. */
void loop_wake(struct loop *loop);
struct loop_waker *loop_waker_new(
    struct loop *loop, loop_wake_fn *fn, void *arg);
void loop_waker_free(struct loop_waker *waker);

/*
 * From now on fn is called for these signals, from the loop.  signals ends
 * with 0.  Once in the life of the process.  SIGTERM and SIGINT are caught
 * once each: a second one ends the process.
 */
int loop_catch_signals(struct loop *loop, const int *signals,
    loop_signal_fn *fn, void *arg, struct fail *why);

/* A timer fires once for each time that it is set. */
struct loop_timer *loop_timer_new(
    struct loop *loop, loop_timer_fn *fn, void *arg);
void loop_timer_free(struct loop_timer *timer);
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);

/*
 * Watches a descriptor that stays its owner's (it is duplicated; the copy is
 * made non-blocking, which the original shares).  Nothing is reported before
 * loop_fd_want().  writable is reported once for each time it is wanted; a
 * hang-up is reported as both.  NULL where there are too many descriptors.
 */
struct loop_fd *loop_fd_new(
    struct loop *loop, int fd, loop_ready_fn *fn, void *arg);
void loop_fd_free(struct loop_fd *fd);
void loop_fd_want(struct loop_fd *fd, bool readable, bool writable);

/* For the modules that use libwebsockets themselves. */
struct lws_context *loop_context(struct loop *loop);

#endif
