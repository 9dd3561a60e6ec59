"""From a data folder to pictures."""

from pathlib import Path

from toto_bench.files import replacing
from toto_bench.samples import bundle
from toto_bench.samples.errors import UnknownLayoutError
from toto_bench.samples.show.layouts import LAYOUTS, find_sets
from toto_bench.samples.show.sheet import draw_page


def show_data(data: Path | None, task: str | None, out: Path) -> list[Path]:
    """Draw the contact sheet of each data set in a folder, as `out/TASK.png`.

    Args:
        data: a data set, or a folder of several; None means the bundled sample.
        task: draw only this one's.
        out: folder for the pictures.

    Raises:
        UnknownLayoutError: no data set that can be shown.
        DataError: a file of it cannot be read.
        DiskError: `out` cannot be written.
    """
    if data is None and not bundle.BUNDLE.is_dir():
        raise UnknownLayoutError(
            "No sample is bundled here. Make one: `toto-bench data make-sample --out DIR`, then `toto-bench data show "
            "DIR`."
        )
    drawn = []
    for name, root in find_sets(data or bundle.BUNDLE, task).items():
        sheet = draw_page(LAYOUTS[name].page(root))
        with replacing(out / f"{name}.png") as temporary:
            sheet.save(temporary, format="PNG")
        drawn.append(out / f"{name}.png")
    return drawn
