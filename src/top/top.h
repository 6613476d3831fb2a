/*
 * top: lines in, keys in, pictures out, until somebody has seen enough.
 */
#ifndef GCP_TOP_TOP_H
#define GCP_TOP_TOP_H

struct fail;
struct topopt;

/*
 * Runs until q, a signal that ends, or the end of the terminal.  *ret_signal:
 * the signal, or 0.  -1 where it could not start, where the input ended before
 * that, or where reading failed; the terminal is its own again in any case.
 */
int top_run(const struct topopt *opt, int *ret_signal, struct fail *why);

#endif
