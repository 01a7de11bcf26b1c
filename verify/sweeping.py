"""Many checks: the catalogue over its cases and seeds, in processes, one JSON line per finished check, resumable."""

import concurrent.futures
import dataclasses
import json
import multiprocessing
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jax
from threadpoolctl import threadpool_limits

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.theory.language.catalogue import catalogue, find
from broximal.verify.report import clean


@dataclasses.dataclass(frozen=True)
class Job:
    """One check: a theorem on one of its cases with one seed, or on a family of problems by name."""

    theorem: str
    case: int | None = None
    seed: int = 0
    problem: str | None = None
    norm: str | None = None
    dim: int | None = None
    steps: int | None = None
    radius: float | None = None
    data: str | None = None

    @property
    def key(self) -> str:
        """What tells this check from every other one; finished keys are not run again on resume."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)


@dataclasses.dataclass(frozen=True)
class Done:
    """A finished check: its records, and whether it ended as the catalogue expects."""

    job: Job
    records: list[dict[str, Any]]
    as_expected: bool


PROFILES = {"quick": 2, "full": 10}  # seeds per case


def seeds_per_case(profile: str) -> int:
    """How many seeds a profile takes for each case. Raises InvalidArgument for an unknown name."""
    if profile not in PROFILES:
        raise InvalidArgument(f"profile {profile!r} is unknown; known are {', '.join(PROFILES)}.")
    return PROFILES[profile]


def jobs(names: Iterable[str] = (), *, profile: str = "quick", seed: int = 0) -> list[Job]:
    """The checks of a profile: every case of every theorem (or of the named ones), over the profile's seeds.

    A check of an expectation draws many paths by itself, so that the quick profile makes it on one instance.
    """
    seeds = seeds_per_case(profile)
    chosen = [find(name) for name in dict.fromkeys(names)] or list(catalogue().values())
    return [
        Job(theorem.name, case=index, seed=seed + offset)
        for theorem in chosen
        for index, case in enumerate(theorem.cases)
        if profile == "full" or not case.slow
        for offset in range(1 if case.fixed or (profile == "quick" and theorem.sampled) else seeds)
    ]


def run(job: Job) -> Done:
    """Run one job in this process."""
    from broximal.verify.checking import check, check_case

    theorem = find(job.theorem)
    if job.case is not None:
        report = check_case(theorem, job.case, seed=job.seed, radius=job.radius, steps=job.steps)
    else:
        from broximal.verify.instance import make

        problem, norm = make(job.problem, job.norm, job.dim, job.seed, job.data)
        report = check(
            theorem,
            problem,
            norm,
            radius=job.radius,
            steps=job.steps,
            seed=job.seed,
            recipe={key: value for key, value in dataclasses.asdict(job).items() if value is not None},
        )
    found = report.records()
    common = {"job": job.key, "as_expected": report.as_expected, "claims_in_job": len(found)}
    records = [clean(record | common) for record in found]
    return Done(job, records, report.as_expected)


_latest = ""  # the theorem that this process checked last


def _run_next(job: Job) -> Done:
    """Run one job; what was compiled for another theorem is dropped first, as the catalogue's would fill gigabytes."""
    global _latest
    if _latest and job.theorem != _latest:
        jax.clear_caches()
    _latest = job.theorem
    return run(job)


def sweep(
    work: Iterable[Job],
    ledger: str | Path,
    *,
    executor: concurrent.futures.Executor | None = None,
    workers: int = 1,
    resume: bool = False,
    on_done: Callable[[list[dict[str, Any]], int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """Run the jobs and return all their records; every finished job is in the ledger before the next is reported.

    executor  any concurrent.futures.Executor (a Dask client's `get_executor()`, say); by default processes, or this
              process for one worker
    resume    keep what the ledger has and run only what is missing; otherwise the ledger starts anew
    """
    work = list(work)
    ledger = Path(ledger)
    try:
        ledger.parent.mkdir(parents=True, exist_ok=True)
        finished = read(ledger)  # a file that is no ledger is refused, not overwritten
        ledger.open("a").close()
    except OSError as error:
        raise InvalidArgument(f"ledger {ledger} cannot be written ({error.strerror}).") from None
    if not resume:
        finished = []
    # a killed run may have left half a line
    ledger.write_text("".join(json.dumps(record, allow_nan=False) + "\n" for record in finished))
    done = {record["job"] for record in finished}
    wanted = {job.key for job in work}
    finished = [record for record in finished if record["job"] in wanted]
    pending = [job for job in work if job.key not in done]
    total, count = len(work), len(work) - len(pending)
    records = list(finished)
    with ledger.open("a") as stream:
        for result in _results(pending, executor, workers):
            stream.writelines(json.dumps(record, allow_nan=False) + "\n" for record in result.records)
            stream.flush()
            records += result.records
            count += 1
            if on_done is not None:
                on_done(result.records, count, total)
    order = {job.key: place for place, job in enumerate(work)}
    return sorted(records, key=lambda record: order[record["job"]])


def _results(pending: list[Job], executor: concurrent.futures.Executor | None, workers: int) -> Iterable[Done]:
    if executor is None and workers == 1:
        yield from map(_run_next, pending)
        return
    own = None
    if executor is None:
        # spawn: a forked child of a process that has started JAX's threads can deadlock
        own = executor = concurrent.futures.ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), _one_thread_each
        )
    try:
        futures = [executor.submit(_run_next, job) for job in pending]
        died = False
        for future in concurrent.futures.as_completed(futures):
            if isinstance(future.exception(), concurrent.futures.BrokenExecutor):
                died = True  # others may have finished before
            else:
                yield future.result()
        if died:
            raise BroximalError(
                "a worker process died, perhaps for want of memory; what is finished is in the ledger, --resume goes on."
            )
    finally:
        if own is not None:
            own.shutdown(cancel_futures=True)


def _one_thread_each() -> None:
    """Processes that compete for the cores with the threads of their linear algebra are many times slower."""
    threadpool_limits(1)


def read(ledger: str | Path) -> list[dict[str, Any]]:
    """The whole records of a ledger; an unfinished last line (a killed run) is dropped with its check."""
    path = Path(ledger)
    if not path.exists():
        return []
    records = []
    try:
        lines = path.read_text().splitlines()
    except UnicodeDecodeError:
        raise InvalidArgument(f"ledger {path} is not text.") from None
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            if number == len(lines) and line.startswith('{"'):
                break
            raise InvalidArgument(f"ledger {path} is not JSON lines: line {number} cannot be read.") from None
        if not isinstance(record, dict) or "job" not in record or "claims_in_job" not in record:
            raise InvalidArgument(f"ledger {path} was not written by a sweep: line {number} names no job.")
        records.append(record)
    counts: dict[str, int] = {}
    for record in records:
        counts[record["job"]] = counts.get(record["job"], 0) + 1
    return [record for record in records if counts[record["job"]] == record["claims_in_job"]]
