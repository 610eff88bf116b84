"""`make study`: which intervals cover, which tests keep their level.

Data sets are drawn from models whose parameters are known; `run.py` starts it all.
"""
