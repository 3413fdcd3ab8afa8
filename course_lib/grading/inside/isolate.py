"""Process isolation: namespaces, resource limits and a system-call filter.

bubblewrap has taken away the network, the course and every file that could be written to. What is
done here separates one answer from the next, so that one warm Python can serve a whole class.
"""

import ctypes
import os
import struct
import sys

NAMESPACES = 0x00020000 | 0x08000000 | 0x10000000 | 0x20000000   # NEWNS, NEWIPC, NEWUSER, NEWPID
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 1, 2, 4, 0x4000, 0x40000
PDEATHSIG, NO_NEW_PRIVS, SECCOMP = 1, 38, 22

# (x86_64, aarch64); None where the machine has no such call.
BLOCKED_CALLS = {
    "clone": (56, 220), "fork": (57, None), "vfork": (58, None), "clone3": (435, 435),
    "execve": (59, 221), "execveat": (322, 281),
    "socket": (41, 198), "socketpair": (53, 199), "io_uring_setup": (425, 425),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "kcmp": (312, 272),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "memfd_create": (319, 279), "memfd_secret": (447, 447),      # memory that no limit counts
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    # modes, owners and times: of devices that the machine shares with us, if we are its root
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104),
    "sched_setaffinity": (203, 122), "setpriority": (141, 140),
}
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
ALLOW, EPERM, KILL = 0x7FFF0000, 0x00050001, 0x80000000


def unshare_namespaces(disk):
    """Move this process into new namespaces; its children see no processes but their own.

    Parameters
    ----------
    disk : int
        Bytes that may be written to /tmp, which is fresh and empty.

    Raises
    ------
    OSError
        Where the system forbids it.
    """
    uid, gid = os.getuid(), os.getgid()
    _libc_call("unshare", NAMESPACES)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"),
                       ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    _mount(b"none", b"/", b"", MS_REC | MS_PRIVATE)
    _mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV, f"size={disk},nr_inodes=1000")
    _mount(b"tmpfs", b"/proc", b"tmpfs", MS_RDONLY | MS_NOSUID, "size=4096,nr_inodes=2")


def isolate(*, seconds, memory, disk, namespaces=True):
    """Irrevocably drop every privilege that an answer does not need.

    Parameters
    ----------
    seconds : float
        Of processor time.
    memory : int
        Bytes of address space, with what Python and NumPy have taken already.
    disk : int
        Bytes in one file.
    namespaces : bool
        Whether `unshare_namespaces` came before: then there are capabilities to be given up.
    """
    if sys.platform == "win32":
        return
    import resource

    limits = {"CPU": int(seconds) + 1, "AS": memory, "FSIZE": disk,
              "NOFILE": 64, "NPROC": 0, "CORE": 0, "MSGQUEUE": 0, "MEMLOCK": 0}
    for name, value in limits.items():
        which = getattr(resource, "RLIMIT_" + name, None)
        if which is not None:
            hard = resource.getrlimit(which)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(which, (value, value))
    if sys.platform == "linux":
        _libc_call("prctl", PDEATHSIG, 9, 0, 0, 0)
        if namespaces:
            _drop_capabilities()
        _libc_call("prctl", NO_NEW_PRIVS, 1, 0, 0, 0)
        _install_seccomp_filter()


def address_space_in_use():
    """Bytes of address space that this process uses; 400 MB where the system does not say."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 400_000_000


def _drop_capabilities():
    """Drop all capabilities, in every set, with capset(2)."""
    header = struct.pack("Ii", 0x20080522, 0)             # version 3, this process
    _libc_call("capset", header, bytes(24))


def _install_seccomp_filter():
    """Install a seccomp filter: new processes, sockets, mounts and the like are refused.

    Raises
    ------
    OSError
        On a machine whose system calls we have no numbers for, or without seccomp.
    """
    machine = os.uname().machine
    if machine not in MACHINES:
        raise OSError(f"no list of system calls for {machine}")
    column, architecture = MACHINES[machine]
    numbers = [n[column] for n in BLOCKED_CALLS.values() if n[column] is not None]
    program = [(0x20, 0, 0, 4), (0x15, 1, 0, architecture), (0x06, 0, 0, KILL),
               (0x20, 0, 0, 0)]                           # load the call's number
    if column == 0:
        program += [(0x35, 0, 1, 0x40000000), (0x06, 0, 0, KILL)]   # the other numbering, x32
    for number in numbers:
        program += [(0x15, 0, 1, number), (0x06, 0, 0, EPERM)]
    program.append((0x06, 0, 0, ALLOW))
    code = b"".join(struct.pack("HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    _libc_call("prctl", SECCOMP, 2, head, 0, 0)


def _mount(source, target, kind, flags, options=""):
    _libc_call("mount", source, target, kind, ctypes.c_ulong(flags), options.encode())


def _libc_call(name, *arguments):
    """Call a function of the C library; raise OSError with its errno where it returns -1."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) == -1:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
