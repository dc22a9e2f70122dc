/* SPDX-License-Identifier: GPL-2.0 */
/* MPTCP and SMC carry the data of programs past TCP's operations: no way round. */
#ifndef SIGNET_BYPASS_H
#define SIGNET_BYPASS_H

/**
 * signet_bypass_close - refuse MPTCP and SMC sockets from now on
 *
 * MPTCP to processes for which a scope is loaded; programs fall back to TCP. SMC to everybody, as
 * its module can't be loaded while its family is taken.
 *
 * Return: 0; -EBUSY when the smc module is loaded; -EAGAIN when net.mptcp.enabled is 0 in the
 * initial network namespace, so that MPTCP can't be reached but others may have it.
 */
int signet_bypass_close(void);

/*
 * Leave MPTCP alone from now on, which waits in accept() by itself again; may be repeated. After
 * signet_is_draining().
 */
void signet_bypass_restore(void);

/* Take all of it back. Waits until nobody is inside. */
void signet_bypass_open(void);

#endif
