"""What a worker process of a sweep does first."""

import multiprocessing
import os
import signal
import threading

from threadpoolctl import threadpool_limits

THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "OMP_NUM_THREADS")


def begin_worker(keep: bool = False) -> None:
    """One thread of linear algebra, no Ctrl-C of its own, and no life after the process that started it.

    keep  compiled programs, for later processes to find (see `kept`)
    """
    # Processes that compete for the cores with the threads of others are many times slower. Libraries that are loaded
    # later, as numpy's and scipy's are here, read the environment; those that are loaded already are told.
    os.environ.update(dict.fromkeys(THREADS, "1"))
    threadpool_limits(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it as well, and says what is kept
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if keep:
        from broximal.verify import kept  # numpy with it, after the environment is set

        kept.keep()


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)
