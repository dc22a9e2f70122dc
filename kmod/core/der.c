// SPDX-License-Identifier: GPL-2.0
/* DER reader and writer (X.690). */
#include "core/der.h"

#define LENGTH_OCTETS_MAX 3

/* The length of header and contents of the element at the front. False unless it is all there. */
static bool measure(const struct signet_bytes *in, size_t *header, size_t *length)
{
	size_t octets, value, i;

	if (in->len < 2 || (in->data[0] & 0x1f) == 0x1f)
		return false;
	if (in->data[1] < 0x80) {
		*header = 2;
		*length = in->data[1];
		return *length <= in->len - 2;
	}

	octets = in->data[1] & 0x7f;
	if (!octets || octets > LENGTH_OCTETS_MAX || in->len - 2 < octets)
		return false;
	for (value = 0, i = 0; i < octets; i++)
		value = value << 8 | in->data[2 + i];
	if (in->data[2] == 0 || value < 0x80)
		return false;
	*header = 2 + octets;
	*length = value;
	return value <= in->len - *header;
}

bool signet_der_read_any(struct signet_bytes *in, u8 *tag, struct signet_bytes *content)
{
	size_t header, length;

	if (!measure(in, &header, &length))
		return false;
	*tag = in->data[0];
	content->data = in->data + header;
	content->len = length;
	in->data += header + length;
	in->len -= header + length;
	return true;
}

bool signet_der_is(const struct signet_bytes *in, u8 tag)
{
	return in->len && in->data[0] == tag;
}

bool signet_der_read(struct signet_bytes *in, u8 tag, struct signet_bytes *content)
{
	u8 found;

	return signet_der_is(in, tag) && signet_der_read_any(in, &found, content);
}

bool signet_der_read_whole(struct signet_bytes *in, u8 tag, struct signet_bytes *content,
			   struct signet_bytes *whole)
{
	const u8 *start = in->data;

	if (!signet_der_read(in, tag, content))
		return false;
	whole->data = start;
	whole->len = in->data - start;
	return true;
}

bool signet_der_read_boolean(struct signet_bytes *in, bool *value)
{
	struct signet_bytes rest = *in, content;

	if (!signet_der_read(&rest, SIGNET_DER_BOOLEAN, &content) || content.len != 1 ||
	    (content.data[0] != 0x00 && content.data[0] != 0xff))
		return false;
	*value = content.data[0];
	*in = rest;
	return true;
}

bool signet_der_read_unsigned(struct signet_bytes *in, struct signet_bytes *value)
{
	struct signet_bytes rest = *in, content;

	if (!signet_der_read(&rest, SIGNET_DER_INTEGER, &content) || !content.len ||
	    content.data[0] & 0x80)
		return false;
	if (content.data[0] == 0) {
		if (content.len > 1 && !(content.data[1] & 0x80))
			return false;
		content.data++;
		content.len--;
	}
	*value = content;
	*in = rest;
	return true;
}

bool signet_der_read_octets(struct signet_bytes *in, struct signet_bytes *value)
{
	struct signet_bytes rest = *in, content;

	if (!signet_der_read(&rest, SIGNET_DER_BIT_STRING, &content) || !content.len ||
	    content.data[0] != 0)
		return false;
	value->data = content.data + 1;
	value->len = content.len - 1;
	*in = rest;
	return true;
}

bool signet_der_read_named_bits(struct signet_bytes *in, u16 *bits)
{
	struct signet_bytes rest = *in, content;
	unsigned int unused, last;
	u16 value = 0;
	size_t i;

	if (!signet_der_read(&rest, SIGNET_DER_BIT_STRING, &content) || !content.len ||
	    content.len > 3)
		return false;
	unused = content.data[0];
	if (content.len == 1) {
		if (unused)
			return false;
	} else {
		/* The last bit that is there is one: trailing zeros are left out. */
		last = content.data[content.len - 1];
		if (unused > 7 || !(last >> unused & 1) || last & ((1u << unused) - 1))
			return false;
	}
	for (i = 0; i < 8 * (content.len - 1); i++)
		if (content.data[1 + i / 8] & 0x80 >> i % 8)
			value |= 1u << i;
	*bits = value;
	*in = rest;
	return true;
}

bool signet_der_read_oid(struct signet_bytes *in, struct signet_bytes *oid)
{
	struct signet_bytes rest = *in, content;
	size_t i;

	if (!signet_der_read(&rest, SIGNET_DER_OID, &content) || !content.len ||
	    content.data[content.len - 1] & 0x80)
		return false;
	for (i = 0; i < content.len; i++)
		if (content.data[i] == 0x80 && (!i || !(content.data[i - 1] & 0x80)))
			return false;
	*oid = content;
	*in = rest;
	return true;
}

/* Two decimal digits within @min and @max. */
static bool two_digits(const u8 *at, int min, int max, int *value)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return false;
	*value = 10 * (at[0] - '0') + (at[1] - '0');
	return *value >= min && *value <= max;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar, the year at least 1950. */
static s64 days_since_1970(int year, int month, int day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int past = year - 1;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return (s64)365 * (year - 1970) + (past / 4 - past / 100 + past / 400) -
	       (1969 / 4 - 1969 / 100 + 1969 / 400) + before[month - 1] + (leap && month > 2) +
	       day - 1;
}

static int days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (leap && month == 2);
}

bool signet_der_read_time(struct signet_bytes *in, s64 *seconds)
{
	struct signet_bytes rest = *in, content;
	int century, year, month, day, hour, minute, second;
	const u8 *at;
	u8 tag;

	if (!signet_der_read_any(&rest, &tag, &content))
		return false;
	at = content.data;
	if (tag == SIGNET_DER_UTC_TIME && content.len == 13) {
		if (!two_digits(at, 0, 99, &year))
			return false;
		year += year < 50 ? 2000 : 1900;
		at += 2;
	} else if (tag == SIGNET_DER_GENERALIZED_TIME && content.len == 15) {
		if (!two_digits(at, 0, 99, &century) || !two_digits(at + 2, 0, 99, &year))
			return false;
		year += 100 * century;
		if (year < 2050)
			return false;
		at += 4;
	} else {
		return false;
	}
	if (!two_digits(at, 1, 12, &month) || !two_digits(at + 2, 1, 31, &day) ||
	    !two_digits(at + 4, 0, 23, &hour) || !two_digits(at + 6, 0, 59, &minute) ||
	    !two_digits(at + 8, 0, 59, &second) || at[10] != 'Z' ||
	    day > days_of_month(year, month))
		return false;
	*seconds = 86400 * days_since_1970(year, month, day) + 3600 * hour + 60 * minute + second;
	*in = rest;
	return true;
}

bool signet_bytes_equal(const struct signet_bytes *a, const struct signet_bytes *b)
{
	return a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len));
}

void signet_der_writer_init(struct signet_der_writer *w, u8 *buffer, size_t size)
{
	w->buffer = buffer;
	w->size = size;
	w->at = size;
	w->overflow = false;
}

void signet_der_put(struct signet_der_writer *w, const void *data, size_t len)
{
	if (w->overflow || len > w->at) {
		w->overflow = true;
		return;
	}
	w->at -= len;
	if (len)
		memcpy(w->buffer + w->at, data, len);
}

void signet_der_put_byte(struct signet_der_writer *w, u8 value)
{
	signet_der_put(w, &value, 1);
}

void signet_der_put_unsigned(struct signet_der_writer *w, const u8 *value, size_t len)
{
	size_t mark = signet_der_mark(w);

	while (len && !*value) {
		value++;
		len--;
	}
	signet_der_put(w, value, len);
	if (!len || *value & 0x80)
		signet_der_put_byte(w, 0);
	signet_der_wrap(w, SIGNET_DER_INTEGER, mark);
}

size_t signet_der_mark(const struct signet_der_writer *w)
{
	return w->at;
}

void signet_der_wrap(struct signet_der_writer *w, u8 tag, size_t mark)
{
	size_t length = mark - w->at, rest;
	u8 octets = 0;

	if (w->overflow)
		return;
	if (length < 0x80) {
		signet_der_put_byte(w, (u8)length);
	} else {
		for (rest = length; rest; rest >>= 8) {
			signet_der_put_byte(w, (u8)rest);
			octets++;
		}
		signet_der_put_byte(w, 0x80 | octets);
	}
	signet_der_put_byte(w, tag);
}

bool signet_der_written(const struct signet_der_writer *w, struct signet_bytes *out)
{
	out->data = w->buffer + w->at;
	out->len = w->size - w->at;
	return !w->overflow;
}
