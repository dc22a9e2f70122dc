/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A behaviour of sockets is shown by a client and a server that know nothing of Signet, and print
 * what they saw: never times, only what came before what. Run once over plain TCP and once on
 * protected sockets, both must print the same.
 */
#ifndef BEHAVIOUR_H
#define BEHAVIOUR_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/**
 * struct behaviour - one file's part of the program
 * @name: by which it is called
 * @server: gets the socket that listens at server_address
 * @client: begins when that listens
 * @next: for the list
 */
struct behaviour {
	const char *name;
	void (*server)(int listener);
	void (*client)(void);
	struct behaviour *next;
};

/* Enlists the file's functions server() and client(). */
#define BEHAVIOUR(name)                                                                            \
	static void server(int listener);                                                          \
	static void client(void);                                                                  \
	static struct behaviour behaviour = { #name, server, client, NULL };                       \
	static __attribute__((constructor)) void enlist(void)                                      \
	{                                                                                          \
		behaviour_enlist(&behaviour);                                                      \
	}

void behaviour_enlist(struct behaviour *behaviour);

/* Where the server listens; where the client is, with the same port. */
extern struct sockaddr_in server_address, client_address;

/* Prints a line. */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

/* A call's result in words: the name of its error, or a number. Good until the next three. */
const char *result(ssize_t value);

/* Ends the program with the name of the error, when there is one; else returns the value. */
ssize_t must(ssize_t value, const char *call);

/* A blocking socket that is connected to the server. */
int dial(void);

/* A socket that listens at an address. */
int listen_at(const struct sockaddr_in *address);

/* The next connection of a listener. */
int take(int listener);

/* Whether one of poll's events comes; says no after 15 s, long after what a machine may be late. */
bool comes(int fd, short events);

/* One byte each, by which the two ends wait for each other. */
void tell(int fd);
void hear(int fd);

/* Reads that many bytes, which must come. */
void read_all(int fd, void *bytes, size_t size);

/* Sends back what comes, until the end. */
void echo(int fd);

#endif
