-- emits: type_above
-- layer: types
-- why: every class that a class inherits from, at any distance
--
-- With the last of its bases that leads there: a class that several bases share comes behind all of
-- them in the method resolution order, so the last way counts. A hierarchy that runs in a circle
-- ends because a pair is found once.
WITH RECURSIVE base AS (
    SELECT DISTINCT b.type_id, b.index, b.object_id FROM base_target AS b WHERE b.object_id IS NOT NULL
),
reach AS (
    SELECT b.type_id, b.object_id AS above_id FROM base AS b
    UNION
    SELECT r.type_id, b.object_id FROM reach AS r JOIN base AS b ON b.type_id = r.above_id
),
way AS (
    SELECT b.type_id, b.object_id AS above_id, b.index FROM base AS b
    UNION ALL
    SELECT b.type_id, r.above_id, b.index FROM base AS b JOIN reach AS r ON r.type_id = b.object_id
)
SELECT w.type_id, w.above_id, max(w.index) AS index
FROM way AS w
GROUP BY w.type_id, w.above_id
