#!/bin/sh
# Set up .venv, the Node packages of the report and the system libraries. A second call with the same lock files does
# nothing. Called by the Makefile from the root of the repository.
set -eu

UV_VERSION=0.13.8
LIBRARIES="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
VENV=.venv

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Print the first Python that the locked packages are made for.
find_python() {
    for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
}

# Print what there is instead, for a message.
found_python() {
    found=
    for candidate in ${PYTHON:-} python3; do
        command -v "$candidate" >/dev/null || continue
        version=$("$candidate" --version 2>&1) || version="something else"
        found="${found:+$found, }$candidate is $version"
    done
    printf '%s' "${found:+ ($found)}"
}

# True if this user can install Debian packages without being asked anything.
can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_install() {
    can_install || return 1
    say "installing $*"
    # On a fresh machine, an unattended upgrade often holds apt's lock for some minutes.
    set -- -o DPkg::Lock::Timeout=600 -qq -y --no-install-recommends "$@"
    apt-get -o DPkg::Lock::Timeout=600 update -qq && DEBIAN_FRONTEND=noninteractive apt-get install "$@" >/dev/null
}

has_library() { /sbin/ldconfig -p | grep -q "$1"; }

check_libraries() {
    has_library libpango-1.0.so.0 && has_library libpangoft2-1.0.so.0 && has_library libharfbuzz-subset.so.0 && return
    # shellcheck disable=SC2086 # a list of words
    apt_install $LIBRARIES || fail "the PDF needs system libraries: run 'sudo apt-get install $LIBRARIES', then make again"
}

make_venv() {
    [ -x "$VENV/bin/python" ] && [ -x "$VENV/bin/pip" ] && return
    python=$(find_python)
    [ -n "$python" ] || fail "no Python 3.11, 3.12 or 3.13 found$(found_python): the locked packages are made for these;" \
        "install one ('sudo apt-get install python3 python3-venv', or 'uv python install 3.12') and name it with" \
        "'make PYTHON=/path/to/python3'"
    say "creating $VENV with $("$python" --version)"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        apt_install python3-venv || fail "Python lacks venv: run 'sudo apt-get install python3-venv', then make again"
    fi
    "$python" -m venv "$VENV"
}

# Run a command unless it already ran with the same contents of the files that it depends on.
once() {
    stamp=$1 files=$2 command=$3
    # shellcheck disable=SC2086 # a list of files
    key=$(cat $files | sha256sum)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ] && return
    $command
    printf '%s\n' "$key" >"$stamp"
}

install_packages() {
    say "installing the locked Python packages"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
    # Compiled here once: if Python may not write bytecode, each of the workflow's many processes would compile again.
    "$VENV/bin/uv" pip sync --quiet --compile-bytecode --python "$VENV/bin/python" --require-hashes requirements.txt
    "$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" --no-deps --no-build-isolation --editable .
}

install_node_packages() {
    say "installing the locked Node packages"
    PATH="$PWD/$VENV/bin:$PATH" npm ci --prefix report --no-audit --no-fund --loglevel=error
}

make_venv
once "$VENV/installed" "requirements.txt pyproject.toml tools/setup.sh" install_packages
[ -d report/node_modules ] || rm -f "$VENV/node-installed"
once "$VENV/node-installed" "report/package.json report/package-lock.json" install_node_packages
check_libraries
