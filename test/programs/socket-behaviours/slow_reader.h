/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLOW_READER_H
#define SLOW_READER_H

/*
 * Fills three connections and ends them: by close(), by a close() that waits for no more than
 * SO_LINGER's second, and by being killed.
 */
void write_and_end(int listener);

/* The other side, which reads when the writer has been gone for some seconds, and slowly. */
void read_after(unsigned int pause_s);

#endif
