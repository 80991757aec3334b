# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which errors a system call may return, by what the kernel really does: an answer that is
always a lie (no more ids, no such element) proves nothing about who believes it. Nor is close()
here: the kernel closes whatever it returns, an injected error does not."""

ERRNOS = {
    "accept4": "EMFILE ECONNABORTED",
    "bind": "EADDRINUSE ENOMEM EACCES",
    "bpf": "EPERM ENOMEM EINVAL EBUSY",
    "clone": "EAGAIN ENOMEM",
    "clone3": "EAGAIN ENOMEM",
    "connect": "ECONNREFUSED EINTR",
    "dup": "EMFILE",
    "dup2": "EMFILE EINTR",
    "dup3": "EMFILE EINTR",
    "epoll_create1": "EMFILE ENOMEM",
    "epoll_ctl": "ENOMEM ENOSPC",
    "eventfd2": "EMFILE ENOMEM",
    "execve": "ENOENT ENOMEM",
    "faccessat2": "EACCES ENOMEM",
    "fchmod": "EPERM EIO EROFS",
    "fchown": "EPERM EIO EROFS",
    "fcntl": "EMFILE ENOMEM",
    "fdatasync": "EIO ENOSPC",
    "flock": "EINTR ENOLCK EWOULDBLOCK",
    "fstatfs": "EIO ENOMEM",
    "fsync": "EIO ENOSPC EDQUOT",
    "ftruncate": "EIO ENOSPC",
    "getdents64": "EIO ENOMEM ENOENT",
    "getsockname": "ENOBUFS",
    "ioctl": "ENODEV ENOMEM",
    "lseek": "EIO",
    "memfd_create": "EMFILE ENOMEM",
    "mkdir": "EACCES ENOSPC ENOMEM EROFS EEXIST",
    "mkdirat": "EACCES ENOSPC ENOMEM EROFS EEXIST",
    "mmap": "ENOMEM",
    "mount": "EPERM EBUSY ENOMEM",
    "mremap": "ENOMEM",
    "munmap": "ENOMEM",
    "newfstatat": "EACCES EIO ENOMEM ENOENT",
    "open_tree": "EMFILE EPERM",
    "openat": "EACCES EMFILE ENFILE ENOMEM EIO ENOENT EINTR",
    "openat2": "EACCES EMFILE ENOMEM EAGAIN",
    "pipe2": "EMFILE ENFILE",
    "poll": "EINTR ENOMEM",
    "ppoll": "EINTR ENOMEM",
    "pread64": "EIO",
    "prlimit64": "EPERM",
    "read": "EIO EINTR",
    "readlink": "EACCES ENOMEM",
    "readlinkat": "EACCES ENOMEM",
    "recvfrom": "EINTR ENOBUFS ENOMEM",
    "recvmsg": "EINTR ENOBUFS ENOMEM EAGAIN",
    "renameat2": "EACCES EBUSY EIO ENOSPC EXDEV",
    "rename": "EACCES EBUSY EIO ENOSPC EXDEV",
    "renameat": "EACCES EBUSY EIO ENOSPC EXDEV",
    "rmdir": "EBUSY EPERM ENOTEMPTY",
    "sendmsg": "ENOBUFS ENOMEM EINTR EPERM",
    "sendto": "ENOBUFS ENOMEM EINTR EPERM",
    "setns": "EPERM ENOMEM",
    "setsockopt": "ENOBUFS EPERM",
    "signalfd4": "EMFILE ENOMEM",
    "socket": "EMFILE ENOBUFS EAFNOSUPPORT EPERM",
    "socketpair": "EMFILE ENOMEM",
    "statfs": "EACCES EIO ENOMEM",
    "statx": "EACCES EIO ENOMEM ENOENT",
    "symlinkat": "ENOSPC EACCES ENOMEM",
    "timerfd_create": "EMFILE ENOMEM",
    "unlink": "EACCES EBUSY EPERM EROFS",
    "unlinkat": "EACCES EBUSY EPERM EROFS",
    "unshare": "EPERM ENOMEM ENOSPC",
    "wait4": "EINTR",
    "waitid": "EINTR",
    "write": "EIO ENOSPC EPIPE EINTR",
    "writev": "EIO ENOSPC EPIPE",
}

# Of bpf(2), by its command.
BPF_ERRNOS = {
    "BPF_BTF_GET_FD_BY_ID": "EPERM ENOENT EMFILE",
    "BPF_BTF_LOAD": "EPERM ENOMEM EINVAL E2BIG",
    "BPF_LINK_CREATE": "EPERM ENOMEM EBUSY E2BIG EEXIST",
    "BPF_LINK_DETACH": "EPERM EOPNOTSUPP",
    "BPF_LINK_GET_FD_BY_ID": "EPERM ENOENT EAGAIN EMFILE",
    "BPF_LINK_GET_NEXT_ID": "EPERM EINTR",
    "BPF_LINK_UPDATE": "EPERM ENOMEM EBUSY",
    "BPF_MAP_CREATE": "EPERM ENOMEM EINVAL E2BIG EMFILE",
    "BPF_MAP_DELETE_ELEM": "EPERM EBUSY",
    "BPF_MAP_FREEZE": "EPERM EBUSY",
    "BPF_MAP_GET_FD_BY_ID": "EPERM ENOENT EAGAIN EMFILE",
    "BPF_MAP_GET_NEXT_ID": "EPERM EINTR",
    "BPF_MAP_GET_NEXT_KEY": "EPERM ENOMEM EFAULT",
    "BPF_MAP_LOOKUP_ELEM": "EPERM ENOMEM EFAULT",
    "BPF_MAP_UPDATE_ELEM": "EPERM ENOMEM E2BIG EBUSY",
    "BPF_OBJ_GET": "EACCES EPERM ENOENT EMFILE",
    "BPF_OBJ_GET_INFO_BY_FD": "EFAULT ENOMEM EINVAL",
    "BPF_OBJ_PIN": "EPERM ENOMEM EEXIST ENOSPC EACCES",
    "BPF_PROG_ATTACH": "EPERM ENOMEM EBUSY E2BIG",
    "BPF_PROG_DETACH": "EPERM ENOMEM ENOENT",
    "BPF_PROG_GET_FD_BY_ID": "EPERM ENOENT EAGAIN EMFILE",
    "BPF_PROG_GET_NEXT_ID": "EPERM EINTR",
    "BPF_PROG_LOAD": "EPERM ENOMEM EAGAIN EINVAL ENOSPC EACCES",
    "BPF_PROG_QUERY": "EPERM ENOMEM",
}

# A kill between two calls that change nothing is one kill.
CHANGING = {
    "bpf": ("BPF_MAP_UPDATE_ELEM", "BPF_MAP_DELETE_ELEM", "BPF_OBJ_PIN", "BPF_PROG_ATTACH", "BPF_PROG_DETACH",
            "BPF_LINK_CREATE", "BPF_LINK_UPDATE", "BPF_LINK_DETACH", "BPF_MAP_FREEZE", "BPF_MAP_CREATE",
            "BPF_PROG_LOAD"),
    "exit_group": None, "fchmod": None, "fchown": None, "flock": None, "ftruncate": None,
    "fsync": None, "mkdir": None, "mkdirat": None, "mount": None, "recvmsg": None,
    "rename": None, "renameat": None, "renameat2": None, "rmdir": None, "sendmsg": None, "sendto": None,
    "symlinkat": None, "unlink": None, "unlinkat": None, "write": None,
}


def errnos_of(call, name):
    return (BPF_ERRNOS.get(name) or ERRNOS.get(call, "")).split()


def is_changing(call, name, arguments):
    if call in ("open", "openat", "openat2"):
        return "O_CREAT" in arguments
    return call in CHANGING and (CHANGING[call] is None or name in CHANGING[call])
