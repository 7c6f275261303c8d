/* Every bound, with its reason above it. A test reaches each one. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* --- Extraction ---------------------------------------------------------------------------- */

/* A parse needs some 130 bytes a source byte: 2 GB here. */
#define LIMIT_FILE_BYTES (16u << 20)
/* Of the syntax tree: a sum of as many terms. Deeper trees are hostile. */
#define LIMIT_TREE_DEPTH 32000
/* Of the processor, at most that a setting may ask for: error recovery can be slow on what is not
 * the language; LIMIT_FILE_BYTES of proper source take some 20 s. */
#define LIMIT_PARSE_SECONDS 3600u
/* Literals longer than this have no token. */
#define LIMIT_TOKEN_BYTES 64
/* Folders inside each other: beyond lies a loop or a trap. */
#define LIMIT_PATH_DEPTH 256
/* Of a .gitignore: longer ones are not rules but an attack. */
#define LIMIT_IGNORE_BYTES (1 << 20)
/* Of the first line, read to tell a script's language. */
#define LIMIT_SHEBANG_BYTES 128
/* Of the part before the last name: nesting would make it quadratic. */
#define LIMIT_QUALIFIED_NAME_BYTES 1024
/* Of the class in a private name: it is copied for each name. */
#define LIMIT_MANGLED_CLASS_BYTES 255
/* Free names handed through scopes: depth times names. */
#define LIMIT_PASS_THROUGH_ROWS (1u << 20)
/* Source bytes of files being parsed at one time: 2 GB of parser memory at worst. */
#define LIMIT_BYTES_IN_FLIGHT (16u << 20)
/* Ids held to see whether any comes twice: 256 MB, beside the engine's own limit. */
#define LIMIT_ID_LISTS_IDS ((size_t)32 << 20)

/* --- SCIP ---------------------------------------------------------------------------------- */

/* Of one document of an index, encoded: a generated file of LIMIT_FILE_BYTES has one of this size.
 */
#define LIMIT_SCIP_PART_BYTES (64u << 20)
/* The same, decoded: the smallest occurrence takes two bytes there and some 250 here. */
#define LIMIT_SCIP_DECODED_BYTES ((size_t)512 << 20)
/* Encoded bytes from which on one document is decoded at a time: the bound above is for all. */
#define LIMIT_SCIP_SIDE_BY_SIDE_BYTES (256u << 10)
/* Of the list of indexes of a build. */
#define LIMIT_SCIP_INDEXES 1024

/* --- Memory -------------------------------------------------------------------------------- */

/* A file of LIMIT_FILE_BYTES fits several times. */
#define LIMIT_ARENA_BYTES ((size_t)4 << 30)
/* The compiler's memory for a set of rules: LIMIT_RULES rules like ours take a sixth of it. */
#define LIMIT_RULE_SET_BYTES ((size_t)4 << 30)
/* Any text that we build. */
#define LIMIT_BUFFER_BYTES ((size_t)1 << 30)
/* Diagnostics of one run: a million files with an error each. What is beyond is counted. */
#define LIMIT_LEDGER_BYTES ((size_t)256 << 20)

/* --- Rules and queries --------------------------------------------------------------------- */

#define LIMIT_RULES           4096
#define LIMIT_RULE_BYTES      (1u << 20)
#define LIMIT_QUERY_BYTES     (1u << 20)
#define LIMIT_DATASET_COLUMNS 64
/* Brackets inside each other: the engine recurses. */
#define LIMIT_QUERY_DEPTH 100
/* Expressions inside each other: planning takes their third power. */
#define LIMIT_QUERY_EXPRESSIONS 200
/* Scalar subqueries inside each other: planning doubles with each. */
#define LIMIT_QUERY_SUBQUERIES 10
/* CUBE makes 2^n grouping sets. */
#define LIMIT_QUERY_GROUP_SETS 64

/* Of a tree of SQL: walks over it recurse. A sum of as many terms. */
#define LIMIT_SQL_DEPTH 1000
/* Brackets, subqueries and the like inside each other, while parsing: a level is several frames. */
#define LIMIT_SQL_NESTING 300
/* One text for the compiler on its own: what it needs of memory and time is in proportion. */
#define LIMIT_SQL_TEXT_BYTES (16u << 20)
/* Outputs of one SELECT or VALUES, stars expanded. Each is a name, a type, a digest and a set of
 * origins; tables that people read have fewer. */
#define LIMIT_SQL_COLUMNS 50000
/* The compiler's memory for one text: 10 MB of SQL need some 50 to 100 bytes a byte. */
#define LIMIT_SQL_ARENA_BYTES ((size_t)2 << 30)
/* Recursive sides bound once more because less is proven than was assumed. */
#define LIMIT_SQL_REBINDS 64
/* Nodes that conjunctive normal form may grow an OR to: beyond it, reading it costs more than it
 * saves. */
#define LIMIT_SQL_CNF_NODES 512
/* Nodes of aliases written out in one query: each may name the last one twice. */
#define LIMIT_SQL_ALIAS_NODES (1u << 20)

/* A line of `relgraph sql --batch`: a query of 10 MB and its schema. */
#define LIMIT_SQL_LINE_BYTES (64u << 20)
/* Of a fixpoint. A round costs some 4 ms; no path through code is that long, but a rule that makes
 * new values never ends. */
#define LIMIT_FIXPOINT_ROUNDS 10000

/* --- Arrow --------------------------------------------------------------------------------- */

/* Columns of a stream and their parts; as many as are joined. */
#define LIMIT_ARROW_NODES 4096
/* Types inside each other: releasing an array calls itself for its children. */
#define LIMIT_ARROW_DEPTH 64
/* Metadata of one message: a footer needs 24 bytes a batch. */
#define LIMIT_FLATBUFFER_BYTES ((size_t)64 << 20)
/* What is held of a file's batches while it is read: 100,000 of them in 32 columns. */
#define LIMIT_ARROW_FILE_BYTES ((size_t)256 << 20)
/* Of a dictionary that we make, and its texts: what has more different values gains little, and is
 * held in memory until the end. */
#define LIMIT_DICTIONARY_VALUES (1 << 20)
#define LIMIT_DICTIONARY_BYTES  ((size_t)64 << 20)

/* --- Product ------------------------------------------------------------------------------- */

/* Tables of nodes while the product is audited, beside the engine's own limit. */
#define LIMIT_GRAPH_CHECK_BYTES ((size_t)400 << 20)
#define LIMIT_SHARD_BITS        8

#endif
