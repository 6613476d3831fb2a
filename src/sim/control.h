/*
 * control: the simulator's own paths, /sim/…
 */
#ifndef GCP_SIM_CONTROL_H
#define GCP_SIM_CONTROL_H

#include "call.h"

/* POST /sim/do: directives, one a line; all or nothing. */
call_fn control_do;

/* GET /sim/status, GET /sim/states. */
call_fn control_status;
call_fn control_states;

#endif
