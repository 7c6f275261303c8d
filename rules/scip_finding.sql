-- emits: scip_finding
-- layer: scip
-- why: what a tool had to say of a place, once
SELECT DISTINCT
    stable_hash64(
        'DIAGNOSTIC',
        d.file_id,
        coalesce(CAST(d.start_byte AS VARCHAR) || ' ' || CAST(d.end_byte AS VARCHAR) || ' ' || coalesce(d.source, '')
            || ' ' || coalesce(d.code, '') || ' ' || d.message, '')
    ) AS node_id,
    d.file_id,
    d.start_byte,
    d.end_byte,
    CAST(d.severity AS VARCHAR) AS severity,
    d.code,
    d.message,
    d.source,
    d.is_unnecessary,
    d.is_deprecated
FROM scip_diagnostic AS d
