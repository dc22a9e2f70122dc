/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUSHED_H
#define PUSHED_H

/*
 * Whether four bytes that are sent with these flags leave when an option of TCP's gets a value; it
 * has the opposite one before. The other end must echo. A try in which TCP's timer is faster says
 * nothing, and is repeated.
 */
const char *pushed(int fd, int flags, int option, int value);

#endif
