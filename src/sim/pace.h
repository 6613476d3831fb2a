/*
 * pace: when changes happen.
 *
 * Draws them from the world at the wanted rate and hands them to stream.
 */
#ifndef GCP_SIM_PACE_H
#define GCP_SIM_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace;
struct sim;
struct user;

struct pace *pace_new(struct sim *sim);
void pace_free(struct pace *pace);

/* Something changed that may let changes happen. */
void pace_wake(struct pace *pace);

void pace_hold(struct pace *pace, bool held);
void pace_set_rate(struct pace *pace, double rate);

bool pace_is_held(const struct pace *pace);
double pace_rate(const struct pace *pace);

#endif
