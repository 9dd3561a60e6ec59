"""From one folder of runs to another: the same bytes, or nothing and a reason."""

import gzip
import hashlib
import io
import json
import os
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.errors import DataError, RequestError
from toto_bench.files import DiskError
from toto_bench.results import unpack as unpack_module
from toto_bench.results.left_out import left_out_of
from toto_bench.results.transfer import export_runs, import_runs
from toto_bench.results.verify import verify_run


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the lock."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def archive(make_run, tmp_path: Path) -> Path:
    """Of one run."""
    export_runs([make_run()], tmp_path / "one.tar.gz")
    return tmp_path / "one.tar.gz"


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """Where runs are imported to."""
    return tmp_path / "others"


def expect_nothing(others: Path) -> None:
    """Neither runs nor anything half written."""
    assert list(others.iterdir()) == []


def test_there_and_back(make_run, tmp_path, others):
    """Every file, to the byte; the lock stays behind."""
    runs = [make_run(), make_run(seed=1)]
    export_runs(runs, tmp_path / "two.tar.gz")
    imported = import_runs(tmp_path / "two.tar.gz", others)
    assert sorted(run.path.name for run in imported) == sorted(run.name for run in runs)
    assert not any(run.present for run in imported)
    for run in runs:
        assert contents(others / run.name) == contents(run)
        assert verify_run(others / run.name) == ((), ())
        assert not (others / run.name / "lock").exists()
    assert len(list(others.iterdir())) == 2


def test_the_same_runs_give_the_same_bytes(make_run, tmp_path):
    """Whatever their order, times, owners, names of archives, and half written files beside them."""
    runs = [make_run(), make_run(seed=1)]
    export_runs(runs, tmp_path / "a.tar.gz")
    for path in runs[0].rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    (runs[0] / ".writing-x.png").write_bytes(b"half")
    export_runs([*reversed(runs), runs[0]], tmp_path / "b.tar.gz")
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        members = tar.getmembers()
    names = [member.name for member in members[1:]]
    assert members[0].name == "manifest.json"
    assert [name.split("/")[1] for name in names[:2]] == ["record.json", "record.json"]
    assert [names[:2], names[2:]] == [sorted(names[:2]), sorted(names[2:])]
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in members} == {(0, 0, 0, "", "", 0o644)}


def test_the_manifest_says_what_is_in_it(make_run, archive):
    """sha256 and size of every file."""
    with tarfile.open(archive) as tar:
        stream = tar.extractfile("manifest.json")
        assert stream is not None
        manifest = json.loads(stream.read())
    [(name, run)] = manifest["runs"].items()
    assert run["files"]["items.parquet"] == {
        "sha256": hashlib.sha256(b"PAR1 rows PAR1").hexdigest(),
        "bytes": 14,
    }
    assert name.startswith("davis-toto-large-")
    assert manifest["toto_bench"]


def test_a_light_export_leaves_the_large_files_out(make_run, tmp_path, others):
    """It is said in the archive, and what is missing for that reason is no problem afterwards."""
    run = make_run()
    manifest = export_runs([run], tmp_path / "light.tar.gz", light=True)
    [entry] = manifest.runs.values()
    left_out = ("artifacts/overlays/bear.mp4", "predictions/layer-01/bear/00000.png")
    assert entry.left_out == left_out
    [imported] = import_runs(tmp_path / "light.tar.gz", others)
    there = contents(imported.path)
    assert there.pop("left-out.json")
    assert there == {name: data for name, data in contents(run).items() if name not in left_out}
    finding = verify_run(imported.path)
    assert finding.problems == ()
    assert "2 files were left out" in finding.notes[0]
    (imported.path / "artifacts" / "contact-sheet.png").unlink()
    assert "contact-sheet.png" in verify_run(imported.path).problems[0], "this one was not left out"


def test_a_light_run_goes_on_to_a_third_machine(make_run, tmp_path, others):
    """Light or not: it is the same archive as the first."""
    export_runs([make_run()], tmp_path / "light.tar.gz", light=True)
    [imported] = import_runs(tmp_path / "light.tar.gz", others)
    for light in (False, True):
        export_runs([imported.path], tmp_path / "again.tar.gz", light=light, force=True)
        assert (tmp_path / "again.tar.gz").read_bytes() == (tmp_path / "light.tar.gz").read_bytes()


def test_a_run_that_is_there_is_skipped(make_run, archive, others, tmp_path):
    """Also when the archive is light and the run is whole."""
    import_runs(archive, others)
    [again] = import_runs(archive, others)
    assert again.present
    export_runs([again.path], tmp_path / "light.tar.gz", light=True)
    [light] = import_runs(tmp_path / "light.tar.gz", others)
    assert light.present
    assert not (light.path / "left-out.json").exists()


def light(run: Path, archive: Path) -> Path:
    """An archive without the large files."""
    export_runs([run], archive, light=True)
    return archive


def test_what_was_left_out_is_added(make_run, tmp_path, others):
    """The whole run over its light version: afterwards it is the run, and what others put there stays."""
    run = make_run()
    [there] = import_runs(light(run, tmp_path / "light.tar.gz"), others)
    (there.path / "note.txt").write_text("mine")
    export_runs([run], tmp_path / "whole.tar.gz")
    [added] = import_runs(tmp_path / "whole.tar.gz", others)
    assert added == (there.path, True, 2)
    assert contents(added.path) == contents(run) | {"note.txt": b"mine"}
    assert verify_run(added.path) == ((), ())
    [again] = import_runs(tmp_path / "whole.tar.gz", others)
    assert again == (there.path, True, 0)
    assert list(others.iterdir()) == [there.path]


def test_what_is_still_left_out_stays_on_the_list(make_run, tmp_path, others):
    """The archive has the video, and not the predictions."""
    run = make_run()
    [there] = import_runs(light(run, tmp_path / "light.tar.gz"), others)
    (run / "predictions/layer-01/bear/00000.png").unlink()
    (run / "left-out.json").write_text('["predictions/layer-01/bear/00000.png"]')
    export_runs([run], tmp_path / "more.tar.gz")
    [added] = import_runs(tmp_path / "more.tar.gz", others)
    assert added == (there.path, True, 1)
    assert left_out_of(there.path) == {"predictions/layer-01/bear/00000.png"}
    assert (there.path / "artifacts/overlays/bear.mp4").read_bytes() == b"video"


def test_stopped_while_files_are_added_it_goes_on(make_run, tmp_path, others, monkeypatch):
    """In between, the run is as good as it was."""
    run = make_run()
    [there] = import_runs(light(run, tmp_path / "light.tar.gz"), others)
    export_runs([run], tmp_path / "whole.tar.gz")
    rename = Path.replace

    def stop(self, target):
        if target.name == "00000.png":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        import_runs(tmp_path / "whole.tar.gz", others)
    monkeypatch.undo()
    assert (there.path / "artifacts/overlays/bear.mp4").is_file()
    assert len(left_out_of(there.path)) == 2
    assert verify_run(there.path).problems == ()
    import_runs(tmp_path / "whole.tar.gz", others)
    assert contents(there.path) == contents(run)


@pytest.mark.parametrize("name", ["items.parquet", "artifacts/overlays/bear.mp4"])
def test_what_differs_or_was_lost_is_not_mended(make_run, tmp_path, others, name):
    """A file that was not left out and is gone, or one that was and is another now."""
    run = make_run()
    [there] = import_runs(light(run, tmp_path / "light.tar.gz"), others)
    export_runs([run], tmp_path / "whole.tar.gz")
    if name == "items.parquet":
        (there.path / name).unlink()
    else:
        (there.path / name).parent.mkdir()
        (there.path / name).write_bytes(b"other")
    before = contents(there.path)
    with pytest.raises(RequestError, match=rf"other content \({name}\): nothing was imported"):
        import_runs(tmp_path / "whole.tar.gz", others)
    assert contents(there.path) == before


def watch_disk(monkeypatch) -> list[tuple[str, int]]:
    """What is waited for (`sync`) and what gets a new name (`name`), in order, by the numbers of their inodes."""
    done: list[tuple[str, int]] = []
    fsync, rename, replace = os.fsync, Path.rename, Path.replace

    def watched_fsync(descriptor):
        done.append(("sync", os.fstat(descriptor).st_ino))
        fsync(descriptor)

    def watched(move):
        def watched_move(self, target):
            done.append(("name", self.stat().st_ino))
            return move(self, target)

        return watched_move

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "rename", watched(rename))
    monkeypatch.setattr(Path, "replace", watched(replace))
    return done


def test_a_run_is_on_disk_before_it_is_in_place(archive, others, monkeypatch):
    """Every file and folder of it; then its name among the runs."""
    done = watch_disk(monkeypatch)
    [run] = import_runs(archive, others)
    renamed = done.index(("name", run.path.stat().st_ino))
    inside = [*run.path.rglob("*"), run.path]
    assert len(inside) > len(contents(run.path)) + 3, "folders too"
    for path in inside:
        assert ("sync", path.stat().st_ino) in done[:renamed], path
    assert ("sync", others.stat().st_ino) in done[renamed:]


def test_added_files_are_on_disk_before_the_list_goes(make_run, tmp_path, others, monkeypatch):
    """First the content, then the names, then the list of what is left out."""
    run = make_run()
    [there] = import_runs(light(run, tmp_path / "light.tar.gz"), others)
    export_runs([run], tmp_path / "whole.tar.gz")
    done, unlink = watch_disk(monkeypatch), Path.unlink

    def watched_unlink(self, missing_ok=False):
        if self.name == "left-out.json" and self.parent == there.path:
            done.append(("list", 0))
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", watched_unlink)
    import_runs(tmp_path / "whole.tar.gz", others)
    end = done.index(("list", 0))
    for name in ("artifacts/overlays/bear.mp4", "predictions/layer-01/bear/00000.png"):
        path = there.path / name
        renamed = done.index(("name", path.stat().st_ino))
        assert ("sync", path.stat().st_ino) in done[:renamed]
        for parent in (path.parent, path.parent.parent, there.path):
            assert ("sync", parent.stat().st_ino) in done[renamed:end]
    assert ("sync", there.path.stat().st_ino) in done[end:]


def test_a_folder_of_a_killed_import_is_removed(archive, others):
    """Nothing else is: another command's half written files are not of an import."""
    (others / ".importing-killed" / "davis-x").mkdir(parents=True)
    (others / ".writing-other").mkdir()
    [run] = import_runs(archive, others)
    assert sorted(others.iterdir()) == [others / ".writing-other", run.path]


def test_another_run_of_that_name_is_not_replaced(make_run, tmp_path, others, edit):
    """Nor is any other run of the archive imported."""
    export_runs([make_run(), make_run(seed=1)], tmp_path / "two.tar.gz")
    mine = make_run(others, seed=1)
    edit(mine, command="another")
    before = contents(mine)
    with pytest.raises(RequestError, match=r"other content \(record\.json\): nothing was imported"):
        import_runs(tmp_path / "two.tar.gz", others)
    assert contents(mine) == before
    assert list(others.iterdir()) == [mine]


def test_an_unfinished_run_of_that_name_is_not_replaced(archive, others, make_run):
    """Its items are worth something."""
    mine = make_run(others)
    (mine / "record.json").unlink()
    with pytest.raises(RequestError, match="is not finished"):
        import_runs(archive, others)
    assert (mine / "items.parquet").is_file()


def test_a_file_that_is_there_is_not_replaced(make_run, archive):
    """Unless it is asked for."""
    before = archive.read_bytes()
    other = make_run(seed=1)
    with pytest.raises(RequestError, match="--force"):
        export_runs([other], archive)
    assert archive.read_bytes() == before
    export_runs([other], archive, force=True)
    assert archive.read_bytes() != before


def test_unfinished_and_doubtful_runs_are_not_exported(make_run, tmp_path, edit):
    """And no archive is begun."""
    unfinished, doubtful = make_run(), make_run(seed=1)
    (unfinished / "record.json").unlink()
    edit(doubtful, seed=2)
    with pytest.raises(RequestError, match="not a finished run"):
        export_runs([unfinished], tmp_path / "x.tar.gz")
    with pytest.raises(DataError, match=r"not what its record says: .*identity"):
        export_runs([doubtful], tmp_path / "x.tar.gz")
    assert not (tmp_path / "x.tar.gz").exists()


def test_two_runs_of_one_name_do_not_fit_into_one_archive(make_run, tmp_path):
    """They are two runs."""
    with pytest.raises(RequestError, match="Two runs are called"):
        export_runs([make_run(), make_run(tmp_path / "elsewhere")], tmp_path / "x.tar.gz")


def test_a_link_in_a_run_is_not_exported(make_run, tmp_path):
    """It would lead nowhere on another machine."""
    run = make_run()
    (run / "extra.txt").symlink_to("/etc/hostname")
    with pytest.raises(RequestError, match="is a link"):
        export_runs([run], tmp_path / "x.tar.gz")


def test_an_archive_that_cannot_be_written(make_run, tmp_path):
    """A file lies where its folder would be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match="could not be written"):
        export_runs([make_run()], tmp_path / "file" / "x.tar.gz")


@pytest.mark.parametrize("kept", [0, 1, 10, 200, -200, -9, -1])
def test_a_cut_off_archive(archive, others, kept):
    """Wherever it was cut."""
    archive.write_bytes(archive.read_bytes()[:kept])
    with pytest.raises(DataError, match="damaged, cut off, or no archive"):
        import_runs(archive, others)
    expect_nothing(others)


def test_an_archive_of_which_one_byte_was_changed(archive, others):
    """Anywhere in the compressed stream."""
    content = archive.read_bytes()
    for place in range(20, len(content) - 8, max(1, len(content) // 40)):
        archive.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        with pytest.raises(DataError):
            import_runs(archive, others)
        expect_nothing(others)


@pytest.mark.parametrize("content", [b"", b"not an archive", gzip.compress(b"not a tar" * 100)])
def test_what_is_no_archive(tmp_path, others, content):
    """One paragraph."""
    (tmp_path / "x.tar.gz").write_bytes(content)
    with pytest.raises(DataError, match="no archive of runs") as caught:
        import_runs(tmp_path / "x.tar.gz", others)
    assert "\n" not in str(caught.value)


def test_an_archive_that_is_not_there(tmp_path, others):
    """The name is wrong."""
    with pytest.raises(RequestError, match="There is no file"):
        import_runs(tmp_path / "x.tar.gz", others)


Members = list[tuple[tarfile.TarInfo, bytes]]


def rewrite(archive: Path, change: Callable[[Members], Members]) -> None:
    """Make another archive of what is in one."""
    with tarfile.open(archive) as tar:
        members = [(member, tar.extractfile(member).read()) for member in tar.getmembers()]
    with tarfile.open(archive, "w:gz") as tar:
        for member, data in change(members):
            tar.addfile(member, io.BytesIO(data))


def file(name: str, data: bytes = b"x", **attributes: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = 0 if "type" in attributes else len(data)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info, data


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (file("/tmp/escaped"), "outside the folder"),
        (file("../escaped"), "outside the folder"),
        (file("davis/../../escaped"), "outside the folder"),
        (file("./escaped"), "outside the folder"),
        (file("link", type=tarfile.SYMTYPE, linkname="/etc"), "is a link"),
        (file("link", type=tarfile.LNKTYPE, linkname="manifest.json"), "is a link"),
        (file("pipe", type=tarfile.FIFOTYPE), "is a device"),
        (file("node", type=tarfile.CHRTYPE), "is a device"),
        (file("folder", type=tarfile.DIRTYPE), "is a folder"),
        (file("stranger.txt"), "does not know it"),
    ],
    ids=lambda value: value[0].name if isinstance(value, tuple) else value,
)
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_what_has_no_business_in_an_archive(archive, others, member, reason, first):
    """Nothing is written anywhere."""
    rewrite(archive, lambda members: [members[0], member, *members[1:]] if first else [*members, member])
    with pytest.raises(DataError, match=reason):
        import_runs(archive, others)
    expect_nothing(others)
    assert not (others.parent / "escaped").exists()


def of_items(members: Members) -> int:
    return next(index for index, (info, _) in enumerate(members) if info.name.endswith("items.parquet"))


def with_items(members: Members, data: bytes) -> Members:
    index = of_items(members)
    info = members[index][0]
    info.size = len(data)
    return [*members[:index], (info, data), *members[index + 1 :]]


def without_items(members: Members) -> Members:
    index = of_items(members)
    return [*members[:index], *members[index + 1 :]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda members: with_items(members, b"PAR1 ROWS PAR1"), "its sha256 is not that"),
        (lambda members: with_items(members, b"PAR1"), "another size"),
        (without_items, r"items\.parquet` is missing"),
        (lambda members: [*members, members[of_items(members)]], "is in it, twice"),
        (lambda members: members[1:], "does not begin with manifest.json"),
        (lambda members: [], "does not begin with manifest.json|no archive"),
        (lambda members: [file("manifest.json", b"{"), *members[1:]], "not one that this version reads"),
        (
            lambda members: [
                file("manifest.json", members[0][1].replace(b'"format": 1', b'"format": 2')),
                *members[1:],
            ],
            "format: Input should be 1",
        ),
        (
            lambda members: [
                file("manifest.json", members[0][1].replace(b'"items.parquet"', b'"../items.parquet"')),
                *members[1:],
            ],
            "not the path of a file inside",
        ),
        (
            lambda members: [
                file("manifest.json", members[0][1].replace(b'"davis-', b'"..davis-')),
                *members[1:],
            ],
            "not the name of a run",
        ),
    ],
    ids=["other", "shorter", "missing", "twice", "headless", "empty", "broken", "later", "leaving", "hidden"],
)
def test_what_is_not_as_the_manifest_says(archive, others, change, reason):
    """Nothing is put in place."""
    rewrite(archive, change)
    with pytest.raises(DataError, match=reason):
        import_runs(archive, others)
    expect_nothing(others)


def claim(archive: Path, name: str, **values: object) -> None:
    """Let the manifest say something else of one file, or of one more."""

    def change(members: Members) -> Members:
        manifest = json.loads(members[0][1])
        [entry] = manifest["runs"].values()
        entry["files"].setdefault(name, {"sha256": "00", "bytes": 0}).update(values)
        return [file("manifest.json", json.dumps(manifest).encode()), *members[1:]]

    rewrite(archive, change)


def expect_nothing_was_unpacked(
    archive: Path, others: Path, monkeypatch, error: type[Exception], match: str
) -> None:
    """Not only is nothing left: there never was anything."""
    unpacked: list[str] = []
    monkeypatch.setattr(
        "toto_bench.results.unpack._unpack", lambda content, target: unpacked.append(target.name)
    )
    with pytest.raises(error, match=match):
        import_runs(archive, others)
    assert unpacked == []
    expect_nothing(others)


def test_more_than_the_disk_has_left_is_not_unpacked(archive, others, monkeypatch):
    """What the manifest says is summed up, and both numbers are told."""
    claim(archive, "artifacts/big.bin", bytes=10**18)
    match = (
        r"unpacked it is 1000000000000\.0 MB, and the disk of .*others has \d+\.\d MB left. Free some space"
    )
    expect_nothing_was_unpacked(archive, others, monkeypatch, DiskError, match)


def test_a_run_without_a_record_is_not_unpacked(archive, others, monkeypatch):
    """Whatever else is in it."""

    def change(members: Members) -> Members:
        manifest = json.loads(members[0][1])
        [entry] = manifest["runs"].values()
        del entry["files"]["record.json"]
        kept = [member for member in members[1:] if not member[0].name.endswith("record.json")]
        return [file("manifest.json", json.dumps(manifest).encode()), *kept]

    rewrite(archive, change)
    expect_nothing_was_unpacked(archive, others, monkeypatch, DataError, r"has no record\.json")


def test_a_record_that_is_too_large_is_not_unpacked(archive, others, monkeypatch):
    """It would be read whole."""
    claim(archive, "record.json", bytes=16_000_001)
    expect_nothing_was_unpacked(
        archive, others, monkeypatch, DataError, r"record\.json .* is larger than any"
    )


def test_a_file_before_its_record_is_not_unpacked(archive, others, monkeypatch):
    """A record is small, and tells whether the rest is worth the disk."""
    rewrite(archive, lambda members: [members[0], *members[:0:-1]])
    expect_nothing_was_unpacked(
        archive, others, monkeypatch, DataError, r"comes before the record\.json of its run"
    )


@pytest.mark.parametrize("record", [b"{}", b'{"id": 3'], ids=["empty", "broken"])
def test_nothing_but_a_record_that_is_none_is_unpacked(archive, others, record, monkeypatch):
    """The large files behind it are not."""
    claim(archive, "record.json", bytes=len(record), sha256=hashlib.sha256(record).hexdigest())
    rewrite(archive, lambda members: [members[0], file(members[1][0].name, record), *members[2:]])
    unpack, unpacked = unpack_module._unpack, []

    def watched(content, target):
        unpacked.append(target.name)
        return unpack(content, target)

    monkeypatch.setattr(unpack_module, "_unpack", watched)
    with pytest.raises(DataError, match=r"not what its record says: .*not a readable run record"):
        import_runs(archive, others)
    assert unpacked == ["record.json"]
    expect_nothing(others)


def test_a_large_header_is_refused_before_it_is_read(archive, others):
    """The header of a name of 50 MB, in an archive of 50 kB."""
    rewrite(archive, lambda members: [members[0], file("a" * 50_000_000), *members[1:]])
    assert archive.stat().st_size < 100_000
    tracemalloc.start()
    with pytest.raises(DataError, match=r"a header of 500000.. bytes, the largest allowed has 65536"):
        import_runs(archive, others)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 25_000_000
    expect_nothing(others)


def test_more_files_than_a_manifest_may_list_are_not_exported(make_run, tmp_path, monkeypatch):
    """No import would read it."""
    monkeypatch.setattr("toto_bench.results.archive.LARGEST_MANIFEST", 100)
    with pytest.raises(RequestError, match="export fewer runs at once"):
        export_runs([make_run()], tmp_path / "x.tar.gz")
    assert not (tmp_path / "x.tar.gz").exists()


def test_a_run_that_is_not_what_its_record_says(make_run, tmp_path, others):
    """An archive made by hand, its manifest in order: the run is looked at too, and the good one stays out with it."""
    good, bad = make_run(), make_run(seed=1)
    export_runs([good, bad], tmp_path / "two.tar.gz")

    def forge(members: Members) -> Members:
        forged, manifest = [], json.loads(members[0][1])
        for info, data in members[1:]:
            own = data
            if info.name == f"{bad.name}/record.json":
                own = data.replace(b'"seed": 1', b'"seed": 7')
                entry = manifest["runs"][bad.name]["files"]["record.json"]
                entry |= {"sha256": hashlib.sha256(own).hexdigest(), "bytes": len(own)}
                assert own != data
            forged.append(file(info.name, own))
        return [file("manifest.json", json.dumps(manifest).encode()), *forged]

    rewrite(tmp_path / "two.tar.gz", forge)
    with pytest.raises(
        DataError, match=rf"the run `{bad.name}` in it is not what its record says: .*identity"
    ):
        import_runs(tmp_path / "two.tar.gz", others)
    expect_nothing(others)


def test_a_folder_that_cannot_be_written(archive, tmp_path):
    """A file lies in its place."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match="could not be written"):
        import_runs(archive, tmp_path / "file" / "runs")
