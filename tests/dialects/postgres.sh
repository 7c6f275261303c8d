# shellcheck shell=sh
# Functions of run.sh: a PostgreSQL cluster of its own on a socket in a temporary folder.
postgres_data=

# Who may not be root runs as the user that Debian's package made.
postgres_as() {
    if [ "$(id -u)" = 0 ]; then
        su postgres -s /bin/sh -c "$1"
    else
        sh -c "$1"
    fi
}

postgres_bin() {
    for folder in /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ]; then
            echo "$folder"
            return 0
        fi
    done
    return 1
}

postgres_start() {
    if ! postgres_bin >/dev/null; then
        echo "installing postgresql"
        sudo=
        [ "$(id -u)" = 0 ] || sudo=sudo
        # The package would start a cluster for everybody.
        $sudo mkdir -p /etc/postgresql-common
        [ -e /etc/postgresql-common/createcluster.conf ] ||
            echo "create_main_cluster = false" | $sudo tee /etc/postgresql-common/createcluster.conf >/dev/null
        $sudo apt-get update -qq
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
    fi
    postgres_path=$(postgres_bin)
    postgres_data=$1/postgres
    mkdir -p "$postgres_data"
    [ "$(id -u)" != 0 ] || chown postgres "$postgres_data"
    # A collation that is not the bytes' order: what depends on it must say so.
    postgres_as "'$postgres_path/initdb' -D '$postgres_data/data' -A trust -U relgraph -E UTF8 \
        --locale-provider=icu --icu-locale=en --locale=C.UTF-8" >"$1/postgres.log" 2>&1 &&
        postgres_as "'$postgres_path/pg_ctl' -D '$postgres_data/data' -w -l '$postgres_data/log' -o \
            \"-k '$postgres_data' -c listen_addresses='' -c fsync=off -c timezone=UTC\" start" \
            >>"$1/postgres.log" 2>&1 || {
        cat "$1/postgres.log"
        return 1
    }
}

postgres_stop() {
    [ -z "$postgres_data" ] ||
        postgres_as "'$postgres_path/pg_ctl' -D '$postgres_data/data' -m immediate stop" >/dev/null 2>&1 || true
}

postgres_sql() { psql -h "$postgres_data" -U relgraph -d "$1" -X -At -q; }

# CREATE TABLE and \copy for every table of a folder.
postgres_tables() {
    awk -F '\t' -v folder="$1" '
        function type(t) {
            if (t == "VARCHAR") return "TEXT"
            if (t == "DOUBLE") return "DOUBLE PRECISION"
            if (t ~ /^U?TINYINT$/) return "SMALLINT"
            if (t == "USMALLINT") return "INTEGER"
            if (t == "UINTEGER") return "BIGINT"
            if (t == "UBIGINT") return "NUMERIC(20)"
            sub("VARCHAR", "TEXT", t)
            return t
        }
        function finish() {
            if (table == "") return
            print ");"
            printf "\\copy \"%s\" FROM '\''%s/data/%s.csv'\'' (FORMAT csv, HEADER true)\n", table, folder, table
        }
        $1 != table { finish(); table = $1; printf "CREATE TABLE \"%s\" (", table; n = 0 }
        { printf "%s\"%s\" %s", n++ ? ", " : "", $2, type($3) }
        END { finish() }' "$1/tables.tsv"
}

# Every query of a folder; what it gives goes to postgres/NAME.csv, why it fails to NAME.error.
postgres_queries() {
    awk -F '\t' -v folder="$1" '
        substr($2, 1, 2) != "! " {
            name = $1; gsub(/[^A-Za-z0-9_:.]/, "_", name)
            printf "\\o %s/postgres/%s.csv\n\\echo %s\n\\warn #%s\n%s;\n", folder, name, name, name, $2
        }' "$1/postgres.tsv" | postgres_sql "$2" >/dev/null 2>"$1/postgres.errors" || true
    awk -v folder="$1" '/^#/ { name = substr($0, 2); next }
        { print > (folder "/postgres/" name ".error") }' "$1/postgres.errors"
}

postgres_run() {
    for part in rules random vectors; do
        echo "CREATE DATABASE $part" | postgres_sql postgres
        postgres_sql $part <"$1/prelude.postgres.sql" 2>/dev/null
        [ ! -e "$1/$part/tables.tsv" ] || postgres_tables "$1/$part" | postgres_sql $part
        postgres_queries "$1/$part" $part
    done
}
