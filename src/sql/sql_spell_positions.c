/* The position functions without native code: of all prefixes of the line, the one that is as long
 * as asked, measured in bytes or in the encoding's units. Quadratic in the line's length: meant for
 * engines where nothing better is at hand. */
#include "sql/sql_spell_positions.h"

/* The line up to its end: the first \n or \r. $1 line, $2 column or byte, $3 encoding. */
#define LINE "split_part(replace($1, chr(13), chr(10)), chr(10), 1)"
#define CLICKHOUSE_LINE                                                                            \
    "splitByString(char(10), replaceAll(assumeNotNull($1), char(13), char(10)))[1]"

/* The encoding's name as names are compared: see position_encoding_parse. */
#define ENCODINGS                                                                                  \
    " WHEN 'utf8' THEN 'utf-8' WHEN '1' THEN 'utf-8' WHEN 'utf8codeunitoffsetfromlinestart' "      \
    "THEN 'utf-8' WHEN 'utf16' THEN 'utf-16' WHEN '2' THEN 'utf-16' WHEN "                         \
    "'utf16codeunitoffsetfromlinestart' THEN 'utf-16' WHEN 'utf32' THEN 'utf-32' WHEN '3' THEN "   \
    "'utf-32' WHEN 'utf32codeunitoffsetfromlinestart' THEN 'utf-32' END"
#define ENCODING(name)            "CASE translate(lower(" name "), '-_ ', '')" ENCODINGS
#define CLICKHOUSE_ENCODING(name) "CASE replaceRegexpAll(lower(" name "), '[-_ ]', '')" ENCODINGS

/* How long a text is. Characters beyond U+FFFF are two units of UTF-16. */
#define UNITS(encoding, bytes, characters, astral)                                                 \
    "CASE " encoding " WHEN 'utf-8' THEN " bytes " WHEN 'utf-16' THEN " characters " + " astral    \
    " WHEN 'utf-32' THEN " characters " END"
#define DUCKDB_UNITS(p)                                                                            \
    UNITS(ENCODING("$3"), "strlen(" p ")", "length(" p ")",                                        \
          "length(regexp_replace(" p ", '[^\\x{10000}-\\x{10FFFF}]', '', 'g'))")
#define SPARK_UNITS(p)                                                                             \
    UNITS(ENCODING("$3"), "octet_length(" p ")", "length(" p ")",                                  \
          "length(regexp_replace(" p ", '[^\\\\x{10000}-\\\\x{10FFFF}]', ''))")
#define POSTGRES_UNITS(p)                                                                          \
    UNITS(ENCODING("$3"), "octet_length(" p ")", "length(" p ")",                                  \
          "length(regexp_replace(" p ", '[^\\U00010000-\\U0010FFFF]', '', 'g'))")
#define CLICKHOUSE_UNITS(p)                                                                        \
    UNITS(CLICKHOUSE_ENCODING("$3"), "length(" p ")", "lengthUTF8(" p ")",                         \
          "lengthUTF8(replaceRegexpAll(" p ", '[^\\\\x{10000}-\\\\x{10FFFF}]', ''))")

/* Characters before the position, where the prefix is as long as $2; NULL where none is. */
#define DUCKDB_FIND(units) "list_filter(range(length(" LINE ") + 1), lambda i_: " units " = $2)[1]"
#define SPARK_FIND(units)  "get(filter(sequence(0, length(" LINE ")), i_ -> " units " = $2), 0)"
#define POSTGRES_FIND(units)                                                                       \
    "(SELECT i_ FROM generate_series(0, length(" LINE ")) AS s(i_) WHERE " units " = $2)"
#define CLICKHOUSE_FIND(units)                                                                     \
    "if($1 IS NULL, NULL, arrayElementOrNull(arrayFilter(i_ -> ifNull(" units                      \
    " = $2, false), range(lengthUTF8(" CLICKHOUSE_LINE ") + 1)), 1))"

#define DUCKDB_COLUMN     DUCKDB_FIND(DUCKDB_UNITS("left(" LINE ", i_)"))
#define SPARK_COLUMN      SPARK_FIND(SPARK_UNITS("left(" LINE ", i_)"))
#define POSTGRES_COLUMN   POSTGRES_FIND(POSTGRES_UNITS("left(" LINE ", i_)"))
#define CLICKHOUSE_COLUMN CLICKHOUSE_FIND(CLICKHOUSE_UNITS("leftUTF8(" CLICKHOUSE_LINE ", i_)"))

#define DUCKDB_PREFIX   "left(" LINE ", " DUCKDB_FIND("strlen(left(" LINE ", i_))") ")"
#define SPARK_PREFIX    "left(" LINE ", " SPARK_FIND("octet_length(left(" LINE ", i_))") ")"
#define POSTGRES_PREFIX "left(" LINE ", " POSTGRES_FIND("octet_length(left(" LINE ", i_))") ")"
#define CLICKHOUSE_PREFIX                                                                          \
    "leftUTF8(" CLICKHOUSE_LINE                                                                    \
    ", " CLICKHOUSE_FIND("length(leftUTF8(" CLICKHOUSE_LINE ", i_))") ")"

#define ERROR(encoding, units, column)                                                             \
    "CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL WHEN " encoding                    \
    " IS NULL THEN 'encoding' WHEN $2 < 0 OR $2 > " units " THEN 'beyond' WHEN " column            \
    " IS NULL THEN 'inside' END"

static const char *const encoding_say[SQL_DIALECT_COUNT] = {
    ENCODING("$1"),
    ENCODING("$1"),
    ENCODING("$1"),
    CLICKHOUSE_ENCODING("$1"),
};
static const char *const col_to_byte_say[SQL_DIALECT_COUNT] = {
    "strlen(left(" LINE ", " DUCKDB_COLUMN "))",
    "CAST(octet_length(left(" LINE ", " SPARK_COLUMN ")) AS BIGINT)",
    "CAST(octet_length(left(" LINE ", " POSTGRES_COLUMN ")) AS BIGINT)",
    "CAST(length(leftUTF8(" CLICKHOUSE_LINE ", " CLICKHOUSE_COLUMN ")), 'Nullable(Int64)')",
};
static const char *const byte_to_col_say[SQL_DIALECT_COUNT] = {
    DUCKDB_UNITS(DUCKDB_PREFIX),
    "CAST(" SPARK_UNITS(SPARK_PREFIX) " AS BIGINT)",
    "CAST(" POSTGRES_UNITS(POSTGRES_PREFIX) " AS BIGINT)",
    "CAST(" CLICKHOUSE_UNITS(CLICKHOUSE_PREFIX) ", 'Nullable(Int64)')",
};
static const char *const error_say[SQL_DIALECT_COUNT] = {
    ERROR(ENCODING("$3"), DUCKDB_UNITS(LINE), DUCKDB_COLUMN),
    ERROR(ENCODING("$3"), SPARK_UNITS(LINE), SPARK_COLUMN),
    ERROR(ENCODING("$3"), POSTGRES_UNITS(LINE), POSTGRES_COLUMN),
    ERROR(CLICKHOUSE_ENCODING("$3"), CLICKHOUSE_UNITS(CLICKHOUSE_LINE), CLICKHOUSE_COLUMN),
};

enum rg_status sql_spell_position_encoding(const struct sql_spell *spell,
                                           const struct sql_node *call)
{
    return sql_spell_template(spell, call, encoding_say[spell->dialect]);
}

enum rg_status sql_spell_col_to_byte(const struct sql_spell *spell, const struct sql_node *call)
{
    return sql_spell_template(spell, call, col_to_byte_say[spell->dialect]);
}

enum rg_status sql_spell_byte_to_col(const struct sql_spell *spell, const struct sql_node *call)
{
    return sql_spell_template(spell, call, byte_to_col_say[spell->dialect]);
}

enum rg_status sql_spell_position_error(const struct sql_spell *spell, const struct sql_node *call)
{
    return sql_spell_template(spell, call, error_say[spell->dialect]);
}
