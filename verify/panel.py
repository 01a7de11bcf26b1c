"""One panel of a picture: what was measured against the bound, over the steps, or one mark a seed for a single number.

Colours are those of Okabe and Ito, which everybody can tell apart; lines differ in their dashes too.
"""

from typing import Any

import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from broximal.oracles.numerals import number_of
from broximal.verify.mathtext import drawn, size_for

MEASURED, BOUND, BUDGET, REFUTED = "#0072B2", "black", "#999999", "#D55E00"
NARROW = 4.0  # the largest ratio of values for which a logarithm shows nothing
DECADES = 20  # what is farther below the largest value is left out, and said
POINTS = 310.0  # width of a panel
SIDE = 160.0  # height of its axis


def has_picture(record: dict[str, Any]) -> bool:
    """Was anything compared?"""
    return len((record.get("curve") or {}).get("index", ())) > 0


def draw(place: Any, instance: str, label: str, group: list[dict[str, Any]]) -> None:
    """The panel of one claim on one instance, from the records of its seeds."""
    single = all(len(record["curve"]["index"]) == 1 for record in group)
    series = _by_seed(group) if single else _along(group)
    _scale(place, series)
    _bound(place, series, single)
    _measured(place, series, single)
    _marks(place, series, group, single)
    quantity, _, formula = (record := group[0]).get("shown") or ("", "", "")
    verdicts = sorted({str(record["verdict"]) for record in group})
    place.set_title(f"{instance}\n{label}: {', '.join(verdicts)}".replace("$", r"\$"), fontsize=9)
    _labels(place, quantity, record, len(group), single)
    _legend(place, formula)


# ---- the numbers -----------------------------------------------------------------------------------------------------


def _along(group: list[dict[str, Any]]) -> dict[str, Any]:
    """For every name of the curves (3, m): least, median and largest over the seeds at the indices x that any has."""
    x = np.unique(np.concatenate([np.asarray(record["curve"]["index"], dtype=int) for record in group]))
    found: dict[str, Any] = {"x": x, "seeds": len(group)}
    for name in ("measured", "bound", "budget", "low", "high"):
        table = np.full((len(group), len(x)), np.nan)
        for row, record in enumerate(group):
            values = np.array(record["curve"].get(name, []), dtype=float)
            table[row, np.searchsorted(x, record["curve"]["index"][: len(values)])] = values
        found[name] = _spread(table)
    return found


def _by_seed(group: list[dict[str, Any]]) -> dict[str, Any]:
    """The same of claims about one number, with the place of the seed as x."""
    found: dict[str, Any] = {"x": np.arange(len(group)), "seeds": 1}
    for name in ("measured", "bound", "budget", "low", "high"):
        row = [float((record["curve"].get(name) or [np.nan])[0]) for record in group]
        found[name] = np.array([row] * 3)
    return found


def _spread(table: np.ndarray) -> np.ndarray:
    empty = np.all(np.isnan(table), axis=0)
    ordered = np.where(empty, 0.0, table)
    return np.where(
        empty, np.nan, [np.nanmin(ordered, axis=0), np.nanmedian(ordered, axis=0), np.nanmax(ordered, axis=0)]
    )


# ---- the axes --------------------------------------------------------------------------------------------------------


def _scale(place: Any, series: dict[str, Any]) -> None:
    """Logarithmic where values are positive and far apart, on both sides of 0 where a sign is beyond the budget."""
    every = np.concatenate([series[name].ravel() for name in ("measured", "bound", "low", "high")])
    every = every[np.isfinite(every)]
    budget = np.nan_to_num(series["budget"][2], nan=0.0, posinf=0.0)
    signed = any(np.any(series[name][0] < -budget) for name in ("measured", "bound"))
    sizes = np.abs(every[every != 0])
    if signed and len(sizes) and sizes.max() > NARROW * sizes.min():
        place.set_yscale("symlog", linthresh=max(sizes.min(), 1e-6 * sizes.max()))
        place.axhline(0, color=BUDGET, lw=0.6)
    elif not signed and len(sizes) and (sizes.max() > NARROW * sizes.min() or len(sizes) < len(every)):
        place.set_yscale("log", nonpositive="mask")
        low = max(_least(series, budget, sizes.min()), sizes.max() * 10.0**-DECADES)
        place.set_ylim(low / 1.6, sizes.max() * 1.6)
        place.yaxis.set_major_locator(LogLocator(numticks=7))
        few = sizes.max() < 100 * low  # a decade or two have too few ticks of their own
        place.yaxis.set_minor_locator(LogLocator(subs=(2, 5), numticks=12) if few else NullLocator())
        if few:
            place.yaxis.set_minor_formatter(place.yaxis.get_major_formatter())
        else:
            place.yaxis.set_minor_formatter(NullFormatter())
    elif len(every):
        room = 0.08 * (every.max() - every.min()) or 0.1 * abs(every.max()) or 1.0
        place.set_ylim(every.min() - room, every.max() + room)
    place.tick_params(labelsize=8, which="both")


def _least(series: dict[str, Any], budget: np.ndarray, otherwise: float) -> float:
    """The least value that is more than its error budget: what is below it is left out, and said."""
    groups = (series[name] for name in ("measured", "bound"))
    sure = [values[np.isfinite(values) & (values > budget) & (values > 0)] for values in groups]
    sure.append(series["low"][series["low"] > 0])
    found = np.concatenate(sure)
    return float(found.min()) if len(found) else otherwise


def _labels(place: Any, quantity: str, record: dict[str, Any], count: int, single: bool) -> None:
    text = drawn(quantity)
    size = None if text is None else size_for(text, SIDE)
    place.set_ylabel(text if size is not None else "measured", fontsize=size or 8)
    place.margins(x=0.02)
    if single:
        place.set_xlim(-0.6, count - 0.4)
        named = [f"at index {record['curve']['index'][0]}"] if count == 1 else [""] * count
        place.set_xticks(range(count), named, fontsize=8)
        if count > 1:
            place.set_xlabel(f"{number_of(count, 'seed')}, one mark each", fontsize=8)
    else:
        place.xaxis.set_major_locator(MaxNLocator(integer=True))
        place.set_xlabel("k" if count == 1 else f"k ({number_of(count, 'seed')})", fontsize=8)


# ---- the curves ------------------------------------------------------------------------------------------------------


def _bound(place: Any, series: dict[str, Any], single: bool) -> None:
    x, (low, middle, high) = series["x"], series["bound"]
    if single:
        place.plot(x, middle, color=BOUND, ls="", marker="_", ms=22, mew=1.8, label="bound")
        return
    dashes = {"ls": (0, (4, 3)), "lw": 1.5, "marker": "." if len(x) < 30 else None, "ms": 4}
    place.plot(x, middle, color=BOUND, zorder=3, label="bound", **dashes)
    if series["seeds"] > 1:
        place.fill_between(x, low, high, color=BOUND, alpha=0.12, lw=0)


def _measured(place: Any, series: dict[str, Any], single: bool) -> None:
    x, (low, middle, high) = series["x"], series["measured"]
    name = "measured"
    ends, tops = series["low"][0], series["high"][2]
    known = np.isfinite(ends)
    if np.any(known):
        name = "mean over paths"
        open_ = known & ~np.isfinite(tops)
        up = np.where(open_, 0.0, np.maximum(tops - middle, 0.0))[known]
        place.errorbar(
            x[known],
            middle[known],
            yerr=[np.maximum(middle - ends, 0.0)[known], up],
            color=MEASURED,
            ls="",
            capsize=4,
            lw=1.2,
            label="interval of the mean" + (", from below only" if np.any(open_) else ""),
        )
    line = {"ls": "", "marker": "o", "ms": 5} if single else {"lw": 2.2, "marker": "." if len(x) < 30 else None}
    place.plot(x, middle, color=MEASURED, label=name, **line)
    if series["seeds"] > 1:
        place.fill_between(x, low, high, color=MEASURED, alpha=0.2, lw=0)


def _marks(place: Any, series: dict[str, Any], group: list[dict[str, Any]], single: bool) -> None:
    """What a curve alone does not show: the budget, values that the axis cannot, and where a claim is refuted."""
    budget = series["budget"][2]
    if not np.any(np.isfinite(series["low"])) and np.any(budget > 0):
        place.plot(series["x"], budget, color=BUDGET, ls=":", lw=1, label=f"error budget ≤ {np.nanmax(budget):.0e}")
    if place.get_yscale() == "log":
        bottom = place.get_ylim()[0]
        for height, name, colour in ((0.015, "measured", MEASURED), (0.04, "bound", BOUND)):
            with np.errstate(invalid="ignore"):
                gone = series[name][0] < bottom
                zero = series[name][0] <= 0
            if np.any(gone):
                said = "≤ 0" if np.all(zero[gone]) else "≤ 0 or below the panel"
                _rug(place, series["x"][gone], height, colour, f"{name} {said} at {np.sum(gone)} of {len(gone)}")
    endless = np.isposinf(series["bound"][1])
    if np.any(endless):
        said = f"bound infinite at {np.sum(endless)} of {len(endless)}"
        _rug(place, series["x"][endless], 0.985, BOUND, said)
    _refuted(place, group, single)


def _rug(place: Any, x: np.ndarray, height: float, colour: str, label: str) -> None:
    edge = place.get_xaxis_transform()
    place.plot(x, np.full(len(x), height), transform=edge, color=colour, ls="", marker="|", ms=6, label=label)


def _refuted(place: Any, group: list[dict[str, Any]], single: bool) -> None:
    """The step that the verdict names."""
    steps = {n: step for n, record in enumerate(group) if (step := _refuted_at(record)) is not None}
    if not steps:
        return
    curves = [group[n]["curve"] for n in steps]
    heights = [
        float(own["measured"][own["index"].index(step)]) for own, step in zip(curves, steps.values(), strict=True)
    ]
    different = sorted(set(steps.values()))
    where = list(steps) if single else list(steps.values())
    few = ", ".join(map(str, different[:4])) + (", …" if len(different) > 4 else "")
    name = "refuted" if single else f"refuted at k = {few}"
    place.plot(where, heights, color=REFUTED, ls="", marker="o", ms=11, mfc="none", mew=1.8, label=name)
    if not single:
        for step in different:
            place.axvline(step, color=REFUTED, lw=0.8, ls="-.")


def _refuted_at(record: dict[str, Any]) -> int | None:
    index = record["curve"]["index"]
    if record["verdict"] != "violated":
        return None
    return int(index[0]) if len(index) == 1 else record["worst_step"] if record["worst_step"] in index else None


def _legend(place: Any, formula: str) -> None:
    """Below the axes, where it hides nothing; the bound with its formula, as large as it fits."""
    handles, names = place.get_legend_handles_labels()
    order = sorted(range(len(names)), key=lambda n: (names[n] != "bound", n))
    handles, names = [handles[n] for n in order], [names[n] for n in order]
    text = drawn(formula) if formula else None
    size = None if text is None else size_for(text, POINTS - 50)
    names = [
        (f"bound {text}" if size is not None else "bound, see its card") if name == "bound" else name for name in names
    ]
    below = place.legend(
        handles,
        names,
        loc="upper left",
        bbox_to_anchor=(-0.12, -0.15),
        fontsize=7,
        frameon=False,
        handlelength=2.6,
        labelspacing=0.35,
        borderpad=0,
        markerscale=0.6,
    )
    if size is not None:
        below.get_texts()[0].set_fontsize(size)
