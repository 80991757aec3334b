/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a map costs a packet, for packets.sh.
 *
 *	bench_packets KIND private|shared CPUS PACKETS
 *
 * A classifier and, on a second CPU, a cgroup program count each packet in one element, by
 * BPF_PROG_TEST_RUN; each in a map of its own, or both in one. Prints the ns that the slower one
 * takes for a packet. KIND none: no map at all.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct kind {
	const char *name;
	enum bpf_map_type type;
} kinds[] = {
	{"none", BPF_MAP_TYPE_UNSPEC},
	{"array", BPF_MAP_TYPE_ARRAY},
	{"hash", BPF_MAP_TYPE_HASH},
	{"percpu_array", BPF_MAP_TYPE_PERCPU_ARRAY},
	{"percpu_hash", BPF_MAP_TYPE_PERCPU_HASH},
	{"lru_hash", BPF_MAP_TYPE_LRU_HASH},
};

struct side {
	pthread_t thread;
	pthread_barrier_t *begin;
	int prog, cpu;
	unsigned int packets, ns;
};

static void die(const char *what)
{
	fprintf(stderr, "bench_packets: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int make_map(enum bpf_map_type type)
{
	uint64_t values[1024] = {0};
	uint32_t key = 0;
	int fd = bpf_map_create(type, "bench_packets", 4, 8, 64, NULL);

	if (fd < 0 || bpf_map_update_elem(fd, &key, values, BPF_ANY) < 0)
		die("map");
	return fd;
}

/* if ((value = lookup(map, &0))) ++*value, atomically; return 1. */
static int make_program(enum bpf_prog_type type, int map)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ST | BPF_MEM, .dst_reg = 10, .off = -4},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -4},
		{.code = BPF_LD | BPF_DW,
		 .dst_reg = 1,
		 .src_reg = BPF_PSEUDO_MAP_FD,
		 .imm = map},
		{.code = 0},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem},
		{.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 0, .off = 2},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1, .imm = 1},
		{.code = BPF_STX | BPF_DW | BPF_ATOMIC,
		 .dst_reg = 0,
		 .src_reg = 1,
		 .imm = BPF_ADD},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1},
		{.code = BPF_JMP | BPF_EXIT},
	};
	const size_t nr = sizeof(insns) / sizeof(*insns), skip = map < 0 ? nr - 2 : 0;
	int fd = bpf_prog_load(type, "bench_packets", "GPL", insns + skip, nr - skip,
			       NULL);

	if (fd < 0)
		die("program");
	return fd;
}

static void *run_side(void *ctx)
{
	struct side *s = ctx;
	char packet[64] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet,
		    .data_size_in = sizeof(packet), .repeat = (int)s->packets);
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(s->cpu, &cpus);
	if (pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus) != 0)
		die("CPU");
	/* Both at once, whatever else the machine does; where that is refused, as it comes. */
	pthread_setschedparam(pthread_self(), SCHED_FIFO,
			      &(struct sched_param){.sched_priority = 1});
	/* IPv4, for the cgroup program. */
	packet[12] = 8;
	packet[14] = 0x45;
	pthread_barrier_wait(s->begin);
	if (bpf_prog_test_run_opts(s->prog, &opts) < 0)
		die("run");
	s->ns = opts.duration;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct kind *kind = NULL;
	pthread_barrier_t begin;
	struct side sides[2];
	unsigned int nr, worst = 0;
	int map = -1;

	for (size_t i = 0; argc == 5 && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].name, argv[1]) == 0)
			kind = &kinds[i];
	nr = argc == 5 ? (unsigned int)atoi(argv[3]) : 0;
	if (!kind || nr < 1 || nr > 2)
		return 2;
	pthread_barrier_init(&begin, NULL, nr);
	for (unsigned int i = 0; i < 2; i++) {
		if (kind->type && (i == 0 || strcmp(argv[2], "private") == 0))
			map = make_map(kind->type);
		sides[i] = (struct side){
			.begin = &begin,
			.cpu = (int)i,
			.packets = (unsigned int)atoi(argv[4]),
			.prog = make_program(i ? BPF_PROG_TYPE_CGROUP_SKB
					       : BPF_PROG_TYPE_SCHED_CLS,
					     map),
		};
	}
	for (unsigned int i = 0; i < nr; i++)
		if (pthread_create(&sides[i].thread, NULL, run_side, &sides[i]) != 0)
			die("thread");
	for (unsigned int i = 0; i < nr; i++) {
		pthread_join(sides[i].thread, NULL);
		worst = sides[i].ns > worst ? sides[i].ns : worst;
	}
	printf("%u\n", worst);
	return 0;
}
