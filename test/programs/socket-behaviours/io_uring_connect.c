// SPDX-License-Identifier: Apache-2.0
/* connect() by io_uring. */
#define _GNU_SOURCE
#include "behaviour.h"

#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

BEHAVIOUR(io_uring_connect)

#define TIMES 20

/* A ring for one request at a time. */
struct ring {
	int fd;
	struct io_uring_sqe *requests;
	struct io_uring_cqe *completions;
	unsigned int *request_tail, *request_slots, *completion_head;
};

static void server(int listener)
{
	for (int i = 0; i < TIMES; i++)
		hear(take(listener));
}

static char *map(int fd, size_t size, off_t what)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, what);

	must(at == MAP_FAILED ? -1 : 0, "mmap");
	return at;
}

static struct ring ring_new(void)
{
	struct io_uring_params params = { 0 };
	struct ring ring;
	char *at;

	ring.fd = (int)must(syscall(SYS_io_uring_setup, 1, &params), "io_uring_setup");
	at = map(ring.fd, params.sq_off.array + params.sq_entries * sizeof(unsigned int),
		 IORING_OFF_SQ_RING);
	ring.request_tail = (unsigned int *)(at + params.sq_off.tail);
	ring.request_slots = (unsigned int *)(at + params.sq_off.array);
	at = map(ring.fd, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
		 IORING_OFF_CQ_RING);
	ring.completion_head = (unsigned int *)(at + params.cq_off.head);
	ring.completions = (struct io_uring_cqe *)(at + params.cq_off.cqes);
	ring.requests = (struct io_uring_sqe *)map(ring.fd, sizeof(struct io_uring_sqe),
						   IORING_OFF_SQES);
	return ring;
}

/* The request's result, as a system call returns it. */
static int ring_connect(struct ring *ring, int fd, unsigned int turn)
{
	struct io_uring_sqe request = { .opcode = IORING_OP_CONNECT, .fd = fd,
					.addr = (uintptr_t)&server_address,
					.off = sizeof(server_address) };
	int value;

	ring->requests[0] = request;
	ring->request_slots[0] = 0;
	__atomic_store_n(ring->request_tail, turn + 1, __ATOMIC_RELEASE);
	must(syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0),
	     "io_uring_enter");
	/* There are twice as many completions as requests. */
	value = ring->completions[turn % 2].res;
	__atomic_store_n(ring->completion_head, turn + 1, __ATOMIC_RELEASE);
	if (value >= 0)
		return value;
	errno = -value;
	return -1;
}

static void client(void)
{
	struct ring ring = ring_new();
	int successes = 0;

	for (unsigned int i = 0; i < TIMES; i++) {
		int fd = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");
		int value = ring_connect(&ring, fd, i);

		if (value)
			say("connect: %s", result(value));
		else
			successes++;
		comes(fd, POLLOUT);
		tell(fd);
	}
	say("connect: 0 in %d of %d", successes, TIMES);
}
