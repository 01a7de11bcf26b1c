"""How much of an LMO step survives when the polar factor is only approximate: measured on gradients, for every method.

A method's point O has <g, O> = -lo |g|_nuc and |O|_op = hi. By the inexact-LMO bound (`oracles.polar.answer`), at the
best stepsize and without estimation error, the number of steps to a given accuracy grows by (hi / lo)^2. The methods
run in single precision (or their own lower one), as in training; what they return is measured in double precision.
"""

import io
import json
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles import polar
from broximal.oracles.errors import InvalidArgument
from broximal.verify.files import read_bytes

REPEATS = 3  # the best time of this many
LARGEST = 2**26  # numbers of a matrix


def load(file: Path) -> np.ndarray:
    """The matrix in a .npy file, in double precision. Raises InvalidArgument for anything else."""
    content = read_bytes(file, "file", 8 * LARGEST)
    try:
        g = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, MemoryError, SyntaxError):
        raise InvalidArgument(f"file {file} is not a .npy file of numbers.") from None
    if g.ndim != 2 or g.size == 0:
        raise InvalidArgument(f"file {file} holds an array of shape {g.shape}; a matrix (2 axes) is needed.")
    if g.dtype.kind not in "fiu":
        raise InvalidArgument(f"file {file} holds {g.dtype}; real numbers are needed.")
    g = g.astype(np.float64)
    if not np.isfinite(g).all():
        raise InvalidArgument(f"file {file} contains NaN or infinity.")
    if not g.any():
        raise InvalidArgument(f"file {file} holds zeros only; every direction is a minimiser then.")
    return g


def gradients(rows: int, columns: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Gaussian, and two decaying spectra between random orthonormal factors. Raises InvalidArgument."""
    if not all(isinstance(n, int | np.integer) and n >= 1 for n in (rows, columns)):
        raise InvalidArgument(f"shape must be two positive integers, not {rows!r} {columns!r}.")
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise InvalidArgument(f"seed must be a non-negative integer, not {seed!r}.")
    if rows * columns > LARGEST:
        raise InvalidArgument(f"shape {rows} x {columns} has more than the {LARGEST} numbers that are decomposed.")
    rng = np.random.default_rng(seed)
    rank = min(rows, columns)
    u, v = (np.linalg.qr(rng.standard_normal((n, rank)))[0] for n in (rows, columns))
    index = np.arange(rank)
    return {
        "gaussian": rng.standard_normal((rows, columns)),
        "s_i = 1/i": (u / (1 + index)) @ v.T,
        "s_i = 1 to 1e-4, geometric": (u * 1e-4 ** (index / max(rank - 1, 1))) @ v.T,
    }


def audit(samples: dict[str, np.ndarray], methods: list[str] | None = None) -> list[dict[str, Any]]:
    """One record per gradient and method: lo, hi, slowdown (None if infinite), proved_lo, products, milliseconds.

    `samples` maps labels to real matrices. Raises InvalidArgument for an unknown method.
    """
    chosen = {name: polar.method(name) for name in methods or polar.names()}
    records = []
    for label, g in samples.items():
        g = g / np.abs(g).max()  # only the spectrum matters, and nothing overflows
        s = np.linalg.svd(g, compute_uv=False)
        single = jnp.asarray(g / s[0], jnp.float32)
        for name, method in chosen.items():
            point, seconds = _timed(method, single)
            lo, hi = -float((g * point).sum() / s.sum()), float(np.linalg.norm(point, 2))
            records.append(
                {
                    "gradient": label,
                    "shape": list(g.shape),
                    "spread": float(s[-1] / np.linalg.norm(s)),
                    "method": name,
                    "lo": lo,
                    "hi": hi,
                    "slowdown": (hi / lo) ** 2 if lo > 0 else None,
                    "proved_lo": _proved(method, s),
                    "products": method.matmuls(),
                    "milliseconds": 1e3 * seconds,
                }
            )
    return records


def _timed(method: polar.InexactMethod, g: jax.Array) -> tuple[np.ndarray, float]:
    run = jax.jit(method.point)
    point = run(g).block_until_ready()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run(g).block_until_ready()
        times.append(time.perf_counter() - start)
    return np.asarray(point, dtype=np.float64), min(times)


def _proved(method: polar.InexactMethod, s: np.ndarray) -> float | None:
    """The lo that is proved for this spectrum, in exact arithmetic; nothing for low precision."""
    if isinstance(method, polar.Exact):
        return 1.0
    if not isinstance(method, polar.NewtonSchulz) or method.precision is not None:
        return None
    # epsilon and inflation only shrink the start
    s = s / s[0]
    lowest = s[-1] / (method.inflation * np.linalg.norm(s) + method.epsilon)
    return method.guarantee(min(float(lowest), 1.0)).lo if lowest > 0 else 0.0


def print_table(records: list[dict[str, Any]]) -> None:
    """The records as one table per gradient."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
    for label in dict.fromkeys(record["gradient"] for record in records):
        group = [record for record in records if record["gradient"] == label]
        rows, columns = group[0]["shape"]
        title = f"{label}, {rows} x {columns}, smallest singular value / |g|_F = {group[0]['spread']:.2g}"
        out = Table(title=title, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
        for name in ("method", "captured lo", "proved lo", "size hi", "steps x", "products", "ms"):
            out.add_column(name, justify="left" if name == "method" else "right")
        for record in group:
            out.add_row(
                record["method"],
                f"{record['lo']:.4f}",
                "–" if record["proved_lo"] is None else f"{record['proved_lo']:.4f}",
                f"{record['hi']:.4f}",
                "∞" if record["slowdown"] is None else f"{record['slowdown']:.3f}",
                str(record["products"] or "SVD"),
                f"{record['milliseconds']:.2f}",
            )
        console.print(out)
    console.print(
        "lo = -<g, O> / |g|_nuc and hi = |O|_op are measured; steps x = (hi / lo)^2 is the factor on the number of steps"
        " to a given accuracy, at the best stepsize and without estimation error.",
        highlight=False,
    )


def save(records: list[dict[str, Any]], file: Path) -> None:
    """The records as one JSON list. Raises InvalidArgument if the file cannot be written."""
    try:
        file.write_text(json.dumps(records, indent=1, allow_nan=False) + "\n")
    except OSError as error:
        raise InvalidArgument(f"file {file} cannot be written ({error.strerror}).") from None
