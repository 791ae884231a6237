#!/bin/sh
# Print the path of a Python that can run Tòa soạn; say what to install if there is none.
#
# A name on PATH proves nothing: it may be a version manager's shim that exits 127, or a Python without SQLite or venv.
# So every candidate is run. PYTHON, if set, is tried first.
set -u

NEEDS='
import sys
assert sys.implementation.name == "cpython" and (3, 12) <= sys.version_info < (3, 16), "version"
import ctypes, ensurepip, ssl, sqlite3, sysconfig, venv, zlib
assert not sysconfig.get_config_var("Py_GIL_DISABLED"), "free-threaded: no wheels"
assert sqlite3.sqlite_version_info >= (3, 40), "sqlite " + sqlite3.sqlite_version
sqlite3.connect(":memory:").execute("CREATE VIRTUAL TABLE t USING fts5(x)")
print(sys.executable)
'
SEEN=""

# Print the real path of the interpreter and end, if it serves; else remember why it does not.
try() {
    if answer=$("$1" -I -c "$NEEDS" </dev/null 2>&1) && [ -x "$answer" ]; then
        echo "$answer"
        exit 0
    fi
    SEEN="$SEEN
  $1: $(printf '%s' "$answer" | grep -E 'Error|not found' | tail -n 1 | cut -c 1-100)"
}

# The interpreters of a versions folder, newest first.
try_folder() {
    [ -d "$1" ] || return 0
    for version in $(ls "$1" | sort -rV); do
        [ -x "$1/$version/bin/python3" ] && try "$1/$version/bin/python3"
    done
}

[ -n "${PYTHON:-}" ] && try "$PYTHON"
for name in python3.14 python3.13 python3.12 python3 python; do
    command -v "$name" >/dev/null 2>&1 && try "$name"
done
try_folder "${PYENV_ROOT:-${HOME:-}/.pyenv}/versions"
try_folder "${UV_PYTHON_INSTALL_DIR:-${HOME:-}/.local/share/uv/python}"

# None here: let uv bring one.
uv=$(command -v uv 2>/dev/null) && "$uv" --version >/dev/null 2>&1 || uv=""
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ -z "$uv" ]; then
    for name in python3 python; do
        "$name" -m venv "$scratch/venv" >/dev/null 2>&1 || continue
        echo "Không có Python 3.12 trở lên; đang thử tải bằng uv / No Python 3.12 or newer; trying to download one with uv…" >&2
        "$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv >/dev/null 2>&1 &&
            uv="$scratch/venv/bin/uv" && break
    done
fi
if [ -n "$uv" ] && "$uv" python install --quiet 3.13 >/dev/null 2>&1; then
    found=$("$uv" python find --no-project 3.13 2>/dev/null) && try "$found"
fi

cat >&2 <<EOF

Tòa soạn cần CPython 3.12 trở lên, có mô-đun venv (ensurepip), ssl và SQLite từ 3.40 với FTS5. Máy này chưa có. Hãy cài một trong:
Tòa soạn needs CPython 3.12 or newer with venv (ensurepip), ssl and SQLite 3.40 or newer with FTS5. Install one of:
  Debian 13, Ubuntu 24.04 …:  apt-get install -y python3 python3-venv
  Fedora:                     dnf install -y python3
  macOS:                      brew install python@3.13
  pyenv:                      pyenv install 3.13
  uv:                         uv python install 3.13
rồi chạy lại / and run again; PYTHON=/đường/dẫn/python3 chỉ định một bản / names one.
Đã thử / tried:${SEEN:-
  (không thấy bản nào / none found)}
EOF
exit 1
