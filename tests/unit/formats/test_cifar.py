"""The reader of CIFAR-10's pickles: round trips, torchvision as reference, and the ways a file can be wrong or evil."""

import gzip
import io
import os
import pickle
import pickletools
import tarfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.errors import DataError
from rework.formats.cifar import FOLDER, META, TEST_BATCH, TRAIN_BATCHES, CifarBatches, read_cifar, write_cifar

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
ARCHIVE = "cifar-10-python.tar.gz"


def some_batches(train=10, test=3, seed=0):
    random = np.random.default_rng(seed)

    def arrays(count):
        return random.integers(0, 256, (count, 3, 32, 32), np.uint8), random.integers(0, 10, count)

    return CifarBatches(train=arrays(train), test=arrays(test), classes=CLASSES)


def assert_equal(found, expected):
    assert found.classes == expected.classes
    for one, other in ((found.train, expected.train), (found.test, expected.test)):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])
        assert (one[0].dtype, one[1].dtype) == (np.uint8, np.int64)


@pytest.fixture
def folder(tmp_path):
    write_cifar(tmp_path / FOLDER, some_batches())
    return tmp_path / FOLDER


def refusal(path):
    with pytest.raises(DataError) as caught:
        read_cifar(path)
    return str(caught.value)


def outcome(path):
    """Return what was read, or None, and the message of the refusal, or None."""
    try:
        return read_cifar(path), None
    except DataError as error:
        return None, str(error)


def rewrite(path, protocol=4, **changes):
    """Change entries of a batch (to nothing where the value is None) and write it as Python 3 does."""
    value = pickle.loads(path.read_bytes(), encoding="bytes")
    value.update({key.encode(): change for key, change in changes.items()})
    path.write_bytes(pickle.dumps({key: part for key, part in value.items() if part is not None}, protocol))


def pack(path, files, **kinds):
    """Write an archive with the given members; ``kinds`` are attributes of the last one."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            if name == files[-1][0]:
                for key, value in kinds.items():
                    setattr(member, key, value)
            archive.addfile(member, io.BytesIO(content))


def contents(folder):
    return [(f"{FOLDER}/{path.name}", path.read_bytes()) for path in sorted(folder.iterdir())]


@settings(max_examples=15, deadline=None)
@given(per_batch=st.integers(1, 4), test=st.integers(1, 5), seed=st.integers(0, 99))
def test_archive_and_folder_give_back_what_was_written(tmp_path_factory, per_batch, test, seed):
    path = tmp_path_factory.mktemp("cifar")
    batches = some_batches(5 * per_batch, test, seed)
    write_cifar(path / ARCHIVE, batches)
    write_cifar(path / FOLDER, batches)
    assert_equal(read_cifar(path / ARCHIVE), batches)
    assert_equal(read_cifar(path / FOLDER), batches)


def test_equal_content_gives_equal_bytes(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_cifar(tmp_path / name / ARCHIVE, some_batches(seed=seed))
    first, again, other = ((tmp_path / name / ARCHIVE).read_bytes() for name in "abc")
    assert first == again != other
    assert first[4:8] == bytes(4)  # gzip's time
    with tarfile.open(tmp_path / "a" / ARCHIVE) as archive:
        members = archive.getmembers()
    assert [member.name for member in members] == sorted(member.name for member in members)
    assert {(member.mtime, member.uid, member.gid, member.uname, member.gname) for member in members} == {
        (0, 0, 0, "", "")
    }


def test_folder_and_extracted_archive_are_the_same(tmp_path, folder):
    write_cifar(tmp_path / ARCHIVE, some_batches())
    with tarfile.open(tmp_path / ARCHIVE) as archive:
        archive.extractall(tmp_path / "extracted", filter="data")
    extracted = tmp_path / "extracted" / FOLDER
    assert contents(extracted) == contents(folder)
    assert len(contents(folder)) == 7


@pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:dtype\\(\\)")
def test_torchvision_reads_the_same(tmp_path, folder, monkeypatch):
    from torchvision.datasets import CIFAR10

    monkeypatch.setattr(CIFAR10, "_check_integrity", lambda _: True)
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda *_: True)
    batches = read_cifar(folder)
    for train, (images, labels) in ((True, batches.train), (False, batches.test)):
        theirs = CIFAR10(tmp_path, train=train)
        np.testing.assert_array_equal(theirs.data.transpose(0, 3, 1, 2), images)
        assert theirs.targets == labels.tolist()
        assert tuple(theirs.classes) == batches.classes


def test_batches_are_pickles_of_python_2(folder):
    operations = {code.name for code, _, _ in pickletools.genops((folder / TEST_BATCH).read_bytes())}
    assert {"PROTO", "BINSTRING"} <= operations
    assert not {"BINUNICODE", "BINBYTES", "SHORT_BINBYTES"} & operations
    assert (folder / TEST_BATCH).read_bytes()[:2] == b"\x80\x02"


def test_batches_in_order_whatever_the_order_in_the_archive(tmp_path, folder):
    pack(tmp_path / ARCHIVE, contents(folder)[::-1])
    assert_equal(read_cifar(tmp_path / ARCHIVE), some_batches())


def test_batches_repacked_by_python_3(folder):
    for name in (*TRAIN_BATCHES, TEST_BATCH):
        rewrite(folder / name)
    assert_equal(read_cifar(folder), some_batches())


class Evil:
    def __init__(self, call, *arguments):
        self.reduced = call, arguments

    def __reduce__(self):
        return self.reduced


class OutsideFile(pickle.Pickler):
    def persistent_id(self, value):
        return "secret" if value == b"outside" else None


def outside():
    stream = io.BytesIO()
    OutsideFile(stream, 2).dump([b"outside"])
    return stream.getvalue()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (lambda mark: pickle.dumps({b"data": Evil(os.system, f"touch {mark}")}, 4), "posix.system"),
        (lambda mark: pickle.dumps(Evil(eval, f"open({str(mark)!r}, 'w')"), 4), "builtins.eval"),
        (lambda mark: f"c__builtin__\neval\n(Vopen({str(mark)!r}, 'w')\ntR.".encode(), "__builtin__.eval"),
        (lambda mark: f"(S'touch {mark}'\nios\nsystem\n.".encode(), "os.system"),
        (lambda _: pickle.dumps(Evil(np.fromfile, "/etc/hostname"), 4), "numpy"),
        (lambda _: b"\x80\x04\x8c\x05numpy\x8c\x0bndarray.dot\x93.", "numpy.ndarray.dot"),
        (lambda _: b"cnumpy.core.multiarray\nscalar\n.", "numpy.core.multiarray.scalar"),
        (lambda _: outside(), "the persistent id 'secret'"),
    ],
)
def test_evil_pickles_do_nothing(tmp_path, folder, content, what, packed):
    mark = tmp_path / "mark"
    path = folder / "data_batch_3"
    path.write_bytes(content(mark))
    place = folder
    if packed:
        place = tmp_path / ARCHIVE
        pack(place, contents(folder))
    message = refusal(place)
    assert f"this pickle asks for {what}" in message
    assert (str(place) if packed else str(path)) in message
    assert "data_batch_3" in message
    assert not mark.exists()


def test_the_evil_pickles_of_these_tests_would_do_something(tmp_path):
    """Otherwise the test above could not fail."""
    mark = tmp_path / "mark"
    pickle.loads(pickle.dumps({b"data": Evil(os.system, f"touch {mark}")}, 4))
    assert mark.exists()


def test_known_names_are_not_imported(folder):
    """An array of Python objects, or one whose parts are called in another way, never becomes an array."""
    rewrite(folder / TEST_BATCH, data=np.array([None, b"x"], dtype=object))
    assert "no array of unsigned bytes" in refusal(folder)
    (folder / TEST_BATCH).write_bytes(b"}(U\x0bbatch_labelU\x15testing batch 1 of 1U\x04datacnumpy\ndtype\n(tRu.")
    assert "truncated or damaged" in refusal(folder)
    head = b"}(U\x0bbatch_labelU\x14testing batch 1 of 1U\x06labels]U\x09filenames]U\x04data"
    (folder / TEST_BATCH).write_bytes(head + b"cnumpy\ndtype\n(tRu.")
    assert "'data' is not a numpy array" in refusal(folder)
    (folder / TEST_BATCH).write_bytes(head + b"cnumpy\ndtype\nu.")
    assert "expected an array under the key 'data', found _Name" in refusal(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": np.zeros((2, 3071), np.uint8)}, "has the shape (2, 3071), expected (images, 3072)"),
        ({"data": np.zeros((2, 3, 32, 32), np.uint8)}, "has the shape (2, 3, 32, 32)"),
        ({"data": np.zeros((0, 3072), np.uint8)}, "has the shape (0, 3072)"),
        ({"data": np.zeros((2, 3072), np.int8)}, "no array of unsigned bytes"),
        ({"data": np.zeros((2, 3072), np.float32)}, "no array of unsigned bytes"),
        ({"data": np.zeros((2, 3072), np.uint8, order="F")}, "not stored as 2 rows of 3072 bytes"),
        ({"data": [1, 2]}, "expected an array under the key 'data', found list"),
        ({"data": None}, "expected an array under the key 'data', found no such entry"),
        ({"labels": None}, "expected a value of type list under the key 'labels', found no such entry"),
        ({"labels": [1, 10]}, "label 10 of item 1 is not one of 0 to 9"),
        ({"labels": [-1, 3]}, "label -1 of item 0 is not one of 0 to 9"),
        ({"labels": [1, 2**70]}, f"label {2**70} of item 1"),
        ({"labels": [1, 2.0]}, "label 2.0 of item 1"),
        ({"labels": [True, 2]}, "label True of item 0"),
        ({"labels": [[], 2]}, "label [] of item 0"),
        ({"labels": [1]}, "2 images, 1 labels and 2 file names"),
        ({"filenames": [b"x"] * 3}, "2 images, 2 labels and 3 file names"),
        ({"batch_label": b"training batch 1 of 5"}, "is b'training batch 1 of 5', expected 'training batch 2 of 5'"),
        (
            {"data": np.zeros((1, 3072), np.uint8), "labels": [1], "filenames": [b"x"]},
            "holds 1 images; batches.meta says 2 per batch",
        ),
    ],
)
def test_wrong_batches(folder, changes, message):
    rewrite(folder / "data_batch_2", **changes)
    found = refusal(folder)
    assert message in found
    assert str(folder / "data_batch_2") in found


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label_names": [b"one"] * 10}, "expected 10 different names"),
        ({"label_names": [b"one"]}, "expected 10 different names"),
        ({"label_names": [1] * 10}, "expected names in ASCII"),
        ({"label_names": [b"\xff"] * 10}, "expected names in ASCII"),
        ({"label_names": None}, "expected a value of type list under the key 'label_names'"),
        (
            {"num_cases_per_batch": b"2"},
            "expected a value of type int under the key 'num_cases_per_batch', found bytes",
        ),
    ],
)
def test_wrong_names_of_classes(folder, changes, message):
    rewrite(folder / META, **changes)
    found = refusal(folder)
    assert message in found
    assert str(folder / META) in found


def test_shape_of_something_else_than_numbers(folder):
    content = (folder / TEST_BATCH).read_bytes()
    shape = b"(J\x03\0\0\0J\0\x0c\0\0t"
    assert content.count(shape) == 1
    (folder / TEST_BATCH).write_bytes(content.replace(shape, b"(NJ\0\x0c\0\0t"))
    assert "has the shape (None, 3072)" in refusal(folder)


def test_meta_that_is_no_dictionary(folder):
    (folder / META).write_bytes(pickle.dumps([1, 2], 2))
    assert "expected a value of type int under the key 'num_cases_per_batch'" in refusal(folder)


@pytest.mark.parametrize("name", [META, "data_batch_4", TEST_BATCH])
def test_missing_batch(tmp_path, folder, name):
    (folder / name).unlink()
    pack(tmp_path / ARCHIVE, contents(folder))
    for path in (folder, tmp_path / ARCHIVE):
        assert f"{path}: holds no {FOLDER}/{name} (1 files are missing); fetch it again" in refusal(path)


def test_missing_archive(tmp_path):
    assert "gone.tar.gz: no such file" in refusal(tmp_path / "gone.tar.gz")


def test_bytes_after_the_pickle(folder):
    with (folder / TEST_BATCH).open("ab") as batch:
        batch.write(b"more")
    assert "test_batch: 4 bytes follow the pickle" in refusal(folder)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_truncated_archives_are_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("cifar") / ARCHIVE
    write_cifar(path, some_batches(5, 1))
    whole = path.read_bytes()
    missing = data.draw(st.integers(1, 12) | st.integers(1, len(whole)))
    path.write_bytes(whole[: len(whole) - missing])
    assert str(path) in refusal(path)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damage_of_an_archive_is_seen(tmp_path_factory, data):
    """Damage that passes is where nothing is stored: the time in gzip's header, or the bits that fill up a byte."""
    path = tmp_path_factory.mktemp("cifar") / ARCHIVE
    batches = some_batches(5, 1)
    write_cifar(path, batches)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    found, message = outcome(path)
    if found is None:
        assert str(path) in message
    else:
        assert_equal(found, batches)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_pickles_are_read_or_refused(tmp_path_factory, data):
    """Nothing checks the pixels in a folder, but no damage may end in another error than that which names the file."""
    path = tmp_path_factory.mktemp("cifar")
    write_cifar(path, some_batches(5, 1))
    batch = path / TEST_BATCH
    content = bytearray(batch.read_bytes())
    edges = st.integers(0, 60) | st.integers(len(content) - 120, len(content) - 1)
    content[data.draw(edges | st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    batch.write_bytes(content)
    found, message = outcome(path)
    if found is None:
        assert str(batch) in message
    else:
        assert found.test[0].shape == (1, 3, 32, 32)
        assert 0 <= found.test[1][0] <= 9


def test_not_gzip_and_not_tar(tmp_path):
    path = tmp_path / ARCHIVE
    path.write_bytes(b"<html>moved</html>")
    assert "expected a gzip or an xz file" in refusal(path)
    path.write_bytes(gzip.compress(b"<html>moved</html>" * 100))
    assert f"{path}: the archive is truncated or damaged" in refusal(path)
    path.write_bytes(gzip.compress(b""))
    assert str(path) in refusal(path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (f"{FOLDER}/../{FOLDER}/{TEST_BATCH}", "leads out of the archive"),
        (f"../{FOLDER}/{TEST_BATCH}", "leads out of the archive"),
        (f"/{FOLDER}/{TEST_BATCH}", "leads out of the archive"),
        ("/etc/passwd", "leads out of the archive"),
        (f"{FOLDER}/{META}", "is there twice"),
    ],
)
def test_archive_with_evil_names(tmp_path, folder, name, message):
    files = contents(folder)
    pack(tmp_path / ARCHIVE, [*files, (name, b"evil")])
    found = refusal(tmp_path / ARCHIVE)
    assert message in found
    assert name in found
    assert sorted(path.name for path in tmp_path.iterdir()) == [FOLDER, ARCHIVE]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_in_an_archive_are_not_followed(tmp_path, folder, kind):
    target = folder / TEST_BATCH
    name = f"{FOLDER}/{TEST_BATCH}"
    files = [(other, content) for other, content in contents(folder) if other != name]
    pack(tmp_path / ARCHIVE, [*files, (name, b"")], type=kind, linkname=str(target))
    assert f"member '{name}' is a link or a device" in refusal(tmp_path / ARCHIVE)


def test_other_members_are_passed_over(tmp_path, folder):
    files = contents(folder)
    pack(tmp_path / ARCHIVE, [*files, (f"{FOLDER}/readme.html", b"<p>"), (TEST_BATCH, b"elsewhere")])
    assert_equal(read_cifar(tmp_path / ARCHIVE), some_batches())
    pack(tmp_path / ARCHIVE, [(f"./{name}", content) for name, content in files])
    assert_equal(read_cifar(tmp_path / ARCHIVE), some_batches())


def test_huge_member_is_not_read_into_memory(tmp_path, folder):
    name = f"{FOLDER}/{TEST_BATCH}"
    files = [(other, content) for other, content in contents(folder) if other != name]
    pack(tmp_path / ARCHIVE, [*files, (name, bytes(2**26 + 1))])
    assert f"{name} has {2**26 + 1} bytes, more than any batch" in refusal(tmp_path / ARCHIVE)


def test_unequal_training_batches_are_not_written(tmp_path):
    batches = some_batches()
    with pytest.raises(AssertionError, match="do not make 5 equal batches"):
        write_cifar(tmp_path / ARCHIVE, replace(batches, train=(batches.train[0][:9], batches.train[1][:9])))


@pytest.mark.real_data
def test_real_batches(real_data):
    places = [base / name for base in (real_data / "cifar-10", real_data) for name in (ARCHIVE, FOLDER)]
    path = next((place for place in places if place.exists()), None)
    if path is None:
        pytest.skip(f"needs cifar-10/{ARCHIVE} or cifar-10/{FOLDER} in REWORK_DATA")
    batches = read_cifar(path)
    assert batches.train[0].shape == (50_000, 3, 32, 32)
    assert batches.test[0].shape == (10_000, 3, 32, 32)
    assert np.bincount(batches.train[1]).tolist() == [5000] * 10
    assert np.bincount(batches.test[1]).tolist() == [1000] * 10
    assert batches.classes == CLASSES
    assert batches.train[1][:5].tolist() == [6, 9, 9, 4, 1]
    # The well-known means of the three channels of the training images.
    means = batches.train[0].mean(axis=(0, 2, 3)) / 255
    assert means.round(4).tolist() == [0.4914, 0.4822, 0.4465]
