// The three rooms, and the way from one to the other.

/** @import { Room } from "./screen.js" */

import * as header from "./header.js"
import { redraw } from "./living.js"
import { byId, h, show } from "./page.js"
import { resultsRoom } from "./results_room.js"
import { rocksRoom } from "./rocks_room.js"
import * as screen from "./screen.js"
import { tabletRoom } from "./tablet_room.js"
import { _ } from "./words.js"

/** @type {Record<Room, { title: () => string, draw: Parameters<typeof show>[0] }>} */
const ROOMS = {
  rocks: { title: () => _("Rocks"), draw: rocksRoom },
  results: { title: () => _("Results"), draw: resultsRoom },
  tablet: { title: () => _("This tablet"), draw: tabletRoom },
}
const NAMES = /** @type {Room[]} */ (Object.keys(ROOMS))

export async function drawRoom() {
  const current = screen.room()
  history.replaceState({ home: true }, "")
  byId("rooms").replaceChildren(...NAMES.map((name) => tab(name, current)))

  await header.draw()
  const isLeft = !screen.isRoom() || screen.room() !== current
  if (isLeft) return

  await show(ROOMS[current].draw)
  redraw() // of what has moved while it was drawn
}

/**
 * @param {Room} name
 * @param {Room} current
 */
function tab(name, current) {
  const attributes = {
    type: "button",
    "aria-current": name === current ? "page" : null,
    onclick: () => screen.enterRoom(name),
  }
  return h("button", attributes, ROOMS[name].title())
}
