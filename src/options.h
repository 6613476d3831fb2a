/*
 * options: the command line, by getopt_long() and a table of settings.
 */
#ifndef GCP_OPTIONS_H
#define GCP_OPTIONS_H

struct buf;
struct fail;
struct setting_table;
struct setting_values;

/*
 * Sets what the options say; argv is permuted, and the operands are
 * argv[*ret_operands] and on.  -1 with FAIL_USAGE for an unknown option or a
 * missing argument, FAIL_CONFIG for a bad value.
 */
int options_read(struct setting_values *values, int argc, char *argv[],
    int *ret_operands, struct fail *why);

/* Prints what is in the buffer on standard output, and empties it. */
int options_print(struct buf *buf, struct fail *why);

/* Prints --help or --version on standard output; -1 where that fails. */
int options_print_help(const struct setting_table *table, struct fail *why);
int options_print_version(const struct setting_table *table, struct fail *why);

/* A few lines for who typed the name alone, on standard error. */
void options_print_hint(const struct setting_table *table);

#endif
