// SPDX-License-Identifier: Apache-2.0
/*
 * Holds its socket's lock for as long as it likes: sends from a page of a file that is never read
 * to its end. An unprivileged user can: the file is one of a FUSE file system, mounted in a user
 * namespace of its own and served by a process that answers everything but READ.
 *
 *   page_holder ADDRESS PORT       by send()
 *   page_holder                    by IP options for a socket that isn't connected
 *   page_holder ADDRESS PORT COUNT MOMENT
 *                                  by IP options, of so many sockets, each in a moment:
 *                                  answered   the server's first answer has come
 *                                  accepted   as a server: it has been sent
 *
 * Prints "server PID" (whoever kills that process lets the page go), then "held" when the page is
 * waited for, "tried" when all of many have, and at its end how that failed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "page"
#define SIZE 4096
#define FILE_NODE 2

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void describe(struct fuse_attr *attr, uint64_t node)
{
	attr->ino = node;
	attr->mode = node == FILE_NODE ? S_IFREG | 0444 : S_IFDIR | 0555;
	attr->nlink = 1;
	attr->size = node == FILE_NODE ? SIZE : 0;
}

static void reply(int device, const struct fuse_in_header *in, int error, void *body, size_t len)
{
	struct {
		struct fuse_out_header header;
		char body[256];
	} out = { .header = { .unique = in->unique, .error = error } };

	memcpy(out.body, body, len);
	out.header.len = (uint32_t)(sizeof(out.header) + len);
	if (write(device, &out, out.header.len) < 0 && errno != ENOENT)
		die("write to fuse");
}

static void answer(int device, const struct fuse_in_header *in)
{
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = SIZE,
	};
	struct fuse_entry_out entry = { .nodeid = FILE_NODE };
	struct fuse_attr_out attr = { .attr_valid = 0 };
	struct fuse_open_out opened = { .fh = 1 };

	switch (in->opcode) {
	case FUSE_INIT:
		reply(device, in, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		describe(&entry.attr, FILE_NODE);
		reply(device, in, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		describe(&attr.attr, in->nodeid);
		reply(device, in, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		reply(device, in, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		printf("held\n");
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		reply(device, in, -ENOSYS, NULL, 0);
	}
}

static void serve(int device)
{
	static char request[FUSE_MIN_READ_BUFFER + SIZE];

	/* Nobody's signal but ours ends it: the parent dies with its page still held. */
	setsid();
	while (read(device, request, sizeof(request)) > 0)
		answer(device, (const struct fuse_in_header *)request);
	exit(0);
}

static void send_descriptor(int to, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = {
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	} };
	struct iovec byte = { .iov_base = "!", .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (sendmsg(to, &msg, 0) < 0)
		die("sendmsg");
}

static int receive_descriptor(int from)
{
	char space[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space),
	};
	int fd;

	if (recvmsg(from, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		die("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* In a namespace of its own: the program itself stays where an entry's path finds it. */
static void mount_and_open(int to)
{
	char options[128], map[32], place[] = "/tmp/page-XXXXXX", path[64];
	unsigned int uid = getuid(), gid = getgid();
	int device, file;
	pid_t server;

	if (!mkdtemp(place))
		die("mkdtemp");
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		die("unshare");
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	write_file("/proc/self/gid_map", map);
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (device < 0)
		die("/dev/fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", device);
	if (mount("page", place, "fuse", MS_NOSUID | MS_NODEV, options))
		die("mount");
	server = fork();
	if (server < 0)
		die("fork");
	if (!server) {
		close(to);
		serve(device);
	}
	close(device);
	printf("server %d\n", server);
	snprintf(path, sizeof(path), "%s/" NAME, place);
	file = open(path, O_RDONLY);
	if (file < 0)
		die(path);
	send_descriptor(to, file);
	exit(0);
}

static void send_page(int fd, const struct sockaddr_in *address, const void *page)
{
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		die("connect");
	if (send(fd, page, SIZE, MSG_NOSIGNAL) < 0)
		printf("send: %s\n", strerror(errno));
}

static void set_page(int fd, const void *page)
{
	if (setsockopt(fd, IPPROTO_IP, IP_OPTIONS, page, 40))
		printf("setsockopt: %s\n", strerror(errno));
}

static struct sockaddr_in address = { .sin_family = AF_INET };
static void *page;

static struct tcp_info tcp_info(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		die("getsockopt");
	return info;
}

static void *when_answered(void *unused)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0)
		die("socket");
	if (!connect(fd, (const struct sockaddr *)&address, sizeof(address)) ||
	    errno != EINPROGRESS)
		die("connect");
	for (int i = 0; i < 5000 && !tcp_info(fd).tcpi_bytes_received; i++)
		usleep(1000);
	set_page(fd, page);
	return unused;
}

static int listener;

static void *when_accepted(void *unused)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		die("accept");
	for (int i = 0; i < 5000 && !tcp_info(fd).tcpi_bytes_sent; i++)
		usleep(1000);
	set_page(fd, page);
	return unused;
}

static void listen_here(void)
{
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof(address)) ||
	    listen(listener, 128))
		die("listen");
}

static const struct moment {
	const char *name;
	void *(*hold)(void *unused);
	void (*begin)(void);
} moments[] = {
	{ "answered", when_answered, NULL },
	{ "accepted", when_accepted, listen_here },
};

static const struct moment *moment_of(const char *name)
{
	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++)
		if (!strcmp(moments[i].name, name))
			return &moments[i];
	return NULL;
}

static void try_many(int count, const struct moment *moment)
{
	pthread_t thread;

	if (moment->begin)
		moment->begin();
	for (int i = 0; i < count; i++) {
		if (pthread_create(&thread, NULL, moment->hold, NULL))
			die("pthread_create");
		usleep(100000);
	}
	sleep(3);
	printf("tried\n");
	pause();
}

static int wrong(int argc, char **argv)
{
	if (argc == 1)
		return 0;
	return (argc != 3 && (argc != 5 || !moment_of(argv[4]))) ||
	       inet_pton(AF_INET, argv[1], &address.sin_addr) != 1;
}

int main(int argc, char **argv)
{
	int pair[2], file, fd;
	pid_t child;

	if (wrong(argc, argv)) {
		fprintf(stderr, "usage: page_holder [ADDRESS PORT [COUNT MOMENT]]\n");
		return 2;
	}
	address.sin_port = htons((unsigned short)(argc > 1 ? atoi(argv[2]) : 0));
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		die("socketpair");
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		close(pair[0]);
		mount_and_open(pair[1]);
	}
	close(pair[1]);
	file = receive_descriptor(pair[0]);
	waitpid(child, NULL, 0);
	page = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, file, 0);
	/* Read ahead, it could be waited for in a way that a signal ends. */
	if (page == MAP_FAILED || madvise(page, SIZE, MADV_RANDOM))
		die("mmap");
	if (argc == 5)
		try_many(atoi(argv[3]), moment_of(argv[4]));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		die("socket");
	if (argc == 3)
		send_page(fd, &address, page);
	else
		set_page(fd, page);
	return 0;
}
