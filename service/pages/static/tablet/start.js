// The page starts: what it is made of is put together, and the first view is chosen.

import { NoContact, Refused, whenUnauthorized } from "./api.js"
import * as ends from "./ends.js"
import * as header from "./header.js"
import { redraw } from "./living.js"
import { say, whenTrouble } from "./page.js"
import * as queue from "./queue.js"
import { drawRoom } from "./rooms.js"
import * as screen from "./screen.js"
import * as session from "./session.js"
import { lockedView, watchIdle } from "./shift.js"
import * as sync from "./sync.js"
import { useKeptSize } from "./true_size.js"
import { keepPage } from "./update.js"
import * as vault from "./vault.js"
import { _, loadWords } from "./words.js"

async function start() {
  await loadWords()
  useKeptSize()
  connect()

  await vault.open(screen.erase)
  keepPage()

  const { ended } = await vault.read(["ended"])
  if (ended) {
    const ways = { letInAgain: session.letIn, erased: screen.erase }
    return screen.wayEnds(() => ends.endedView(ended, ways))
  }

  await session.endSession()
  const { site, signed_out } = await vault.read(["site", "signed_out"])
  const isNobodys = !site || signed_out && !vault.isLocked()
  return isNobodys ? session.letIn() : session.enter()
}

/** Who is called by whom; none of it happens before the store is open. */
function connect() {
  header.begin(session)
  screen.useDrawings({
    locked: () => lockedView({ done: session.enter, erased: screen.erase }),
    signedOut: () => {
      header.draw()
      return ends.signedOutView()
    },
    room: drawRoom,
    erased: ends.erasedView,
  })

  whenTrouble(trouble)
  addEventListener("unhandledrejection", (event) => {
    if (isKnown(event.reason)) event.preventDefault()
    trouble(event.reason)
  })
  whenUnauthorized(session.handleUnauthorized)
  queue.whenChanged(redraw)
  sync.whenMoved(() => {
    redraw()
    if (!screen.isErased()) session.endSession()
  })
  addEventListener("popstate", screen.goBack)
  watchIdle(session.endShift)
}

// --- What fails ---

/** @param {unknown} error */
const isFull = (error) => error instanceof DOMException && error.name === "QuotaExceededError"

/** @param {unknown} error */
function isKnown(error) {
  const isOurs = error instanceof NoContact || error instanceof Refused ||
    error instanceof vault.Locked
  return isOurs || isFull(error)
}

/** @param {unknown} error */
function trouble(error) {
  if (error instanceof vault.Locked) return session.enter()
  return say(troubleText(error), { wrong: true })
}

/** @param {unknown} error */
function troubleText(error) {
  if (error instanceof NoContact) {
    return _("No contact with the service. Try again where there is a network.")
  }
  if (error instanceof Refused) {
    const { title, errors = [] } = error.problem
    return [title, ...errors.map(({ detail }) => detail)].join(" ")
  }
  if (isFull(error)) {
    return _("This tablet is full: this was not kept. Free some space, then press again.")
  }

  const broken = _("Something broke on this tablet. What was kept before is still there.")
  const name = error instanceof Error || error instanceof DOMException
    ? `${error.name}: ${error.message}`
    : String(error)
  return `${broken} (${name})`
}

await start()
