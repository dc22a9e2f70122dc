/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DER (X.690), as strict as it is meant: one encoding for each value, anything else refused. The
 * reader takes elements off the front of @in and copies nothing; a failed read leaves @in alone.
 */
#ifndef SIGNET_CORE_DER_H
#define SIGNET_CORE_DER_H

#include "core/platform.h"

enum signet_der_tag {
	SIGNET_DER_BOOLEAN = 0x01,
	SIGNET_DER_INTEGER = 0x02,
	SIGNET_DER_BIT_STRING = 0x03,
	SIGNET_DER_OCTET_STRING = 0x04,
	SIGNET_DER_NULL = 0x05,
	SIGNET_DER_OID = 0x06,
	SIGNET_DER_UTC_TIME = 0x17,
	SIGNET_DER_GENERALIZED_TIME = 0x18,
	SIGNET_DER_SEQUENCE = 0x30,
	SIGNET_DER_SET = 0x31,
};

/* [n], constructed or primitive */
#define SIGNET_DER_CONTEXT(n) (0xa0 + (n))
#define SIGNET_DER_CONTEXT_PRIMITIVE(n) (0x80 + (n))

/**
 * signet_der_read_any() - take the next element, whatever it is
 * @in: moved past it
 * @tag: its identifier octet; numbers above 30 are refused
 * @content: its contents
 *
 * Return: false when there is no well-formed element.
 */
bool signet_der_read_any(struct signet_bytes *in, u8 *tag, struct signet_bytes *content);

/* Take the next element if it has @tag. */
bool signet_der_read(struct signet_bytes *in, u8 tag, struct signet_bytes *content);
/* The same, with @whole as the element with its header. */
bool signet_der_read_whole(struct signet_bytes *in, u8 tag, struct signet_bytes *content,
			   struct signet_bytes *whole);
/* Does the next element have @tag? */
bool signet_der_is(const struct signet_bytes *in, u8 tag);

bool signet_der_read_boolean(struct signet_bytes *in, bool *value);
/* A non-negative INTEGER, without its leading zero octet; zero is no octets at all. */
bool signet_der_read_unsigned(struct signet_bytes *in, struct signet_bytes *value);
/* A BIT STRING of whole octets. */
bool signet_der_read_octets(struct signet_bytes *in, struct signet_bytes *value);
/* A named-bit list of at most 16 bits (X.690, 11.2.2): bit n of the list is bit n of @bits. */
bool signet_der_read_named_bits(struct signet_bytes *in, u16 *bits);
/* An OBJECT IDENTIFIER, as encoded. */
bool signet_der_read_oid(struct signet_bytes *in, struct signet_bytes *oid);
/* Time as RFC 5280, 4.1.2.5, has it: UTCTime to 2049, GeneralizedTime after. Seconds since 1970. */
bool signet_der_read_time(struct signet_bytes *in, s64 *seconds);

bool signet_bytes_equal(const struct signet_bytes *a, const struct signet_bytes *b);

/*
 * The writer works from the end of a buffer to its front, so that lengths are known when they are
 * written: put the last element first. An element that doesn't fit makes the whole overflow.
 */
struct signet_der_writer {
	u8 *buffer;
	size_t size;
	size_t at; /* what is written is buffer[at..size) */
	bool overflow;
};

void signet_der_writer_init(struct signet_der_writer *w, u8 *buffer, size_t size);
/* Octets as they are. */
void signet_der_put(struct signet_der_writer *w, const void *data, size_t len);
void signet_der_put_byte(struct signet_der_writer *w, u8 value);
/* An INTEGER from big-endian octets. */
void signet_der_put_unsigned(struct signet_der_writer *w, const u8 *value, size_t len);
/* The place that signet_der_wrap() reaches back to. */
size_t signet_der_mark(const struct signet_der_writer *w);
/* Put identifier and length in front of all that was written since @mark. */
void signet_der_wrap(struct signet_der_writer *w, u8 tag, size_t mark);
/* False when it overflowed; @out points into the buffer. */
bool signet_der_written(const struct signet_der_writer *w, struct signet_bytes *out);

#endif
