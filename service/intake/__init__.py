"""A rock is taken in, once, however often it is sent.

What is known of it goes to nobody but the holder of its code.
"""
