"""A machine's voice: text -> sound, by eSpeak NG, which comes with pip and needs nothing of the system.

It speaks one text at a time. A sound is 16 bits a sample, one channel, `RATE` samples a second.
"""

import asyncio
import ctypes
import io
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import espeakng_loader
import numpy as np
import soundfile

T = TypeVar("T")
RATE = 22_050
WORDS_A_MINUTE = 140
Kind = Literal["ogg", "mp3"]
_CODECS: dict[Kind, str] = {"ogg": "VORBIS", "mp3": "MPEG_LAYER_III"}
_PAUSE = b"\0\0" * (RATE // 2)
_RETRIEVE, _DONT_EXIT, _RATE_PARAMETER, _UTF8 = 2, 0x8000, 1, 1  # of speak_lib.h
_ONE = threading.Lock()
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="speech")
_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class NoVoice(Exception):
    """There is no such voice."""


async def in_its_thread(render: Callable[[T], bytes], what: T) -> bytes:
    """What a renderer makes of something, from the thread that speaks."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, render, what)


def spoken(text: str, voice: str) -> bytes:
    """The text in this voice, as a sound. Raises NoVoice."""
    sound = bytearray()

    def hear(samples: Any, count: int, _: Any) -> int:
        if samples and count:
            sound.extend(ctypes.string_at(samples, count * 2))
        return 0

    heard, library = _Callback(hear), _library()
    with _ONE:
        if library.espeak_SetVoiceByName(voice.encode()):
            raise NoVoice(voice)
        library.espeak_SetSynthCallback(heard)
        library.espeak_SetParameter(_RATE_PARAMETER, WORDS_A_MINUTE, 0)
        said = text.replace("\0", " ").encode() + b"\0"
        library.espeak_Synth(said, len(said), 0, 1, 0, _UTF8, None, None)
        library.espeak_Synchronize()
    return bytes(sound)


def recorded(path: Path) -> bytes:
    """What a person recorded, as a sound."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    places = np.arange(0, len(mono), rate / RATE)
    sound: bytes = (np.interp(places, np.arange(len(mono)), mono) * 32_767).astype("<i2").tobytes()
    return sound


def written(sounds: Sequence[bytes], kind: Kind) -> bytes:
    """The sounds one after the other, with a pause after each, as Ogg Vorbis or as MP3."""
    out = io.BytesIO()
    with soundfile.SoundFile(
        out, "w", RATE, 1, format=kind, subtype=_CODECS[kind], compression_level=0.9
    ) as file:
        for sound in sounds:
            file.buffer_write(sound + _PAUSE, "int16")
    return out.getvalue()


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(
        _RETRIEVE, 0, espeakng_loader.get_data_path().encode(), _DONT_EXIT
    )
    if rate != RATE:
        raise RuntimeError(f"eSpeak NG speaks at {rate} samples a second")
    return library
