"""Models are built for cards that are named, and for all with `build`."""

from toto_bench.validation import validate


def test_cards_that_are_not_named_are_built_on_request(plugin) -> None:
    """It takes a while for all."""
    plugin.family({"architecture/layers": 3})

    def problems(**options) -> int:
        subjects = {(subject.kind, subject.name): subject for subject in validate(**options)}
        return len(subjects["backbone", "owl-eye"].problems)

    assert problems() == 0
    assert problems(words=["owl-eye"]) == 1


def test_a_model_that_needs_its_files_to_be_built_is_noted(plugin, found) -> None:
    """Where they are missing, nothing can be said."""
    (plugin.folder / "filed.py").write_text(
        "from toto_bench.backbones.errors import MissingWeightsError\n"
        "def build(card, *, seed, image_size=None):\n    raise MissingWeightsError('no files.')\n"
    )
    plugin.family({"entry": "PACKAGE.filed:build"})
    problems, notes = found("owl-eye")
    assert problems == []
    assert "cannot be compared with the card here. no files." in notes[0]


def test_another_name_in_the_model_is_a_problem(plugin, found) -> None:
    """Records would carry it."""
    source = (plugin.folder / "eyes.py").read_text()
    (plugin.folder / "misnamed.py").write_text(
        source.replace("BackboneInfo(card.name", "BackboneInfo('hawk'")
    )
    plugin.family({"entry": "PACKAGE.misnamed:build"})
    assert "calls the backbone `hawk`, not `owl-eye`" in found("owl-eye")[0][0]


def test_code_may_read_numbers_off_ranges(plugin, found) -> None:
    """As many transformers do for their rates of dropped paths; weights still take no memory."""
    source = (plugin.folder / "eyes.py").read_text()
    (plugin.folder / "ranged.py").write_text(
        source.replace("    assert torch", "    torch.linspace(0, 1, 3)[1].item()\n    assert torch")
    )
    plugin.family({"entry": "PACKAGE.ranged:build", "architecture/layers": 3})
    assert found("owl-eye") == (["`architecture.layers` = 3, but the model has 2."], [])


def test_code_that_needs_numbers_in_its_weights_is_noted(plugin, found) -> None:
    """There are none to read, which is no fault of the card."""
    source = (plugin.folder / "eyes.py").read_text()
    (plugin.folder / "reading.py").write_text(
        source.replace("    assert torch", "    torch.zeros(1).item()\n    assert torch")
    )
    plugin.family({"entry": "PACKAGE.reading:build"})
    problems, notes = found("owl-eye")
    assert problems == []
    assert "cannot be compared with the card here. RuntimeError" in notes[0]
