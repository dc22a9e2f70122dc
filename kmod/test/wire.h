/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two handshakes joined in memory, with somebody in the middle who knows the keys: records are
 * opened with the receiver's, may be changed, and are sealed again.
 */
#ifndef SIGNET_TEST_WIRE_H
#define SIGNET_TEST_WIRE_H

#include "core/tls/internal.h"

#define WIRE_CONTENT_MAX (2 * TLS_PLAINTEXT_MAX)

/* The content of a record, on its way to @to. */
struct wire_content {
	struct signet_tls *to;
	u8 type;
	u8 data[WIRE_CONTENT_MAX];
	size_t len;
};

struct wire {
	struct signet_tls *client;
	struct signet_tls *server;
	/* May change the content; with @fragment the rest of it is sent in so many bytes a record. */
	void (*edit)(struct wire *wire, struct wire_content *content);
	const void *edit_argument;
	unsigned int edits; /* how often edit() found what it wanted to change */
	size_t fragment; /* bytes of the first record of each content; 0: all */
	bool fragment_all; /* so many bytes in every record */
	unsigned int records; /* delivered */
};

/* Runs until nobody has anything to say. */
void wire_run(struct wire *wire);

/* Seals @content as the receiver expects it now, and feeds it. */
void wire_deliver(struct wire *wire, struct signet_tls *to, u8 type, const u8 *data, size_t len);

/*
 * The first whole message of @type in @content; NULL when it has none. Gives its offset and size,
 * header included.
 */
u8 *wire_message(struct wire_content *content, u8 type, size_t *size);

/* Replace @old_len bytes at @at by others, correcting the length of the message around it. */
void wire_splice(struct wire_content *content, u8 *message, size_t offset, size_t old_len,
		 const u8 *data, size_t len);

#endif
