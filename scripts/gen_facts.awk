# Generates the C side of the fact tables from rules/datasets.sql: one struct a row, one function that
# appends it to the columns of a batch, the vocabularies as enums, and the table of tables.
#   awk -f gen_facts.awk datasets.sql > fact_tables.h
function upper(s) { return toupper(s) }
BEGIN {
    print "/* Generated from rules/datasets.sql by scripts/gen_facts.awk: do not edit. */"
    print "#ifndef FACT_TABLES_H\n#define FACT_TABLES_H\n"
    print "#include \"engine/batch.h\"\n"
    ntables = 0
}
/^CREATE TYPE/ { in_type = 1; text = "" }
in_type {
    text = text $0
    if ($0 ~ /;[ \t]*$/) {
        in_type = 0
        split(text, words, " ")
        name = words[3]
        list = text; sub(/^[^(]*\(/, "", list); sub(/\).*$/, "", list); gsub(/[ \t]+/, " ", list)
        n = split(list, values, ",")
        is_enum[name] = 1
        body = ""; strings = ""
        count = 0
        for (i = 1; i <= n; i++) {
            v = values[i]; gsub(/[ ']/, "", v)
            if (v == "") continue
            count++
            body = body "    " upper(name) "_" upper(v) ",\n"
            strings = strings "\"" v "\", "
        }
        dynamic[name] = (count == 0)
        if (count) {
            print "enum " name " {\n" body "    " upper(name) "_COUNT\n};\n"
            vocab = vocab "    {\"" name "\", (const char *const[]){" strings "NULL}, " count "},\n"
        } else
            vocab = vocab "    {\"" name "\", NULL, 0},\n"
    }
    next
}
/^-- layer:/ { layer = $3 }
/^-- key:/ { key = $0; sub(/^-- key: */, "", key); gsub(/ /, "", key) }
/^-- stored: packed/ { is_packed = 1 }
/^-- ids:/ { ids = $0; sub(/^-- ids: */, "", ids) }
/^CREATE TABLE/ { table = $3; ncols = 0; if (layer == "fact") keep = 1; else keep = 0; next }
/^\);/ {
    if (keep) emit()
    keep = 0; table = ""; layer = ""; ids = ""; key = ""; is_packed = 0
    next
}
table != "" && keep {
    line = $0; sub(/--.*/, "", line); gsub(/,[ \t]*$/, "", line)
    split(line, w, " ")
    if (w[1] == "") next
    ncols++
    col[ncols] = w[1]; type[ncols] = w[2]; sub(/,$/, "", type[ncols])
    notnull[ncols] = (line ~ /NOT NULL/)
}
function ctype(t) {
    if (t == "BIGINT") return "int64_t"
    if (t == "INTEGER") return "int32_t"
    if (t == "BOOLEAN") return "bool"
    if (t == "DOUBLE") return "double"
    if (t == "VARCHAR") return "struct str"
    if (is_enum[t]) return "uint16_t"
    print "gen_facts: unknown type " t > "/dev/stderr"; exit 1
}
function ctag(t) {
    if (is_enum[t]) return "COLUMN_ENUM"
    return "COLUMN_" (t == "VARCHAR" ? "TEXT" : t == "BIGINT" ? "INT64" : t == "INTEGER" ? "INT32" : t == "BOOLEAN" ? "BOOL" : "DOUBLE")
}
function cname(c) { return (c == "default" || c == "register" || c == "double" || c == "int") ? c "_" : c }
function emit(   i) {
    ntables++
    tables[ntables] = table
    struct_text = "struct " table "_row {\n"
    add = "static inline void fact_" table "(struct batch *batch, const struct " table "_row *row)\n{\n"
    add = add "    uint32_t at = batch_row(batch);\n"
    columns = ""; packed = ""
    for (i = 1; i <= ncols; i++) {
        struct_text = struct_text "    " ctype(type[i]) (ctype(type[i]) ~ /\*$/ ? "" : " ") cname(col[i]) ";\n"
        t = type[i]
        fn = is_enum[t] ? "batch_enum" : t == "VARCHAR" ? "batch_text" : t == "BIGINT" ? "batch_int64" : t == "INTEGER" ? "batch_int32" : t == "BOOLEAN" ? "batch_bool" : "batch_double"
        if (!notnull[i] && fn != "batch_text") fn = fn "_null"
        add = add "    " fn "(batch, " (i - 1) ", at, row->" cname(col[i]) ");\n"
        if (is_packed && index("," key ",", "," col[i] ",") == 0)
            packed = packed (packed == "" ? "" : " | ") "UINT64_C(1) << " (i - 1)
        columns = columns "        {\"" col[i] "\", " ctag(t) ", \"" t "\", " (notnull[i] ? "true" : "false") "},\n"
    }
    print struct_text "};\n"
    print add "}\n"
    defs = defs "static const struct column_spec " table "_columns[] = {\n" columns "};\n"
    tabs = tabs "    [FACT_" upper(table) "] = {\"" table "\", " table "_columns, " ncols ", \"" ids "\", 0, " (packed == "" ? "0" : packed) "},\n"
    enums = enums "    FACT_" upper(table) ",\n"
}
END {
    print "enum fact_table {\n" enums "    FACT_COUNT\n};\n"
    print "#ifdef FACT_TABLES_DEFINE"
    print defs
    print "const struct table_spec fact_tables[FACT_COUNT] = {\n" tabs "};\n"
    print "const struct vocabulary fact_vocabularies[] = {\n" vocab "    {NULL, NULL, 0},\n};"
    print "#else"
    print "extern const struct table_spec fact_tables[FACT_COUNT];"
    print "extern const struct vocabulary fact_vocabularies[];"
    print "#endif\n\n#endif"
}
