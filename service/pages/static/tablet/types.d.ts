// The shapes that the tablet's modules share. No browser ever loads this file.

// --- What the service says ---

export interface Flaw {
  pointer: string
  detail: string
}

/** RFC 9457. */
export interface Problem {
  type: string
  title: string
  errors?: Flaw[]
}

/** What was told of a rock; every other field is known by its path alone (fields.js). */
export interface Facts {
  form?: string
  sold_as?: string
  weight_mg?: number
  weighed?: string
  size?: string
  already_used?: boolean
  card_languages?: string[]
  transaction?: { bought_on?: string; [name: string]: unknown }
  use?: { also_uses?: string[]; route?: string; [name: string]: unknown }
  [name: string]: unknown
}

/** A rock as the service holds it. */
export interface Sample extends Facts {
  id: string
  revision: number
  taken_at: string
  updated_at: string
  pickup_code: string
  lab_label: string
  state: string
  card_languages: string[]
}

/** One line of the answer to a batch: a receipt, or a problem. */
export interface Receipt {
  id: string
  status: number
  revision?: number
  lab_label?: string
  received_at?: string
  type?: string
  title?: string
  errors?: Flaw[]
  held?: Sample
}

/** Text by language. */
export type Texts = Record<string, string>

export interface Message {
  key: string
  slot: string
  text: Texts
  pictogram: string | null
}

export interface Messages {
  messages: Message[]
  marks: Texts
  interpreter: Texts
}

export interface Talk {
  languages: string[]
  points: Message[]
  if_told: Message[]
  marks: Texts
}

export interface PersonToReach {
  sample_id: string
  pickup_code: string
  lab_label: string
  state: string
  changed_at: string
  grave: boolean
}

export interface Notices {
  notices: { text: Texts }[]
  marks: Texts
}

/** Low, middle and high, in mg. */
export type Amounts = [number, number, number]

export interface EstimateTable {
  most_mg: number
  fine: Amounts[]
  coarse: { from_mg: number; step_mg: number; rows: Amounts[] }
  sizes: Record<string, Amounts>
}

/** service/pages/tablet/kit.py */
export interface Kit {
  site: string
  words: string
  public_key: string
  languages: { code: string; name: string; direction: string }[]
  lists: Record<string, string[]>
  labels: Record<string, Record<string, Record<string, string>>>
  substances: string[]
  limits: { weight_mg: number; price_eur: number; note: number; sold_as: number }
  no_rock: { form: string[]; sold_as: string[] }
  estimate: EstimateTable
  waiting: KitCase[]
  messages: Record<string, Omit<Message, "key">>
  pictograms: Record<string, string>
  frames: Record<string, Record<string, string>>
  marks: Texts
  interpreter: Texts
}

// --- What lies on the tablet ---

export interface Encrypted {
  iv: Uint8Array<ArrayBuffer>
  data: ArrayBuffer
}

/** A pickup code with its square code, out of the pad; of a rock taken in elsewhere the code alone. */
export interface Page {
  code: string
  width?: string
  path?: string
}

export type RockState = "here" | "sent" | "confirmed" | "refused" | "conflict" | "back" | "gone"

/** What is encrypted of a rock. */
export interface Rock {
  revision: number
  facts: Facts
  taken_at?: string
  page?: Page
  label?: string
  received_at?: string
  problem?: { title: string; errors?: Flaw[] } | null
  held?: Sample | null
  clock?: { said: string; moved_days: number; refused: boolean }
}

/** What lies open of a rock. `turn` counts its changes, `left` is the revision that last left. */
export interface PlainRow {
  id: string
  at: number
  bag: number | null
  state: RockState
  turn?: number
  left?: number
}

export interface RockRow extends PlainRow, Encrypted {
  sealed: string | null
}

export type OpenedRock = RockRow & { rock: Rock }

/** What a change makes of a rock; without `rock` that stays as it is. */
export interface Change {
  plain: Partial<PlainRow>
  rock?: Rock
}

export interface PlainResult {
  id: string
  updated_at: string
  words: string
  seen: boolean
}

export interface ResultContent {
  sample: Sample
  messages: Messages
  talk: Talk
}

export type Result = PlainResult & ResultContent

export interface CarriedRow {
  id: string
  sealed: string
  refused?: { title: string; pointers: string[] }
}

/** Of whom the worker has said that they know; `said` once the service knows it too. */
export interface ToldRow {
  id: string
  changed_at: string
  said?: boolean
}

export interface Lock {
  device: CryptoKey
  iv: Uint8Array<ArrayBuffer>
  locked: ArrayBuffer
  salt?: Uint8Array<ArrayBuffer>
  tries: number
  until: number
}

/** What lies in the open, also while locked. */
export interface Settings {
  lock: Lock
  label?: string
  site?: string
  token_sha256?: string
  signed_out?: boolean
  ended?: { label?: string; at: number }
  bags?: number
  clock_off?: number
  public_key: string
  kit_tag?: string | null
  sealed_for?: string
  persisted?: boolean
}

/** What is encrypted by name. */
export interface Secrets {
  kit: Kit
  token: string
  coming_in: string
  notices: Notices
  results_since: string
  reach_again: PersonToReach[]
  [draft: `draft/${string}`]: Draft
  [sound: `sound/${string}`]: Uint8Array
}

export interface Rows {
  open: unknown
  vault: Encrypted
  rocks: RockRow
  results: PlainResult & Encrypted
  told: ToldRow
  carried: CarriedRow
  pad: Encrypted & { place?: number }
}

export interface Keys {
  open: string
  vault: string
  rocks: string
  results: string
  told: string
  carried: string
  pad: number
}

/** A rock that is being taken in, or changed; `of` is the revision that it changes, 0 for a new one. */
export interface Draft {
  id: string
  of: number
  facts: Facts
  screen: number
  errors: Flaw[]
}

// --- What is drawn ---

export type Child = Node | string | number | boolean | null | undefined | Child[]

export type ElementOf<T extends string> = T extends keyof HTMLElementTagNameMap
  ? HTMLElementTagNameMap[T]
  : SVGElement

export interface Attributes {
  onclick?: (event: MouseEvent) => unknown
  [name: string]: string | number | boolean | null | undefined | ((event: never) => unknown)
}

export type Answer = string | number | boolean | string[] | null

export type Keep = (answer: Answer) => unknown

export interface Option {
  value: string | number | boolean
  text: string
  lang?: string
  drawn?: Node
  /** Stands for "none of these": an empty list. */
  alone?: boolean
}

/** Methods, so that each field may name the type of its own answers. */
export interface Field {
  path: string
  codes?: string[]
  text(): string
  ask(field: Field, value: Answer, keep: Keep): HTMLElement
  show(value: Answer): string
}

export interface Screen {
  title(): string
  fields: Field[]
}

/** What a rock is expected to hold, in mg; `weight` is absent where it was a size. */
export interface Amount {
  weight?: number
  low: number
  middle: number
  high: number
}

/** What is said while a rock waits, by what is known of it. */
export interface KitCase {
  crack_rock: boolean
  weighed: boolean
  route: string
  also_uses: string[]
  keys: string[]
}
