/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "kernel/proc.h"

/* Of a process that ended. */
static uint32_t ended(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return (uint32_t)pid;
}

/* The network namespace that we are in, through another process. */
static struct proc_ns own_netns(uint32_t pid)
{
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	return (struct proc_ns){.dev = st.st_dev, .ino = st.st_ino, .pid = pid};
}

static void list_one(struct proc_ns_list *ret, struct proc_ns ns)
{
	*ret = (struct proc_ns_list){.kind = "net"};
	array_grow(ret->items, ret->nr);
	ret->items[ret->nr++] = ns;
}

struct looks {
	unsigned int nr;
	uint32_t pid; /* of the last */
};

static void look(const struct proc_ns *ns, void *ctx)
{
	struct looks *l = ctx;

	l->nr++;
	l->pid = ns->pid;
}

static void once_through_whoever_stays(void **state)
{
	auto_proc_ns_list list = {.nr = 0};
	struct looks l = {.nr = 0};

	(void)state;
	list_one(&list, own_netns((uint32_t)getpid()));
	proc_ns_list_each(&list, look, &l);
	assert_int_equal(l.nr, 1);
	assert_int_equal(l.pid, getpid());
	assert_int_equal(list.unseen.nr, 0);
}

static void again_through_another_process(void **state)
{
	auto_proc_ns_list list = {.nr = 0};
	struct looks l = {.nr = 0};
	uint32_t gone = ended();

	(void)state;
	list_one(&list, own_netns(gone));
	proc_ns_list_each(&list, look, &l);
	assert_true(l.nr >= 2);
	assert_int_not_equal(l.pid, gone);
	assert_int_equal(list.unseen.nr, 0);
}

static void passed_over_with_nobody_in_it(void **state)
{
	auto_proc_ns_list list = {.nr = 0};
	struct looks l = {.nr = 0};
	struct proc_ns none = own_netns(ended());

	(void)state;
	none.ino = 1;
	list_one(&list, none);
	proc_ns_list_each(&list, look, &l);
	assert_int_equal(l.nr, 1);
	assert_int_equal(list.unseen.nr, 0);
}

/* As if each that is found left at once. */
static void leave(const struct proc_ns *ns, void *ctx)
{
	struct looks *l = ctx;
	struct proc_ns *own = (struct proc_ns *)ns;

	l->nr++;
	own->pid = l->pid;
}

static void unseen_if_all_leave(void **state)
{
	auto_proc_ns_list list = {.nr = 0};
	struct looks l = {.pid = ended()};

	(void)state;
	list_one(&list, own_netns(l.pid));
	proc_ns_list_each(&list, leave, &l);
	assert_int_equal(list.unseen.nr, 1);
	assert_true(l.nr < 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(once_through_whoever_stays),
		cmocka_unit_test(again_through_another_process),
		cmocka_unit_test(passed_over_with_nobody_in_it),
		cmocka_unit_test(unseen_if_all_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
