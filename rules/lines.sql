-- emits: lines
-- layer: syntax
-- unique: yes
-- why: where the lines of a file begin, for whoever counts in lines and columns
SELECT l.file_id, l.line, l.start_byte, l.end_byte FROM line AS l
