"""The tablet: one page that is installed and then works where there is no network.

**Shape** (2026-11). The page, its scripts and its service worker are a public shell that holds no
data: `shell.py` lists it, and the hash of what it is made of names the worker's cache. `GET
/v1/tablet/kit` is everything the page needs on the spot, in one answer with an ETag; rocks, results
and cards go through the endpoints that scripts use too. Plain modules and `idb`, no framework: six
screens of buttons never outgrew it.

**What the tablet keeps** is encrypted record by record (AES-256-GCM) with a key that no script can
export, and the PIN wraps that key a second time (PBKDF2, 600,000 rounds). The device's own token
lies among those records. Beside each rock that the service has not confirmed lies the same rock
sealed for the service alone (`intake/carried.py`), so that a tablet which is revoked, or whose PIN
nobody remembers, gives its rocks back and shows nothing.

This protects against whoever finds, borrows or leafs through the tablet; against a page of another
origin; against whoever copies its files, as far as the PIN is long: six digits cost a machine made
for it hours, not years. It does not protect against somebody who changes the browser or the
service's own scripts, nor while the shift is unlocked, nor on a tablet without a PIN whose files
are copied: the browser itself writes "non-exportable" keys to its disk. A browser's database is a
log: what was wiped may stand in its files, encrypted, until the browser tidies up. Encrypt the
device too.

**An end by the service.** A token that is over is not read off a 401, which a proxy could send: the
tablet asks `POST /v1/tablet/standing` with its token's hash, also while it is locked, and wipes
itself only when that door says so, about that hash. What was not confirmed stays behind sealed, as
a file to carry to the base.

Somebody who has signed in may use the page without enrolling a device: the same store, the session
instead of a token. A cookie that scripts can read, and that opens nothing, says of which site
somebody is signed in, so that the page knows without a network when that is over: answers and
confirmed rocks are erased then, and what was not confirmed stays, unseen, until somebody of the
site signs in. Without a PIN it can be read off the disk meanwhile. A store belongs to one site: it
sends nothing as another.

**A newer release** is fetched file by file against the hashes that its worker lists, and taken
whole or not at all; its page opens at the next lock, or when the page is next looked at while
nothing is being done.
"""
