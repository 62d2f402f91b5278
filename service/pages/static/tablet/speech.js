// Read aloud: what the service has recorded or spoken, kept for later; else a voice of this tablet, if it has one for
// that language and needs no network for it.

import { button, h, say } from "./page.js"
import { _, theKit } from "./words.js"

const voiceOf = language => globalThis.speechSynthesis?.getVoices()
  .find(one => one.localService && one.lang.slice(0, 2) === language)

export const canSpeak = language => Boolean(voiceOf(language))

/** Says these sentences by the tablet's own voice, after saying that a machine speaks. */
export function speakButton(sentences, language) {
  return button(_("Read aloud"), () => {
    speechSynthesis.cancel()
    for (const text of [theKit().frames[language]["voice-machine"], ...sentences]) {
      const spoken = new SpeechSynthesisUtterance(text)
      spoken.voice = voiceOf(language)
      spoken.lang = language
      speechSynthesis.speak(spoken)
    }
  }, { class: "quiet" })
}

/** Plays a sound; `fetchSound` gives its bytes or null. */
export function playButton(fetchSound) {
  const place = h("span", { class: "player" })
  place.append(button(_("Read aloud"), async () => {
    const bytes = await fetchSound()
    if (!bytes) return say(_("Not heard here yet, and there is no network."), { wrong: true })
    const player = h("audio", { controls: true, src: URL.createObjectURL(new Blob([bytes], { type: "audio/ogg" })) })
    place.replaceChildren(player)
    await player.play().catch(() => {})
  }, { class: "quiet" }))
  return place
}
