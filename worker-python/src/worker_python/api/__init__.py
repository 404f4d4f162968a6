"""The HTTP edge: parsing requests, writing answers, keeping Flask's manners."""
