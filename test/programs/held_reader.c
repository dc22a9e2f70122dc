// SPDX-License-Identifier: Apache-2.0
/*
 * A program that is held in the middle of a read of a MiB, when more than a piece of 64 KiB has
 * come: its first page comes only after a SIGINT. Says "held", and in the end how the read ended
 * and how much it has put into the buffer, where the peer sends no zeros. Needs root.
 *
 *   held_reader ADDRESS PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE (1 << 20)
#define PAGE 4096
#define PIECE 65536

static void must(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

/* Gives the page when SIGINT comes. */
static void *hold(void *argument)
{
	int fault = *(int *)argument, number;
	struct uffdio_zeropage page = {};
	struct uffd_msg message;
	sigset_t signals;

	must(read(fault, &message, sizeof(message)) == sizeof(message), "fault");
	puts("held");
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigwait(&signals, &number);
	page.range.start = message.arg.pagefault.address & ~(__u64)(PAGE - 1);
	page.range.len = PAGE;
	must(!ioctl(fault, UFFDIO_ZEROPAGE, &page), "UFFDIO_ZEROPAGE");
	return NULL;
}

/* A buffer whose first page is held. */
static char *held_buffer(void)
{
	static int fault;
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	pthread_t thread;
	char *buffer;

	buffer = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(buffer != MAP_FAILED, "mmap");
	must(!madvise(buffer, SIZE, MADV_NOHUGEPAGE), "madvise");
	fault = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	must(fault >= 0 && !ioctl(fault, UFFDIO_API, &api), "userfaultfd");
	range.range.start = (unsigned long)buffer;
	range.range.len = PAGE;
	must(!ioctl(fault, UFFDIO_REGISTER, &range), "UFFDIO_REGISTER");
	must(!pthread_create(&thread, NULL, hold, &fault), "pthread_create");
	return buffer;
}

/* Waits until a piece is there to be read, which is decrypted then, and as much behind it. */
static void await_data(int fd)
{
	unsigned int memory[SK_MEMINFO_VARS] = {};
	socklen_t size = sizeof(memory);
	int available = 0;

	while (available < PIECE || memory[SK_MEMINFO_RMEM_ALLOC] < 2 * PIECE) {
		must(!ioctl(fd, FIONREAD, &available), "FIONREAD");
		must(!getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size), "SO_MEMINFO");
		usleep(10000);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd, room = 6 * PIECE;
	size_t filled = 0;
	sigset_t signals;
	char *buffer;
	ssize_t n;

	must(argc == 3 && inet_pton(AF_INET, argv[1], &address.sin_addr) == 1,
	     "usage: held_reader ADDRESS PORT");
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	address.sin_port = htons((unsigned short)atoi(argv[2]));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	must(!setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)), "SO_RCVBUFFORCE");
	must(!connect(fd, (struct sockaddr *)&address, sizeof(address)), "connect");
	must(send(fd, "!", 1, 0) == 1, "send");
	await_data(fd);
	buffer = held_buffer();
	n = recv(fd, buffer, SIZE, MSG_WAITALL);
	printf("recv: %s\n", n < 0 ? strerrorname_np(errno) : "no error");
	for (size_t at = 0; at < SIZE; at++)
		filled += !!buffer[at];
	printf("filled %zu\n", filled);
	return 0;
}
