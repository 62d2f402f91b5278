"""The layouts of files that laboratories send: one small file each. A new one is a file here and a line below."""

from service.lab.formats import caillou_long, caillou_wide, ftir_hits, gcms_quantification
from service.lab.formats.layout import Layout

LAYOUTS: dict[str, Layout] = {
    module.LAYOUT.name: module.LAYOUT
    for module in (caillou_long, caillou_wide, gcms_quantification, ftir_hits)
}
