// The day's kit: everything that a tablet needs where there is no network.

/** @import { Kit } from "./types.d.ts" */

import { ask, NoContact } from "./api.js"
import * as pad from "./pad.js"
import * as queue from "./queue.js"
import * as vault from "./vault.js"
import { useKit } from "./words.js"

/** The credential is another site's than the rocks that lie here. */
export class OtherSite extends Error {
  /**
   * @param {string} ours
   * @param {string} theirs
   */
  constructor(ours, theirs) {
    super("other site")
    this.ours = ours
    this.theirs = theirs
  }
}

/**
 * Fetches the kit where it is new. A store belongs to one site: with another site's credential
 * nothing is sent or fetched.
 */
export async function fetchKit() {
  const { kit_tag, site, sealed_for } = await vault.read(["kit_tag", "site", "sealed_for"])
  /** @type {Record<string, string>} */
  const headers = kit_tag ? { "If-None-Match": kit_tag } : {}
  const answer = await ask("GET", "/v1/tablet/kit", { headers })
  if (answer.status === 304) return

  /** @type {Kit} */
  const kit = await answer.json()
  if (!kit.public_key || !kit.site) throw new NoContact()
  if (site && site !== kit.site) throw new OtherSite(site, kit.site)

  await vault.put("kit", kit)
  await vault.write({ site: kit.site, public_key: kit.public_key })
  useKit(kit)
  if (sealed_for && sealed_for !== kit.public_key) {
    await queue.sealAnew()
    await pad.empty() // its codes were drawn under the key that is gone
  }

  // Last, so that what was cut off in between is done again.
  await vault.write({ sealed_for: kit.public_key, kit_tag: answer.headers.get("etag") })
}
