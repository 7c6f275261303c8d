# shellcheck shell=sh disable=SC2034
# What the shell tests share: `. "$root/tests/tap.sh"` in a folder of the test's own.
number=0
failures=0
code=

# Runs a command; `out`, `err` and `code` say what it did.
run() {
    "$@" >out 2>err </dev/null
    code=$?
}

report() { # OK NAME
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2${code:+ (exit code $code)}"
        [ ! -f out ] || sed 's/^/# out: /' out | head -n 30
        [ ! -f err ] || sed 's/^/# err: /' err | head -n 30
        failures=$((failures + 1))
    fi
}

# same NAME EXPECTED FOUND: two files are equal.
same() {
    if cmp -s "$2" "$3"; then report 0 "$1"; else
        diff -u "$2" "$3" | sed 's/^/# /'
        report 1 "$1"
    fi
}

# is NAME CODE FILE: the last run ended with CODE, and FILE holds exactly standard input.
is() {
    cat >expected
    if [ "$code" = "$2" ]; then same "$1" expected "$3"; else report 1 "$1"; fi
}

# has NAME CODE FILE TEXT: … and FILE contains TEXT.
has() {
    if [ "$code" = "$2" ] && grep -qF -- "$4" "$3"; then report 0 "$1"; else
        echo "# wanted: $4"
        report 1 "$1"
    fi
}
