/*
 * fuzz: what the targets share.
 *
 * A target takes one input and aborts where a claim does not hold.  libFuzzer
 * brings main() and searches (make fuzz); in make check it is replay.c's, which
 * feeds the target what is in tests/fuzz/corpus.
 */
#ifndef GCP_FUZZ_H
#define GCP_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct change;
struct decoded;
struct fail;
struct setting_table;

/* Once, before the first input.  Returns 0. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* One input.  Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Says which claim does not hold, and aborts. */
void fuzz_claim(bool holds, const char *claim);

/* A refusal says of which kind it is, and why. */
void fuzz_claim_why(const struct fail *why);

/* The change as a line is strict JSON, of one line, that steers no terminal. */
void fuzz_claim_line(const struct change *change);
void fuzz_claim_json(struct span line);

/*
 * What was decoded is a presence within the limits, which can be printed; or
 * there is a reason why it is malformed.
 */
void fuzz_claim_decoded(const struct decoded *decoded);

/* What is set is in the limits of its row; target: what the offsets mean. */
void fuzz_claim_settings(const struct setting_table *table, const void *target);

/* The bytes as a string, cut at the first NUL; to be freed. */
char *fuzz_string(const uint8_t *bytes, size_t len);

/* A file of these bytes, by a name that can be opened; close ret_fd. */
const char *fuzz_file(const uint8_t *bytes, size_t len, int *ret_fd);

#endif
