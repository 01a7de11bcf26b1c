"""Checks on the workers of a Dask cluster.

A task carries all that its worker must have: the job, the sources of the user's own files, and the hashes by which the worker
knows that it has the same package, theorem and data. A worker that dies loses nothing: Dask gives its tasks to another.
"""

import asyncio
import concurrent.futures
import contextlib
import dataclasses
import logging
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.verify.content import file_digest, surroundings, theorem_digest
from broximal.verify.loading import bring, loaded

PATIENCE = 60.0  # seconds without any worker after which nothing is waited for any more
KEPT = "what is finished is in the ledger, --resume goes on."
_one_at_a_time = threading.Lock()  # a worker may have threads; what is compiled and counted is the process's


@dataclasses.dataclass(frozen=True)
class Task:
    """A job with the sources of its files by path, and the hashes of what the worker must have by itself."""

    job: Any
    sources: tuple[tuple[str, bytes], ...]
    package: str
    theorem: str
    data: str

    @classmethod
    def of(cls, job: Any) -> "Task":
        """Raises InvalidArgument for a data file that cannot be read."""
        from broximal.verify.sweeping import the_theorem

        own = {path for path, _ in job.files}
        sources = tuple((str(file.path), file.source) for file in loaded() if str(file.path) in own)
        # the digest of a theorem of one's own is that of its source, which travels
        theorem = "" if own else theorem_digest(the_theorem(job))
        return cls(job, sources, surroundings(), theorem, file_digest(job.data) if job.data is not None else "")


def perform(task: Task) -> Any:
    """Run the job of a task on this worker. Raises BroximalError if the worker lacks what the task was made with."""
    from threadpoolctl import threadpool_limits

    from broximal.verify.sweeping import run_next, the_theorem

    with _one_at_a_time, threadpool_limits(1):
        here = f"the worker on {socket.gethostname()}"
        if task.package != surroundings():
            raise BroximalError(f"{here} has another version of broximal, Python or a package that computes.")
        for path, source in task.sources:
            bring(path, source)
        if task.theorem and task.theorem != theorem_digest(the_theorem(task.job)):
            raise BroximalError(f"{here} has other sources of {task.job.theorem}.")
        if task.data and task.data != file_digest(task.job.data):
            raise BroximalError(f"{here} has another file at {task.job.data}; data files do not travel.")
        return run_next(task.job)


def results(address: str, jobs: list[Any]) -> Iterator[Any]:
    """The finished jobs, as they come.

    address  of the scheduler, as `tcp://host:8786`

    Raises InvalidArgument if `distributed` is not installed or nobody answers at the address, and BroximalError, after what was
    finished before, if the cluster is lost.
    """
    try:
        import distributed
    except ImportError:
        raise InvalidArgument(
            "scheduler needs distributed, which is not installed (pip install 'broximal[cluster]')."
        ) from None
    tasks = [Task.of(job) for job in jobs]
    with _quiet():
        try:
            client = distributed.Client(address, timeout=10, set_as_default=False)
        except Exception as error:  # what it raises depends on the protocol
            said = " ".join(str(error).split())[:120] or type(error).__name__
            raise InvalidArgument(f"scheduler {address!r:.100} does not answer ({said}).") from None
        futures = client.map(perform, tasks, pure=False)
        try:
            yield from _finished(distributed.as_completed(futures, loop=client.loop), client)
        finally:
            with contextlib.suppress(Exception):  # the cluster is lost
                client.cancel(futures, force=True)
            client.close(timeout=5)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the log of the connection: what it has to say is said in one sentence."""
    logs = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for log, level in zip(logs, before, strict=True):
            log.setLevel(level)


def _finished(futures: Any, client: Any) -> Iterator[Any]:
    since = time.monotonic()
    while futures.count():
        batch = futures.next_batch(block=False)
        for future in batch:
            if (status := future.status) in ("lost", "pending") and client.status == "running":
                futures.add(future)  # its worker died with the result, and Dask has it made again
            else:
                yield _result(future, status)
        if batch:
            since = time.monotonic()
            continue
        time.sleep(0.05)
        if client.scheduler_info()["workers"]:
            since = time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            raise BroximalError(f"the cluster has had no worker for {PATIENCE:.0f} s; {KEPT}")


def _result(future: Any, status: str) -> Any:
    """What a future that is done is of. Raises BroximalError."""
    reason = "the connection is lost"
    try:
        if status == "finished":
            return future.result()
        if status == "error" and (failure := future.exception()) is not None:
            if isinstance(failure, BroximalError):
                raise failure
            reason = type(failure).__name__
    except (OSError, asyncio.CancelledError, concurrent.futures.CancelledError):  # as the connection ends
        pass
    raise BroximalError(f"the cluster did not finish a check ({reason}); {KEPT}")
