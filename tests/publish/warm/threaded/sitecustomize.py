"""A process in which a thread runs from the start, as some packages do when they are imported."""

import threading

threading.Thread(target=threading.Event().wait, daemon=True).start()
