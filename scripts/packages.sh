# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts that a person or CI runs: installs Debian packages that are missing.
#
#     need COMMAND_OR_FILE PACKAGE        notes the package if the command (or file) is not there
#     need_python_module MODULE PACKAGE   the same for a module of python3
#     install_needed                      installs what was noted, without questions

needed=""

need() {
    case "$1" in
    /*) [ -e "$1" ] || needed="$needed $2" ;;
    *) command -v "$1" >/dev/null 2>&1 || needed="$needed $2" ;;
    esac
}

need_python_module() {
    python3 -c "import $1" 2>/dev/null || needed="$needed $2"
}

install_needed() {
    [ -n "$needed" ] || return 0
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "missing packages (Debian's names):$needed" >&2
        return 1
    fi
    echo "installing:$needed"
    DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null &&
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $needed \
            </dev/null >/dev/null
}

# The program alone
need_build_program() {
    need gcc gcc
    need /usr/include/stdio.h libc6-dev
    need meson meson
    need ninja ninja-build
    need /usr/include/uthash.h uthash-dev
}

# bufcheck.exe
need_build_windows() {
    need x86_64-w64-mingw32-gcc-posix gcc-mingw-w64-x86-64-posix
    need x86_64-w64-mingw32-windres binutils-mingw-w64-x86-64
}

# The program for 64-bit ARM
need_build_arm() {
    need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
    need /usr/aarch64-linux-gnu/lib/libc.a libc6-dev-arm64-cross
}

# All that scripts/test builds with gcc
need_build() {
    need_build_program
    need pkg-config pkg-config
    need python3 python3
    need /usr/include/archive.h libarchive-dev
    need /usr/include/criterion/criterion.h libcriterion-dev
}

# $1: the folder that gets node_modules; the rest: packages with their versions
install_npm() {
    mkdir -p "$1"
    npm install --prefix "$@" --ignore-scripts --no-audit --no-fund --loglevel=error \
        --fetch-retries=1 --fetch-timeout=60000 </dev/null >/dev/null
}

SARIF_MULTITOOL_VERSION=5.7.0

# Microsoft's SARIF validator from npm, into a build folder: names it in SARIF_MULTITOOL. Its Linux
# program stands alone, but npm leaves it without its run bit where install scripts are not run.
install_sarif_multitool() {
    SARIF_MULTITOOL="$1/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
    export SARIF_MULTITOOL
    [ ! -x "$SARIF_MULTITOOL" ] || return 0
    install_npm "$1" "@microsoft/sarif-multitool@$SARIF_MULTITOOL_VERSION" \
        "@microsoft/sarif-multitool-linux@$SARIF_MULTITOOL_VERSION" &&
        chmod u+x "$SARIF_MULTITOOL"
}

AXE_CORE_VERSION=4.14.1

# The checker of accessible pages from npm, into a build folder: names its script in AXE_CORE.
install_axe_core() {
    AXE_CORE="$1/node_modules/axe-core/axe.min.js"
    export AXE_CORE
    [ ! -f "$AXE_CORE" ] || return 0
    install_npm "$1" "axe-core@$AXE_CORE_VERSION"
}

DUCKDB_VERSION=1.5.6-r.1

# DuckDB for node from npm, into a build folder: names the folder of modules in DUCKDB_MODULES.
install_duckdb() {
    DUCKDB_MODULES="$1/node_modules"
    export DUCKDB_MODULES
    [ ! -d "$DUCKDB_MODULES/@duckdb/node-api" ] || return 0
    install_npm "$1" "@duckdb/node-api@$DUCKDB_VERSION"
}
