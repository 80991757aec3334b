/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>

#include "verbs/live_screen.h"

enum { LINES_USUAL = 24, COLUMNS_USUAL = 80 };

/* The alternate screen, no cursor, and lines that end where the window does. */
#define LIVE_ENTER "\033[?1049h\033[?25l\033[?7l"
#define LIVE_LEAVE "\033[?7h\033[?25h\033[?1049l"

/* What ends us with the terminal as it is; the others are read, see kernel/stop_fd.h. */
static const int live_faults[LIVE_FAULTS] = {SIGQUIT, SIGSEGV, SIGBUS,
					     SIGFPE,  SIGILL,  SIGABRT};

/* A handler is given nothing else. NULL: the terminal is as it was. */
static const struct live_screen *volatile live_screen_taken;

static void live_screen_write(const struct live_screen *screen, const char *text)
{
	/* A terminal that is gone needs neither. */
	if (write(screen->out, text, strlen(text)) < 0)
		return;
}

static void live_screen_enter(const struct live_screen *screen)
{
	struct termios raw = screen->before;

	if (screen->keys >= 0) {
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 1;
		raw.c_cc[VTIME] = 0;
		tcsetattr(screen->keys, TCSADRAIN, &raw);
	}
	live_screen_write(screen, LIVE_ENTER);
}

static void live_screen_leave(const struct live_screen *screen, int when)
{
	live_screen_write(screen, LIVE_LEAVE);
	if (screen->keys >= 0)
		tcsetattr(screen->keys, when, &screen->before);
}

/* Calls nothing that a handler may not; the signal then ends us as it would have. */
static void live_screen_fault(int signo)
{
	const struct live_screen *screen = live_screen_taken;

	if (screen)
		live_screen_leave(screen, TCSANOW);
	live_screen_taken = NULL;
	raise(signo);
}

static void live_faults_catch(struct live_screen *screen)
{
	struct sigaction action = {
		.sa_handler = live_screen_fault,
		.sa_flags = SA_RESETHAND,
	};

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < array_size(live_faults); i++) {
		sigaction(live_faults[i], NULL, &screen->faults[i]);
		if (screen->faults[i].sa_handler != SIG_IGN)
			sigaction(live_faults[i], &action, NULL);
	}
}

static void live_faults_leave(const struct live_screen *screen)
{
	for (size_t i = 0; i < array_size(live_faults); i++)
		sigaction(live_faults[i], &screen->faults[i], NULL);
}

bool live_screen_possible(FILE *out)
{
	const char *term = getenv("TERM");
	int fd = fileno(out);
	pid_t group;

	if (fd < 0 || isatty(fd) != 1 || (term && strcmp(term, "dumb") == 0))
		return false;
	group = tcgetpgrp(fd);
	return group < 0 || group == getpgrp();
}

static int live_screen_listen(struct live_screen *screen)
{
	struct epoll_event key = {.events = EPOLLIN, .data.fd = screen->keys};
	struct epoll_event signal = {.events = EPOLLIN, .data.fd = screen->signals};

	screen->events = epoll_create1(EPOLL_CLOEXEC);
	if (screen->events < 0 ||
	    epoll_ctl(screen->events, EPOLL_CTL_ADD, screen->signals, &signal) < 0 ||
	    (screen->keys >= 0 &&
	     epoll_ctl(screen->events, EPOLL_CTL_ADD, screen->keys, &key) < 0))
		return -errno;
	return 0;
}

static void live_screen_close(struct live_screen *screen)
{
	sigprocmask(SIG_SETMASK, &screen->mask, NULL);
	cleanup_close(&screen->events);
	cleanup_close(&screen->signals);
	*screen = (struct live_screen)LIVE_SCREEN_INIT;
}

int live_screen_open(struct live_screen *ret, FILE *out, bool keys)
{
	struct live_screen screen = LIVE_SCREEN_INIT;
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTSTP);
	screen.out = fileno(out);
	if (keys && tcgetpgrp(STDIN_FILENO) == getpgrp() &&
	    tcgetattr(STDIN_FILENO, &screen.before) == 0)
		screen.keys = STDIN_FILENO;
	screen.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (screen.signals < 0 || sigprocmask(SIG_BLOCK, &set, &screen.mask) < 0) {
		r = -errno;
		cleanup_close(&screen.signals);
		return r;
	}
	r = live_screen_listen(&screen);
	if (r < 0) {
		live_screen_close(&screen);
		return r;
	}
	fflush(out);
	*ret = screen;
	live_screen_taken = ret;
	live_faults_catch(ret);
	live_screen_enter(ret);
	return 0;
}

void live_screen_release(struct live_screen *screen)
{
	if (screen->events < 0)
		return;
	live_screen_leave(screen, TCSADRAIN);
	live_screen_taken = NULL;
	live_faults_leave(screen);
	live_screen_close(screen);
}

/* Ctrl-Z: the shell has its terminal until it says otherwise. */
static void live_screen_stop(const struct live_screen *screen)
{
	sigset_t stop;

	live_screen_leave(screen, TCSADRAIN);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	live_screen_enter(screen);
}

static enum live_event live_screen_key(struct live_screen *screen)
{
	char keys[64];
	ssize_t nr = read(screen->keys, keys, sizeof(keys));

	if (nr <= 0) {
		epoll_ctl(screen->events, EPOLL_CTL_DEL, screen->keys, NULL);
		screen->keys = -1;
		return LIVE_NOTHING;
	}
	return memchr(keys, 'q', (size_t)nr) || memchr(keys, 'Q', (size_t)nr)
		       ? LIVE_QUIT
		       : LIVE_NOTHING;
}

enum live_event live_screen_next(struct live_screen *screen)
{
	enum live_event event = LIVE_NOTHING;
	struct signalfd_siginfo info;
	struct epoll_event ready[2];
	int nr;

	while (read(screen->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTSTP)
			live_screen_stop(screen);
		event = LIVE_REDRAW;
	}
	if (screen->keys < 0)
		return event;
	nr = epoll_wait(screen->events, ready, array_size(ready), 0);
	for (int i = 0; i < nr; i++)
		if (ready[i].data.fd == screen->keys &&
		    live_screen_key(screen) == LIVE_QUIT)
			event = LIVE_QUIT;
	return event;
}

void live_screen_size(FILE *out, unsigned int *lines, unsigned int *columns)
{
	struct winsize size = {.ws_row = 0};

	*lines = LINES_USUAL;
	*columns = COLUMNS_USUAL;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
		return;
	*lines = size.ws_row;
	*columns = size.ws_col;
}
