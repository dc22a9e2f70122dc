/* SPDX-License-Identifier: GPL-2.0 */
/* An array that grows. Its elements are of one size, and move when it does. */
#ifndef SIGNET_CORE_ARRAY_H
#define SIGNET_CORE_ARRAY_H

#include "core/platform.h"

/* Zeroed: empty. */
struct signet_array {
	void *items;
	size_t room;
	size_t count;
};

/**
 * signet_array_add() - one more element
 * @array: the same @size each time
 * @size: of an element
 *
 * Return: where to write it, or NULL without memory; then the array is as it was.
 */
void *signet_array_add(struct signet_array *array, size_t size);

/* Frees the elements; then it is empty, and can be filled anew. */
void signet_array_free(struct signet_array *array);

#endif
