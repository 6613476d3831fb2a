#include "config.h"

#include "map.h"

#include <stdint.h>
#include <stdlib.h>

#include "xalloc.h"

/* Records of a block; keys are cut from pools of this many bytes. */
#define BLOCK_RECORDS 512
#define POOL_BYTES    32768

/*
 * A record is this head and the value behind it.  Records live in blocks that
 * never move; the table holds their numbers, plus one, by open addressing.
 */
struct record {
	const char *key;
	uint32_t hash;
	uint16_t len;
	bool present;
};

struct map {
	size_t record_size;
	char **blocks;
	size_t records;
	size_t count;
	uint32_t *table;
	size_t slots;
	char *pool;
	size_t pool_left;
	char **pools;
	size_t pools_used;
};

struct map *
map_new(size_t value_size)
{
	struct map *map;

	map = xcalloc(1, sizeof(*map));
	map->record_size =
	    (sizeof(struct record) + value_size + 7) & ~(size_t)7;
	map->slots = 64;
	map->table = xcalloc(map->slots, sizeof(*map->table));
	return map;
}

void
map_free(struct map *map)
{
	size_t i;

	if (map == NULL)
		return;
	for (i = 0; i * BLOCK_RECORDS < map->records; i++)
		free(map->blocks[i]);
	for (i = 0; i < map->pools_used; i++)
		free(map->pools[i]);
	free(map->blocks);
	free(map->pools);
	free(map->table);
	free(map);
}

size_t
map_count(const struct map *map)
{
	return map->count;
}

/* Eight bytes at a time, mixed by multiplication as in wyhash. */
static uint32_t
hash_of(struct span key)
{
	uint64_t hash = 0x9e3779b97f4a7c15u ^ key.len, word;
	const char *at = key.at;
	size_t left = key.len;

	while (left >= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
		at += sizeof(word);
		left -= sizeof(word);
	}
	word = 0;
	if (left > 0)
		memcpy(&word, at, left);
	hash = (hash ^ word) * 0xc4ceb9fe1a85ec53u;
	return (uint32_t)(hash ^ hash >> 32);
}

static struct record *
record_at(const struct map *map, size_t number)
{
	return (struct record *)(void *)(map->blocks[number / BLOCK_RECORDS] +
	    number % BLOCK_RECORDS * map->record_size);
}

static void *
value_of(struct record *record)
{
	return record + 1;
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t
slot_of(const struct map *map, struct span key, uint32_t hash)
{
	size_t slot = hash & (map->slots - 1);
	struct record *record;

	for (; map->table[slot] != 0; slot = (slot + 1) & (map->slots - 1)) {
		record = record_at(map, map->table[slot] - 1);
		if (record->hash == hash && record->len == key.len &&
		    (key.len == 0 || memcmp(record->key, key.at, key.len) == 0))
			break;
	}
	return slot;
}

static void
grow_table(struct map *map)
{
	size_t number, slot;

	map->slots *= 2;
	free(map->table);
	map->table = xcalloc(map->slots, sizeof(*map->table));
	for (number = 0; number < map->records; number++) {
		slot = record_at(map, number)->hash & (map->slots - 1);
		while (map->table[slot] != 0)
			slot = (slot + 1) & (map->slots - 1);
		map->table[slot] = (uint32_t)(number + 1);
	}
}

static const char *
copy_key(struct map *map, struct span key)
{
	size_t size;
	char *copy;

	if (key.len == 0)
		return "";
	if (key.len > map->pool_left) {
		size = key.len > POOL_BYTES ? key.len : POOL_BYTES;
		map->pools = xreallocarray(
		    map->pools, map->pools_used + 1, sizeof(*map->pools));
		map->pool = xcalloc(size, 1);
		map->pool_left = size;
		map->pools[map->pools_used++] = map->pool;
	}
	copy = map->pool;
	memcpy(copy, key.at, key.len);
	map->pool += key.len;
	map->pool_left -= key.len;
	return copy;
}

static struct record *
add_record(struct map *map, struct span key, uint32_t hash)
{
	struct record *record;
	size_t block = map->records / BLOCK_RECORDS;

	if (map->records % BLOCK_RECORDS == 0) {
		map->blocks =
		    xreallocarray(map->blocks, block + 1, sizeof(*map->blocks));
		map->blocks[block] = xcalloc(BLOCK_RECORDS, map->record_size);
	}
	record = record_at(map, map->records++);
	record->key = copy_key(map, key);
	record->hash = hash;
	record->len = (uint16_t)key.len;
	return record;
}

void *
map_get(const struct map *map, struct span key)
{
	uint32_t number;
	struct record *record;

	number = map->table[slot_of(map, key, hash_of(key))];
	if (number == 0)
		return NULL;
	record = record_at(map, number - 1);
	return record->present ? value_of(record) : NULL;
}

void *
map_put(struct map *map, struct span key, bool *ret_added)
{
	uint32_t hash = hash_of(key);
	struct record *record;
	size_t slot;
	bool added = false;

	slot = slot_of(map, key, hash);
	if (map->table[slot] == 0) {
		record = add_record(map, key, hash);
		map->table[slot] = (uint32_t)map->records;
		/* At most three slots in four are taken. */
		if (map->records * 4 > map->slots * 3)
			grow_table(map);
	} else {
		record = record_at(map, map->table[slot] - 1);
	}
	if (!record->present) {
		record->present = true;
		map->count++;
		added = true;
	}
	if (ret_added != NULL)
		*ret_added = added;
	return value_of(record);
}

bool
map_remove(struct map *map, struct span key)
{
	uint32_t number;
	struct record *record;

	number = map->table[slot_of(map, key, hash_of(key))];
	if (number == 0)
		return false;
	record = record_at(map, number - 1);
	if (!record->present)
		return false;
	record->present = false;
	memset(value_of(record), 0, map->record_size - sizeof(*record));
	map->count--;
	return true;
}

void *
map_next(const struct map *map, size_t *cursor, struct span *ret_key)
{
	struct record *record;

	while (*cursor < map->records) {
		record = record_at(map, (*cursor)++);
		if (!record->present)
			continue;
		if (ret_key != NULL) {
			ret_key->at = record->key;
			ret_key->len = record->len;
		}
		return value_of(record);
	}
	return NULL;
}
