-- emits: quoted_token
-- layer: types
-- language: python
-- why: the names in an annotation that stands in quotes, which the grammar has as one token
--
-- Only texts of plain ASCII on one line, without escapes or quotes inside: there a character is a byte. What
-- is longer than a literal's text is kept (64 bytes) is left out.
WITH quoted AS (
    SELECT DISTINCT
        x.file_id,
        x.node,
        x.node_id,
        x.function_id,
        x.start_byte,
        x.start_line,
        regexp_extract_all(substr(l.text, 2, length(l.text) - 2), '[A-Za-z_][A-Za-z0-9_]*|[^A-Za-z_]+') AS pieces
    FROM annotation_part AS p
    JOIN literal AS l ON l.file_id = p.file_id AND l.node = p.node
    JOIN syntax AS x ON x.file_id = p.file_id AND x.node = p.node
    WHERE l.type = 'string' AND regexp_matches(l.text, '^(''[ !#-&(-\[\]-~]*''|"[ !#-&(-\[\]-~]*")$')
),
piece AS (
    SELECT
        q.file_id,
        q.node,
        q.node_id,
        q.function_id,
        q.start_byte + 1 + length(array_to_string(list_slice(q.pieces, 1, u.place - 1), '')) AS start_byte,
        q.start_line,
        u.name,
        u.place,
        coalesce(regexp_matches(list_extract(q.pieces, u.place - 1), '[.] *$'), false) AS is_member
    FROM quoted AS q, unnest(q.pieces) WITH ORDINALITY AS u(name, place)
)
SELECT
    p.file_id,
    p.node,
    p.node_id AS literal_id,
    stable_hash64(p.node_id, 'IDENTIFIER', CAST(p.place AS VARCHAR)) AS node_id,
    p.function_id,
    p.name,
    p.is_member,
    CAST(p.place AS INTEGER) AS place,
    CAST(p.start_byte AS INTEGER) AS start_byte,
    CAST(p.start_byte + length(p.name) AS INTEGER) AS end_byte,
    p.start_line
FROM piece AS p
WHERE regexp_matches(p.name, '^[A-Za-z_]')
  AND p.name NOT IN ('None', 'True', 'False', 'not', 'and', 'or', 'if', 'else', 'in', 'is', 'lambda')
