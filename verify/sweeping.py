"""Many checks: the catalogue over its cases and seeds, in processes, one JSON line per finished check, resumable."""

import concurrent.futures
import dataclasses
import json
from collections.abc import Callable, Container, Iterable
from pathlib import Path
from typing import Any

from broximal.oracles import norms
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.oracles.norm import Norm
from broximal.problems.catalogue import families
from broximal.problems.problem import Problem
from broximal.theory.language.catalogue import catalogue, find
from broximal.theory.language.theorem import Theorem
from broximal.verify import cluster
from broximal.verify.beside import move_in
from broximal.verify.content import digest, file_digest, surroundings, theorem_digest
from broximal.verify.freeze import thaw
from broximal.verify.instance import from_data, make_problem
from broximal.verify.lanes import Lanes
from broximal.verify.ledger import Ledger
from broximal.verify.loading import ensure
from broximal.verify.programs import forget
from broximal.verify.report import clean

Files = tuple[tuple[str, str], ...]
Given = tuple[tuple[str, Any], ...]


@dataclasses.dataclass(frozen=True)
class Job:
    """One check: a theorem on one of its cases with one seed, or on a problem in a norm.

    reading  (name, value) of how the data file is read (see `problems.data.load`)
    constants, parameters  (name, value) of what is given in the place of the problem's own, or of the theorem's rules
    files    (path, hash) of the files of the user's own that must be loaded for the names to be known
    objects  theorem, problem and norm that have no name: as objects, or as plain data (see `freeze`) that can travel to
             other processes; `theorem`, `problem` and `norm` then only say which they are
    """

    theorem: str
    case: int | None = None
    seed: int = 0
    problem: str | None = None
    norm: str | None = None
    dim: int | None = None
    steps: int | None = None
    radius: float | None = None
    data: str | None = None
    reading: Given = ()
    constants: Given = ()
    parameters: Given = ()
    files: Files = dataclasses.field(default=(), compare=False)
    objects: dict[str, Any] = dataclasses.field(default_factory=dict, compare=False, repr=False)

    def names(self) -> dict[str, Any]:
        """What tells this check from every other one, by field."""
        fields = [field.name for field in dataclasses.fields(self) if field.compare]
        return {name: getattr(self, name) for name in fields}

    @property
    def key(self) -> str:
        """`names` as text."""
        return json.dumps(self.names(), sort_keys=True)

    @property
    def travels(self) -> bool:
        """Can another process run it?"""
        return all(isinstance(thing, dict) for thing in self.objects.values())


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


def jobs(names: Iterable[str] = (), *, profile: str = "quick", seed: int = 0, files: Files = ()) -> list[Job]:
    """The checks of a profile: every case of every theorem (or of the named ones), over the profile's seeds.

    The files are those of the user's own that the names come from, loaded already. A check of an expectation draws many paths by itself, so that the quick profile makes it on one instance.
    """
    seeds = seeds_per_case(profile)
    chosen = [find(name) for name in dict.fromkeys(names)] or list(catalogue().values())
    return [
        Job(theorem.name, case=index, seed=seed + offset, files=files)
        for theorem in chosen
        for index, case in enumerate(theorem.cases)
        if profile == "full" or not case.slow
        for offset in range(1 if case.fixed or (profile == "quick" and theorem.sampled) else seeds)
    ]


def the_theorem(job: Job) -> Theorem:
    """The theorem of a job. Raises InvalidArgument for a name that is not known."""
    return job.objects.get("theorem") or find(job.theorem)


def instance(job: Job) -> tuple[Problem, Norm]:
    """Problem and norm of a job that is not of a case. Raises InvalidArgument."""
    problem: Any = job.objects.get("problem")
    norm: Any = job.objects.get("norm")
    if problem is None:
        problem = make_problem(job.problem, job.dim, job.seed, job.data, job.reading)
    if norm is None:
        norm = norms.parse(job.norm or "l2")
    return (
        thaw(problem) if isinstance(problem, dict) else problem,
        thaw(norm) if isinstance(norm, dict) else norm,
    )


def content(job: Job) -> str:
    """The hash of everything that the outcome depends on (see `content`)."""
    described: list[Any] = [surroundings(), theorem_digest(the_theorem(job)), job.names()]
    if job.case is None:
        if job.data is not None:
            described.append(file_digest(job.data))
        elif "problem" not in job.objects and job.problem is not None:
            described.append(families().get(job.problem))
        described += [job.objects.get("problem"), job.objects.get("norm") or norms.parse(job.norm or "l2")]
    return digest(*described, _made(job))


def _made(job: Job) -> Any:
    """The problem and start that own code makes for a job, which may read files; None where it is the package's."""
    try:
        if job.case is not None:
            case = the_theorem(job).cases[job.case]
            if _of_package(case.problem.__module__):
                return None
            problem = case.problem(job.seed)
            return problem, None if case.x0 is None else case.x0(problem)
        if "problem" in job.objects or job.problem is None or _of_package(families()[job.problem].__module__):
            return None
        return make_problem(job.problem, job.dim, job.seed, job.data, job.reading)
    except Exception as failure:  # the check will say so
        return f"{type(failure).__name__}: {failure}"


def _of_package(module: str) -> bool:
    return module.split(".")[0] == "broximal"


def run(job: Job) -> Done:
    """Run one job in this process."""
    from broximal.verify.checking import check, check_case

    for path, sha256 in job.files:
        ensure(path, sha256)
    theorem = the_theorem(job)
    given: dict[str, Any] = {"constants": dict(job.constants) or None, "parameters": dict(job.parameters) or None}
    if job.case is not None:
        report = check_case(theorem, job.case, seed=job.seed, radius=job.radius, steps=job.steps, **given)
    else:
        report = check(
            theorem,
            *instance(job),
            radius=job.radius,
            steps=job.steps,
            seed=job.seed,
            recipe=None if job.objects or job.constants or job.parameters else recipe_of(job),
            **given,
        )
    found = report.records()
    common = {"job": job.key, "as_expected": report.as_expected, "claims_in_job": len(found)}
    if job.data is not None:
        common["data"] = from_data(job.problem, job.data, job.reading)[1]
    records = [clean(record | common) for record in found]
    return Done(job, records, report.as_expected)


def recipe_of(job: Job) -> dict[str, Any]:
    """How to make the instance of a job by names again, with the hash of its data file."""
    recipe = {key: getattr(job, key) for key in ("problem", "norm", "dim", "radius", "data")}
    recipe = {key: value for key, value in recipe.items() if value is not None}
    if job.data is not None:
        recipe |= {"reading": dict(job.reading), "data_sha256": file_digest(job.data)}
    return recipe


_latest = ""  # the theorem that this process checked last


def run_next(job: Job) -> Done:
    """Run one job; what was compiled for another theorem is dropped first, as the catalogue's would fill gigabytes."""
    global _latest
    if _latest and job.theorem != _latest:
        forget()
    _latest = job.theorem
    return run(job)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a run finds before it starts.

    reused   checks that the ledger has, of the same content
    changed  checks that the ledger has, but of a theorem, instance or version that is not the same any more
    damage   what of the ledger could not be read, in words
    """

    total: int
    reused: int
    changed: int
    damage: str


def run_jobs(
    work: Iterable[Job],
    ledger: str | Path,
    *,
    executor: concurrent.futures.Executor | None = None,
    scheduler: str | None = None,
    workers: int = 1,
    resume: bool = False,
    keep: bool = False,
    on_start: Callable[[Plan], None] | None = None,
    on_done: Callable[[list[dict[str, Any]], int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """Run the jobs and return all their records; every finished job is in the ledger before the next is reported.

    executor  any concurrent.futures.Executor; by default processes, or this process for one worker; a job that cannot
              travel is run in this process after the others
    scheduler the address of a Dask scheduler, in the place of an executor (see `cluster`)
    resume    take from the ledger what was finished, if all that it depends on is the same (see `content`), and run the
              rest; otherwise the ledger starts anew
    keep      compiled programs for later runs, where processes check what is of the package alone

    Raises InvalidArgument for a ledger that is none, cannot be written, or is being written by another process.
    """
    work = list({job.key: job for job in work}.values())
    with Ledger(ledger) as book:
        contents = {job.key: content(job) for job in work}
        before = book.content.records if resume else []
        kept = [r for r in before if r.get("content") == contents.get(r["job"], r.get("content"))]
        kept, records = _with_arrays(kept, contents, book.path.parent)
        done = {record["job"] for record in kept}
        pending = [job for job in work if job.key not in done]
        if on_start is not None:
            changed = {record["job"] for record in before} - done
            on_start(Plan(len(work), len(work) - len(pending), len(changed), book.content.damage))
        book.start(kept)
        count = len(work) - len(pending)
        for result in _results(pending, executor, scheduler, workers, keep):
            found = [record | {"content": contents[result.job.key]} for record in result.records]
            book.append(found)
            records += found
            count += 1
            if on_done is not None:
                on_done(found, count, len(work))
    order = {job.key: place for place, job in enumerate(work)}
    return sorted(records, key=lambda record: order[record["job"]])


def _with_arrays(
    kept: list[dict[str, Any]], wanted: Container[str], folder: Path
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The records as they stand, and those that are wanted with their arrays; without the checks whose arrays are lost."""
    whole, lost = [], set()
    for record in kept:
        if record["job"] in wanted:
            try:
                whole.append(move_in(record, folder))
            except InvalidArgument:
                lost.add(record["job"])
    kept, whole = ([record for record in some if record["job"] not in lost] for some in (kept, whole))
    return kept, whole


def _results(
    pending: list[Job],
    executor: concurrent.futures.Executor | None,
    scheduler: str | None,
    workers: int,
    keep: bool,
) -> Iterable[Done]:
    elsewhere = executor is not None or scheduler is not None or workers > 1
    away = [job for job in pending if job.travels] if elsewhere else []
    if away and scheduler is not None:
        yield from cluster.results(scheduler, away)
    elif away:
        yield from _elsewhere(away, executor, workers, keep)
    here = {job.key for job in pending} - {job.key for job in away}
    yield from map(run_next, (job for job in pending if job.key in here))


def _elsewhere(
    pending: list[Job], executor: concurrent.futures.Executor | None, workers: int, keep: bool
) -> Iterable[Done]:
    try:
        if executor is None:
            keep = keep and not any(job.files or job.objects for job in pending)
            yield from Lanes(run_next, pending, workers, kind=lambda job: job.theorem, keep=keep).results()
        else:
            yield from _on(executor, pending)
    except concurrent.futures.BrokenExecutor:
        raise BroximalError(f"a worker process died, perhaps for want of memory; {cluster.KEPT}") from None


def _on(executor: concurrent.futures.Executor, pending: list[Job]) -> Iterable[Done]:
    """On somebody else's executor; if it breaks, that is raised after what was finished before."""
    broken = None
    for future in concurrent.futures.as_completed([executor.submit(run_next, job) for job in pending]):
        if isinstance(future.exception(), concurrent.futures.BrokenExecutor):
            broken = future.exception()
        else:
            yield future.result()
    if broken is not None:
        raise broken
