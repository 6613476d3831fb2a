/*
 * answer: what an answer of the service's REST interface means.
 */
#ifndef GCP_ANSWER_H
#define GCP_ANSWER_H

struct fail;
struct http_answer;

/*
 * 0 where the answer is a success (2xx).  Else -1, and why says what cannot be
 * done ("cannot WHAT: ..."), what the service said about it, and whether
 * trying again may help:
 *
 * 404: FAIL_ABSENT; 408, 425, 429 and 5xx: FAIL_BUSY, with the Retry-After;
 * redirects: FAIL_CONFIG, since none is followed; other 4xx: FAIL_REFUSED; no
 * answer at all: as http says.
 *
 * Bodies are the service's error objects {code, message, ...}; a gateway's
 * HTML is tolerated and not shown.
 */
int answer_check(
    const struct http_answer *answer, const char *what, struct fail *why);

#endif
