// SPDX-License-Identifier: Apache-2.0
/* MSG_ZEROCOPY with SO_ZEROCOPY: a notice says which calls' bytes are no longer in use. */
#define _GNU_SOURCE
#include "behaviour.h"

#include <linux/errqueue.h>

BEHAVIOUR(zerocopy_notice)

static void server(int listener)
{
	echo(take(listener));
}

static void show_notice(int fd)
{
	char control[CMSG_SPACE(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in))];
	struct msghdr message = { .msg_control = control, .msg_controllen = sizeof(control) };
	struct sock_extended_err notice;

	comes(fd, POLLERR);
	must(recvmsg(fd, &message, MSG_ERRQUEUE), "recvmsg(MSG_ERRQUEUE)");
	memcpy(&notice, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(notice));
	say("%s: %u to %u",
	    notice.ee_origin == SO_EE_ORIGIN_ZEROCOPY ? "a notice" : "something else",
	    notice.ee_info, notice.ee_data);
}

static void client(void)
{
	int fd = dial(), on = 1;
	char bytes[5];

	must(setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)), "SO_ZEROCOPY");
	for (int i = 0; i < 2; i++) {
		say("send(MSG_ZEROCOPY): %s",
		    result(must(send(fd, "hello", 5, MSG_ZEROCOPY), "send")));
		read_all(fd, bytes, sizeof(bytes));
		show_notice(fd);
	}
	say("send(): %s", result(must(send(fd, "hello", 5, 0), "send")));
	read_all(fd, bytes, sizeof(bytes));
	say("recvmsg(MSG_ERRQUEUE): %s",
	    result(recvmsg(fd, &(struct msghdr){ 0 }, MSG_ERRQUEUE | MSG_DONTWAIT)));
}
