/* Words that mean something in SQL, and what they may not be used for. Sorted. */
#ifndef SQL_SQL_KEYWORD_H
#define SQL_SQL_KEYWORD_H

#include <stdbool.h>

#include "base/str.h"

enum sql_word_flag {
    SQL_RESERVED_QUOTE = 1,    /* as a name, written in quotes: reserved in an engine, or read as
                              something else in some places */
    SQL_RESERVED_END = 2,      /* ends an expression: no alias without AS */
    SQL_RESERVED_NEVER = 4,    /* never a name without quotes */
    SQL_RESERVED_CALL = 8,     /* WORD(…) is no call of a function of that name */
    SQL_RESERVED_POSTGRES = 16 /* written in quotes there */
};

/* X(WORD, flags): Q, E, N, C and P as above. */
#define SQL_WORDS(X)                                                                               \
    X(AGAINST, E)                                                                                  \
    X(ALL, Q | E | N)                                                                              \
    X(ANALYSE, Q)                                                                                  \
    X(ANALYZE, Q)                                                                                  \
    X(AND, Q | E | N)                                                                              \
    X(ANTI, Q | E)                                                                                 \
    X(ANY, Q | C)                                                                                  \
    X(ARRAY, Q)                                                                                    \
    X(AS, Q | E | N)                                                                               \
    X(ASC, Q | E)                                                                                  \
    X(ASOF, Q | E)                                                                                 \
    X(ASYMMETRIC, Q)                                                                               \
    X(AT, Q)                                                                                       \
    X(AUTHORIZATION, Q)                                                                            \
    X(BETWEEN, Q | E)                                                                              \
    X(BINARY, Q)                                                                                   \
    X(BOTH, Q)                                                                                     \
    X(BY, 0)                                                                                       \
    X(CASE, Q | C)                                                                                 \
    X(CAST, Q | C)                                                                                 \
    X(CHECK, Q)                                                                                    \
    X(COLLATE, Q | E)                                                                              \
    X(COLLATION, Q)                                                                                \
    X(COLUMN, Q)                                                                                   \
    X(CONCURRENTLY, Q)                                                                             \
    X(CONNECT, 0)                                                                                  \
    X(CONSTRAINT, Q)                                                                               \
    X(CREATE, Q)                                                                                   \
    X(CROSS, Q | E)                                                                                \
    X(CUBE, C)                                                                                     \
    X(CURRENT, 0)                                                                                  \
    X(CURRENT_CATALOG, P)                                                                          \
    X(CURRENT_DATE, Q)                                                                             \
    X(CURRENT_ROLE, P)                                                                             \
    X(CURRENT_SCHEMA, P)                                                                           \
    X(CURRENT_TIME, Q)                                                                             \
    X(CURRENT_TIMESTAMP, Q)                                                                        \
    X(CURRENT_USER, P)                                                                             \
    X(DEFAULT, Q)                                                                                  \
    X(DEFERRABLE, Q)                                                                               \
    X(DESC, Q | E)                                                                                 \
    X(DESCRIBE, Q)                                                                                 \
    X(DISTINCT, Q | E)                                                                             \
    X(DO, Q)                                                                                       \
    X(ELSE, Q | E | N)                                                                             \
    X(END, Q | E)                                                                                  \
    X(ESCAPE, E)                                                                                   \
    X(EXCEPT, Q | E | N)                                                                           \
    X(EXCLUDE, 0)                                                                                  \
    X(EXISTS, Q | C)                                                                               \
    X(EXTRACT, 0)                                                                                  \
    X(FALSE, Q | C)                                                                                \
    X(FETCH, Q | E)                                                                                \
    X(FILTER, 0)                                                                                   \
    X(FIRST, 0)                                                                                    \
    X(FOLLOWING, 0)                                                                                \
    X(FOR, Q | E)                                                                                  \
    X(FOREIGN, Q)                                                                                  \
    X(FREEZE, Q)                                                                                   \
    X(FROM, Q | E | N)                                                                             \
    X(FULL, Q | E)                                                                                 \
    X(GENERATED, Q)                                                                                \
    X(GLOB, Q | E)                                                                                 \
    X(GRANT, P)                                                                                    \
    X(GROUP, Q | E | N)                                                                            \
    X(GROUPING, 0)                                                                                 \
    X(GROUPS, 0)                                                                                   \
    X(HAVING, Q | E | N)                                                                           \
    X(IGNORE, 0)                                                                                   \
    X(ILIKE, Q | E)                                                                                \
    X(IN, Q | E | N)                                                                               \
    X(INITIALLY, Q)                                                                                \
    X(INNER, Q | E)                                                                                \
    X(INTERSECT, Q | E | N)                                                                        \
    X(INTERVAL, Q | C)                                                                             \
    X(INTO, Q | E | N)                                                                             \
    X(IS, Q | E)                                                                                   \
    X(ISNULL, Q | E)                                                                               \
    X(JOIN, Q | E | N)                                                                             \
    X(LAMBDA, Q)                                                                                   \
    X(LAST, 0)                                                                                     \
    X(LATERAL, Q | E | C)                                                                          \
    X(LEADING, Q)                                                                                  \
    X(LEFT, Q | E)                                                                                 \
    X(LIKE, Q | E)                                                                                 \
    X(LIMIT, Q | E | N)                                                                            \
    X(LOCALTIME, Q)                                                                                \
    X(LOCALTIMESTAMP, Q)                                                                           \
    X(MAP, 0)                                                                                      \
    X(MATCH_RECOGNIZE, E)                                                                          \
    X(MATERIALIZED, 0)                                                                             \
    X(NAME, 0)                                                                                     \
    X(NATURAL, Q | E)                                                                              \
    X(NOT, Q | E | N)                                                                              \
    X(NOTNULL, Q | E)                                                                              \
    X(NULL, Q | N | C)                                                                             \
    X(NULLS, 0)                                                                                    \
    X(OFFSET, Q | E)                                                                               \
    X(ON, Q | E | N)                                                                               \
    X(ONLY, Q)                                                                                     \
    X(OR, Q | E | N)                                                                               \
    X(ORDER, Q | E | N)                                                                            \
    X(ORDINALITY, 0)                                                                               \
    X(OUTER, Q | E)                                                                                \
    X(OVER, E)                                                                                     \
    X(OVERLAPS, Q | E)                                                                             \
    X(OVERLAY, 0)                                                                                  \
    X(PARTITION, 0)                                                                                \
    X(PERCENT, 0)                                                                                  \
    X(PIVOT, Q | E)                                                                                \
    X(PIVOT_LONGER, Q | E)                                                                         \
    X(PIVOT_WIDER, Q | E)                                                                          \
    X(PLACING, Q)                                                                                  \
    X(POSITION, 0)                                                                                 \
    X(POSITIONAL, Q | E)                                                                           \
    X(PRECEDING, 0)                                                                                \
    X(PRIMARY, Q)                                                                                  \
    X(QUALIFY, Q | E | N)                                                                          \
    X(RANGE, 0)                                                                                    \
    X(RECURSIVE, Q)                                                                                \
    X(REFERENCES, Q)                                                                               \
    X(REGEXP, E)                                                                                   \
    X(RENAME, 0)                                                                                   \
    X(REPLACE, 0)                                                                                  \
    X(RESPECT, 0)                                                                                  \
    X(RETURNING, Q)                                                                                \
    X(RIGHT, Q | E)                                                                                \
    X(RLIKE, E)                                                                                    \
    X(ROLLUP, C)                                                                                   \
    X(ROW, C)                                                                                      \
    X(ROWS, 0)                                                                                     \
    X(SAMPLE, 0)                                                                                   \
    X(SELECT, Q | E | N)                                                                           \
    X(SEMI, Q | E)                                                                                 \
    X(SESSION_USER, P)                                                                             \
    X(SETS, 0)                                                                                     \
    X(SHOW, Q)                                                                                     \
    X(SIMILAR, Q | E)                                                                              \
    X(SOME, Q | C)                                                                                 \
    X(STRAIGHT_JOIN, E)                                                                            \
    X(SUBSTRING, 0)                                                                                \
    X(SUMMARIZE, Q)                                                                                \
    X(SYMMETRIC, Q)                                                                                \
    X(SYSTEM_USER, P)                                                                              \
    X(TABLE, Q)                                                                                    \
    X(TABLESAMPLE, Q | E)                                                                          \
    X(THEN, Q | E | N)                                                                             \
    X(TIES, 0)                                                                                     \
    X(TIME, 0)                                                                                     \
    X(TO, Q)                                                                                       \
    X(TRAILING, Q)                                                                                 \
    X(TRIM, 0)                                                                                     \
    X(TRUE, Q | C)                                                                                 \
    X(TRY_CAST, Q | C)                                                                             \
    X(UNBOUNDED, 0)                                                                                \
    X(UNION, Q | E | N)                                                                            \
    X(UNIQUE, Q)                                                                                   \
    X(UNKNOWN, 0)                                                                                  \
    X(UNPACK, Q)                                                                                   \
    X(UNPIVOT, Q | E)                                                                              \
    X(USER, P)                                                                                     \
    X(USING, Q | E)                                                                                \
    X(VALUES, Q | C)                                                                               \
    X(VARIADIC, Q)                                                                                 \
    X(VERBOSE, Q)                                                                                  \
    X(WHEN, Q | E | N)                                                                             \
    X(WHERE, Q | E | N)                                                                            \
    X(WINDOW, Q | E)                                                                               \
    X(WITH, Q | E | N)                                                                             \
    X(WITHIN, 0)                                                                                   \
    X(WITHOUT, 0)

enum sql_word {
    SQL_WORD_OTHER, /* no word of the table */
#define X(word, flags) SQL_WORD_##word,
    SQL_WORDS(X)
#undef X
        SQL_WORD_COUNT
};

/* The word, in any case. */
enum sql_word sql_word_find(struct str text);
/* In upper case; of SQL_WORD_OTHER the empty text. */
const char *sql_word_text(enum sql_word word);
/* enum sql_word_flag */
unsigned sql_word_flags(enum sql_word word);

#endif
