// Square codes by the camera: the reader is fetched when this is first opened, and kept from then on.

import { prepareZXingModule, readBarcodes } from "./vendor/zxing-wasm/reader/index.js"
import { button, h, show } from "./page.js"
import { _ } from "./words.js"

const PAUSE_MS = 120

prepareZXingModule({ overrides: { locateFile: path => `/static/tablet/vendor/zxing-wasm/reader/${path}` } })

/** Shows what the camera sees until it reads a square code; gives its text, or null where the worker turned back. */
export async function scan(back) {
  const video = h("video", { playsinline: true, class: "camera", "aria-label": _("What the camera sees") })
  const said = h("p", { role: "status" }, _("Hold the square code before the camera."))
  video.muted = true
  let stopped = false
  await show(() => [h("h1", {}, _("Scan a code")), video, said,
    h("div", { class: "foot" }, button(_("Back"), () => { stopped = true; return back() }, { class: "quiet" }))])
  let stream
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } })
  } catch {
    said.textContent = _("No camera may be used here. Type the code instead.")
    return null
  }
  try {
    video.srcObject = stream
    await video.play()
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight)
    const pencil = canvas.getContext("2d", { willReadFrequently: true })
    while (!stopped && video.isConnected) {
      pencil.drawImage(video, 0, 0)
      const seen = pencil.getImageData(0, 0, canvas.width, canvas.height)
      const [read] = await readBarcodes(seen, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 })
      if (read?.text) return read.text
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  } finally {
    stream.getTracks().forEach(track => track.stop())
  }
  return null
}
