"""A subprocess and the pipes to it, with a deadline and a size limit on every read."""

import queue
import subprocess
import tempfile
import threading
import time

CHUNK = 1 << 16


class Pipes:
    """A running subprocess that bytes are sent to and received from.

    Parameters
    ----------
    line : list of str
    environment : dict of str to str
    """

    def __init__(self, line, environment):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(line, env=environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors, bufsize=0)
        self.rest = b""
        self.chunks = queue.Queue(maxsize=64)             # whoever floods us has to wait
        threading.Thread(target=self._read_chunks, daemon=True).start()

    def _read_chunks(self):
        while chunk := self.process.stdout.read(CHUNK):
            self.chunks.put(chunk)
        self.chunks.put(b"")

    def send(self, message):
        """Write to the process; that it has ended is noticed by `receive`."""
        try:
            view = memoryview(message)
            while view:
                view = view[self.process.stdin.write(view):]
        except OSError:
            pass

    def close_input(self):
        """Tell the process that nothing more will come."""
        try:
            self.process.stdin.close()
        except OSError:
            pass

    def receive(self, size, seconds, limit):
        """Read bytes from the process.

        Parameters
        ----------
        size : int or None
            Bytes; None means to the end.
        seconds : float
            To wait at most.
        limit : int
            Bytes to take at most.

        Returns
        -------
        bytes
            Fewer than `size` if the process ended.

        Raises
        ------
        TimeoutError, OverflowError
        """
        if size is not None and size > limit:
            raise OverflowError(size)
        deadline = time.monotonic() + seconds
        parts, have = [self.rest], len(self.rest)
        while size is None or have < size:
            try:
                part = self.chunks.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty as error:
                raise TimeoutError from error
            if not part:
                self.chunks.put(b"")                      # for the next one who asks
                break
            parts.append(part)
            have += len(part)
            if have > limit + CHUNK:
                raise OverflowError(have)
        got = b"".join(parts)
        size = len(got) if size is None else size
        self.rest = got[size:]
        return got[:size]

    def stop(self):
        """End the process and return what it wrote to its error stream."""
        self.process.kill()
        self.close_input()
        while self.process.poll() is None:                # the listener may wait for a free place
            try:
                self.chunks.get(timeout=0.01)
            except queue.Empty:
                pass
        self.errors.seek(0)
        words = self.errors.read(2000).decode("utf-8", "replace").strip()
        self.errors.close()
        return words
