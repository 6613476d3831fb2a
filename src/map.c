#include "config.h"

#include "map.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "xalloc.h"

/*
 * A record is the value, this head, and the key, one behind the other.
 * Records are cut from blocks, which never move; a block has room for the
 * longest key.
 */
struct head {
	uint16_t len; /* of the key */
	bool used;    /* there is a record here */
	bool present; /* and its key is in the map */
};

#define BLOCK_BYTES 131072UL
/* Records begin at multiples of this, and their places are counted in it. */
#define UNIT        8
#define BLOCK_UNITS (BLOCK_BYTES / UNIT)
/* Blocks are allocated so many together: at first, and later. */
#define FEW  16
#define MANY 256

/* Of the table, by open addressing; record: its place plus one, or 0. */
struct slot {
	uint32_t hash;
	uint32_t record;
};

struct map {
	size_t value_size; /* rounded up, so that a head can follow */
	char **blocks;
	size_t block_count;
	size_t used;    /* units of all blocks but the last, and of that one */
	size_t records; /* ever made */
	size_t count;   /* of keys that are present */
	struct slot *table;
	size_t slots;
};

struct map *
map_new(size_t value_size)
{
	struct map *map;

	map = xcalloc(1, sizeof(*map));
	map->value_size =
	    (value_size + sizeof(uint16_t) - 1) & ~(sizeof(uint16_t) - 1);
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
	for (i = 0; i < map->block_count; i += i == 0 ? FEW : MANY)
		free(map->blocks[i]);
	free(map->blocks);
	free(map->table);
	free(map);
}

size_t
map_count(const struct map *map)
{
	return map->count;
}

/* Eight bytes at a time, mixed by multiplication as in wyhash. */
uint32_t
map_hash(struct span key)
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

/* The value at a place; what is behind it follows from it. */
static char *
value_at(const struct map *map, size_t place)
{
	return map->blocks[place / BLOCK_UNITS] + place % BLOCK_UNITS * UNIT;
}

static struct head *
head_of(const struct map *map, char *value)
{
	return (struct head *)(void *)(value + map->value_size);
}

static const char *
key_of(const struct head *head)
{
	return (const char *)(head + 1);
}

/* Units of a record. */
static size_t
units_of(const struct map *map, size_t key_len)
{
	return (map->value_size + sizeof(struct head) + key_len + UNIT - 1) /
	    UNIT;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct slot *
slot_of(const struct map *map, struct span key, uint32_t hash)
{
	size_t i = hash & (map->slots - 1);
	const struct head *head;
	struct slot *slot;

	for (;; i = (i + 1) & (map->slots - 1)) {
		slot = &map->table[i];
		if (slot->record == 0)
			return slot;
		if (slot->hash != hash)
			continue;
		head = head_of(map, value_at(map, slot->record - 1));
		if (head->len == key.len &&
		    (key.len == 0 ||
			memcmp(key_of(head), key.at, key.len) == 0))
			return slot;
	}
}

/*
 * Has large pages hold what many users need: with a million of them the
 * processor spent a third of the time on finding small ones.
 */
static void
use_large_pages(void *bytes, size_t len)
{
#ifdef MADV_HUGEPAGE
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t skip = (page - (uintptr_t)bytes % page) % page;

	(void)madvise((char *)bytes + skip, len - skip, MADV_HUGEPAGE);
#else
	(void)bytes;
	(void)len;
#endif
}

static void
grow_table(struct map *map)
{
	struct slot *old = map->table, *slot;
	size_t old_slots = map->slots, to;

	map->slots *= 2;
	map->table = xcalloc(map->slots, sizeof(*map->table));
	if (map->slots * sizeof(*map->table) >= FEW * BLOCK_BYTES)
		use_large_pages(map->table, map->slots * sizeof(*map->table));
	for (slot = old; slot < old + old_slots; slot++) {
		if (slot->record == 0)
			continue;
		to = slot->hash & (map->slots - 1);
		while (map->table[to].record != 0)
			to = (to + 1) & (map->slots - 1);
		map->table[to] = *slot;
	}
	free(old);
}

/* A few for the beginning; what is not touched takes no memory. */
static void
add_blocks(struct map *map)
{
	size_t count = map->block_count == 0 ? FEW : MANY, i;
	char *bytes = xcalloc(count, BLOCK_BYTES);

	if (count == MANY)
		use_large_pages(bytes, count * BLOCK_BYTES);
	map->blocks = xreallocarray(
	    map->blocks, map->block_count + count, sizeof(*map->blocks));
	for (i = 0; i < count; i++)
		map->blocks[map->block_count++] = bytes + i * BLOCK_BYTES;
}

/* Makes a record that is not present yet; returns its place. */
static size_t
add_record(struct map *map, struct span key)
{
	size_t units = units_of(map, key.len), place;
	struct head *head;

	/* No record lies in two blocks. */
	if (BLOCK_UNITS - map->used % BLOCK_UNITS < units)
		map->used += BLOCK_UNITS - map->used % BLOCK_UNITS;
	if (map->used == map->block_count * BLOCK_UNITS)
		add_blocks(map);
	place = map->used;
	map->used += units;
	map->records++;
	head = head_of(map, value_at(map, place));
	head->used = true;
	head->len = (uint16_t)key.len;
	if (key.len > 0)
		memcpy(head + 1, key.at, key.len);
	return place;
}

void *
map_get(const struct map *map, struct span key)
{
	return map_find(map, key, map_hash(key));
}

void *
map_find(const struct map *map, struct span key, uint32_t hash)
{
	const struct slot *slot = slot_of(map, key, hash);
	char *value;

	if (slot->record == 0)
		return NULL;
	value = value_at(map, slot->record - 1);
	return head_of(map, value)->present ? value : NULL;
}

void
map_fetch_place(const struct map *map, uint32_t hash)
{
	__builtin_prefetch(&map->table[hash & (map->slots - 1)], 0);
}

void
map_fetch_record(const struct map *map, uint32_t hash)
{
	const struct slot *slot = &map->table[hash & (map->slots - 1)];
	const char *value;

	if (slot->record == 0)
		return;
	value = value_at(map, slot->record - 1);
	__builtin_prefetch(value, 1);
	__builtin_prefetch(value + map->value_size, 0);
}

void *
map_put(struct map *map, struct span key, bool *ret_added)
{
	uint32_t hash = map_hash(key);
	struct slot *slot = slot_of(map, key, hash);
	struct head *head;
	size_t place;
	char *value;
	bool added;

	if (slot->record == 0) {
		place = add_record(map, key);
		slot->hash = hash;
		slot->record = (uint32_t)(place + 1);
		/* At most three slots in four are taken. */
		if (map->records * 4 > map->slots * 3)
			grow_table(map);
	} else {
		place = slot->record - 1;
	}
	value = value_at(map, place);
	head = head_of(map, value);
	added = !head->present;
	head->present = true;
	map->count += added;
	if (ret_added != NULL)
		*ret_added = added;
	return value;
}

struct span
map_key(const struct map *map, void *value)
{
	const struct head *head = head_of(map, value);
	struct span key = { key_of(head), head->len };

	return key;
}

bool
map_remove(struct map *map, struct span key)
{
	char *value = map_get(map, key);

	if (value == NULL)
		return false;
	head_of(map, value)->present = false;
	memset(value, 0, map->value_size);
	map->count--;
	return true;
}

void *
map_next(const struct map *map, size_t *cursor, struct span *ret_key)
{
	const struct head *head;
	char *value;

	while (*cursor < map->used) {
		value = value_at(map, *cursor);
		head = head_of(map, value);
		/* No head fits there, or no record did: the next block. */
		if (BLOCK_UNITS - *cursor % BLOCK_UNITS < units_of(map, 0) ||
		    !head->used) {
			*cursor += BLOCK_UNITS - *cursor % BLOCK_UNITS;
			continue;
		}
		*cursor += units_of(map, head->len);
		if (!head->present)
			continue;
		if (ret_key != NULL) {
			ret_key->at = key_of(head);
			ret_key->len = head->len;
		}
		return value;
	}
	return NULL;
}
