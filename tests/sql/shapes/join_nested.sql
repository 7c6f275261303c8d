-- joins as operands of joins
SELECT * FROM a LEFT JOIN (b JOIN c ON c.id = b.c_id) ON b.id = a.b_id
    JOIN d JOIN e ON e.id = d.e_id ON d.id = a.d_id
