# Sourced by the scripts that a person or CI runs: installs Debian packages that are missing.
#
#     need COMMAND_OR_FILE PACKAGE     notes the package if the command (or file) is not there
#     install_needed                   installs what was noted, without questions

needed=""

need() {
    case "$1" in
    /*) [ -e "$1" ] || needed="$needed $2" ;;
    *) command -v "$1" >/dev/null 2>&1 || needed="$needed $2" ;;
    esac
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

need_build() {
    need gcc gcc
    need /usr/include/stdio.h libc6-dev
    need meson meson
    need ninja ninja-build
    need pkg-config pkg-config
    need python3 python3
    need /usr/include/uthash.h uthash-dev
    need /usr/include/criterion/criterion.h libcriterion-dev
}
