"""Files that a bot sends: kept, described as the Bot API does, sent again by their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import text
from simulator.errors import bad_request
from simulator.fields import Upload
from simulator.model import File, Json

if TYPE_CHECKING:
    from simulator.methods import Request


def document(request: Request) -> Json:
    """The content of a message that carries a file."""
    return {"document": _stored(request, "document")} | _caption(request)


def photo(request: Request) -> Json:
    found = _stored(request, "photo")
    size = {key: found[key] for key in ("file_id", "file_unique_id", "file_size")}
    return {"photo": [size | {"width": 800, "height": 600}]} | _caption(request)


def _caption(request: Request) -> Json:
    if not request.given.get("caption"):
        return {}
    caption, marks = text.formatted(
        request.given["caption"], request.given.get("parse_mode", ""), [], text.CAPTION_LENGTH
    )
    return {"caption": caption} | ({"caption_entities": marks} if marks else {})


def _stored(request: Request, name: str) -> Json:
    upload = request.given.get(name)
    if not upload:
        raise bad_request(f"there is no {name} in the request")
    if isinstance(upload, Upload):
        if not upload.data:
            raise bad_request("file must be non-empty")
        number = f"{name}-{request.bot.id}-{len(request.telegram.files) + 1}"
        file = File(number, upload.name, upload.mime, upload.data)
        request.telegram.files[file.id] = file
    elif upload in request.telegram.files:
        file = request.telegram.files[upload]
    else:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return {
        "file_name": file.name,
        "mime_type": file.mime,
        "file_id": file.id,
        "file_unique_id": f"u{file.id}",
        "file_size": len(file.data),
    }
