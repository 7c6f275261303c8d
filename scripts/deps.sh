#!/bin/sh
# Installs what building and testing relgraph needs: Debian packages that are missing, and the
# pinned npm packages (prebuilt engine, parser runtime, grammars). Safe to run again and again.
set -eu
cd "$(dirname "$0")/.."

packages="gcc libc6-dev pkg-config cmake ninja-build make git npm ca-certificates
libxxhash-dev libgit2-dev libjansson-dev libprotobuf-c-dev protobuf-c-compiler libcmocka-dev
libssl-dev clang clang-format clang-tidy libclang-rt-14-dev cppcheck shellcheck valgrind
python3-django"

installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }
have() { command -v "$1" >/dev/null 2>&1; }

missing=
for p in $packages; do
    case $p in # a tool that came another way is as good
        gcc|cmake|make|git|npm) have "$p" && continue ;;
        ninja-build) have ninja && continue ;;
    esac
    installed "$p" || missing="$missing $p"
done
if [ -n "$missing" ]; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    if [ -n "$sudo" ] && ! have sudo; then
        echo "deps: these Debian packages are missing, and there is no sudo to install them:$missing" >&2
        exit 1
    fi
    echo "deps: installing$missing"
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

stamp=node_modules/.relgraph-lock
if ! cmp -s package-lock.json "$stamp" 2>/dev/null; then
    echo "deps: npm ci"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    cp package-lock.json "$stamp"
fi
