"""Functions of a fit that say how far its estimates can be trusted."""
