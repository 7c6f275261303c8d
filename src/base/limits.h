/* Every bound, with its reason. A test reaches each one. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Extraction. */
#define LIMIT_FILE_BYTES (16u << 20) /* a parse needs some 130 bytes a source byte: 2 GB here */
#define LIMIT_TREE_DEPTH 32000 /* of the syntax tree (a sum of so many terms); deeper is hostile   \
                                */
#define LIMIT_PARSE_MS                                                                             \
    60000u /* of the processor: error recovery can be slow on what is not the language;            \
            * LIMIT_FILE_BYTES of proper source take some 20 s */
#define LIMIT_TOKEN_BYTES  64        /* literals longer than this have no token */
#define LIMIT_PATH_DEPTH   256       /* folders inside each other: beyond lies a loop or a trap */
#define LIMIT_IGNORE_BYTES (1 << 20) /* of a .gitignore: longer ones are not rules but an attack   \
                                      */
#define LIMIT_SHEBANG_BYTES 128      /* of the first line, read to tell a script's language */
#define LIMIT_QUALIFIED_NAME_BYTES                                                                 \
    1024 /* of the part before the last name: nesting would make it quadratic */
#define LIMIT_MANGLED_CLASS_BYTES                                                                  \
    255 /* of the class in a private name: it is copied for each name */
#define LIMIT_PASS_THROUGH_ROWS (1u << 20) /* free names handed through scopes: depth times names  \
                                            */
#define LIMIT_BYTES_IN_FLIGHT                                                                      \
    (16u << 20) /* source bytes of files being parsed at one time: 2 GB at worst */

/* Memory. */
#define LIMIT_ARENA_BYTES  ((size_t)4 << 30) /* a file of LIMIT_FILE_BYTES fits several times */
#define LIMIT_BUFFER_BYTES ((size_t)1 << 30) /* any text that we build */

/* Rules and queries. */
#define LIMIT_RULES             4096
#define LIMIT_RULE_BYTES        (1u << 20)
#define LIMIT_QUERY_BYTES       (1u << 20)
#define LIMIT_QUERY_DEPTH       100 /* brackets inside each other: the engine recurses */
#define LIMIT_QUERY_EXPRESSIONS 200 /* inside each other: planning takes their third power */
#define LIMIT_QUERY_SUBQUERIES  10  /* scalar ones inside each other: planning doubles with each */
#define LIMIT_QUERY_GROUP_SETS  64  /* CUBE makes 2^n of them */
#define LIMIT_DATASET_COLUMNS   64

/* Product. */
#define LIMIT_ID_CHECK_NODES                                                                       \
    25165824u /* their table then takes 256 MB, beside the engine's own limit */
#define LIMIT_SHARD_BITS 8

#endif
