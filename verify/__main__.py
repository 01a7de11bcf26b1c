"""The command line. Exit code 0: as expected; 1: a verdict is not what the catalogue expects; 2: bad usage."""

import dataclasses
import itertools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


# What several commands take. A constant or parameter is an option by its name: `--L 1` is read as `--set L=1`, and which
# names and values there are is declared with the quantities.
Given = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A constant or parameter, also as --NAME VALUE; `broximal list --constants` has them all.",
    ),
]
NormOfLayer = Annotated[str | None, typer.Option("--norm", help="The norm, for rho.")]
ShapeOfLayer = Annotated[list[int] | None, typer.Option("--shape", help="The shape, for rho, as in --shape 768 3072.")]
Theorems = Annotated[
    list[Path] | None,
    typer.Option("--theorems", help="Files with theorems, problems or norms of your own, as in --theorems a.py b.py."),
]
LayerFile = Annotated[Path | None, typer.Option("--layers", help="TOML with one [[layers]] table a layer.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        typer.echo(f"broximal {metadata.version('broximal')}")
        raise typer.Exit()


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Check the theory of methods that move by minimising over norm balls."""


@app.command("list")
def list_(
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    problems: Annotated[bool, typer.Option("--problems", help="List the problem families instead.")] = False,
    norms: Annotated[bool, typer.Option("--norms", help="List the norms instead.")] = False,
    constants: Annotated[
        bool, typer.Option("--constants", help="List the constants and parameters that can be given instead.")
    ] = False,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="The papers for BibTeX instead.")] = False,
    theorems: Theorems = None,
) -> None:
    """List the theorems of the catalogue."""
    _load(theorems)
    if bibtex:
        from broximal.theory.language.source import PAPERS

        typer.echo("\n".join(paper.bibtex for paper in PAPERS), nl=False)
        return
    asked = [what for what, wanted in (("problems", problems), ("norms", norms), ("constants", constants)) if wanted]
    if len(asked) > 1:
        from broximal.oracles.errors import InvalidArgument

        raise InvalidArgument(f"{' and '.join(f'--{what}' for what in asked)} are several lists; ask for one of them.")
    rows = _answers().rows(asked[0] if asked else "theorems")
    if json:
        import json as encoder

        typer.echo(encoder.dumps(rows, indent=1))
        return
    for row in rows:
        repair = f"  -> {row['repair']}" if row.get("repair") else ""
        second = row.get("source_mark") or row.get("range", "")
        units = f"  [{row['units']}]" if row.get("units", "1") != "1" else ""
        safe = f"  ({row['safe']})" if row.get("safe") else ""
        typer.echo(f"{row['name']:34s} {second:26s} {row['title']}{repair}{units}{safe}")


def _answers() -> Any:
    """What can be said of the catalogue, from the index where there is one."""
    from broximal.verify.index import answers

    return answers()


def _load(files: list[Path] | None) -> list[Any]:
    """The files of the user's own, loaded; what they define is then known by name."""
    if not files:
        return []
    from broximal.verify.loading import load

    return [load(path) for path in files]


@app.command()
def show(
    name: str,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="The entry of its paper for BibTeX instead.")] = False,
    theorems: Theorems = None,
) -> None:
    """Show the card of a theorem: method, hypotheses, claims, parameters, source."""
    _load(theorems)
    if bibtex:
        from broximal.theory.language.catalogue import find

        typer.echo(find(name).source.bibtex, nl=False)
        return
    typer.echo(_answers().card(name))


@app.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Theorems; all if none is named.")] = None,
    problem: Annotated[str | None, typer.Option(help="A problem family instead of the theorem's own cases.")] = None,
    norm: Annotated[str | None, typer.Option(help="A norm such as l2, linf, lp(3), spectral.")] = None,
    dim: Annotated[list[int] | None, typer.Option(help="Dimension; may be repeated.")] = None,
    steps: Annotated[int | None, typer.Option(help="How many steps to run.")] = None,
    radius: Annotated[float | None, typer.Option(help="The constant radius.")] = None,
    given: Given = None,
    data: Annotated[
        Path | None, typer.Option(help="A data file (.csv, .tsv, .npz, .parquet, .arrow, svmlight) for a regression.")
    ] = None,
    sep: Annotated[str | None, typer.Option(help="What divides its columns: a character, tab or blank.")] = None,
    header: Annotated[bool | None, typer.Option(help="Is its first line one of names?")] = None,
    label: Annotated[str | None, typer.Option(help="Its column of labels, by name or number from 1.")] = None,
    na: Annotated[str | None, typer.Option(help="Samples that lack a value: drop or refuse (the default).")] = None,
    task: Annotated[str | None, typer.Option(help="classification or regression.")] = None,
    seed: Annotated[int, typer.Option(help="The first seed.")] = 0,
    profile: Annotated[str, typer.Option(help="quick or full.")] = "quick",
    json: Annotated[Path | None, typer.Option("--json", help="Write the records as one JSON list.")] = None,
    plots: Annotated[Path | None, typer.Option(help="Write a picture per theorem into this folder.")] = None,
    plot_format: Annotated[str, typer.Option(help="png or svg.")] = "png",
    ledger: Annotated[Path, typer.Option(help="Finished checks, one JSON line each.")] = Path("out/ledger.jsonl"),
    jobs: Annotated[int, typer.Option(help="Processes.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="The address of a Dask scheduler, whose workers run the checks.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Take from the ledger the finished checks of which nothing has changed.")
    ] = False,
    theorems: Theorems = None,
) -> None:
    """Check theorems, and say for each claim whether it holds, with what error it would have been caught."""
    from broximal.oracles.errors import InvalidArgument
    from broximal.verify import sweeping
    from broximal.verify.instance import as_reading
    from broximal.verify.saving import make_folder, save_json, writable
    from broximal.verify.summary import print_summary, save_plots

    for name, value in (("steps", steps), ("jobs", jobs)):
        if value is not None and value < 1:
            raise InvalidArgument(f"{name} must be a positive integer, not {value}.")
    if jobs > (most := max(16, 4 * (os.cpu_count() or 1))):
        raise InvalidArgument(
            f"jobs must be at most {most} on this machine, not {jobs}; more would only take its memory."
        )
    if seed < 0:
        raise InvalidArgument(f"seed must be a non-negative integer, not {seed}.")
    if plot_format not in ("png", "svg"):
        raise InvalidArgument(f"plot-format must be png or svg, not {plot_format!r}.")
    if data is not None and dim:
        raise InvalidArgument("--dim and --data contradict each other; the data have their own dimension.")
    reading = as_reading({"sep": sep, "header": header, "label": label, "na": na, "task": task})
    if reading and data is None:
        raise InvalidArgument(f"--{reading[0][0]} is about a data file; give one with --data.")
    loaded = _load(theorems)
    files = tuple((str(file.path), file.sha256) for file in loaded)
    names = names or [theorem.name for file in loaded for theorem in file.theorems]
    if theorems and not names and problem is None and data is None:
        raise InvalidArgument("--theorems gives no theorem to check; name one, or a family with --problem.")
    how = {"steps": steps, "radius": radius} | _given_to_runs(given, names)
    if problem is None and data is None:
        if norm is not None or dim:
            raise InvalidArgument("--norm and --dim need --problem or --data.")
        work = sweeping.jobs(names or (), profile=profile, seed=seed, files=files)
        work = [dataclasses.replace(job, **how) for job in work]
    else:
        how |= {"data": None if data is None else str(data), "reading": reading}
        work = _instance_jobs(names or [], problem, norm, dim or [None], how, seed, profile, files)
    if json is not None:
        writable(json)
    if plots is not None:
        make_folder(plots)
    records = _with_progress(work, ledger, jobs, resume, scheduler)
    print_summary(records)
    try:
        if json is not None:
            save_json(records, json)
        if plots is not None:
            without = save_plots(records, plots, plot_format, jobs)
            if without:
                typer.echo(f"no picture, as nothing was compared: {', '.join(without)}")
    except InvalidArgument as error:
        raise InvalidArgument(f"{error} The checks are kept in {ledger}; --resume takes them from there.") from None
    except KeyboardInterrupt:
        typer.echo(f"broximal: interrupted; the checks are kept in {ledger}, --resume takes them from there.", err=True)
        raise typer.Exit(130) from None
    if not all(record["as_expected"] for record in records):
        raise typer.Exit(1)


def _given_to_runs(given: list[str] | None, names: list[str]) -> dict[str, Any]:
    """The constants and parameters of --set, for the theorems that are checked."""
    if not given:
        return {}
    from broximal.oracles.errors import InvalidArgument
    from broximal.theory.language.catalogue import find
    from broximal.verify.for_runs import read
    from broximal.verify.given import assigned

    if not names:
        raise InvalidArgument("--set needs the names of the theorems that it is meant for.")
    return read(assigned(given), [find(name) for name in names])


def _instance_jobs(names, problem, norm, dims, how, seed, profile, files) -> list[Any]:
    from broximal.oracles import norms
    from broximal.theory.language.catalogue import catalogue, find
    from broximal.verify.instance import from_data, make_problem
    from broximal.verify.sweeping import Job, seeds_per_case

    chosen = [find(name) for name in dict.fromkeys(names)] or [
        theorem for theorem in catalogue().values() if theorem.truth
    ]
    seeds = seeds_per_case(profile)
    if how["data"] is not None:  # a wrong name or file is refused before anything is run
        typer.echo(from_data(problem, how["data"], how["reading"])[1])
    else:
        for dim in dims:
            make_problem(problem, dim, seed, None)
    norms.parse(norm or "l2")
    return [
        Job(theorem.name, seed=seed + offset, problem=problem, norm=norm, dim=dim, files=files, **how)
        for theorem in chosen
        for dim in dims
        for offset in range(1 if how["data"] else seeds)
    ]


def _with_progress(
    work: list[Any], ledger: Path, workers: int, resume: bool, scheduler: str | None
) -> list[dict[str, Any]]:
    """Run the sweep with a live display: a bar, the check that ended last, and what is unexpected so far."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from broximal.oracles.numerals import number_of
    from broximal.verify.sweeping import Plan, run_jobs

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    finished = unexpected = 0
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("starting", total=len(work))

        def on_start(plan: Plan) -> None:
            nonlocal finished
            finished = plan.reused
            if plan.damage:
                console.print(plan.damage, markup=False, highlight=False, soft_wrap=True)
            if resume:
                said = f"{plan.reused} of {number_of(plan.total, 'check')} taken from {ledger}"
                changed = f"; {plan.changed} had changed" if plan.changed else ""
                console.print(f"{said}{changed}.", markup=False, highlight=False, soft_wrap=True)

        def on_done(records: list[dict[str, Any]], count: int, total: int) -> None:
            nonlocal finished, unexpected
            finished = count
            unexpected += not records[0]["as_expected"]
            note = escape(f"{records[0]['theorem']} on {records[0]['problem']}: {records[0]['verdict']}")
            if unexpected:
                note += f"  [red]{unexpected} unexpected[/]"
            progress.update(task, completed=count, description=note)
            if not console.is_terminal and (count % 25 == 0 or count == total):
                console.print(f"{count} of {number_of(total, 'check')}, {unexpected} unexpected")

        try:
            return run_jobs(
                work,
                ledger,
                workers=workers,
                scheduler=scheduler,
                resume=resume,
                keep=True,
                on_start=on_start,
                on_done=on_done,
            )
        except KeyboardInterrupt:
            progress.stop()
            typer.echo(
                f"broximal: interrupted; {finished} of {number_of(len(work), 'check')} kept in {ledger}, --resume goes on.",
                err=True,
            )
            raise typer.Exit(130) from None


@app.command()
def stepsize(
    name: str,
    given: Given = None,
    norm: NormOfLayer = None,
    shape: ShapeOfLayer = None,
    layers: LayerFile = None,
    eps: Annotated[float | None, typer.Option("--eps", help="The accuracy to reach.")] = None,
    theorems: Theorems = None,
) -> None:
    """Radius, stepsize, momentum and number of steps that a theorem prescribes, as formulas and numbers.

    Constants and parameters are options by their names, as in `broximal stepsize bpm.sublevel_rate --R0 3 --d0 10 --t 0.25`.
    """
    from broximal.oracles.errors import InvalidArgument
    from broximal.theory.language.declaration import range_of
    from broximal.theory.prescriptions.stepsize import HORIZON, parameters, speaks_of
    from broximal.verify import prescribing
    from broximal.verify.given import assigned, constants, numbers

    _load(theorems)
    outline = _answers().outline(name)  # first: it brings the names of constants
    if not outline.truth:
        raise InvalidArgument(f"name {name!r} is a false statement; its repair is {outline.repair!r}.")
    if eps is not None:
        range_of("eps").check(eps, "eps")
    own = constants(numbers(assigned(given or ())), norm, shape, layers)
    lines = parameters(outline, own.values, eps, own.layers)
    adaptive = outline.method.adaptive
    if not lines and not adaptive:
        typer.echo(f"{outline.name} prescribes nothing: it has no parameter, and no bound that is explicit in K.")
        return
    spoken = speaks_of(outline) | {HORIZON}
    shown = [*prescribing.method_lines(outline), *prescribing.derived_lines(own, spoken), *prescribing.lines_of(lines)]
    typer.echo("\n".join(shown))
    if needed := prescribing.glossary(lines, outline):
        typer.echo("needed:\n" + "\n".join(needed))
    if idle := [each for each in own.values if each not in spoken and each not in own.computed]:
        typer.echo(f"note: {', '.join(idle)} changes nothing; {outline.name} does not speak of it.", err=True)


@app.command()
def compare(
    eps: Annotated[float, typer.Option("--eps", help="The accuracy to reach.")],
    given: Given = None,
    norm: NormOfLayer = None,
    shape: ShapeOfLayer = None,
    layers: LayerFile = None,
    theorems: Theorems = None,
) -> None:
    """Rank the theorems by the number of steps that they promise for these constants, and say which is tightest where.

    Constants are options by their names, as in `broximal compare --L 1 --d0 5 --eps 0.01`. Theorems that answer the same
    question are ranked together; what is left out is listed with its reason.
    """
    from broximal.verify.comparison import compare as compared
    from broximal.verify.given import assigned, constants, numbers
    from broximal.verify.prescribing import comparison_lines

    _load(theorems)
    outlines = _answers().outlines()  # first: they bring the names of constants
    own = constants(numbers(assigned(given or ())), norm, shape, layers)
    typer.echo("\n".join(comparison_lines(compared(own.values, eps, outlines), eps, own, outlines)))


@app.command()
def replay(file: Path, theorems: Theorems = None) -> None:
    """Run the violations recorded in a report or ledger again, and compare them with what was recorded."""
    from broximal.verify.replay import read_witnesses, replay as again
    from broximal.verify.show import text

    _load(theorems)
    recorded, missing, damage = read_witnesses(file)
    if damage:
        typer.echo(f"note: {damage}", err=True)
    if not recorded and not missing:
        typer.echo(f"{file} records no violation.")
        return
    replayed = [again(each) for each in recorded]
    if replayed:
        typer.echo(text([each.report for each in replayed if each.report is not None]))
    for note in (note for each in replayed for note in each.notes):
        typer.echo(f"note: {note}", err=True)
    differences = [difference for each in replayed for difference in each.differences]
    for difference in (*missing, *differences):
        typer.echo(f"not as recorded: {difference}" if difference in differences else difference, err=True)
    if missing or differences:
        raise typer.Exit(1)


@app.command()
def new(
    kind: Annotated[str, typer.Argument(help="theorem, method, compressor, problem or norm.")],
    file: Annotated[Path, typer.Argument(help="The file to write; none that exists is overwritten.")],
) -> None:
    """Write a commented template that runs as it is: a theorem, method, problem or norm of your own."""
    from broximal.verify.templates import write

    typer.echo(f"{file} is written; run it with\n\n    {write(kind, file)}")


@app.command("audit-lmo")
def audit_lmo(
    file: Annotated[Path | None, typer.Argument(help="A .npy file with a gradient matrix.")] = None,
    shape: Annotated[tuple[int, int] | None, typer.Option(help="Rows and columns of generated gradients.")] = None,
    method: Annotated[list[str] | None, typer.Option(help="A method; may be repeated.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the generated gradients.")] = 0,
    json: Annotated[Path | None, typer.Option("--json", help="Write the records as one JSON list.")] = None,
) -> None:
    """What an approximate polar factor costs: captured dual norm, size, time, and the factor on the number of steps."""
    from broximal.oracles.errors import InvalidArgument
    from broximal.verify import audit

    if file is not None and shape is None:
        samples = {str(file): audit.load(file)}
    elif shape is not None and file is None:
        samples = audit.gradients(*shape, seed=seed)
    else:
        raise InvalidArgument("audit-lmo needs either a file or --shape.")
    records = audit.audit(samples, method)
    audit.print_table(records)
    if json is not None:
        audit.save(records, json)


def _options(command: str) -> dict[str, Any]:
    """The options of a command by their words."""
    found = getattr(typer.main.get_command(app), "commands", {}).get(command)
    return {
        word: option
        for option in getattr(found, "params", ())
        for word in (*option.opts, *option.secondary_opts)
        if word.startswith("-")
    }


MANY: dict[str, Callable[[str], bool]] = {"--shape": str.isdecimal, "--theorems": lambda word: word.endswith(".py")}


def _one_value_each(arguments: list[str]) -> list[str]:
    """`--shape 768 3072` as `--shape 768 --shape 3072`, which is how options of any length are read; `--theorems` as well."""
    options = _options(arguments[0]) if set(MANY) & set(arguments) else {}
    found: list[str] = []
    inside = ""  # the option whose values are read
    for position, word in enumerate(arguments):
        if inside and not MANY[inside](word):
            inside = ""
        elif inside and arguments[position - 1] != inside:
            found.append(inside)
        if word in MANY and getattr(options.get(word), "multiple", False):
            inside = word
        found.append(word)
    return found


def _named_as_set(arguments: list[str]) -> list[str]:
    """`--L 1` and `--L=1` as `--set L=1`, for commands that take constants and words that are no options of theirs."""
    options = _options(arguments[0] if arguments else "")
    if "--set" not in options:
        return arguments
    found, words = arguments[:1], iter(arguments[1:])
    for word in words:
        name, equals, value = word.removeprefix("--").partition("=")
        if word == "--":
            return [*found, word, *words]
        if not word.startswith("--") or f"--{name}" in options or name == "help":
            found.append(word)
            # the value of an option may look like one: --seed -1, --norm --L
            if (
                not equals
                and not getattr(options.get(word), "is_flag", True)
                and (after := next(words, None)) is not None
            ):
                found.append(after)
            continue
        if (not equals and (value := next(words, "")).startswith("--")) or not value:
            from broximal.oracles.errors import InvalidArgument

            raise InvalidArgument(f"option --{name} needs a value.")
        found += ["--set", f"{name}={value}"]
    return found


def _refuse_doubled(arguments: list[str]) -> None:
    """Raise InvalidArgument for an option that is given twice and takes one value: one of them would be lost."""
    once = {
        word: option.name
        for word, option in _options(arguments[0] if arguments else "").items()
        if not getattr(option, "multiple", True)
    }
    seen: set[str] = set()
    for word in itertools.takewhile(lambda word: word != "--", arguments[1:]):
        name = word.partition("=")[0]
        if not name.startswith("--") or name not in once:
            continue
        if once[name] in seen:
            from broximal.oracles.errors import InvalidArgument

            raise InvalidArgument(f"option {name} is given twice; it takes one value.")
        seen.add(once[name])


def main() -> None:
    """Entry point: broximal's own errors become one sentence and exit code 2."""
    try:
        arguments = _named_as_set(_one_value_each(sys.argv[1:]))
        _refuse_doubled(arguments)
        app(args=arguments)
    except Exception as error:
        from broximal.oracles.errors import BroximalError  # here, so that `--help` does not load the oracles

        if not isinstance(error, BroximalError):
            raise
        # names in files and arguments may hold anything; a sentence is one line
        said = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(error))
        typer.echo(f"broximal: {said}", err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
