"""The report on a data set for classification: counts, missing, unreadable, order of classes, fingerprint."""

from collections.abc import Iterator, Mapping

from toto_bench.errors import DataError
from toto_bench.media.manifest import Probe
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.recognition.examples import (
    Examples,
    count_per_class,
    fingerprint_of,
    lacking_classes,
    some,
)
from toto_bench.tasks.recognition.problems import MISSING, UNREADABLE, Unit, find_problems


def report_on(
    data: Examples,
    *,
    name: str,
    unit: Unit,
    look: Probe,
    thorough: bool,
    comparable: bool,
    warnings: tuple[str, ...] = (),
) -> DataReport:
    """What is there, what is not, and what does not decode.

    Args:
        data: as its reader found it.
        name: of the data set.
        unit: what items are.
        look: decodes a file.
        thorough: decode the files of both splits that are not known yet; else only what is known is told.
        comparable: whether it is the official split.
        warnings: of the reader.

    Raises:
        DataError: no item can be scored.
    """
    probe = look if thorough else None
    problems = find_problems(data.val, data, unit, probe)
    of_train = find_problems(data.train, data, unit, probe)
    if len(problems) == len(data.val):
        raise DataError(
            f"None of the {len(data.val):,} {unit} of `val` in {data.root} can be scored ({data.layout}). The first: "
            f"{data.val[0].name}, {problems[data.val[0].name]}."
            if data.val
            else f"{data.root} has no {unit} in `val` ({data.layout})."
        )
    per_class = count_per_class(data.train, len(data.classes))
    return DataReport(
        path=data.root,
        name=name,
        layout=f"{data.layout}; classes: {data.order}",
        counts={
            unit: len(data.val),
            f"training {unit}": len(data.train),
            "classes": len(data.classes),
            f"fewest training {unit} of a class": min(per_class),
            f"most training {unit} of a class": max(per_class),
            **_counted(problems),
            **{f"{kind} of training": count for kind, count in _counted(of_train).items()},
        },
        listed=tuple(example.name for example in data.val),
        problems=problems,
        warnings=(*data.warnings, *warnings, *_training_warnings(data, of_train, unit)),
        fingerprint=fingerprint_of(data),
        comparable=comparable,
    )


def _counted(problems: Mapping[str, str]) -> dict[str, int]:
    return {
        kind: sum(problem.startswith(kind) for problem in problems.values()) for kind in (MISSING, UNREADABLE)
    }


def _training_warnings(data: Examples, problems: Mapping[str, str], unit: Unit) -> Iterator[str]:
    """Problems of items that are trained on: they do not keep others from being scored."""
    for kind, text in ((MISSING, "are missing"), (UNREADABLE, "cannot be decoded")):
        if names := [name for name, problem in problems.items() if problem.startswith(kind)]:
            yield (
                f"{len(names):,} of {len(data.train):,} training {unit} {text}; they are left out, none is replaced: "
                f"{some(names)}"
            )
    if faulty := [name for name in problems if name in data.faults]:
        yield f"{len(faulty):,} lines of the training list cannot be used: {some(faulty)}"
    if lacking := lacking_classes(data):
        yield f"{len(lacking):,} classes have nothing to train on: {some(lacking)}"
