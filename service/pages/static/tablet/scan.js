// Square codes by the camera: the reader is fetched when this is first opened, and kept from then
// on.

// @ts-types="./vendor.d.ts"
import { prepareZXingModule, readBarcodes } from "./vendor/zxing-wasm/reader/index.js"
import { button, h, show } from "./page.js"
import { _ } from "./words.js"

const PAUSE_MS = 120
const READER = "/static/tablet/vendor/zxing-wasm/reader/"
const HOW = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 }

prepareZXingModule({ overrides: { locateFile: (path) => READER + path } })

/**
 * Shows what the camera sees until it reads a square code; gives its text, or null where the worker
 * turned back.
 * @param {() => unknown} back
 */
export async function scan(back) {
  const seen = { playsinline: true, class: "camera", "aria-label": _("What the camera sees") }
  const video = h("video", seen)
  const advice = h("p", { role: "status" }, _("Hold the square code before the camera."))
  video.muted = true

  let stopped = false
  const stop = () => {
    stopped = true
    return back()
  }
  const foot = h("div", { class: "foot" }, button(_("Back"), stop, { class: "quiet" }))
  await show(() => [h("h1", {}, _("Scan a code")), video, advice, foot])

  let stream
  try {
    const constraints = { video: { facingMode: "environment" } }
    stream = await navigator.mediaDevices.getUserMedia(constraints)
  } catch {
    advice.textContent = _("No camera may be used here. Type the code instead.")
    return null
  }

  try {
    video.srcObject = stream
    await video.play()
    return await readFrom(video, () => stopped)
  } finally {
    stream.getTracks().forEach((track) => track.stop())
  }
}

/**
 * The text of the first code that is seen.
 * @param {HTMLVideoElement} video
 * @param {() => boolean} isStopped
 */
async function readFrom(video, isStopped) {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight)
  const pencil = canvas.getContext("2d", { willReadFrequently: true })
  if (!pencil) throw new Error("no canvas")

  while (!isStopped() && video.isConnected) {
    pencil.drawImage(video, 0, 0)
    const image = pencil.getImageData(0, 0, canvas.width, canvas.height)
    const [code] = await readBarcodes(image, HOW)
    if (code?.text) return code.text
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return null
}
