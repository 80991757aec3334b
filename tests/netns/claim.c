/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * claim DIR: what a loader leaves on DIR while its programs are verified
 * (kernel/pin_lock.h). Prints "claimed" and stays until it is killed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct flock first = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1};
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd < 0 || fcntl(fd, F_OFD_SETLK, &first) < 0) {
		perror("claim");
		return 1;
	}
	puts("claimed");
	fflush(stdout);
	pause();
	return 0;
}
