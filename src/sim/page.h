/*
 * page: which part of a list is asked for, and what stands around it.
 *
 * By number (pageSize, pageNumber), or by cursor (pageSize, after).
 */
#ifndef GCP_SIM_PAGE_H
#define GCP_SIM_PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct call;

/* pageSize where nobody asks for another one. */
#define PAGE_SIZE 25

struct page {
	size_t size;
	size_t number; /* from 1 */
	size_t first;  /* of the list's rows, from 0 */
};

/* Both are false where the call is answered, with 400. */
bool page_read(struct call *call, size_t max_size, struct page *ret_page);
bool page_read_cursor(
    struct call *call, size_t max_size, struct page *ret_page);

/*
 * Whether the list's row number is on the page; then a comma is added in front
 * of all but the page's first one.
 */
bool page_takes(const struct page *page, size_t row, struct buf *body);

/*
 * Adds the members that follow on "entities".  page_put() says how many there
 * are in all; the members of a queue come without that.
 */
void page_put(struct call *call, const struct page *page, size_t total);
void page_put_uncounted(
    struct call *call, const struct page *page, size_t total);
void page_put_cursor(struct call *call, const struct page *page, size_t total);

#endif
