/*
 * script: a report for programs, as TSV or JSON.
 *
 * Times are in UTC as gcpresence prints them, durations in milliseconds.  The
 * columns and keys are the contract: man/gcpresence-report.1, OUTPUT.
 */
#ifndef GCP_REPORT_SCRIPT_H
#define GCP_REPORT_SCRIPT_H

struct out;
struct view;

void script_tsv_sums(const struct view *view, struct out *out);
void script_tsv_intervals(const struct view *view, struct out *out);
void script_json_sums(const struct view *view, struct out *out);
void script_json_intervals(const struct view *view, struct out *out);

#endif
