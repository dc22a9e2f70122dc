// SPDX-License-Identifier: Apache-2.0
/*
 * Makes one allocation of the module fail at a time, while it connects or accepts. Needs a kernel
 * with fault injection, its filter by stack trace, and root; works once after a boot.
 *
 *   allocation_faults client ADDRESS PORT [FIRST STEP]
 *   allocation_faults server ADDRESS PORT [FIRST STEP]     says "ready" when it listens
 *
 * Without FIRST none fails, and it goes on until it is killed. Else the FIRST allocation below a function
 * of the module fails, in the next connection the one STEP later, and so on, until a connection needs
 * fewer. Each is a new process's; it is served, or a call fails, and the next one of the same process
 * must be served. So for slabs, then for pages. Prints what came of it, a line each:
 *
 *   WHAT N OUTCOME         with the Nth of WHAT failing: "served", or the call and its errno
 *   WHAT: N failed         how many that were
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEBUG "/sys/kernel/debug/"
#define LINE "plain\n"
/* Longer than any deadline of a connection whose peer answers. */
#define HUNG_SECONDS 60

enum { SERVED, FAILED, BROKEN, UNNEEDED };

static struct sockaddr_in address;
static int listener = -1;
/* By the kernel since boot, which can't be set: the next to fail is the next multiple of an interval. */
static unsigned long counted;

static void fail(const char *what)
{
	perror(what);
	exit(BROKEN);
}

static void set(const char *what, const char *attribute, unsigned long value)
{
	char path[128], text[32];
	int fd, n;

	snprintf(path, sizeof(path), DEBUG "%s/%s", what, attribute);
	n = snprintf(text, sizeof(text), "%lu", value);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		fail(path);
	close(fd);
}

static long get(const char *what, const char *attribute)
{
	char path[128];
	long value;
	FILE *file;

	snprintf(path, sizeof(path), DEBUG "%s/%s", what, attribute);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%ld", &value) != 1)
		fail(path);
	fclose(file);
	return value;
}

static void find_module(unsigned long *start, unsigned long *end)
{
	FILE *file = fopen("/proc/modules", "r");
	unsigned long size, base;
	char name[64];

	while (file && fscanf(file, "%63s %lu %*s %*s %*s %lx%*[^\n]", name, &size, &base) == 3) {
		if (strcmp(name, "signet"))
			continue;
		*start = base;
		*end = base + size;
		fclose(file);
		return;
	}
	fail("signet in /proc/modules");
}

/* From its address to that of what follows; kallsyms is in order. */
static void find_function(const char *wanted, unsigned long *start, unsigned long *end)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	unsigned long at;
	char name[256];

	*start = 0;
	while (file && fscanf(file, "%lx %*c %255s%*[^\n]", &at, name) == 2) {
		if (!strcmp(name, wanted))
			*start = at;
		if (!*start || at == *start)
			continue;
		*end = at;
		fclose(file);
		return;
	}
	fail(wanted);
}

/* What is below the module in a stack counts, but not kmemleak's record of it, which is as many again. */
static void prepare(const char *what)
{
	unsigned long start, end, record_start, record_end;

	find_module(&start, &end);
	find_function("__create_object", &record_start, &record_end);
	set(what, "times", 0);
	set(what, "probability", 100);
	set(what, "space", 0);
	set(what, "verbose", 0);
	set(what, "task-filter", 0);
	set(what, "ignore-gfp-wait", 0);
	set(what, "stacktrace-depth", 32);
	set(what, "require-start", start);
	set(what, "require-end", end);
	set(what, "reject-start", record_start);
	set(what, "reject-end", record_end);
	counted = 0;
}

static void arm(const char *what, unsigned long nth)
{
	set(what, "interval", counted + nth);
	set(what, "times", 1);
}

static int said(const char *call)
{
	printf("%s %s\n", call, strerrorname_np(errno));
	fflush(stdout);
	return FAILED;
}

/* Reads all there is. 0 when that was one line, else -1 with errno; 0 when it was something else. */
static int hear_line(int fd)
{
	char line[64];
	size_t have = 0;
	ssize_t n;

	while ((n = read(fd, line + have, sizeof(line) - have)) > 0)
		have += (size_t)n;
	if (!n && have == strlen(LINE) && !memcmp(line, LINE, have))
		return 0;
	if (!n)
		errno = 0;
	return -1;
}

/* Says a line, hears one, whichever comes first; both ends see the other's close. */
static int talk(int fd, bool first)
{
	if (first && (write(fd, LINE, strlen(LINE)) < 0 || shutdown(fd, SHUT_WR)))
		return said("write");
	if (hear_line(fd))
		return said("read");
	if (!first && write(fd, LINE, strlen(LINE)) < 0)
		return said("write");
	return SERVED;
}

static int connect_once(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), result;

	if (fd < 0)
		return said("socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		result = said("connect");
	else
		result = talk(fd, true);
	close(fd);
	return result;
}

static int accept_once(void)
{
	int fd = accept(listener, NULL, NULL), result;

	if (fd < 0)
		return said("accept");
	result = talk(fd, false);
	close(fd);
	return result;
}

static int once(void)
{
	return listener < 0 ? connect_once() : accept_once();
}

/* In a process of its own. */
static int attempt(const char *what, unsigned long nth)
{
	int result;

	alarm(HUNG_SECONDS);
	printf("%s %lu ", what, nth);
	fflush(stdout);
	arm(what, nth);
	result = once();
	if (result == SERVED)
		puts("served");
	if (get(what, "times"))
		return UNNEEDED;
	/* A server's next may have come before, and failed. */
	for (int tries = listener < 0 ? 1 : 3; tries; tries--)
		if (once() == SERVED)
			return result;
	puts("and then not served");
	return BROKEN;
}

static int attempt_apart(const char *what, unsigned long nth)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		fail("fork");
	if (!child) {
		status = attempt(what, nth);
		fflush(stdout);
		_exit(status);
	}
	if (waitpid(child, &status, 0) != child)
		fail("waitpid");
	set(what, "times", 0);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	printf("hung\n");
	return BROKEN;
}

static bool each(const char *what, unsigned long first, unsigned long step)
{
	unsigned int failed = 0;
	unsigned long nth;
	int result;

	prepare(what);
	for (nth = first; ; nth += step) {
		result = attempt_apart(what, nth);
		if (result == BROKEN)
			return false;
		if (result == UNNEEDED)
			break;
		/* With an interval of 1 none is counted. */
		if (counted + nth > 1)
			counted += nth;
		failed++;
	}
	set(what, "probability", 0);
	printf("%s: %u failed\n", what, failed);
	fflush(stdout);
	return true;
}

static void listen_at(void)
{
	int one = 1;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 16))
		fail("listen");
	puts("ready");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	unsigned long first, step;

	if ((argc != 4 && argc != 6) || inet_pton(AF_INET, argv[2], &address.sin_addr) != 1) {
		fprintf(stderr, "usage: allocation_faults client|server ADDRESS PORT [FIRST STEP]\n");
		return BROKEN;
	}
	address.sin_family = AF_INET;
	address.sin_port = htons((unsigned short)atoi(argv[3]));
	if (!strcmp(argv[1], "server"))
		listen_at();
	while (argc == 4)
		once();
	first = strtoul(argv[4], NULL, 10);
	step = strtoul(argv[5], NULL, 10);
	return each("failslab", first, step) && each("fail_page_alloc", first, step) ? 0 : BROKEN;
}
