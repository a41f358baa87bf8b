"""Getting an asset, against a real HTTP server and real folders, through everything that goes wrong."""

import gzip
import hashlib
import io
import os
import stat
from dataclasses import replace

import pytest
from file_server import Answer
from requests.adapters import HTTPAdapter
from rework.assets import fetch_asset
from rework.downloading import DownloadSettings
from rework.errors import ConfigError, DataError, StorageError
from rework.settings.data import AssetSettings
from rework.verification import expected_sha256, record_path, verify_asset

CONTENT = bytes(range(256)) * 700
OTHER = CONTENT[::-1]
# Files without a published checksum must be what their names say.
PACKED, OTHER_PACKED = (gzip.compress(content, mtime=0) for content in (CONTENT, OTHER))
PAGE = b"\n<!DOCTYPE html><html><body>Please log in</body></html>"


@pytest.fixture
def waits():
    return []


@pytest.fixture
def settings(waits):
    return DownloadSettings(attempts=3, backoff=0.5, longest_backoff=0.8, sleep=waits.append)


@pytest.fixture
def impatient(settings):
    """For servers that stall on purpose: on a busy machine a good one may be silent for as long."""
    return replace(settings, stall_timeout=0.3)


def asset(*urls, content=CONTENT, **changes):
    values = {
        "id": "letters",
        "file": "group/letters.gz",
        "urls": urls,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "licence": "CC0",
        "citation": "none",
    }
    return AssetSettings(**{**values, **changes})


def files(folder):
    """Return every file below a folder, hidden ones too: nothing may be left lying about."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def failure(*arguments, **keywords):
    with pytest.raises(DataError) as caught:
        fetch_asset(*arguments, **keywords)
    return str(caught.value)


def test_good_file(server, settings, waits, tmp_path):
    url = server.serve("/a", Answer(CONTENT))
    fetched = fetch_asset(asset(url), tmp_path, settings=settings)
    assert (fetched.how, fetched.origin) == ("downloaded", url)
    assert fetched.path == tmp_path / "group" / "letters.gz"
    assert fetched.path.read_bytes() == CONTENT
    assert files(tmp_path) == ["group/letters.gz"]
    assert waits == []
    assert server.requests[0][1]["Accept-Encoding"] == "identity"
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(fetched.path.stat().st_mode) == 0o666 & ~umask


def test_existing_good_file_is_not_downloaded_again(server, settings, tmp_path):
    url = server.serve("/a", Answer(CONTENT))
    fetch_asset(asset(url), tmp_path, settings=settings)
    again = fetch_asset(asset(url), tmp_path, settings=settings)
    assert again.how == "present"
    assert len(server.requests) == 1


def test_existing_corrupted_file_is_replaced(server, settings, tmp_path):
    url = server.serve("/a", Answer(CONTENT))
    target = tmp_path / "group" / "letters.gz"
    target.parent.mkdir()
    target.write_bytes(CONTENT[:-1] + b"!")
    fetched = fetch_asset(asset(url), tmp_path, settings=settings)
    assert fetched.how == "downloaded"
    assert target.read_bytes() == CONTENT
    # It may be the only copy of something.
    assert fetched.aside.read_bytes() == CONTENT[:-1] + b"!"
    assert fetched.aside.name.startswith("letters.gz.other-")


def test_existing_other_file_is_kept_when_a_local_one_takes_its_place(tmp_path):
    target, local = tmp_path / "data" / "group" / "letters.gz", tmp_path / "local" / "letters.gz"
    for path, content in ((target, OTHER), (local, CONTENT)):
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    fetched = fetch_asset(asset(), tmp_path / "data", [local.parent])
    assert (fetched.how, target.read_bytes(), fetched.aside.read_bytes()) == ("copied", CONTENT, OTHER)
    # Wanted again, it is found where it went.
    again = fetch_asset(asset(content=OTHER), tmp_path / "data")
    assert (again.how, target.read_bytes(), again.aside.read_bytes()) == ("copied", OTHER, CONTENT)


def test_a_file_without_a_published_checksum_comes_back_from_aside_too(tmp_path):
    """It was replaced by a substitute; then the recorded checksum is all that is known."""
    target = tmp_path / "data" / "group" / "letters.gz"
    unknown = asset(sha256=None, bytes=None)
    target.parent.mkdir(parents=True)
    target.write_bytes(PACKED)
    assert fetch_asset(unknown, tmp_path / "data", offline=True).how == "present"
    local = tmp_path / "local" / "other.bin"
    local.parent.mkdir()
    local.write_bytes(OTHER_PACKED)
    assert fetch_asset(asset(content=OTHER_PACKED), tmp_path / "data", [local.parent], offline=True).aside is not None
    assert fetch_asset(unknown, tmp_path / "data", offline=True).how == "copied"
    assert target.read_bytes() == PACKED


def test_existing_corrupted_file_stays_until_there_is_a_better_one(server, settings, tmp_path):
    url = server.serve("/a", Answer(status=404))
    target = tmp_path / "group" / "letters.gz"
    target.parent.mkdir()
    target.write_bytes(OTHER)
    message = failure(asset(url), tmp_path, settings=settings)
    assert f"{target}: wrong content (SHA-256 {hashlib.sha256(OTHER).hexdigest()})" in message
    assert target.read_bytes() == OTHER


def test_missing_file_is_not_asked_for_again(server, settings, waits, tmp_path):
    url = server.serve("/a", Answer(status=404))
    message = failure(asset(url), tmp_path, settings=settings)
    assert f"{url}: answered 404 Not Found" in message
    assert len(server.requests) == 1
    assert waits == []


def test_failure_says_what_to_do_by_hand(server, settings, tmp_path):
    gone, down = server.serve("/gone", Answer(status=410)), server.serve("/down", Answer(status=503))
    folder = tmp_path / "empty"
    folder.mkdir()
    wanted = asset(gone, down)
    message = failure(wanted, tmp_path / "data", [folder, tmp_path / "nowhere"], settings=settings)
    for part in (
        "asset letters",
        f"{folder}: no file with this content",
        f"{tmp_path / 'nowhere'}: no such folder",
        f"{gone}: answered 410 Gone",
        f"{down}: answered 503 Service Unavailable (3 tries)",
        str(tmp_path / "data" / "group" / "letters.gz"),
        wanted.sha256,
        "179,200",
        "local_folders",
        "REWORK_DATA",
    ):
        assert part in message
    assert message.index(gone) < message.index(down)


def test_server_error_then_good(server, settings, waits, tmp_path):
    url = server.serve("/a", Answer(status=500), Answer(status=500), Answer(CONTENT))
    assert fetch_asset(asset(url), tmp_path, settings=settings).path.read_bytes() == CONTENT
    assert waits == [0.5, 0.8]


def test_second_mirror(server, settings, tmp_path):
    first, second = server.serve("/1", Answer(status=404)), server.serve("/2", Answer(CONTENT))
    assert fetch_asset(asset(first, second), tmp_path, settings=settings).origin == second


def test_redirect(server, settings, tmp_path):
    target = server.serve("/real", Answer(CONTENT))
    url = server.serve("/a", Answer(status=302, headers={"Location": target}))
    assert fetch_asset(asset(url), tmp_path, settings=settings).path.read_bytes() == CONTENT


@pytest.fixture
def secure(monkeypatch):
    """Let addresses of https be served by the test's server, which has no certificate."""
    send = HTTPAdapter.send

    def sent(self, request, **settings):
        address = request.url
        request.url = address.replace("https:", "http:", 1)
        response = send(self, request, **settings)
        response.url = request.url = address
        return response

    monkeypatch.setattr(HTTPAdapter, "send", sent)
    return lambda url: url.replace("http:", "https:", 1)


def test_a_way_out_of_https_needs_a_checksum(server, settings, tmp_path, secure, capsys):
    plain = server.serve("/plain", Answer(CONTENT))
    first = secure(server.serve("/first", Answer(status=302, headers={"Location": plain})))
    message = failure(asset(first, sha256=None), tmp_path, settings=settings)
    assert f"{first}: leads from https to '{plain}', where the file could be changed on the way" in message
    assert files(tmp_path) == []
    assert fetch_asset(asset(first), tmp_path, settings=settings).origin == first
    assert f"letters: '{first}' leads to '{plain}'\n" in capsys.readouterr().err


def test_a_way_within_https_needs_none(server, settings, tmp_path, secure):
    last = secure(server.serve("/last", Answer(PACKED)))
    first = secure(server.serve("/first", Answer(status=302, headers={"Location": last})))
    assert fetch_asset(asset(first, sha256=None, bytes=None), tmp_path, settings=settings).origin == first


def test_a_redirect_to_no_address_leaves_the_next_mirror(server, settings, tmp_path):
    bad = server.serve("/1", Answer(status=302, headers={"Location": "http://[::1/x"}))
    good = server.serve("/2", Answer(CONTENT))
    assert fetch_asset(asset(bad, good), tmp_path, settings=settings).origin == good


def test_neither_passwords_nor_signatures_are_shown(server, settings, tmp_path, capsys):
    target = server.serve("/real?signature=mine", Answer(CONTENT)).replace("//", "//me:secret@")
    url = server.serve("/a", Answer(status=302, headers={"Location": target}))
    fetch_asset(asset(url), tmp_path, settings=settings)
    said = capsys.readouterr().err
    assert f"letters: '{url}' leads to " in said
    assert "secret" not in said
    assert "mine" not in said


def test_redirects_without_end(server, settings, tmp_path):
    url = server.serve("/a", Answer(status=302, headers={"Location": "/a"}))
    assert "redirects without end" in failure(asset(url), tmp_path, settings=settings)


@pytest.mark.parametrize("length", [True, False])
def test_truncated_every_time(server, settings, tmp_path, length):
    url = server.serve("/a", Answer(CONTENT, sent=1000, length=length))
    message = failure(asset(url), tmp_path, settings=settings)
    assert "broke off" in message
    assert "(3 tries)" in message
    assert not (tmp_path / "group" / "letters.gz").exists()


def test_truncated_then_whole_from_a_server_without_ranges(server, settings, tmp_path):
    url = server.serve("/a", Answer(CONTENT, sent=1000, etag='"1"'), Answer(CONTENT, etag='"1"'))
    assert fetch_asset(asset(url), tmp_path, settings=settings).path.read_bytes() == CONTENT
    assert server.ranges_asked() == [None, "bytes=1000-"]
    assert files(tmp_path) == ["group/letters.gz"]


def test_resumed_within_a_call(server, settings, tmp_path):
    good = Answer(CONTENT, etag='"1"', ranges=True)
    url = server.serve("/a", Answer(CONTENT, sent=1000, etag='"1"'), good)
    assert fetch_asset(asset(url), tmp_path, settings=settings).path.read_bytes() == CONTENT
    assert server.ranges_asked() == [None, "bytes=1000-"]
    assert server.requests[1][1]["If-Range"] == '"1"'
    assert files(tmp_path) == ["group/letters.gz"]


def test_resumed_by_a_later_call_with_last_modified(server, settings, tmp_path):
    modified = {"Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}
    url = server.serve("/a", Answer(CONTENT, sent=5000, headers=modified))
    failure(asset(url), tmp_path, settings=settings)
    server.serve("/a", Answer(CONTENT, headers=modified, ranges=True, careless=True))
    asked = len(server.requests)
    assert fetch_asset(asset(url), tmp_path, settings=settings).path.read_bytes() == CONTENT
    assert server.ranges_asked()[asked:] == ["bytes=5000-"]


@pytest.mark.parametrize("etag", [None, 'W/"1"'])
def test_not_resumed_where_versions_cannot_be_told_apart(server, settings, tmp_path, etag):
    url = server.serve("/a", Answer(CONTENT, sent=1000, etag=etag), Answer(CONTENT, etag=etag, ranges=True))
    assert fetch_asset(asset(url), tmp_path, settings=settings).path.read_bytes() == CONTENT
    assert server.ranges_asked() == [None, None]


def test_not_resumed_from_another_mirror(server, settings, tmp_path):
    first = server.serve("/1", Answer(CONTENT, sent=1000, etag='"1"'))
    second = server.serve("/2", Answer(CONTENT, etag='"1"', ranges=True))
    assert fetch_asset(asset(first, second), tmp_path, settings=settings).path.read_bytes() == CONTENT
    assert server.requests[-1][0] == "/2"
    assert server.ranges_asked()[-1] is None


def test_file_that_changed_in_between_is_sent_whole(server, settings, tmp_path):
    url = server.serve("/a", Answer(OTHER, sent=1000, etag='"old"'), Answer(CONTENT, etag='"new"', ranges=True))
    assert fetch_asset(asset(url), tmp_path, settings=settings).path.read_bytes() == CONTENT
    assert server.ranges_asked() == [None, "bytes=1000-"]


@pytest.mark.parametrize("wrong", [{"etag": '"new"'}, {"etag": '"old"', "shift": 7}])
def test_wrong_part_is_not_joined(server, settings, tmp_path, wrong):
    """A server that ignores If-Range, or sends another range than was asked for."""
    url = server.serve(
        "/a",
        Answer(OTHER, sent=1000, etag='"old"'),
        Answer(CONTENT, ranges=True, careless=True, **wrong),
        Answer(CONTENT, etag='"new"'),
    )
    assert fetch_asset(asset(url), tmp_path, settings=settings).path.read_bytes() == CONTENT
    assert server.ranges_asked() == [None, "bytes=1000-", None]


def test_halves_of_different_files_are_found_out_by_checksum(server, settings, tmp_path):
    """The server claims one version for both: only the checksum tells, and the download starts again."""
    url = server.serve(
        "/a", Answer(OTHER, sent=1000, etag='"1"'), Answer(CONTENT, etag='"1"', ranges=True), Answer(CONTENT)
    )
    assert fetch_asset(asset(url), tmp_path, settings=settings).path.read_bytes() == CONTENT
    assert server.ranges_asked() == [None, "bytes=1000-", None]


def test_partial_file_that_is_too_long_starts_again(server, settings, tmp_path):
    good = Answer(CONTENT, etag='"1"', ranges=True)
    url = server.serve("/a", Answer(CONTENT, sent=1000, etag='"1"'))
    failure(asset(url), tmp_path, settings=settings)
    (tmp_path / "group" / ".letters.gz.partial").write_bytes(CONTENT + b"more")
    server.serve("/a", good)
    assert fetch_asset(asset(url), tmp_path, settings=settings).path.read_bytes() == CONTENT


def test_wrong_content_is_refused_and_the_next_mirror_asked(server, settings, tmp_path):
    first, second = server.serve("/1", Answer(OTHER)), server.serve("/2", Answer(CONTENT))
    assert fetch_asset(asset(first, second), tmp_path, settings=settings).origin == second
    message = failure(asset(first), tmp_path / "new", settings=settings)
    assert f"sent other content (179,200 bytes, SHA-256 {hashlib.sha256(OTHER).hexdigest()})" in message
    assert files(tmp_path / "new") == []


@pytest.mark.parametrize("body", [CONTENT + b"x", CONTENT[:-1]])
def test_wrong_size_is_refused_before_the_download(server, settings, tmp_path, body):
    url = server.serve("/a", Answer(body, sent=10, stall=5))
    message = failure(asset(url), tmp_path, settings=settings)
    assert f"offers {len(body):,} bytes, but the file has 179,200" in message
    assert len(server.requests) == 1


def test_more_bytes_than_the_file_has(server, settings, tmp_path):
    url = server.serve("/a", Answer(CONTENT + b"x" * 10**6, length=False))
    assert "sends more than the 179,200 bytes allowed" in failure(asset(url), tmp_path, settings=settings)
    assert files(tmp_path) == []


def test_file_of_unknown_size_is_limited(server, waits, tmp_path):
    small = DownloadSettings(attempts=1, largest=1000, stall_timeout=1, sleep=waits.append)
    stated, silent = server.serve("/1", Answer(CONTENT)), server.serve("/2", Answer(CONTENT, length=False))
    message = failure(asset(stated, silent, bytes=None), tmp_path, settings=small)
    assert f"{stated}: offers 179,200 bytes, but at most 1,000 are allowed" in message
    assert f"{silent}: sends more than the 1,000 bytes allowed" in message


@pytest.mark.slow
def test_stalled_server_is_given_up(server, impatient, tmp_path):
    stalled, good = server.serve("/1", Answer(CONTENT, sent=10, stall=5)), server.serve("/2", Answer(CONTENT))
    assert fetch_asset(asset(stalled, good), tmp_path, settings=impatient).origin == good
    assert "stalled: nothing for 0.3 s (3 tries)" in failure(asset(stalled), tmp_path / "new", settings=impatient)


def test_trickling_server_is_given_up(server, waits, tmp_path):
    """Each byte comes in time, but all of them never would."""
    limits = DownloadSettings(attempts=1, stall_timeout=0.3, sleep=waits.append)
    url = server.serve("/a", Answer(CONTENT, trickle=0.02))
    assert "stalled: " in failure(asset(url), tmp_path, settings=limits)


def test_slow_but_steady_server_is_waited_for(server, waits, tmp_path):
    limits = DownloadSettings(attempts=1, stall_timeout=0.5, slowest_rate=1, sleep=waits.append)
    body = b"steady" * 4
    url = server.serve("/a", Answer(body, trickle=0.05))
    assert fetch_asset(asset(url, content=body), tmp_path, settings=limits).path.read_bytes() == body


def test_nobody_listens(server, settings, waits, tmp_path):
    url = server.serve("/a", Answer(CONTENT))
    server.close()
    message = failure(asset(url), tmp_path, settings=settings)
    assert f"{url}: the connection failed (" in message
    assert "refused" in message
    assert len(waits) == 2


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/a", "letters.gz", "http://"])
def test_address_of_another_kind(settings, waits, tmp_path, url):
    assert f"{url}: is not an http or https address" in failure(asset(url), tmp_path, settings=settings)
    assert waits == []


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("length", [True, False])
def test_html_page_in_place_of_the_file(server, settings, tmp_path, known, length):
    url = server.serve("/a", Answer(PAGE, length=length))
    wanted = asset(url) if known else asset(url, sha256=None, bytes=None)
    message = failure(wanted, tmp_path, settings=settings)
    assert "sent an HTML page in place of the file" in message
    assert f"open {url} in a browser" in message
    assert files(tmp_path) == []
    assert len(server.requests) == 1


def test_file_stays_packed_whatever_the_server_says_of_its_encoding(server, settings, tmp_path):
    """Some servers label a .gz file as encoded; a client that unpacks it gets the wrong bytes."""
    packed = gzip.compress(b"letters" * 100, mtime=0)
    url = server.serve("/a", Answer(packed, headers={"Content-Encoding": "gzip"}))
    assert fetch_asset(asset(url, content=packed), tmp_path, settings=settings).path.read_bytes() == packed


def test_offline_asks_nobody(server, settings, tmp_path):
    url = server.serve("/a", Answer(CONTENT))
    message = failure(asset(url), tmp_path, offline=True, settings=settings)
    assert "network: not asked (offline)" in message
    assert server.requests == []


def test_no_address(tmp_path):
    assert "no address is configured for this asset" in failure(asset(), tmp_path)


@pytest.mark.parametrize("name", ["deep/er/letters.gz", "renamed.bin"])
def test_local_folder_is_searched_first_by_content(server, settings, tmp_path, name):
    url = server.serve("/a", Answer(CONTENT))
    source = tmp_path / "local" / name
    source.parent.mkdir(parents=True)
    source.write_bytes(CONTENT)
    (tmp_path / "local" / "letters.gz").write_bytes(OTHER)
    fetched = fetch_asset(asset(url), tmp_path / "data", [tmp_path / "local"], settings=settings)
    assert (fetched.how, fetched.origin) == ("copied", str(source))
    assert fetched.path.read_bytes() == CONTENT
    assert source.read_bytes() == CONTENT
    assert server.requests == []


def test_data_folder_itself_is_searched(tmp_path):
    (tmp_path / "letters.gz").write_bytes(CONTENT)
    assert fetch_asset(asset(), tmp_path, offline=True).origin == str(tmp_path / "letters.gz")


def test_only_files_of_the_right_size_are_hashed(tmp_path, monkeypatch):
    local = tmp_path / "local"
    local.mkdir()
    (local / "renamed").write_bytes(CONTENT)
    for number in range(20):
        (local / f"other{number}").write_bytes(b"x" * number)
    hashed = []
    monkeypatch.setattr("rework.assets._hash", lambda path: hashed.append(path.name) or asset().sha256)
    fetch_asset(asset(), tmp_path / "data", [local], offline=True)
    assert hashed == ["renamed"]


def test_unreadable_and_dangling_files_are_passed_over(tmp_path):
    local = tmp_path / "local"
    local.mkdir()
    (local / "letters.gz").symlink_to(tmp_path / "gone")
    (local / "pipe").symlink_to("pipe")
    (local / "z").write_bytes(CONTENT)
    assert fetch_asset(asset(), tmp_path / "data", [local], offline=True).origin == str(local / "z")


def test_substitute_is_found_by_its_own_hash(tmp_path):
    local = tmp_path / "local"
    local.mkdir()
    (local / "letters.gz").write_bytes(OTHER)
    (local / "stand-in.gz").write_bytes(CONTENT)
    stand_in = asset(substitute="Letters of another hand.", comparable=False)
    assert fetch_asset(stand_in, tmp_path / "data", [local], offline=True).origin == str(local / "stand-in.gz")


def test_first_download_records_a_checksum_and_later_uses_check_it(server, settings, tmp_path):
    url = server.serve("/a", Answer(PACKED))
    unknown = asset(url, sha256=None, bytes=None)
    fetched = fetch_asset(unknown, tmp_path, settings=settings)
    assert fetched.sha256 == hashlib.sha256(PACKED).hexdigest()
    assert record_path(fetched.path).read_text() == f"{fetched.sha256}  letters.gz\n"
    assert verify_asset(unknown, tmp_path) == fetched.sha256


def test_a_file_that_contradicts_a_record_is_kept_and_the_record_named(server, settings, tmp_path):
    """The record may be of a wrong file, and the one that was put there by hand the right one."""
    url = server.serve("/a", Answer(PACKED))
    unknown = asset(url, sha256=None, bytes=None)
    path = fetch_asset(unknown, tmp_path, settings=settings).path
    path.write_bytes(OTHER_PACKED)
    for ask in (lambda: verify_asset(unknown, tmp_path), lambda: fetch_asset(unknown, tmp_path, settings=settings)):
        with pytest.raises(DataError) as caught:
            ask()
        message = str(caught.value)
        for part in (str(path), str(record_path(path)), "delete letters.gz.sha256", hashlib.sha256(PACKED).hexdigest()):
            assert part in message
        assert "\n" not in message
    assert (path.read_bytes(), len(server.requests)) == (OTHER_PACKED, 1)
    assert files(tmp_path) == ["group/letters.gz", "group/letters.gz.sha256"]
    record_path(path).unlink()
    assert fetch_asset(unknown, tmp_path, settings=settings).how == "present"
    assert verify_asset(unknown, tmp_path) == hashlib.sha256(OTHER_PACKED).hexdigest()


def test_file_without_any_checksum_must_lie_at_its_place(tmp_path):
    local = tmp_path / "local"
    (local / "group").mkdir(parents=True)
    (local / "letters.gz").write_bytes(OTHER_PACKED)
    unknown = asset(sha256=None, bytes=None)
    failure(unknown, tmp_path / "data", [local], offline=True)
    (local / "group" / "letters.gz").write_bytes(PACKED)
    assert fetch_asset(unknown, tmp_path / "data", [local], offline=True).path.read_bytes() == PACKED


def test_the_first_digits_of_a_checksum_are_checked_where_no_more_is_known(server, settings, tmp_path):
    start = hashlib.sha256(PACKED).hexdigest()[:8]
    wrong, right = server.serve("/wrong", Answer(OTHER_PACKED)), server.serve("/right", Answer(PACKED))
    wanted = asset(wrong, right, sha256=None, bytes=None, sha256_start=start)
    assert fetch_asset(wanted, tmp_path, settings=settings).origin == right
    assert verify_asset(wanted, tmp_path) == hashlib.sha256(PACKED).hexdigest()
    other = tmp_path / "other"
    message = failure(asset(wrong, sha256=None, bytes=None, sha256_start=start), other, settings=settings)
    assert f"expected {start}…" in message
    assert f"SHA-256 begins with {start}" in message
    (other / "group").mkdir(parents=True, exist_ok=True)
    (other / "group" / "letters.gz").write_bytes(OTHER_PACKED)
    with pytest.raises(DataError, match=f"expected one that begins with {start}"):
        verify_asset(wanted, other)
    # Recorded before the first digits were known.
    record_path(other / "group" / "letters.gz").write_text(f"{hashlib.sha256(OTHER_PACKED).hexdigest()}  letters.gz\n")
    with pytest.raises(DataError, match=rf"letters\.gz\.sha256: .* expected one that begins with {start}; delete it"):
        verify_asset(wanted, other)


def test_damaged_record(tmp_path):
    target = tmp_path / "group" / "letters.gz"
    target.parent.mkdir()
    target.write_bytes(CONTENT)
    record_path(target).write_text("no checksum\n")
    with pytest.raises(DataError, match=r"letters\.gz\.sha256: does not start with a SHA-256"):
        expected_sha256(asset(sha256=None), target)


@pytest.mark.parametrize("file", ["/etc/letters", "../letters", "a/../../letters", ""])
def test_file_outside_the_data_folder(tmp_path, file):
    with pytest.raises(ConfigError, match="must be a path inside the data folder"):
        fetch_asset(asset(file=file), tmp_path)


def test_target_that_cannot_be_written_is_said(server, settings, tmp_path):
    """A folder in place of the partial file: no permission bits, because tests may run as root."""
    url = server.serve("/a", Answer(CONTENT))
    (tmp_path / "group" / ".letters.gz.partial").mkdir(parents=True)
    with pytest.raises(StorageError, match=r"\.letters\.gz\.partial"):
        fetch_asset(asset(url), tmp_path, settings=settings)


def test_progress_bar_only_on_a_terminal(server, settings, tmp_path, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    url = server.serve("/a", Answer(CONTENT))
    for stream, shown in ((io.StringIO(), False), (Terminal(), True)):
        monkeypatch.setattr("sys.stderr", stream)
        fetch_asset(asset(url), tmp_path / str(shown), settings=settings)
        assert ("letters" in stream.getvalue()) is shown


PROXIES = {
    "SOCKS": ("ALL_PROXY", "socks5://user:secret@127.0.0.1:9"),
    "a name for SOCKS that nobody knows": ("ALL_PROXY", "socks://127.0.0.1:9"),
    "no host": ("HTTP_PROXY", "http:///x"),
    "nobody there": ("http_proxy", "http://127.0.0.1:9"),
}


@pytest.mark.parametrize(("name", "value"), PROXIES.values(), ids=PROXIES)
def test_a_wrong_proxy_is_told_from_a_wrong_address(server, settings, tmp_path, monkeypatch, name, value):
    url = server.serve("/a", Answer(CONTENT)).replace("127.0.0.1", "letters.example")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv(name, value)
    message = failure(asset(url), tmp_path, settings=settings)
    assert f"{url}: the proxy cannot be used: {name} is " in message
    assert "is not an http or https address" not in message
    assert "secret" not in message
    assert files(tmp_path) == []


def test_a_wrong_file_of_certificates_is_told_from_a_full_disk(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/certificates.pem")
    message = failure(asset("https://127.0.0.1:9/a"), tmp_path, settings=settings)
    assert "REQUESTS_CA_BUNDLE is '/nowhere/certificates.pem'" in message
    assert "cannot be written" not in message


def test_a_certificate_that_is_not_accepted_is_named(settings, tmp_path, monkeypatch):
    import requests

    def refuse(*_, **__):
        raise requests.exceptions.SSLError("certificate verify failed: self-signed certificate")

    monkeypatch.setattr(requests, "get", refuse)
    message = failure(asset("https://letters.example/a"), tmp_path, settings=settings)
    assert "its certificate was not accepted (certificate verify failed: self-signed" in message
    assert "REQUESTS_CA_BUNDLE" in message


def test_after_a_redirect_to_no_address_the_next_mirror_is_asked(server, settings, tmp_path):
    bad = server.serve("/1", Answer(status=302, headers={"Location": "ftp://letters.example/a"}))
    good = server.serve("/2", Answer(CONTENT))
    assert fetch_asset(asset(bad, good), tmp_path, settings=settings).origin == good


def test_a_full_disk_is_a_fault_of_this_machine(server, settings, waits, tmp_path, monkeypatch):
    first, second = server.serve("/1", Answer(CONTENT)), server.serve("/2", Answer(CONTENT))

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rework.downloading.os.fsync", full)
    with pytest.raises(StorageError, match=r"\.letters\.gz\.partial.* MB are free in .*; make room"):
        fetch_asset(asset(first, second), tmp_path, settings=settings)
    assert len(server.requests) == 1
    assert waits == []
