"""Small PNG files: a screen has few colours, so each point needs one byte."""

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

COLOURS = 256
READ = """async text => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + text;
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), {width: image.width, height: image.height});
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const points = pen.getImageData(0, 0, image.width, image.height).data;
  let out = '';
  for (let at = 0; at < points.length; at += 32768) out += String.fromCharCode(...points.subarray(at, at + 32768));
  return [image.width, image.height, btoa(out)];
}"""


def save_small(browser: Any, png: bytes, path: Path) -> None:
    """Write a screenshot with at most 256 colours; the browser decodes it."""
    page = browser.new_page()
    width, height, text = page.evaluate(READ, base64.b64encode(png).decode())
    page.close()
    points = np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)[:, :, :3]
    palette, index = few_colours(points.reshape(-1, 3))
    path.write_bytes(png_bytes(palette, index.reshape(height, width)))


def few_colours(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The most frequent colours as they are, every other one as the nearest of them."""
    packed = points.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    found, place, times = np.unique(packed, return_inverse=True, return_counts=True)
    every = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(np.int32)
    kept = np.argsort(-times, kind="stable")[:COLOURS]
    distance = ((every[:, None, :] - every[None, kept, :]) ** 2).sum(axis=2)
    return every[kept].astype(np.uint8), distance.argmin(axis=1).astype(np.uint8)[place]


def png_bytes(palette: np.ndarray, index: np.ndarray) -> bytes:
    """A PNG file with a palette."""
    height, width = index.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), index], axis=1)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = [(b"IHDR", head), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
