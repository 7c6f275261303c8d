# coding: sjis
s = "表ソ"
テ = 1
