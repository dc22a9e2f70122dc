/* SPDX-License-Identifier: GPL-2.0 */
/* Bounds-checked reading and writing of TLS's presentation language (RFC 8446, 3). */
#ifndef SIGNET_CORE_TLS_MESSAGE_H
#define SIGNET_CORE_TLS_MESSAGE_H

#include "core/x509/x509.h"

/*
 * What is left to read. A read beyond the end fails the reader for good and gives zeros and empty
 * vectors, so that a parser may check once, at its end.
 */
struct signet_reader {
	const u8 *data;
	size_t left;
	bool failed;
};

struct signet_reader signet_reader(const u8 *data, size_t len);
u32 signet_read_number(struct signet_reader *reader, unsigned int width);
/* @len bytes, NULL when there are fewer. */
const u8 *signet_read_bytes(struct signet_reader *reader, size_t len);
/* A vector whose length has @width bytes; fails when shorter than @min or longer than @max. */
struct signet_bytes signet_read_vector(struct signet_reader *reader, unsigned int width, size_t min,
				       size_t max);
/* True when everything was read and nothing failed. */
bool signet_read_all(const struct signet_reader *reader);

static inline struct signet_reader signet_reader_of(struct signet_bytes bytes)
{
	return signet_reader(bytes.data, bytes.len);
}

/* Does the vector of 16-bit numbers hold @number? */
bool signet_u16s_hold(struct signet_bytes vector, u16 number);

/*
 * Bytes that grow. Without memory it fails for good: what is added is dropped, and the writer
 * checks @failed once. Zeroed memory is an empty buffer.
 */
struct signet_buffer {
	u8 *data;
	size_t len;
	size_t size;
	bool failed;
};

/* Wipes, frees, and makes it empty. */
void signet_buffer_reset(struct signet_buffer *buffer);
/* Room for @len more bytes, which the caller fills, or NULL. */
u8 *signet_buffer_add(struct signet_buffer *buffer, size_t len);
void signet_put_number(struct signet_buffer *buffer, u32 number, unsigned int width);
void signet_put_bytes(struct signet_buffer *buffer, const void *data, size_t len);
/* Opens a vector with a length of @width bytes; returns the mark with which it is closed. */
size_t signet_put_open(struct signet_buffer *buffer, unsigned int width);
void signet_put_close(struct signet_buffer *buffer, size_t mark, unsigned int width);

#endif
