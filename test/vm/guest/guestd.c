// SPDX-License-Identifier: Apache-2.0
/*
 * guestd: process 1 of a test guest. Runs the commands that arrive on a
 * virtio-serial port, many at a time, and powers the guest off when the
 * port's other end goes away.
 *
 * A frame is a header (length of the payload, job, both 32-bit big-endian;
 * kind, one byte) and its payload. Kinds, from the host:
 *	S  start: uid, gid, folder, number of variables, variables, arguments,
 *	   each ended by a NUL
 *	I  input for the job      C  end of input      K  signal to its group
 * and from here:
 *	R  ready                  O  output            E  error output
 *	X  ended: one byte 0 and the status, or one byte 1 and the signal
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT_NAME "signet.control"
#define MAX_PAYLOAD (1 << 20)
#define MAX_JOBS 512
#define CHUNK 32768

struct header {
	uint32_t length;
	uint32_t job;
	uint8_t kind;
} __attribute__((packed));

struct job {
	uint32_t id;
	pid_t pid; /* 0 once it has ended */
	int in, out, err; /* -1 when closed */
	int closing; /* close in when pending is written */
	char *pending;
	size_t pending_length;
};

static struct job jobs[MAX_JOBS];
static int job_count;
static int port = -1;

static void power_off(const char *why)
{
	fprintf(stderr, "guestd: %s\n", why);
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void write_all(const void *data, size_t length)
{
	while (length) {
		ssize_t done = write(port, data, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			power_off("the host is gone");
		data = (const char *)data + done;
		length -= done;
	}
}

static void send_frame(uint8_t kind, uint32_t job, const void *payload,
		       uint32_t length)
{
	struct header header = { htobe32(length), htobe32(job), kind };

	write_all(&header, sizeof(header));
	write_all(payload, length);
}

static void read_all(void *data, size_t length)
{
	while (length) {
		ssize_t done = read(port, data, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			power_off("the host is gone");
		data = (char *)data + done;
		length -= done;
	}
}

static struct job *find_job(uint32_t id)
{
	for (int i = 0; i < job_count; i++)
		if (jobs[i].id == id)
			return &jobs[i];
	return NULL;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void child_failed(const char *what)
{
	dprintf(2, "%s: %s\n", what, strerror(errno));
	_exit(127);
}

/* The job's process: never returns. */
static void become(char **field, int fields, const int *stdio)
{
	uid_t uid = atol(field[0]);
	gid_t gid = atol(field[1]);
	int variables = atoi(field[3]);
	char **env = field + 4;
	char **argv = calloc(fields, sizeof(*argv));
	char **envp = calloc(fields, sizeof(*envp));
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	for (int i = 0; i < 3; i++)
		dup2(stdio[i], i);
	closefrom(3);
	if (variables < 0 || variables + 5 > fields)
		_exit(127);
	memcpy(envp, env, variables * sizeof(*env));
	memcpy(argv, env + variables, (fields - 4 - variables) * sizeof(*env));
	for (char **variable = envp; *variable; variable++)
		putenv(*variable);
	if (chdir(field[2]))
		child_failed(field[2]);
	if (setgroups(0, NULL) || setgid(gid) || setuid(uid))
		child_failed("credentials");
	execvp(argv[0], argv);
	child_failed(argv[0]);
}

static void start(uint32_t id, char *payload, size_t length)
{
	char *field[MAX_PAYLOAD / 64];
	int fields = 0, in[2], out[2], err[2];
	struct job *job;
	pid_t pid;

	for (char *at = payload; at < payload + length && fields < MAX_PAYLOAD / 64;
	     at += strlen(at) + 1)
		field[fields++] = at;
	if (job_count == MAX_JOBS || fields < 5 || pipe2(in, O_CLOEXEC) ||
	    pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
		send_frame('X', id, "\0\176", 2);
		return;
	}
	pid = fork();
	if (pid == 0)
		become(field, fields, (int[]){ in[0], out[1], err[1] });
	close(in[0]);
	close(out[1]);
	close(err[1]);
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	job = &jobs[job_count++];
	*job = (struct job){ id, pid, in[1], out[0], err[0], 0, NULL, 0 };
}

static void feed(struct job *job)
{
	ssize_t done = 0;

	if (job->pending_length)
		done = write(job->in, job->pending, job->pending_length);
	if (done > 0) {
		job->pending_length -= done;
		memmove(job->pending, job->pending + done, job->pending_length);
	}
	if ((done < 0 && errno != EAGAIN) || (!job->pending_length && job->closing)) {
		close_fd(&job->in);
		job->pending_length = 0;
	}
}

static void give(struct job *job, const char *data, size_t length)
{
	if (job->in < 0)
		return;
	job->pending = realloc(job->pending, job->pending_length + length);
	if (!job->pending)
		power_off("out of memory");
	memcpy(job->pending + job->pending_length, data, length);
	job->pending_length += length;
	feed(job);
}

static void serve(void)
{
	static char payload[MAX_PAYLOAD + 1];
	struct header header;
	struct job *job;

	read_all(&header, sizeof(header));
	header.length = be32toh(header.length);
	header.job = be32toh(header.job);
	if (header.length > MAX_PAYLOAD)
		power_off("a frame is too long");
	read_all(payload, header.length);
	payload[header.length] = 0;
	job = find_job(header.job);
	if (header.kind == 'S' && !job) {
		start(header.job, payload, header.length);
	} else if (header.kind == 'I' && job) {
		give(job, payload, header.length);
	} else if (header.kind == 'C' && job) {
		job->closing = 1;
		feed(job);
	} else if (header.kind == 'K' && job && job->pid) {
		kill(-job->pid, payload[0]);
	}
}

static void pass_on(struct job *job, int *fd, uint8_t kind)
{
	static char chunk[CHUNK];
	ssize_t length = read(*fd, chunk, sizeof(chunk));

	if (length > 0 && job->pid)
		send_frame(kind, job->id, chunk, length);
	else if (length == 0 || (length < 0 && errno != EINTR && errno != EAGAIN))
		close_fd(fd);
}

/* What a process wrote before it ended reaches the host before its end does. */
static void drain(struct job *job, int *fd, uint8_t kind)
{
	struct pollfd ready = { *fd, POLLIN, 0 };

	while (*fd >= 0 && poll(&ready, 1, 0) > 0 && ready.revents)
		pass_on(job, fd, kind);
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (int i = 0; i < job_count; i++) {
			struct job *job = &jobs[i];
			uint8_t end[2] = { WIFSIGNALED(status) ? 1 : 0,
					   WIFSIGNALED(status) ? WTERMSIG(status) :
								 WEXITSTATUS(status) };

			if (job->pid != pid)
				continue;
			drain(job, &job->out, 'O');
			drain(job, &job->err, 'E');
			send_frame('X', job->id, end, sizeof(end));
			job->pid = 0;
			close_fd(&job->in);
		}
	}
}

/* A job is forgotten when its process has ended and no other one holds its pipes. */
static void forget_ended(void)
{
	for (int i = 0; i < job_count;) {
		struct job *job = &jobs[i];

		if (job->pid || job->out >= 0 || job->err >= 0) {
			i++;
			continue;
		}
		free(job->pending);
		*job = jobs[--job_count];
	}
}

static void loop(int signals)
{
	static struct pollfd watched[2 + 3 * MAX_JOBS];

	for (;;) {
		int count = job_count;

		watched[0] = (struct pollfd){ port, POLLIN, 0 };
		watched[1] = (struct pollfd){ signals, POLLIN, 0 };
		for (int i = 0; i < count; i++) {
			struct pollfd *at = &watched[2 + 3 * i];

			at[0] = (struct pollfd){ jobs[i].out, POLLIN, 0 };
			at[1] = (struct pollfd){ jobs[i].err, POLLIN, 0 };
			at[2] = (struct pollfd){ jobs[i].pending_length ? jobs[i].in : -1,
						 POLLOUT, 0 };
		}
		if (poll(watched, 2 + 3 * count, -1) < 0)
			continue;
		for (int i = 0; i < count; i++) {
			struct pollfd *at = &watched[2 + 3 * i];

			if (at[0].revents)
				pass_on(&jobs[i], &jobs[i].out, 'O');
			if (at[1].revents)
				pass_on(&jobs[i], &jobs[i].err, 'E');
			if (at[2].revents)
				feed(&jobs[i]);
		}
		if (watched[1].revents) {
			struct signalfd_siginfo info;

			if (read(signals, &info, sizeof(info)) > 0)
				reap();
		}
		if (watched[0].revents & POLLIN)
			serve();
		else if (watched[0].revents & (POLLHUP | POLLERR))
			power_off("the host is gone");
		forget_ended();
	}
}

static void open_port(void)
{
	const char *ports = "/sys/class/virtio-ports";
	DIR *folder = opendir(ports);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char path[512], name[64] = "";
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s/name", ports, entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fscanf(file, "%63s", name) == 1 && !strcmp(name, PORT_NAME)) {
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			port = open(path, O_RDWR | O_CLOEXEC);
		}
		fclose(file);
	}
	if (port < 0)
		power_off("there is no control port");
}

int main(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	open_port();
	klogctl(8, NULL, 8); /* from here on, all of the kernel's log goes to the console */
	send_frame('R', 0, "", 0);
	loop(signalfd(-1, &signals, SFD_CLOEXEC));
}
