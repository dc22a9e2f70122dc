// SPDX-License-Identifier: GPL-2.0
#include "core/tls/message.h"

#define BUFFER_FIRST_SIZE 256

struct signet_reader signet_reader(const u8 *data, size_t len)
{
	return (struct signet_reader){ .data = data, .left = len };
}

const u8 *signet_read_bytes(struct signet_reader *reader, size_t len)
{
	const u8 *data = reader->data;

	if (reader->failed || reader->left < len) {
		reader->failed = true;
		reader->left = 0;
		return NULL;
	}
	if (len)
		reader->data += len;
	reader->left -= len;
	return data;
}

u32 signet_read_number(struct signet_reader *reader, unsigned int width)
{
	const u8 *data = signet_read_bytes(reader, width);
	u32 number = 0;

	if (!data)
		return 0;
	while (width--)
		number = number << 8 | *data++;
	return number;
}

struct signet_bytes signet_read_vector(struct signet_reader *reader, unsigned int width, size_t min,
				       size_t max)
{
	size_t len = signet_read_number(reader, width);
	struct signet_bytes bytes = {};

	if (len < min || len > max) {
		reader->failed = true;
		reader->left = 0;
	}
	bytes.data = signet_read_bytes(reader, len);
	if (bytes.data)
		bytes.len = len;
	return bytes;
}

bool signet_read_all(const struct signet_reader *reader)
{
	return !reader->failed && !reader->left;
}

bool signet_u16s_hold(struct signet_bytes vector, u16 number)
{
	struct signet_reader reader = signet_reader_of(vector);

	while (reader.left) {
		if (signet_read_number(&reader, 2) == number && !reader.failed)
			return true;
	}
	return false;
}

void signet_buffer_reset(struct signet_buffer *buffer)
{
	signet_free(buffer->data);
	*buffer = (struct signet_buffer){};
}

u8 *signet_buffer_add(struct signet_buffer *buffer, size_t len)
{
	u8 *added;

	if (buffer->failed)
		return NULL;
	if (len > buffer->size - buffer->len) {
		size_t size = buffer->size ? 2 * buffer->size : BUFFER_FIRST_SIZE;
		u8 *data;

		if (size < buffer->len + len)
			size = buffer->len + len;
		data = signet_alloc(size);
		if (!data) {
			buffer->failed = true;
			return NULL;
		}
		if (buffer->len)
			memcpy(data, buffer->data, buffer->len);
		signet_free(buffer->data);
		buffer->data = data;
		buffer->size = size;
	}
	added = buffer->data + buffer->len;
	buffer->len += len;
	return added;
}

static void store(u8 *to, u32 number, unsigned int width)
{
	while (width--) {
		to[width] = number;
		number >>= 8;
	}
}

void signet_put_number(struct signet_buffer *buffer, u32 number, unsigned int width)
{
	u8 *to = signet_buffer_add(buffer, width);

	if (to)
		store(to, number, width);
}

void signet_put_bytes(struct signet_buffer *buffer, const void *data, size_t len)
{
	u8 *to = signet_buffer_add(buffer, len);

	if (to && len)
		memcpy(to, data, len);
}

size_t signet_put_open(struct signet_buffer *buffer, unsigned int width)
{
	signet_put_number(buffer, 0, width);
	return buffer->len;
}

void signet_put_close(struct signet_buffer *buffer, size_t mark, unsigned int width)
{
	if (!buffer->failed)
		store(buffer->data + mark - width, buffer->len - mark, width);
}
