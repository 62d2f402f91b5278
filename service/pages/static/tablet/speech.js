// Read aloud: what the service has recorded or spoken, kept for later; else a voice of this tablet,
// if it has one for that language and needs no network for it.

import { button, h, say } from "./page.js"
import { _, theKit } from "./words.js"

/** @param {string} language */
const voiceOf = (language) =>
  globalThis.speechSynthesis?.getVoices()
    .find((voice) => voice.localService && voice.lang.slice(0, 2) === language)

/** @param {string} language */
export const canSpeak = (language) => Boolean(voiceOf(language))

/**
 * Says these sentences by the tablet's own voice, after saying that a machine speaks.
 * @param {string[]} sentences
 * @param {string} language
 */
export function speakButton(sentences, language) {
  const speak = () => {
    speechSynthesis.cancel()
    for (const text of [theKit().frames[language]["voice-machine"], ...sentences]) {
      const utterance = new SpeechSynthesisUtterance(text)
      utterance.voice = voiceOf(language) ?? null
      utterance.lang = language
      speechSynthesis.speak(utterance)
    }
  }
  return button(_("Read aloud"), speak, { class: "quiet" })
}

/**
 * Plays a sound.
 * @param {() => Promise<ArrayBuffer | null>} fetchSound its bytes, null where there are none
 */
export function playButton(fetchSound) {
  const frame = h("span", { class: "player" })

  const play = async () => {
    const bytes = await fetchSound()
    if (!bytes) return say(_("Not heard here yet, and there is no network."), { wrong: true })

    const address = URL.createObjectURL(new Blob([bytes], { type: "audio/ogg" }))
    const player = h("audio", { controls: true, src: address })
    frame.replaceChildren(player)
    await player.play().catch(() => {})
  }

  frame.append(button(_("Read aloud"), play, { class: "quiet" }))
  return frame
}
