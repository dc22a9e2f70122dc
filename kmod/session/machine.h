/* SPDX-License-Identifier: GPL-2.0 */
/* What happens to the whole machine: it sleeps, or there is a second one like it. */
#ifndef SIGNET_SESSION_MACHINE_H
#define SIGNET_SESSION_MACHINE_H

/* Begins to hear of it. 0 or a negative errno. */
int signet_machine_init(void);
/* Hears of nothing more when it returns. Sleeps. */
void signet_machine_exit(void);

#endif
