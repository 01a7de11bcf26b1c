"""Theorems over families, norms and dimensions, from Python."""

import concurrent.futures
import contextlib
import dataclasses
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from broximal.oracles import norms as norm_names
from broximal.oracles.arguments import as_integer, nearest
from broximal.oracles.arrays import as_number
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.oracles.norm import Norm
from broximal.problems.catalogue import families
from broximal.problems.problem import Problem
from broximal.theory.language.catalogue import find, origin
from broximal.theory.language.theorem import Theorem
from broximal.verify.content import digest, statement_digest
from broximal.verify.for_runs import as_given
from broximal.verify.freeze import freeze, thaw
from broximal.verify.loading import loaded
from broximal.verify.sweeping import Job, Plan, run_jobs
from broximal.verify.verdict import Verdict, joined
from broximal.verify.witness import is_known


class Records(list[dict[str, Any]]):
    """The records of many checks (see `Report.records`): prints as one table, has one verdict, saves, plots."""

    @property
    def verdict(self) -> Verdict:
        """As for `Reports`: what speaks against the statements first, then the strongest of what passes."""
        return joined({Verdict(record["verdict"]) for record in self})

    @property
    def as_expected(self) -> bool:
        """Did every check end as expected?"""
        return all(record["as_expected"] for record in self)

    def save(self, path: str | Path) -> None:
        """Write the records as one JSON list, which `broximal replay` reads. Raises InvalidArgument."""
        from broximal.verify.saving import save_json

        save_json(self, Path(path))

    def plot(self, folder: str | Path) -> None:
        """One picture a theorem into this folder. Raises InvalidArgument."""
        from broximal.verify.summary import save_plots

        save_plots(self, Path(folder))

    def __str__(self) -> str:
        from broximal.verify.summary import summary

        return summary(self)


def sweep(
    theorems: Theorem | str | Sequence[Theorem | str],
    *,
    problems: Sequence[str | type[Problem] | Problem] = (),
    norms: Sequence[str | Norm] = ("l2",),
    dims: Sequence[int] = (10,),
    seeds: int = 2,
    seed: int = 0,
    steps: int | None = None,
    radius: float | None = None,
    constants: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
    ledger: str | Path | None = None,
    resume: bool = False,
    executor: concurrent.futures.Executor | None = None,
    scheduler: str | None = None,
    workers: int = 1,
    on_start: Callable[[Plan], None] | None = None,
    on_done: Callable[[list[dict[str, Any]], int, int], None] | None = None,
) -> Records:
    """Check every theorem on every problem in every norm, or on the theorems' own cases if no problem is given.

    problems  names or classes of families, of which a random member is made for every dimension and seed, or problems
    seeds     how many, from `seed` on; a problem that is given as an object is checked once
    constants, parameters  as for `check`: numbers, one number a layer, or names, in the place of the problems' own constants
              and of the theorems' rules
    ledger    where finished checks are kept, one JSON line a record; with `resume`, those that depend on nothing that has
              changed are not run again
    executor  any concurrent.futures.Executor, or the Dask cluster of a `scheduler` ("tcp://host:8786"), or `workers`
              processes. What is known by name, and problems and norms of plain data, travel there; a theorem that stands in no
              file (see `broximal.verify.loading.load`) does not, and is checked in this process after the others

    Raises InvalidArgument for a name that is not known, for a constant or parameter that a theorem has not, and for a ledger that cannot be one.

    >>> from broximal.verify import sweep
    >>> records = sweep(["bpm.star_rate", "bpm.classic_rate"], problems=["quadratic"], norms=["l2", "linf"], dims=[3], seeds=1)
    >>> len({record["job"] for record in records}), records.verdict.value
    (4, 'holds')
    """
    chosen = [theorems] if isinstance(theorems, (Theorem, str)) else list(theorems)
    if not chosen:
        raise InvalidArgument("theorems is empty; name at least one.")
    for name, value in (("seeds", seeds), ("workers", workers)):
        as_integer(value, name)
    seed = as_integer(seed, "seed", 0)
    steps = None if steps is None else as_integer(steps, "steps")
    if radius is not None:
        radius = float(as_number(radius, "radius", low=0, open_low=True))
    for name, given in (("problems", problems), ("norms", norms), ("dims", dims)):
        if isinstance(given, (str, bytes, Norm, Problem)) or not isinstance(given, Iterable):
            raise InvalidArgument(f"{name} must be a list, not {given!r:.60}.")
    named = [_named(theorem) for theorem in chosen]
    given = as_given([theorem for theorem, _ in named], constants or {}, parameters or {})
    common = {"steps": steps, "radius": radius} | given
    work = [
        dataclasses.replace(job, files=_files(job))
        for theorem in named
        for job in _of(theorem, tuple(problems), tuple(norms), tuple(dims), seed, int(seeds), common)
    ]
    with contextlib.ExitStack() as stack:
        if ledger is None:
            ledger = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "ledger.jsonl"
        return Records(
            run_jobs(
                work,
                ledger,
                executor=executor,
                scheduler=scheduler,
                workers=workers,
                resume=resume,
                on_start=on_start,
                on_done=on_done,
            )
        )


Named = tuple[str, dict[str, Any]]  # what a job says, and the object if the name does not stand for it


def _named(theorem: Theorem | str) -> tuple[Theorem, Named]:
    if isinstance(theorem, str):
        found = find(theorem)
        return found, (theorem, {})
    if not isinstance(theorem, Theorem):
        raise InvalidArgument(f"theorems must be theorems or their names, not {type(theorem).__name__}.")
    if is_known(theorem):
        return theorem, (theorem.name, {})
    return theorem, (f"{theorem.name} #{statement_digest(theorem)[:12]}", {"theorem": theorem})


def _of(named, problems, norms, dims, seed, seeds, common) -> Iterable[Job]:
    theorem, (name, thing) = named
    if not problems:
        for index, case in enumerate(theorem.cases):
            for offset in range(1 if case.fixed or theorem.sampled else seeds):
                yield Job(name, case=index, seed=seed + offset, objects=thing, **common)
        return
    for problem in problems:
        for norm in norms:
            norm_name, norm_thing = _norm(norm)
            if isinstance(problem, Problem):
                label = f"{problem.name} #{digest(problem)[:12]}"
                objects = thing | norm_thing | {"problem": _plain(problem)}
                yield Job(name, seed=seed, problem=label, norm=norm_name, objects=objects, **common)
                continue
            family = _family(problem)
            for dim in dims:
                if isinstance(dim, bool) or not isinstance(dim, (int, np.integer)) or dim < 1:
                    raise InvalidArgument(f"dims must be positive integers, not {dim!r}.")
                for offset in range(seeds):
                    at = {"seed": seed + offset, "norm": norm_name, "dim": int(dim)}
                    if isinstance(family, str):
                        yield Job(name, problem=family, objects=thing | norm_thing, **at, **common)
                    else:
                        made = family.example(int(dim), seed + offset)
                        label, objects = f"{family.__qualname__} #{digest(made)[:12]}", {"problem": _plain(made)}
                        yield Job(name, problem=label, objects=thing | norm_thing | objects, **at, **common)


def _files(job: Job) -> tuple[tuple[str, str], ...]:
    """The loaded files that a process must have to run the job."""
    modules = set() if "theorem" in job.objects else {origin(job.theorem.partition("*")[0])}
    if job.case is None:
        if job.problem is not None and "problem" not in job.objects:
            modules.add(families()[job.problem].__module__)
        for thing in (job.objects.get("problem"), job.objects.get("norm") or norm_names.parse(job.norm or "l2")):
            modules |= _modules(thing if not isinstance(thing, dict) else thaw(thing))
    return tuple((str(file.path), file.sha256) for file in loaded() if file.module.__name__ in modules)


def _modules(thing: Any) -> set[str]:
    """The modules of the classes that an object is made of."""
    if isinstance(thing, (list, tuple)):
        return set().union(*map(_modules, thing)) | {type(thing).__module__}
    if isinstance(thing, dict):
        return _modules(list(thing.values()))
    if dataclasses.is_dataclass(thing):
        fields = [getattr(thing, field.name, None) for field in dataclasses.fields(thing)]
        return {type(thing).__module__} | _modules(fields)
    return {getattr(thing, "__module__", "")} if callable(thing) else set()


def _norm(norm: str | Norm) -> Named:
    if isinstance(norm, str):
        norm_names.parse(norm)
        return norm, {}
    if not isinstance(norm, Norm):
        raise InvalidArgument(f"norms must be norms or their names, not {norm!r:.60}.")
    with contextlib.suppress(InvalidArgument):
        if digest(norm_names.parse(norm.name)) == digest(norm):
            return norm.name, {}
    return f"{norm.name} #{digest(norm)[:12]}", {"norm": _plain(norm)}


def _family(problem: Any) -> str | type[Problem]:
    """The name of a family, or its class if it has none."""
    known = families()
    if isinstance(problem, str):
        if problem not in known:
            raise InvalidArgument(f"problem {problem!r} is no family of the catalogue.{nearest(problem, known)}")
        return problem
    if not (isinstance(problem, type) and issubclass(problem, Problem)):
        raise InvalidArgument(f"problems must be problems, families or their names, not {problem!r:.60}.")
    return problem.alias if problem.alias and known.get(problem.alias) is problem else problem


def _plain(thing: Any) -> Any:
    """As data that can travel and be made again, or else itself."""
    try:
        frozen = freeze(thing)
        return frozen if digest(thaw(frozen)) == digest(thing) else thing
    except BroximalError:
        return thing
