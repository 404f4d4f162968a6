"""Apps of this process: imported afresh, called as servers call them, interrupted when late."""
