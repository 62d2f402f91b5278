"""The layouts of files that laboratories send: one small file each.

A new one is a file here and a line below.
"""

from service.lab.formats import caillou_long, caillou_wide, ftir_hits, gcms_quantification
from service.lab.formats.layout import Layout

_ALL = (
    caillou_long.LAYOUT,
    caillou_wide.LAYOUT,
    gcms_quantification.LAYOUT,
    ftir_hits.LAYOUT,
)
LAYOUTS: dict[str, Layout] = {layout.name: layout for layout in _ALL}
