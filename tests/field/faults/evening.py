"""A whole evening's reports, put on the phone by its own modules, because tapping them would take minutes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from concerns.models import Concern, Photo
from field.models import Receipt
from tests.field.handset import Handset
from tests.field.mortal import sha256
from walks.models import Walk

# Copies the body of the record that was tapped first; pictures are noise, so that no two are alike.
MANY = """async ({ like, n, photos, side, settle }) => {
    const { add, addPhoto } = await import("/static/field/records.js");
    const { get } = await import("/static/field/store.js");
    const { walk, body } = await get("records", like);
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    const pen = canvas.getContext("2d");
    const picture = async () => {
        const noise = pen.createImageData(side, side);
        const { data } = noise;
        for (let at = 0; at < data.length; at += 65536) crypto.getRandomValues(data.subarray(at, at + 65536));
        for (let at = 3; at < data.length; at += 4) data[at] = 255;
        pen.putImageData(noise, 0, 0);
        const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.7));
        return blob.arrayBuffer();
    };
    for (let i = 0; i < n; i += 1) {
        const record = await add({ kind: "concern", walk, body: { ...body, note: `report ${i}` } }, { settle });
        for (let p = 0; p < photos; p += 1) {
            await addPhoto(record.id, { bytes: await picture(), type: "image/jpeg", thumb: null });
        }
    }
}"""


@dataclass
class Noted:
    """What a phone keeps at one moment: the ids of its records, and each photo's hash as the phone computed it."""

    records: set[str]
    hashes: dict[str, str]


def note_many(handset: Handset, *, like: str, n: int, photos: int = 2, side: int = 120, settle: int = 0) -> None:
    """Put `n` more records like the one named on the phone, each with `photos` pictures of `side` pixels."""
    wanted = {"like": like, "n": n, "photos": photos, "side": side, "settle": settle}
    handset.page.evaluate(MANY, wanted)


def noted(handset: Handset) -> Noted:
    """Fails where a photo whose bytes are here has another hash than the phone wrote beside it."""
    kept: dict[str, Any] = handset.kept()
    for photo in kept["photos"]:
        assert photo["now"] in (None, photo["sha256"])
    return Noted({one["id"] for one in kept["records"]}, {one["id"]: one["sha256"] for one in kept["photos"]})


def assert_all_in(walk: Walk, said: Noted, media: Path) -> None:
    """The walk's concerns and photos are exactly those, each once, whole and on the disk."""
    receipts = Receipt.objects.filter(device__walk=walk)
    assert sorted(str(one) for one in receipts.values_list("client_id", flat=True)) == sorted(said.records)
    assert Concern.objects.count() == receipts.count() == len(said.records)
    photos = {str(photo.client_id): photo for photo in Photo.objects.all()}
    assert Photo.objects.count() == len(photos)
    assert {one: photo.sha256 for one, photo in photos.items()} == said.hashes
    for one, photo in photos.items():
        assert sha256((media / photo.original.name).read_bytes()) == said.hashes[one]
