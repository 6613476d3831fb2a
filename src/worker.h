/*
 * worker: a thread that does nothing but block, and can be stopped.
 *
 * A blocked read() or write() is interrupted by a signal of no other use, so
 * the thread's function must look whether it is to stop after each EINTR.
 */
#ifndef GCP_WORKER_H
#define GCP_WORKER_H

struct fail;
struct worker;

typedef void worker_fn(void *arg);

/* name: "reader", for the message where no thread can be made. */
struct worker *worker_start(
    worker_fn *fn, void *arg, const char *name, struct fail *why);

/*
 * Interrupts the thread until it has ended.  The caller has told it to stop
 * before.  NULL is allowed.
 */
void worker_stop(struct worker *worker);

#endif
