// What stands before worker.js when it is sent (shell.py): the name of this release's cache, and
// its files with their hashes; null where a file is made anew.

declare const cacheName: string
declare const first: Record<string, string | null>
declare const later: Record<string, string | null>
