"""Processes for many checks, each with a lane of its own.

The checks of one theorem go to one process, as far as there is work for the others: its programs are traced and compiled
there once, and not in every process again.
"""

import collections
import concurrent.futures
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from broximal.verify.workers import begin_worker

AHEAD = 2  # checks that a process has at a time: with one it would wait for its next


class Lanes:
    """Runs `work` on items in processes; items of equal kind follow each other in one process.

    work  a function that processes can import;  kind  what an item is like, hashable
    keep  compiled programs, where everything is of the package
    """

    def __init__(
        self,
        work: Callable[[Any], Any],
        items: Iterable[Any],
        workers: int,
        kind: Callable[[Any], Any],
        keep: bool = False,
    ):
        waiting: dict[Any, collections.deque[Any]] = {}
        for item in items:
            waiting.setdefault(kind(item), collections.deque()).append(item)
        self._work = work
        self._fresh = collections.deque(waiting.values())
        count = min(workers, sum(map(len, self._fresh)))
        self._lanes: list[collections.deque[Any]] = [collections.deque() for _ in range(count)]
        # spawn: a forked child of a process that has started JAX's threads can deadlock
        spawn = multiprocessing.get_context("spawn")
        self._pools = [concurrent.futures.ProcessPoolExecutor(1, spawn, begin_worker, (keep,)) for _ in range(count)]

    def _next(self, lane: int) -> Any:
        """The next item of a lane: of its kind, of a kind that no lane has begun, or of the lane that has most left."""
        if not self._lanes[lane]:
            if self._fresh:
                self._lanes[lane] = self._fresh.popleft()
            elif longest := max(self._lanes, key=len):
                return longest.pop()
        return self._lanes[lane].popleft() if self._lanes[lane] else None

    def results(self) -> Iterator[Any]:
        """The results as they come. Raises BrokenExecutor, after all others, if a process died, and what `work` raises."""
        owner: dict[concurrent.futures.Future[Any], int] = {}
        died: BaseException | None = None

        def feed(lane: int) -> None:
            nonlocal died
            if died is None and (item := self._next(lane)) is not None:
                try:
                    owner[self._pools[lane].submit(self._work, item)] = lane
                except concurrent.futures.BrokenExecutor as broken:
                    died = broken

        try:
            for lane in [*range(len(self._pools))] * AHEAD:
                feed(lane)
            while owner:
                finished, _ = concurrent.futures.wait(owner, return_when=concurrent.futures.FIRST_COMPLETED)
                whole = []
                for future in finished:
                    lane = owner.pop(future)
                    if isinstance(future.exception(), concurrent.futures.BrokenExecutor):
                        died = future.exception()
                    else:
                        whole.append(future)
                        feed(lane)  # before its result is used, so that the process goes on meanwhile
                for future in whole:
                    yield future.result()
            if died is not None:
                raise died
        except BaseException:  # what is running would be waited for, and its result thrown away
            for pool in self._pools:
                for process in list((pool._processes or {}).values()):
                    process.terminate()
            raise
        finally:
            for pool in self._pools:
                pool.shutdown(cancel_futures=True)
