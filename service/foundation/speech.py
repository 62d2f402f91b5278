"""A machine's voice: text -> sound, by eSpeak NG.

It comes with pip, needs nothing of the system, and speaks one text at a time. A sound is 16 bits a
sample, one channel, `RATE` samples a second.
"""

# ruff: noqa: N802  the library's functions have names of its own

import asyncio
import ctypes
import io
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import espeakng_loader
import numpy as np
import numpy.typing as npt
import soundfile

T = TypeVar("T")
RATE = 22_050
BYTES_A_SAMPLE = 2
LOUDEST = 32_767
WORDS_A_MINUTE = 140
Kind = Literal["ogg", "mp3"]
_CODECS: dict[Kind, str] = {"ogg": "VORBIS", "mp3": "MPEG_LAYER_III"}
_PAUSE = bytes(BYTES_A_SAMPLE) * (RATE // 2)
_RETRIEVE, _DONT_EXIT, _RATE_PARAMETER, _UTF8 = 2, 0x8000, 1, 1  # of speak_lib.h
_ONE = threading.Lock()
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="speech")
_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


_Samples = npt.NDArray[np.float32]


class _Espeak(Protocol):
    """What we call of speak_lib.h; each answers 0 where it went well, but for the first."""

    def espeak_Initialize(self, output: int, buffer_ms: int, path: bytes, options: int, /) -> int:
        """Start the engine; how many samples a second it will give."""

    def espeak_SetVoiceByName(self, name: bytes, /) -> int: ...

    def espeak_SetSynthCallback(self, hear: Callable[..., int], /) -> int: ...

    def espeak_SetParameter(self, parameter: int, value: int, relative: int, /) -> int: ...

    def espeak_Synth(self, text: bytes, size: int, *how: int | None) -> int: ...

    def espeak_Synchronize(self) -> int: ...


class NoVoice(Exception):
    """There is no such voice."""


async def in_its_thread(render: Callable[[T], bytes], what: T) -> bytes:
    """What a renderer makes of something, from the thread that speaks."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, render, what)


def spoken(text: str, voice: str) -> bytes:
    """The text in this voice, as a sound. Raises NoVoice."""
    sound = bytearray()

    def hear(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: object) -> int:
        if samples and count:
            sound.extend(ctypes.string_at(samples, count * BYTES_A_SAMPLE))
        return 0

    heard = _Callback(hear)
    library = _library()
    said = text.replace("\0", " ").encode() + b"\0"

    with _ONE:
        if library.espeak_SetVoiceByName(voice.encode()):
            raise NoVoice(voice)

        library.espeak_SetSynthCallback(heard)
        library.espeak_SetParameter(_RATE_PARAMETER, WORDS_A_MINUTE, 0)
        library.espeak_Synth(said, len(said), 0, 1, 0, _UTF8, None, None)
        library.espeak_Synchronize()

    return bytes(sound)


def recorded(path: Path) -> bytes:
    """What a person recorded, as a sound."""
    channels, rate = _heard(path)
    mono: _Samples = channels.mean(axis=1)
    places = np.arange(0, len(mono), rate / RATE)
    resampled: npt.NDArray[np.float64] = np.interp(places, np.arange(len(mono)), mono)

    return (resampled * LOUDEST).astype("<i2").tobytes()


def _heard(path: Path) -> tuple[_Samples, int]:
    """A sound file: its samples, a row each and a column a channel, and how many a second."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples, rate


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
def _library() -> _Espeak:
    """The engine, started once."""
    library: _Espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    voices: str = espeakng_loader.get_data_path()

    rate = library.espeak_Initialize(_RETRIEVE, 0, voices.encode(), _DONT_EXIT)
    if rate != RATE:
        raise RuntimeError(f"eSpeak NG speaks at {rate} samples a second")
    return library
