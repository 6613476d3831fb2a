/*
 * act: what the directives do, one function each.
 */
#ifndef GCP_SIM_ACT_H
#define GCP_SIM_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "fault.h"
#include "wire.h"

struct sim;

/* Bytes of the longest message that can be asked for. */
#define ACT_MAX_BYTES (32 << 20)

/* The arguments of a directive, read; those not given are zero. */
struct act {
	int given; /* how many there were */
	uint64_t count;
	uint64_t size; /* bytes */
	int64_t ms;
	double rate;
	bool on;
	uint16_t code;
	enum wire_fault kind;
	char *user;
	char *state;
	char *definition;
	char *text;
	struct buf bytes;
	struct fault *fault; /* is taken by who needs it */
};

typedef void act_fn(struct sim *sim, struct act *act);

act_fn act_fault;
act_fn act_clear;
act_fn act_go;
act_fn act_hold;
act_fn act_rate;
act_fn act_change;
act_fn act_message;
act_fn act_drop;
act_fn act_reset;
act_fn act_close;
act_fn act_half_open;
act_fn act_stall;
act_fn act_refuse;
act_fn act_accept;
act_fn act_expire_tokens;
act_fn act_expire_channels;
act_fn act_closing;
act_fn act_displace;
act_fn act_reject;
act_fn act_forget;
act_fn act_duplicate;
act_fn act_reorder;
act_fn act_lose;
act_fn act_malform;
act_fn act_mangle;
act_fn act_oversize;
act_fn act_fragment;
act_fn act_raw;
act_fn act_heartbeat;
act_fn act_pong;
act_fn act_protocol_pong;
act_fn act_skew;
act_fn act_same_time;
act_fn act_no_time;

#endif
