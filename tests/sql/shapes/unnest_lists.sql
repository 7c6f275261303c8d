-- lists to rows, with their place
SELECT d.id, u.word, u.place FROM document AS d, unnest(string_split(d.body, ' ')) WITH ORDINALITY AS u(word, place) WHERE u.word NOT LIKE 'the%' ESCAPE '!'
