// SPDX-License-Identifier: GPL-2.0
#include "core/policy/array.h"

#define ROOM_MIN 8

static int grow(struct signet_array *array, size_t size)
{
	size_t room = array->room ? 2 * array->room : ROOM_MIN;
	void *items = signet_alloc_array(room, size);

	if (!items)
		return -ENOMEM;
	if (array->count)
		memcpy(items, array->items, array->count * size);
	signet_free_array(array->items);
	array->items = items;
	array->room = room;
	return 0;
}

void *signet_array_add(struct signet_array *array, size_t size)
{
	if (array->count == array->room && grow(array, size))
		return NULL;
	return (u8 *)array->items + size * array->count++;
}

void signet_array_free(struct signet_array *array)
{
	signet_free_array(array->items);
	memset(array, 0, sizeof(*array));
}
