// SPDX-License-Identifier: Apache-2.0
/*
 * Opens many connections, says a line on each, and counts those that were answered: served.
 *
 *   burst_client at-once ADDRESS PORT COUNT SECONDS SOURCE...   all COUNT begin together
 *   burst_client in-turn ADDRESS PORT COUNT SECONDS SOURCE...   one after the other, at most COUNT
 *
 * The connections come from the SOURCE addresses in turn. Ends when all are served or have failed,
 * and no later than after SECONDS. Then prints, a line each, what isn't zero; times in seconds since
 * the first connect():
 *
 *   served N               connections whose answer came
 *   unfinished N           begun, but neither served nor failed when the time was over
 *   unbegun N              (at-once) not begun when the time was over
 *   failed CALL ERRNO N    CALL is connect or answer; ERRNO is a name, or EOF
 *   begun TIME             the last connect() was called
 *   last TIME              the last answer came
 *   second S N             N answers came in second S, counted from 0
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LINE "hello\n"
#define EVENTS 1024
/* While connections begin, what is ready waits so long for a look. */
#define SECONDS_BETWEEN_LOOKS 1
#define MAX_ERRNO 200
#define MAX_SECONDS 3600

enum call { CONNECT, ANSWER };

static const char *const calls[] = { [CONNECT] = "connect", [ANSWER] = "answer" };

static struct sockaddr_in server;
static struct sockaddr_in *sources;
static unsigned int source_count, count, seconds;
static bool at_once;

/* What came of the connections; failures by errno, of which 0 is the end of the file. */
static unsigned int begun, served, failed[2][MAX_ERRNO], in_second[MAX_SECONDS];
static double started, last_begun, last_served;
static volatile sig_atomic_t over;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9 - started;
}

static void count_served(void)
{
	double at = now();

	if (at >= seconds)
		return;
	served++;
	last_served = at;
	in_second[(unsigned int)at]++;
}

static void count_failed(enum call call, int error)
{
	failed[call][error < MAX_ERRNO ? error : EIO]++;
}

/* A socket for the next connection, from the source whose turn it is; -1 with errno. */
static int next_socket(int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0), one = 1;
	const struct sockaddr_in *source = &sources[begun % source_count];

	begun++;
	last_begun = now();
	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (!bind(fd, (const struct sockaddr *)source, sizeof(*source)))
		return fd;
	close(fd);
	return -1;
}

static int connect_to_server(int fd)
{
	return connect(fd, (struct sockaddr *)&server, sizeof(server));
}

static bool say_line(int fd)
{
	return send(fd, LINE, strlen(LINE), MSG_NOSIGNAL) == (ssize_t)strlen(LINE);
}

/* Reads once. Whether the connection is finished, served or failed; else errno says why not. */
static bool hear_answer(int fd)
{
	char part[256];
	ssize_t n = read(fd, part, sizeof(part));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	errno = n < 0 ? errno : 0;
	if (n <= 0)
		count_failed(ANSWER, errno);
	else if (memchr(part, '\n', (size_t)n))
		count_served();
	else
		return false;
	return true;
}

struct connection {
	int fd;
	bool said; /* its line; what is missing is the answer */
};

/* Whether it has begun, and did not fail at once. */
static bool begin(int epfd, struct connection *connection)
{
	int fd = next_socket(SOCK_NONBLOCK);
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = connection };

	connection->fd = fd;
	if (fd >= 0 && (!connect_to_server(fd) || errno == EINPROGRESS) &&
	    !epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event))
		return true;
	count_failed(CONNECT, errno);
	if (fd >= 0)
		close(fd);
	return false;
}

/* The kernel says that it is connected, or is not going to be. Whether it is finished: failed. */
static bool connected(int epfd, struct connection *connection)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
	int error = 0;
	socklen_t size = sizeof(error);

	getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error) {
		count_failed(CONNECT, error);
		return true;
	}
	connection->said = say_line(connection->fd);
	if (connection->said && !epoll_ctl(epfd, EPOLL_CTL_MOD, connection->fd, &event))
		return false;
	if (errno == EAGAIN)
		return false;
	count_failed(ANSWER, errno);
	return true;
}

/* Waits up to so long for what is ready, and handles it. How many connections it finished. */
static unsigned int look(int epfd, int milliseconds)
{
	struct epoll_event ready[EVENTS];
	int n = epoll_wait(epfd, ready, EVENTS, milliseconds);
	unsigned int finished = 0;

	for (int i = 0; i < n; i++) {
		struct connection *connection = ready[i].data.ptr;

		if (!(connection->said ? hear_answer(connection->fd) :
					 connected(epfd, connection)))
			continue;
		close(connection->fd);
		finished++;
	}
	return finished;
}

static void all_at_once(void)
{
	struct connection *connections = calloc(count, sizeof(*connections));
	int epfd = epoll_create1(0);
	unsigned int open = 0;
	double left, next_look;

	if (!connections) {
		perror("calloc");
		exit(1);
	}
	while ((open || begun < count) && (left = seconds - now()) > 0) {
		next_look = now() + SECONDS_BETWEEN_LOOKS;
		while (begun < count && now() < next_look)
			open += begin(epfd, &connections[begun]);
		open -= look(epfd, begun < count ? 0 : (int)(left * 1000) + 1);
	}
	free(connections);
}

static void one(void)
{
	int fd = next_socket(0);

	if (fd < 0 || connect_to_server(fd)) {
		if (!over)
			count_failed(CONNECT, errno);
	} else if (!say_line(fd)) {
		if (!over)
			count_failed(ANSWER, errno);
	} else {
		while (!hear_answer(fd) && !over)
			;
	}
	if (fd >= 0)
		close(fd);
}

static void end(int signal)
{
	(void)signal;
	over = true;
}

static void one_after_the_other(void)
{
	/* Again and again, as the first may come between a look at the clock and a call. */
	const struct itimerval timer = { .it_value.tv_sec = seconds, .it_interval.tv_usec = 50000 };
	const struct sigaction action = { .sa_handler = end };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (begun < count && !over)
		one();
}

static void report(void)
{
	unsigned int finished = served;

	printf("served %u\n", served);
	for (int call = CONNECT; call <= ANSWER; call++)
		for (int error = 0; error < MAX_ERRNO; error++) {
			const char *name = error ? strerrorname_np(error) : "EOF";

			finished += failed[call][error];
			if (failed[call][error])
				printf("failed %s %s %u\n", calls[call], name ? name : "unknown",
				       failed[call][error]);
		}
	if (finished < begun)
		printf("unfinished %u\n", begun - finished);
	if (begun < count && at_once)
		printf("unbegun %u\n", count - begun);
	printf("begun %.3f\n", last_begun);
	if (!served)
		return;
	printf("last %.3f\n", last_served);
	for (unsigned int second = 0; second < seconds; second++)
		if (in_second[second])
			printf("second %u %u\n", second, in_second[second]);
}

static bool parse_address(struct sockaddr_in *name, const char *address)
{
	name->sin_family = AF_INET;
	return inet_pton(AF_INET, address, &name->sin_addr) == 1;
}

static bool parse(int argc, char **argv)
{
	if (argc < 7 || (strcmp(argv[1], "at-once") && strcmp(argv[1], "in-turn")) ||
	    !parse_address(&server, argv[2]))
		return false;
	at_once = !strcmp(argv[1], "at-once");
	server.sin_port = htons((unsigned short)atoi(argv[3]));
	count = (unsigned int)atoi(argv[4]);
	seconds = (unsigned int)atoi(argv[5]);
	source_count = (unsigned int)argc - 6;
	sources = calloc(source_count, sizeof(*sources));
	for (unsigned int i = 0; i < source_count; i++)
		if (!sources || !parse_address(&sources[i], argv[6 + i]))
			return false;
	return count > 0 && seconds > 0 && seconds <= MAX_SECONDS;
}

int main(int argc, char **argv)
{
	if (!parse(argc, argv)) {
		fprintf(stderr,
			"usage: burst_client at-once|in-turn ADDRESS PORT COUNT SECONDS SOURCE...\n");
		return 2;
	}
	started = now();
	if (at_once)
		all_at_once();
	else
		one_after_the_other();
	report();
	return 0;
}
