"""The beginning of a run: both splits are read, and what does not go together is refused."""

from collections.abc import Sequence

from toto_bench.backbones.base import Backbone
from toto_bench.errors import DataError, RequestError
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.ego4d_sta.annotations import AnnotationFile
from toto_bench.tasks.ego4d_sta.data import StaData, open_split
from toto_bench.tasks.ego4d_sta.errors import AnnotationError
from toto_bench.tasks.ego4d_sta.learning.examples import Example, examples_of
from toto_bench.tasks.ego4d_sta.learning.work import Work
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol
from toto_bench.tasks.items import usable


def begin_work(backbone: Backbone, data: DataReport, protocol: EgoStaProtocol, context: RunContext) -> Work:
    """Read both splits; nothing is decoded.

    Raises:
        RequestError: the data is a file of annotations alone.
        DataError: there is nothing to train on or to predict, or the splits do not go together; frames are missing,
            and that was not allowed.
    """
    if data.path.is_file():
        raise RequestError(
            f"{data.path} is a file of annotations: enough to score submissions, not to train. Give the folder that "
            "holds `annotations` and frames with `--data`; `toto-bench show task ego4d_sta` shows the layout."
        )
    scored, trained = (open_split(data.path, protocol, split) for split in (protocol.split, "train"))
    _expect_trainable(trained.file, scored.file)
    names = set(usable(data, context.limit, allow_missing=context.allow_missing, what="annotations"))
    train, absent = _readable(trained, protocol, allow_missing=context.allow_missing)
    val = tuple(example for example in examples_of(scored.file, protocol) if example.uid in names)
    return Work(protocol, backbone, data, context, trained, scored, train, val, absent)


def _expect_trainable(trained: AnnotationFile, scored: AnnotationFile) -> None:
    if not trained.annotations:
        raise AnnotationError(
            f"{trained.path} has no annotated objects{_dropped(trained)}: there is nothing to train on. Take the file "
            "as it was delivered."
        )
    for what, ours, theirs in (
        ("noun", trained.nouns, scored.nouns),
        ("verb", trained.verbs, scored.verbs),
    ):
        if list(ours.items()) != list(theirs.items()):
            raise AnnotationError(
                f"{trained.path} and {scored.path} have different lists of {what}s ({len(ours)} and {len(theirs)}): a "
                "model that learns one cannot predict the other. Take both files from the same release."
            )


def _dropped(file: AnnotationFile) -> str:
    if not file.dropped.objects:
        return ""
    return f" but {file.dropped.objects:,} without area"


def _readable(
    split: StaData, protocol: EgoStaProtocol, *, allow_missing: bool
) -> tuple[tuple[Example, ...], dict[str, str]]:
    """Training examples whose frames are there, and why others are left out.

    Raises:
        DataError: some are not, and that was not allowed; or none is.
    """
    problems = {
        annotation.uid: problem
        for annotation in split.file.annotations
        if (problem := split.problem(annotation, still=protocol.still_branch))
    }
    examples = tuple(e for e in examples_of(split.file, protocol) if e.uid not in problems)
    if problems and not (allow_missing and examples):
        videos = sorted({a.video for a in split.file.annotations if a.uid in problems})
        raise DataError(
            f"{len(problems):,} of {len(split.file.annotations):,} training annotations have no frames. "
            f"{next(iter(problems.values()))}. Videos: {some(videos)}. Get them "
            "(`toto-bench data check ego4d_sta` counts them), or train without them with `--allow-missing`: the record "
            "then says how many."
        )
    return examples, problems


def some(names: Sequence[str], most: int = 5) -> str:
    """The first of many names, for a message."""
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")
