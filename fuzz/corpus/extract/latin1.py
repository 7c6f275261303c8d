# -*- coding: latin-1 -*-
né = "café ¤"
class Été: pass
