/*
 * map: a hash table from short strings to values of one size.
 *
 * Owns its keys and its values.  A value's address stays the same for as long
 * as the map lives.  Keys are visited in the order in which they came.  A
 * removed key keeps its place, and gets it back when it is added again: the
 * memory is bounded by the number of different keys ever added.
 */
#ifndef GCP_MAP_H
#define GCP_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct map;

/* value_size: bytes of one value. */
struct map *map_new(size_t value_size);
void map_free(struct map *map);

size_t map_count(const struct map *map);

/* The value of a key, or NULL. */
void *map_get(const struct map *map, struct span key);

/*
 * The same in steps, for whoever knows some time before which key it will be:
 * the place in the table is fetched into the processor's cache, a while later
 * the record, and a while later there is nothing to wait for.
 */
uint32_t map_hash(struct span key);
void map_fetch_place(const struct map *map, uint32_t hash);
void map_fetch_record(const struct map *map, uint32_t hash);
void *map_find(const struct map *map, struct span key, uint32_t hash);

/* The map's own copy of the key of a value that is in it. */
struct span map_key(const struct map *map, void *value);

/*
 * The value of a key, added with all bytes zero where it was missing.
 * ret_added may be NULL.
 */
void *map_put(struct map *map, struct span key, bool *ret_added);

/* Whether the key was there. */
bool map_remove(struct map *map, struct span key);

/*
 * Visits: start with *cursor 0; the next value and its key, or NULL at the
 * end.  Adding while visiting is allowed, removing too.
 */
void *map_next(const struct map *map, size_t *cursor, struct span *ret_key);

#endif
