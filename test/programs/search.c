// SPDX-License-Identifier: Apache-2.0
/*
 * Looks for byte strings in the memory of processes, and in files.
 *
 *   search PATTERNS PLACE...
 *
 * PATTERNS is a file of lines "NAME HEX"; several lines may have one name. A PLACE of digits is a
 * process: every page of its readable mappings that is in memory. Any other is a file. Prints a
 * line "PLACE NAME" for each name that is found. Exits 1 when a place can't be searched.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_PATTERNS 256
#define MAX_LENGTH 512
#define BLOCK 4096
/* Of /proc/PID/pagemap: the page is in memory, or swapped out. */
#define PAGE_USED (UINT64_C(3) << 62)

struct pattern {
	char name[32];
	unsigned char bytes[MAX_LENGTH];
	size_t length;
	bool found;
};

static struct pattern patterns[MAX_PATTERNS];
static size_t pattern_count;
/* Whether a pattern begins with these two bytes. */
static bool begins[1 << 16];
/* The end of the block before, for what goes over its border, and the block. */
static unsigned char window[MAX_LENGTH + BLOCK];
static size_t carried;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void load_patterns(const char *path)
{
	char name[sizeof(patterns[0].name)], hex[2 * MAX_LENGTH + 1];
	FILE *file = fopen(path, "r");

	if (!file)
		fail(path);
	while (fscanf(file, "%31s %1024s", name, hex) == 2) {
		struct pattern *pattern = &patterns[pattern_count++];

		if (pattern_count == MAX_PATTERNS || strlen(hex) < 8) {
			fprintf(stderr, "%s: too many patterns, or one too short\n", path);
			exit(2);
		}
		strcpy(pattern->name, name);
		for (pattern->length = 0; hex[2 * pattern->length]; pattern->length++)
			sscanf(hex + 2 * pattern->length, "%2hhx",
			       &pattern->bytes[pattern->length]);
		begins[pattern->bytes[0] << 8 | pattern->bytes[1]] = true;
	}
	fclose(file);
}

static void compare(const unsigned char *at, size_t length)
{
	for (size_t i = 0; i < pattern_count; i++)
		if (patterns[i].length <= length &&
		    !memcmp(at, patterns[i].bytes, patterns[i].length))
			patterns[i].found = true;
}

/* Searches what the caller put behind the carried bytes, and carries its end. */
static void search_block(size_t length)
{
	size_t have = carried + length;

	for (size_t i = 0; i + 1 < have; i++)
		if (begins[window[i] << 8 | window[i + 1]])
			compare(window + i, have - i);
	carried = have < MAX_LENGTH ? have : MAX_LENGTH;
	memmove(window, window + have - carried, carried);
}

static void search_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		fail(path);
	while ((n = read(fd, window + carried, BLOCK)) > 0)
		search_block((size_t)n);
	if (n < 0)
		fail(path);
	close(fd);
}

static int open_of(const char *pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		fail(path);
	return fd;
}

static bool page_used(int pagemap, uint64_t page)
{
	uint64_t entry;

	return pread(pagemap, &entry, sizeof(entry), (off_t)(page * sizeof(entry))) ==
		       sizeof(entry) &&
	       (entry & PAGE_USED);
}

static void search_process(const char *pid)
{
	int memory = open_of(pid, "mem"), pagemap = open_of(pid, "pagemap");
	FILE *maps = fdopen(open_of(pid, "maps"), "r");
	uint64_t from, to;
	char *line = NULL, mode;
	size_t room = 0;

	while (maps && getline(&line, &room, maps) > 0) {
		carried = 0;
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %c", &from, &to, &mode) != 3 ||
		    mode != 'r')
			continue;
		for (; from < to; from += BLOCK) {
			if (!page_used(pagemap, from / BLOCK) ||
			    pread(memory, window + carried, BLOCK, (off_t)from) != BLOCK)
				carried = 0;
			else
				search_block(BLOCK);
		}
	}
	free(line);
	fclose(maps);
	close(memory);
	close(pagemap);
}

static void report(const char *place)
{
	for (size_t i = 0; i < pattern_count; i++) {
		if (!patterns[i].found)
			continue;
		printf("%s %s\n", place, patterns[i].name);
		for (size_t other = i; other < pattern_count; other++)
			if (!strcmp(patterns[other].name, patterns[i].name))
				patterns[other].found = false;
	}
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: search PATTERNS PLACE...\n");
		return 2;
	}
	load_patterns(argv[1]);
	for (int i = 2; i < argc; i++) {
		carried = 0;
		if (argv[i][strspn(argv[i], "0123456789")])
			search_file(argv[i]);
		else
			search_process(argv[i]);
		report(argv[i]);
	}
	return 0;
}
