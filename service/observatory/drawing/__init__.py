"""The pictures of a survey, as SVG that stands alone: in a report, on a page, on plain paper.

Each carries its title and, under it, what it is of (period, number of rocks, basis): a picture that
has left its page still says so. 480 wide, on white; series differ by shape and shade, not by hue
alone. Every text comes from the caller in the reader's language, and is escaped in sheet.py.
"""
