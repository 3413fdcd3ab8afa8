"""Hostile, broken and odd submissions, as code and as files, with the verdict that each must get.

All of them are about exercise 1.4, ``linear_backward``, three points. ``CODE`` holds what stands in
a notebook's cells; ``FILES`` writes whatever a student's folder may hold. The third member of each
is a regular expression for what the student is told; "" where the answer is right.
"""

import json
import os
import zipfile

RIGHT = """def linear_backward(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, dout.sum(axis=0)
"""
WRONG = """def linear_backward(dout, cache):
    x, W = cache
    return dout @ W.T, (x.T @ dout) * 1.01, dout.sum(axis=0)
"""
FULL, NONE = 3, 0


def body(text):
    """An answer with this body, four spaces in."""
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    return "def linear_backward(dout, cache):\n    x, W = cache\n" + lines


def then_wrong(text):
    """Do something, then answer wrongly."""
    return body(text + "\nreturn dout @ W.T, (x.T @ dout) * 1.01, dout.sum(axis=0)")


OFF = "is off|times what it should|not made of numbers|should be"
REFUSED = "Permission|not permitted|No such file|Read-only|cannot use|No module|no attribute"
ANY = "."                                                 # some plain reason

# name: (cells, points, what is told)
CODE = {
    # the tricks that earned points from nbgrader
    "patched assert": (["import numpy as np\nnp.testing.assert_allclose = print", WRONG], NONE,
                       OFF),
    "patched builtins": ([body("import builtins\nfor n in ('all', 'abs', 'len', 'isinstance', "
                               "'type', 'zip'):\n    setattr(builtins, n, lambda *a: True)\n"
                               "return 1, 2, 3")], NONE, ANY),
    "input transformer": (["get_ipython().input_transformers_cleanup.append(lambda l: [])",
                           WRONG], NONE, OFF),
    "ast transformer": (["import ast\nclass T(ast.NodeTransformer):\n    def visit_Assert(self, n):"
                         " return ast.Pass()\nget_ipython().ast_transformers.append(T())", WRONG],
                        NONE, OFF),
    "patched run_cell": (["get_ipython().run_cell = lambda *a, **k: None", WRONG], NONE, OFF),
    "hook on errors": (["get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)", WRONG],
                       NONE, OFF),
    "prints points": ([then_wrong("print('{\"points\": 3, \"status\": \"right\"}')\nprint(3)"),
                       "3"], NONE, OFF),
    "points as the result": ([WRONG, "from types import SimpleNamespace as N\n"
                              "N(status='right', points=3)"], NONE, OFF),
    "reads the tests from history": ([then_wrong("get_ipython().history_manager.get_tail()")],
                                     NONE, "get_ipython"),
    "own check": (["def check(id, fn):\n    return 'right'", WRONG], NONE, OFF),
    # the library's answer for the learner's
    "calls the reference": (["from course_lib import layers", body(
        "return layers.linear_backward(dout, cache)")], NONE, "cannot use course_lib"),
    "imported as its own": (["from course_lib.layers import linear_backward"], NONE,
                            "no function of this name"),
    "assigned from the library": (["from course_lib import layers\n"
                                   "linear_backward = layers.linear_backward"], NONE,
                                  "no function of this name"),
    "looks for the reference": ([body(
        "import importlib.util, sys, glob\n"
        "for top in ('/grader', '/packages', '/root', '/home', sys.prefix + '/lib/python3*/site-*')"
        ":\n"
        "    for f in glob.glob(top + '/**/layers/linear.py', recursive=True):\n"
        "        spec = importlib.util.spec_from_file_location('l', f)\n"
        "        m = importlib.util.module_from_spec(spec); spec.loader.exec_module(m)\n"
        "        return m.linear_backward(dout, cache)\n"
        "raise FileNotFoundError('No such file')")], NONE, REFUSED),
    "torch": (["import torch", body("return torch.tensor(dout), 1, 2")], NONE, "cannot use torch"),
    # time
    "endless loop": ([body("while True: pass")], NONE, "did not finish"),
    "ignores signals": ([body("import signal\nfor s in range(1, 65):\n    try: signal.signal(s, "
                              "signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
                              "while True:\n    try:\n        while True: pass\n"
                              "    except BaseException: pass")], NONE, "did not finish"),
    "endless in C": ([body("import re\nre.match('(a+)+$', 'a' * 50 + 'b')")], NONE,
                     "did not finish"),
    "sleeps": ([body("import time\ntime.sleep(1e6)")], NONE, "did not finish"),
    "endless when defined": (["class A:\n    while True: pass", body("return A")], NONE,
                             "did not finish"),
    "endless decorator": (["def d(f):\n    while True: pass", "@d\n" + RIGHT], NONE,
                          "did not finish"),
    "endless default": (["def forever():\n    while True: pass",
                         "def linear_backward(dout, cache, k=forever()): return 1"], NONE,
                        "did not finish"),
    "endless when printed": ([body("class E(Exception):\n    def __str__(self):\n        while 1:"
                                   " pass\nraise E()")], NONE, "did not finish"),
    "endless when freed": ([body("class A:\n    def __del__(self):\n        while True: pass\n"
                                 "a = A()\nreturn 1")], NONE, "did not finish"),
    "endless recursion": ([body("return linear_backward(dout, cache)")], NONE, "Recursion"),
    "no recursion limit": ([body("import sys\nsys.setrecursionlimit(10**9)\n"
                                 "def f(n): return [f(n + 1)]\nreturn f(0)")], NONE,
                           "did not finish|ended|MemoryError"),
    # how to end
    "os._exit": ([body("import os\nos._exit(0)")], NONE, "ended before"),
    "sys.exit": ([body("import sys\nsys.exit(0)")], NONE, "SystemExit"),
    "exit when defined": (["import os\nclass A:\n    os._exit(0)", "def linear_backward(dout, "
                           "cache): return A"], NONE, "ended before"),
    "raises KeyboardInterrupt": ([body("raise KeyboardInterrupt")], NONE, ANY),
    "raises GeneratorExit": ([body("raise GeneratorExit")], NONE, "GeneratorExit"),
    "kills its parent": ([then_wrong("import os\nfor pid in (os.getppid(), 1, 2, -1, 0):\n"
                                     "    try: os.kill(pid, 9)\n    except OSError: pass")],
                         NONE, ANY),
    "kills everybody": ([then_wrong("import os, signal\nfor pid in range(2, 5000):\n    try: "
                                    "os.kill(pid, signal.SIGKILL)\n    except OSError: pass")],
                        NONE, OFF),
    "stack overflow in C": ([body("import ctypes\nctypes.string_at(0)")], NONE, "SIGSEGV"),
    "aborts": ([body("import os\nos.abort()")], NONE, "ended"),
    "closes every pipe": ([body("import os\nos.closerange(0, 100)\nreturn 1, 2, 3")], NONE,
                          "ended before"),
    # memory and the like
    "5 GB at once": ([body("import numpy as np\na = np.ones(5 * 10**9, np.uint8)\nreturn a.sum()")],
                     NONE, "MemoryError|Memory"),
    "5 GB in chunks": ([body("l = []\nwhile True: l.append(bytearray(10**7))")], NONE,
                       "Memory|did not finish"),
    "a huge number": ([body("return 10 ** 10 ** 8")], NONE, "did not finish|Memory|returns|ended"),
    "200 processes": ([then_wrong("import os\nfor _ in range(200): os.fork()")], NONE, REFUSED),
    "a subprocess": ([body("import subprocess\nsubprocess.Popen(['sleep', '1000'])")], NONE,
                     REFUSED),
    "200 threads": ([body("import threading, time\nfor _ in range(200): threading.Thread("
                          "target=time.sleep, args=(1000,)).start()")], NONE, "thread"),
    "multiprocessing": ([body("import multiprocessing as m\np = m.Process(target=print)\n"
                              "p.start()")], NONE, ANY),
    "a gigabyte printed": ([body("for _ in range(1000): print('a' * 10**6)\nreturn 1")], NONE, ANY),
    "a gigabyte to the pipe": ([body("import os\nwhile True: os.write(3, b'a' * 10**6)")], NONE,
                               "more than|cannot be read"),
    "fills the disk": ([body("for k in range(10**6):\n    with open(f'/tmp/{k}', 'wb') as f: "
                             "f.write(bytes(10**7))")], NONE, "space|large|Errno"),
    "many files": ([body("l = [open('/dev/null') for _ in range(10**5)]")], NONE, "open files"),
    "shared memory": ([body("import os\nos.memfd_create('a')")], NONE, REFUSED),
    # outputs
    "huge output": ([body("import numpy as np\nreturn np.zeros((3, 300_000)), 1, 2")], NONE,
                    "more than"),
    "output beyond memory": ([body("import numpy as np\nreturn np.zeros((3, 12_000_000)), 1, 2")],
                             NONE, "more memory|Memory"),
    "a million values": ([body("return [1.0] * 1_000_000")], NONE, ANY),
    "a list in itself": ([body("l = []\nl.append(l)\nreturn l")], NONE, "lists inside lists"),
    "deep lists": ([body("l = []\nfor _ in range(10000): l = [l]\nreturn l")], NONE, "lists"),
    "own __eq__": ([body("class A:\n    def __eq__(self, o): return True\n    __ne__ = __lt__ = "
                         "__eq__\nreturn A(), A(), A()")], NONE, "returns a"),
    "own __array__": ([body("import numpy as np\nclass A:\n    shape = (3, 4)\n    def __array__("
                            "self, *a, **k): return np.ones(3)\nreturn A(), A(), A()")], NONE,
                      "returns a"),
    "own __reduce__": ([body("import os\nclass A:\n    def __reduce__(self): return os.system, "
                             "('touch /tmp/pwned',)\nreturn A()")], NONE, "returns a"),
    "array subclass": ([body("import numpy as np\nclass A(np.ndarray):\n    def __eq__(self, o): "
                             "return np.True_\n    def __array_ufunc__(self, *a, **k): return "
                             "np.zeros(3)\nreturn tuple(np.ones((2, 2)).view(A) for _ in 'abc')")],
                       NONE, "returns a"),
    "a float that lies": ([body("class F(float):\n    def __sub__(self, o): return 0.0\n"
                                "    __abs__ = lambda s: 0.0\nreturn F(), F(), F()")], NONE,
                          "returns a"),
    "a dict that lies": ([body("class D(dict):\n    def keys(self): return [1]\nreturn D()")], NONE,
                         "returns a"),
    "generator": ([body("yield dout\nyield x\nyield W")], NONE, "return a list"),
    "NaN": ([body("import numpy as np\nreturn dout @ W.T * np.nan, x.T @ dout, dout.sum(0)")], NONE,
            "nan"),
    "array of objects": ([body("import numpy as np\nreturn np.array([x, None], object), 1, 2")],
                         NONE, "dtype"),
    "complex": ([body("return (dout @ W.T) + 0j, x.T @ dout, dout.sum(0)")], NONE, "complex"),
    "structured": ([body("import numpy as np\nreturn np.zeros(3, 'i4,f8'), 1, 2")], NONE, "dtype"),
    "a string": ([body("return 'right'")], NONE, "returns 1 value"),
    "a function": ([body("return linear_backward")], NONE, "call it"),
    "changes its input": ([body("g = dout @ W.T, x.T @ dout, dout.sum(axis=0)\nx *= 2\nreturn g")],
                          NONE, "in place"),
    "remembers": (["seen = []", body("seen.append(1)\nk = 1.0 if len(seen) < 6 else 2.0\n"
                                     "return dout @ W.T * k, x.T @ dout, dout.sum(axis=0)")], NONE,
                  "again|is off|times"),
    # inside the process
    "patched numpy": (["import numpy as np\nnp.allclose = np.array_equal = lambda *a, **k: True\n"
                       "np.abs = np.max = np.asarray = lambda *a, **k: np.float64(0)", WRONG],
                      NONE, OFF),
    "numpy patched when called": ([then_wrong(
        "import numpy as np\nfor n in ('allclose', 'array_equal', 'asarray', 'abs'):\n"
        "    setattr(np, n, lambda *a, **k: True)")], NONE, OFF),
    "patches the runner": ([then_wrong(
        "import checks.run as r\nr.plain = lambda v: {'status': 'right'}\n"
        "r.run_case = lambda *a, **k: r.Outcome(value='right')")], NONE, ANY),
    "writes its own verdict": ([body(
        "import os\nos.write(3, b'{\"d\": [[\"failure\", \"\"], [\"status\", \"right\"], '"
        "b'[\"points\", {\"i\": \"0x3\"}]]}\\n')\nos._exit(0)")], NONE, ANY),
    "forges outcomes": ([body(
        "import os\nos.write(3, b'{\"d\": [[\"failure\", \"\"], '\n"
        "    b'[\"outcomes\", {\"l\": []}]]}\\n')\nos._exit(0)")], NONE, ANY),
    "forges a pickle": ([body(
        "import os, pickle\nos.write(3, pickle.dumps(print))\nos._exit(0)")], NONE,
        "cannot be read"),
    "looks into the frames": ([then_wrong(
        "import sys\nf = sys._getframe()\nwhile f:\n    for v in list(f.f_locals.values()):\n"
        "        if isinstance(v, dict) and 'expected' in v: return v['expected']\n"
        "    f = f.f_back")], NONE, OFF),
    "searches the memory": ([then_wrong(
        "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ in "
        "('AnswerKey', 'Exercise'): return o.expected")], NONE, OFF),
    "replaces sys.modules": ([then_wrong("import sys\nsys.modules.clear()")], NONE, ANY),
    "characters that are none": ([body("import numpy as np\nreturn np.frombuffer(b'\\xff' * 12, "
                                       "'<U1')")], NONE, "characters"),
    "forges an array": ([body("import os\nos.write(3, b'{\"a\":[\"<f8\",[1],8]}\\n' + bytes(8))\n"
                              "os._exit(0)")], NONE, "cannot be judged"),
    "forges claims": ([body(
        "import os\nos.write(3, b'{\"d\": [[\"failure\", \"\"], [\"outcomes\", {\"l\": ['\n"
        "    + b','.join([b'null'] * 6) + b']}]]}\\n')\nos._exit(0)")], NONE, "cannot be judged"),
    "forges a list of dicts": ([body(
        "import os\nos.write(3, b'{\"l\":[' + b','.join([b'{}'] * 2_000_000) + b']}\\n')\n"
        "os._exit(0)")], NONE, "cannot be read"),
    "6,000 digits": ([body("return 10 ** 6000, 1, 2")], NONE, "thousand digits"),
    "words among numbers": ([body("return ('x' * 4900,) + (1,) * 4900")], NONE, ANY),
    "leaks by its own error": ([body(
        "import os\nos.write(3, b'null\\n' + bytes(int(abs(x[0, 0]) * 1e6)))\nos._exit(0)")], NONE,
        "cannot be read"),
    "12,000 imports": (["import os as x\n" * 12000, "\n".join(f"y{i} = x" for i in range(12000)),
                        body("return " + ", ".join(f"y{i}" for i in range(12000)))], NONE,
                       "statements|no function"),
    "half a million names": (["K = [" + "a," * 150_000 + "]", WRONG], NONE, OFF),
    "an endless shape": ([body(
        "import os\nos.write(3, b'{\"a\":[\"<f8\",[1000000000000,0],0]}\\n')\nos._exit(0)")], NONE,
        "cannot be read"),
    "a bomb for the compiler": ([body(
        "".join("    " * k + "try:\n" + "".join("    " * (k + 1) + f"if dout is {j}: return {j}\n"
                                                for j in range(8)) + "    " * k + "finally:\n"
                for k in range(6)) + "    " * 6 + "pass")], NONE, ANY),
    "leaks by a forged reason": ([body(
        "raise type('Refused', (Exception,), {})('it did not finish within ' + repr(x.tolist()))")],
        NONE, "Refused|did not finish"),
    "changes a device": ([then_wrong("import os\nfor d in ('null', 'zero', 'urandom'):\n"
                                     "    try: os.chmod('/dev/' + d, 0o600)\n"
                                     "    except OSError: pass")], NONE, OFF),
    # the machine
    "reads proc": ([body("return open('/proc/self/environ').read(), open('/proc/1/cmdline').read()"
                          ", 1")], NONE, REFUSED),
    "reads the environment": ([body("import os\nraise ValueError('env ' + "
                                    "os.environ['COURSE_TEST_TOKEN'])")], NONE, "KeyError"),
    "reads other submissions": ([body("import os\nreturn open(os.path.join({subs!r}, 'b good', "
                                      "'answer.ipynb')).read(), 1, 2")], NONE, REFUSED),
    "reads the course": ([body("return open({course!r} + '/course_lib/layers/linear.py').read(), 1,"
                               " 2")], NONE, REFUSED),
    "writes the results": ([then_wrong("import os\nfor p in ({out!r}, {subs!r}, '/tmp', '/', "
                                       "'/root', '/usr', '.'):\n    try: open(os.path.join(p, "
                                       "'pwned-{token}'), 'w').write('x')\n    except OSError: "
                                       "pass")], NONE, OFF),
    "deletes the results": ([then_wrong("import shutil\nfor p in ({out!r}, {subs!r}): "
                                        "shutil.rmtree(p, ignore_errors=True)")], NONE, OFF),
    "locks the results": ([then_wrong("import os\nfor p in ({out!r}, {subs!r}):\n    try: "
                                      "os.chmod(p, 0)\n    except OSError: pass")], NONE, OFF),
    "connects": ([body("import socket\nsocket.create_connection(('127.0.0.1', {port}), 5).send("
                       "b'hello')")], NONE, REFUSED),
    "connects by URL": ([body("import urllib.request\nurllib.request.urlopen("
                              "'http://127.0.0.1:{port}/')")], NONE, ANY),
    "mounts": ([then_wrong("import ctypes\nl = ctypes.CDLL(None)\nl.unshare(0x10000000)\n"
                           "l.umount2(b'/proc', 2)\nl.mount(b'none', b'/tmp', b'tmpfs', 0, 0)\n"
                           "l.setuid(0)\nl.chroot(b'/')")], NONE, OFF),
    "traces": ([then_wrong("import ctypes\nl = ctypes.CDLL(None)\nfor p in range(1, 50):\n"
                           "    l.ptrace(16, p, 0, 0)")], NONE, OFF),
    "a daemon": ([then_wrong("import os\nif os.fork() == 0:\n    os.setsid()\n    while True: "
                             "pass")], NONE, REFUSED),
    "reads its input": ([body("return input()")], NONE, "EOF"),
    # words
    "a script in its message": ([body("raise ValueError('<script>alert(1)</script>')")], NONE,
                                "ValueError"),
    "a gigabyte of message": ([body("raise ValueError('a' * 10**8)")], NONE, ANY),
    "shows hidden inputs": ([body("raise ValueError(repr(x.tolist()))")], NONE, "ValueError"),
    "half a letter": ([body("raise ValueError('\\ud800')")], NONE, ANY),
    "no message": ([body("class E(Exception):\n    def __str__(self): raise E\nraise E")], NONE,
                   "E"),
    # code that cannot be read
    "syntax error": (["def linear_backward(dout, cache):\n    return ("], NONE,
                     "no function of this name"),
    "deep brackets": ([RIGHT.replace("dout @ W.T", "(" * 5000 + "dout @ W.T" + ")" * 5000)], NONE,
                      "no function"),
    "a long sum": ([body("return " + "+".join(["1"] * 50_000))], NONE, ANY),
    "a wrong definition last": ([RIGHT, WRONG], NONE, OFF),
    "only a docstring": (['def linear_backward(dout, cache):\n    """Done."""'], NONE,
                         "not done yet"),
    # right answers, however they look
    "a right definition last": ([WRONG, RIGHT], FULL, ""),
    "blank below": ([RIGHT, "def linear_backward(dout, cache):\n    return None"], FULL, ""),
    "pasted below as scratch": (["print(1 / 0)", RIGHT, "# scratch\nx = linear_backward(1, 2)\n"
                                 "raise ValueError"], FULL, ""),
    "helpers, constants, imports": (
        ["from functools import reduce\nimport math as m", "ONE = 1.0\nTABLE = np.array([ONE])",
         "import numpy as np",
         "def total(a):\n    return reduce(lambda s, r: s + r, list(a)) * TABLE[0] * m.cos(0)",
         "class Product:\n    @staticmethod\n    def of(a, b): return np.einsum('ij,jk->ik', a, b)",
         "def linear_backward(dout, cache):\n    x, W = cache\n    return Product.of(dout, W.T), "
         "Product.of(x.T, dout), total(dout)"], FULL, ""),
    "split and reordered": (
        ["def linear_backward(dout, cache):\n    return first(dout, cache), second(dout, cache), "
         "third(dout)", "def third(dout): return dout.sum(0)",
         "def second(dout, cache): return cache[0].T @ dout",
         "def first(dout, cache): return dout @ cache[1].T"], FULL, ""),
    "a helper that changes later": (
        ["def times(a, b): return a @ b", "def linear_backward(dout, cache):\n    x, W = cache\n"
         "    return times(dout, W.T), times(x.T, dout), dout.sum(axis=0)",
         "def times(a, b): return a * b"], FULL, ""),
    "magics and shells": (["%matplotlib inline\n!ls\n%time 1", "%%time\n" + RIGHT, "?print"], FULL,
                          ""),
    "prints a lot": ([RIGHT.replace("    return", "    print('here' * 100000)\n    return")], FULL,
                     ""),
    "a lambda": (["linear_backward = lambda dout, cache: (dout @ cache[1].T, cache[0].T @ dout, "
                  "dout.sum(axis=0))"], FULL, ""),
    "with loops": ([body(
        "import numpy as np\ndW = np.zeros(W.shape)\nfor b in range(len(x)):\n    for i in range("
        "W.shape[0]):\n        for j in range(W.shape[1]): dW[i, j] += x[b, i] * dout[b, j]\n"
        "return dout @ W.T, dW, [sum(dout[:, j]) for j in range(dout.shape[1])]")], FULL, ""),
}


def cells(*sources):
    """Code cells."""
    return [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
             "source": source} for source in sources]


def notebook(*sources, **more):
    """A notebook's text."""
    return json.dumps({"cells": cells(*sources), "metadata": {}, "nbformat": 4,
                       "nbformat_minor": 5, **more})


def write(name, content):
    """A function that writes one file."""
    def into(folder):
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return into


def zipped(name, *members, mode=0, flag=0):
    """A function that writes a zip with members (name, content)."""
    def into(folder):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members:
                info = zipfile.ZipInfo(member)
                info.external_attr = mode << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content)
        if flag:                                          # says that it is encrypted
            raw = bytearray((folder / name).read_bytes())
            raw[6] |= flag
            raw[raw.index(b"PK\1\2") + 8] |= flag
            (folder / name).write_bytes(raw)
    return into


def broken_lzma(folder):
    """A zip whose member is compressed with LZMA, and not well."""
    with zipfile.ZipFile(folder / "answer.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("answer.ipynb", notebook(RIGHT))
    raw = bytearray((folder / "answer.zip").read_bytes())
    start = raw.index(b"answer.ipynb") + len(b"answer.ipynb")
    raw[start + 4] = 255
    (folder / "answer.zip").write_bytes(raw)


def linked(folder):
    """A notebook that is a link to a solved one, and a folder that is one."""
    (folder / "answer.ipynb").symlink_to(folder.parent / "b good" / "answer.ipynb")
    (folder / "all").symlink_to(folder.parent)


def pipe(folder):
    """A named pipe called like a notebook: to open it would block for ever."""
    os.mkfifo(folder / "answer.ipynb")


def directory(folder):
    """A folder that is called like a notebook."""
    (folder / "01_backprop.ipynb").mkdir()
    write("readme.txt", "x")(folder / "01_backprop.ipynb")


def beside(name, text):
    """A wrong answer, and a file that would be imported in place of a library."""
    def into(folder):
        write(name, text)(folder)
        write("answer.ipynb", notebook("import numpy as np\nimport json", WRONG))(folder)
    return into


OLD = json.dumps({"nbformat": 3, "worksheets": [{"cells": [
    {"cell_type": "code", "input": RIGHT, "language": "python", "outputs": []}]}], "metadata": {}})
COLAB = json.dumps({
    "nbformat": 4, "nbformat_minor": 0, "metadata": {
        "colab": {"provenance": [], "gpuType": "T4"}, "accelerator": "GPU",
        "kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "cells": [{"cell_type": "code", "metadata": {"id": "a1", "colab": {"base_uri": "https://x"}},
               "outputs": [], "execution_count": 3, "source": RIGHT.splitlines(keepends=True)}]})
NUMPY = "def array(*a): return 1\ntestprint = array\n"

# name: (writer, points, what is told)
FILES = {
    "numpy.py beside": (beside("numpy.py", NUMPY), NONE, OFF),
    "json.py beside": (beside("json.py", "def loads(*a): return {'points': 3}"), NONE, OFF),
    "sitecustomize.py beside": (beside("sitecustomize.py", "import os; os._exit(0)"), NONE, OFF),
    "conftest.py beside": (beside("conftest.py", "raise SystemExit"), NONE, OFF),
    "links": (linked, NONE, "is a link"),
    "a pipe": (pipe, NONE, "is not a file"),
    "a folder like a notebook": (directory, NONE, "is a folder"),
    "nothing at all": (lambda folder: None, NONE, "no file in the folder"),
    "only a PDF": (write("answer.pdf", b"%PDF-1.4"), NONE, "no notebook"),
    "not JSON": (write("answer.ipynb", "{'cells': []"), NONE, "is not a notebook"),
    "an empty file": (write("answer.ipynb", ""), NONE, "is empty"),
    "not UTF-8": (write("answer.ipynb", notebook(RIGHT).encode("utf-16")), NONE, "UTF-8"),
    "binary": (write("answer.ipynb", bytes(range(256)) * 100), NONE, "UTF-8"),
    "deep JSON": (write("answer.ipynb", "[" * 200_000), NONE, "nested too deeply"),
    "too large": (write("answer.ipynb", b" " * 11_000_000), NONE, "larger than"),
    "cells that are none": (write("answer.ipynb", '{"cells": [1, null, {"cell_type": "code", '
                                  '"source": {"a": 1}}]}'), NONE, "no function"),
    "a zip bomb": (zipped("answer.zip", ("answer.ipynb", bytes(500_000_000))), NONE, "larger than"),
    "a zip that climbs": (zipped("answer.zip", ("../../../pwned.ipynb", notebook(RIGHT))), NONE,
                          "leads outside"),
    "an absolute zip": (zipped("answer.zip", ("/tmp/pwned.ipynb", notebook(RIGHT))), NONE,
                        "leads outside"),
    "a link in a zip": (zipped("answer.zip", ("answer.ipynb", "/etc/passwd"), mode=0o120777), NONE,
                        "is a link"),
    "an encrypted zip": (zipped("answer.zip", ("answer.ipynb", notebook(RIGHT)), flag=1), NONE,
                         "encrypted"),
    "a broken zip": (write("answer.zip", b"PK\3\4 and nothing more"), NONE, "cannot be read"),
    "a zip with a false end": (write("answer.zip", b"PK\5\6" + bytes(6) + b"PK\5\6" * 4), NONE,
                               "cannot be read"),
    "a broken zip member": (broken_lzma, NONE, "cannot be unpacked"),
    "a zip in a zip": (zipped("answer.zip", ("more.zip", b"PK")), NONE, "no notebook"),
    # right, however it arrives
    "a zip": (zipped("answer.zip", ("nb/answer.ipynb", notebook(RIGHT))), FULL, ""),
    "nbformat 3": (write("answer.ipynb", OLD), FULL, ""),
    "nbformat 5": (write("answer.ipynb", notebook(RIGHT, nbformat=5, schema_version=99)), FULL, ""),
    "no metadata": (write("answer.ipynb", json.dumps({"cells": [{"cell_type": "code", "source":
                                                                 RIGHT}]})), FULL, ""),
    "from Colab": (write("Copy of 01_backprop_by_hand.ipynb", COLAB), FULL, ""),
    "renamed": (write("final (2) new.IPYNB.txt", notebook(RIGHT)), FULL, ""),
    "a .py file": (write("answer.py", "# %%\n" + RIGHT), FULL, ""),
    "Windows text": (write("answer.py", ("\ufeff" + RIGHT).replace("\n", "\r\n")), FULL, ""),
    "ids twice": (write("answer.ipynb", json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": [
        {**cell, "id": "same", "metadata": {"nbgrader": {"grade_id": "x"}}}
        for cell in cells(RIGHT, RIGHT)]})), FULL, ""),
}
