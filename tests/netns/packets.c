// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * packets ADDRESS [THREADS [COUNT]]: datagrams of 256 bytes to ADDRESS as fast as it goes, COUNT
 * from each thread or until SIGTERM; then prints how many were sent. "ready" is said once each
 * thread has sent one.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64 }; /* datagrams of a call */

static atomic_bool ended;
static atomic_ulong sent;
static unsigned long count = ~0UL;
static atomic_int started;

static void packets_end(int number)
{
	(void)number;
	ended = true;
}

static void *packets_send(void *address)
{
	char data[256] = "";
	struct iovec one = {.iov_base = data, .iov_len = sizeof(data)};
	struct mmsghdr batch[BATCH] = {0};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	unsigned long n = 0;
	bool said = false;

	if (fd < 0 || connect(fd, address, sizeof(struct sockaddr_in)) < 0)
		exit(1);
	for (unsigned int i = 0; i < BATCH; i++)
		batch[i].msg_hdr = (struct msghdr){.msg_iov = &one, .msg_iovlen = 1};
	while (!ended && n < count) {
		unsigned long left = count - n;
		int r = sendmmsg(fd, batch, left < BATCH ? (unsigned int)left : BATCH, 0);

		n += r > 0 ? (unsigned long)r : 0;
		if (n && !said) {
			said = true;
			started++;
		}
	}
	sent += n;
	close(fd);
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
	int threads = argc > 2 ? atoi(argv[2]) : (int)sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t *ids = calloc((size_t)threads, sizeof(*ids));

	if (argc < 2 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1 || !ids)
		return 2;
	if (argc > 3)
		count = strtoul(argv[3], NULL, 10);
	signal(SIGTERM, packets_end);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, packets_send, &address) != 0)
			return 1;
	while (started < threads && !ended)
		usleep(1000);
	puts("ready");
	fflush(stdout);
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	printf("%lu\n", (unsigned long)sent);
	free(ids);
	return 0;
}
