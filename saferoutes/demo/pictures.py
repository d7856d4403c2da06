"""Small drawn pictures for the demo, so that no real place or person is on them."""

import io

from PIL import Image, ImageDraw, ImageFilter

SIZE = (1200, 900)
GROUND = 660

NIGHT = {"sky": (24, 34, 48), "street": (38, 46, 58), "wall": (16, 23, 33), "line": (70, 80, 95)}
DAY = {"sky": (214, 222, 226), "street": (150, 152, 148), "wall": (190, 170, 150), "line": (120, 112, 104)}


def picture(scene: str, *, after: bool = False) -> bytes:
    """A JPEG of a street: `light`, `ground`, `way` or `good`; `after` shows it mended."""
    colours = NIGHT if scene == "light" else DAY
    image = Image.new("RGB", SIZE, colours["sky"])
    draw = ImageDraw.Draw(image)
    _street(draw, colours)
    {"light": _lamp, "ground": _heap, "way": _slab, "good": _shop}[scene](image, draw, after)
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(1)).save(out, "JPEG", quality=85)
    return out.getvalue()


def _street(draw: ImageDraw.ImageDraw, colours: dict[str, tuple[int, int, int]]) -> None:
    for left, width, height in ((0, 260, 300), (280, 200, 240), (500, 300, 340), (820, 180, 260), (1020, 180, 320)):
        draw.rectangle((left, GROUND - height, left + width, GROUND), fill=colours["wall"])
        for window in range(left + 30, left + width - 40, 70):
            draw.rectangle((window, GROUND - height + 50, window + 34, GROUND - height + 100), fill=colours["line"])
    draw.rectangle((0, GROUND, *SIZE), fill=colours["street"])
    draw.line((0, GROUND + 120, SIZE[0], GROUND + 120), fill=colours["line"], width=6)


def _lamp(image: Image.Image, draw: ImageDraw.ImageDraw, after: bool) -> None:
    if after:
        glow = Image.new("L", SIZE, 0)
        ImageDraw.Draw(glow).polygon(((760, 170), (520, 820), (1000, 820)), fill=110)
        image.paste((246, 196, 110), mask=glow.filter(ImageFilter.GaussianBlur(24)))
    draw.line((860, GROUND + 40, 860, 140, 760, 140), fill=(8, 12, 18), width=16)
    draw.rectangle((710, 132, 790, 158), fill=(255, 232, 170) if after else (60, 68, 80))


def _heap(image: Image.Image, draw: ImageDraw.ImageDraw, after: bool) -> None:
    if after:
        return
    draw.rectangle((420, 560, 760, 700), fill=(224, 218, 204), outline=(140, 130, 118), width=5)
    for left, top in ((300, 620), (360, 650), (780, 630)):
        draw.ellipse((left, top, left + 120, top + 110), fill=(40, 44, 48))
    for left in (560, 640):
        draw.ellipse((left, 690, left + 90, 780), outline=(28, 30, 32), width=26)


def _slab(image: Image.Image, draw: ImageDraw.ImageDraw, after: bool) -> None:
    slab = ((380, 700), (760, 690), (800, 800), (330, 810))
    draw.polygon(slab, fill=(196, 196, 190), outline=(110, 108, 104))
    if not after:
        draw.line((470, 694, 520, 752, 500, 808), fill=(60, 58, 54), width=10)
        draw.polygon(((520, 750), (800, 740), (800, 800), (505, 806)), fill=(120, 118, 112))


def _shop(image: Image.Image, draw: ImageDraw.ImageDraw, after: bool) -> None:
    draw.rectangle((320, 340, 880, GROUND), fill=(176, 122, 92))
    draw.rectangle((370, 460, 700, 620), fill=(252, 226, 150))
    draw.rectangle((730, 440, 840, GROUND), fill=(96, 64, 48))
    for index, left in enumerate(range(320, 880, 70)):
        draw.polygon(
            ((left, 340), (left + 70, 340), (left + 70, 420), (left, 420)),
            fill=(26, 90, 136) if index % 2 else (244, 243, 236),
        )
