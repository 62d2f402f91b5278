// As much as is used here of what others made; `@ts-types` beside each import leads here.

import type { Keys, Rows } from "./types.d.ts"

// --- idb ---

type Name = keyof Rows

export interface Store<N extends Name> {
  get(key: Keys[N]): Promise<Rows[N] | undefined>
  getAll(): Promise<Rows[N][]>
  getAllKeys(): Promise<Keys[N][]>
  put(row: Rows[N], key?: Keys[N]): Promise<unknown>
  delete(key: Keys[N]): Promise<void>
  clear(): Promise<void>
}

export interface Work<N extends Name> {
  store: Store<N>
  objectStore<M extends N>(name: M): Store<M>
  done: Promise<void>
}

export interface Database {
  objectStoreNames: Iterable<Name>
  get<N extends Name>(name: N, key: Keys[N]): Promise<Rows[N] | undefined>
  getAll<N extends Name>(name: N, range?: IDBKeyRange | null, count?: number): Promise<Rows[N][]>
  getAllKeys<N extends Name>(name: N, range?: IDBKeyRange): Promise<Keys[N][]>
  count(name: Name): Promise<number>
  transaction<N extends Name>(
    names: N[],
    mode: IDBTransactionMode,
    options: IDBTransactionOptions,
  ): Work<N>
  createObjectStore(name: Name, options?: IDBObjectStoreParameters): unknown
  close(): void
}

export function openDB(name: string, version: number, events: {
  upgrade(database: Database): void
  blocking(version: number, next: number | null): void
  terminated(): void
}): Promise<Database>

export function deleteDB(name: string): Promise<void>

// --- zxing-wasm ---

export function prepareZXingModule(options: {
  overrides: { locateFile(path: string): string }
}): void

export function readBarcodes(image: ImageData, options: {
  formats: string[]
  tryHarder: boolean
  maxNumberOfSymbols: number
}): Promise<{ text: string }[]>
