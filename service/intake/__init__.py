"""A rock is taken in, once, however often it is sent; and given back to nobody but the holder of its code."""
