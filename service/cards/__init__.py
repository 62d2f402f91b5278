"""How it is handed over: one composed card, many media. Templates hold layout, never a sentence."""
