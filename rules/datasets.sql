-- Every dataset that has a contract: the facts that extractors append, and the product.
-- One column a line: name, type, NOT NULL, DEFAULT; the comment behind it is its documentation.
-- A type that CREATE TYPE … AS ENUM names is a small vocabulary, stored as a number and read as
-- text; one whose list is empty is filled from the grammars when a store is opened.
-- The keys above a table:
--   layer   fact (a row is appended by an extractor) or product (rows come from rules)
--   key     columns that identify a row
--   sort    the order of tiers stable and canonical, before ties are broken by all columns
--   owner   the column that names the file a product row belongs to (it decides the shard)
--   dedupe  best (keep the best-ranked of equal keys), all (keep every row)
--   ids     columns that hold node ids (they follow when a collision is re-salted)
--   needs   index: it comes with a SCIP index (--scip); without one the rules that read it stand aside
--   optional yes: made only where the setting write.<table> is on, with the rules that emit it

CREATE TYPE file_status AS ENUM ('parsed', 'partial', 'skipped', 'unreadable', 'indexed');
CREATE TYPE syntax_kind AS ENUM ();
CREATE TYPE syntax_field AS ENUM ();
CREATE TYPE role AS ENUM ('structural', 'module', 'class', 'function', 'lambda', 'comprehension',
    'type_scope', 'parameter', 'block', 'call', 'operator', 'member', 'subscript', 'container',
    'pair', 'spread', 'literal', 'interpolation', 'identifier', 'field', 'type', 'import', 'if',
    'loop', 'foreach', 'switch', 'case', 'try', 'handler', 'finally', 'with', 'assert', 'break',
    'continue', 'goto', 'label', 'return', 'throw', 'yield', 'await', 'declare', 'comment',
    'macro', 'other', 'error');
CREATE TYPE slot AS ENUM ('none', 'condition', 'then', 'else', 'elif', 'body', 'pre', 'post',
    'init', 'update', 'iterable', 'target', 'value', 'subject', 'pattern', 'guard', 'item',
    'handler', 'finally', 'callee', 'receiver', 'argument', 'object', 'name', 'index', 'left',
    'right', 'operand', 'default', 'annotation', 'base', 'metaclass', 'decorator', 'element',
    'key', 'clause', 'filter', 'type', 'message', 'parameter',
    'try_body', 'loop_body', 'switch_body', 'case_body');
CREATE TYPE scope_kind AS ENUM ('module', 'class', 'function', 'lambda', 'comprehension', 'type',
    'block');
CREATE TYPE namespace AS ENUM ('value', 'type', 'label', 'macro');
CREATE TYPE storage AS ENUM ('local', 'cell', 'free', 'global', 'parameter', 'imported', 'field',
    'static', 'implicit');
CREATE TYPE definition_kind AS ENUM ('function', 'class', 'parameter', 'local', 'field', 'import',
    'label', 'type', 'macro', 'enumerator', 'type_parameter');
CREATE TYPE access AS ENUM ('read', 'write', 'readwrite', 'delete', 'type', 'unevaluated');
CREATE TYPE resolution AS ENUM ('bound', 'ambiguous', 'builtin', 'global', 'star', 'unbound');
CREATE TYPE parameter_kind AS ENUM ('positional_only', 'positional', 'keyword_only', 'star',
    'double_star');
CREATE TYPE call_kind AS ENUM ('explicit', 'decorator', 'construct', 'iteration',
    'context', 'property');
CREATE TYPE argument_kind AS ENUM ('positional', 'keyword', 'star', 'double_star');
CREATE TYPE assign_kind AS ENUM ('plain', 'augmented', 'loop', 'with', 'capture', 'default',
    'walrus', 'import', 'annotation', 'handler');
CREATE TYPE result_kind AS ENUM ('return', 'yield', 'throw', 'expression');
CREATE TYPE literal_type AS ENUM ('string', 'bytes', 'integer', 'float', 'complex', 'boolean',
    'none', 'ellipsis', 'character', 'other');
CREATE TYPE base_kind AS ENUM ('base', 'metaclass', 'keyword', 'star');
CREATE TYPE scip_status AS ENUM ('read', 'missing', 'not_extracted', 'changed', 'text_differs',
    'stale', 'duplicate', 'bad_path', 'too_large', 'corrupt');
CREATE TYPE scip_encoding AS ENUM ('utf8', 'utf16', 'utf32', 'unknown');
CREATE TYPE scip_encoding_source AS ENUM ('declared', 'producer', 'found', 'none');
CREATE TYPE scip_descriptor AS ENUM ('namespace', 'type', 'term', 'method', 'type_parameter',
    'parameter', 'meta', 'macro', 'local');
CREATE TYPE scip_symbol_origin AS ENUM ('document', 'external', 'mentioned');
CREATE TYPE scip_name_match AS ENUM ('none', 'same', 'other');
CREATE TYPE scip_severity AS ENUM ('error', 'warning', 'information', 'hint');
CREATE TYPE scip_place AS ENUM ('occurrence', 'enclosing');
CREATE TYPE span_reason AS ENUM ('no_range', 'bad_range', 'line_beyond_file',
    'column_beyond_line', 'inside_character', 'encoding_unknown', 'line_not_utf8');

-- A scanned file.
-- layer: fact
-- key: file_id
CREATE TABLE file (
    file_id BIGINT NOT NULL,        -- stable_hash64(path); re-salted where two paths collide
    path VARCHAR NOT NULL,          -- relative to the root, with /; bytes that are not UTF-8 are percent-escaped
    ordinal INTEGER NOT NULL,       -- dense number in path order (bytes); behind them what only indexes know
    language VARCHAR,               -- name of the language, NULL where none is known
    sha256 VARCHAR,                 -- of the content, 64 hex digits; NULL where it was not read
    size_bytes BIGINT NOT NULL,     --
    encoding VARCHAR,               -- as declared or found: utf-8, latin-1, …
    line_count INTEGER NOT NULL,    --
    status file_status NOT NULL,    -- partial: holds a syntax error; indexed: not parsed, known from a SCIP index alone
    reason VARCHAR                  -- why it was skipped or could not be read
);

-- A line of a file; it ends behind \n, \r\n or \r.
-- layer: fact
-- key: file_id, line
CREATE TABLE line (
    file_id BIGINT NOT NULL,
    line INTEGER NOT NULL,          -- from 1
    start_byte INTEGER NOT NULL,
    end_byte INTEGER NOT NULL       -- behind the line's end
);

-- A named syntax node. The inside of what a language file calls a token has no rows.
-- layer: fact
-- key: file_id, node
-- stored: packed
-- ids: node_id, parent_id, function_id
CREATE TABLE syntax (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,          -- ordinal in pre-order, from 0
    parent INTEGER,                 -- ordinal of the parent; NULL for the root
    last INTEGER NOT NULL,          -- ordinal of the last descendant (itself where it has none)
    depth INTEGER NOT NULL,         --
    kind syntax_kind NOT NULL,      -- of the grammar
    field syntax_field,             -- of the grammar, in the parent
    role role NOT NULL,             -- what it is, in words that are the same for all languages
    slot slot NOT NULL,             -- what part it plays in the node above it
    node_id BIGINT NOT NULL,        -- survives edits elsewhere; the id of the node's first product node
    parent_id BIGINT,               -- product node above: the nearest ancestor that is not structural
    function_id BIGINT,             -- METHOD it is evaluated in
    ordinal INTEGER NOT NULL,       -- place among the children of parent_id, from 1
    operand INTEGER NOT NULL,       -- place among the operands of the operator parent_id; 0 for none; -1 *, -2 **
    start_byte INTEGER NOT NULL,
    end_byte INTEGER NOT NULL,
    start_line INTEGER NOT NULL,    -- from 1
    end_line INTEGER NOT NULL,
    token VARCHAR                   -- identifiers, short literals; the called name of calls and operators
);

-- An ERROR or MISSING node.
-- layer: fact
-- key: file_id, node
CREATE TABLE syntax_error (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,
    what VARCHAR NOT NULL,          -- ERROR, or MISSING and what is missing
    function INTEGER                -- the function that is thereby partial
);

-- What a language file says of a node.
-- layer: fact
-- key: file_id, node, key
CREATE TABLE attribute (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,
    key VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);

-- A name scope.
-- layer: fact
-- key: file_id, scope
-- stored: packed
-- ids: node_id, method_id, syntax_id, parent_id, function_id
CREATE TABLE scope (
    file_id BIGINT NOT NULL,
    scope INTEGER NOT NULL,         -- the node that opens it
    parent_scope INTEGER,
    kind scope_kind NOT NULL,
    name VARCHAR NOT NULL,          -- <module>, <lambda>, <listcomp>, … where there is none
    qualified_name VARCHAR NOT NULL,-- within the file, as CPython's __qualname__; empty for the module
    transparent BOOLEAN NOT NULL,   -- has no names of its own
    signature VARCHAR,              -- of functions and lambdas: (a, *, b=...)
    node_id BIGINT NOT NULL,        -- product node that owns its names
    method_id BIGINT NOT NULL,      -- METHOD that runs its code
    syntax_id BIGINT NOT NULL,      -- from here on: of the node that opens it, as in syntax; its node_id
    syntax_kind syntax_kind NOT NULL,
    role role NOT NULL,
    parent_id BIGINT,
    function_id BIGINT,
    ordinal INTEGER NOT NULL,
    start_byte INTEGER NOT NULL,
    end_byte INTEGER NOT NULL,
    start_line INTEGER NOT NULL,
    end_line INTEGER NOT NULL
);

-- A name in a scope.
-- layer: fact
-- key: file_id, binding
-- stored: packed
-- ids: node_id
CREATE TABLE binding (
    file_id BIGINT NOT NULL,
    binding INTEGER NOT NULL,       -- dense number in the file
    scope INTEGER NOT NULL,
    name VARCHAR NOT NULL,          -- after name mangling
    namespace namespace NOT NULL,
    storage storage NOT NULL,       --
    declared BOOLEAN NOT NULL,      -- by global, nonlocal or a declaration
    pass_through BOOLEAN NOT NULL,  -- free here only because an inner scope needs it
    imported BOOLEAN NOT NULL,      -- some definition of it is an import
    visible_from INTEGER,           -- byte from which it is visible; NULL for the whole scope
    target INTEGER,                 -- for free and declared names: the binding it stands for, where it is in the file
    node_id BIGINT NOT NULL,        -- LOCAL, MEMBER or METHOD_PARAMETER_IN that it is (of its target, where it has one)
    start_byte INTEGER NOT NULL,    -- of the name where it is first bound; the end of the scope for one
    end_byte INTEGER NOT NULL,      -- that is only declared, or that the language makes
    start_line INTEGER NOT NULL,
    end_line INTEGER NOT NULL
);

-- A place that binds a name.
-- layer: fact
-- key: file_id, node, binding
-- stored: packed
CREATE TABLE definition (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,          -- the defining construct: function, class, parameter, import, or the identifier
    binding INTEGER NOT NULL,
    name_node INTEGER,              -- the identifier; NULL for implicit ones
    kind definition_kind NOT NULL,
    value_node INTEGER,             -- what it is bound to, where that is one node
    conditional BOOLEAN NOT NULL    -- under if, try, loop, match or with in its scope
);

-- A name used (or bound, where it is an identifier: access tells).
-- layer: fact
-- key: file_id, node
-- stored: packed
-- ids: node_id, target_id
CREATE TABLE reference (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,
    node_id BIGINT NOT NULL,
    scope INTEGER NOT NULL,         -- in which it is looked up
    name VARCHAR NOT NULL,          -- after name mangling
    access access NOT NULL,
    binding INTEGER,                -- NULL where no scope of the file binds it
    target_id BIGINT,               -- node_id of that binding
    resolution resolution NOT NULL,
    start_byte INTEGER NOT NULL,
    end_byte INTEGER NOT NULL
);

-- A formal parameter.
-- layer: fact
-- key: file_id, node
-- ids: node_id
CREATE TABLE parameter (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,
    node_id BIGINT NOT NULL,
    function INTEGER NOT NULL,
    index INTEGER NOT NULL,         -- from 1
    name VARCHAR NOT NULL,
    kind parameter_kind NOT NULL,
    default_node INTEGER,
    annotation_node INTEGER
);

-- A call site. Operators have no row: their syntax row has the role, the name as its token, and their operands
-- are the rows below with an operand.
-- layer: fact
-- key: file_id, node, kind
-- stored: packed
-- ids: node_id, receiver_id
CREATE TABLE call (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,
    node_id BIGINT NOT NULL,
    function INTEGER NOT NULL,      -- function it runs in
    scope INTEGER NOT NULL,         -- scope its names are looked up in
    kind call_kind NOT NULL,
    callee_node INTEGER,
    receiver_node INTEGER,
    receiver_id BIGINT,
    receiver_start INTEGER,
    receiver_end INTEGER,
    callee_name VARCHAR,            -- last name of the callee
    start_byte INTEGER NOT NULL,
    end_byte INTEGER NOT NULL
);

-- An actual argument.
-- layer: fact
-- key: file_id, call, index
-- stored: packed
-- ids: call_id, node_id
CREATE TABLE argument (
    file_id BIGINT NOT NULL,
    call INTEGER NOT NULL,
    index INTEGER NOT NULL,         -- place as written, from 1
    name VARCHAR,                   -- of a keyword argument
    kind argument_kind NOT NULL,
    node INTEGER NOT NULL,
    call_id BIGINT NOT NULL,
    node_id BIGINT NOT NULL,
    start_byte INTEGER NOT NULL,
    end_byte INTEGER NOT NULL
);

-- A value goes to a target.
-- layer: fact
-- key: file_id, node, target
CREATE TABLE assign (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,          -- the assigning construct
    target INTEGER NOT NULL,        -- flattened, in binding order
    value INTEGER,                  -- NULL where the value is no node
    kind assign_kind NOT NULL,
    operator VARCHAR,               -- of augmented ones
    path VARCHAR                    -- into a destructured value: 0.1, *2
);

-- A value leaves a function.
-- layer: fact
-- key: file_id, node
CREATE TABLE result (
    file_id BIGINT NOT NULL,
    function INTEGER NOT NULL,
    node INTEGER NOT NULL,          -- the return, yield or throw
    value_node INTEGER,
    kind result_kind NOT NULL
);

-- An element of a container display.
-- layer: fact
-- key: file_id, container, index
CREATE TABLE element (
    file_id BIGINT NOT NULL,
    container INTEGER NOT NULL,
    index INTEGER NOT NULL,         -- from 0
    key INTEGER,                    -- node of the key
    node INTEGER NOT NULL,
    spread BOOLEAN NOT NULL
);

-- a.b
-- layer: fact
-- key: file_id, node
CREATE TABLE member (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,
    object_node INTEGER NOT NULL,
    name_node INTEGER NOT NULL,
    name VARCHAR NOT NULL,          -- after name mangling
    access access NOT NULL,
    scope INTEGER NOT NULL
);

-- a[i]
-- layer: fact
-- key: file_id, node
CREATE TABLE subscript (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,
    object_node INTEGER NOT NULL,
    index_node INTEGER,
    access access NOT NULL
);

-- A constant.
-- layer: fact
-- key: file_id, node
CREATE TABLE literal (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,
    type literal_type NOT NULL,
    text VARCHAR                    -- as written; NULL where longer than 64 bytes
);

-- An imported name.
-- layer: fact
-- key: file_id, node, name, alias
-- ids: node_id
CREATE TABLE import (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,          -- the import statement
    node_id BIGINT NOT NULL,
    name_node INTEGER,              -- the imported name's node
    scope INTEGER NOT NULL,
    module VARCHAR,                 -- dotted, without leading dots; NULL in `from . import x`
    name VARCHAR,                   -- NULL where the module itself is imported
    alias VARCHAR,                  -- the name bound; NULL for star
    level INTEGER NOT NULL,         -- leading dots
    is_star BOOLEAN NOT NULL,
    binding INTEGER                 -- NULL for star
);

-- A name made public (an entry of __all__).
-- layer: fact
-- key: file_id, name
CREATE TABLE export (
    file_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    node INTEGER NOT NULL
);

-- A written type.
-- layer: fact
-- key: file_id, of_node
CREATE TABLE type_annotation (
    file_id BIGINT NOT NULL,
    of_node INTEGER NOT NULL,       -- parameter, assignment target, or function (its result)
    node INTEGER NOT NULL,
    text VARCHAR NOT NULL
);

-- A superclass as written.
-- layer: fact
-- key: file_id, type_node, index
CREATE TABLE base_type (
    file_id BIGINT NOT NULL,
    type_node INTEGER NOT NULL,
    index INTEGER NOT NULL,         -- from 0
    node INTEGER NOT NULL,
    kind base_kind NOT NULL
);

-- A macro as it stands.
-- layer: fact
-- key: file_id, node
CREATE TABLE macro (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    parameters VARCHAR,
    body VARCHAR
);

-- A use of a macro, not expanded.
-- layer: fact
-- key: file_id, node
CREATE TABLE macro_use (
    file_id BIGINT NOT NULL,
    node INTEGER NOT NULL,
    name VARCHAR NOT NULL
);

-- A SCIP index that was read: --scip FILE.
-- layer: fact
-- needs: index
-- key: index
CREATE TABLE scip_index (
    index INTEGER NOT NULL,         -- place among the indexes of the build, from 0
    name VARCHAR NOT NULL,          -- of the file, without its folder
    sha256 VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    tool VARCHAR NOT NULL,          -- that wrote it; empty where it does not say
    tool_version VARCHAR NOT NULL,
    documents INTEGER NOT NULL,
    documents_read INTEGER NOT NULL,-- of which occurrences were taken
    occurrences BIGINT NOT NULL,    -- of the documents that were read
    placed BIGINT NOT NULL,         -- that have a row in scip_occurrence
    prefix VARCHAR NOT NULL         -- what its paths have before the repository's own: django/
);

-- A document of an index: what it says of one file.
-- layer: fact
-- needs: index
-- key: index, document
CREATE TABLE scip_document (
    index INTEGER NOT NULL,
    document INTEGER NOT NULL,      -- place in the index, from 0
    file_id BIGINT,                 -- NULL where it is no file of the repository
    path VARCHAR,                   -- as the index writes it; NULL where it has none
    language VARCHAR,               --
    status scip_status NOT NULL,    -- only of what is read there are occurrences
    encoding scip_encoding NOT NULL,-- what its columns count; unknown: lines of ASCII alone are placed
    encoding_source scip_encoding_source NOT NULL, -- none: nothing tells, or every line is ASCII
    occurrences INTEGER NOT NULL,
    placed INTEGER NOT NULL,
    names_same INTEGER NOT NULL,    -- definitions whose text is the name in their symbol
    names_other INTEGER NOT NULL    -- definitions whose text is another
);

-- A place at which a symbol stands, by exact span. What could not be placed is in span_error.
-- layer: fact
-- needs: index
-- key: index, document, occurrence
-- stored: packed
CREATE TABLE scip_occurrence (
    file_id BIGINT NOT NULL,
    index INTEGER NOT NULL,
    document INTEGER NOT NULL,
    occurrence INTEGER NOT NULL,    -- place in the document, from 0
    symbol_id BIGINT NOT NULL,
    start_byte INTEGER NOT NULL,    -- as in syntax; empty at 0 for a module
    end_byte INTEGER NOT NULL,
    start_line INTEGER NOT NULL,    -- from 1
    end_line INTEGER NOT NULL,
    enclosing_start INTEGER,        -- of the definition or expression around it, where it says
    enclosing_end INTEGER,
    is_definition BOOLEAN NOT NULL,
    is_forward BOOLEAN NOT NULL,    -- a declaration of what is defined elsewhere
    is_import BOOLEAN NOT NULL,
    is_write BOOLEAN NOT NULL,
    is_read BOOLEAN NOT NULL,       -- as the index says: scip-python marks stores as reads
    is_generated BOOLEAN NOT NULL,
    is_test BOOLEAN NOT NULL,
    name_match scip_name_match NOT NULL, -- of the text with the name in the symbol; none: it has no name to compare
    documentation VARCHAR           -- of this place alone
);

-- A symbol as a document of an index tells or mentions it; of one symbol there are as many rows as documents.
-- layer: fact
-- needs: index
-- key: index, document, symbol_id, origin
-- stored: packed
CREATE TABLE scip_symbol (
    file_id BIGINT,                 -- NULL for external ones
    index INTEGER NOT NULL,
    document INTEGER NOT NULL,      -- -1 for external ones
    symbol_id BIGINT NOT NULL,      -- stable_hash64(symbol); of a local one stable_hash64(file_id, symbol)
    origin scip_symbol_origin NOT NULL, -- mentioned: there is no information of it here
    symbol VARCHAR NOT NULL,        -- as the index writes it
    scheme VARCHAR,                 -- NULL for local ones, as are the three below
    manager VARCHAR,                -- empty where the index has a dot, as are the two below
    package VARCHAR,
    version VARCHAR,
    descriptor scip_descriptor NOT NULL, -- kind of the last one
    name VARCHAR NOT NULL,          -- in the last descriptor, without escapes; number of a local one
    disambiguator VARCHAR,          -- of a method
    owner_id BIGINT,                -- symbol_id of the symbol without its last descriptor; NULL where nothing is left
    kind VARCHAR,                   -- Class, Function, …, in SCIP's words; NULL where the index does not say
    display_name VARCHAR,
    signature VARCHAR,
    documentation VARCHAR,          -- its parts with an empty line between
    enclosing_id BIGINT             -- symbol around a local one, where the index says
);

-- What a symbol is to another one, as SCIP has it.
-- layer: fact
-- needs: index
-- key: index, document, symbol_id, target_id
CREATE TABLE scip_relationship (
    file_id BIGINT,
    index INTEGER NOT NULL,
    document INTEGER NOT NULL,
    symbol_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    is_reference BOOLEAN NOT NULL,
    is_implementation BOOLEAN NOT NULL,
    is_type_definition BOOLEAN NOT NULL,
    is_definition BOOLEAN NOT NULL
);

-- An error or a warning that the indexer reports at a place.
-- layer: fact
-- needs: index
-- key: index, document, occurrence, number
CREATE TABLE scip_diagnostic (
    file_id BIGINT NOT NULL,
    index INTEGER NOT NULL,
    document INTEGER NOT NULL,
    occurrence INTEGER NOT NULL,
    number INTEGER NOT NULL,        -- of the occurrence, from 0
    start_byte INTEGER NOT NULL,
    end_byte INTEGER NOT NULL,
    start_line INTEGER NOT NULL,    -- from 1
    end_line INTEGER NOT NULL,
    severity scip_severity,
    code VARCHAR,
    message VARCHAR NOT NULL,
    source VARCHAR,                 -- what reports it: typescript, …
    is_unnecessary BOOLEAN NOT NULL,
    is_deprecated BOOLEAN NOT NULL
);

-- What is wrong with an index: a document that is not the file on disk, a symbol that is none.
-- layer: fact
-- needs: index
-- key: index, document, what, detail
CREATE TABLE scip_problem (
    index INTEGER NOT NULL,
    document INTEGER NOT NULL,      -- -1 outside documents
    file_id BIGINT,
    path VARCHAR,                   -- as the index writes it
    what VARCHAR NOT NULL,          -- the document's status, or bad_symbol, not_utf8, bad_information
    detail VARCHAR NOT NULL
);

-- A place in an index that is none in the file.
-- layer: fact
-- needs: index
-- key: index, document, occurrence, what
CREATE TABLE span_error (
    file_id BIGINT NOT NULL,
    index INTEGER NOT NULL,
    document INTEGER NOT NULL,
    occurrence INTEGER NOT NULL,
    what scip_place NOT NULL,       -- its own range or the one around it
    reason span_reason NOT NULL,
    symbol VARCHAR,                 -- as the index writes it; NULL where that is no symbol, or there is none
    start_line INTEGER,             -- as the index has them, from 0
    start_column INTEGER,
    end_line INTEGER,
    end_column INTEGER
);

-- What the build was asked for and found out about the repository: name/value pairs.
-- layer: fact
-- key: key
CREATE TABLE setting (
    key VARCHAR NOT NULL,           -- module_prefix, …
    value VARCHAR NOT NULL
);

-- A node of the graph.
-- layer: product
-- key: node_id
-- sort: path, start_byte, end_byte DESC, kind, node_id
-- owner: file_id
-- dedupe: best
CREATE TABLE nodes (
    node_id BIGINT NOT NULL,
    kind VARCHAR NOT NULL,          -- from the rule's header
    language VARCHAR,
    name VARCHAR,
    qualified_name VARCHAR,
    signature VARCHAR,
    syntax_kind VARCHAR,
    file_id BIGINT,                 -- NULL for what is outside the repository
    path VARCHAR,                   -- from file_id
    start_byte INTEGER,
    end_byte INTEGER,
    start_line INTEGER,
    end_line INTEGER,
    parent_id BIGINT,               -- node above in the AST
    ordinal INTEGER,                -- place among its siblings, from 1
    function_id BIGINT              -- METHOD it belongs to
);

-- An edge of the graph; the span is the evidence for it.
-- layer: product
-- key: kind, src, dst, label
-- sort: path, start_byte, end_byte, kind, src, dst, label
-- owner: file_id
-- dedupe: best
CREATE TABLE edges (
    kind VARCHAR NOT NULL,          -- from the rule's header
    src BIGINT NOT NULL,
    dst BIGINT NOT NULL,
    path VARCHAR,                   -- from file_id
    start_byte INTEGER,
    end_byte INTEGER,
    label VARCHAR,
    origin VARCHAR,                 -- what the finding rests on: syntax, names, scip, …
    resolution VARCHAR,             -- rank of the finding, from the rule's header
    confidence DOUBLE DEFAULT 1.0,
    ambiguity_group BIGINT,         -- shared by edges of which one is right
    rule VARCHAR NOT NULL           -- that found it
);

-- Every finding for the edge kinds that more than one rule feeds.
-- layer: product
-- key: kind, src, dst, label, rule
-- sort: path, start_byte, end_byte, kind, src, dst, label, rule
-- owner: file_id
-- dedupe: all
CREATE TABLE edge_evidence (
    kind VARCHAR NOT NULL,
    src BIGINT NOT NULL,
    dst BIGINT NOT NULL,
    path VARCHAR,
    start_byte INTEGER,
    end_byte INTEGER,
    label VARCHAR,
    origin VARCHAR,
    resolution VARCHAR,
    confidence DOUBLE DEFAULT 1.0,
    rule VARCHAR NOT NULL
);

-- A property of a node: one row per value, in the column of its type.
-- layer: product
-- key: node_id, key
-- sort: file_id, node_id, key
-- owner: file_id
-- dedupe: best
CREATE TABLE props (
    node_id BIGINT NOT NULL,
    key VARCHAR NOT NULL,
    value_str VARCHAR,
    value_int BIGINT,
    value_float DOUBLE,
    value_bool BOOLEAN
);

-- The properties of a node as one JSON object, its keys sorted by their bytes. Made with --json-props.
-- layer: product
-- key: node_id
-- sort: file_id, node_id
-- owner: file_id
-- dedupe: best
-- optional: yes
CREATE TABLE props_json (
    node_id BIGINT NOT NULL,        -- of nodes that have a property
    properties VARCHAR NOT NULL     -- what is no JSON number (NaN, infinities) is a text
);

-- What could not be decided, as data.
-- layer: product
-- key: node_id, what
-- sort: path, start_byte, end_byte, what, node_id
-- owner: file_id
-- dedupe: best
CREATE TABLE unresolved (
    node_id BIGINT NOT NULL,
    what VARCHAR NOT NULL,          -- CALL, IMPORTS, INHERITS_FROM, …: the edge that is not there
    name VARCHAR,
    reason VARCHAR NOT NULL,
    candidates INTEGER,             -- how many targets were possible; NULL where not counted
    path VARCHAR,                   -- from file_id
    start_byte INTEGER,
    end_byte INTEGER
);

-- Where an index and our own analysis disagree: both findings are edges, of one ambiguity group. Made with --scip.
-- layer: product
-- key: what, node_id, index_id, own_id, start_byte, end_byte
-- sort: path, start_byte, end_byte, what, node_id, index_id, own_id
-- owner: file_id
-- dedupe: best
-- needs: index
CREATE TABLE disagreement (
    what VARCHAR NOT NULL,          -- kind of the edges: REFERENCES_SYMBOL, CALL
    node_id BIGINT NOT NULL,        -- where they begin
    reason VARCHAR NOT NULL,        -- target: both are defined; undefined, undefined_local: the index's is not; name: the text
                                    -- is not the name in the index's symbol, of which no edge is made
    index_id BIGINT NOT NULL,       -- where the index's edge ends, or would
    own_id BIGINT,                  -- where our own ends
    own_rule VARCHAR,               -- that found it
    own_resolution VARCHAR,
    path VARCHAR,                   -- from file_id
    start_byte INTEGER NOT NULL,
    end_byte INTEGER NOT NULL
);

-- What names stand for: a symbol for each module, class, function, parameter and variable, for attributes of
-- objects too, under a name that no edit elsewhere changes. Made with --symbols.
-- layer: product
-- key: symbol_id
-- sort: file_id, start_byte, end_byte, symbol_id
-- owner: file_id
-- dedupe: best
-- optional: yes
CREATE TABLE symbols (
    symbol_id BIGINT NOT NULL,      -- of a variable its node's
    symbol VARCHAR NOT NULL,        -- descriptors as SCIP writes them; `local N` in one file
    what VARCHAR NOT NULL,          -- module, class, function, method, attribute, parameter, variable
    name VARCHAR NOT NULL,
    owner_id BIGINT,                -- the symbol around it
    node_id BIGINT,                 -- METHOD, TYPE_DECL, NAMESPACE_BLOCK, LOCAL, …; NULL for attributes of objects
    file_id BIGINT NOT NULL,
    path VARCHAR,                   -- from file_id
    start_byte INTEGER NOT NULL,    -- the name where it is first defined
    end_byte INTEGER NOT NULL
);

-- Each place where a name stands, and the symbol it means. Made with --symbols.
-- layer: product
-- key: file_id, start_byte, end_byte, symbol_id
-- sort: file_id, start_byte, end_byte, symbol_id
-- owner: file_id
-- dedupe: best
-- optional: yes
CREATE TABLE occurrences (
    file_id BIGINT NOT NULL,
    path VARCHAR,                   -- from file_id
    start_byte INTEGER NOT NULL,    -- of the name alone
    end_byte INTEGER NOT NULL,
    symbol_id BIGINT NOT NULL,
    symbol VARCHAR NOT NULL,
    role VARCHAR NOT NULL,          -- definition, write, read, delete, import
    resolution VARCHAR,             -- how sure the finding is
    enclosing_start INTEGER,        -- of a definition: all of the class or function
    enclosing_end INTEGER
);

-- The lines of the files, for whoever turns spans into lines and columns. Made with --symbols.
-- layer: product
-- key: file_id, line
-- sort: file_id, line
-- owner: file_id
-- dedupe: best
-- optional: yes
CREATE TABLE lines (
    file_id BIGINT NOT NULL,
    path VARCHAR,                   -- from file_id
    line INTEGER NOT NULL,          -- from 1
    start_byte INTEGER NOT NULL,
    end_byte INTEGER NOT NULL       -- behind the line's end
);
