/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/alloc.h"
#include "kernel/confine.h"

#if defined(__x86_64__)
#define CONFINE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CONFINE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__s390x__)
#define CONFINE_ARCH AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#define CONFINE_ARCH AUDIT_ARCH_RISCV64
#endif

/* Its shadow takes terabytes of addresses; clang says in its own way that it is there. */
#if defined(__SANITIZE_ADDRESS__)
#define CONFINE_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CONFINE_ASAN
#endif
#endif

#ifdef CONFINE_ARCH
/*
 * uname: libbpf asks for the version of the kernel whenever it opens an object; since 1.5 it
 * keeps the place of each map's descriptor with a file in memory, and of fcntl has one beyond
 * 0, 1 and 2 if those are closed. What tells a process about itself alone is there for valgrind
 * and sanitizers.
 */
static const uint32_t confine_calls[] = {
	SYS_read,       SYS_write,          SYS_brk,
	SYS_mmap,       SYS_munmap,         SYS_mremap,
	SYS_madvise,    SYS_mprotect,       SYS_futex,
	SYS_uname,      SYS_rt_sigprocmask, SYS_getpid,
	SYS_gettid,     SYS_rt_sigreturn,   SYS_exit,
	SYS_exit_group, SYS_sigaltstack,    SYS_memfd_create,
	SYS_close,
};

static void confine_calls_set(void)
{
	enum { FRONT = 4, DUP = 3, BACK = 2, NR = array_size(confine_calls) };
	struct sock_filter code[FRONT + NR + DUP + BACK] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CONFINE_ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	/* The lower half of the second argument. What it refuses ends at EPERM, too. */
	const struct sock_filter dup[DUP] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[1]) +
				 sizeof(uint32_t) *
					 (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_DUPFD_CLOEXEC, 1, 0),
	};
	const struct sock_fprog prog = {.len = array_size(code), .filter = code};

	for (int i = 0; i < NR; i++)
		code[FRONT + i] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						     confine_calls[i],
						     (uint8_t)(NR - i + DUP), 0);
	memcpy(code + FRONT + NR, dup, sizeof(dup));
	code[FRONT + NR + DUP] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	code[FRONT + NR + DUP + 1] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		(void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}
#else
static void confine_calls_set(void)
{
}
#endif

void confine_to_memory(size_t size)
{
	const struct rlimit seconds = {CONFINE_SECONDS, CONFINE_SECONDS + 1};
	/* Files in memory stay empty: they would be memory beside that of the process. */
	const struct rlimit files = {0, 0};
#ifndef CONFINE_ASAN
	const rlim_t bytes = ((rlim_t)2 << 30) + 16 * (rlim_t)size;
	struct rlimit memory;

	if (getrlimit(RLIMIT_AS, &memory) == 0 && memory.rlim_cur > bytes) {
		memory.rlim_cur = bytes;
		(void)setrlimit(RLIMIT_AS, &memory);
	}
#else
	(void)size;
#endif
	(void)setrlimit(RLIMIT_CPU, &seconds);
	(void)setrlimit(RLIMIT_FSIZE, &files);
	confine_calls_set();
}
